package views

import (
	"countersign/models"
	"strconv"
	"strings"
)

// ImportTarget is an agent that an import may update.
type ImportTarget struct {
	ID, Name, State string
	SameFile        bool // it was imported from the very same bytes
	Again           bool // its draft comes from this very thing
}

// ImportLine is one thing that was found.
type ImportLine struct {
	No                 int
	Href               string // its own page
	File, Format, Kind string
	Name, Outcome      string
	Digest             string
	Warnings           []models.ImportWarning
	Fields, Ignored    []AgentOrigin
	Further            int
	Skills, Operations int
	Secrets            []string // that a system asks for
	Plan               string
	Cannot             string // why this person cannot take it in; "" where they can
	Targets            []ImportTarget
	Into, IntoID       string // what it would update or is the same as
	Revision           int    // of the agent that it would update
	Draft, Live        []DiffLine
	System             *models.SystemDifference
	NewSystem          bool
	Chosen, Looked     bool
	Target             string
	State, Reason      string
	Subject            string
	Error, ErrorField  string
	Open               bool
}

// Waits says whether anything can still be decided about it.
func (l ImportLine) Waits() bool { return l.State == "waiting" || l.State == "failed" }

// Asks says whether somebody has to say that they have looked.
func (l ImportLine) Asks() bool { return l.Outcome == models.ImportWarned }

// MustChoose says whether it does not go anywhere by itself.
func (l ImportLine) MustChoose() bool { return l.Plan == "choose" }

// Title is its name, or its file's.
func (l ImportLine) Title() string { return or(l.Name, l.File) }

// choosable says whether a box is drawn for it.
func (l ImportLine) choosable() bool {
	return l.Waits() && l.Cannot == "" && l.Plan != "same"
}

func (l ImportLine) no() string { return strconv.Itoa(l.No) }

func (l ImportLine) error(field string) string {
	if l.ErrorField == field+"-"+l.no() {
		return l.Error
	}
	return ""
}

// look is how many things somebody should look at.
func (l ImportLine) look() int {
	if l.Outcome == models.ImportRefused {
		return 0
	}
	return len(l.Warnings)
}

// kindWord is what the thing is.
func (l ImportLine) kindWord() string {
	switch {
	case l.Outcome == models.ImportRefused:
		return "Not read"
	case l.Kind == models.ImportSystem:
		return "System"
	case l.Kind == models.ImportAgent:
		return "Agent"
	}
	return "Unknown"
}

// outcomeMark is how the reading ended, as a tag.
func (l ImportLine) outcomeMark() (word, tone string) {
	switch l.Outcome {
	case models.ImportRefused:
		return "Refused", ToneAmber
	case models.ImportWarned:
		return "With warnings", ToneAmber
	}
	return "Read", ToneQuiet
}

// goes says in words what taking it in does.
func (l ImportLine) goes() string {
	switch {
	case l.State != "waiting" && l.State != "failed":
		return importStates[l.State]
	case l.Cannot != "":
		return l.Cannot
	case l.Plan == "same" && l.Kind == models.ImportSystem:
		return "The same as in the catalogue: nothing to do"
	case l.Plan == "same":
		return "The same as what is there: nothing to do"
	case l.Plan == "choose":
		return "You have an agent of this name"
	case l.NewSystem:
		return "New in the catalogue"
	case l.Kind == models.ImportSystem:
		return "Adds to what the catalogue has"
	case l.Plan == "new":
		return "A new draft"
	case l.Plan == "draft":
		return "Updates the draft"
	}
	return "Differs from revision " + strconv.Itoa(l.Revision) + ", which is registered and stays; the change waits as the next revision"
}

func (l ImportLine) intoHref() string {
	if l.Kind == models.ImportSystem {
		return "/systems/" + l.IntoID
	}
	return "/agents/" + l.IntoID
}

// choices are where it may go, where there is more than one way.
func (l ImportLine) choices() Choices {
	c := Choices{Name: "into-" + l.no(), Label: "Where “" + l.Title() + "” goes", Value: l.Target, Error: l.error("into"), Required: true}
	if l.MustChoose() {
		c.Blank = "Choose"
	} else if l.Target == "" {
		c.Value = or(l.IntoID, models.ImportNew)
	}
	for _, t := range l.Targets {
		what := "Update the draft of " + t.Name
		switch {
		case t.SameFile:
			what += " (imported from this very file)"
		case t.Again:
			what += " (imported from here before)"
		}
		c.Options = append(c.Options, Option{Value: t.ID, Label: what})
	}
	c.Options = append(c.Options, Option{Value: models.ImportNew, Label: "Make a new draft: another agent"})
	return c
}

// importShown is how many fields, warnings and differences a row opens with; its
// own page has all.
const importShown = 8

func firstOf[T any](all []T) []T { return all[:min(len(all), importShown)] }

// summary says what opens below a row.
func (l ImportLine) summary() string {
	if l.Outcome == models.ImportRefused {
		return "Why it was not read"
	}
	return "What it says about " + l.Title()
}

// called says which of the fields are placeholders.
func (l ImportLine) placeholders() int {
	n := 0
	for _, f := range l.Fields {
		if f.Status == models.FieldPlaceholder {
			n++
		}
	}
	return n
}

// leaked counts the warnings of secrets that stood in the file.
func (l ImportLine) leaked() int {
	n := 0
	for _, w := range l.Warnings {
		if strings.HasPrefix(w.Message, "This looks like a secret") {
			n++
		}
	}
	return n
}

// further are the warnings that no field's note says already.
func (l ImportLine) further() []models.ImportWarning {
	said := map[string]bool{}
	for _, f := range l.Fields {
		said[f.Note] = true
	}
	var out []models.ImportWarning
	for _, w := range l.Warnings {
		if !said[w.Message] {
			out = append(out, w)
		}
	}
	return out
}

// systemLines say what taking in a system would change.
func (l ImportLine) systemLines() []string {
	d := l.System
	if d == nil {
		return nil
	}
	var out []string
	add := func(n int, one, many string) {
		if n == 1 {
			out = append(out, "1 "+one)
		} else if n > 1 {
			out = append(out, Count(n)+" "+many)
		}
	}
	add(len(d.New), "operation would be added", "operations would be added")
	add(len(d.Raised), "operation would count as reaching farther; what is signed is not moved", "operations would count as reaching farther; what is signed is not moved")
	add(len(d.Secrets), "reference to a secret would be added", "references to secrets would be added")
	add(len(d.Kept), "operation stays as the catalogue has it: the file says less", "operations stay as the catalogue has them: the file says less")
	add(len(d.Unnamed), "operation stays though the file does not name it", "operations stay though the file does not name them")
	add(len(d.Retired), "operation stays retired", "operations stay retired")
	add(len(d.Left), "name cannot be kept", "names cannot be kept")
	return out
}

// importPart is all of it, or its beginning.
func importPart[T any](all []T, whole bool) []T {
	if whole {
		return all[:min(len(all), originsShown)]
	}
	return firstOf(all)
}

// importNames are names in a row, as far as a line goes.
func importNames(names []string) string {
	if more := len(names) - 20; more > 0 {
		return strings.Join(names[:20], ", ") + " and " + Count(more) + " more"
	}
	return strings.Join(names, ", ")
}
