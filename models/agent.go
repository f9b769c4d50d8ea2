package models

// NewAgent makes a draft of an agent: a business owner does, and owns it.
func (f AgentFacts) NewAgent(m Manifest) (Change, error) {
	if err := f.must(BusinessOwner); err != nil {
		return Change{}, err
	}
	if err := m.Check(StepAbout); err != nil {
		return Change{}, err
	}
	c, a := f.draftAgent(m)
	c.insert(a)
	c.note("name", a.Name)
	f.Sightings.settle(c, f.Env, m.Names(), a.ID)
	return *c, nil
}

func (f AgentFacts) draftAgent(m Manifest) (*Change, *Agent) {
	c := f.change("agent.drafted", "")
	a := &Agent{ID: c.id("agt"), Name: m.Name, Description: m.Purpose, State: AgentDraft, OwnerID: f.By.Person.ID, Draft: canonical(m.whole()), CreatedAt: f.Now}
	c.subject = a.ID
	c.touch(TouchAgent, a.ID)
	c.oweTo(DutyRegister, a.ID, a.ID, "", f.By.Person.ID, "", "", f.Now)
	return c, a
}

// whole makes empty lists of absent ones, so that two ways of writing nothing have one digest.
func (m Manifest) whole() Manifest {
	fill := func(l *[]string) {
		if *l == nil {
			*l = []string{}
		}
	}
	fill(&m.Interfaces)
	fill(&m.Delegates)
	fill(&m.Environments)
	fill(&m.ImportedNotes)
	if m.Tools == nil {
		m.Tools = []ManifestTool{}
	}
	if m.Bindings == nil {
		m.Bindings = []Identity{}
	}
	return m
}

// SaveStep saves one step of the registration form: the agent's owner does. rev
// is the agent's revision as it was shown. Only that step's fields are taken
// from m, so a form that sends more changes nothing else.
func (f AgentFacts) SaveStep(step string, m Manifest, rev int64) (Change, error) {
	if err := f.owns(); err != nil {
		return Change{}, err
	}
	if f.Agent.State == AgentRetired {
		return Change{}, conflict("agent.retired", "This agent is retired.")
	}
	if f.Agent.Rev != rev {
		return Change{}, conflict("agent.changed", "Somebody saved this agent since you opened it. What you typed is still below; look at what is there now before you save again.")
	}
	if !has(ManifestSteps, step) {
		return Change{}, notFound("step")
	}
	d := f.Agent.Manifest()
	switch step {
	case StepAbout:
		d.Name, d.Purpose, d.Provider = m.Name, m.Purpose, m.Provider
	case StepMadeOf:
		d.Model, d.PromptDigest, d.CodeVersion, d.Source, d.Interfaces, d.ToolAccess, d.Tools, d.Delegates = m.Model, m.PromptDigest, m.CodeVersion, m.Source, m.Interfaces, m.ToolAccess, m.Tools, m.Delegates
	case StepIdentity:
		d.Bindings = m.Bindings
	case StepEnvironment:
		d.Environments = m.Environments
	}
	if err := d.Check(step); err != nil {
		return Change{}, err
	}
	a := *f.Agent
	a.Draft = canonical(d.whole())
	if a.State == AgentDraft {
		a.Name, a.Description = d.Name, d.Purpose
	}
	c := f.change("agent.saved", a.ID)
	c.touch(TouchAgent, a.ID)
	c.note("step", step)
	c.update(&a)
	return *c, nil
}

// MissingSteps are the registration's steps that are not complete, with why.
func (a Agent) MissingSteps() map[string][]FieldError {
	out := map[string][]FieldError{}
	for _, s := range ManifestSteps {
		m := a.Manifest()
		if err := m.Check(s.Value); err != nil {
			out[s.Value] = FieldsOf(err)
		}
	}
	return out
}

// Register makes the draft an immutable revision with a digest: the owner does.
// A newer revision stops nothing by being registered; it has to be signed.
func (f AgentFacts) Register() (Change, error) {
	if err := f.owns(); err != nil {
		return Change{}, err
	}
	if f.Agent.State == AgentRetired {
		return Change{}, conflict("agent.retired", "This agent is retired.")
	}
	m := f.Agent.Manifest()
	if err := m.Check(""); err != nil {
		return Change{}, err
	}
	for _, b := range f.Bindings {
		for _, want := range m.Bindings {
			if b.AgentID != f.Agent.ID && b.Issuer == want.Issuer && b.Subject == want.Subject && b.Audience == want.Audience {
				return Change{}, problems{{Field: "subject", Message: "Another agent is already recognised by " + want.Subject + ". One identity is one agent."}}.err()
			}
		}
	}
	doc := canonical(m.whole())
	no := 1
	if f.Revision != nil {
		no = f.Revision.No + 1
		if f.Revision.Digest == Digest(doc) {
			return Change{}, conflict("agent.same", "Nothing differs from revision %d.", f.Revision.No)
		}
	}
	c := f.change("agent.registered", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	r := &AgentRevision{ID: c.id("rev"), AgentID: f.Agent.ID, No: no, Document: doc, Digest: Digest(doc), CreatedBy: f.By.Person.ID, CreatedAt: f.Now}
	c.insert(r)
	a := *f.Agent
	a.State, a.RevisionID, a.Name, a.Description, a.Draft = AgentRegistered, &r.ID, m.Name, m.Purpose, doc
	c.update(&a)
	f.close(c, DutyRegister)
	f.Sightings.settle(c, f.Env, m.Names(), a.ID)
	c.note("revision", no)
	c.note("digest", r.Digest)
	return *c, nil
}

// Retire ends an agent that has nothing in force: its owner does.
func (f AgentFacts) Retire(reason string) (Change, error) {
	if err := f.owns(); err != nil {
		return Change{}, err
	}
	if f.Agent.State == AgentRetired {
		return Change{}, conflict("agent.retired", "This agent is already retired.")
	}
	if len(f.Mandates) > 0 {
		return Change{}, conflict("agent.live", "%d of its capabilities are in force. Revoke them first.", len(f.Mandates))
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.change("agent.retired", f.Agent.ID)
	c.touch(TouchAgent, f.Agent.ID)
	c.note("reason", reason)
	a := *f.Agent
	a.State = AgentRetired
	c.update(&a)
	f.close(c, DutyRegister)
	return *c, nil
}

func (f AgentFacts) close(c *Change, kind string) {
	for i := range f.Duties {
		if d := f.Duties[i]; d.Kind == kind && d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
}

func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
