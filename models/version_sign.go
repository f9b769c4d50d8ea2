package models

// Shown is what the signer's page showed: the decision counts for nothing else.
type Shown struct {
	VersionID string
	Digest    string
	Round     int
}

// reviewed is the version that is open for decisions: in review, or in force
// with a restart asked for.
func (f CapabilityFacts) reviewed(s Shown) (*VersionFile, error) {
	v, err := f.file(s.VersionID)
	if err != nil {
		return nil, err
	}
	if v.Version.Digest != s.Digest || v.Version.Round != s.Round {
		return nil, changed()
	}
	if v.Version.State == InReview || v.Version.State == Live && f.Restart != nil && f.Restart.VersionID == v.Version.ID {
		return v, nil
	}
	return nil, conflict("version.changed", "This changed since you opened it: the version is now %s. Nothing was recorded.", v.Version.State.Words())
}

// maySignNow is the guard of a sign-off: a seat that is free, and where no passkey
// is asked for, the fresh sign-in that the rules may ask. Asking for changes and
// refusing need neither. It says in whose name the sign-off is.
func (f CapabilityFacts) maySignNow(v *VersionFile, how Signing) (Standin, error) {
	who, err := f.inNameOf(how)
	if err != nil {
		return who, err
	}
	if err := MaySignFor(f.By, who.Principal, *v); err != nil {
		return who, err
	}
	if !v.NeedsPasskey() && f.askOf(v).FreshSignIn && !f.Fresh() {
		return who, Refusal(Stale, "sign.fresh", "At tier %s a sign-off asks for a fresh sign-in: within the last %d minutes. Sign in again, and you come back to this page.", v.Version.Tier, FreshFor/Minute)
	}
	return who, nil
}

// askOf is what the version's own pinned rules ask of its signers.
func (f CapabilityFacts) askOf(v *VersionFile) Ask { return v.Version.Doc().Ask }

// teamOf is the team for which a sign-off in the principal's name is given; how
// comes back tidy.
func teamOf(principal Party, v *VersionFile, how *Signing) (Team, error) {
	teams := teamsFor(principal, *v)
	if how.TeamID == "" && len(teams) == 1 {
		how.TeamID = teams[0].ID
	}
	var team Team
	for _, t := range teams {
		if t.ID == how.TeamID {
			team = t
		}
	}
	var p problems
	how.Comment = tidy(how.Comment)
	p.text("reason", how.Comment, MaxText)
	if team.ID == "" {
		p.add("team", "Choose the team for which you sign.")
	}
	return team, p.err()
}

// SignOff is one approver's yes to what was shown, for one of their teams. The
// last one that is needed puts the version in force, in the same transaction.
func (f CapabilityFacts) SignOff(s Shown, how Signing) (Change, error) {
	v, err := f.reviewed(s)
	if err != nil {
		return Change{}, err
	}
	who, err := f.maySignNow(v, how)
	if err != nil {
		return Change{}, err
	}
	team, err := teamOf(who.Principal, v, &how)
	if err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("version.signed_off", v.Version.ID)
	c.note("version", v.Version.No)
	c.note("digest", v.Version.Digest)
	c.note("round", v.Version.Round)
	c.note("team", team.Name)
	if how.Comment != "" {
		c.note("reason", how.Comment)
	}
	f.evidence(c, v)
	f.checks(c, v, who)
	sign := SignOff{ID: c.id("sig"), VersionID: v.Version.ID, Digest: v.Version.Digest, Round: v.Version.Round, SignerID: f.By.Person.ID,
		PrincipalID: who.Principal.Person.ID, DelegationID: who.delegationID(), TeamID: team.ID, Side: Checker, Comment: how.Comment, SignedAt: f.Now}
	if sign.Method, sign.SignatureID, err = f.method(c, v, team, who, how); err != nil {
		return Change{}, err
	}
	c.insert(&sign)
	v.SignOffs = append(v.SignOffs, sign)
	if v.Enough() {
		f.done(c, func(d Duty) bool { return d.Subject == v.Version.ID && d.Kind == DutySign })
		if v.Version.State == InReview {
			v.Version.State, v.Version.ApprovedAt = Approved, f.Now.Ref()
			c.update(&v.Version)
			c.outcome = string(Approved)
			c.notify("version.approved", "capability:"+f.Capability.ID, v.Version.ID)
		}
		f.goLive(c, v)
	}
	return *c, nil
}

// method is by what the sign-off is given: a passkey's signature where one is
// asked for, otherwise the session.
func (f CapabilityFacts) method(c *Change, v *VersionFile, team Team, who Standin, how Signing) (method string, signature *string, err error) {
	method = MethodSession
	switch {
	case v.NeedsPasskey():
		s, err := f.signature(c, f.approval(DecisionSignOff, v, team.ID, who, how), how)
		if err != nil {
			return "", nil, err
		}
		method, signature = MethodPasskey, &s.ID
	case f.askOf(v).FreshSignIn:
		method = MethodFresh
	}
	c.note("method", method)
	return method, signature, nil
}

