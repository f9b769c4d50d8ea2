package models

import (
	"slices"
	"strconv"
)

// The emergency path ("break glass"): one approver lets a version in review run
// before its sign-offs are complete. Makers and checkers are apart as ever, a stop
// wins, and whoever was skipped is paged at once.
//
//	emergency.off       two administrators have switched the path on
//	emergency.once      a version has one emergency, of two hours at most
//	emergency.held      not while a hold stands on what it would run
//	emergency.needless  where the approver's own sign-off is the last one, it is given
//	emergency.review    somebody who neither made nor opened it reviews it in two days

// Emergency of the version, nil for none.
func (f CapabilityFacts) emergencyOf(versionID string) *Emergency {
	for i := range f.Emergencies {
		if f.Emergencies[i].VersionID == versionID {
			return &f.Emergencies[i]
		}
	}
	return nil
}

// EmergencyOf is the emergency of a version, whatever became of it; nil for none.
func (f CapabilityFacts) EmergencyOf(versionID string) *Emergency { return f.emergencyOf(versionID) }

// open is the emergency that nothing has ended yet, nil for none; its time may be over.
func (f CapabilityFacts) openEmergency() *Emergency {
	for i := range f.Emergencies {
		if f.Emergencies[i].EndedAt == nil {
			return &f.Emergencies[i]
		}
	}
	return nil
}

// Running is the emergency under which a version of the capability may run just
// now, holds aside; nil for none.
func (f CapabilityFacts) Running() *Emergency {
	if e := f.openEmergency(); e != nil && e.Runs(f.Now) {
		return e
	}
	return nil
}

// MayOpenEmergency says why the actor cannot open an emergency for the version, or
// nil: for the page that leads there and for the act itself.
func (f CapabilityFacts) MayOpenEmergency(v *VersionFile) error {
	if err := MayCheck(f.By, *v); err != nil {
		return err
	}
	switch {
	case f.Switch == nil || f.Switch.State != SwitchOn:
		return forbidden("emergency.off", "The emergency path is off. Two administrators can switch it on.")
	case v.Version.State != InReview:
		return conflict("version.changed", "This changed since you opened it: the version is now %s. Nothing was recorded.", v.Version.State.Words())
	case f.emergencyOf(v.Version.ID) != nil:
		return conflict("emergency.once", "This version has had its emergency. There is one for a version, of two hours at most; now it needs its sign-offs.")
	case len(f.By.Teams) == 0:
		return forbidden("separation.team", "%s is in no team, and an emergency is opened for a team. An administrator can add them to one.", f.By.Person.Name)
	case len(f.EmergencyHolds) > 0:
		return conflict("emergency.held", "A hold stands on what would run. A stop wins: it is lifted on its own terms first.")
	case f.suffices(v):
		return conflict("emergency.needless", "Your sign-off is the last one that is needed. Sign it off: it goes live at once, and no emergency is needed.")
	}
	if why := f.makersGone(v); why != "" {
		return conflict("emergency.not_yet", "It cannot run yet: %s.", why)
	}
	if why := f.notItsTime(v); why != "" {
		return conflict("emergency.not_yet", "It cannot run yet: %s.", why)
	}
	return nil
}

// suffices says that the actor's own sign-off would be the last one needed.
func (f CapabilityFacts) suffices(v *VersionFile) bool {
	if MaySign(f.By, *v) != nil {
		return false
	}
	for _, t := range teamsFor(f.By, *v) {
		with := *v
		with.SignOffs = append(slices.Clone(v.SignOffs), SignOff{ID: "mine", Digest: v.Version.Digest, Round: v.Version.Round, TeamID: t.ID, SignerID: f.By.Person.ID, PrincipalID: f.By.Person.ID})
		if with.Enough() {
			return true
		}
	}
	return false
}

// emergency checks everything that an emergency asks, for the passkey's question
// and for the act itself; how comes back tidy.
func (f CapabilityFacts) emergency(s Shown, how *Signing) (v *VersionFile, team Team, err error) {
	if v, err = f.reviewed(s); err != nil {
		return nil, team, err
	}
	if how.For != "" {
		return nil, team, forbidden("emergency.own_name", "An emergency is opened in one's own name, not for somebody else.")
	}
	if err := f.MayOpenEmergency(v); err != nil {
		return nil, team, err
	}
	if !v.NeedsPasskey() && f.askOf(v).FreshSignIn && !f.Fresh() {
		return nil, team, Refusal(Stale, "sign.fresh", "At tier %s an emergency asks for a fresh sign-in: within the last %d minutes. Sign in again, and you come back to this page.", v.Version.Tier, FreshFor/Minute)
	}
	if how.TeamID == "" && len(f.By.Teams) == 1 {
		how.TeamID = f.By.Teams[0].ID
	}
	for _, t := range f.By.Teams {
		if t.ID == how.TeamID {
			team = t
		}
	}
	how.Comment = tidy(how.Comment)
	var p problems
	p.needText("reason", how.Comment, MaxText, "what the emergency is, and what happens if it waits for the other sign-offs")
	if how.Minutes < 1 || how.Minutes > int(EmergencyMost/Minute) {
		p.add("minutes", "Enter for how many minutes: a whole number from 1 to %d.", EmergencyMost/Minute)
	}
	if team.ID == "" {
		p.add("team", "Choose the team for which you open it.")
	}
	return v, team, p.err()
}

