package handlers

import (
	"encoding/base64"
	"reflect"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"

	"countersign/policy"
)

// What unmarshalling by types makes of a body: the reader may be quicker, and nothing else.
type (
	byTypes struct {
		byTypesItem
		Evaluations []byTypesItem `json:"evaluations"`
	}
	byTypesItem struct {
		Subject  *byTypesEntity `json:"subject"`
		Action   *byTypesEntity `json:"action"`
		Resource *byTypesEntity `json:"resource"`
		Context  any            `json:"context"`
		Options  struct {
			Semantic string `json:"evaluations_semantic"`
		} `json:"options"`
		Page jsontext.Value `json:"page"`
	}
	byTypesEntity struct {
		Type       *string        `json:"type"`
		ID         *string        `json:"id"`
		Name       *string        `json:"name"`
		Properties map[string]any `json:"properties"`
	}
)

func readBody(body string) (accessRequest, error) {
	d := &bodyReader{}
	d.buf.WriteString(body)
	return d.read()
}

var bodyCases = []string{
	`{"subject":{"type":"agent","id":"a"},"action":{"name":"read"},"resource":{"type":"s","id":"r"}}`,
	`{"subject":{"type":"agent","id":"a\u00e9\n\ud83d\ude00"},"context":{"volume":3,"task":"t","x":{"y":[1,null,"z"]}}}`,
	`{"evaluations":[{"subject":null},null,{"context":{"act":{"sub":"b"}}}],"options":{"evaluations_semantic":"execute_all"}}`,
	`{"page":{"token":"2","limit":3},"options":null,"evaluations":null,"unknown":[{"a":1}]}`,
	`{"\u0073ubject":{"i\u0064":"a"},"action":{"properties":{"n":1e3,"m":-0.5}}}`,
	`{"subject":{"id":"a","id":"b"}}`, `{"subject":{"\u0069d":"a","id":"b"}}`, `{"context":{"task":"a","task":"b"}}`,
	`{"subject":"a"}`, `{"subject":{"id":5}}`, `{"action":{"name":["x"]}}`, `{"evaluations":{}}`, `{"options":"x"}`, `{"context":"x"}`, `{"context":[{}]}`,
	`{"subject":{"properties":[1]}}`, `{"subject":{"id":"` + "\xff" + `"}}`, `{"subject":{"id":"\ud800"}}`, `{"resource":{"id":"a"}} {}`, `{"resource":{"id":"a"}`, `{"resource":`,
	``, ` `, `null`, `[]`, `"x"`, `{"page":1e999}`, `{"context":{"n":1e999}}`, `{"context":{"volume":9007199254740993}}`, "\xef\xbb\xbf{}", `{"a":01}`, `{'a':1}`, `{"a":1,}`,
}

// FuzzBody: for any text the reader refuses what unmarshalling by types refuses, and has the
// same of the rest.
func FuzzBody(f *testing.F) {
	for _, body := range bodyCases {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := readBody(body)
		var want *byTypes // nil of null, which is no request
		wrong := json.Unmarshal([]byte(body), &want)
		switch {
		case err == nil && wrong != nil: // in what is read by whoever looks at it
			require.ErrorContains(t, wrong, "unmarshal JSON number")
			return
		case wrong != nil || want == nil || shallow([]byte(body)) != nil:
			require.Error(t, err, "by types: %v", wrong)
			return
		}
		require.NoError(t, err)
		sameRequest(t, want.byTypesItem, got)
		require.Len(t, got.Evaluations, len(want.Evaluations))
		for i, item := range want.Evaluations {
			sameRequest(t, item, got.Evaluations[i])
		}
	})
}

func sameRequest(t *testing.T, want byTypesItem, got accessRequest) {
	t.Helper()
	for _, pair := range []struct {
		want *byTypesEntity
		got  accessEntity
	}{{want.Subject, got.Subject}, {want.Resource, got.Resource}} {
		require.Equal(t, pair.want != nil, pair.got.there)
		if pair.want != nil {
			sameText(t, pair.want.Type, pair.got.Type)
			sameText(t, pair.want.ID, pair.got.ID)
			sameObject(t, pair.want.Properties, pair.got.Properties)
		}
	}
	require.Equal(t, want.Action != nil, got.Action.there)
	if want.Action != nil {
		sameText(t, want.Action.Name, got.Action.Name)
	}
	require.Equal(t, want.Options.Semantic, got.Semantic)
	require.Equal(t, string(want.Page), got.Page)
	sameContext(t, want.Context, got.Context)
}

