package models

import (
	"maps"
	"slices"
)

// AgentFacts are the facts for acts on an agent and for a new capability of it.
type AgentFacts struct {
	Env
	Agent    *Agent // nil for an agent that is to be made
	Revision *AgentRevision
	Imported *Import   // its newest import; for an import alone
	Bindings []Binding // open ones of other agents with an identity of the manifest
	Holds    []Hold    // open, on the agent
	Duties   []Duty    // open, about the agent itself
	Mandates []Mandate // open, of its capabilities
	Rules    TierRulesRow
	People   map[string]Party

	Sightings Sightings // of what the act names, and of the agent itself
}

// NewCapability makes a draft of a task on an agent: the owner does. The other
// two roles may be nominated at once or later.
func (f AgentFacts) NewCapability(t Task, nominees map[Role]string) (Change, error) {
	if err := f.owns(); err != nil {
		return Change{}, err
	}
	if f.Agent.State == AgentRetired {
		return Change{}, conflict("agent.retired", "This agent is retired.")
	}
	if err := t.Check(f.Now, false); err != nil {
		return Change{}, err
	}
	c := f.change("capability.drafted", "")
	cap := &Capability{ID: c.id("cap"), AgentID: f.Agent.ID, CreatedBy: f.By.Person.ID, CreatedAt: f.Now}
	c.subject = cap.ID
	c.touch(TouchAgent, f.Agent.ID)
	c.touch(TouchCapability, cap.ID)
	c.note("title", t.Title)
	c.insert(cap)
	v := &VersionFile{Version: Version{ID: c.id("ver"), CapabilityID: cap.ID, No: 1, State: Draft, Tier: Low, Need: 1, Round: 1,
		TierRulesID: f.Rules.ID, CreatedBy: f.By.Person.ID, CreatedAt: f.Now}}
	cf := CapabilityFacts{Env: f.Env, Capability: *cap, Agent: *f.Agent, Revision: f.Revision, People: f.People, Open: v}
	c.insert(&v.Version)
	cf.write(c, v, TaskPart, canonical(t))
	nominees[BusinessOwner] = f.By.Person.ID
	for _, r := range MakerRoles {
		if who := nominees[r]; who != "" {
			if err := cf.offer(c, v, r, who); err != nil {
				return Change{}, err
			}
		}
	}
	return *c, nil
}

// owns refuses everybody but the agent's business owner.
func (f AgentFacts) owns() error {
	if f.Agent == nil {
		return notFound("agent")
	}
	if f.bySystem() {
		return nil
	}
	if err := f.must(BusinessOwner); err != nil {
		return err
	}
	if f.Agent.OwnerID != f.By.Person.ID {
		return forbidden("agent.owner", "Only the agent's business owner can do this.")
	}
	return nil
}

// SavePart writes one part of the draft. Its nominee does: the owner the task
// boundary, the provisioner the scope, the control owner the oversight plan.
// rev is the revision of the part as it was shown; 0 where it was empty. An
// unfinished part is kept as it is.
func (f CapabilityFacts) SavePart(part Part, body any, rev int64) (Change, error) {
	if err := f.MayWrite(part); err != nil {
		return Change{}, err
	}
	v := f.Open
	if v.Parts[part].Rev != rev {
		return Change{}, conflict("part.changed", "Somebody saved this part since you opened it. What you typed is still below; look at what is there now before you save again.")
	}
	text, complete, err := f.checkPart(body)
	if err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("version."+string(part)+"_saved", v.Version.ID)
	c.note("part", string(part))
	c.note("version", v.Version.No)
	f.write(c, v, part, text)
	if complete {
		f.done(c, func(d Duty) bool {
			return d.Subject == v.Version.ID && d.Kind == DutyFill && d.Detail == string(part)
		})
		f.askToSubmit(c, v)
	}
	return *c, nil
}

