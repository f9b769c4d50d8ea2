package notify

import (
	"strings"
	"unicode"
)

// Subject is the message's title as one line of at most MaxSubject characters.
func (m Message) Subject() string { return m.inert(mailed).Title }

// Text is the message as plain text (RFC 3676's advice: lines of at most 72
// characters, wrapped at spaces; a link stands on a line of its own and is never
// wrapped). It ends with a line break.
func (m Message) Text() string {
	m = m.inert(mailed)
	var b strings.Builder
	if m.To.Name != "" {
		para(&b, "Hello "+m.To.Name+",")
	}
	para(&b, m.Lead)
	for _, l := range m.Lines {
		para(&b, l)
	}
	for _, x := range m.Items {
		t := x.Title
		if x.Due != "" {
			t += " (" + x.Due + ")"
		}
		wrap(&b, t, "- ", "  ")
		if x.Link != "" {
			b.WriteString("  " + x.Link + "\n")
		}
	}
	if len(m.Items) > 0 {
		b.WriteByte('\n')
	}
	para(&b, m.Consequence)
	if m.Link != "" {
		b.WriteString(m.Action + ":\n" + m.Link + "\n\n")
		para(&b, foot)
	}
	b.WriteString("-- \nCountersign\n")
	return b.String()
}

// foot is said under every link.
const foot = "The link opens a page on which you sign in. Nothing is decided by opening it, and nobody is ever asked to decide by answering this message."

func para(b *strings.Builder, s string) {
	if s != "" {
		wrap(b, s, "", "")
		b.WriteByte('\n')
	}
}

// wrap writes s in lines of at most 72 characters, the first begun with first and
// the others with rest. A word that is longer stays whole.
func wrap(b *strings.Builder, s, first, rest string) {
	line, width := first, len(first)
	empty := true
	for _, word := range strings.FieldsFunc(s, unicode.IsSpace) {
		n := len([]rune(word))
		switch {
		case empty:
			line, width = line+word, width+n
		case width+1+n > 72:
			b.WriteString(line + "\n")
			line, width = rest+word, len(rest)+n
		default:
			line, width = line+" "+word, width+1+n
		}
		empty = false
	}
	b.WriteString(line + "\n")
}
