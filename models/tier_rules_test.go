package models

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// changed are the standard rules with one thing changed.
func changedRules(change func(*TierRules)) TierRules {
	r := parseBody[TierRules](canonical(StandardRules())) // a copy, its maps too
	change(&r)
	return r
}

func ask(t Tier, change func(*Ask)) func(*TierRules) {
	return func(r *TierRules) {
		a := r.Asks[t]
		change(&a)
		r.Asks[t] = a
	}
}

// TestStandardRulesAreTheDesigns is section 3's table, written out.
func TestStandardRulesAreTheDesigns(t *testing.T) {
	r := StandardRules()
	require.NoError(t, r.Check())
	require.Equal(t, map[Tier]Ask{
		"low":      {1, false, false, 60, 365, 30, 0},
		"moderate": {1, false, false, 30, 180, 14, 91},
		"high":     {2, false, true, 15, 90, 7, 30},
		"critical": {2, true, true, 5, 30, 0, 7},
	}, r.Asks)
}

// TestTheSeparationIsNoSetting: rules that say less are refused, where they were typed.
func TestTheSeparationIsNoSetting(t *testing.T) {
	for field, change := range map[string]func(*TierRules){
		"approvers-low":                  ask(Low, func(a *Ask) { a.Approvers = 0 }),
		"approvers-high":                 ask(High, func(a *Ask) { a.Approvers = 1 }),
		"approvers-critical":             ask(Critical, func(a *Ask) { a.Approvers = 6 }),
		"apart-critical":                 ask(Critical, func(a *Ask) { a.Apart = false }),
		"fresh-high":                     ask(High, func(a *Ask) { a.FreshSignIn = false }),
		"fresh-critical":                 ask(Critical, func(a *Ask) { a.FreshSignIn = false }),
		"lifetime-moderate":              ask(Moderate, func(a *Ask) { a.LifetimeMinutes = 61 }),
		"review-low":                     ask(Low, func(a *Ask) { a.ReviewDays = 0 }),
		"grace-low":                      ask(Low, func(a *Ask) { a.GraceDays = -1 }),
		"drill-low":                      ask(Low, func(a *Ask) { a.DrillDays = 366 }),
		"reach-unknown-public":           func(r *TierRules) { r.Reach["unknown"]["public"] = High },
		"reach-read-restricted":          func(r *TierRules) { r.Reach["read"]["restricted"] = "some" },
		"effect-outbound-payment":        func(r *TierRules) { delete(r.Effects, "outbound-payment") },
		"alone":                          func(r *TierRules) { r.Alone = "" },
		"spanning":                       func(r *TierRules) { r.Spanning = "wide" },
		"irreversible_at_scale":          func(r *TierRules) { r.IrreversibleAtScale = 0 },
		"reach-permissions-public":       func(r *TierRules) { r.Reach["permissions"] = nil },
		"reach-list-confidential":        func(r *TierRules) { r.Reach["list"]["confidential"] = "" },
		"effect-sensitive-records":       func(r *TierRules) { r.Effects["sensitive-records"] = "" },
		"lifetime-critical":              ask(Critical, func(a *Ask) { a.LifetimeMinutes = 0 }),
		"effect-irreversible":            func(r *TierRules) { r.Effects["irreversible"] = "rather" },
		"effect-modifies-infrastructure": func(r *TierRules) { r.Effects = nil },
	} {
		t.Run(field, func(t *testing.T) {
			err := changedRules(change).Check()
			var e *Error
			require.True(t, errors.As(err, &e), "%v", err)
			require.Equal(t, Invalid, e.Code)
			var fields []string
			for _, f := range e.Fields {
				fields = append(fields, f.Field)
				require.NotEmpty(t, f.Message)
			}
			require.Contains(t, fields, field)
		})
	}
}

// TestWhatLoosensTakesTwo: everything that can be asked less of is said, and its
// opposite is no loosening.
func TestWhatLoosensTakesTwo(t *testing.T) {
	for name, change := range map[string]func(*TierRules){
		"a lower reach":         func(r *TierRules) { r.Reach["read"]["restricted"] = Moderate },
		"a lower effect":        func(r *TierRules) { r.Effects["irreversible"] = Moderate },
		"alone":                 func(r *TierRules) { r.Alone = Low },
		"spanning":              func(r *TierRules) { r.Spanning = Low },
		"a larger scale":        func(r *TierRules) { r.IrreversibleAtScale = 101 },
		"longer credentials":    ask(Critical, func(a *Ask) { a.LifetimeMinutes = 6 }),
		"rarer reviews":         ask(High, func(a *Ask) { a.ReviewDays = 91 }),
		"a longer grace":        ask(Critical, func(a *Ask) { a.GraceDays = 1 }),
		"rarer drills":          ask(Critical, func(a *Ask) { a.DrillDays = 8 }),
		"no drills":             ask(Critical, func(a *Ask) { a.DrillDays = 0 }),
		"one looser, one tight": func(r *TierRules) { r.Alone, r.Spanning = Low, Critical },
	} {
		t.Run(name, func(t *testing.T) {
			looser := changedRules(change)
			require.NotEmpty(t, looser.Loosened(StandardRules()))
			tightened, _ := StandardRules().Compare(looser)
			require.NotEmpty(t, tightened, "the way back tightens")
		})
	}
	for name, c := range map[string]struct{ strict, loose func(*TierRules) }{
		"fewer approvers":  {ask(High, func(a *Ask) { a.Approvers = 3 }), ask(High, func(a *Ask) { a.Approvers = 2 })},
		"of one team":      {ask(High, func(a *Ask) { a.Apart = true }), ask(High, func(a *Ask) { a.Apart = false })},
		"no fresh sign-in": {ask(Low, func(a *Ask) { a.FreshSignIn = true }), ask(Low, func(a *Ask) { a.FreshSignIn = false })},
	} {
		t.Run(name, func(t *testing.T) {
			strict, loose := changedRules(c.strict), changedRules(c.loose)
			require.NotEmpty(t, loose.Loosened(strict))
			require.Empty(t, strict.Loosened(loose))
		})
	}
	require.Empty(t, StandardRules().Loosened(StandardRules()))
}
