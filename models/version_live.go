package models

// goLive puts a fully signed version in force when nothing is missing any more:
// the mandate with its seats, the identities bound, the former version
// superseded, and what a restart lifts. Called in the transaction of whichever
// fact came last; it does nothing while one is still missing.
func (f CapabilityFacts) goLive(c *Change, v *VersionFile) bool {
	if why := f.notYet(v); why != "" {
		if v.Version.State == Approved {
			owner, _ := v.Holder(BusinessOwner)
			f.done(c, func(d Duty) bool { return d.Subject == v.Version.ID && d.Kind == DutyGoLive })
			f.owe(c, DutyGoLive, v.Version.ID, owner, why)
		}
		return false
	}
	if f.Mandate != nil {
		reason := "restarted"
		if f.Force.Version.ID != v.Version.ID {
			reason = "superseded"
			f.Force.Version.State, f.Force.Version.EndedAt = Superseded, f.Now.Ref()
			by := f.Act.Person
			f.Force.Version.EndedBy = &by
			c.update(&f.Force.Version)
			f.done(c, about(f.Force.Version.ID))
			f.mootReviews(c, f.Force.Version.ID)
			if f.Restart != nil {
				f.endRestart(c, RestartRefused, "A new version went live.")
			}
		}
		f.endMandate(c, reason)
	}
	restarted := v.Version.State == Live
	if !restarted {
		v.Version.State = Live
		c.update(&v.Version)
		f.bind(c)
	}
	f.mandate(c, v)
	f.endEmergency(c, f.emergencyOf(v.Version.ID), EmergencyLive, "")
	f.done(c, func(d Duty) bool { return about(v.Version.ID)(d) && !outlivesRound(d) })
	if restarted {
		f.liftAfterRestart(c)
		f.endRestart(c, RestartDone, "")
	}
	if !restarted && len(f.Liftable()) > 0 {
		f.oweLift(c, v) // the stop of the version before stands on this one too
	}
	c.outcome = string(Live)
	c.notify("version.live", "capability:"+f.Capability.ID, v.Version.ID)
	return true
}

// notYet says what keeps a version from going live; "" for nothing.
func (f CapabilityFacts) notYet(v *VersionFile) string {
	if why := f.makersGone(v); why != "" {
		return why
	}
	if !v.Enough() {
		return "sign-offs are missing"
	}
	return f.notItsTime(v)
}

// makersGone says which of its makers is missing; "" for none.
func (f CapabilityFacts) makersGone(v *VersionFile) string {
	for _, r := range MakerRoles {
		who, held := v.Holder(r)
		if !held {
			return "nobody has accepted the role " + r.Words()
		}
		if p, known := f.People[who]; !known || p.Person.Status != PersonActive {
			return f.name(who) + ", who accepted the role " + r.Words() + ", has left"
		}
	}
	return ""
}

// notItsTime says why it could not run just now, whoever signed it; "" for nothing.
func (f CapabilityFacts) notItsTime(v *VersionFile) string {
	task := v.Contents().Task
	if start := task.Starts(); start > f.Now {
		return "it starts on " + day(task.StartOn)
	}
	if end := task.Ends(); end != 0 && end <= f.Now {
		return "its last day, " + day(task.EndOn) + ", is over"
	}
	for _, want := range f.identities(v) {
		for _, b := range f.Bindings {
			if b.AgentID != f.Agent.ID && b.Issuer == want.Issuer && b.Subject == want.Subject && b.Audience == want.Audience {
				return "another agent holds the identity " + want.Subject
			}
		}
	}
	return ""
}

func (f CapabilityFacts) identities(v *VersionFile) []Identity {
	if f.Revision == nil || v.Version.AgentRevisionID == nil || *v.Version.AgentRevisionID != f.Revision.ID {
		return nil // the agent has moved on to a newer revision: its own go-live binds that one's
	}
	return f.Revision.Manifest().Bindings
}

// bind ties the manifest's identities to the agent, where they are not yet.
func (f CapabilityFacts) bind(c *Change) {
	v := f.Open
	if v == nil {
		return
	}
next:
	for _, want := range f.identities(v) {
		for _, b := range f.Bindings {
			if b.AgentID == f.Agent.ID && b.Issuer == want.Issuer && b.Subject == want.Subject && b.Audience == want.Audience {
				continue next
			}
		}
		c.insert(&Binding{ID: c.id("bnd"), AgentID: f.Agent.ID, Issuer: want.Issuer, Subject: want.Subject, Audience: want.Audience, BoundAt: f.Now})
	}
}

