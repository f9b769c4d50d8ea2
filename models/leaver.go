package models

// SeeToSuccessors asks somebody who is still there to offer the roles of those
// who left to successors, and to ask for a new round where a signer left. The
// clock does, for each capability that a leaver's hold stops; again changes nothing.
func (f CapabilityFacts) SeeToSuccessors() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("leaver.clock", "Only the clock sees to successors.")
	}
	steward := f.steward()
	if f.Mandate == nil || steward == "" {
		return Change{}, conflict("leaver.nobody", "Nobody is left here who could offer a role.")
	}
	c := f.capabilityChange("successors.wanted", f.Force.Version.ID)
	for _, r := range MakerRoles {
		holder, held := f.Force.Holder(r)
		_, offered := f.Force.Offered(r)
		if held && f.gone(holder) && !offered && !f.owed(DutySucceed, string(r)) {
			f.owe(c, DutySucceed, f.Force.Version.ID, steward, string(r))
			c.note("role", string(r))
		}
	}
	if f.signerLeft() && f.Restart == nil && !f.owed(DutyLift, "") {
		f.owe(c, DutyLift, f.Force.Version.ID, steward, "")
	}
	if len(c.writes) == 0 {
		return Change{}, conflict("leaver.seen_to", "Everybody who has to was asked already.")
	}
	return *c, nil
}

func (f CapabilityFacts) gone(person string) bool {
	return f.People[person].Person.Status != PersonActive
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
// other two is still there, else a signer.
func (f CapabilityFacts) steward() string {
	if f.Mandate == nil {
		return ""
	}
	who := []string{f.Mandate.OwnerID, f.Mandate.ControlOwnerID, f.Mandate.ProvisionerID}
	for _, s := range f.Seats {
		who = append(who, s.SignerID)
	}
	for _, id := range who {
		if !f.gone(id) {
			return id
		}
	}
	return ""
}
