package views

import (
	"net/url"
	"strings"
	"time"

	"countersign/models"
)

// ImportListPage is what was found in files: nothing of it is saved yet.
type ImportListPage struct {
	ID, Label     string
	Keys          FormKeys
	Errors        Errors
	Now, Until    time.Time
	Total         int
	Outcome, Plan string // asked for, "" for all
	After         int
	More          bool
	Lines         []ImportLine

	ByOutcome, ByPlan map[string]int
	Chosen            int // rows kept as chosen
	ChosenElsewhere   int // on other pages
	Done              int // taken in, or found the same
	Systems           int // rows that are systems on this page

	NewSystems        bool // the page has systems that would be new
	Team, Sensitivity string
	Teams             []Option
	Ask               []string // administrators, where the viewer is none
}

// Count adds rows of one kind to what the filters and buttons say.
func (p *ImportListPage) Count(outcome, plan, state string, chosen bool, n int) {
	if p.ByOutcome == nil {
		p.ByOutcome, p.ByPlan = map[string]int{}, map[string]int{}
	}
	p.ByOutcome[outcome] += n
	p.ByPlan[plan] += n
	if chosen && (state == "waiting" || state == "failed") {
		p.Chosen += n
	}
	if state != "waiting" {
		p.Done += n
	}
}

func (p ImportListPage) href() string { return "/imports/" + p.ID }

func (p ImportListPage) title() string {
	if p.Total == 1 && len(p.Lines) == 1 {
		return "What “" + p.Lines[0].File + "” says"
	}
	return "What was found in " + p.Label
}

func (p ImportListPage) lead() string {
	if p.Total == 1 {
		return "Nothing is saved yet. A stranger wrote this: it is shown as text, and none of it is believed before you have looked."
	}
	return Count(p.Total) + " things were found. Nothing is saved before you choose and save it. Strangers wrote this: it is shown as text."
}

var importOutcomes = []models.Choice{{Value: models.ImportClean, Words: "Read"}, {Value: models.ImportWarned, Words: "Something to look at"}, {Value: models.ImportRefused, Words: "Refused"}}

var importPlans = []models.Choice{{Value: "new", Words: "New"}, {Value: "draft", Words: "Updates a draft"}, {Value: "registered", Words: "Differs from what is registered"},
	{Value: "choose", Words: "You have to choose"}, {Value: "same", Words: "Nothing differs"}, {Value: "none", Words: "Not yours to take in"}}

func importCounted(choices []models.Choice, n map[string]int) []Option {
	var out []Option
	for _, c := range choices {
		if n[c.Value] > 0 {
			out = append(out, Option{Value: c.Value, Label: c.Words + " (" + Count(n[c.Value]) + ")"})
		}
	}
	return out
}

// chips show which filters are on.
func (p ImportListPage) chips() []Chip {
	var out []Chip
	link := func(outcome, plan string) string {
		q := url.Values{}
		if outcome != "" {
			q.Set("outcome", outcome)
		}
		if plan != "" {
			q.Set("plan", plan)
		}
		if len(q) == 0 {
			return p.href()
		}
		return p.href() + "?" + q.Encode()
	}
	if p.Outcome != "" {
		out = append(out, Chip{models.WordsOf(importOutcomes, p.Outcome), link("", p.Plan)})
	}
	if p.Plan != "" {
		out = append(out, Chip{models.WordsOf(importPlans, p.Plan), link(p.Outcome, "")})
	}
	return out
}

func (p ImportListPage) filters() bool { return p.Total > 5 || p.Outcome != "" || p.Plan != "" }

// choosable says whether anything on the page can be chosen.
func (p ImportListPage) choosable() bool {
	if p.ChosenElsewhere > 0 || p.More {
		return true
	}
	for _, l := range p.Lines {
		if l.choosable() {
			return true
		}
	}
	return false
}

func (p ImportListPage) save() string {
	if p.Total == 1 {
		if len(p.Lines) == 1 && p.Lines[0].Kind == models.ImportSystem {
			return "Save it in the catalogue"
		}
		return "Save as a draft"
	}
	if p.ChosenElsewhere > 0 {
		return "Save the chosen ones, with " + Count(p.ChosenElsewhere) + " on other pages"
	}
	return "Save the chosen ones"
}

func (p ImportListPage) ask() string {
	text := "An administrator has to take in systems"
	if len(p.Ask) == 0 {
		return text + "."
	}
	return text + ": ask " + strings.Join(p.Ask, " or ") + "."
}

// ImportRowPage is everything that a file says of one thing.
type ImportRowPage struct {
	ListID, Label string
	Line          ImportLine
}

// importFirst is the address of the list's beginning under the same filters.
func importFirst(p ImportListPage) string {
	return p.href() + "?" + url.Values{"outcome": {p.Outcome}, "plan": {p.Plan}}.Encode()
}
