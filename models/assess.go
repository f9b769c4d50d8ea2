package models

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Reason is one line of why a tier is what it is.
type Reason struct {
	Tier Tier   `json:"tier"`
	Text string `json:"text"`
}

// Fact is what the catalogue says of one operation as of the moment it is assessed.
type Fact struct {
	OperationID string   `json:"operation_id"`
	Operation   string   `json:"operation"`
	Title       string   `json:"title"`
	Access      string   `json:"access"`
	Effects     []string `json:"effects"`
	SystemID    string   `json:"system_id"`
	System      string   `json:"system"`
	SystemKind  string   `json:"system_kind"`
	Sensitivity string   `json:"sensitivity"`
	Resources   []string `json:"resources"`
}

// EffectList is the operation's effects, sorted.
func (o Operation) EffectList() []string {
	var out []string
	_ = json.Unmarshal([]byte(o.Effects), &out)
	return out
}

// Assess is the tier of a version's contents with every reason for it, highest
// first: access level × sensitivity, effects, autonomy, environments. What is
// not said counts as the riskiest answer.
func (r TierRules) Assess(task Task, facts []Fact, environments []string, toolAccess string) (Tier, []Reason) {
	tier, reasons := Low, []Reason{}
	add := func(t Tier, format string, args ...any) {
		tier = tier.max(t)
		reasons = append(reasons, Reason{t, fmt.Sprintf(format, args...)})
	}
	autonomous := task.Autonomy != "suggests" && task.Autonomy != "asks"
	var writes, irreversible bool
	for _, f := range facts {
		access := f.Access
		if _, known := r.Reach[access]; !known {
			access = "unknown"
		}
		writes = writes || access != "list" && access != "read"
		sensitivity := f.Sensitivity
		if _, known := r.Reach[access][sensitivity]; !known {
			sensitivity = "restricted"
		}
		add(r.Reach[access][sensitivity], "%s in %s: %s on %s data", f.Title, f.System, WordsOf(Accesses, access), sensitivity)
		for _, e := range f.Effects {
			t, known := r.Effects[e]
			if !known {
				t = Critical
			}
			irreversible = irreversible || e == "irreversible"
			add(t, "%s in %s %s", f.Title, f.System, WordsOf(Effects, e))
		}
	}
	if rank := sensitivityRank(task.Sensitivity); rank >= 0 {
		add(r.Reach["read"][task.Sensitivity], "The task handles data up to %s", task.Sensitivity)
	} else {
		add(r.Reach["read"]["restricted"], "How sensitive the data is has not been said: counted as restricted")
	}
	if writes && autonomous {
		if task.Autonomy == "" {
			add(r.Alone, "How much it does by itself has not been said: counted as acting alone")
		} else {
			add(r.Alone, "It changes things without asking first (%s)", WordsOf(Autonomies, task.Autonomy))
		}
	}
	if irreversible && autonomous && (task.VolumeLimit == 0 || task.VolumeLimit >= r.IrreversibleAtScale) {
		add(Critical, "What cannot be undone is done without asking, %d times a day or more", r.IrreversibleAtScale)
	}
	if len(environments) > 1 && slices.Contains(environments, "production") {
		add(r.Spanning, "The agent spans production and another environment")
	}
	if toolAccess == "unknown" && len(facts) == 0 {
		add(Low, "The agent's tools are not listed; only what is chosen below is allowed")
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int { return b.Tier.Rank() - a.Tier.Rank() })
	return tier, reasons
}

func sensitivityRank(s string) int {
	return slices.IndexFunc(Sensitivities, func(c Choice) bool { return c.Value == s })
}
