package notify

// teamsBody is the body for Teams, for a workflow's "When a Teams webhook request is
// received" as for an incoming webhook: one Adaptive Card (schema 1.4). Its texts are
// text runs, in which Markdown is not read, so that a stranger's text makes no link.
func teamsBody(m Message) ([]byte, error) {
	type run struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Weight string `json:"weight,omitempty"`
		Size   string `json:"size,omitempty"`
	}
	type block struct {
		Type    string `json:"type"`
		Inlines []run  `json:"inlines"`
	}
	type action struct {
		Type  string `json:"type"`
		Title string `json:"title"`
		URL   string `json:"url"`
	}
	type card struct {
		Schema  string   `json:"$schema"`
		Type    string   `json:"type"`
		Version string   `json:"version"`
		Body    []block  `json:"body"`
		Actions []action `json:"actions,omitempty"`
	}
	type attachment struct {
		ContentType string  `json:"contentType"`
		ContentURL  *string `json:"contentUrl"`
		Content     card    `json:"content"`
	}
	block1 := func(r run) block { return block{"RichTextBlock", []run{r}} }
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
		Body: []block{block1(run{Type: "TextRun", Text: m.Title, Weight: "bolder", Size: "medium"})}}
	for _, s := range sentences(m) {
		c.Body = append(c.Body, block1(run{Type: "TextRun", Text: s}))
	}
	for _, x := range m.Items {
		t := "• " + x.Title
		if x.Due != "" {
			t += " (" + x.Due + ")"
		}
		c.Body = append(c.Body, block1(run{Type: "TextRun", Text: t}))
	}
	if m.Link != "" {
		c.Actions = []action{{"Action.OpenUrl", m.Action, m.Link}}
	}
	return asJSON(struct {
		Type        string       `json:"type"`
		Attachments []attachment `json:"attachments"`
	}{"message", []attachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: c}}})
}
