package models

import "fmt"

// TierRules are the settings from which a tier follows, and what each tier asks.
type TierRules struct {
	// Reach is the tier of an access level (rows) on data of a sensitivity (columns).
	Reach map[string]map[string]Tier `json:"reach"`
	// Effects is the least tier of an operation with the effect.
	Effects map[string]Tier `json:"effects"`
	// Alone is the least tier of a capability that writes without asking a person first.
	Alone Tier `json:"alone"`
	// IrreversibleAtScale is the number of actions a day from which something
	// irreversible done without asking is critical.
	IrreversibleAtScale int `json:"irreversible_at_scale"`
	// Spanning is the least tier of an agent that spans production and another environment.
	Spanning Tier         `json:"spanning"`
	Asks     map[Tier]Ask `json:"asks"`
}

// Ask is what a tier asks.
type Ask struct {
	Approvers       int  `json:"approvers"`
	Apart           bool `json:"apart"`            // of different teams
	FreshSignIn     bool `json:"fresh_sign_in"`    // until passkeys
	LifetimeMinutes int  `json:"lifetime_minutes"` // of a credential, at most
	ReviewDays      int  `json:"review_days"`
	GraceDays       int  `json:"grace_days"` // a missed review holds after
	DrillDays       int  `json:"drill_days"` // answerability drill per person; 0 for none
}

// StandardRules are the rules that a new installation starts with (DESIGN, section 3).
func StandardRules() TierRules {
	row := func(p, i, c, r Tier) map[string]Tier {
		return map[string]Tier{"public": p, "internal": i, "confidential": c, "restricted": r}
	}
	return TierRules{
		Reach: map[string]map[string]Tier{
			"list":        row(Low, Low, Low, Moderate),
			"read":        row(Low, Low, Moderate, High),
			"write":       row(Moderate, Moderate, High, High),
			"permissions": row(Critical, Critical, Critical, Critical),
			"unknown":     row(Critical, Critical, Critical, Critical),
		},
		Effects: map[string]Tier{
			"outbound-payment": Critical, "modifies-infrastructure": High, "sensitive-records": High, "irreversible": High,
		},
		Alone:               Moderate,
		IrreversibleAtScale: 100,
		Spanning:            Moderate,
		Asks: map[Tier]Ask{
			Low:      {Approvers: 1, LifetimeMinutes: 60, ReviewDays: 365, GraceDays: 30},
			Moderate: {Approvers: 1, LifetimeMinutes: 30, ReviewDays: 180, GraceDays: 14, DrillDays: 91},
			High:     {Approvers: 2, FreshSignIn: true, LifetimeMinutes: 15, ReviewDays: 90, GraceDays: 7, DrillDays: 30},
			Critical: {Approvers: 2, Apart: true, FreshSignIn: true, LifetimeMinutes: 5, ReviewDays: 30, GraceDays: 0, DrillDays: 7},
		},
	}
}

// Rules is the parsed body.
func (t TierRulesRow) Rules() TierRules { return parseBody[TierRules](t.Body) }

