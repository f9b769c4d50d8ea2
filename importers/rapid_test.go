package importers

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A sound card in which any values are swapped for others still ends with a sound result.
func TestAnyChangeToACardEndsSoundly(t *testing.T) {
	var cards []any
	for _, name := range []string{"card_1_0.json", "card_0_3.json", "card_careless.json"} {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		var card any
		require.NoError(t, json.Unmarshal(data, &card))
		cards = append(cards, card)
	}
	strange := rapid.SampledFrom([]any{
		nil, true, 7, -1.5e300, "", " ", "${X}", "<<x>>", "{{x}}", "YOUR_NAME", "<url>", "javascript:alert(1)", "http://localhost", "//", "http://[",
		"a\u202eb", "\x00", "\ufffe", "AKIAABCDEFGHIJKLMNOP", "https://u:pass@host.eu?token=abcdefgh", strings.Repeat("ü", 5_000), strings.Repeat("{{", 5_000),
		[]any{}, []any{nil}, []any{"a", 1, []any{}}, map[string]any{}, map[string]any{"": nil}, map[string]any{"list": []any{3}, "schemes": []any{}},
		map[string]any{"type": "oauth2", "flows": map[string]any{"password": map[string]any{"scopes": []any{1}}}},
	})
	rapid.Check(t, func(rt *rapid.T) {
		card := change(rt, rapid.SampledFrom(cards).Draw(rt, "card"), strange)
		data, err := json.Marshal(card)
		require.NoError(t, err)
		results := Read("card.json", data)
		rt.Logf("%s", data)
		requireSound(t, results)
		if agent := results[0].Agent; agent != nil {
			requireOneFieldEach(t, results[0])
		}
	})
}

// change is a copy of v in which about one value in twelve is swapped.
func change(rt *rapid.T, v any, strange *rapid.Generator[any]) any {
	if rapid.IntRange(0, 11).Draw(rt, "swap") == 0 {
		return strange.Draw(rt, "value")
	}
	switch v := v.(type) {
	case map[string]any:
		changed := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			changed[key] = change(rt, v[key], strange)
		}
		return changed
	case []any:
		changed := []any{}
		for _, item := range v {
			changed = append(changed, change(rt, item, strange))
		}
		return changed
	}
	return v
}