// mandate inserts the mandate of a version with the people who hold it now.
func (f CapabilityFacts) mandate(c *Change, v *VersionFile) *Mandate {
	owner, _ := v.Holder(BusinessOwner)
	provisioner, _ := v.Holder(Provisioner)
	control, _ := v.Holder(ControlOwner)
	ask, x := f.askOf(v), v.Version
	review := f.Now + Instant(ask.ReviewDays)*Day
	if f.Mandate != nil && f.Mandate.VersionID == x.ID && f.Mandate.Round == x.Round {
		review = f.Mandate.ReviewDueAt // a successor takes over; the clock of the review goes on
	}
	until := review + Instant(ask.GraceDays)*Day
	if end := v.Contents().Task.Ends(); end != 0 && end < until {
		until = end
	}
	m := &Mandate{ID: c.id("man"), CapabilityID: x.CapabilityID, VersionID: x.ID, Digest: x.Digest, Tier: x.Tier, Need: x.Need, Apart: x.Apart, Round: x.Round,
		OwnerID: owner, ProvisionerID: provisioner, ControlOwnerID: control,
		OwnerRole: BusinessOwner, ProvisionerRole: Provisioner, ControlRole: ControlOwner,
		FromAt: f.Now, ReviewDueAt: review, UntilAt: until}
	c.note("mandate", m.ID)
	c.insert(m)
	for i, s := range v.seated() {
		seat := Seat{MandateID: m.ID, Seat: i + 1, SignOffID: s.ID, VersionID: x.ID, Round: x.Round, Digest: x.Digest, Apart: x.Apart,
			ApartKey: s.ID, TeamID: s.TeamID, SignerID: s.SignerID, PrincipalID: s.PrincipalID}
		if x.Apart == 1 {
			seat.ApartKey = s.TeamID
		}
		if i > 0 {
			seat.Prev = &i
		}
		c.insert(&seat)
		c.insert(&SeatPerson{MandateID: m.ID, PersonID: s.SignerID, Seat: i + 1})
		if s.PrincipalID != s.SignerID {
			c.insert(&SeatPerson{MandateID: m.ID, PersonID: s.PrincipalID, Seat: i + 1})
		}
	}
	return m
}

func (f CapabilityFacts) endMandate(c *Change, reason string) {
	f.Mandate.EndedAt, f.Mandate.EndReason = f.Now.Ref(), reason
	c.update(f.Mandate)
}

// GoLive puts an approved version in force once its first day is reached or
// what was in the way is gone: any of its makers does, or the clock.
func (f CapabilityFacts) GoLive(versionID string) (Change, error) {
	if err := f.MayGoLive(versionID); err != nil {
		return Change{}, err
	}
	v := f.Open
	c := f.capabilityChange("version.went_live", v.Version.ID)
	c.note("version", v.Version.No)
	c.note("digest", v.Version.Digest)
	f.goLive(c, v)
	return *c, nil
}

// MayGoLive says why the actor cannot put an approved version in force now, or nil.
func (f CapabilityFacts) MayGoLive(versionID string) error {
	v := f.Open
	if v == nil || v.Version.ID != versionID || v.Version.State != Approved {
		return changed()
	}
	if !f.bySystem() && !f.makes(v, f.By.Person.ID) {
		return forbidden("live.maker", "Only the people who make this version can put it in force.")
	}
	if why := f.notYet(v); why != "" {
		return conflict("live.not_yet", "It cannot go live yet: %s.", why)
	}
	return nil
}

// LapseAfter is how long an approved version waits to go live.
const LapseAfter = 30 * Day

// Lapse ends an approved version that never went live. The clock does.
func (f CapabilityFacts) Lapse(versionID string) (Change, error) {
	v := f.Open
	if v == nil || v.Version.ID != versionID || v.Version.State != Approved {
		return Change{}, changed()
	}
	if !f.bySystem() {
		return Change{}, forbidden("lapse.clock", "Only the clock lets an approval lapse.")
	}
	if f.Now < *v.Version.ApprovedAt+LapseAfter {
		return Change{}, conflict("lapse.early", "The approval lapses 30 days after it was given.")
	}
	c := f.capabilityChange("version.lapsed", v.Version.ID)
	f.end(c, v, Expired, "Approved, and not put in force within 30 days.")
	return *c, nil
}

// succeed replaces the mandate with the new holder's. Where the former holder
// has left a high or critical capability, a new round of sign-offs comes first.
func (f CapabilityFacts) succeed(c *Change, v *VersionFile, r Role, former string) {
	left := f.People[former].Person.Status != PersonActive
	if left && v.Version.Tier.Rank() >= High.Rank() && f.Restart == nil {
		f.restart(c, v, "The former holder of a role left; the successor accepted.")
		return
	}
	if v.Version.Round != f.Mandate.Round || !v.Enough() {
		// A round is being signed, and its mandate names the successor; or it is
		// signed, and the successor was what was missing.
		if f.Restart != nil {
			f.goLive(c, v)
		}
		return
	}
	f.endMandate(c, "succession")
	f.mandate(c, v)
	c.outcome = "succeeded"
	f.askAbout(c, Changed{Kind: ChangeOfPeople, Role: r, From: former, To: f.By.Person.ID, At: f.Now})
}

// Revoke ends what is in force for good: the owner or the control owner does.
func (f CapabilityFacts) Revoke(reason string) (Change, error) {
	if err := f.MayRevoke(); err != nil {
		return Change{}, err
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("version.revoked", f.Force.Version.ID)
	f.revoke(c, reason)
	return *c, nil
}

func (f CapabilityFacts) revoke(c *Change, reason string) {
	if f.Restart != nil {
		f.endRestart(c, RestartRefused, "Revoked.")
	}
	f.endMandate(c, "revoked")
	f.end(c, f.Force, Revoked, reason)
}

// MayRevoke says why the actor cannot revoke what is in force, or nil.
func (f CapabilityFacts) MayRevoke() error {
	if f.Mandate == nil {
		return conflict("revoke.live", "Nothing is in force here.")
	}
	if me := f.By.Person.ID; me != f.Mandate.OwnerID && me != f.Mandate.ControlOwnerID {
		return forbidden("revoke.two", "Only the business owner or the control owner can revoke it.")
	}
	return nil
}
