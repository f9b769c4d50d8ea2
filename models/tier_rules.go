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
	// MostPerPerson is for how many capabilities, in force or on their way, one person may
	// hold one of the three accepted roles; 0 for any number. What approvers signed is not
	// counted: they are asked as a pool.
	MostPerPerson int `json:"most_per_person,omitempty"`
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
		MostPerPerson:       50,
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
	if r.MostPerPerson < 0 || r.MostPerPerson > 1_000_000 {
		p.add("most_per_person", "Enter a whole number, or 0 for no limit.")
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
	_, loosened := r.Compare(old)
	return loosened
}

// Compare lists, in words, what the new rules ask more of than the old ones, and
// what they ask less of.
func (r TierRules) Compare(old TierRules) (tightened, loosened []string) {
	say := func(stricter int, format string, args ...any) {
		switch {
		case stricter > 0:
			tightened = append(tightened, fmt.Sprintf(format, args...))
		case stricter < 0:
			loosened = append(loosened, fmt.Sprintf(format, args...))
		}
	}
	for _, a := range Accesses {
		for _, s := range Sensitivities {
			was, is := old.Reach[a.Value][s.Value], r.Reach[a.Value][s.Value]
			say(is.Rank()-was.Rank(), "%s on %s data: %s (was %s)", a.Words, s.Value, is, was)
		}
	}
	for _, e := range Effects {
		was, is := old.Effects[e.Value], r.Effects[e.Value]
		say(is.Rank()-was.Rank(), "what %s: %s (was %s)", e.Words, is, was)
	}
	say(r.Alone.Rank()-old.Alone.Rank(), "writing without asking: %s (was %s)", r.Alone, old.Alone)
	say(r.Spanning.Rank()-old.Spanning.Rank(), "spanning production and another environment: %s (was %s)", r.Spanning, old.Spanning)
	say(old.IrreversibleAtScale-r.IrreversibleAtScale, "irreversible at scale from %d actions a day (was %d)", r.IrreversibleAtScale, old.IrreversibleAtScale)
	say(rarity(old.MostPerPerson)-rarity(r.MostPerPerson), "one person answers for %s (was: %s)", MostWords(r.MostPerPerson), MostWords(old.MostPerPerson))
	for _, t := range Tiers {
		is, was := r.Asks[t], old.Asks[t]
		say(is.Approvers-was.Approvers, "%s: %s (was %d)", t, count(is.Approvers, "approver"), was.Approvers)
		say(toInt(is.Apart)-toInt(was.Apart), "%s: approvers %s", t, map[bool]string{true: "of different teams", false: "may be of one team"}[is.Apart])
		say(toInt(is.FreshSignIn)-toInt(was.FreshSignIn), "%s: %s", t, map[bool]string{true: "a fresh sign-in", false: "no fresh sign-in"}[is.FreshSignIn])
		say(was.LifetimeMinutes-is.LifetimeMinutes, "%s: credentials live %s (was %d)", t, count(is.LifetimeMinutes, "minute"), was.LifetimeMinutes)
		say(was.ReviewDays-is.ReviewDays, "%s: reviewed every %s (was %d)", t, count(is.ReviewDays, "day"), was.ReviewDays)
		say(was.GraceDays-is.GraceDays, "%s: a missed review holds after %s (was %d)", t, count(is.GraceDays, "day"), was.GraceDays)
		say(rarity(was.DrillDays)-rarity(is.DrillDays), "%s: %s (was: %s)", t, drill(is.DrillDays), drill(was.DrillDays))
	}
	return tightened, loosened
}

// rarity orders how far drills are apart: no drill is the farthest.
func rarity(days int) int {
	if days == 0 {
		return 1 << 30
	}
	return days
}

// MostWords say for how many capabilities one person may answer.
func MostWords(n int) string {
	switch n {
	case 0:
		return "any number of capabilities"
	case 1:
		return "1 capability at most"
	}
	return itoa(n) + " capabilities at most"
}

func drill(days int) string {
	if days == 0 {
		return "no drill"
	}
	return "a drill every " + count(days, "day")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return itoa(n) + " " + noun + "s"
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
