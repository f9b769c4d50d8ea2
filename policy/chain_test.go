package policy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// A key of a team that names another team's agent in the chain cannot tell one that is stopped,
// or whose time is over, from one that has nothing in force or does not exist. What is
// decided is the same whose key it is.
func TestWhatAKeyOfATeamLearnsOfAChain(t *testing.T) {
	const nothing = "Agent 1 of the chain has nothing in force that this key may learn of."
	hr, finance := "hr", "finance"
	own := func(c *models.InForce) { c.AgentID, c.CapabilityID = "agt_own", "cap_own" }
	others := func(c *models.InForce) {
		c.AgentID, c.CapabilityID, c.OwnerID, c.ControlOwnerID = "agt_other", "cap_other", "olga", "carl"
	}
	over := func(of func(*models.InForce)) func(*models.InForce) {
		return func(c *models.InForce) { of(c); c.UntilAt = noon }
	}
	stop := func(capability string) *Parts {
		return &Parts{Holds: map[Target]models.Hold{{models.OnCapability, capability}: {Kind: models.HoldStop, TargetKind: models.OnCapability, TargetID: capability}}}
	}
	for name, x := range map[string]struct {
		of    []func(*models.InForce) // beside the one that is asked about
		parts *Parts
		hop   Hop
		whole string // the rule, as a key of no team has it; "" for a yes
		says  string // what the key of the team reads, where that is less
	}{
		"its own, which may act":                {of: []func(*models.InForce){own}, hop: Hop{Agent: "agt_own"}},
		"its own, stopped":                      {of: []func(*models.InForce){own}, parts: stop("cap_own"), hop: Hop{Agent: "agt_own"}, whole: "chain.hold.stop"},
		"its own, over":                         {of: []func(*models.InForce){over(own)}, hop: Hop{Agent: "agt_own"}, whole: "chain.mandate.until"},
		"another's, which may act":              {of: []func(*models.InForce){others}, hop: Hop{Agent: "agt_other"}},
		"another's, stopped":                    {of: []func(*models.InForce){others}, parts: stop("cap_other"), hop: Hop{Agent: "agt_other"}, whole: "chain.hold.stop", says: nothing},
		"another's, stopped, the task named":    {of: []func(*models.InForce){others}, parts: stop("cap_other"), hop: Hop{Agent: "agt_other", Capability: "cap_other"}, whole: "chain.hold.stop", says: nothing},
		"another's, over":                       {of: []func(*models.InForce){over(others)}, hop: Hop{Agent: "agt_other"}, whole: "chain.mandate.until", says: nothing},
		"another's, no such task":               {of: []func(*models.InForce){others}, hop: Hop{Agent: "agt_other", Capability: "cap_9"}, whole: "chain.task", says: nothing},
		"an agent that nobody knows":            {hop: Hop{Agent: "agt_9"}, whole: "chain.agent", says: nothing},
		"of two tasks its own may not act":      {of: []func(*models.InForce){over(own), func(c *models.InForce) { others(c); c.AgentID, c.UntilAt = "agt_own", noon-1 }}, hop: Hop{Agent: "agt_own"}, whole: "chain.mandate.until"},
		"of two tasks another's may still act":  {of: []func(*models.InForce){over(own), func(c *models.InForce) { others(c); c.AgentID = "agt_own" }}, hop: Hop{Agent: "agt_own"}},
		"its own agent, another's task stopped": {of: []func(*models.InForce){own, func(c *models.InForce) { others(c); c.AgentID = "agt_own" }}, parts: stop("cap_other"), hop: Hop{Agent: "agt_own", Capability: "cap_other"}, whole: "chain.hold.stop", says: nothing},
		"its own agent, no such task":           {of: []func(*models.InForce){own}, hop: Hop{Agent: "agt_own", Capability: "cap_9"}, whole: "chain.task", says: nothing},
	} {
		t.Run(name, func(t *testing.T) {
			caps := []*Capability{inForce(t, nil)}
			for _, of := range x.of {
				caps = append(caps, inForce(t, of))
			}
			s := world1(caps...).With(2, 2, Parts{People: map[string]Person{"anna": {"Anna", []string{hr}}, "olga": {"Olga", []string{finance}}, "carl": {Name: "Carl"}}})
			if x.parts != nil {
				s = s.With(3, 3, *x.parts)
			}
			req := ask(func(r *Request) { r.Context.Chain = []Hop{x.hop} })
			whole, bounded := s.Answer(req, models.Gateway{}, noon, unused), s.Answer(req, models.Gateway{TeamID: &hr}, noon, unused)
			require.Equal(t, x.whole == "", whole.Allow)
			require.Equal(t, whole.Allow, bounded.Allow)
			if x.whole == "" {
				return
			}
			require.Equal(t, x.whole, whole.Rule)
			if x.says == "" {
				require.Equal(t, [3]string{whole.Rule, whole.Says, whole.Remedy}, [3]string{bounded.Rule, bounded.Says, bounded.Remedy})
				require.NotEmpty(t, bounded.Who)
				require.NotContains(t, bounded.Who, "Olga")
				return
			}
			require.Equal(t, "chain.agent", bounded.Rule)
			require.Equal(t, x.says, bounded.Says)
			require.Equal(t, "Every agent of a chain needs a task of its own that is signed off.", bounded.Remedy)
			require.Empty(t, bounded.Who)
		})
	}
}
