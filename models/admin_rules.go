package models

// ProposeRules sets new tier rules: an administrator does. What only tightens
// is in force at once; what loosens anything waits for a second administrator.
// What is signed already keeps the rules that it was signed under.
func (f AdminFacts) ProposeRules(r TierRules, reason string) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	if err := r.Check(); err != nil {
		return Change{}, err
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	if f.Other != nil {
		return Change{}, conflict("rules.open", "Other rules are already proposed. Confirm or withdraw them first.")
	}
	body := canonical(r)
	if body == f.Rules.Body {
		return Change{}, conflict("rules.same", "Nothing differs from the rules in force.")
	}
	c := f.settings("rules.set", "")
	row := &TierRulesRow{ID: c.id("rul"), No: f.LastNo + 1, Body: body, State: RulesActive, Reason: reason, ProposedBy: f.Act.Person, ProposedAt: f.Now, DecidedAt: f.Now.Ref()}
	c.subject = row.ID
	c.note("reason", reason)
	c.note("rules", row.No)
	if loosened := r.Loosened(f.Rules.Rules()); len(loosened) > 0 {
		c.act, c.outcome = "rules.proposed", RulesProposed
		c.note("loosens", loosened)
		row.State, row.Loosens, row.DecidedAt = RulesProposed, 1, nil
		c.insert(row)
		c.oweTo(DutyConfirm, row.ID, "", "", "", PoolAdministrator, "rules", f.Now)
		return *c, nil
	}
	f.supersede(c)
	c.insert(row)
	return *c, nil
}

func (f AdminFacts) supersede(c *Change) {
	if old := f.Rules; old.ID != "" {
		old.State = RulesSuperseded
		c.update(&old)
	}
}

// ConfirmRules puts proposed rules in force: an administrator who did not
// propose them does.
func (f AdminFacts) ConfirmRules(id string) (Change, error) {
	row, err := f.MayConfirmRules(id)
	if err != nil {
		return Change{}, err
	}
	c := f.settings("rules.confirmed", row.ID)
	c.note("rules", row.No)
	me := f.Act.Person
	f.supersede(c)
	row.State, row.ConfirmedBy, row.DecidedAt = RulesActive, &me, f.Now.Ref()
	c.update(&row)
	f.closeDuties(c)
	return *c, nil
}

// MayConfirmRules refuses whoever may not confirm the proposed rules, for the
// page that offers it and for the act itself.
func (f AdminFacts) MayConfirmRules(id string) (TierRulesRow, error) {
	row, err := f.proposedRules(id)
	if err != nil {
		return row, err
	}
	if row.ProposedBy == f.By.Person.ID {
		return row, forbidden("rules.second", "You proposed these rules; another administrator has to confirm them.")
	}
	return row, nil
}

// WithdrawRules takes proposed rules back: any administrator does.
func (f AdminFacts) WithdrawRules(id string) (Change, error) {
	row, err := f.proposedRules(id)
	if err != nil {
		return Change{}, err
	}
	c := f.settings("rules.withdrawn", row.ID)
	c.note("rules", row.No)
	row.State, row.DecidedAt = RulesWithdrawn, f.Now.Ref()
	c.update(&row)
	f.closeDuties(c)
	return *c, nil
}

func (f AdminFacts) proposedRules(id string) (TierRulesRow, error) {
	if err := f.must(Administrator); err != nil {
		return TierRulesRow{}, err
	}
	if f.Other == nil || f.Other.ID != id {
		return TierRulesRow{}, conflict("rules.decided", "These rules are no longer waiting for a confirmation.")
	}
	return *f.Other, nil
}

// SameRules refuses when other rules are in force than the ones that a form was
// filled from: what it would tighten or loosen is not what was shown.
func (f AdminFacts) SameRules(shown string) error {
	if f.Rules.ID != shown {
		return conflict("rules.changed", "Other rules came into force since you opened this. What you typed is still below; look at what it changes now.")
	}
	return nil
}
