package world

import (
	"context"
	"fmt"
	"time"

	"countersign/ledger/passkey/soft"
	"countersign/models"
	"countersign/policy"
	"countersign/store"
)

// Clock is the story's time: it begins months ago and ends at the present.
type Clock struct{ now models.Instant }

// Now is the story's time, for store.WithClock; after the story it is the machine's.
func (c *Clock) Now() models.Instant {
	if c.now == 0 {
		return models.At(time.Now())
	}
	return c.now
}

func (c *Clock) pass(d models.Instant) { c.now += d }

// cast acts as the people of the story. The first error ends the story: every
// later act does nothing.
type cast struct {
	ctx    context.Context
	store  *store.Store
	clock  *Clock
	issuer string
	people map[string]string // subject → id
	teams  map[string]string
	ops    map[string]string // name → id
	secret map[string]string
	keys   *soft.Ring     // of the approvers
	pace   float64        // how slow people are; the latest weeks of the story are crowded
	step   models.Instant // how long an act takes
	acts   int            // so far
	kept   map[string]kept
	large  bool   // there is a crowd beside the cast
	busy   string // who answers drills late, for a while

	forgotten map[string]bool // capabilities that nobody reviews
	err       error
}

func (c *cast) act(who string) models.Act {
	c.clock.pass(c.step)
	c.acts++
	person := models.SystemActor
	if who != models.SystemActor {
		person = c.people[who]
	}
	return models.Act{ID: store.NewActID(), Person: person, AuthAt: c.clock.now}
}

// together has what tell tells recorded in one transaction.
func (c *cast) together(tell func()) {
	if c.err != nil {
		return
	}
	whole := c.store
	err := whole.Together(c.ctx, func(in *store.Store) error {
		c.store = in
		tell()
		return c.err
	})
	c.store = whole
	if c.err == nil {
		c.err = err
	}
}

func (c *cast) keep(r models.Receipt, err error) models.Receipt {
	if err != nil && c.err == nil {
		c.err = err
	}
	return r
}

func (c *cast) admin(who string, look store.AdminLookup, rule func(models.AdminFacts) (models.Change, error)) models.Receipt {
	if c.err != nil {
		return models.Receipt{}
	}
	return c.keep(c.store.DecideAdmin(c.ctx, c.act(who), look, rule))
}

func (c *cast) agent(who, id string, also store.Lookup, rule func(models.AgentFacts) (models.Change, error)) models.Receipt {
	if c.err != nil {
		return models.Receipt{}
	}
	return c.keep(c.store.DecideAgent(c.ctx, c.act(who), id, also, rule))
}

func (c *cast) on(who, capability string, also store.Lookup, rule func(models.CapabilityFacts) (models.Change, error)) models.Receipt {
	if c.err != nil {
		return models.Receipt{}
	}
	return c.keep(c.store.DecideCapability(c.ctx, c.act(who), capability, also, rule))
}

// days lets time pass.
func (c *cast) days(n float64) {
	c.pass(c.clock.now + models.Instant(n*c.pace*float64(models.Day)))
}

// kept is what a later chapter goes on with, by the agent's name.
type kept struct {
	agent   string
	stories []*story
}

func (c *cast) keepFor(name, agent string, stories ...*story) {
	if c.kept == nil {
		c.kept = map[string]kept{}
	}
	c.kept[name] = kept{agent, stories}
}

// remake registers a new revision of an agent.
func (c *cast) remake(owner, agent string, change func(*models.Manifest)) {
	c.agent(owner, agent, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) {
		m := f.Agent.Manifest()
		change(&m)
		return f.SaveStep(models.StepMadeOf, m, f.Agent.Rev)
	})
	c.agent(owner, agent, store.Lookup{}, models.AgentFacts.Register)
}

// story is one capability with its people.
type story struct {
	c                         *cast
	capability                string
	owner, provision, control string
}

type grant struct {
	op        string
	resources []string
}

// plan is what the parts of a story say.
type plan struct {
	title, task, acceptable, forbidden string
	sensitivity, autonomy              string
	volume                             int
	startIn, endIn                     int // days from the moment of writing; 0 for no start, a year
	grants                             []grant
	lifetime                           int
	secrets                            []string
	conditions                         string
	when                               string // the same in Cedar
}

// write makes the capability's draft and fills its parts.
func (c *cast) write(agent, owner, provision, control string, p plan) *story {
	s := &story{c: c, owner: owner, provision: provision, control: control}
	r := c.agent(owner, agent, store.Lookup{People: []string{c.people[provision], c.people[control]}}, func(f models.AgentFacts) (models.Change, error) {
		return f.NewCapability(p.body(f.Now), map[models.Role]string{models.Provisioner: c.people[provision], models.ControlOwner: c.people[control]})
	})
	s.capability = r.Subject
	return s
}

