package importers

import (
	"fmt"
	"strings"
	"unicode"
)

// show makes every character of s one that a reader can see: it removes control characters,
// marks that turn the direction of writing around (U+202A–202E, U+2066–2069), and characters
// that take no room. Line breaks become \n, or spaces where only one line is wanted.
// removed names the first few code points that went ("U+202E"). Joiners (U+200C, U+200D) stay:
// several scripts need them.
func show(s string, lines bool) (shown string, removed []string) {
	if strings.IndexFunc(s, func(c rune) bool { return c < ' ' || hidden(c) || breaks(c) }) < 0 {
		return strings.TrimSpace(s), nil
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	for _, c := range s {
		switch {
		case breaks(c) && lines:
			b.WriteByte('\n')
		case breaks(c) || c == '\t':
			b.WriteByte(' ')
		case hidden(c):
			if len(removed) < 5 {
				removed = append(removed, fmt.Sprintf("U+%04X", c))
			}
		default:
			b.WriteRune(c)
		}
	}
	return strings.TrimSpace(b.String()), removed
}

func breaks(c rune) bool {
	return c == '\n' || c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029'
}

func hidden(c rune) bool {
	switch {
	case c == '\t' || breaks(c):
		return false
	case unicode.IsControl(c):
		return true
	case c >= 0x202a && c <= 0x202e, c >= 0x2066 && c <= 0x2069: // direction
		return true
	case c == 0x00ad, c == 0x200b, c >= 0x2060 && c <= 0x2065, c == 0xfeff, c >= 0x206a && c <= 0x206f: // no width
		return true
	case c >= 0xe0000 && c <= 0xe0fff: // tags and variation selectors: text that people cannot see and models can
		return true
	case c >= 0xfff9 && c <= 0xfffb, c&0xfffe == 0xfffe: // annotations, and what Unicode will never assign
		return true
	}
	return false
}

// cut is s with at most most runes, the last of them … when something was left out.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	count := 0
	end := 0
	for i := range s {
		if count == most-1 {
			end = i
		}
		if count == most {
			return s[:end] + "…"
		}
		count++
	}
	return s
}

// quote puts a stranger's words into a message: visible, short and between quotation marks.
func quote(s string) string {
	return "“" + cut(safeKey(s), 60) + "”"
}

// safeKey makes the key of an object fit to be shown.
func safeKey(key string) string {
	shown, _ := show(cut(key, 200), false)
	shown, _ = withoutSecrets(shown)
	return cut(shown, 80)
}
