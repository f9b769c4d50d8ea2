package views

import (
	"countersign/models"
	"strings"
)

// ImportResultPage says what became of each row.
type ImportResultPage struct {
	ID, Label string
	Keys      FormKeys
	State     string // asked for, "" for all
	Lines     []ImportDone
	Next      string
	by        map[string]int
}

// ImportDone is a row and what became of it.
type ImportDone struct {
	No               int
	File, Name, Kind string
	State, Reason    string
	Subject          string
}

// Count adds rows of one state.
func (p *ImportResultPage) Count(state string, n int) {
	if p.by == nil {
		p.by = map[string]int{}
	}
	p.by[state] += n
}

var importStates = map[string]string{"waiting": "Left out", "queued": "Waits for its turn", "created": "Saved as new", "updated": "Updated", "same": "Nothing differed", "failed": "Not saved"}

var importStateChoices = []models.Choice{{Value: "failed", Words: "Not saved"}, {Value: "created", Words: "Saved as new"}, {Value: "updated", Words: "Updated"},
	{Value: "same", Words: "Nothing differed"}, {Value: "queued", Words: "Waits for its turn"}, {Value: "waiting", Words: "Left out"}}

// going says whether there is more to take in.
func (p ImportResultPage) going() bool { return p.by["queued"] > 0 }

func (p ImportResultPage) done() int {
	return p.by["created"] + p.by["updated"] + p.by["same"] + p.by["failed"]
}

// Title says how far it is.
func (p ImportResultPage) Title() string {
	switch {
	case p.going():
		return "Taking in what you chose"
	case p.by["failed"] > 0 && p.by["created"]+p.by["updated"] == 0:
		return "Nothing was saved"
	case p.by["failed"] > 0:
		return "Some were not saved"
	case p.done() == 0:
		return "Nothing is saved yet"
	}
	return "Saved"
}

func (p ImportResultPage) lead() string {
	var parts []string
	for _, c := range importStateChoices {
		if n := p.by[c.Value]; n > 0 {
			parts = append(parts, Count(n)+" "+lowerFirst(c.Words))
		}
	}
	return upperFirst(strings.Join(parts, ", ")) + "."
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func (d ImportDone) href() string {
	switch {
	case d.Subject == "":
		return ""
	case d.Kind == models.ImportSystem:
		return "/systems/" + d.Subject
	}
	return "/agents/" + d.Subject
}

func (d ImportDone) tone() string {
	switch d.State {
	case "created", "updated":
		return ToneAccent
	case "failed":
		return ToneAmber
	}
	return ToneQuiet
}

// next is what the person does now.
func (d ImportDone) next() string {
	switch {
	case d.State == "failed":
		return d.Reason
	case d.State == "created" && d.Kind == models.ImportSystem:
		return "Check its operations."
	case d.State == "created":
		return "Fill in what the file does not say, then register it."
	case d.State == "updated" && d.Kind != models.ImportSystem:
		return "Look at its draft. A registered agent gets its next revision when you register it."
	}
	return ""
}
