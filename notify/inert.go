package notify

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// What strangers wrote (the name of an imported agent, a cause, a comment) is
// shown and never acts: it has no line breaks with which to add a header or a
// paragraph of its own, no marks that turn the direction of text, nothing
// invisible, and no address that a mail program would turn into a link. Escaping
// for HTML or JSON is the renderer's, on top.

var (
	address  = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://\S*|\bwww\.\S+|\bmailto:\S+`)
	leftOut  = "(an address was left out here)"
	ellipsis = "…"
)

// inert is s as one line of at most limit characters, without anything that acts.
func inert(s string, limit int) string {
	if most := 16 * limit; len(s) > most {
		s = s[:most] // enough, whatever is left out of it
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "") {
		switch {
		case unicode.IsSpace(r), r == '\u2028', r == '\u2029':
			b.WriteByte(' ')
		case r == '\u200c' || r == '\u200d': // joiners: Persian, Hindi and emoji need them
			b.WriteRune(r)
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs):
		default:
			b.WriteRune(r)
		}
	}
	line := strings.Join(strings.Fields(b.String()), " ")
	if lower := strings.ToLower(line); strings.Contains(lower, "://") || strings.Contains(lower, "www.") || strings.Contains(lower, "mailto:") {
		line = address.ReplaceAllString(line, leftOut)
	}
	return shorten(line, limit)
}

// shorten cuts s to limit characters, the last of which then is an ellipsis.
func shorten(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return strings.TrimRight(string(runes[:limit-1]), " ") + ellipsis
}

// bounds are the most that is sent of a message's texts: characters, and how many
// lines and items.
type bounds struct {
	lead, line, lines, item, items int
}

var (
	mailed = bounds{lead: 1000, line: 500, lines: 20, item: 200, items: 100}
	posted = bounds{lead: 500, line: 300, lines: 8, item: 120, items: 15} // Teams takes 28 KB in all
)

const (
	maxName   = 200
	maxAction = 40
	maxDue    = 60
)

// inert is the message as it may be rendered: every text inert and bounded, lines
// that hold nothing left out, and a link only where it may be followed.
func (m Message) inert(most bounds) Message {
	m.Title = inert(m.Title, MaxSubject)
	if m.Title == "" {
		m.Title = "Something waits for you in Countersign"
	}
	m.Lead = inert(m.Lead, most.lead)
	m.Consequence = inert(m.Consequence, most.line)
	m.Action = inert(m.Action, maxAction)
	m.To.Name = inert(m.To.Name, maxName)
	m.Link = followable(m.Link)
	if m.Action == "" {
		m.Action = "Open it"
	}
	var lines []string
	for _, l := range m.Lines {
		if l = inert(l, most.line); l != "" && len(lines) < most.lines {
			lines = append(lines, l)
		}
	}
	m.Lines = lines
	var items []Item
	for i, x := range m.Items {
		if i == most.items {
			items = append(items, Item{Title: fmt.Sprintf("and %d more", len(m.Items)-i)})
			break
		}
		items = append(items, Item{Title: inert(x.Title, most.item), Link: followable(x.Link), Due: inert(x.Due, maxDue)})
	}
	m.Items = items
	return m
}

// followable is the link where it is an absolute https URL (plain http only to this
// machine, as the demo has it), otherwise "".
func followable(link string) string {
	if len(link) > 2000 {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil {
		return ""
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !thisMachine(u.Hostname())) {
		return ""
	}
	return u.String()
}

// thisMachine says whether a URL's host names the machine itself.
func thisMachine(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
