package views

import (
	"time"

	"countersign/models"
)

// FoundPage is the list of what files name and nobody owns.
type FoundPage struct {
	Rows   []FoundRow
	Kind   string // models.ImportAgent or ImportSystem
	State  string // one of the states, or "" for all
	File   string
	Search string
	Counts map[string]map[string]int // by kind and state; "" is all
	Files  []Option                  // to filter by
	May    FoundMay
	Pager  PagerProps
	Now    time.Time
}

// FoundMay is what the viewer may do with what was found.
type FoundMay struct {
	Claim   bool // a business owner
	Dismiss bool // a business owner or an administrator
	Add     bool // an administrator: systems to the catalogue
}

// FoundRow is one thing that was found.
type FoundRow struct {
	ID, Kind, Name, URL    string
	How, File, Pointer     string
	SeenBy, SeenByTeam     string
	First, Last            time.Time
	Times                  int
	State                  string
	Due                    time.Time // of the duty to claim it; zero for none
	Reason                 string
	Decider, DeciderTeam   string
	Decided                time.Time
	BecameName, BecameHref string // as what it was claimed, where the viewer may see that
	Keys                   FormKeys
}

// FoundRecord is one of them with its history.
type FoundRecord struct {
	FoundRow
	May     FoundMay
	Errors  Errors
	Typed   string // a reason, as typed
	History HistoryProps
	Now     time.Time
}

// states of the filter: what waits is what the list begins with, and stands for "".
const foundAll = "all"

func (p FoundPage) counts() map[string]int { return p.Counts[p.Kind] }

func (p FoundPage) stateValue() string {
	switch p.State {
	case models.FoundOpen:
		return ""
	case "":
		return foundAll
	}
	return p.State
}

func (p FoundPage) kindValue() string {
	if p.Kind == models.ImportSystem {
		return p.Kind
	}
	return ""
}

func (p FoundPage) stateOptions() []Option {
	n := p.counts()
	claimed := "Claimed"
	if p.Kind == models.ImportSystem {
		claimed = "In the catalogue"
	}
	return []Option{
		{Value: models.FoundClaimed, Label: claimed + " (" + Count(n[models.FoundClaimed]) + ")"},
		{Value: models.FoundDismissed, Label: "Dismissed (" + Count(n[models.FoundDismissed]) + ")"},
		{Value: foundAll, Label: "All (" + Count(n[""]) + ")"},
	}
}

// Href is the list with these filters.
func (p FoundPage) Href(pairs ...string) string {
	return HrefWith("/agents/found", append([]string{"kind", p.kindValue(), "state", p.stateValue(), "file", p.File, "q", p.Search}, pairs...)...)
}

func (p FoundPage) tabs() []Tab {
	return []Tab{
		{Label: "Agents", Href: "/agents/found", Active: p.Kind == models.ImportAgent, Count: p.Counts[models.ImportAgent][models.FoundOpen]},
		{Label: "Systems", Href: "/agents/found?kind=system", Active: p.Kind == models.ImportSystem, Count: p.Counts[models.ImportSystem][models.FoundOpen]},
	}
}

func (p FoundPage) chips() []Chip {
	var chips []Chip
	if p.Search != "" {
		x := p
		x.Search = ""
		chips = append(chips, Chip{"Has “" + p.Search + "”", x.Href()})
	}
	if p.State != models.FoundOpen {
		x := p
		x.State = models.FoundOpen
		chips = append(chips, Chip{"State: " + or(p.State, "all"), x.Href()})
	}
	if p.File != "" {
		x := p
		x.File = ""
		chips = append(chips, Chip{"In “" + p.File + "”", x.Href()})
	}
	return chips
}

func (p FoundPage) clear() string {
	if len(p.chips()) > 1 {
		return HrefWith("/agents/found", "kind", p.kindValue())
	}
	return ""
}

func (p FoundPage) lead() string {
	if p.Kind == models.ImportSystem {
		return "Systems that imported files and configurations name, and that the catalogue does not have. No scope can be written for them before they are in it."
	}
	return "Agents that imported files and configurations name, and for which nobody answers here. Each waits for the business owner whose agent it is."
}

func (p FoundPage) columns() []Column {
	waits := "Claim by"
	if p.State != models.FoundOpen {
		waits = "What became of it"
	} else if p.Kind == models.ImportSystem {
		waits = "State"
	}
	cols := []Column{{Label: p.noun(true)}, {Label: "How and where"}, {Label: "Last seen"}, {Label: waits}}
	if p.acts() {
		cols = append(cols, Column{Label: "What to do", Hidden: true})
	}
	return cols
}

