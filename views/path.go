package views

import (
	"strconv"
	"time"

	"countersign/models"
)

// PathRow is one step of an escalation path as typed.
type PathRow struct{ Who, Person, After, Unit string }

// PathForm is the rows of a path in a form. Applies says which path counts while there
// is no row.
type PathForm struct {
	Rows    []PathRow
	People  []models.Party
	Many    bool
	Find    string
	Errors  Errors
	Action  string
	Applies string
}

func (f PathForm) field(i int, what string) string {
	id := "path-" + strconv.Itoa(i+1)
	if what != "" {
		id += "-" + what
	}
	return id
}

// people are the choice of a row: those found, and "" for nobody yet.
func (f PathForm) people() []Option {
	out := make([]Option, len(f.People))
	for i, p := range f.People {
		out[i] = Option{Value: p.Person.ID, Label: PartyText(p)}
	}
	return out
}

var pathUnits = []Option{{Value: "hours", Label: "hours"}, {Value: "days", Label: "days"}}

// PathRun is a dry run as it is drawn: the answers asked for, and the time line.
type PathRun struct {
	Day, Person, Tier string
	Among             []Option // whose silence it may be
	AskTier           bool
	Due               time.Time
	Lines             []RunLine
	Errors            Errors
	Now               time.Time
}

// Kinds of RunLine beside models.StepReminder and models.StepEscalation.
const (
	RunOpens = "opens"
	RunDue   = "due"
	RunStops = "stops"
	RunEnds  = "ends" // its last day is over before the review is due
)

// RunLine is one thing that would happen.
type RunLine struct {
	Kind   string
	At     time.Time
	Step   int // of a reminder the days before; of an escalation its place
	To     models.PathStep
	People []models.Party
	Hole   string // why it would tell nobody
}

// what is the line's sentence, without the people.
func (l RunLine) what() string {
	switch l.Kind {
	case RunOpens:
		return "The review is opened, and who owes it is told"
	case RunDue:
		return "The review is due"
	case RunStops:
		return "Hold: this agent stops doing this"
	case RunEnds:
		return "Its last day is over: this agent stops doing this"
	case models.StepReminder:
		switch l.Step {
		case 0:
			return "Reminder on the day itself"
		case 1:
			return "Reminder 1 day before"
		}
		return "Reminder " + strconv.Itoa(l.Step) + " days before"
	}
	return "Step " + strconv.Itoa(l.Step) + ": " + l.To.ToWords()
}

func (l RunLine) state() string {
	return map[string]string{RunOpens: "", RunDue: "due", RunStops: "stops", RunEnds: "stops", models.StepEscalation: "step"}[l.Kind]
}

// Measures of the drawing, in units of its own.
const (
	runWide = 680
	runHigh = 92
	runPad  = 24
)

func runBox() string { return "0 0 " + strconv.Itoa(runWide) + " " + strconv.Itoa(runHigh) }

// x is a line's place: where it is in time, moved on where it would lie on the one before.
func (p PathRun) x(i int) int {
	first, last := p.Lines[0].At, p.Lines[len(p.Lines)-1].At
	span := last.Sub(first)
	room := runWide - 2*runPad
	least := room / max(2*len(p.Lines), 1)
	at := runPad
	for k := 0; k <= i; k++ {
		want := runPad
		if span > 0 {
			want += int(float64(room) * float64(p.Lines[k].At.Sub(first)) / float64(span))
		}
		want = min(want, runWide-runPad-(len(p.Lines)-1-k)*least) // leave room for those after
		if k > 0 {
			want = max(want, at+least)
		}
		at = want
	}
	return at
}

func (p PathRun) xs(i, more int) string { return strconv.Itoa(p.x(i) + more) }

// title is the drawing's answer in a sentence.
func (p PathRun) title() string {
	holes := 0
	for _, l := range p.Lines {
		if l.Hole != "" {
			holes++
		}
	}
	text := "What would happen, in the order of time"
	if holes == 1 {
		return text + ": one step would reach nobody"
	}
	if holes > 1 {
		return text + ": " + strconv.Itoa(holes) + " steps would reach nobody"
	}
	return text
}

// PathPage is the dry run of a capability.
type PathPage struct {
	CapabilityID, Title, Agent string
	Whose                      string // whose path it is, as a sentence
	Steps                      []string
	Change                     string // the address where it is changed; "" for who cannot
	ChangeLabel                string
	Run                        PathRun
	Live                       bool
}

// TeamPathPage is the form of a team's path; for who only reads, without one.
type TeamPathPage struct {
	models.Team
	May    bool
	Form   PathForm
	Steps  []string // as saved
	Run    PathRun
	Keys   FormKeys
	Errors Errors
}

func (p TeamPathPage) href() string { return "/admin/teams/" + p.ID + "/path" }

// WhosePath says whose path applies where a plan has none of its own.
func WhosePath(own bool, team models.Team) string {
	switch {
	case own:
		return "It is the capability’s own, from its oversight plan."
	case team.ID != "":
		return "The oversight plan names none, so that of the team " + team.Name + " applies."
	}
	return "Neither the oversight plan nor the owner’s team names one, so the standard one applies."
}

// pathSteps are the steps of a path as sentences.
func pathSteps(p models.Path) []string {
	out := p.Words()
	for i, w := range out {
		out[i] = upperFirst(w)
	}
	return out
}
