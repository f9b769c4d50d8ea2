package importers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parseYAML reads a stream of YAML documents into the same tree as JSON, or says what is wrong
// and where. Aliases are written out, merge keys (<<) are merged, keys become text, and a tag
// that YAML itself does not know (!Sub) stays with its value. Documents without content are left
// out where there are others. data is valid UTF-8 of at most MaxBytes.
func parseYAML(data []byte) (*document, *mistake) {
	if bad := measureYAML(data); bad != nil {
		return nil, bad
	}
	y := yamlReader{doc: &document{}, open: map[*yaml.Node]bool{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var read yaml.Node
		err := decode(decoder, &read)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, explainYAML(data, err)
		}
		root, bad := y.value(&read, 0)
		if bad != nil {
			return nil, bad
		}
		if root.kind != null || y.doc.root == nil {
			y.add(root)
		}
	}
	if y.doc.root == nil {
		return nil, (&mistake{line: 1}).saying("The file holds nothing but remarks.")
	}
	return y.doc, nil
}

// measureYAML refuses what holds too many values, before anything is built. No value of YAML
// stands without one of these marks before it; the text of a value may hold more of them.
func measureYAML(data []byte) *mistake {
	marks := 0
	for i, c := range data {
		switch c {
		case '\n', '\r', ',', '[', '{':
			marks++
		case '-', '?':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				marks++
			}
		case 0xc2, 0xe2: // where the other line breaks that YAML knows begin
			if rest := data[i:]; bytes.HasPrefix(rest, []byte("\u0085")) || bytes.HasPrefix(rest, []byte("\u2028")) || bytes.HasPrefix(rest, []byte("\u2029")) {
				marks++
			}
		}
		if marks > maxValues {
			return at(data, i).refusing("The file holds more than 200,000 lines and values. A description of an agent has a few hundred: check that this is the right file.")
		}
	}
	return nil
}

// decode is one document. What the library did not expect is an error here and no panic, for
// it reads what strangers wrote.
func decode(decoder *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("yaml: unexpected")
		}
	}()
	return decoder.Decode(into)
}

// yamlReader turns what the library read into nodes, and counts what aliases make of it.
type yamlReader struct {
	doc    *document
	open   map[*yaml.Node]bool // what stands around the value that is being read
	values int
	bytes  int // of text
}

func (y *yamlReader) add(root *node) {
	if y.doc.root == nil || y.doc.root.kind == null {
		y.doc.root, y.doc.docs = root, nil
	}
	y.doc.docs = append(y.doc.docs, root)
}

// value is n as a node. It calls itself at most maxDepth deep.
func (y *yamlReader) value(n *yaml.Node, depth int) (*node, *mistake) {
	if n.Kind == yaml.DocumentNode {
		return y.value(n.Content[0], depth)
	}
	if n.Kind == yaml.AliasNode {
		value, bad := y.value(n.Alias, depth)
		if bad == nil {
			value.line = n.Line
		}
		return value, bad
	}
	y.values++
	y.bytes += len(n.Value)
	here := mistake{line: max(n.Line, 1), column: n.Column}
	switch {
	case y.open[n]:
		return nil, here.refusing(fmt.Sprintf("The part marked &%s contains itself, so it has no end. Take the reference *%s out of it.", safeKey(n.Anchor), safeKey(n.Anchor)))
	case depth > maxDepth:
		return nil, here.refusing(fmt.Sprintf("Objects and lists stand more than %d deep inside each other here. No agent's description does: check that this is the right file.", maxDepth))
	case y.values > maxValues || y.bytes > 2*MaxBytes: // twice, as \L stands for three bytes
		return nil, here.refusing("With every reference (*) written out the file holds more than 200,000 values or more text than can be read. A description of an agent has a few hundred values: check that this is the right file.")
	}
	y.open[n] = true
	defer delete(y.open, n)

	made := &node{line: here.line, tag: customTag(n)}
	switch n.Kind {
	case yaml.SequenceNode:
		made.kind = array
		return made, y.items(made, n, depth)
	case yaml.MappingNode:
		made.kind, made.members = object, map[string]*node{}
		return made, y.members(made, n, depth)
	}
	made.kind, made.text = scalar(n)
	return made, nil
}

func (y *yamlReader) items(list *node, n *yaml.Node, depth int) *mistake {
	for _, content := range n.Content {
		item, bad := y.value(content, depth+1)
		if bad != nil {
			return bad
		}
		item.parent, item.index = list, len(list.items)
		list.items = append(list.items, item)
	}
	return nil
}

