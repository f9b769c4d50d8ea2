package importers

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestYAMLBecomesTheSameTreeAsJSON(t *testing.T) {
	fromYAML := parsed(t, "a: &x {b: [1, true, null, \"1\", 2024-01-01]}\nc: *x\n7: seven\nno: off\n")
	fromJSON, bad := parseJSON([]byte(`{"a":{"b":[1,true,null,"1","2024-01-01"]},"c":{"b":[1,true,null,"1","2024-01-01"]},"7":"seven","no":"off"}`))
	require.Nil(t, bad)
	require.Equal(t, outline(fromJSON.root), outline(fromYAML.root))
}

func TestYAMLKeepsLinesTagsAndParents(t *testing.T) {
	doc := parsed(t, "# remark\nrole: !Sub '${Name}-role'\nlist:\n  - !GetAtt Role.Arn\n  -\n    deep: here\nname: !!str 7\n")
	require.Equal(t, "!Sub", doc.root.get("role").tag)
	require.Equal(t, 2, doc.root.get("role").line)
	item := doc.root.get("list").items[0]
	require.Equal(t, "!GetAtt", item.tag)
	require.Equal(t, "Role.Arn", item.text)
	require.Equal(t, 4, item.line)
	deep := doc.root.get("list").items[1].get("deep")
	require.Equal(t, "/list/1/deep", deep.pointer())
	require.Equal(t, 6, deep.line)
	require.Equal(t, text, doc.root.get("name").kind)
	require.Empty(t, doc.root.get("name").tag)
}

func TestYAMLStreamHasADocumentEach(t *testing.T) {
	doc := parsed(t, "---\na: 1\n---\n# nothing here\n---\na: 2\n...\n")
	require.Len(t, doc.docs, 2)
	require.Same(t, doc.root, doc.docs[0])
	require.Equal(t, 6, doc.docs[1].get("a").line)
}

func TestYAMLMergesAndOwnFieldsCount(t *testing.T) {
	doc := parsed(t, "base: &b {kind: plain, size: 1}\nmore: &m {size: 2, colour: red}\nuse:\n  <<: [*b, *m]\n  kind: own\n'<<': text\n")
	require.Equal(t, `{"kind":"own","size":1,"colour":"red"}`, outline(doc.root.get("use")))
	require.Equal(t, "/use/colour", doc.root.get("use").get("colour").pointer())
	require.True(t, doc.root.has("<<", text), "between quotation marks it is a name like others")
	require.Empty(t, doc.repeats)
}

func TestYAMLNamesRepeatedKeys(t *testing.T) {
	doc := parsed(t, "a: 1\nb: 2\na: 3\n")
	require.Equal(t, "3", doc.root.get("a").text)
	require.Len(t, doc.repeats, 1)
	require.Equal(t, 1, doc.repeats[0].first)
	require.Equal(t, []string{"a", "b"}, doc.root.keys)
}

func TestYAMLKeysAreText(t *testing.T) {
	doc := parsed(t, "1.5: a\ntrue: b\n~: c\n[x, y]: d\n{x: y}: e\n? &k long\n: f\n*k : g\n")
	require.Equal(t, []string{"1.5", "true", "~", "[a list]", "{an object}", "long"}, doc.root.keys)
	require.Equal(t, "g", doc.root.get("long").text)
	require.Len(t, doc.repeats, 1)
}

func TestBadYAMLSaysWhereAndWhat(t *testing.T) {
	tests := []struct{ name, data, where, message string }{
		{"colon in a text", "a: 1\nb: Triggers on: this\n", "line 2", "in the middle of a text"},
		{"tab", "a:\n\tb: 1\n", "line 2", "tab"},
		{"at sign", "a: 1\nb: @me\n", "line 2", "keeps for itself"},
		{"no such anchor", "a: *nobody\n", "line 1", "nowhere marked"},
		{"star alone", "a: 1\ntools: *\n", "line 2", "Put it between quotation marks"},
		{"indentation", "a:\n    b: 1\n  c: 2\n", "line 2", "indentation"},
		{"open bracket", "a: [1, 2\nb: 3\n", "line 1", "brackets"},
		{"open quotation mark", "a: \"1\nb: 3\n", "line 3", "not closed"},
		{"no colon", "a: 1\nb\nc: 2\n", "line 2", "colon"},
		{"control character", "a: 1\nb: \x01\n", "line 2, column 4", "control character"},
		{"only remarks", "# a\n", "line 1", "remarks"},
		{"itself", "a: &x\n  b: [*x]\n", "line 1", "contains itself"},
		{"merges itself", "a: &x\n  <<: *x\n", "line 1", "contains itself"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, bad := parseYAML([]byte(test.data))
			require.Nil(t, doc)
			require.NotNil(t, bad)
			require.Contains(t, bad.message, test.message)
			require.Contains(t, bad.where(), test.where)
		})
	}
}

