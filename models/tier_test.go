package models

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// harmless is what no rule finds anything in.
func harmless() (Task, []string, string) {
	return Task{Sensitivity: "public", Autonomy: "suggests", VolumeLimit: 1}, []string{"production"}, "none"
}

func fact(access, sensitivity string, effects ...string) Fact {
	return Fact{OperationID: access + sensitivity, Title: "It", System: "There", Access: access, Sensitivity: sensitivity, Effects: effects}
}

// TestTierOfEachAccess is the design's table, written out: what it reaches, by
// how sensitive that is.
func TestTierOfEachAccess(t *testing.T) {
	task, env, tools := harmless()
	for access, row := range map[string][4]Tier{
		"list":        {Low, Low, Low, Moderate},
		"read":        {Low, Low, Moderate, High},
		"write":       {Moderate, Moderate, High, High},
		"permissions": {Critical, Critical, Critical, Critical},
		"unknown":     {Critical, Critical, Critical, Critical},
		"":            {Critical, Critical, Critical, Critical}, // not said is unknown, and never none
		"rwx":         {Critical, Critical, Critical, Critical},
	} {
		for i, sensitivity := range []string{"public", "internal", "confidential", "restricted"} {
			tier, reasons := StandardRules().Assess(task, []Fact{fact(access, sensitivity)}, env, tools)
			require.Equal(t, row[i], tier, "%q on %s data", access, sensitivity)
			require.Equal(t, tier, reasons[0].Tier, "the highest reason comes first")
			require.NotEmpty(t, reasons[0].Text)
		}
		tier, _ := StandardRules().Assess(task, []Fact{fact(access, "secret")}, env, tools)
		require.Equal(t, row[3], tier, "a sensitivity that nobody knows is the highest")
	}
}

func TestTierOfTheRest(t *testing.T) {
	read := []Fact{fact("read", "public")}
	write := []Fact{fact("write", "public")}
	for name, c := range map[string]struct {
		task  func(*Task)
		facts []Fact
		env   []string
		tools string
		want  Tier
		why   string
	}{
		"nothing":                         {want: Low},
		"a payment":                       {facts: []Fact{fact("read", "public", "outbound-payment")}, want: Critical, why: "pays out"},
		"infrastructure":                  {facts: []Fact{fact("read", "public", "modifies-infrastructure")}, want: High},
		"sensitive records":               {facts: []Fact{fact("list", "public", "sensitive-records")}, want: High},
		"an effect that nobody knows":     {facts: []Fact{fact("read", "public", "teleports")}, want: Critical},
		"the task's own data":             {task: func(t *Task) { t.Sensitivity = "restricted" }, facts: read, want: High, why: "handles data up to restricted"},
		"data of which nothing is said":   {task: func(t *Task) { t.Sensitivity = "" }, facts: read, want: High, why: "has not been said"},
		"reading alone":                   {task: func(t *Task) { t.Autonomy = "alone" }, facts: read, want: Low},
		"writing alone":                   {task: func(t *Task) { t.Autonomy = "alone" }, facts: write, want: Moderate, why: "without asking first"},
		"writing, and who asks not said":  {task: func(t *Task) { t.Autonomy = "" }, facts: write, want: Moderate, why: "counted as acting alone"},
		"irreversible, asked first":       {task: func(t *Task) { t.Autonomy = "asks" }, facts: []Fact{fact("write", "public", "irreversible")}, want: High},
		"irreversible, alone, a few":      {task: func(t *Task) { t.Autonomy, t.VolumeLimit = "alone", 99 }, facts: []Fact{fact("write", "public", "irreversible")}, want: High},
		"irreversible, alone, at scale":   {task: func(t *Task) { t.Autonomy, t.VolumeLimit = "alone", 100 }, facts: []Fact{fact("write", "public", "irreversible")}, want: Critical, why: "100 times a day"},
		"irreversible, alone, how many?":  {task: func(t *Task) { t.Autonomy, t.VolumeLimit = "alone", 0 }, facts: []Fact{fact("write", "public", "irreversible")}, want: Critical},
		"production and test":             {env: []string{"test", "production"}, want: Moderate, why: "spans production"},
		"test and staging":                {env: []string{"test", "staging"}, want: Low},
		"tools of which nothing is known": {tools: "unknown", want: Low, why: "tools are not listed"},
	} {
		t.Run(name, func(t *testing.T) {
			task, env, tools := harmless()
			if c.task != nil {
				c.task(&task)
			}
			if c.env != nil {
				env = c.env
			}
			if c.tools != "" {
				tools = c.tools
			}
			tier, reasons := StandardRules().Assess(task, c.facts, env, tools)
			require.Equal(t, c.want, tier, "%v", reasons)
			said := ""
			for _, r := range reasons {
				said += r.Text + "\n"
			}
			require.Contains(t, said, c.why)
		})
	}
}

// TestMoreNeverLowersTheTier: whatever is added to a version, and whatever is not
// said of it, its tier stays or rises.
func TestMoreNeverLowersTheTier(t *testing.T) {
	values := func(among []Choice) *rapid.Generator[string] {
		all := []string{""}
		for _, c := range among {
			all = append(all, c.Value)
		}
		return rapid.SampledFrom(all)
	}
	some := rapid.Custom(func(r *rapid.T) Fact {
		return fact(values(Accesses).Draw(r, "access"), values(Sensitivities).Draw(r, "data"), rapid.SliceOfNDistinct(values(Effects[:]).Filter(func(s string) bool { return s != "" }), 0, 2, rapid.ID[string]).Draw(r, "effects")...)
	})
	rapid.Check(t, func(r *rapid.T) {
		task := Task{Sensitivity: values(Sensitivities).Draw(r, "sensitivity"), Autonomy: values(Autonomies).Draw(r, "autonomy"), VolumeLimit: rapid.IntRange(0, 200).Draw(r, "volume")}
		facts := rapid.SliceOfN(some, 0, 4).Draw(r, "facts")
		env := rapid.SliceOfDistinct(values(Environments), rapid.ID[string]).Draw(r, "environments")
		tier, reasons := StandardRules().Assess(task, facts, env, "listed")
		most := Low
		for i, x := range reasons {
			most = most.max(x.Tier)
			require.True(r, i == 0 || reasons[i-1].Tier.Rank() >= x.Tier.Rank(), "highest first")
		}
		require.Equal(r, most, tier, "each tier has a reason, and no reason is above it")

		more := append(append([]Fact{}, facts...), some.Draw(r, "one more"))
		higher, _ := StandardRules().Assess(task, more, env, "listed")
		require.GreaterOrEqual(r, higher.Rank(), tier.Rank(), "one more operation")
		unsaid := task
		unsaid.Sensitivity, unsaid.Autonomy, unsaid.VolumeLimit = "", "", 0
		higher, _ = StandardRules().Assess(unsaid, facts, env, "listed")
		require.GreaterOrEqual(r, higher.Rank(), tier.Rank(), "what is not said counts as the riskiest")
	})
}