func sameText(t *testing.T, want *string, got accessText) {
	t.Helper()
	require.Equal(t, want != nil, got.there)
	if want != nil {
		require.Equal(t, *want, got.is)
	}
}

func sameObject(t *testing.T, want map[string]any, got policy.Properties) {
	t.Helper()
	require.Equal(t, want == nil, got == "")
	if want != nil {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(got), &m))
		require.True(t, reflect.DeepEqual(want, m))
	}
}

func sameContext(t *testing.T, want any, got accessContext) {
	t.Helper()
	require.Equal(t, want != nil, got.there)
	if got.bad != nil || want == nil {
		return
	}
	members, ok := want.(map[string]any)
	require.True(t, ok, "what is no object is bad")
	sameObject(t, members, got.Said)
	for name, v := range members {
		to := got.known(name)
		switch {
		case to != nil:
			require.Equal(t, v, any(*to))
		case name == "volume":
			require.Equal(t, v, float64(got.Volume))
		case name == "act":
			require.Equal(t, v == nil, len(got.Chain) == 0)
		}
	}
}

// What is picked out of a context is just what is not among its properties.
func TestTheKnownOfAContext(t *testing.T) {
	var c accessContext
	for _, name := range policy.KnownContext {
		require.True(t, c.known(name) != nil || name == "volume" || name == "act", name)
	}
	in, err := readBody(`{"context": {"task":"t","amount":5} }`)
	require.NoError(t, err)
	require.Equal(t, policy.Properties(`{"task":"t","amount":5}`), in.Context.Said)
}

// One reader reads many bodies: nothing of the one is in the next, nor changes what was read.
func TestABodyLeavesNothingBehind(t *testing.T) {
	d := &bodyReader{}
	read := func(body string) (accessRequest, error) {
		d.buf.Reset()
		d.buf.WriteString(body)
		return d.read()
	}
	first, err := read(`{"subject":{"type":"agent","id":"first"},"page":{"token":"2"},"context":{"task":"one","note":"kept"}}`)
	require.NoError(t, err)
	for _, body := range bodyCases {
		_, _ = read(body)
	}
	second, err := read(`{"subject":{"type":"agent","id":"other"}}`)
	require.NoError(t, err)
	require.False(t, second.Context.there)
	require.Empty(t, second.Page)
	require.Equal(t, []string{"first", "other"}, []string{first.Subject.ID.is, second.Subject.ID.is})
	require.Equal(t, []string{`{"token":"2"}`, "one", `{"task":"one","note":"kept"}`}, []string{first.Page, first.Context.Task, string(first.Context.Said)})
}

// BenchmarkBody is the reading of a body as the decisions' benchmark sends it, and the same by types.
func BenchmarkBody(b *testing.B) {
	body := `{"subject":{"type":"agent","id":"agt_01jc5x0000000000000000000a","properties":{"model":"m-1"}},"action":{"name":"issue.create"},` +
		`"resource":{"type":"sys_01jc5x0000000000000000000b","id":"project/alpha","properties":{"kind":"project"}},` +
		`"context":{"task":"run-1","instance":"i-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","sensitivity":"internal","environment":"prod","note":"` + base64.StdEncoding.EncodeToString(make([]byte, 60)) + `"}}`
	b.Run("reader", func(b *testing.B) {
		d := &bodyReader{}
		for b.Loop() {
			d.buf.Reset()
			d.buf.WriteString(body)
			if _, err := d.read(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("types", func(b *testing.B) {
		for b.Loop() {
			var in byTypes
			if err := json.Unmarshal([]byte(body), &in); err != nil {
				b.Fatal(err)
			}
		}
	})
}
