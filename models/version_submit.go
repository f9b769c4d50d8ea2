package models

// Gap is something that keeps a draft from being submitted: what, and in which
// part or role ("agent" for the agent itself).
type Gap struct {
	Where string // "task", "scope", "oversight", a role, or "agent"
	Text  string
}

// partComplete says whether a part has everything that a submission asks.
func (f CapabilityFacts) partComplete(v VersionFile, part Part) bool {
	return len(f.partGaps(v, part)) == 0
}

func (f CapabilityFacts) partGaps(v VersionFile, part Part) []Gap {
	var err error
	body := v.Contents()
	switch part {
	case TaskPart:
		err = body.Task.Check(f.Now, true)
	case ScopePart:
		err = body.Scope.Check(true)
	default:
		err = body.Oversight.Check(true)
	}
	if err == nil {
		return nil
	}
	var gaps []Gap
	for _, e := range FieldsOf(err) {
		gaps = append(gaps, Gap{string(part), e.Message})
	}
	return gaps
}

// Missing is everything that keeps the draft from being submitted, in the order
// in which pages show it. Whether enough people could sign is asked last.
func (f CapabilityFacts) Missing(v VersionFile) []Gap {
	var gaps []Gap
	if f.Agent.State != AgentRegistered || f.Revision == nil {
		gaps = append(gaps, Gap{"agent", "Finish registering the agent."})
	}
	for _, part := range Parts {
		gaps = append(gaps, f.partGaps(v, part)...)
	}
	doc := f.Preview(v)
	if body := v.Contents(); body.Scope.LifetimeMinutes > doc.Ask.LifetimeMinutes && len(body.Scope.Grants) > 0 {
		gaps = append(gaps, Gap{string(ScopePart), "At tier " + string(doc.Tier) + " a credential lives at most " + itoa(doc.Ask.LifetimeMinutes) + " minutes; the scope says " + itoa(body.Scope.LifetimeMinutes) + "."})
	}
	if len(doc.Facts) < len(doc.Scope.Grants) {
		gaps = append(gaps, Gap{string(ScopePart), "An operation that was chosen is not in the catalogue any more."})
	}
	for _, fact := range doc.Facts {
		if f.Operations[fact.OperationID].State != "active" || f.Systems[fact.SystemID].State != "active" {
			gaps = append(gaps, Gap{string(ScopePart), fact.Title + " in " + fact.System + " is retired."})
		}
	}
	var left problems
	doc.Oversight.Path.checkPeople(&left, "path", f.People)
	for _, e := range left {
		gaps = append(gaps, Gap{string(OversightPart), "The escalation path: " + e.Message})
	}
	for _, r := range MakerRoles {
		who, ok := v.Nominee(r)
		if !ok {
			gaps = append(gaps, Gap{string(r), "Nobody is nominated as " + r.Words() + "."})
			continue
		}
		others := v.named()
		if err := MayHold(r, f.People[who], v.Standings[who], doc.Tier, others); err != nil {
			gaps = append(gaps, Gap{string(r), err.Error()})
		}
	}
	if len(gaps) == 0 && !EnoughApprovers(f.Approvers, v, doc.Need, doc.Apart) {
		text := "Too few people could sign this: tier " + string(doc.Tier) + " needs " + itoa(doc.Need)
		if doc.Apart {
			text += " of different teams"
		}
		gaps = append(gaps, Gap{"approver", text + " who had no part in it."})
	}
	if len(gaps) == 0 {
		if silent := CustodianMissing(f.Approvers, v, doc.Custodians); silent != "" {
			gaps = append(gaps, Gap{"approver", f.lookedAfterBy(silent, doc) + " asks for a sign-off of its custodian’s team, and too few approvers of it had no part in this."})
		}
	}
	return gaps
}

// lookedAfterBy names a system in the scope that asks for a sign-off of the team.
func (f CapabilityFacts) lookedAfterBy(team string, doc Document) string {
	for _, x := range doc.Facts {
		if s := f.Systems[x.SystemID]; s.AsksCustodian == 1 && s.CustodianTeamID == team {
			return s.Name
		}
	}
	return "A system"
}