// emergencyApproval is what the actor's passkey is to sign for an emergency: the
// statement and the minutes too.
func (f CapabilityFacts) emergencyApproval(s Shown, how Signing) (Approval, error) {
	v, team, err := f.emergency(s, &how)
	if err != nil {
		return Approval{}, err
	}
	return f.emergencySigned(v, team, how), nil
}

func (f CapabilityFacts) emergencySigned(v *VersionFile, team Team, how Signing) Approval {
	me := f.By.Person.ID
	return Approval{Format: "countersign/approval/1", Decision: DecisionBreakGlass, CapabilityID: f.Capability.ID, VersionID: v.Version.ID, Digest: v.Version.Digest,
		Round: v.Version.Round, Tier: v.Version.Tier, SignerID: me, PrincipalID: me, TeamID: team.ID, Reason: how.Comment, Minutes: how.Minutes}
}

// BreakGlass lets what was shown run at once, for as many minutes as how says: one
// approver does, for a stated emergency, while the path is on. The version stays
// in review; it ends by itself, by a stop, or when the version goes live or ends.
func (f CapabilityFacts) BreakGlass(s Shown, how Signing) (Change, error) {
	v, team, err := f.emergency(s, &how)
	if err != nil {
		return Change{}, err
	}
	x, me := v.Version, f.By.Person.ID
	c := f.capabilityChange("emergency.opened", "")
	if old := f.openEmergency(); old != nil { // of an earlier version; only its time ended it
		f.endEmergency(c, old, EmergencyOver, "")
	}
	e := &Emergency{ID: c.id("emg"), CapabilityID: x.CapabilityID, VersionID: x.ID, Digest: x.Digest, Tier: x.Tier, Need: x.Need, Apart: x.Apart, Round: x.Round,
		ApproverID: me, TeamID: team.ID, Side: Checker, Method: MethodSession, OwnerRole: BusinessOwner, ProvisionerRole: Provisioner, ControlRole: ControlOwner,
		SwitchID: f.Switch.ID, Emergency: how.Comment, FromAt: f.Now, UntilAt: f.Now + Instant(how.Minutes)*Minute, ReviewDueAt: f.Now + EmergencyReviewDue}
	e.OwnerID, _ = v.Holder(BusinessOwner)
	e.ProvisionerID, _ = v.Holder(Provisioner)
	e.ControlOwnerID, _ = v.Holder(ControlOwner)
	paged := f.skipped(v, *e)
	e.Paged = canonical(paged)
	c.subject = e.ID
	c.note("version", x.No)
	c.note("digest", x.Digest)
	c.note("round", x.Round)
	c.note("team", team.Name)
	c.note("reason", how.Comment)
	c.note("minutes", how.Minutes)
	c.note("paged", paged)
	v.stand(c, me, Checker)
	switch {
	case v.NeedsPasskey():
		signed, err := f.signature(c, f.emergencySigned(v, team, how), how)
		if err != nil {
			return Change{}, err
		}
		e.Method, e.SignatureID = MethodPasskey, &signed.ID
	case f.askOf(v).FreshSignIn:
		e.Method = MethodFresh
	}
	c.note("method", e.Method)
	f.bind(c)
	c.insert(e)
	f.owePool(c, DutyReviewEmergency, x.ID, PoolApprover, e.ID)
	for _, who := range paged {
		c.notify("emergency.opened", who, e.ID)
	}
	c.outcome = "emergency"
	return *c, nil
}

// Paged is whoever is told at once when the actor opens an emergency, for the page
// that asks for it.
func (f CapabilityFacts) Paged(v *VersionFile) []string {
	e := Emergency{ApproverID: f.By.Person.ID}
	e.OwnerID, _ = v.Holder(BusinessOwner)
	e.ProvisionerID, _ = v.Holder(Provisioner)
	e.ControlOwnerID, _ = v.Holder(ControlOwner)
	return f.skipped(v, e)
}

// skipped is whoever would have had a word, or answers for what now runs: the
// three makers, the agent's owner, every approver, the teams that look after the
// systems that it reaches, and the two who switched the path on.
func (f CapabilityFacts) skipped(v *VersionFile, e Emergency) []string {
	who := []string{e.OwnerID, e.ProvisionerID, e.ControlOwnerID, f.Agent.OwnerID, "pool:" + PoolApprover, f.Switch.ProposedBy}
	if f.Switch.ConfirmedBy != nil {
		who = append(who, *f.Switch.ConfirmedBy)
	}
	for _, x := range v.Version.Doc().Facts {
		if team := f.Systems[x.SystemID].CustodianTeamID; team != "" {
			who = append(who, "team:"+team)
		}
	}
	slices.Sort(who)
	return slices.DeleteFunc(slices.Compact(who), func(id string) bool { return id == "" || id == e.ApproverID })
}

