package views

import (
	"net/url"
	"strconv"
	"time"

	"countersign/models"
)

// DeskFigures are how one person decided in a period. Spans are from the first
// opening to the decision; nil where nothing was opened.
type DeskFigures struct {
	PersonID, Name                      string
	Decisions, SignOffs, Changes        int
	Refusals, Opened, Whole, QuickInRow int
	Median, Shortest                    *time.Duration
}

func (f DeskFigures) median() string   { return spanOr(f.Median) }
func (f DeskFigures) shortest() string { return spanOr(f.Shortest) }

func spanOr(d *time.Duration) string {
	if d == nil {
		return "never opened"
	}
	return SpanText(*d)
}

// share is "12 of 30 (40%)".
func (f DeskFigures) share(n int) string {
	if f.Decisions == 0 {
		return "0"
	}
	return Count(n) + " of " + Count(f.Decisions) + " (" + strconv.Itoa((n*100+f.Decisions/2)/f.Decisions) + "%)"
}

func (f DeskFigures) quick() string {
	if f.QuickInRow < 2 {
		return "none"
	}
	return Count(f.QuickInRow)
}

// MyDecisionsPage is a person's own decisions, and the figures of them.
type MyDecisionsPage struct {
	Party         models.Party
	Now           time.Time
	Month, Season DeskFigures // of the last 30 and 90 days
	Chart         DeskChart   // of the last 90
	Lines         []MyDecision
	Older, Newest string // addresses, or ""
}

// MyDecision is one of them.
type MyDecision struct {
	At              time.Time
	Decision        string
	Title, Agent    string // "" where it is no longer for the person to see
	Version         int
	Tier            models.Tier
	Open            *time.Duration
	Parts           []string
	InARow          int
	Receipt, OfHref string
}

func (d MyDecision) what() string {
	return map[string]string{models.DecidedSignOff: "Signed off", models.DecidedChanges: "Asked for changes", models.DecidedRefusal: "Refused"}[d.Decision]
}

func (d MyDecision) on() string {
	if d.Title == "" {
		return "Something that is no longer for you to see"
	}
	return d.Title + ", version " + strconv.Itoa(d.Version)
}

func (d MyDecision) open() string {
	if d.Open == nil {
		return "Not opened before"
	}
	return SpanText(*d.Open) + ": " + LooksText(d.Parts)
}

// sentences are the figures as one reads them.
func (p MyDecisionsPage) sentences() []string {
	f := p.Season
	if f.Decisions == 0 {
		return []string{"You have decided on nothing in the last 90 days."}
	}
	out := []string{"You decided " + times(p.Month.Decisions) + " in the last 30 days and " + times(f.Decisions) + " in the last 90."}
	if f.Median != nil {
		out = append(out, "In these 90 days, half of the versions that you opened had been open for "+SpanText(*f.Median)+" or less when you decided; the shortest for "+SpanText(*f.Shortest)+".")
	}
	if never := f.Decisions - f.Opened; never > 0 {
		out = append(out, "You decided "+times(never)+" without having opened the version on its page.")
	}
	out = append(out, "You opened the whole of "+f.share(f.Whole)+".")
	if f.QuickInRow > 1 {
		out = append(out, "Your longest run of decisions with less than two minutes between was "+Count(f.QuickInRow)+".")
	}
	return out
}

func times(n int) string {
	switch n {
	case 0:
		return "not once"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return Count(n) + " times"
}

// DeskChart is how many decisions were open for how long; the first bar is of
// those on what was not opened.
type DeskChart struct{ Bars []DeskBar }

// DeskBar is one of its bars.
type DeskBar struct {
	Label string
	N     int
}

// title is the chart's answer in a sentence.
func (c DeskChart) title() string {
	most := DeskBar{}
	for _, b := range c.Bars {
		if b.N > most.N {
			most = b
		}
	}
	if most.N == 0 {
		return "No decisions in the last 90 days"
	}
	if most == c.Bars[0] {
		return "Most often not opened before you decided"
	}
	return "Most often open for " + most.Label + " before you decided"
}

// Measures of the drawing, in units of its own.
const (
	barRow   = 26
	barStart = 180
	barMost  = 250
)

func (c DeskChart) box() string {
	return "0 0 " + strconv.Itoa(barStart+barMost+50) + " " + strconv.Itoa(len(c.Bars)*barRow)
}

func (c DeskChart) width(b DeskBar) int {
	most := 1
	for _, x := range c.Bars {
		most = max(most, x.N)
	}
	if b.N == 0 {
		return 0
	}
	return max(2, b.N*barMost/most)
}

// ApproverReport is how approvers decided in a period, for auditors.
type ApproverReport struct {
	Now      time.Time
	Query    url.Values // the filters and the order as the address has them; no cursor
	From, To string     // days as typed, or the ones that are meant where nothing is
	Errors   Errors
	Sort     string
	Down     bool
	Rows     []DeskFigures
	Newest   bool // this is the first page
	Next     string
}

const approverReport = "/reports/approvers"

// Link is the address with some parameters changed; "" takes one off.
func (p ApproverReport) Link(changes ...string) string {
	return matrixLink(approverReport, p.Query, changes...)
}

func (p ApproverReport) export() string { return matrixLink(approverReport+".csv", p.Query) }

func (p ApproverReport) column(key, label string, num bool) Column {
	c := Column{Label: label, Num: num, Sort: p.Link("sort", key, "down", "")}
	if p.Sort == key {
		c.Direction = SortUp
		if p.Down {
			c.Direction = SortDown
		} else {
			c.Sort = p.Link("sort", key, "down", "1")
		}
	}
	return c
}

func (p ApproverReport) columns() []Column {
	return []Column{p.column("name", "Approver", false), p.column("decisions", "Decisions", true), p.column("signed", "Sign-offs", true), {Label: "Changes asked for", Num: true}, {Label: "Refusals", Num: true},
		p.column("median", "Median time open", true), {Label: "Shortest", Num: true}, p.column("whole", "Opened the whole", true), p.column("row", "Quick in a row", true)}
}

func (p ApproverReport) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Rows), Total: -1, Noun: "approvers"}
	if !p.Newest {
		turn.Previous = p.Link()
	}
	if p.Next != "" {
		turn.Next = p.Link("after", p.Next)
	}
	return turn
}

func (p ApproverReport) keys() (pairs [][2]string) {
	for _, key := range []string{"sort", "down"} {
		if v := p.Query.Get(key); v != "" {
			pairs = append(pairs, [2]string{key, v})
		}
	}
	return pairs
}
