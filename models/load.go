package models

// over says that the actor would answer for more than one person may.
func (f CapabilityFacts) over() bool {
	most := f.Rules.Rules().MostPerPerson
	return most > 0 && f.Load >= most
}

// MayTakeOn says why the actor cannot take a role up that is offered to them, since they
// answer for as much as one person may; or nil. Who takes the place of somebody who left
// may, and is shown as over: otherwise what a leaver held could find nobody.
func (f CapabilityFacts) MayTakeOn(v *VersionFile, r Role) error {
	holder, held := v.Holder(r)
	if !f.over() || held && (holder == f.By.Person.ID || f.gone(holder)) {
		return nil
	}
	return conflict("accept.limit", "You answer for %s already, in force or on their way, and the tier rules let one person answer for %s. Hand one of them on to a successor first, or decline this one and say so.",
		capabilities(f.Load), MostWords(f.Rules.Rules().MostPerPerson))
}

func capabilities(n int) string {
	if n == 1 {
		return "1 capability"
	}
	return itoa(n) + " capabilities"
}
