package store

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// rules has other tier rules in force: one administrator proposes them, and where
// they loosen another confirms.
func (h *house) rules(change func(*models.TierRules)) {
	h.t.Helper()
	r := h.admin("adam", AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) {
		rules := f.Rules.Rules()
		change(&rules)
		return f.ProposeRules(rules, "Tried")
	})
	if r.Outcome != "active" && len(rows[models.TierRulesRow](h.t, h, "no", "state = 'proposed'")) > 0 {
		h.admin("eve", AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(f.Other.ID) })
	}
}

func asking(tier models.Tier, change func(*models.Ask)) func(*models.TierRules) {
	return func(r *models.TierRules) {
		a := r.Asks[tier]
		change(&a)
		r.Asks[tier] = a
	}
}

// Each setting of the tier rules changes what happens. One that is added needs a
// case here, which fails when the setting does nothing.
func TestEverySettingDoesSomething(t *testing.T) {
	tried := cases{
		"Reach": func(t *testing.T, h *house) {
			h.rules(func(r *models.TierRules) { r.Reach["read"]["internal"] = models.High })
			_, version := h.reviewed("read")
			require.Equal(t, models.High, h.version(version).Tier)
		},
		"Effects": func(t *testing.T, h *house) {
			h.rules(func(r *models.TierRules) { r.Effects["modifies-infrastructure"] = models.Critical })
			_, version := h.reviewed("infra")
			require.Equal(t, models.Critical, h.version(version).Tier)
		},
		"Alone": func(t *testing.T, _ *house) {
			require.Equal(t, models.High, assessed(func(r *models.TierRules) { r.Alone = models.High }, 1))
		},
		"IrreversibleAtScale": func(t *testing.T, _ *house) {
			require.Equal(t, models.Critical, assessed(func(r *models.TierRules) { r.IrreversibleAtScale = 2 }, 2, "irreversible"))
			require.Equal(t, models.High, assessed(func(r *models.TierRules) { r.IrreversibleAtScale = 3 }, 2, "irreversible"))
		},
		"Spanning": func(t *testing.T, _ *house) {
			rules := models.StandardRules()
			rules.Spanning = models.High
			tier, _ := rules.Assess(task(), nil, []string{"production", "staging"}, "listed")
			require.Equal(t, models.High, tier)
		},
		"MostPerPerson": func(t *testing.T, h *house) {
			h.rules(func(r *models.TierRules) { r.MostPerPerson = 1 })
			h.live("write")
			capability, version := h.draft("write")
			h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			h.refusesOn(t, "anna", capability, models.Conflict, "accept.limit", "at most", func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, models.BusinessOwner, f.Open.Version.Digest)
			})
		},
		"Approvers": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.Approvers = 2 }))
			capability, version := h.reviewed("write")
			require.Empty(t, h.signs(t, "xena", capability, version).Outcome, "one is not enough")
			require.Equal(t, "live", h.signs(t, "yuri", capability, version).Outcome)
		},
		"Apart": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.Approvers, a.Apart = 2, true }))
			capability, version := h.reviewed("write")
			h.signs(t, "xena", capability, version)
			_, err := h.sign("zoe", capability, version) // of the same team
			require.Equal(t, "separation.team", models.RuleOf(err))
		},
		"FreshSignIn": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.FreshSignIn = true }))
			capability, version := h.reviewed("write")
			shown, act := h.shown(version), h.act("xena")
			act.AuthAt -= models.Hour
			_, err := h.DecideCapability(t.Context(), act, capability, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
				return f.SignOff(shown, models.Signing{})
			})
			require.Equal(t, "sign.fresh", models.RuleOf(err))
			h.signs(t, "xena", capability, version)
			require.Equal(t, models.MethodFresh, rows[models.SignOff](t, h, "id", "version_id = ?", version)[0].Method)
		},
		"LifetimeMinutes": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.LifetimeMinutes = 4 }))
			capability, version := h.draft("write") // asks for five
			_, err := h.try("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
			require.Error(t, err)
			require.EqualValues(t, "draft", h.version(version).State)
		},
		"ReviewDays": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.ReviewDays = 7 }))
			capability, _ := h.live("write")
			m := h.mandateOf(t, capability)
			require.Equal(t, 7*models.Day, m.ReviewDueAt-m.FromAt)
		},
		"DrillDays": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.DrillDays = 0 }))
			h.live("write")
			h.ticks()
			_, chosen := h.drillMoment("pete")
			require.False(t, chosen, "no drills")
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.DrillDays = 5 }))
			_, version := h.live("write")
			require.Equal(t, 5, h.version(version).Doc().Ask.DrillDays)
			begun := *h.clock
			d := h.asks("pete")
			require.GreaterOrEqual(t, d.PlannedAt, begun+2*models.Day)
			require.LessOrEqual(t, d.PlannedAt, begun+5*models.Day)
		},
		"GraceDays": func(t *testing.T, h *house) {
			h.rules(asking(models.Moderate, func(a *models.Ask) { a.ReviewDays, a.GraceDays = 7, 3 }))
			capability, _ := h.live("write")
			m := h.mandateOf(t, capability)
			require.Equal(t, 3*models.Day, m.UntilAt-m.ReviewDueAt)
		},
	}
	for _, of := range []any{models.TierRules{}, models.Ask{}} {
		for i := range reflect.TypeOf(of).NumField() {
			name := reflect.TypeOf(of).Field(i).Name
			if tried[name] == nil && name != "Asks" {
				t.Errorf("nobody tries the setting %s", name)
			}
		}
	}
	tried.onBoth(t)
}

// assessed is the tier of a task that writes by itself, so often a day, by the
// standard rules with one change.
func assessed(change func(*models.TierRules), volume int, effects ...string) models.Tier {
	rules := models.StandardRules()
	change(&rules)
	x := task()
	x.Autonomy, x.VolumeLimit = "alone", volume
	tier, _ := rules.Assess(x, []models.Fact{{OperationID: "op", Title: "Write", Access: "write", Effects: effects, System: "Desk", SystemID: "sys", Sensitivity: "internal"}}, []string{"production"}, "listed")
	return tier
}

// mandateOf is the open mandate of a capability.
func (h *house) mandateOf(t *testing.T, capability string) models.Mandate {
	t.Helper()
	open := rows[models.Mandate](t, h, "id", "capability_id = ? AND ended_at IS NULL", capability)
	require.Len(t, open, 1)
	return open[0]
}