// endEmergency ends it now, or as of when its time was over.
func (f CapabilityFacts) endEmergency(c *Change, e *Emergency, reason, cause string) {
	if e == nil || e.EndedAt != nil {
		return
	}
	by, at := f.Act.Person, f.Now
	if at >= e.UntilAt {
		by, at, reason, cause = SystemActor, e.UntilAt, EmergencyOver, ""
	}
	e.EndedBy, e.EndedAt, e.EndReason, e.EndCause = &by, &at, reason, cause
	c.update(e)
	if reason != EmergencyOver {
		c.note("emergency", e.ID)
		c.note("emergency_ended", reason)
		c.notify("emergency.ended", "capability:"+e.CapabilityID, e.ID)
	}
}

// answersInEmergency says whether the person answers for what runs under an
// emergency: its three makers, and the approver who opened it.
func (f CapabilityFacts) answersInEmergency(person string) bool {
	e := f.Running()
	return e != nil && f.By.Person.Status == PersonActive &&
		(person == e.OwnerID || person == e.ProvisionerID || person == e.ControlOwnerID || person == e.ApproverID)
}

// stopEmergency ends what runs under an emergency at once: any one of the three
// makers or its approver does, with a cause. Nothing has to be lifted afterwards:
// the version is in review, and has had its emergency. A stop of the whole agent
// is a hold as well.
func (f CapabilityFacts) stopEmergency(target, cause string) (Change, error) {
	e := f.Running()
	if e == nil {
		return Change{}, conflict("stop.live", "Nothing is in force here that could be stopped.")
	}
	if !f.answersInEmergency(f.By.Person.ID) {
		return Change{}, forbidden("stop.four", "Only those who answer for what runs under the emergency can stop it.")
	}
	cause, err := stopCause(target, cause)
	if err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("emergency.stopped", e.ID)
	c.note("cause", cause)
	c.note("target", target)
	if target == OnAgent {
		f.hold(c, OnAgent, f.Agent.ID, HoldStop, cause)
		f.oweSiblingsLift(c)
	}
	f.endEmergency(c, e, EmergencyStopped, cause)
	c.outcome = "stopped"
	c.notify("stop.placed", "capability:"+f.Capability.ID, e.ID)
	return *c, nil
}

// MayReviewEmergency says why the actor cannot review the emergency, or nil. v is
// its version.
func (f CapabilityFacts) MayReviewEmergency(e Emergency, v *VersionFile) error {
	if e.ApproverID == f.By.Person.ID {
		return forbidden("emergency.review", "You opened this emergency; somebody else has to review it.")
	}
	if err := MayCheck(f.By, *v); err != nil {
		return err
	}
	if e.ReviewedAt != nil {
		return conflict("emergency.reviewed", "This emergency was already reviewed.")
	}
	return nil
}

// ReviewEmergency closes an emergency with a finding: an approver who neither
// opened it nor made the version does. While it still runs it can only be found
// not justified, which ends it at once.
func (f CapabilityFacts) ReviewEmergency(id, verdict, finding string) (Change, error) {
	at := slices.IndexFunc(f.Emergencies, func(e Emergency) bool { return e.ID == id })
	if at < 0 || f.Asked == nil || f.Asked.Version.ID != f.Emergencies[at].VersionID {
		return Change{}, notFound("emergency")
	}
	e, v := &f.Emergencies[at], f.Asked
	if err := f.MayReviewEmergency(*e, v); err != nil {
		return Change{}, err
	}
	finding = tidy(finding)
	var p problems
	p.needText("finding", finding, MaxText, "what you found; those concerned will read it")
	switch {
	case !has(Verdicts, verdict):
		p.add("verdict", "Choose whether it was justified.")
	case verdict == Justified && e.Runs(f.Now):
		p.add("verdict", "It still runs, so what was done under it is not known yet. Find it justified once it is over.")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("emergency.reviewed", e.ID)
	c.note("version", v.Version.No)
	c.note("verdict", verdict)
	c.note("reason", finding)
	me, side := f.By.Person.ID, Checker
	v.stand(c, me, Checker)
	f.endEmergency(c, e, EmergencyNotJustified, "")
	e.ReviewerID, e.ReviewSide, e.ReviewedAt, e.Verdict, e.Finding = &me, &side, f.Now.Ref(), verdict, finding
	c.update(e)
	f.done(c, func(d Duty) bool { return d.Kind == DutyReviewEmergency && d.Detail == e.ID })
	c.outcome = verdict
	c.notify("emergency.reviewed", "capability:"+e.CapabilityID, e.ID)
	c.notify("emergency.reviewed", e.ApproverID, e.ID)
	return *c, nil
}

// MinutesOf reads a number of minutes as a form has it; what is none is -1, which
// is refused.
func MinutesOf(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return n
}
