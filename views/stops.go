package views

import (
	"time"

	"countersign/models"
)

// StopLine is a broad stop in a list, or in a sentence of another page.
type StopLine struct {
	Kind, Name string // what it is on; Name "" for everything
	Href       string
	Who, Team  string // placed it
	At         time.Time
	Cause      string

	Lifted              time.Time // zero while it stands
	LiftedBy, LiftCause string
	LiftedTeam          string
	Now                 time.Time
}

func (s StopLine) what() string { return StoppedWords(s.Kind, s.Name) }

// StopsPage lists what is stopped broadly, and was.
type StopsPage struct {
	Open, Past  []StopLine
	May         bool   // the viewer may stop something
	Next, First string // addresses of further and of the newest past ones, or ""
	Now         time.Time
}

// StopChoice asks what is to be stopped: first what kind of thing, then which.
type StopChoice struct {
	Kinds  []StopKind // offered; none once one is chosen
	Kind   string
	Search string
	Found  []StopKind
	More   bool // there are others, which words find
}

// StopKind leads on.
type StopKind struct{ Label, Hint, Href string }

func (p StopChoice) heading() string {
	switch p.Kind {
	case models.OnSystem:
		return "Which system?"
	case models.OnIssuer:
		return "Which identity issuer?"
	case models.OnTeam:
		return "Which team?"
	}
	return "What do you want to stop?"
}

// StopAsk asks before something is stopped broadly: what it does, and why.
type StopAsk struct {
	Kind, ID, Name string
	Effects        []string
	Stands         *StopLine // that stands already; then there is nothing to do
	Cause          Field
	Keys           FormKeys
	Errors         Errors
	Back           string
	Now            time.Time
}

func (p StopAsk) what() string { return StoppedWords(p.Kind, p.Name) }

// StopPage is one broad stop.
type StopPage struct {
	StopLine
	Facts  []SummaryRow
	Effect string // what it holds now, or what followed from lifting it
	Lift   *StopLift
	WhyNot string // why the viewer cannot lift it
	Errors Errors
}

// StopLift is the form of an approver who may lift it.
type StopLift struct {
	Cause Field
	Keys  FormKeys
}

func (p StopPage) title() string {
	is := " is stopped"
	if !p.Lifted.IsZero() {
		is = " was stopped"
	}
	return upperFirst(p.what()) + is
}