// members adds the members that stand in n itself to obj, then those that it merges.
func (y *yamlReader) members(obj *node, n *yaml.Node, depth int) *mistake {
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, content := n.Content[i], n.Content[i+1]
		if key.Tag == "!!merge" {
			if from, ok := mergeable(content); ok {
				merged = append(merged, from...)
				continue
			}
		}
		value, bad := y.value(content, depth+1)
		if bad != nil {
			return bad
		}
		value.line = max(key.Line, 1)
		y.doc.put(obj, y.key(key), value)
	}
	for _, from := range merged {
		if bad := y.merge(obj, from, depth); bad != nil {
			return bad
		}
	}
	return nil
}

// merge adds the members of from that obj does not have: its own and earlier ones count.
func (y *yamlReader) merge(obj *node, from *yaml.Node, depth int) *mistake {
	copied, bad := y.value(from, depth)
	if bad != nil {
		return bad
	}
	for _, key := range copied.keys {
		if !obj.has(key) {
			y.doc.put(obj, key, copied.members[key])
		}
	}
	return nil
}

// mergeable is the objects that stand after a merge key: one, or a list of them.
func mergeable(n *yaml.Node) ([]*yaml.Node, bool) {
	n = target(n)
	all := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		all = n.Content
	}
	for _, one := range all {
		if target(one).Kind != yaml.MappingNode {
			return nil, false
		}
	}
	return all, true
}

// key is a key as text. One that is an object or a list has no text, and is named as what it is.
func (y *yamlReader) key(n *yaml.Node) string {
	n = target(n)
	y.bytes += len(n.Value)
	switch n.Kind {
	case yaml.SequenceNode:
		return "[" + string(array) + "]"
	case yaml.MappingNode:
		return "{" + string(object) + "}"
	}
	return n.Value
}

func target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias // which is never an alias itself: an alias has no anchor
	}
	return n
}

var plainTags = []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!seq", "!!map", "!!timestamp", "!!binary", "!!merge", "!!set", "!!omap", "!!pairs"}

// customTag is a tag that YAML does not define, such as !Sub; "" for the others.
func customTag(n *yaml.Node) string {
	if n.Style&yaml.TaggedStyle == 0 || slices.Contains(plainTags, n.Tag) {
		return ""
	}
	return safeKey(n.Tag)
}

// scalar is what stands in n. A date is text here, as it is in JSON.
func scalar(n *yaml.Node) (kind, string) {
	switch n.Tag {
	case "!!null":
		return null, ""
	case "!!bool":
		return truth, strings.ToLower(n.Value)
	case "!!int", "!!float":
		return number, n.Value
	}
	return text, n.Value
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// yamlMistakes are what the library says, and what its reader can do about it.
var yamlMistakes = []struct{ says, message string }{
	{"mapping values are not allowed", "There is a colon followed by a space in the middle of a text here, so it reads like a second field. Put the whole text between quotation marks."},
	{"cannot start any token", "A text begins with a character that YAML keeps for itself (such as @, ` or %), or the line is indented with a tab. Put the text between quotation marks, and indent with spaces."},
	{"found a tab", "A line is indented with a tab, which YAML does not allow. Use spaces."},
	{"unknown anchor", "The file refers with * to a part that is nowhere marked with &. If it is meant as text, put it between quotation marks."},
	{"did not find expected alphabetic or numeric", "A text begins with * or & here, which YAML reads as a reference. Put it between quotation marks."},
	{"did not find expected key", "The indentation does not fit the lines above, or something follows a text in quotation marks. Compare this line with the one before it."},
	{"did not find expected '-' indicator", "The indentation of this list does not fit the lines above. Begin all its entries below each other."},
	{"did not find expected ',' or", "A list or object in brackets is not closed, or lacks a comma. Compare the brackets here."},
	{"could not find expected ':'", "This line should be a field with a colon and a space after its name, or belong to the text above: then indent it further."},
	{"found unexpected end of stream", "A quotation mark that was opened is not closed."},
	{"found unexpected document indicator", "A quotation mark that was opened is not closed."},
	{"block sequence entries are not allowed", "A list begins in the middle of a line here. Put its first - on a line of its own."},
	{"exceeded max depth", "Objects and lists stand too deep inside each other here. No agent's description does: check that this is the right file."},
	{"escape character", "After a backslash between double quotation marks there is a character that means nothing there. Write \\\\ for a backslash."},
	{"control characters", "There is a control character here, which YAML does not allow. Remove it and import the file again."},
}

// explainYAML turns what the library says into what its reader can do. It repeats nothing of the file.
func explainYAML(data []byte, err error) *mistake {
	m := mistake{line: 1}
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		m.line, _ = strconv.Atoi(found[1])
	} else if i := bytes.IndexFunc(data, func(c rune) bool { return hidden(c) && c < 0xa0 }); i >= 0 {
		m = at(data, i)
	}
	for _, known := range yamlMistakes {
		if strings.Contains(err.Error(), known.says) {
			return m.saying(known.message)
		}
	}
	return m.saying("The file could not be read as YAML from here on. Compare the indentation and the quotation marks with the lines above.")
}
