package views

import (
	"countersign/models"
	"time"
)

// ImportAskPage asks for files, or for the text of one. After files of which none
// could be read it says why.
type ImportAskPage struct {
	Keys    FormKeys
	Errors  Errors
	Pasted  string
	Source  string // where a pasted text comes from
	Into    *ImportTarget
	Refused []ImportRefusal
	Waiting []ImportWaiting // uploaded before, and still here
	Agents  bool            // the viewer may take in agents
	Systems bool            // and systems
	Now     time.Time
}

// lead says what this person may take in.
func (p ImportAskPage) lead() string {
	what := "agents and systems"
	switch {
	case !p.Systems:
		what = "agents"
	case !p.Agents:
		what = "systems"
	}
	return "Take in " + what + " from files that describe them. You see what was read, and from where, before anything is saved."
}

// ImportRefusal is one thing in a file that was not read: why and where, and what
// else was found.
type ImportRefusal struct {
	File, Format string
	Warnings     []models.ImportWarning
}

// known says whether the file's kind was recognised.
func (r ImportRefusal) known() bool { return r.Format != "" && r.Format != "unknown" }

// ImportWaiting is something uploaded before that is still here.
type ImportWaiting struct {
	Href, Label string
	Things      int
	At          time.Time
}