// Check refuses rules that no database row could follow, or that say less than
// the separation asks: those bounds are rules, not settings.
func (r TierRules) Check() error {
	var p problems
	for _, a := range Accesses {
		for _, s := range Sensitivities {
			if r.Reach[a.Value][s.Value].Rank() < 0 {
				p.add("reach-"+a.Value+"-"+s.Value, "Choose a tier.")
			}
		}
	}
	for _, s := range Sensitivities {
		for _, lower := range []string{"list", "read", "write", "permissions"} {
			if r.Reach["unknown"][s.Value].Rank() < r.Reach[lower][s.Value].Rank() {
				p.add("reach-unknown-"+s.Value, "Unknown access counts as the highest: choose at least the tier of every other access.")
				break
			}
		}
	}
	for _, e := range Effects {
		if r.Effects[e.Value].Rank() < 0 {
			p.add("effect-"+e.Value, "Choose a tier.")
		}
	}
	if r.Alone.Rank() < 0 {
		p.add("alone", "Choose a tier.")
	}
	if r.Spanning.Rank() < 0 {
		p.add("spanning", "Choose a tier.")
	}
	if r.IrreversibleAtScale < 1 {
		p.add("irreversible_at_scale", "Enter a number of at least 1.")
	}
	for _, t := range Tiers {
		a, at := r.Asks[t], string(t)
		least := 1
		if t == High || t == Critical {
			least = 2
		}
		if a.Approvers < least || a.Approvers > 5 {
			p.add("approvers-"+at, "Enter a number between %d and 5.", least)
		}
		if t == Critical && !a.Apart {
			p.add("apart-"+at, "At critical the approvers are always of different teams.")
		}
		if (t == High || t == Critical) && !a.FreshSignIn {
			p.add("fresh-"+at, "At high and critical a fresh sign-in is always asked for.")
		}
		if a.LifetimeMinutes < 1 || a.LifetimeMinutes > 60 {
			p.add("lifetime-"+at, "Enter a number of minutes between 1 and 60.")
		}
		if a.ReviewDays < 1 || a.ReviewDays > 365 {
			p.add("review-"+at, "Enter a number of days between 1 and 365.")
		}
		if a.GraceDays < 0 || a.GraceDays > 90 {
			p.add("grace-"+at, "Enter a number of days between 0 and 90.")
		}
		if a.DrillDays < 0 || a.DrillDays > 365 {
			p.add("drill-"+at, "Enter a number of days between 0 and 365.")
		}
	}
	return p.err()
}

// Loosened lists, in words, what the new rules ask less of than the old ones.
// Empty means that one administrator may set them alone.
func (r TierRules) Loosened(old TierRules) []string {
	var out []string
	say := func(looser bool, format string, args ...any) {
		if looser {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	for _, a := range Accesses {
		for _, s := range Sensitivities {
			was, is := old.Reach[a.Value][s.Value], r.Reach[a.Value][s.Value]
			say(is.Rank() < was.Rank(), "%s on %s data: %s (was %s)", a.Words, s.Value, is, was)
		}
	}
	for _, e := range Effects {
		was, is := old.Effects[e.Value], r.Effects[e.Value]
		say(is.Rank() < was.Rank(), "what %s: %s (was %s)", e.Words, is, was)
	}
	say(r.Alone.Rank() < old.Alone.Rank(), "writing without asking: %s (was %s)", r.Alone, old.Alone)
	say(r.Spanning.Rank() < old.Spanning.Rank(), "spanning production and another environment: %s (was %s)", r.Spanning, old.Spanning)
	say(r.IrreversibleAtScale > old.IrreversibleAtScale, "irreversible at scale from %d actions a day (was %d)", r.IrreversibleAtScale, old.IrreversibleAtScale)
	for _, t := range Tiers {
		is, was := r.Asks[t], old.Asks[t]
		say(is.Approvers < was.Approvers, "%s: %d approvers (was %d)", t, is.Approvers, was.Approvers)
		say(!is.Apart && was.Apart, "%s: approvers may be of one team", t)
		say(!is.FreshSignIn && was.FreshSignIn, "%s: no fresh sign-in", t)
		say(is.LifetimeMinutes > was.LifetimeMinutes, "%s: credentials live %d minutes (was %d)", t, is.LifetimeMinutes, was.LifetimeMinutes)
		say(is.ReviewDays > was.ReviewDays, "%s: reviewed every %d days (was %d)", t, is.ReviewDays, was.ReviewDays)
		say(is.GraceDays > was.GraceDays, "%s: a missed review holds after %d days (was %d)", t, is.GraceDays, was.GraceDays)
		say(is.DrillDays > was.DrillDays && was.DrillDays > 0 || is.DrillDays == 0 && was.DrillDays > 0, "%s: drill every %d days (was %d)", t, is.DrillDays, was.DrillDays)
	}
	return out
}
