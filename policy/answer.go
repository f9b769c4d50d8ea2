package policy

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// Answer is a yes or a no with what it follows from.
type Answer struct {
	Allow      bool
	Rule       string // its id, such as scope.resource; "allow" for a yes
	Says       string // why, for a person
	Remedy     string // what would make it a yes; "" for a yes
	Who        []string
	AgentID    string
	Capability *Capability // what was asked about; nil where that is not known
	Operation  string      // the id of the operation, where the scope has it
	Chain      []*Capability
	Policies   []string // ids of forbids that spoke
	Attested   string   // who says which manifest runs: "caller", or "" for nobody
	Volume     int64    // what a yes uses up
}

// Limit is how many actions a day the capability has; 0 for any number.
func (c *Capability) Limit() int64 { return c.limit }

// Spent is the answer where others used the day's volume up meanwhile.
func (a Answer) Spent() Answer { return a.no(spent(a.Capability)) }

func (a Answer) no(why reason) Answer {
	a.Allow, a.Rule, a.Says, a.Remedy, a.Who = false, why.rule, why.says, why.remedy, why.who
	return a
}

type reason struct {
	rule, says, remedy string
	who                []string
}

// asked is one request on its way through the rules.
type asked struct {
	*Snapshot
	req   Request
	gw    models.Gateway
	at    models.Instant
	used  func(capability string) int64
	grant *grant
	out   Answer
}

// Answer decides. It looks at nothing but the snapshot, the request, the time and how
// much of the day's volume a capability has used. Every rule that is not met is a no.
func (s *Snapshot) Answer(req Request, gw models.Gateway, at models.Instant, used func(capability string) int64) Answer {
	x := &asked{Snapshot: s, req: req, gw: gw, at: at, used: used}
	if req.Context.Manifest != "" {
		x.out.Attested = "caller"
	}
	for _, rule := range []func() *reason{x.agent, x.capability, x.mayAct, x.chain, x.manifest, x.boundary, x.person, x.policies} {
		if why := rule(); why != nil {
			return x.out.no(*why)
		}
	}
	x.out.Allow, x.out.Rule, x.out.Says, x.out.Volume = true, "allow", "This is signed off and in force.", req.Context.Volume
	return x.out
}

// agent finds whom the subject names, and whether the gateway may ask about it.
func (x *asked) agent() *reason {
	id := x.req.Subject.ID
	if x.req.Subject.Type != "agent" {
		known := false
		if x.gw.Issuer != "" {
			id, known = x.subjects[models.Subject{Issuer: x.gw.Issuer, Subject: x.req.Subject.ID}]
		}
		if !known {
			return &reason{"agent.unknown", "No agent is bound to this subject.", "Register the agent with this identity, and have a task of it signed off.", nil}
		}
	}
	a := x.agents[id]
	if a == nil {
		return &reason{"agent.unknown", "No agent with this id has anything in force.", "Register the agent, and have a task of it signed off.", nil}
	}
	x.out.AgentID = a.ID
	return nil
}

// capability finds what the action is part of: what the request names, or the only
// one of the agent that covers it.
func (x *asked) capability() *reason {
	a := x.agents[x.out.AgentID]
	named := x.req.Context.Capability
	var only *Capability    // the agent's, or what was named
	var cover []*Capability // of several versions of one capability the first: what runs in an emergency
	for _, c := range a.Capabilities {
		if named != "" && c.CapabilityID != named {
			continue
		}
		only = c
		if g, _ := c.find(x.req.Action, x.req.Resource.Type, x.req.Resource.ID); g != nil && !slices.ContainsFunc(cover, func(o *Capability) bool { return o.CapabilityID == c.CapabilityID }) {
			cover = append(cover, c)
		}
	}
	switch {
	case only == nil:
		return &reason{"task.unknown", "The agent has no task in force with the id that was named.", "Name a task of this agent that is signed off.", nil}
	case len(cover) > 1:
		return &reason{"task.ambiguous", fmt.Sprintf("%d tasks of this agent cover the action, and none was named.", len(cover)), "Name the task in context.capability.", nil}
	case len(cover) == 1:
		return x.covers(cover[0])
	case named != "" || len(a.Capabilities) == 1:
		return x.covers(only)
	}
	return &reason{"scope.operation", "No task of this agent covers the action.", "Have the operation added to the scope of a task, and signed off.", nil}
}

// told says that the gateway's key may learn of a capability: of every one, or of its team's.
func (x *asked) told(c *Capability) bool {
	return x.gw.TeamID == nil || slices.Contains(x.people[c.OwnerID].Teams, *x.gw.TeamID)
}

