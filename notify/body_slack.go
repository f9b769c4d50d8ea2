package notify

import (
	"strings"
)

// slackBody is the body for an incoming webhook of Slack: Block Kit with rich text
// only, whose text elements are shown as they are. (In "mrkdwn" a stranger's text
// could make a link or call a channel.) text is what a notification shows; there
// Slack reads &, < and > as control characters, so they are escaped.
func slackBody(m Message) ([]byte, error) {
	type style struct {
		Bold bool `json:"bold,omitempty"`
	}
	type element struct {
		Type     string    `json:"type"`
		Text     string    `json:"text,omitempty"`
		URL      string    `json:"url,omitempty"`
		Style    *style    `json:"style,omitempty"`
		Elements []element `json:"elements,omitempty"`
	}
	section := func(of ...element) element { return element{Type: "rich_text_section", Elements: of} }
	text := func(s string) element { return element{Type: "text", Text: s} }
	sections := []element{section(element{Type: "text", Text: m.Title + "\n", Style: &style{Bold: true}})}
	for _, s := range sentences(m) {
		sections = append(sections, section(text(s+"\n")))
	}
	for _, x := range m.Items {
		title := text("• " + x.Title)
		of := []element{title}
		if x.Link != "" {
			of = []element{text("• "), {Type: "link", URL: x.Link, Text: x.Title}}
		}
		if x.Due != "" {
			of = append(of, text(" ("+x.Due+")"))
		}
		sections = append(sections, section(append(of, text("\n"))...))
	}
	if m.Link != "" {
		sections = append(sections, section(element{Type: "link", URL: m.Link, Text: m.Action}))
	}
	return asJSON(struct {
		Text   string    `json:"text"`
		Blocks []element `json:"blocks"`
	}{strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(m.Title), []element{{Type: "rich_text", Elements: sections}}})
}
