package models

// MayAct says whether the capability may act now, and if not why, as a sentence:
// an open mandate or an emergency, no open hold on any of its targets, now before until.
func (f CapabilityFacts) MayAct() (bool, string) {
	switch {
	case f.MayActInEmergency():
		return true, ""
	case f.Mandate == nil:
		return false, "Nothing that is signed is in force."
	case len(f.Holds) == 1:
		return false, "A hold stands."
	case len(f.Holds) > 1:
		return false, itoa(len(f.Holds)) + " holds stand side by side; each is lifted on its own terms."
	case f.Now >= f.Mandate.UntilAt && f.Now >= f.Mandate.ReviewDueAt && f.Mandate.UntilAt > f.Mandate.ReviewDueAt:
		return false, "Its review was missed, and the time after it is over."
	case f.Now >= f.Mandate.UntilAt:
		return false, "The time for which it was signed is over."
	}
	return true, ""
}

// MayActInEmergency says whether the version of an open emergency may run now.
func (f CapabilityFacts) MayActInEmergency() bool {
	return f.Running() != nil && len(f.EmergencyHolds) == 0
}

// Answers says whether the person answers for what is in force, or runs under an
// emergency, and so may stop it.
func (f CapabilityFacts) Answers(person Party) bool {
	if f.By = person; f.answersInEmergency(person.Person.ID) {
		return true
	}
	if f.Mandate == nil || f.Force == nil {
		return false
	}
	f.By = person
	return f.answers(person.Person.ID)
}

// MaySucceed says why a person could not take the role of what is in force over,
// or nil.
func (f CapabilityFacts) MaySucceed(r Role, p Party) error {
	if f.Force == nil {
		return conflict("version.state", "Nothing is in force here.")
	}
	if holder, held := f.Force.Holder(r); held && holder == p.Person.ID {
		return conflict("nominate.same", "%s already holds this role.", p.Person.Name)
	}
	others := f.Force.named()
	delete(others, r)
	return MayHold(r, p, f.Force.Standings[p.Person.ID], f.Force.Version.Tier, others)
}

// NotYet says what keeps an approved version from going live, or "".
func (f CapabilityFacts) NotYet(v VersionFile) string { return f.notYet(&v) }

// MakersGone says who of those who accepted a version's roles has left, or "".
func (f CapabilityFacts) MakersGone(v VersionFile) string { return f.makersGone(&v) }
