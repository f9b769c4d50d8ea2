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
		if i.Refused() {
			require.Nil(t, i.Agent)
			require.Nil(t, i.System)
			require.Empty(t, i.Seen)
		}
		require.False(t, i.Agent != nil && i.System != nil, "a thing is one or the other")
		require.False(t, i.Agent != nil && i.Kind != models.ImportAgent || i.System != nil && i.Kind != models.ImportSystem)
		require.True(t, i.Refused() || i.Agent != nil || i.System != nil || i.Kind == models.ImportUnknown, "what is neither belongs to others")
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
			if strings.HasPrefix(i.Format, "a2a-card/") {
				require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access, "a card never says what its agent reaches")
			}
		}
		if i.System != nil {
			requireBoundedSystem(t, i.System)
		}
		require.LessOrEqual(t, len(i.Seen), maxSeen)
		for _, seen := range i.Seen {
			require.Contains(t, []models.ImportKind{models.ImportAgent, models.ImportSystem}, seen.Kind)
			require.NotEmpty(t, seen.Name)
			require.LessOrEqual(t, utf8.RuneCountInString(seen.Name), 200)
			require.NotContains(t, seen.Name, "\n")
			require.NotEmpty(t, seen.How)
		}
		requireFilledIn(t, reflect.ValueOf(i.Seen))
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
	requireAccess(t, a.Tools)
	require.LessOrEqual(t, len(a.Delegates), maxDelegates)
	for _, d := range a.Delegates {
		require.NotEmpty(t, d.Name)
		require.LessOrEqual(t, utf8.RuneCountInString(d.Name), 200)
	}
	require.True(t, a.PromptDigest == "" || len(a.PromptDigest) == 64, a.PromptDigest)
	require.LessOrEqual(t, utf8.RuneCountInString(a.Model), 200)
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

// requireAccess: what is not all that an agent reaches is unknown, and lists nothing.
func requireAccess(t *testing.T, a models.ImportedAccess) {
	t.Helper()
	require.NotEmpty(t, a.Note)
	if a.Access != models.AccessListed {
		require.Contains(t, []models.ImportAccess{models.AccessUnknown, models.AccessNone}, a.Access)
		require.Empty(t, a.Listed)
		require.Empty(t, a.Digests)
		return
	}
	require.NotEmpty(t, a.Listed)
	require.LessOrEqual(t, len(a.Listed), maxTools)
	for _, name := range a.Listed {
		require.NotEmpty(t, name)
		require.NotEqual(t, "*", name)
		require.LessOrEqual(t, utf8.RuneCountInString(name), 200)
	}
	for name := range a.Digests {
		require.Contains(t, a.Listed, name)
	}
}

func requireBoundedSystem(t *testing.T, s *models.ImportedSystem) {
	t.Helper()
	require.NotEmpty(t, s.Name)
	require.LessOrEqual(t, utf8.RuneCountInString(s.Name), 200)
	require.NotContains(t, s.Name, "\n")
	require.NotEmpty(t, s.Kind)
	require.Contains(t, []models.ImportAccess{models.AccessUnknown, models.AccessNone, models.AccessListed}, s.Access)
	require.LessOrEqual(t, len(s.Remotes), maxRemotes)
	require.LessOrEqual(t, len(s.Packages), maxPackages)
	require.LessOrEqual(t, len(s.Secrets), maxSecrets)
	require.LessOrEqual(t, len(s.Operations), maxOperations)
	require.LessOrEqual(t, len(s.Fields), maxFields)
	names := map[string]bool{}
	for _, o := range s.Operations {
		require.NotEmpty(t, o.Name)
		require.LessOrEqual(t, utf8.RuneCountInString(o.Name), 200)
		require.False(t, names[o.Name], o.Name)
		names[o.Name] = true
		require.NotEmpty(t, o.Access)
	}
	for _, secret := range s.Secrets {
		require.NotEmpty(t, secret.Name)
	}
	for _, u := range []string{s.Repository, s.Website} {
		require.True(t, u == "" || strings.HasPrefix(strings.ToLower(u), "http"), u)
	}
	system := *s
	system.Fields = nil
	requireFilledIn(t, reflect.ValueOf(system))
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
	case reflect.Map:
		for _, key := range v.MapKeys() {
			eachText(key, do)
			eachText(v.MapIndex(key), do)
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
