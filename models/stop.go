package models

// Stop places a hold at once, on the capability or on its whole agent: any one
// of its four does, with a cause. Nothing is asked back; starting again is what
// takes a round.
func (f CapabilityFacts) Stop(target, cause string) (Change, error) {
	if me := f.By.Person.ID; f.Mandate == nil || !f.answers(me) && f.answersInEmergency(me) {
		return f.stopEmergency(target, cause)
	}
	if !f.answers(f.By.Person.ID) {
		return Change{}, forbidden("stop.four", "Only the four who answer for this capability can stop it.")
	}
	cause, err := stopCause(target, cause)
	if err != nil {
		return Change{}, err
	}
	id := f.Capability.ID
	if target == OnAgent {
		id = f.Agent.ID
	}
	c := f.capabilityChange(target+".stopped", f.Capability.ID)
	c.note("cause", cause)
	f.hold(c, target, id, HoldStop, cause)
	f.endEmergency(c, f.openEmergency(), EmergencyStopped, cause)
	f.oweLift(c, f.Force)
	if target == OnAgent {
		f.oweSiblingsLift(c)
	}
	c.outcome = "held"
	c.notify("stop.placed", target+":"+id, f.Capability.ID)
	return *c, nil
}

func stopCause(target, cause string) (string, error) {
	cause = tidy(cause)
	var p problems
	p.needText("cause", cause, MaxText, "why it is stopped; one sentence is enough")
	if target != OnCapability && target != OnAgent {
		p.add("target", "Choose what to stop.")
	}
	return cause, p.err()
}

// answers says whether the person is one of the four of the open mandate. A
// grant that was taken away does not take the duty to stop with it.
func (f CapabilityFacts) answers(person string) bool {
	if f.By.Person.Status != PersonActive {
		return false
	}
	if f.serves(person) {
		return true
	}
	for _, s := range f.Force.SignOffs {
		if s.SignerID == person || s.PrincipalID == person {
			return true
		}
	}
	return false
}

// serves says whether the person holds a maker's role in what is in force: by
// its mandate, or accepted as a successor whose mandate waits for a round.
func (f CapabilityFacts) serves(person string) bool {
	m := f.Mandate
	if person == m.OwnerID || person == m.ProvisionerID || person == m.ControlOwnerID {
		return true
	}
	for _, r := range MakerRoles {
		if holder, held := f.Force.Holder(r); held && holder == person {
			return true
		}
	}
	return false
}

func (f CapabilityFacts) hold(c *Change, kind, id, why, cause string) {
	c.insert(&Hold{ID: c.id("hld"), TargetKind: kind, TargetID: id, Kind: why, Cause: cause, PlacedBy: f.Act.Person, PlacedAt: f.Now})
}

// oweLift asks the owner to state a cause and a restart, or to revoke, once.
func (f CapabilityFacts) oweLift(c *Change, v *VersionFile) {
	for _, d := range f.Duties {
		if d.Kind == DutyLift && d.Subject == v.Version.ID && d.ClosedAt == nil {
			return
		}
	}
	who, held := v.Holder(BusinessOwner)
	if held && f.gone(who) {
		who = f.steward()
	}
	detail := ""
	if len(f.Liftable()) == 0 && f.SignedWithoutPasskey() {
		detail = ByPasskeys
	}
	if who != "" {
		f.owe(c, DutyLift, v.Version.ID, who, detail)
	}
}

// oweSiblingsLift asks the same of who answers for the agent's other tasks in
// force: a stop of the whole agent ends with the restart of the last of them.
func (f CapabilityFacts) oweSiblingsLift(c *Change) {
	for _, s := range f.Siblings {
		if s.StewardID != "" && !s.LiftOwed {
			c.oweTo(DutyLift, s.VersionID, f.Agent.ID, s.CapabilityID, s.StewardID, "", "", f.Now)
		}
	}
}

