package models

import "slices"

// ToWithdraw is the detail of a duty to withdraw a version whose accepted maker has left.
const ToWithdraw = "withdraw"

// SeeToSuccessors does what somebody's leaving asks of one capability: whoever is still
// there is asked to offer the roles of what is in force to successors, and for a new
// round where a signer left; in a draft, or while it waits for answers, the owner is
// asked to name somebody else; what can go live no more, since who accepted a role of it
// left, somebody is asked to withdraw; and what the leaver owed here is asked of who comes next.
// The clock does; again changes nothing.
func (f CapabilityFacts) SeeToSuccessors() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("leaver.clock", "Only the clock sees to successors.")
	}
	subject := f.Capability.ID
	if f.Force != nil {
		subject = f.Force.Version.ID
	}
	c := f.capabilityChange("successors.wanted", subject)
	f.done(c, func(d Duty) bool { return d.PersonID != nil && f.hasLeft(*d.PersonID) && !staysOwed(d.Kind) })
	if steward := f.steward(); f.Mandate != nil && steward != "" {
		f.wantSuccessors(c, steward)
	}
	if v := f.Open; v != nil && (v.Version.State == Draft || v.Version.State == Proposed) {
		f.wantNominees(c, v)
	}
	if v := f.Open; v != nil && (v.Version.State == InReview || v.Version.State == Approved) {
		f.wantWithdrawal(c, v)
	}
	if len(c.writes) == 0 {
		return Change{}, conflict("leaver.seen_to", "Everybody who has to was asked already.")
	}
	return *c, nil
}

// wantSuccessors asks the steward about what is in force.
func (f CapabilityFacts) wantSuccessors(c *Change, steward string) {
	for _, r := range MakerRoles {
		holder, held := f.Force.Holder(r)
		_, offered := f.Force.Offered(r)
		if held && f.gone(holder) && !offered && !f.owed(DutySucceed, string(r)) {
			f.owe(c, DutySucceed, f.Force.Version.ID, steward, string(r))
			c.note("role", string(r))
		}
	}
	if f.Restart == nil && (f.signerLeft() || len(f.Liftable()) > 0) && !f.owed(DutyLift, "") {
		f.owe(c, DutyLift, f.Force.Version.ID, steward, "")
	}
}

// wantNominees takes the offers to who has left back, and asks the owner for others.
func (f CapabilityFacts) wantNominees(c *Change, v *VersionFile) {
	for _, r := range MakerRoles {
		left := false
		for i := range v.Nominations {
			n := &v.Nominations[i]
			if n.Role != r || !f.hasLeft(n.PersonID) {
				continue
			}
			left = true
			if n.State == NominationOpen {
				n.State, n.AnsweredAt, n.Reason = NominationReplaced, f.Now.Ref(), "Left."
				c.update(n)
			}
		}
		who, named := v.Nominee(r)
		owner := f.draftOwner(v)
		asked := slices.ContainsFunc(f.Duties, func(d Duty) bool {
			return d.Kind == DutyNominate && d.Detail == string(r) && d.Subject == v.Version.ID && d.ClosedAt == nil
		})
		if left && (!named || f.hasLeft(who)) && owner != "" && !asked {
			f.owe(c, DutyNominate, v.Version.ID, owner, string(r))
			c.note("role", string(r))
		}
	}
}

// wantWithdrawal asks whoever may take a version back whose accepted maker has left: its
// roles were taken up with its digest and are offered to nobody else, so it cannot go live.
func (f CapabilityFacts) wantWithdrawal(c *Change, v *VersionFile) {
	who := f.Withdrawer(v)
	if who == "" || f.makersGone(v) == "" {
		return
	}
	for _, d := range f.Duties {
		if d.Kind == DutySucceed && d.Detail == ToWithdraw && d.Subject == v.Version.ID && d.ClosedAt == nil {
			return
		}
	}
	f.owe(c, DutySucceed, v.Version.ID, who, ToWithdraw)
}

// Withdrawer is who can take a version back: its business owner, or where that one has
// left another of its makers; "" for nobody.
func (f CapabilityFacts) Withdrawer(v *VersionFile) string {
	for _, r := range MakerRoles {
		if who, named := v.Nominee(r); named && f.People[who].Has(r) {
			return who
		}
	}
	return ""
}

// draftOwner is who names people for an open version: its business owner, or the
// agent's where that one has left or declined; "" while both have left.
func (f CapabilityFacts) draftOwner(v *VersionFile) string {
	if who, named := v.Nominee(BusinessOwner); named && !f.gone(who) {
		return who
	}
	if f.gone(f.Agent.OwnerID) {
		return ""
	}
	return f.Agent.OwnerID
}

// staysOwed are the duties that a review or a drill moves itself, or that its hold stands for.
func staysOwed(kind string) bool {
	switch kind {
	case DutyReview, DutyCloseReview, DutyNarrow, DutyRenew, DutyDrill:
		return true
	}
	return false
}

func (f CapabilityFacts) gone(person string) bool {
	return f.People[person].Person.Status != PersonActive
}

// hasLeft is gone of somebody who is known to the facts.
func (f CapabilityFacts) hasLeft(person string) bool {
	p, known := f.People[person]
	return known && p.Person.Status != PersonActive
}

func (f CapabilityFacts) owed(kind, detail string) bool {
	for _, d := range f.Duties {
		if d.Kind == kind && d.Detail == detail && d.Subject == f.Force.Version.ID && d.ClosedAt == nil {
			return true
		}
	}
	return false
}

// steward is who is asked to find a successor: the owner, else whoever of the
// other two is still there, else a signer, else the agent's owner.
func (f CapabilityFacts) steward() string {
	if f.Mandate == nil {
		return ""
	}
	who := []string{f.Mandate.OwnerID, f.Mandate.ControlOwnerID, f.Mandate.ProvisionerID}
	for _, s := range f.Seats {
		who = append(who, s.SignerID)
	}
	for _, id := range append(who, f.Agent.OwnerID) {
		if !f.gone(id) {
			return id
		}
	}
	return ""
}
