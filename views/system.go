package views

import (
	"time"

	"countersign/models"
)

// SystemsPage is the catalogue's list.
type SystemsPage struct {
	Systems                          []SystemRow
	Search, Kind, Sensitivity, State string
	Previous, Next                   string
	May                              bool // the viewer is an administrator
}

// SystemRow is one of them.
type SystemRow struct {
	models.System
	Team       string
	Operations int
}

func (p SystemsPage) href(search, kind, sensitivity, state string) string {
	return HrefWith("/systems", "q", search, "kind", kind, "sensitivity", sensitivity, "state", state)
}

func (p SystemsPage) chips() []Chip {
	var out []Chip
	if p.Search != "" {
		out = append(out, Chip{"Contains “" + p.Search + "”", p.href("", p.Kind, p.Sensitivity, p.State)})
	}
	if p.Kind != "" {
		out = append(out, Chip{models.WordsOf(models.SystemKinds, p.Kind), p.href(p.Search, "", p.Sensitivity, p.State)})
	}
	if p.Sensitivity != "" {
		out = append(out, Chip{"Data: " + models.WordsOf(models.Sensitivities, p.Sensitivity), p.href(p.Search, p.Kind, "", p.State)})
	}
	if p.State != "" {
		out = append(out, Chip{"Retired", p.href(p.Search, p.Kind, p.Sensitivity, "")})
	}
	return out
}

// SystemPage is one system.
type SystemPage struct {
	models.System
	Team       models.Team
	Custodians []models.Party
	Operations []models.Operation
	Secrets    []models.SecretRef
	Uses       []LiveRow // in force, as far as the viewer may see
	UsesMore   bool
	May        bool // the viewer is an administrator, and the system in use
	Now        time.Time
}

func (p SystemPage) href(more string) string { return "/systems/" + p.ID + more }

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
	Keys   FormKeys
	Errors Errors
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
