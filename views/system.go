package views

import (
	"time"

	"countersign/models"
)

// SystemsPage is the catalogue's list.
type SystemsPage struct {
	SystemFilter
	Systems        []SystemRow
	Teams          []models.Team
	Counts         SystemCounts
	Previous, Next string
	May            bool // the viewer is an administrator
}

// SystemFilter is what the list is asked for, as its address says.
type SystemFilter struct {
	Search, Kind, Sensitivity, Team, Access, Effect, State string
}

// SystemCounts are how many systems there would be under each value of each filter.
type SystemCounts struct {
	Total                                                  int
	Kinds, Sensitivities, Teams, Accesses, Effects, States map[string]int
}

// Pairs are the filter as an address has it.
func (f SystemFilter) Pairs() []string {
	return []string{"q", f.Search, "kind", f.Kind, "sensitivity", f.Sensitivity, "team", f.Team, "access", f.Access, "effect", f.Effect, "state", f.State}
}

// SystemStates are those of systems and operations.
var SystemStates = []models.Choice{{Value: "active", Words: "In use"}, {Value: "retired", Words: "Retired"}}

func (p SystemsPage) teams() []Option {
	return counted(teamOptions(p.Teams), p.Counts.Teams, p.Team)
}

// SystemRow is one of them.
type SystemRow struct {
	models.System
	Team       string
	Operations int
}

func (p SystemsPage) chips() []Chip {
	team := ""
	for _, t := range p.Teams {
		if t.ID == p.Team {
			team = t.Name
		}
	}
	without := func(name string) string {
		pairs := p.Pairs()
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				pairs[i+1] = ""
			}
		}
		return HrefWith("/systems", pairs...)
	}
	var out []Chip
	add := func(name, value, words string) {
		if value != "" {
			out = append(out, Chip{words, without(name)})
		}
	}
	add("q", p.Search, "Contains “"+p.Search+"”")
	add("kind", p.Kind, models.WordsOf(models.SystemKinds, p.Kind))
	add("sensitivity", p.Sensitivity, "Data: "+models.WordsOf(models.Sensitivities, p.Sensitivity))
	add("team", p.Team, "Looked after by "+team)
	add("access", p.Access, "Access: "+models.WordsOf(models.Accesses, p.Access))
	add("effect", p.Effect, upperFirst(models.WordsOf(models.Effects, p.Effect)))
	add("state", p.State, "Retired")
	return out
}

// SystemPage is one system.
type SystemPage struct {
	models.System
	Team       models.Team
	Custodians []models.Party
	Operations []models.Operation // one page of them
	Filter     OperationFilter
	Counts     OperationCounts
	Previous   string
	Next       string
	Secrets    []models.SecretRef
	Uses       []LiveRow // in force, as far as the viewer may see
	UsesMore   bool
	May        bool // the viewer is an administrator, and the system in use
	Stop       *StopProps
	Stopped    *StopLine // while it is stopped
	Now        time.Time
}

func (p SystemPage) href(more string) string { return "/systems/" + p.ID + more }

// OperationFilter is what a system's operations are asked for, as its address says.
type OperationFilter struct{ Search, Access, Effect, State string }

// OperationCounts are how many operations there would be under each value of each filter.
type OperationCounts struct {
	Total, All                int
	Accesses, Effects, States map[string]int
}

func (f OperationFilter) on() bool { return f != OperationFilter{} }

// filtered says that the list has more than one page, or was narrowed: then it can be.
func (p SystemPage) filtered() bool {
	return p.Filter.on() || p.Previous != "" || p.Next != "" || p.Counts.All > 20
}

func (p SystemPage) tabs(active string) []Tab {
	return []Tab{{Label: "Overview", Href: p.href(""), Active: active == ""}, {Label: "History", Href: p.href("/history"), Active: active == "history"}}
}

func (p SystemPage) state() string {
	if p.State == "active" {
		return ""
	}
	return p.State
}

func (p SystemPage) usesTitle() string {
	n := len(p.Uses)
	switch {
	case p.UsesMore:
		return "More than " + Count(n) + " capabilities in force reach it, of those that you may see"
	case n == 0:
		return "No capability in force that you may see reaches it."
	case n == 1:
		return "1 capability in force reaches it, of those that you may see"
	}
	return Count(n) + " capabilities in force reach it, of those that you may see"
}

// accessWords is an access level as a column says it.
func accessWords(access string) string { return upperFirst(models.WordsOf(models.Accesses, access)) }

func effectWords(o models.Operation) []string {
	var out []string
	for _, e := range o.EffectList() {
		out = append(out, upperFirst(models.WordsOf(models.Effects, e)))
	}
	return out
}

// TierWord is the tier of a matrix row's rank, "" where it is not known yet.
func TierWord(rank int) string {
	if rank < 0 || rank >= len(models.Tiers) {
		return ""
	}
	return string(models.Tiers[rank])
}

