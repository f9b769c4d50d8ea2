package views

import (
	"time"

	"countersign/models"
)

// DutyPage is one duty with what happened about it and what is to come.
type DutyPage struct {
	Title       string // what is owed
	Agent, Task string
	TaskHref    string // "" for whoever does not see the task
	Tier        string
	Held        bool
	Owes        string // who owes it, in words
	Why         string // to whoever was told of it: why they were; "" for others
	Opened, Due time.Time
	Done        time.Time // zero while it is open
	Consequence string    // what happens if nobody does it
	Href        string    // where it is done, "" for who cannot
	Mine        bool      // the viewer owes it
	Line        []DutyMoment
	Now         time.Time
}

// DutyMoment is one point of a duty's time line.
type DutyMoment struct {
	At   time.Time
	What string // a sentence
	Past bool
	Kind string // reminder, escalation, due, ends, done; "" for the beginning
}

func (m DutyMoment) class() string {
	class := "cs-moment"
	if !m.Past {
		class += " cs-moment-ahead"
	}
	switch m.Kind {
	case "ends":
		class += " cs-moment-ends"
	case "due", models.StepEscalation:
		class += " cs-moment-due"
	}
	return class
}

// StepWho is who a step of a path tells, in words, after "as".
func StepWho(who string) string {
	switch who {
	case models.ToDelegate:
		return "who stands in"
	case models.ToManager:
		return "the manager of who owes it"
	case models.ToAccountable:
		return "one of those who answer for it"
	case models.ToHead:
		return "the head of the owning team"
	case models.ToPerson:
		return "somebody whom the path names"
	}
	return who
}

// UpperFirst is a text with its first letter in upper case.
func UpperFirst(s string) string { return upperFirst(s) }

func (p DutyPage) kicker() string {
	switch {
	case p.Task != "" && p.Agent != "":
		return "“" + p.Task + "”, a task of " + p.Agent
	case p.Agent != "":
		return p.Agent
	}
	return "One duty"
}

func (p DutyPage) state() string {
	switch {
	case !p.Done.IsZero():
		return "done"
	case p.Due.Before(p.Now):
		return "overdue"
	}
	return "open"
}

func (p DutyPage) lineTitle() string {
	if !p.Done.IsZero() {
		return "What happened"
	}
	return "What happened, and what happens if nobody does it"
}

func (p DutyPage) rows() []SummaryRow {
	rows := []SummaryRow{{Key: "Owed by", Value: p.Owes}, {Key: "Since", Value: WhenText(p.Opened, p.Now)}, {Key: "Due", Value: WhenText(p.Due, p.Now)}}
	if !p.Done.IsZero() {
		rows = append(rows, SummaryRow{Key: "Over since", Value: WhenText(p.Done, p.Now)})
	}
	return rows
}
