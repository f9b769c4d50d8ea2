package views

import (
	"net/url"
	"strconv"
	"time"

	"countersign/models"
)

// DrillReportPage is how people answered in a period, for auditors.
type DrillReportPage struct {
	Now      time.Time
	Query    url.Values // the filters as the address has them; no cursor
	From, To string
	Tier     string
	Missed   bool
	Errors   Errors
	Lines    []DrillReportLine
	Chart    DrillChart
	Kills    []DrillReportKill
	Newest   bool
	Next     string
}

// DrillReportLine is one person and one capability.
type DrillReportLine struct {
	Name, PersonHref   string
	Task, Agent, Href  string
	Tier               models.Tier
	Asked, Answered    int
	Missed, Recognised int
	Median, Longest    string
}

// DrillReportKill is one kill drill.
type DrillReportKill struct {
	KillLine
	Task, Agent, Href string
}

// DrillChart is how many answers took how long; the last bar is of those that did
// not come yet.
type DrillChart struct{ Bars []DeskBar }

// title is the chart's answer in a sentence.
func (c DrillChart) title() string {
	all, most, silent := 0, DeskBar{}, c.Bars[len(c.Bars)-1].N
	for _, b := range c.Bars[:len(c.Bars)-1] {
		all += b.N
		if b.N > most.N {
			most = b
		}
	}
	switch {
	case all == 0 && silent == 0:
		return "Nobody was asked in this period"
	case all == 0:
		return "Nobody who was asked has answered yet"
	}
	return "Answers came most often in " + most.Label + ": " + Count(most.N) + " of " + Count(all)
}

func (c DrillChart) box() string { return DeskChart(c).box() }

func (c DrillChart) width(b DeskBar) string { return strconv.Itoa(DeskChart(c).width(b)) }

const drillReport = "/reports/drills"

func (p DrillReportPage) link(changes ...string) string {
	return matrixLink(drillReport, p.Query, changes...)
}

func (p DrillReportPage) export() string { return matrixLink(drillReport+".csv", p.Query) }

func (p DrillReportPage) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Lines), Total: -1, Noun: "lines"}
	if !p.Newest {
		turn.Previous = p.link()
	}
	if p.Next != "" {
		turn.Next = p.link("after", p.Next)
	}
	return turn
}

func (p DrillReportPage) tiers() []Option {
	out := []Option{{Value: "", Label: "Every tier"}}
	for _, t := range models.Tiers {
		out = append(out, Option{Value: string(t), Label: upperFirst(string(t))})
	}
	return out
}

func (p DrillReportPage) which() []Option {
	return []Option{{Value: "", Label: "Everybody who was asked"}, {Value: "1", Label: "Where one was missed"}}
}

func (p DrillReportPage) missed() string {
	if p.Missed {
		return "1"
	}
	return ""
}