// Submit freezes the draft, binds it to its digest and asks the three nominees
// to accept. A maker submits.
func (f CapabilityFacts) Submit(versionID string, compile Compile) (Change, error) {
	v, err := f.draft()
	if err != nil {
		return Change{}, err
	}
	if v.Version.ID != versionID {
		return Change{}, changed()
	}
	if err := f.MaySubmit(); err != nil {
		return Change{}, err
	}
	if gaps := f.Missing(*v); len(gaps) > 0 {
		var p problems
		for _, g := range gaps {
			p.add(g.Where, "%s", g.Text)
		}
		return Change{}, p.err()
	}
	doc := f.Preview(*v)
	if doc.Cedar, err = compile(doc); err != nil {
		return Change{}, err
	}
	if v.Version.Document, err = Canonical(doc); err != nil {
		return Change{}, err
	}
	x := &v.Version
	me := f.By.Person.ID
	x.State, x.Digest, x.Tier, x.Need, x.TierRulesID = Proposed, Digest(x.Document), doc.Tier, doc.Need, doc.TierRules
	x.Apart = 0
	if doc.Apart {
		x.Apart = 1
	}
	if len(doc.Custodians) > 0 {
		x.Custodians = canonical(doc.Custodians)
	}
	x.AgentRevisionID, x.SubmittedBy, x.SubmittedAt = f.Agent.RevisionID, &me, f.Now.Ref()
	c := f.capabilityChange("version.submitted", x.ID)
	c.note("version", x.No)
	c.note("digest", x.Digest)
	c.note("tier", string(x.Tier))
	c.update(x)
	f.done(c, about(x.ID))
	for _, r := range MakerRoles {
		who, _ := v.Nominee(r)
		f.owe(c, DutyAccept, x.ID, who, string(r))
	}
	c.outcome = string(Proposed)
	return *c, nil
}

// MaySubmit says why this person cannot submit the draft, or nil; what is still
// missing in it is another question.
func (f CapabilityFacts) MaySubmit() error {
	v, err := f.draft()
	if err != nil {
		return err
	}
	if !f.makes(v, f.By.Person.ID) {
		return forbidden("submit.maker", "Only the people who make this version can submit it.")
	}
	return nil
}

// makes says whether the person holds or is offered a maker's role, with the role granted.
func (f CapabilityFacts) makes(v *VersionFile, person string) bool {
	for _, r := range MakerRoles {
		if who, ok := v.Nominee(r); ok && who == person && f.By.Has(r) {
			return true
		}
	}
	return false
}

// Accept takes up a role on the digest that was shown: its nominee does. The
// last acceptance of a proposed version opens its review; one of a version in
// force makes the successor's mandate.
func (f CapabilityFacts) Accept(versionID string, r Role, digest string) (Change, error) {
	v, err := f.file(versionID)
	if err != nil {
		return Change{}, err
	}
	n, ok := v.Offered(r)
	if !ok || n.PersonID != f.By.Person.ID {
		return Change{}, forbidden("accept.nominee", "This role is not offered to you.")
	}
	if v.Version.State != Proposed && v.Version.State != Live {
		return Change{}, conflict("version.state", "This version is %s; there is nothing to accept.", v.Version.State.Words())
	}
	if digest != v.Version.Digest {
		return Change{}, changed()
	}
	others := v.named()
	delete(others, r)
	if err := MayHold(r, f.By, v.Standings[f.By.Person.ID], v.Version.Tier, others); err != nil {
		return Change{}, err
	}
	former, succeeds := v.Holder(r)
	if err := f.MayTakeOn(v, r); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("role.accepted", v.Version.ID)
	if f.over() {
		c.note("over", f.Load+1)
	}
	c.note("role", string(r))
	c.note("version", v.Version.No)
	c.note("digest", digest)
	f.takeUp(c, v, r, n)
	f.done(c, func(d Duty) bool {
		return d.Subject == v.Version.ID && d.Detail == string(r) && (d.Kind == DutyAccept || d.Kind == DutyTakeOver || d.Kind == DutyNominate)
	})
	if v.Version.State == Live {
		c.act = "role.succeeded"
		f.inherit(c, r, former)
		if succeeds {
			c.note("former", former)
		}
		f.succeed(c, v, r, former)
		f.reviewMoves(c, r, f.By.Person.ID) // after it: a small review that is asked anew is asked of the successor
		return *c, nil
	}
	for _, r := range MakerRoles {
		if _, held := v.Holder(r); !held {
			return *c, nil
		}
	}
	v.Version.State = InReview
	c.update(&v.Version)
	f.owePool(c, DutySign, v.Version.ID, PoolApprover, "")
	c.outcome = string(InReview)
	return *c, nil
}

// inherit makes the successor of an agent's business owner the agent's owner.
func (f CapabilityFacts) inherit(c *Change, r Role, former string) {
	if r != BusinessOwner || f.Agent.OwnerID != former {
		return
	}
	a := f.Agent
	a.OwnerID = f.By.Person.ID
	c.update(&a)
	c.note("agent_owner", a.OwnerID)
}

