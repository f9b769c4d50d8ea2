package notify

import (
	"bytes"
	"encoding/json"
	"time"
)

// standardBody is the body of a Standard Webhook: type, timestamp and data. It
// names nobody whom the message is for: the endpoint knows whose it is.
func standardBody(m Message) ([]byte, error) {
	type item struct {
		Title string `json:"title"`
		Link  string `json:"link,omitempty"`
		Due   string `json:"due,omitempty"`
	}
	type data struct {
		Title       string   `json:"title"`
		Text        string   `json:"text"`
		Lines       []string `json:"lines,omitempty"`
		Consequence string   `json:"consequence,omitempty"`
		Urgent      bool     `json:"urgent"`
		Action      string   `json:"action,omitempty"`
		Link        string   `json:"link,omitempty"`
		Items       []item   `json:"items,omitempty"`
	}
	d := data{Title: m.Title, Text: m.Lead, Lines: m.Lines, Consequence: m.Consequence, Urgent: m.Urgent, Action: m.Action, Link: m.Link}
	for _, x := range m.Items {
		d.Items = append(d.Items, item(x))
	}
	return asJSON(struct {
		Type      string `json:"type"`
		Timestamp string `json:"timestamp"`
		Data      data   `json:"data"`
	}{m.Kind, m.At.Time().Format(time.RFC3339Nano), d})
}

// asJSON is v on one line, with <, > and & as they are: no browser reads it.
func asJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// sentences are a message's texts after its title, in order.
func sentences(m Message) []string {
	var out []string
	for _, s := range append(append([]string{m.Lead}, m.Lines...), m.Consequence) {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