// AskForChanges sends what was shown back with a reason and starts the draft in
// which it is changed. A restart is not changed but refused. how says in whose
// name, and has the reason as its comment.
func (f CapabilityFacts) AskForChanges(s Shown, how Signing) (Change, error) {
	v, err := f.reviewed(s)
	if err != nil {
		return Change{}, err
	}
	if v.Version.State == Live {
		return Change{}, conflict("version.state", "This version is in force and signed; a new version can change it. Sign the restart off, or refuse it.")
	}
	who, err := f.mayCheckNow(v, how)
	if err != nil {
		return Change{}, err
	}
	reason := how.Comment
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("version.sent_back", v.Version.ID)
	f.evidence(c, v)
	f.checks(c, v, who)
	f.end(c, v, ChangesRequested, reason)
	next := f.copyVersion(c, v)
	for _, r := range MakerRoles {
		if who, ok := next.Nominee(r); ok {
			f.owe(c, DutyEdit, next.Version.ID, who, string(partOf(r)))
		}
	}
	return *c, nil
}

// Refuse rejects what was shown, with a reason: the version ends. Of a restart,
// the restart ends and the stop stands.
func (f CapabilityFacts) Refuse(s Shown, how Signing) (Change, error) {
	v, err := f.reviewed(s)
	if err != nil {
		return Change{}, err
	}
	who, err := f.mayCheckNow(v, how)
	if err != nil {
		return Change{}, err
	}
	reason := how.Comment
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	if v.Version.State == Live {
		c := f.capabilityChange("restart.refused", v.Version.ID)
		f.evidence(c, v)
		c.note("reason", reason)
		f.checks(c, v, who)
		f.endRestart(c, RestartRefused, reason)
		f.done(c, func(d Duty) bool { return d.Subject == v.Version.ID && d.Kind == DutySign })
		f.oweLift(c, v)
		return *c, nil
	}
	c := f.capabilityChange("version.refused", v.Version.ID)
	f.evidence(c, v)
	f.checks(c, v, who)
	f.end(c, v, Rejected, reason)
	return *c, nil
}

// mayCheckNow is the guard of the two other decisions.
func (f CapabilityFacts) mayCheckNow(v *VersionFile, how Signing) (Standin, error) {
	who, err := f.inNameOf(how)
	if err != nil {
		return who, err
	}
	return who, MayCheckFor(f.By, who.Principal, *v)
}

// checks records that the deciding person stands on the checkers' side, and
// whoever they decide for with them.
func (f CapabilityFacts) checks(c *Change, v *VersionFile, who Standin) {
	v.stand(c, f.By.Person.ID, Checker)
	v.stand(c, who.Principal.Person.ID, Checker)
	if who.Delegation != nil {
		c.onBehalf(who.Principal.Person.ID)
	}
}

// Recall takes one's own sign-off back, with a reason. In review it no longer
// counts; in force it is a hold that only a new round lifts.
func (f CapabilityFacts) Recall(signOffID, reason string) (Change, error) {
	for _, v := range []*VersionFile{f.Open, f.Force} {
		if v == nil {
			continue
		}
		for _, s := range v.SignOffs {
			if s.ID == signOffID {
				return f.recall(v, s, reason)
			}
		}
	}
	return Change{}, notFound("sign-off")
}

func (f CapabilityFacts) recall(v *VersionFile, s SignOff, reason string) (Change, error) {
	if s.SignerID != f.By.Person.ID && s.PrincipalID != f.By.Person.ID {
		return Change{}, forbidden("recall.signer", "Only the person who signed can take the sign-off back.")
	}
	for _, r := range v.Recalls {
		if r.SignOffID == s.ID {
			return Change{}, conflict("recall.once", "This sign-off was already taken back.")
		}
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("sign_off.recalled", v.Version.ID)
	if s.OnBehalf() && s.SignerID == f.By.Person.ID {
		c.onBehalf(s.PrincipalID)
	}
	c.note("reason", reason)
	c.note("version", v.Version.No)
	r := Recall{SignOffID: s.ID, PersonID: f.By.Person.ID, Reason: reason, RecalledAt: f.Now}
	c.insert(&r)
	v.Recalls = append(v.Recalls, r)
	switch v.Version.State {
	case Approved:
		if v.Enough() {
			break // one more had signed than was needed
		}
		v.Version.State, v.Version.ApprovedAt = InReview, nil
		c.update(&v.Version)
		f.done(c, about(v.Version.ID))
		f.owePool(c, DutySign, v.Version.ID, PoolApprover, "")
	case Live:
		f.hold(c, OnCapability, f.Capability.ID, HoldRecall, reason)
		f.oweLift(c, v)
	}
	return *c, nil
}
