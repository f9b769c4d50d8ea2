package importers

import (
	"bytes"
	"regexp"
)

// A page is a Markdown file with a header: a line ---, fields in YAML, a line ---, and the
// text below. Editors and assistants keep their agents so, the text being the system prompt.

// body is the text below a header, byte for byte.
type body struct {
	text []byte
	line int // on which it begins
}

// splitPage is where the header of a page ends and its text begins, as offsets into data; ok
// is false when data does not begin with a line --- or has no second one. A line may end in
// spaces and a carriage return.
func splitPage(data []byte) (headerEnd, bodyStart int, ok bool) {
	for start := 0; start < len(data); {
		end := len(data)
		if i := bytes.IndexByte(data[start:], '\n'); i >= 0 {
			end = start + i + 1
		}
		dashes := bytes.Equal(bytes.TrimRight(data[start:end], " \t\r\n"), []byte("---"))
		switch {
		case start == 0 && !dashes:
			return 0, 0, false
		case start > 0 && dashes:
			return start, end, true
		}
		start = end
	}
	return 0, 0, false
}

// parsePage reads a header with yaml, or line by line where yaml cannot. The pointers of its
// fields are those of the header, lines those of the file.
func parsePage(data []byte, headerEnd, bodyStart int) (*document, *mistake) {
	doc, bad := parseYAML(data[:headerEnd]) // with the --- before it, so that lines count from 1
	if bad != nil {
		if bad.tooMuch {
			return nil, bad
		}
		if doc = forgivingHeader(data[:headerEnd]); doc == nil {
			return nil, bad
		}
		doc.forgiven = bad
	}
	doc.body = &body{text: data[bodyStart:], line: at(data, bodyStart).line}
	return doc, nil
}

var (
	headerField = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_-]{0,99}):(?:[ \t]+(.*))?$`)
	tooMuch     = 1_000 // lines of a header that is read line by line
)

// forgivingHeader reads a header that is no YAML, as the programs do for which it was written:
// each line is a field, a colon, and everything up to the line's end. nil when a line is
// anything else, for then nobody can say what it means.
func forgivingHeader(header []byte) *document {
	root := &node{kind: object, members: map[string]*node{}, line: 1}
	doc := &document{root: root, docs: []*node{root}}
	lines := bytes.Split(header, []byte{'\n'})
	if len(lines) > tooMuch {
		return nil
	}
	for i, raw := range lines[1:] {
		line := string(bytes.TrimRight(raw, " \t\r"))
		if line == "" || line[0] == '#' {
			continue
		}
		found := headerField.FindStringSubmatch(line)
		if found == nil {
			return nil
		}
		doc.put(root, found[1], headerValue(found[2], i+2))
	}
	if len(root.keys) == 0 {
		return nil
	}
	return doc
}

// headerValue is the rest of a line: what YAML makes of it alone, and the plain text where it
// makes nothing of it or takes text with a colon for an object.
func headerValue(rest string, line int) *node {
	plain := &node{kind: text, text: rest, line: line}
	if rest == "" {
		plain.kind = null
		return plain
	}
	doc, bad := parseYAML([]byte(rest))
	if bad != nil || len(doc.docs) != 1 || len(doc.repeats) > 0 || (doc.root.kind == object && rest[0] != '{') {
		return plain
	}
	doc.root.moveTo(line)
	return doc.root
}

// moveTo says of n and all in it that they stand on line.
func (n *node) moveTo(line int) {
	n.line = line
	for _, key := range n.keys {
		n.members[key].moveTo(line)
	}
	for _, item := range n.items {
		item.moveTo(line)
	}
}
