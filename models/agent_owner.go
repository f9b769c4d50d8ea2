package models

// AgentOwner is the detail of the duties about who owns an agent.
const AgentOwner = "agent_owner"

// OwnerWanted asks somebody to name a new owner for an agent whose owner has left: their
// manager, or the administrators. The clock does; again changes nothing. Where something
// of it is in force, the successor in the role business owner becomes the agent's owner.
func (f AgentFacts) OwnerWanted() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("leaver.clock", "Only the clock sees to successors.")
	}
	if !f.orphan() || len(f.Mandates) > 0 || f.owedOn(DutySucceed) != nil || f.owedOn(DutyTakeOver) != nil {
		return Change{}, conflict("leaver.seen_to", "Everybody who has to was asked already.")
	}
	c := f.change("owner.wanted", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	f.close(c, DutyRegister)
	f.wantOwner(c)
	return *c, nil
}

// wantOwner asks the former owner's manager, or the administrators, once.
func (f AgentFacts) wantOwner(c *Change) {
	person, pool := "", PoolAdministrator
	if m := f.People[f.Agent.OwnerID].Person.ManagerID; m != nil && f.People[*m].Person.Status == PersonActive {
		person, pool = *m, ""
	}
	c.oweTo(DutySucceed, f.Agent.ID, f.Agent.ID, "", person, pool, AgentOwner, f.Now)
}

// orphan says that the agent's owner has left.
func (f AgentFacts) orphan() bool {
	if f.Agent == nil || f.Agent.State == AgentRetired {
		return false
	}
	p, known := f.People[f.Agent.OwnerID]
	return known && p.Person.Status != PersonActive
}

func (f AgentFacts) owedOn(kind string) *Duty {
	for i := range f.Duties {
		if d := &f.Duties[i]; d.Kind == kind && d.Detail == AgentOwner && d.ClosedAt == nil {
			return d
		}
	}
	return nil
}

// MayNameOwner says why the actor cannot name a new owner, or nil: the manager of the
// owner who has left can, and an administrator.
func (f AgentFacts) MayNameOwner() error {
	if !f.orphan() {
		return conflict("owner.here", "The owner of this agent is still here. They can hand over their role in what is in force.")
	}
	m := f.People[f.Agent.OwnerID].Person.ManagerID
	if !f.By.Has(Administrator) && (m == nil || *m != f.By.Person.ID) {
		return forbidden("owner.namer", "Only an administrator, or the manager of the owner who has left, can name a new owner.")
	}
	return nil
}

// NameOwner asks a business owner to take an agent over whose owner has left. Another who
// was asked before is asked no longer.
func (f AgentFacts) NameOwner(person string) (Change, error) {
	if err := f.MayNameOwner(); err != nil {
		return Change{}, err
	}
	p, ok := f.People[person]
	if !ok || !p.Has(BusinessOwner) {
		return Change{}, problems{{"owner", "Choose somebody who holds the role business owner."}}.err()
	}
	if d := f.owedOn(DutyTakeOver); d != nil && d.Holder == person {
		return Change{}, conflict("owner.asked", "%s is already asked to take it over.", p.Person.Name)
	}
	c := f.change("owner.nominated", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	c.touch(TouchPerson, person)
	c.note("nominee", person)
	f.ownerSettled(c)
	c.oweTo(DutyTakeOver, f.Agent.ID, f.Agent.ID, "", person, "", AgentOwner, f.Now)
	return *c, nil
}

func (f AgentFacts) ownerSettled(c *Change) {
	for i := range f.Duties {
		if d := &f.Duties[i]; d.Detail == AgentOwner && d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(d)
		}
	}
}

// MayTakeOver says why the actor cannot answer for the agent's ownership, or nil.
func (f AgentFacts) MayTakeOver() error {
	d := f.owedOn(DutyTakeOver)
	if d == nil || d.Holder != f.By.Person.ID {
		return forbidden("accept.nominee", "This agent is not offered to you.")
	}
	return nil
}

// TakeOver makes the actor the agent's owner: whoever was asked does, seeing it.
func (f AgentFacts) TakeOver() (Change, error) {
	if err := f.MayTakeOver(); err != nil {
		return Change{}, err
	}
	if err := f.must(BusinessOwner); err != nil {
		return Change{}, err
	}
	c := f.change("owner.succeeded", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	c.note("former", f.Agent.OwnerID)
	f.ownerSettled(c)
	a := *f.Agent
	a.OwnerID = f.By.Person.ID
	c.note("agent_owner", a.OwnerID)
	c.update(&a)
	if a.State == AgentDraft {
		c.oweTo(DutyRegister, a.ID, a.ID, "", a.OwnerID, "", "", f.Now)
	}
	return *c, nil
}

// DeclineOwner turns it down, with a reason; whoever asked is asked again.
func (f AgentFacts) DeclineOwner(reason string) (Change, error) {
	if err := f.MayTakeOver(); err != nil {
		return Change{}, err
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.change("owner.declined", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	c.note("reason", reason)
	f.ownerSettled(c)
	f.wantOwner(c)
	return *c, nil
}
