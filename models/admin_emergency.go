package models

// Whether there is an emergency path at all. It takes two administrators to
// switch it on, and one to switch it off. What runs under it goes on until its
// time is over: administrators have no power over that; those who answer for it
// stop it.

// ProposeSwitch proposes to switch the emergency path on: an administrator does.
func (f AdminFacts) ProposeSwitch(reason string) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	switch {
	case f.Switch != nil:
		return Change{}, conflict("emergency.on", "The emergency path is on already.")
	case f.SwitchProposed != nil:
		return Change{}, conflict("emergency.open", "It is already proposed, and waits for another administrator. Confirm or withdraw that first.")
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	c := f.settings("emergency_path.proposed", "")
	s := &EmergencySwitch{ID: c.id("ems"), State: SwitchProposed, Reason: reason, ProposedBy: f.Act.Person, ProposedAt: f.Now}
	c.subject = s.ID
	c.note("reason", reason)
	c.insert(s)
	c.oweTo(DutyConfirm, s.ID, "", "", "", PoolAdministrator, "emergency", f.Now)
	return *c, nil
}

// ConfirmSwitch switches the emergency path on: an administrator who did not
// propose it does.
func (f AdminFacts) ConfirmSwitch(id string) (Change, error) {
	s, err := f.MayConfirmSwitch(id)
	if err != nil {
		return Change{}, err
	}
	c := f.settings("emergency_path.on", s.ID)
	me := f.Act.Person
	s.State, s.ConfirmedBy, s.ConfirmedAt = SwitchOn, &me, f.Now.Ref()
	c.note("reason", s.Reason)
	c.update(&s)
	f.closeDuties(c)
	c.outcome = SwitchOn
	return *c, nil
}

// MayConfirmSwitch refuses whoever may not confirm the proposal, for the page that
// offers it and for the act itself.
func (f AdminFacts) MayConfirmSwitch(id string) (EmergencySwitch, error) {
	s, err := f.proposedSwitch(id)
	if err != nil {
		return s, err
	}
	if s.ProposedBy == f.By.Person.ID {
		return s, forbidden("emergency.second", "You proposed this; another administrator has to confirm it.")
	}
	return s, nil
}

// WithdrawSwitch takes the proposal back: any administrator does.
func (f AdminFacts) WithdrawSwitch(id string) (Change, error) {
	s, err := f.proposedSwitch(id)
	if err != nil {
		return Change{}, err
	}
	c := f.settings("emergency_path.withdrawn", s.ID)
	f.endSwitch(c, s, SwitchWithdrawn)
	f.closeDuties(c)
	return *c, nil
}

// SwitchEmergencyOff switches the path off at once: any one administrator does.
func (f AdminFacts) SwitchEmergencyOff(id string) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	if f.Switch == nil || f.Switch.ID != id {
		return Change{}, conflict("emergency.is_off", "The emergency path is off already.")
	}
	c := f.settings("emergency_path.off", id)
	f.endSwitch(c, *f.Switch, SwitchOff)
	c.outcome = SwitchOff
	return *c, nil
}

func (f AdminFacts) proposedSwitch(id string) (EmergencySwitch, error) {
	if err := f.must(Administrator); err != nil {
		return EmergencySwitch{}, err
	}
	if f.SwitchProposed == nil || f.SwitchProposed.ID != id {
		return EmergencySwitch{}, conflict("emergency.decided", "This is no longer waiting for a confirmation.")
	}
	return *f.SwitchProposed, nil
}

func (f AdminFacts) endSwitch(c *Change, s EmergencySwitch, state string) {
	by := f.Act.Person
	s.State, s.EndedBy, s.EndedAt = state, &by, f.Now.Ref()
	c.update(&s)
}

// mergeSwitch switches the path off where the two who switched it on are one person.
func (f AdminFacts) mergeSwitch(c *Change, from, into string) {
	s := f.Switch
	if s == nil || s.ConfirmedBy == nil {
		return
	}
	if s.ProposedBy == from && *s.ConfirmedBy == into || s.ProposedBy == into && *s.ConfirmedBy == from {
		f.endSwitch(c, *s, SwitchOff)
		c.note("emergency_path", "off")
	}
}

// endEmergencyOf ends the emergency of a version that ends with a merge.
func (f AdminFacts) endEmergencyOf(c *Change, version string) {
	for i := range f.Merge.Emergencies {
		if e := &f.Merge.Emergencies[i]; e.VersionID == version {
			CapabilityFacts{Env: f.Env}.endEmergency(c, e, EmergencyMerged, "")
		}
	}
}