// MayWrite says why this person cannot write the part of the draft, or nil.
func (f CapabilityFacts) MayWrite(part Part) error {
	v, err := f.draft()
	if err != nil {
		return err
	}
	who, named := v.Nominee(part.Role())
	if !named || who != f.By.Person.ID {
		return forbidden("part.nominee", "Only the %s named for this version can write this part.", part.Role().Words())
	}
	if err := f.must(part.Role()); err != nil {
		return err
	}
	if v.Standings[who] == Checker {
		return forbidden("separation.sides", "You signed this version as approver, and so cannot write in it.")
	}
	return nil
}

// With is the version with another body in a part, saved nowhere: what a form
// shows while somebody types.
func (v VersionFile) With(part Part, body any) VersionFile {
	parts := maps.Clone(v.Parts)
	if parts == nil {
		parts = map[Part]VersionPart{}
	}
	p := parts[part]
	p.Body = canonical(body)
	parts[part] = p
	v.Parts = parts
	return v
}

// checkPart checks a body as typed and says whether it is complete.
func (f CapabilityFacts) checkPart(body any) (text string, complete bool, err error) {
	switch b := body.(type) {
	case Task:
		err = b.Check(f.Now, false)
		whole := b
		return canonical(b), whole.Check(f.Now, true) == nil, err
	case Scope:
		if err = b.Check(false); err != nil {
			return "", false, err
		}
		for _, g := range b.Grants {
			op, ok := f.Operations[g.OperationID]
			if !ok || op.State != "active" || f.Systems[op.SystemID].State != "active" {
				return "", false, problems{{Field: "operations", Message: "An operation that was chosen is not in the catalogue any more. Choose again."}}.err()
			}
		}
		if err := f.checkSecrets("secrets", b.Secrets); err != nil {
			return "", false, err
		}
		whole := b
		return canonical(b), whole.Check(true) == nil, nil
	case Oversight:
		if err = b.Check(false); err != nil {
			return "", false, err
		}
		if err := f.checkSecrets("rotate_secrets", b.RotateSecrets); err != nil {
			return "", false, err
		}
		var p problems
		if b.Path.checkPeople(&p, "path", f.People); len(p) > 0 {
			return "", false, p.err()
		}
		b.Path = b.Path.named(f.People)
		whole := b
		return canonical(b), whole.Check(true) == nil, nil
	}
	return "", false, Refusal(Invalid, "input", "There is no such part.")
}

func (f CapabilityFacts) checkSecrets(field string, ids []string) error {
	for _, id := range ids {
		if s, ok := f.Secrets[id]; !ok || s.State != "active" {
			return problems{{Field: field, Message: "A secret that was chosen is not in the catalogue any more. Choose again."}}.err()
		}
	}
	return nil
}

// write puts a body in a part: standing, contribution, part, in the order in
// which the tables lean on each other.
func (f CapabilityFacts) write(c *Change, v *VersionFile, part Part, body string) {
	me := f.By.Person.ID
	v.stand(c, me, Maker)
	f.contribute(c, v, part, me)
	p, exists := v.Parts[part]
	p.VersionID, p.Part, p.Body, p.UpdatedBy, p.CarriedFrom, p.UpdatedAt = v.Version.ID, part, body, &me, nil, f.Now
	if v.Parts == nil {
		v.Parts = map[Part]VersionPart{}
	}
	if exists {
		c.update(&p)
	} else {
		c.insert(&p)
	}
	v.Parts[part] = p
}

func (f CapabilityFacts) contribute(c *Change, v *VersionFile, part Part, person string) {
	for _, x := range v.Contributions {
		if x.Part == part && x.PersonID == person {
			return
		}
	}
	x := Contribution{VersionID: v.Version.ID, Part: part, PersonID: person, Side: Maker, At: f.Now}
	v.Contributions = append(v.Contributions, x)
	c.insert(&x)
}

// askToSubmit asks the owner to submit once nothing is missing.
func (f CapabilityFacts) askToSubmit(c *Change, v *VersionFile) {
	if len(f.Missing(*v)) > 0 {
		return
	}
	asked := slices.ContainsFunc(f.Duties, func(d Duty) bool { return d.Kind == DutySubmit && d.Subject == v.Version.ID })
	if owner, ok := v.Nominee(BusinessOwner); ok && !asked {
		f.owe(c, DutySubmit, v.Version.ID, owner, "")
	}
}

