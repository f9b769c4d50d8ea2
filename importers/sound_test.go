package importers

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// requireSound holds for whatever was read, from anybody.
func requireSound(t *testing.T, results []models.Imported) {
	t.Helper()
	require.NotEmpty(t, results)
	for _, i := range results {
		require.Contains(t, []models.ImportOutcome{models.ImportClean, models.ImportWarned, models.ImportRefused}, i.Outcome)
		require.NotEmpty(t, i.Format)
		require.NotEmpty(t, i.Kind)
		require.NotNil(t, i.Warnings)
		require.LessOrEqual(t, len(i.Warnings), maxWarnings+2)
		require.Equal(t, i.Outcome == models.ImportClean, len(i.Warnings) == 0, "a warning and a clean outcome exclude each other")
		require.Equal(t, i.Refused(), i.Agent == nil && i.System == nil)
		for _, w := range i.Warnings {
			require.NotEmpty(t, w.Where)
			require.NotEmpty(t, w.Message)
			require.LessOrEqual(t, utf8.RuneCountInString(w.Where), 500)
			require.LessOrEqual(t, utf8.RuneCountInString(w.Message), 1_000)
			require.Positive(t, w.Line)
		}
		requireInert(t, reflect.ValueOf(i))
		if i.Agent != nil {
			requireBounded(t, i.Agent)
		}
		line, err := i.JSONLine()
		require.NoError(t, err)
		require.Equal(t, 1, strings.Count(string(line), "\n"))
		require.True(t, json.Valid(line))
	}
}

func requireBounded(t *testing.T, a *models.ImportedAgent) {
	t.Helper()
	require.NotEmpty(t, a.Name)
	require.LessOrEqual(t, utf8.RuneCountInString(a.Name), 200)
	require.NotContains(t, a.Name, "\n")
	require.LessOrEqual(t, utf8.RuneCountInString(a.Description), 4_000)
	require.LessOrEqual(t, len(a.Skills), maxSkills)
	require.LessOrEqual(t, len(a.Interfaces), 2*maxInterfaces+1)
	require.LessOrEqual(t, len(a.Security.Schemes), 2*maxSchemes)
	require.Equal(t, models.AccessUnknown, a.Tools.Access, "a card never says what its agent reaches")
	for _, u := range []string{a.ProviderURL, a.DocumentationURL} {
		require.True(t, u == "" || strings.HasPrefix(strings.ToLower(u), "http"), u)
	}
	for _, s := range a.Skills {
		require.LessOrEqual(t, utf8.RuneCountInString(s.Name), 200)
		require.LessOrEqual(t, utf8.RuneCountInString(s.Description), 4_000)
		require.LessOrEqual(t, len(s.Examples), 20)
	}
	require.LessOrEqual(t, len(a.Fields), maxFields)
	draft := *a
	draft.Fields = nil // they say what the file says, placeholders too
	requireFilledIn(t, reflect.ValueOf(draft))
}

// requireInert walks every text of v: valid UTF-8, visible and not endless.
func requireInert(t *testing.T, v reflect.Value) {
	t.Helper()
	eachText(v, func(s string) {
		require.True(t, utf8.ValidString(s), "%q", s)
		require.LessOrEqual(t, utf8.RuneCountInString(s), 4_000)
		for _, c := range s {
			require.False(t, hidden(c), "%U in %q", c, s)
		}
	})
}

// requireFilledIn walks every text of a draft: none is a placeholder.
func requireFilledIn(t *testing.T, v reflect.Value) {
	t.Helper()
	eachText(v, func(s string) { require.False(t, isPlaceholder(s), s) })
}

func eachText(v reflect.Value, do func(string)) {
	switch v.Kind() {
	case reflect.String:
		do(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), do)
		}
	}
}

// requireNowhere wants no text of what was read to hold part.
func requireNowhere(t *testing.T, i models.Imported, part string) {
	t.Helper()
	eachText(reflect.ValueOf(i), func(s string) { require.NotContains(t, s, part) })
}
