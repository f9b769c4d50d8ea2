package models

import (
	"cmp"
	"slices"
)

// PathStep is one step of an escalation path: who is told, and how long after the
// duty was due.
type PathStep struct {
	Who    string `json:"who"`              // see EscalateTo
	Person string `json:"person,omitempty"` // the id, where Who is "person"
	Name   string `json:"name,omitempty"`   // theirs, as it was when the path was saved: what is signed says it in words
	Hours  int    `json:"hours"`            // after it was due
}

// Path is an escalation path, soonest step first.
type Path []PathStep

// Whom a step may tell.
const (
	ToDelegate    = "delegate"    // who stands in for whoever owes it
	ToManager     = "manager"     // of whoever owes it
	ToAccountable = "accountable" // the others who answer for the capability
	ToHead        = "head"        // of the teams of its business owner
	ToPerson      = "person"      // somebody by name
)

// EscalateTo is what forms offer.
var EscalateTo = []Choice{
	{ToDelegate, "whoever stands in"}, {ToManager, "the manager"}, {ToAccountable, "the others who answer for it"},
	{ToHead, "the head of the owning team"}, {ToPerson, "a person by name"},
}

// StandardPath is the path where neither the oversight plan nor the team names one.
var StandardPath = Path{{Who: ToDelegate, Hours: 24}, {Who: ToManager, Hours: 48}, {Who: ToAccountable, Hours: 72}, {Who: ToHead, Hours: 120}}

// MostSteps and LongestPath bound a path; LongestPath is in hours.
const (
	MostSteps   = 10
	LongestPath = 90 * 24
)

// check says what is wrong with a path as typed; field is the form's field.
func (p Path) check(errs *problems, field string) {
	if len(p) > MostSteps {
		errs.add(field, "Enter at most %d steps.", MostSteps)
	}
	last := 0
	for i, s := range p {
		at := field + "-" + itoa(i+1)
		if !has(EscalateTo, s.Who) {
			errs.add(at, "Choose who is told.")
		}
		if (s.Who == ToPerson) != (s.Person != "") {
			errs.add(at, "Choose the person.")
		}
		switch {
		case s.Hours < 1 || s.Hours > LongestPath:
			errs.add(at, "Enter after how many hours: a whole number from 1 to %d (90 days).", LongestPath)
		case s.Hours < last:
			errs.add(at, "This step comes before the one above it. Put the steps in the order of time.")
		}
		last = max(last, s.Hours)
	}
}

// checkPeople refuses who is named in a path and is not active; people are those named.
func (p Path) checkPeople(errs *problems, field string, people map[string]Party) {
	for i, s := range p {
		if s.Person != "" && people[s.Person].Person.Status != PersonActive {
			errs.add(field+"-"+itoa(i+1), "%s is not active here any more. Choose somebody else.", nameOr(people[s.Person], "Whoever was chosen"))
		}
	}
}

// People are the ids of those whom a path names.
func (p Path) People() []string {
	var out []string
	for _, s := range p {
		if s.Person != "" {
			out = append(out, s.Person)
		}
	}
	return out
}

// Words are the steps of a path as one reads them: "after 2 days the manager".
func (p Path) Words() []string {
	out := make([]string, len(p))
	for i, s := range p {
		out[i] = "after " + SpanWords(s.Hours) + " " + s.ToWords()
	}
	return out
}

// ToWords say whom a step tells.
func (s PathStep) ToWords() string {
	if s.Who == ToPerson {
		if s.Name == "" {
			return "a person by name"
		}
		return s.Name
	}
	return WordsOf(EscalateTo, s.Who)
}

// named is the path with the names of those whom it names.
func (p Path) named(people map[string]Party) Path {
	out := slices.Clone(p)
	for i, s := range out {
		out[i].Name = ""
		if s.Person != "" {
			out[i].Name = people[s.Person].Person.Name
		}
	}
	return out
}

func nameOr(p Party, none string) string {
	if p.Person.Name == "" {
		return none
	}
	return p.Person.Name
}

// SpanWords are hours as one says them: "2 days", "36 hours".
func SpanWords(hours int) string {
	if hours%24 == 0 {
		return count(hours/24, "day")
	}
	return count(hours, "hour")
}

// PathOf is the team's own path; nil for none.
func (t Team) PathOf() Path { return parseBody[Path](t.Path) }

// PathFor is the path that a capability's duties take: its oversight plan's own, else that
// of its owner's first team (by name) that has one, else the standard one.
func PathFor(plan Path, teams []Team) Path {
	if len(plan) > 0 {
		return plan
	}
	for _, t := range byName(teams) {
		if own := t.PathOf(); len(own) > 0 {
			return own
		}
	}
	return StandardPath
}

func byName(teams []Team) []Team {
	return slices.SortedFunc(slices.Values(teams), func(a, b Team) int { return cmp.Compare(a.Name, b.Name) })
}