// Nominate offers a maker's role. In a draft and while it waits for answers the
// owner nominates; for what is in force, anybody who answers for it may offer
// their own role to a successor, and the owner any of them.
func (f CapabilityFacts) Nominate(versionID string, r Role, person string) (Change, error) {
	if err := f.MayNominate(versionID, r); err != nil {
		return Change{}, err
	}
	v, _ := f.file(versionID)
	holder, held := v.Holder(r)
	if held && person == holder {
		return Change{}, conflict("nominate.same", "%s already holds this role.", f.name(person))
	}
	c := f.capabilityChange("role.nominated", v.Version.ID)
	if err := f.offer(c, v, r, person); err != nil {
		return Change{}, err
	}
	return *c, nil
}

// MayNominate says why this person cannot offer the role in the version to
// anybody, or nil.
func (f CapabilityFacts) MayNominate(versionID string, r Role) error {
	v, err := f.file(versionID)
	if err != nil {
		return err
	}
	holder, held := v.Holder(r)
	owner, named := v.Nominee(BusinessOwner)
	if !named || f.gone(owner) && !f.gone(f.Agent.OwnerID) {
		owner = f.Agent.OwnerID // who was asked to be it declined, or has left
	}
	switch v.Version.State {
	case Draft, Proposed:
		if f.By.Person.ID != owner || !f.By.Has(BusinessOwner) {
			return forbidden("nominate.owner", "Only the business owner of this version can nominate.")
		}
		if held && !f.gone(holder) {
			return conflict("nominate.held", "%s has already accepted this role.", f.name(holder))
		}
	case Live:
		return f.mayOffer(owner, holder)
	default:
		return conflict("version.state", "A version that is %s takes no nominations.", v.Version.State.Words())
	}
	return nil
}

// mayOffer says who may offer a role of what is in force to a successor: the
// owner, the person who holds it, and where that person has left also any other of
// the four.
func (f CapabilityFacts) mayOffer(owner, holder string) error {
	me := f.By.Person.ID
	left := f.People[holder].Person.Status != PersonActive
	if me == owner || me == holder || left && f.Four(me) {
		return nil
	}
	return forbidden("nominate.four", "Only the business owner, or the person who holds the role, can offer it to a successor.")
}

// offer makes the nomination and its duty, and takes back an unanswered one.
func (f CapabilityFacts) offer(c *Change, v *VersionFile, r Role, person string) error {
	p, ok := f.People[person]
	if !slices.Contains(MakerRoles, r) || !ok {
		return problems{{Field: string(r), Message: "Choose a person for this role."}}.err()
	}
	others := v.named()
	delete(others, r)
	tier := v.Version.Tier
	if v.Version.State == Draft {
		tier = Low // a draft's tier may still change; the submission looks again
	}
	if err := MayHold(r, p, v.Standings[person], tier, others); err != nil {
		return &Error{Code: Invalid, Rule: RuleOf(err), Message: err.Error(), Fields: []FieldError{{string(r), err.Error()}}}
	}
	for i := range v.Nominations {
		if n := &v.Nominations[i]; n.Role == r && n.State == NominationOpen {
			if n.PersonID == person {
				return conflict("nominate.same", "%s is already nominated for this role.", p.Person.Name)
			}
			n.State, n.AnsweredAt = NominationReplaced, f.Now.Ref()
			c.update(n)
		}
	}
	f.done(c, func(d Duty) bool { return d.Subject == v.Version.ID && d.Detail == detailOf(d.Kind, r) })
	n := Nomination{ID: c.id("nom"), VersionID: v.Version.ID, Role: r, PersonID: person, NominatedBy: f.By.Person.ID, NominatedAt: f.Now, State: NominationOpen}
	c.insert(&n)
	v.Nominations = append(v.Nominations, n)
	c.note("role", string(r))
	c.note("nominee", person)
	switch v.Version.State {
	case Draft:
		f.askToFill(c, v, r, person)
	case Live:
		f.owe(c, DutyTakeOver, v.Version.ID, person, string(r))
	default:
		f.owe(c, DutyAccept, v.Version.ID, person, string(r))
	}
	return nil
}