// covers takes the capability that was found, where gateway and scope allow it.
func (x *asked) covers(c *Capability) *reason {
	x.out.Capability = c
	if !x.told(c) {
		x.out.Capability = nil // it is not for this gateway to learn more
		return &reason{"gateway.scope", "This gateway may not ask about agents of this team.", "Ask with a key whose scope has the team. An administrator makes one.", nil}
	}
	g, near := c.find(x.req.Action, x.req.Resource.Type, x.req.Resource.ID)
	switch {
	case g != nil:
		x.grant, x.out.Operation = g, g.operationID
		return nil
	case near != nil:
		x.out.Operation = near.operationID
		return &reason{"scope.resource", "The operation is in the task's scope, but not for this resource.", "Have the resource added to the scope, and signed off.", x.named(c.ProvisionerID)}
	}
	return &reason{"scope.operation", "The operation is not in the task's scope.", "Have the operation added to the scope, and signed off.", x.named(c.ProvisionerID)}
}

func (x *asked) mayAct() *reason { return x.runs(x.out.Capability) }

// runs says why a capability may not act now: a hold, or its end. One without an open
// mandate or emergency is not in the snapshot.
func (x *asked) runs(c *Capability) *reason {
	if len(x.holds) > 0 {
		if h, held := x.held(c); held {
			return &reason{"hold." + h.Kind, "A hold stands: " + holdWords(h) + ".", "The hold is lifted on its own terms.", x.named(c.OwnerID, c.ControlOwnerID)}
		}
	}
	if x.at >= c.UntilAt {
		return &reason{"mandate.until", "The time for which it was signed is over.", "Have it reviewed or signed again.", x.named(c.OwnerID)}
	}
	return nil
}

// held is the first hold on anything that the capability hangs on.
func (x *asked) held(c *Capability) (models.Hold, bool) {
	targets := []Target{{models.OnAll, ""}, {models.OnCapability, c.CapabilityID}, {models.OnAgent, c.AgentID}}
	for _, p := range c.Four() {
		targets = append(targets, Target{models.OnPerson, p})
	}
	for _, t := range x.people[c.OwnerID].Teams {
		targets = append(targets, Target{models.OnTeam, t})
	}
	for _, i := range x.agents[c.AgentID].Subjects {
		targets = append(targets, Target{models.OnIssuer, i.Issuer})
	}
	for i := range c.grants {
		if i == 0 || c.grants[i].system != c.grants[i-1].system {
			targets = append(targets, Target{models.OnSystem, c.grants[i].system})
		}
	}
	for _, t := range targets {
		if h, held := x.holds[t]; held {
			return h, true
		}
	}
	return models.Hold{}, false
}

// chain: each agent on whose behalf it acts needs something in force of its own. A key of a
// team learns of another team's agent whether it may act, and of a no nothing more: one that
// is stopped looks to it like one that does not exist.
func (x *asked) chain() *reason {
	for i, hop := range x.req.Context.Chain {
		a := x.agents[hop.Agent]
		if a == nil {
			a = &Agent{} // it has nothing in force
		}
		var why *reason
		found := false
		for _, c := range a.Capabilities {
			if hop.Capability != "" && hop.Capability != c.CapabilityID {
				continue
			}
			not := x.runs(c)
			if not == nil {
				x.out.Chain, found = append(x.out.Chain, c), true
				break
			}
			if x.told(c) {
				why = not
			}
		}
		const remedy = "Every agent of a chain needs a task of its own that is signed off."
		switch {
		case found:
		case why != nil:
			return &reason{"chain." + why.rule, fmt.Sprintf("Agent %d of the chain may not act: %s", i+1, why.says), why.remedy, why.who}
		case x.gw.TeamID != nil:
			return &reason{"chain.agent", fmt.Sprintf("Agent %d of the chain has nothing in force that this key may learn of.", i+1), remedy, nil}
		case x.agents[hop.Agent] == nil:
			return &reason{"chain.agent", fmt.Sprintf("Agent %d of the chain has nothing in force.", i+1), remedy, nil}
		default:
			return &reason{"chain.task", fmt.Sprintf("Agent %d of the chain has no such task in force.", i+1), remedy, nil}
		}
	}
	return nil
}

// manifest: what runs is what was signed. Whoever says nothing of it is let through at
// low and moderate only.
func (x *asked) manifest() *reason {
	c := x.out.Capability
	switch {
	case x.req.Context.Manifest == c.Manifest:
		return nil
	case x.req.Context.Manifest != "":
		return &reason{"manifest.unsigned", "What runs is not the manifest that was signed.", "Run the manifest that was signed, or have the new one signed.", x.named(c.OwnerID)}
	case c.Tier.Rank() >= models.High.Rank():
		return &reason{"manifest.unstated", "At this tier the request has to say which manifest runs.", "Send the digest of the agent's revision in context.manifest.", nil}
	}
	return nil
}