// acts says whether the viewer may do something with what is shown.
func (p FoundPage) acts() bool { return p.May.Claim || p.May.Dismiss }

// Noun is what the page lists, in the plural.
func (p FoundPage) Noun() string { return p.noun(false) }

func (p FoundPage) noun(capital bool) string {
	switch {
	case p.Kind == models.ImportSystem && capital:
		return "System"
	case p.Kind == models.ImportSystem:
		return "systems"
	case capital:
		return "Agent"
	}
	return "agents"
}

// said is what is read out when the list was searched again.
func (p FoundPage) said() string {
	if len(p.Rows) == 0 {
		return "Nothing found"
	}
	return p.Pager.text()
}

func (p FoundPage) empty() EmptyProps {
	switch {
	case len(p.chips()) > 0:
		return EmptyProps{Title: "Nothing is like that", Text: "None of the " + Count(p.counts()[""]) + " " + p.noun(false) + " that were found fits the filter.",
			Href: HrefWith("/agents/found", "kind", p.kindValue()), Action: "Show what waits"}
	case p.Kind == models.ImportSystem:
		return EmptyProps{Title: "No system waits", Text: "Every system that an imported file names is in the catalogue, or was dismissed. What is imported next may name more."}
	case p.May.Claim:
		return EmptyProps{Title: "No agent waits to be claimed", Text: "Every agent that an imported file names is registered here, or was dismissed. To find more, import files that name other agents: crews, agent definitions, client configurations.",
			Href: "/agents/import", Action: "Import files"}
	}
	return EmptyProps{Title: "No agent waits to be claimed", Text: "Every agent that an imported file names is registered here, or was dismissed. When business owners import files that name others, they are shown here."}
}

func (r FoundRow) href() string { return "/agents/found/" + r.ID }

func (r FoundRow) system() bool { return r.Kind == models.ImportSystem }

func (r FoundRow) waits() bool { return r.State == models.FoundOpen }

// word is the row's state as a mark says it.
func (r FoundRow) word() string {
	switch {
	case r.State == models.FoundClaimed && r.system():
		return "added"
	case r.State == models.FoundOpen && r.system():
		return "not added"
	case r.State == models.FoundOpen:
		return "not registered"
	}
	return r.State
}

func (r FoundRow) times() string {
	if r.Times == 1 {
		return "seen once"
	}
	return "seen " + Count(r.Times) + " times"
}

// addHref leads to the form that adds the system, with its name.
func (r FoundRow) addHref() string { return HrefWith("/systems/new", "name", r.Name) }

func (r FoundRow) dismissLabel() string {
	if r.system() {
		return "Not a system of ours"
	}
	return "Not an agent of ours"
}

func (f FoundRecord) kicker() string {
	if f.system() {
		return "Found, not in the catalogue"
	}
	return "Found, not registered"
}

func (f FoundRecord) crumbs(last string) []Crumb {
	list := Crumb{"Found, not registered", "/agents/found"}
	if f.system() {
		list.Href += "?kind=system"
	}
	if last == "" {
		return []Crumb{{"Agents", "/agents"}, list, {f.Name, ""}}
	}
	return []Crumb{{"Agents", "/agents"}, list, {f.Name, f.href()}, {last, ""}}
}

func (f FoundRecord) facts() []SummaryRow {
	rows := []SummaryRow{
		{Key: "How it is named", Value: upperFirst(f.How), Hole: "the file does not say"},
		{Key: "Where", Body: foundWhere(f.FoundRow)},
		{Key: "Address", Value: f.URL, Hole: "nobody said where it answers"},
		{Key: "Brought in by", Body: PersonName(or(f.SeenBy, "Countersign"), f.SeenByTeam, "")},
		{Key: "First seen", Body: When(f.First, f.Now)},
		{Key: "Last seen", Body: foundLast(f.FoundRow, f.Now)},
	}
	if !f.Due.IsZero() {
		rows = append(rows, SummaryRow{Key: "To be claimed by", Body: Due(f.Due, f.Now)})
	}
	return rows
}

// became is what the record says of a row that is no longer open.
func (r FoundRow) became() string {
	switch {
	case r.State == models.FoundDismissed:
		return "Dismissed"
	case r.system():
		return "It is in the catalogue"
	}
	return "It is claimed"
}