// SystemForm adds or changes a system.
type SystemForm struct {
	ID     string // "" for a new one
	Was    string // its name as it is now
	Typed  models.System
	Now    *models.System // what is there now, where somebody else changed it meanwhile
	Teams  []models.Team
	Moves  CatalogueMoves
	Keys   FormKeys
	Errors Errors
}

// asksCustodianText is whether those who look after the system have to sign.
func asksCustodianText(s models.System) string {
	if s.AsksCustodian == 1 {
		return "One has to come from this team, with a passkey, for whatever reaches the system."
	}
	return "As the tier asks; none has to come from this team."
}

// asks is the box that is ticked.
func (f SystemForm) asks() []string {
	if f.Typed.AsksCustodian == 1 {
		return []string{"yes"}
	}
	return nil
}

// now says what is there now, beside what was typed.
func (f SystemForm) now() []SummaryRow {
	team := ""
	for _, t := range f.Teams {
		if t.ID == f.Now.CustodianTeamID {
			team = t.Name
		}
	}
	return []SummaryRow{
		{Key: "Name", Value: f.Now.Name}, {Key: "Kind", Value: models.WordsOf(models.SystemKinds, f.Now.Kind)},
		{Key: "Data", Value: models.WordsOf(models.Sensitivities, f.Now.Sensitivity)}, {Key: "Looked after by", Value: team},
		{Key: "Sign-offs", Value: asksCustodianText(*f.Now)},
		{Key: "What it is", Value: f.Now.Description, Hole: "not described"},
	}
}

func (f SystemForm) action() string {
	if f.ID == "" {
		return "/systems"
	}
	return "/systems/" + f.ID
}

func (f SystemForm) cancel() string { return f.action() }

// OperationForm adds or changes an operation of a system.
type OperationForm struct {
	System  models.System
	ID      string // "" for a new one
	Was     string
	Typed   models.Operation
	Effects []string
	Now     *models.Operation // what is there now, where somebody else changed it meanwhile
	Moves   CatalogueMoves
	Keys    FormKeys
	Errors  Errors
}

func (f OperationForm) now() []SummaryRow {
	return []SummaryRow{
		{Key: "What it does", Value: f.Now.Title}, {Key: "Name", Value: f.Now.Name}, {Key: "Access", Value: accessWords(f.Now.Access)},
		{Key: "Effects", Values: effectWords(*f.Now), Hole: "none"},
	}
}

func (f OperationForm) action() string {
	if f.ID == "" {
		return "/systems/" + f.System.ID + "/operations"
	}
	return "/systems/" + f.System.ID + "/operations/" + f.ID
}

// CatalogueMoves is what a change would move if it were signed anew, shown before it is saved.
// Seal stands for what was looked at; a form that comes back with it was seen.
type CatalogueMoves struct {
	Total, Up int
	More      bool // more reach the system than were looked at
	Seen      []MovedRow
	Seal      string
}

// MovedRow is one that the viewer may see: what was signed, and what it would be.
type MovedRow struct {
	LiveRow
	Would models.Tier
}

func (m CatalogueMoves) title() string {
	n := Counted(m.Total, "capability", "capabilities")
	if m.More {
		n = "At least " + n
	}
	return n + " in force would come out at another tier if signed anew"
}

func (m CatalogueMoves) text() string {
	if m.Up == 0 {
		return "None of them would rise. Nothing that is in force changes; each takes what you save with its next version."
	}
	return Counted(m.Up, "would rise", "would rise") + ". Nothing that is in force changes: each keeps the tier that was signed until its next version. The owners of those that would rise are told."
}

func (m CatalogueMoves) rest() string {
	n := m.Total - len(m.Seen)
	switch {
	case n == 0:
		return ""
	case len(m.Seen) == 0:
		return "Which ones is for their people, their teams and the auditors to see."
	}
	return Counted(n, "other is", "others are") + " not listed here."
}

// saveLabel is the button's: after the check, saving is a second word.
func (m CatalogueMoves) saveLabel() string {
	if m.Total > 0 {
		return "Save it all the same"
	}
	return "Save"
}

// accessOptions say what each level means.
var accessOptions = []Option{
	{Value: "list", Label: "List", Hint: "Sees that things are there: names, numbers."},
	{Value: "read", Label: "Read", Hint: "Reads what is in them."},
	{Value: "write", Label: "Write", Hint: "Makes, changes or deletes."},
	{Value: "permissions", Label: "Change permissions", Hint: "Changes who may do what."},
	{Value: "unknown", Label: "Not known", Hint: "Counts as the highest until somebody finds out."},
}

// SecretForm adds a reference to a standing secret.
type SecretForm struct {
	System models.System
	Typed  models.SecretRef
	Keys   FormKeys
	Errors Errors
}

// RetirePage asks before something is taken out of the catalogue.
type RetirePage struct {
	System models.System
	What   string // "the operation issues.write"
	Says   []string
	Action string
	Keys   FormKeys
	Errors Errors
}

func systemCrumbs(s models.System, here string) []Crumb {
	return []Crumb{{"Systems", "/systems"}, {s.Name, "/systems/" + s.ID}, {here, ""}}
}