// Liftable are the open holds that a restart of this capability lifts: stops,
// incidents and recalls on it or on its agent.
func (f CapabilityFacts) Liftable() []Hold {
	var out []Hold
	for _, h := range f.Holds {
		mine := h.TargetKind == OnCapability || h.TargetKind == OnAgent
		if h.LiftedAt == nil && mine && (h.Kind == HoldStop || h.Kind == "incident" || h.Kind == HoldRecall) {
			out = append(out, h)
		}
	}
	return out
}

// AskRestart states why it may start again and opens a new round of sign-offs on
// the same digest: the owner, the provisioner or the control owner does.
func (f CapabilityFacts) AskRestart(cause string) (Change, error) {
	if err := f.MayAskRestart(); err != nil {
		return Change{}, err
	}
	cause = tidy(cause)
	var p problems
	p.needText("cause", cause, MaxText, "what was wrong, and why it may start again")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("restart.asked", f.Force.Version.ID)
	f.restart(c, f.Force, cause)
	return *c, nil
}

// MayAskRestart says why the actor cannot ask for a restart, or nil.
func (f CapabilityFacts) MayAskRestart() error {
	if f.Mandate == nil || f.Force == nil {
		return conflict("restart.live", "Nothing is in force here.")
	}
	if !f.serves(f.By.Person.ID) {
		return forbidden("restart.maker", "Only the owner, the provisioner or the control owner can ask for a restart.")
	}
	if f.Restart != nil {
		return conflict("restart.open", "A restart is already waiting for sign-offs.")
	}
	if len(f.Liftable()) == 0 && !f.signerLeft() && !f.SignedWithoutPasskey() {
		return conflict("restart.held", "No stop stands here that a restart would lift.")
	}
	return nil
}

// signerLeft says that an approver whose sign-off is seated has left: a new
// round seats others.
func (f CapabilityFacts) signerLeft() bool {
	for _, s := range f.Seats {
		if f.gone(s.SignerID) || f.gone(s.PrincipalID) {
			return true
		}
	}
	return false
}

func (f CapabilityFacts) restart(c *Change, v *VersionFile, cause string) {
	v.Version.Round++
	c.update(&v.Version)
	c.insert(&Restart{ID: c.id("rst"), CapabilityID: f.Capability.ID, VersionID: v.Version.ID, Round: v.Version.Round, Cause: cause,
		AskedBy: f.Act.Person, AskedAt: f.Now, State: RestartOpen})
	f.done(c, func(d Duty) bool { return d.Subject == v.Version.ID && d.Kind == DutyLift })
	f.owePool(c, DutySign, v.Version.ID, PoolApprover, "restart")
	c.note("cause", cause)
	c.note("version", v.Version.No)
	c.note("round", v.Version.Round)
	c.note("digest", v.Version.Digest)
	c.outcome = "restart"
}

func (f CapabilityFacts) endRestart(c *Change, state, reason string) {
	r, by := f.Restart, f.Act.Person
	r.State, r.EndedBy, r.EndedAt, r.Reason = state, &by, f.Now.Ref(), reason
	c.update(r)
}

// liftAfterRestart lifts what stood when the restart was asked for; what was
// placed after it stands. A stop of the whole agent is lifted with the restart
// of the last of its capabilities.
func (f CapabilityFacts) liftAfterRestart(c *Change) {
	by := f.Act.Person
	stands, waits := false, false
	for _, h := range f.Liftable() {
		if h.PlacedAt > f.Restart.AskedAt {
			stands = true
			continue
		}
		if h.TargetKind == OnAgent && !f.othersRestarted(h) {
			waits = true
			continue
		}
		h.LiftedBy, h.LiftedAt, h.LiftCause = &by, f.Now.Ref(), f.Restart.Cause
		c.update(&h)
	}
	if stands || waits {
		c.note("held", "A stop still stands.")
	}
	if stands { // what waits for the agent's other capabilities asks nothing more of this one
		f.oweLift(c, f.Force)
	}
}

func (f CapabilityFacts) othersRestarted(h Hold) bool {
	for _, s := range f.Siblings {
		if s.RestartedAt <= h.PlacedAt {
			return false
		}
	}
	return true
}