// What is built to eat memory ends in an error before it does.
func TestYAMLBombs(t *testing.T) {
	laughs := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	merges := "a: &a {k: v}\n"
	texts := "t: &t \"" + strings.Repeat("lol", 1_000_000) + "\"\nl: [" + strings.Repeat("*t, ", 100_000) + "]\n"
	for c := 'b'; c < 'z'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 8), c-1)
		merges += fmt.Sprintf("%c: &%c\n  <<: [*%c, *%c, *%c]\n", c, c, c-1, c-1, c-1)
	}
	tests := []struct {
		name, data, message string
		most                uint64 // bytes that may be allocated
	}{
		{"billion laughs", laughs, "every reference", 200 << 20},
		{"billion merges", merges, "every reference", 200 << 20},
		{"one long text many times", texts, "every reference", 100 << 20},
		{"brackets", strings.Repeat("[", MaxBytes), "more than 200,000", 1 << 20},
		{"brackets in a text", "a: " + strings.Repeat("[", 199_000), "too deep", 100 << 20},
		{"dashes", strings.Repeat("- ", 150_000) + "a", "too deep", 200 << 20},
		{"deep indentation", deep(2_000), "more than 64 deep", 100 << 20},
		{"questions", strings.Repeat("? ", 150_000), "too deep", 200 << 20},
		{"flow", "a: [" + strings.Repeat("a,", MaxBytes/2-10) + "]", "more than 200,000", 1 << 20},
		{"pairs", "a: [" + strings.Repeat("a: b,", 199_000) + "]", "more than 200,000", 500 << 20},
		{"lines", strings.Repeat("-\n", MaxBytes/2), "more than 200,000", 1 << 20},
		{"other line breaks", "a: 1" + strings.Repeat("\u2028", MaxBytes/3), "more than 200,000", 1 << 20},
		{"remarks", strings.Repeat("#\n", 199_000) + "a: 1\n]", "", 500 << 20},
		{"remarks between", strings.Repeat("#\n-\n", 99_000) + "]", "", 500 << 20},
		{"anchors", strings.Repeat("&a ", MaxBytes/3), "", 200 << 20},
		{"documents", strings.Repeat("---\n", 199_000) + "]", "", 500 << 20},
		{"one long line", strings.Repeat("x", MaxBytes-4) + ": ]", "", 200 << 20},
		{"spaces", strings.Repeat(" ", MaxBytes-1) + "]", "", 200 << 20},
		{"a tag", "!" + strings.Repeat("x", MaxBytes-8) + " a: ]", "", 200 << 20},
		{"escapes", `a: "` + strings.Repeat(`\L`, MaxBytes/2-4) + `" ]`, "", 200 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var doc *document
			var bad *mistake
			data := []byte(test.data)
			used := allocated(func() { doc, bad = parseYAML(data) })
			t.Logf("%d MiB", used>>20)
			require.Nil(t, doc)
			require.NotNil(t, bad)
			require.Contains(t, bad.message, test.message)
			require.LessOrEqual(t, used, test.most)
		})
	}
}

// deep is objects inside each other by indentation.
func deep(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// allocated is how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func parsed(t *testing.T, data string) *document {
	t.Helper()
	doc, bad := parseYAML([]byte(data))
	require.Nil(t, bad)
	return doc
}

// outline is n as JSON.
func outline(n *node) string {
	switch n.kind {
	case object:
		var parts []string
		for _, key := range n.keys {
			parts = append(parts, fmt.Sprintf("%q:%s", key, outline(n.members[key])))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case array:
		var parts []string
		for _, item := range n.items {
			parts = append(parts, outline(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case text:
		return fmt.Sprintf("%q", n.text)
	case null:
		return "null"
	}
	return n.text
}