func (f CapabilityFacts) askToFill(c *Change, v *VersionFile, r Role, person string) {
	part := partOf(r)
	if f.partComplete(*v, part) {
		return
	}
	f.owe(c, DutyFill, v.Version.ID, person, string(part))
}

func partOf(r Role) Part {
	switch r {
	case BusinessOwner:
		return TaskPart
	case Provisioner:
		return ScopePart
	default:
		return OversightPart
	}
}

// detailOf is what a duty of the kind about the role carries as its detail.
func detailOf(kind string, r Role) string {
	if kind == DutyFill {
		return string(partOf(r))
	}
	return string(r)
}

// NewDraft starts the next version from the newest one: the owner does. Parts of
// a version that was in force are carried and make nobody a maker; those of one
// that never was keep their authors.
func (f CapabilityFacts) NewDraft() (Change, error) {
	if err := f.MayDraft(); err != nil {
		return Change{}, err
	}
	from := f.newest()
	c := f.capabilityChange("version.drafted", "")
	v := f.copyVersion(c, from)
	c.subject = v.Version.ID
	c.note("version", v.Version.No)
	if _, named := v.Nominee(BusinessOwner); !named {
		if err := f.offer(c, v, BusinessOwner, f.By.Person.ID); err != nil {
			return Change{}, err
		}
	}
	f.askToSubmit(c, v)
	return *c, nil
}

// MayDraft says why the actor cannot start the next version, or nil.
func (f CapabilityFacts) MayDraft() error {
	if f.Open != nil {
		return conflict("version.open", "Version %d is already on its way (%s). Finish or withdraw it first.", f.Open.Version.No, f.Open.Version.State.Words())
	}
	if err := f.must(BusinessOwner); err != nil {
		return err
	}
	owner, _ := f.newest().Nominee(BusinessOwner)
	if f.By.Person.ID != owner && f.By.Person.ID != f.Agent.OwnerID {
		return forbidden("version.owner", "Only the business owner can start a new version.")
	}
	return nil
}

// newest is what the next version is drafted from.
func (f CapabilityFacts) newest() *VersionFile {
	if f.Force != nil {
		return f.Force
	}
	return f.Last
}

// copyVersion makes the draft that follows a version, with its parts and nominees.
func (f CapabilityFacts) copyVersion(c *Change, from *VersionFile) *VersionFile {
	based := from.Version.ID
	v := &VersionFile{Version: Version{ID: c.id("ver"), CapabilityID: f.Capability.ID, No: f.Last.Version.No + 1, State: Draft, Tier: Low, Need: 1,
		Round: 1, TierRulesID: f.Rules.ID, BasedOn: &based, CreatedBy: f.By.Person.ID, CreatedAt: f.Now}, Parts: map[Part]VersionPart{}, Standings: map[string]string{}}
	c.insert(&v.Version)
	for _, part := range Parts {
		p, ok := from.Parts[part]
		if !ok {
			continue
		}
		p.VersionID, p.Rev, p.UpdatedAt = v.Version.ID, 0, f.Now
		if from.HadMandate {
			p.UpdatedBy, p.CarriedFrom = nil, &based
		} else {
			for _, x := range from.Contributions {
				if x.Part == part && p.UpdatedBy != nil {
					v.stand(c, x.PersonID, Maker)
					f.contribute(c, v, part, x.PersonID)
				}
			}
		}
		c.insert(&p)
		v.Parts[part] = p
	}
	for _, r := range MakerRoles {
		who, ok := from.Nominee(r)
		if !ok || !f.People[who].Has(r) {
			continue
		}
		n := Nomination{ID: c.id("nom"), VersionID: v.Version.ID, Role: r, PersonID: who, NominatedBy: f.By.Person.ID, NominatedAt: f.Now, State: NominationOpen}
		c.insert(&n)
		v.Nominations = append(v.Nominations, n)
		if !f.partComplete(*v, partOf(r)) {
			f.owe(c, DutyFill, v.Version.ID, who, string(partOf(r)))
		}
	}
	return v
}
