package importers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

const (
	maxDepth  = 64      // objects and lists inside each other
	maxValues = 200_000 // counted before anything is built, so memory stays in proportion
)

type kind string

const (
	object kind = "an object"
	array  kind = "a list"
	text   kind = "text"
	number kind = "a number"
	truth  kind = "true or false"
	null   kind = "null"
)

// node is one value of a JSON or YAML file that knows where it stands.
type node struct {
	kind    kind
	text    string // of text; a number as it is written; "true" or "false"
	members map[string]*node
	keys    []string // of an object, in the file's order, each once
	items   []*node  // of a list
	line    int

	parent *node
	key    string // in an object
	index  int    // in a list
	tag    string // of YAML: how its value is worked out ("!Sub", "!GetAtt"); "" when it stands as it is

	odd string // why its value is to be distrusted (written twice, a secret removed); "" otherwise
}

// document is a parsed file with what the parser saw on the way.
type document struct {
	root    *node   // the first of docs
	docs    []*node // one, but for YAML with several documents; never empty
	body    *body   // what stands below a header; nil in a file without one
	repeats []repeat
	objects map[*node][]repeat // repeats by the object they stand in; nil until somebody asks

	forgiven *mistake // why the header is no YAML, where it was read line by line; nil otherwise
}

// put makes value the member key of obj. A key that stands there already is noted: the last
// value counts.
func (d *document) put(obj *node, key string, value *node) {
	value.parent, value.key = obj, key
	if before, twice := obj.members[key]; twice {
		value.odd = "The file gives it more than once."
		d.repeats = append(d.repeats, repeat{value: value, first: before.line})
	} else {
		obj.keys = append(obj.keys, key)
	}
	obj.members[key] = value
}

// repeat is a key that stands more than once in one object. The last value counts, as in
// most programs; RFC 8259 section 4 leaves it open.
type repeat struct {
	value *node
	first int // line
}

// repeatsByObject is the repeats by the object in which they stand.
func (d *document) repeatsByObject() map[*node][]repeat {
	if d.objects == nil {
		d.objects = map[*node][]repeat{}
		for _, again := range d.repeats {
			d.objects[again.value.parent] = append(d.objects[again.value.parent], again)
		}
	}
	return d.objects
}

// get is the member of an object; nil when n is no object or has no such member.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	return n.members[key]
}

// has reports whether n is an object with a member called key that is of one of the kinds.
// Without kinds any will do.
func (n *node) has(key string, kinds ...kind) bool {
	member := n.get(key)
	if member == nil {
		return false
	}
	for _, k := range kinds {
		if member.kind == k {
			return true
		}
	}
	return len(kinds) == 0
}

// name is the key of n as a value, for formats in which things are called like their field.
func (n *node) name() *node {
	called, _ := withoutSecrets(n.key)
	return &node{kind: text, text: called, line: n.line, parent: n.parent, key: n.key}
}

// keysOrNone is the keys of an object, and none of anything else.
func (n *node) keysOrNone() []string {
	if n == nil {
		return nil
	}
	return n.keys
}

// listed is the texts of a list, or one text, in one line with commas.
func (n *node) listed() string {
	var all []string
	for _, w := range n.words(func(*node) {}) {
		shown, _ := show(w.text, false)
		all = append(all, cut(shown, 200))
	}
	return cut(strings.Join(all, ", "), 1_000)
}

// worksOut reports whether the value of n is not what stands there: a tag says how it is worked
// out. Text under !Sub without a gap is what it will be.
func (n *node) worksOut() bool {
	return n.tag != "" && !(n.tag == "!Sub" && n.kind == text && !isPlaceholder(n.text))
}

// pointer is the place of n (RFC 6901), cut when the keys are absurdly long.
// The pointer to the whole file is "".
func (n *node) pointer() string {
	var steps []string
	for ; n.parent != nil; n = n.parent {
		if n.parent.kind == array {
			steps = append(steps, strconv.Itoa(n.index))
		} else {
			steps = append(steps, pointerStep(n.key))
		}
	}
	var b strings.Builder
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString("/" + steps[i])
	}
	return cut(b.String(), 500)
}

// child is the pointer to a member of n, which need not exist.
func (n *node) child(key string) string {
	return cut(n.pointer()+"/"+pointerStep(key), 500)
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

func pointerStep(key string) string { return pointerEscapes.Replace(safeKey(key)) }

// parseJSON reads exactly one JSON value (RFC 8259), or says what is wrong and where.
// data is valid UTF-8 of at most MaxBytes.
func parseJSON(data []byte) (*document, *mistake) {
	if bad := measure(data); bad != nil {
		return nil, bad
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, explain(data, err)
	}
	p := parser{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), doc: &document{}, line: 1}
	p.decoder.UseNumber()
	root, err := p.value()
	if err != nil {
		return nil, &mistake{line: p.line, message: "The file could not be read as JSON."}
	}
	p.doc.root, p.doc.docs = root, []*node{root}
	return p.doc, nil
}

// measure refuses what nests too deep or holds too many values, before anything is built.
func measure(data []byte) *mistake {
	depth, values, quoted := 0, 1, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > maxDepth {
			return at(data, i).saying(fmt.Sprintf("Objects and lists stand more than %d deep inside each other here. No agent's description does: check that this is the right file.", maxDepth))
		}
		if values > maxValues {
			return at(data, i).saying("The file holds more than 200,000 values. A description of an agent has a few hundred: check that this is the right file.")
		}
	}
	return nil
}

type parser struct {
	data    []byte
	decoder *json.Decoder
	doc     *document
	line    int // of the last token
	seen    int // bytes whose lines are counted
}

func (p *parser) token() (json.Token, error) {
	t, err := p.decoder.Token()
	end := int(p.decoder.InputOffset())
	p.line += bytes.Count(p.data[p.seen:end], []byte{'\n'})
	p.seen = end
	return t, err
}

// value reads the next value. It calls itself at most maxDepth deep: measure saw to that.
func (p *parser) value() (*node, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	n := &node{line: p.line}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			n.kind = array
			err = p.items(n)
		} else {
			n.kind = object
			err = p.members(n)
		}
	case string:
		n.kind, n.text = text, t
	case json.Number:
		n.kind, n.text = number, t.String()
	case bool:
		n.kind, n.text = truth, strconv.FormatBool(t)
	default:
		n.kind = null
	}
	return n, err
}

func (p *parser) items(list *node) error {
	for p.decoder.More() {
		item, err := p.value()
		if err != nil {
			return err
		}
		item.parent, item.index = list, len(list.items)
		list.items = append(list.items, item)
	}
	_, err := p.token()
	return err
}

func (p *parser) members(obj *node) error {
	obj.members = map[string]*node{}
	for p.decoder.More() {
		t, err := p.token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		line := p.line
		value, err := p.value()
		if err != nil {
			return err
		}
		value.line = line
		p.doc.put(obj, key, value)
	}
	_, err := p.token()
	return err
}