// takeUp writes the acceptance: the former holder's nomination ends first, since
// of one role at most one is accepted.
func (f CapabilityFacts) takeUp(c *Change, v *VersionFile, r Role, offer Nomination) {
	for i := range v.Nominations {
		if n := &v.Nominations[i]; n.Role == r && n.State == NominationAccepted {
			n.State = NominationReplaced
			c.update(n)
		}
	}
	for i := range v.Nominations {
		if n := &v.Nominations[i]; n.ID == offer.ID {
			n.State, n.AnsweredAt = NominationAccepted, f.Now.Ref()
			c.update(n)
		}
	}
	v.stand(c, offer.PersonID, Maker)
	for _, a := range v.Acceptances {
		if a.Role == r && a.PersonID == offer.PersonID {
			return // took it up before and handed it on: the row stands
		}
	}
	a := Acceptance{VersionID: v.Version.ID, Role: r, PersonID: offer.PersonID, Digest: v.Version.Digest, Side: Maker, AcceptedAt: f.Now}
	v.Acceptances = append(v.Acceptances, a)
	c.insert(&a)
}

// Decline turns an offered role down, with a reason. The role is then a hole
// that the owner is asked to fill; a live version stays as it is.
func (f CapabilityFacts) Decline(versionID string, r Role, reason string) (Change, error) {
	v, err := f.file(versionID)
	if err != nil {
		return Change{}, err
	}
	offer, ok := v.Offered(r)
	if !ok || offer.PersonID != f.By.Person.ID {
		return Change{}, forbidden("accept.nominee", "This role is not offered to you.")
	}
	if s := v.Version.State; s != Draft && s != Proposed && s != Live {
		return Change{}, conflict("version.state", "This version is %s; there is nothing to decline.", s.Words())
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("role.declined", v.Version.ID)
	c.note("role", string(r))
	c.note("reason", reason)
	for i := range v.Nominations {
		if n := &v.Nominations[i]; n.ID == offer.ID {
			n.State, n.AnsweredAt, n.Reason = NominationDeclined, f.Now.Ref(), reason
			c.update(n)
		}
	}
	f.done(c, func(d Duty) bool {
		return d.Subject == v.Version.ID && d.Holder == f.By.Person.ID && d.Detail == detailOf(d.Kind, r)
	})
	owner, named := v.Nominee(BusinessOwner)
	if !named {
		owner = f.Agent.OwnerID
	}
	f.owe(c, DutyNominate, v.Version.ID, owner, string(r))
	return *c, nil
}

func needReason(reason *string) error {
	*reason = tidy(*reason)
	var p problems
	p.needText("reason", *reason, MaxText, "a reason; the people concerned will read it")
	return p.err()
}

// Withdraw takes an open version back: its owner does, with a reason; where the
// owner has left, another of its makers.
func (f CapabilityFacts) Withdraw(versionID, reason string) (Change, error) {
	if err := f.MayWithdraw(versionID); err != nil {
		return Change{}, err
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	v := f.Open
	c := f.capabilityChange("version.withdrawn", v.Version.ID)
	f.end(c, v, Withdrawn, reason)
	return *c, nil
}

// MayWithdraw says why this person cannot take the version back, or nil.
func (f CapabilityFacts) MayWithdraw(versionID string) error {
	v := f.Open
	if v == nil || v.Version.ID != versionID {
		return changed()
	}
	owner, named := v.Nominee(BusinessOwner)
	if !named {
		owner = f.Agent.OwnerID
	}
	if f.People[owner].Person.Status != PersonActive && f.makes(v, f.By.Person.ID) {
		return nil
	}
	if owner != f.By.Person.ID || !f.By.Has(BusinessOwner) {
		return forbidden("withdraw.owner", "Only the business owner can withdraw this version.")
	}
	return nil
}

// end moves a version to one of its last states and closes what is owed for it.
func (f CapabilityFacts) end(c *Change, v *VersionFile, state State, reason string) {
	by := f.Act.Person
	v.Version.State, v.Version.EndedBy, v.Version.EndedAt, v.Version.Reason = state, &by, f.Now.Ref(), reason
	c.note("version", v.Version.No)
	c.note("digest", v.Version.Digest)
	if reason != "" {
		c.note("reason", reason)
	}
	c.update(&v.Version)
	f.endEmergency(c, f.emergencyOf(v.Version.ID), EmergencyVersion, "")
	f.done(c, about(v.Version.ID))
	f.mootReviews(c, v.Version.ID)
	c.outcome = string(state)
	c.notify("version."+string(state), "capability:"+f.Capability.ID, v.Version.ID)
}