// boundary: the task's sensitivity, window and volume, and where it may run.
func (x *asked) boundary() *reason {
	c := x.out.Capability
	if rank, why := x.sensitivity(); why != nil {
		return why
	} else if c.sensitivity >= 0 && rank > c.sensitivity {
		return &reason{"boundary.sensitivity", fmt.Sprintf("The data is %s, and the task goes up to %s.", sensitivityWord(rank), sensitivityWord(c.sensitivity)),
			"Say in context.sensitivity how sensitive this data is, or have the task's boundary widened.", x.named(c.OwnerID)}
	}
	if len(c.windows) > 0 && len(c.windows.Open(x.at)) == 0 {
		var texts []string
		for _, w := range c.windows {
			texts = append(texts, w.String())
		}
		return &reason{"boundary.window", "The task runs only in its time window: " + strings.Join(texts, "; ") + ".", "Ask again within the window.", x.named(c.OwnerID)}
	}
	if env := x.req.Context.Environment; env != "" && !slices.Contains(c.Environments, env) {
		return &reason{"boundary.environment", "The manifest that was signed does not name this environment.", "Have the environment added to the manifest, and signed.", x.named(c.OwnerID)}
	}
	if c.limit > 0 && x.used(c.CapabilityID)+x.req.Context.Volume > c.limit {
		why := spent(c)
		why.who = x.named(c.OwnerID)
		return &why
	}
	return nil
}

func spent(c *Capability) reason {
	return reason{"boundary.volume", fmt.Sprintf("The task has %d actions a day, and this would be more.", c.limit), "Ask again after midnight UTC, or have the task's boundary widened.", nil}
}

// sensitivity is what the request says of its data, and the system's own where it says nothing.
func (x *asked) sensitivity() (int, *reason) {
	if word := x.req.Context.Sensitivity; word != "" {
		if rank := sensitivity(word); rank >= 0 {
			return rank, nil
		}
		return 0, &reason{"boundary.sensitivity", "context.sensitivity is none of public, internal, confidential and restricted.", "Send one of these.", nil}
	}
	if x.grant.sensitivity < 0 {
		return len(models.Sensitivities) - 1, nil // unknown counts as the highest
	}
	return x.grant.sensitivity, nil
}

// person: at critical, what has effects is confirmed by a person each time.
func (x *asked) person() *reason {
	c := x.out.Capability
	if c.Tier == models.Critical && len(x.grant.effects) > 0 {
		return &reason{"approval.required", "At critical, an action with such effects is confirmed by a person each time.", "A person has to confirm this one action.", x.named(c.OwnerID, c.ControlOwnerID)}
	}
	return nil
}

// policies: the scope's condition, and the organisation's forbids. One that fails denies.
func (x *asked) policies() *reason {
	c := x.out.Capability
	if c.condition == nil && x.forbids.set == nil && x.forbids.err == nil {
		return nil
	}
	rank, _ := x.sensitivity()
	said, err := saidBy(x.req)
	if err != nil {
		return &reason{"condition.error", "A policy looks at the request's properties, and one of them is a number that does not fit.", "Send numbers that fit into 64 bits.", nil}
	}
	entities, req := world(x.req, said, c, x.people[c.OwnerID].Teams, x.grant, rank, x.used(c.CapabilityID), x.at)
	ok, err := c.holds(entities, req)
	switch {
	case err != nil:
		return &reason{"condition.error", "The scope's condition could not be evaluated.", "Send what the condition looks at, or have it mended and signed.", x.named(c.ProvisionerID)}
	case !ok:
		return &reason{"condition.false", "The scope's condition is not met.", "Meet the condition, or have it changed and signed.", x.named(c.ProvisionerID)}
	}
	id, err := x.forbids.forbid(entities, req)
	if id != "" {
		x.out.Policies = []string{id}
	}
	switch {
	case err != nil:
		return &reason{"forbid.error", "A policy of the organisation could not be evaluated, so the answer is no.", "Administrators mend the policy.", nil}
	case id != "":
		return &reason{"forbid", "A policy of the organisation forbids it.", "Two administrators can end or change the policy.", nil}
	}
	return nil
}

// named are names, for whoever reads the answer.
func (x *asked) named(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if name := x.people[id].Name; name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func holdWords(h models.Hold) string {
	switch h.Kind {
	case models.HoldStop, "incident":
		return "it was stopped"
	case models.HoldRecall:
		return "a signer took their sign-off back"
	case models.HoldMissedReview:
		return "its review was missed"
	case models.HoldLeaver:
		return "one of the people who answer for it has left"
	case models.HoldKillDrill:
		return "its stop is being exercised"
	}
	return "a drill was missed"
}