func (p plan) body(now models.Instant) models.Task {
	end := p.endIn
	if end == 0 {
		end = 365
	}
	t := models.Task{Title: p.title, Task: p.task, Acceptable: p.acceptable, Forbidden: p.forbidden, Sensitivity: p.sensitivity, Autonomy: p.autonomy,
		VolumeLimit: p.volume, EndOn: now.Time().AddDate(0, 0, end).Format("2006-01-02")}
	if p.startIn > 0 {
		t.StartOn = now.Time().AddDate(0, 0, p.startIn).Format("2006-01-02")
	}
	return t
}

// scope saves the provisioner's part.
func (s *story) scope(p plan) *story {
	body := models.Scope{LifetimeMinutes: p.lifetime, Conditions: p.conditions, When: p.when}
	look := store.Lookup{}
	for _, g := range p.grants {
		body.Grants = append(body.Grants, models.ScopeGrant{OperationID: s.c.ops[g.op], Resources: g.resources})
		look.Operations = append(look.Operations, s.c.ops[g.op])
	}
	for _, name := range p.secrets {
		body.Secrets = append(body.Secrets, s.c.secret[name])
	}
	look.Secrets = body.Secrets
	s.c.on(s.provision, s.capability, look, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.ScopePart, body, f.Open.Parts[models.ScopePart].Rev)
	})
	return s
}

// oversee saves the control owner's part.
func (s *story) oversee() *story {
	s.c.on(s.control, s.capability, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, models.Oversight{
			Signals:    "Refused actions, volume against the daily limit, the first use of each operation, complaints that name the agent.",
			AlertRoute: "Security Operations on-call, channel #agent-alerts",
			Escalation: []string{"Control owner on duty", "Head of Security Operations", "Chief risk officer"},
			StopHow:    "The stop on this page ends every later decision. If Countersign cannot be reached: disable the agent's service account in the identity provider.",
			StopBy:     "Any of the four; Security Operations on-call at any hour", StopWithinMinutes: 5,
		}, f.Open.Parts[models.OversightPart].Rev)
	})
	return s
}

func (s *story) submit() *story {
	s.c.days(0.3)
	s.c.on(s.owner, s.capability, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Submit(f.Open.Version.ID, policy.Compile)
	})
	return s
}

// accept takes up the roles of the people named, in the version on its way.
func (s *story) accept(who ...string) *story {
	roles := map[string]models.Role{s.owner: models.BusinessOwner, s.provision: models.Provisioner, s.control: models.ControlOwner}
	for _, w := range who {
		s.c.days(0.2)
		s.c.on(w, s.capability, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(f.Open.Version.ID, roles[w], f.Open.Version.Digest)
		})
	}
	return s
}

// propose fills everything and has the three accept: the version is in review.
func (s *story) propose(p plan) *story {
	return s.scope(p).oversee().submit().accept(s.owner, s.provision, s.control)
}

// sign has the approvers sign what is on its way, or the restart of what is in force.
func (s *story) sign(who ...string) *story {
	for _, w := range who {
		s.c.days(0.4)
		s.look(w)
		s.c.on(w, s.capability, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			v := f.Open
			if v == nil {
				v = f.Force
			}
			if v == nil {
				return models.Change{}, fmt.Errorf("nothing to sign in %s", s.capability)
			}
			return s.c.keys.SignOff(f, models.Shown{VersionID: v.Version.ID, Digest: v.Version.Digest, Round: v.Version.Round}, models.Signing{})
		})
	}
	return s
}

// look opens what is to be decided, for some minutes: mostly the whole of it as well.
func (s *story) look(who string) {
	if s.c.err != nil {
		return
	}
	viewer := models.Party{Person: models.Person{ID: s.c.people[who], Status: models.PersonActive}, Roles: []models.Role{models.Approver}}
	page, err := s.c.store.CapabilityPage(s.c.ctx, viewer, s.capability)
	v := page.Open
	if v == nil {
		v = page.Force
	}
	if err != nil || v == nil {
		s.c.err = err
		return
	}
	views := []string{models.LookChanges, models.LookWhole}
	if s.c.acts%4 == 0 {
		views = views[:1]
	}
	for _, view := range views {
		if s.c.err = s.c.store.Looked(s.c.ctx, viewer, v.Version.ID, v.Version.Round, view); s.c.err != nil {
			return
		}
		s.c.clock.pass(models.Instant(2+s.c.acts%9) * models.Minute)
	}
}

// do is any other act on the capability.
func (s *story) do(who string, rule func(models.CapabilityFacts) (models.Change, error), people ...string) *story {
	s.c.days(0.2)
	var ids []string
	for _, p := range people {
		ids = append(ids, s.c.people[p])
	}
	s.c.on(who, s.capability, store.Lookup{People: ids}, rule)
	return s
}
