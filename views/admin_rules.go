package views

import (
	"strconv"
	"time"

	"countersign/models"
)

// TierRulesPage is the tier rules: in force, proposed, and how they came about.
type TierRulesPage struct {
	Row      models.TierRulesRow // in force
	Proposed *RulesProposal
	Versions []RulesVersion
	May      bool // the viewer is an administrator
	Errors   Errors
	Now      time.Time
}

// RulesProposal is a version that waits for a second administrator.
type RulesProposal struct {
	Row        models.TierRulesRow
	By         models.Party
	Tightens   []string
	Loosens    []string
	Why        string // why the viewer may not confirm it; "" when they may
	Confirm    FormKeys
	Withdrawal FormKeys
}

func (p RulesProposal) href(act string) string { return "/admin/tier-rules/" + p.Row.ID + act }

// RulesVersion is one version in the list of them.
type RulesVersion struct {
	Row         models.TierRulesRow
	By, Decider models.Party // zero: Countersign itself; nobody
}

func rulesNo(row models.TierRulesRow) string { return strconv.Itoa(row.No) }

// rulesState is how far a version of the rules is, in the words of a state.
func rulesState(state string) string {
	switch state {
	case models.RulesActive:
		return "active"
	case models.RulesProposed:
		return "waiting"
	}
	return state
}

// RulesVersionPage is one version of the rules.
type RulesVersionPage struct {
	RulesVersion
	Now time.Time
}

// RulesForm is the rules as typed: form field → answer.
type RulesForm struct {
	Values map[string]string
	Shown  string // the id of the rules that the form was filled from
	Keys   FormKeys
	Errors Errors
}

// summary says of each error which of the many fields it is about.
func (f RulesForm) summary() []FieldError {
	about := map[string]string{"alone": "Writes without asking", "spanning": "Spans environments", "irreversible_at_scale": "Irreversible at scale", "most_per_person": "For one person"}
	for _, a := range models.Accesses {
		for _, s := range models.Sensitivities {
			about[reachField(a.Value, s.Value)] = upperFirst(a.Words) + " on " + s.Value + " data"
		}
	}
	for _, e := range models.Effects {
		about[effectField(e.Value)] = upperFirst(e.Words)
	}
	for _, q := range rulesAsks {
		for _, t := range models.Tiers {
			about[askField(q.Field, t)] = q.Label + " at " + string(t)
		}
	}
	out := make([]FieldError, len(f.Errors))
	for i, e := range f.Errors {
		out[i] = e
		if about[e.Field] != "" {
			out[i].Message = about[e.Field] + ": " + e.Message
		}
	}
	return out
}

// RulesPreview is what new rules would change.
type RulesPreview struct {
	Rules    models.TierRules
	Tightens []string
	Loosens  []string
	Reason   string
	Keys     FormKeys // with every field of the form
	Errors   Errors
}

// The names of the form's fields; models.TierRules.Check names them as well.

func reachField(access, sensitivity string) string { return "reach-" + access + "-" + sensitivity }
func effectField(effect string) string             { return "effect-" + effect }
func askField(what string, t models.Tier) string   { return what + "-" + string(t) }

var tierOptions = func() []Option {
	var out []Option
	for _, t := range models.Tiers {
		out = append(out, Option{Value: string(t), Label: upperFirst(string(t))})
	}
	return out
}()

// rulesAsk is one question that the rules answer for each tier.
type rulesAsk struct {
	Label, Unit, Field, Hint string
	Tick                     bool // yes or no
	Say                      func(models.Ask) string
}

func (q rulesAsk) title() string {
	if q.Unit == "" {
		return q.Label
	}
	return q.Label + ", " + q.Unit
}

var rulesAsks = []rulesAsk{
	{Label: "Approvers", Field: "approvers", Say: func(a models.Ask) string { return strconv.Itoa(a.Approvers) }},
	{Label: "Of different teams", Field: "apart", Tick: true, Say: func(a models.Ask) string { return yesNo(a.Apart) }},
	{Label: "Fresh sign-in", Field: "fresh", Hint: "High and critical take a passkey as well, always", Tick: true, Say: func(a models.Ask) string { return yesNo(a.FreshSignIn) }},
	{Label: "Credential lives at most", Unit: "minutes", Field: "lifetime", Say: func(a models.Ask) string { return plural(a.LifetimeMinutes, "minute") }},
	{Label: "Review every", Unit: "days", Field: "review", Say: func(a models.Ask) string { return plural(a.ReviewDays, "day") }},
	{Label: "A missed review holds after", Unit: "days", Field: "grace", Hint: "0: at once", Say: func(a models.Ask) string {
		if a.GraceDays == 0 {
			return "at once"
		}
		return plural(a.GraceDays, "day")
	}},
	{Label: "Answerability drill every", Unit: "days", Field: "drill", Hint: "0: none", Say: func(a models.Ask) string {
		if a.DrillDays == 0 {
			return "none"
		}
		return plural(a.DrillDays, "day")
	}},
}

// AskFixed says what is no setting: at these tiers the separation itself asks it.
func AskFixed(field string, t models.Tier) bool {
	return field == "apart" && t == models.Critical || field == "fresh" && (t == models.High || t == models.Critical)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
