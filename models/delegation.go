package models

import "slices"

// Delegation: an approver who is away names another approver who decides for
// them meanwhile (DESIGN, "The people"). Who acts for somebody passes as both
// people; in their own name only their own exclusions count. There are no chains:
// what counts is a delegation from the principal to the signer, and no other.

// LongestDelegation is how long somebody may be stood in for at once.
const LongestDelegation = 90 * Day

// An hour is what a day may be longer or shorter where the clock is set: a form
// asks for days, and sends when they begin and end.
const clockSet = Hour

// Standin is somebody in whose name the actor may decide: themselves, or another
// on that person's word.
type Standin struct {
	Principal  Party
	Delegation *Delegation // nil for oneself
}

func (s Standin) delegationID() *string {
	if s.Delegation == nil {
		return nil
	}
	return &s.Delegation.ID
}

// inNameOf is in whose name the actor decides. Refused: a person whom they do not
// stand in for at this moment.
func (f CapabilityFacts) inNameOf(how Signing) (Standin, error) {
	if how.For == "" || how.For == f.By.Person.ID {
		return Standin{Principal: f.By}, nil
	}
	for _, s := range f.StandsFor {
		if d := s.Delegation; s.Principal.Person.ID == how.For && d.PrincipalID == how.For && d.DelegateID == f.By.Person.ID && d.Active(f.Now) {
			return s, nil
		}
	}
	return Standin{}, forbidden("delegation.none", "You do not stand in for this person now. Their word for it may have ended; nothing was recorded.")
}

// Voices are those in whose name the actor may ask for changes on the version or
// refuse it, themselves first. Whether they could sign it off is MaySignFor's to say.
func (f CapabilityFacts) Voices(v VersionFile) []Standin {
	var out []Standin
	for _, s := range append([]Standin{{Principal: f.By}}, f.StandsFor...) {
		if MayCheckFor(f.By, s.Principal, v) == nil {
			out = append(out, s)
		}
	}
	return out
}

// MaySignInSomeName says whether the actor may sign the version off, in their own
// name or in that of somebody whom they stand in for.
func (f CapabilityFacts) MaySignInSomeName(v VersionFile) bool {
	return slices.ContainsFunc(f.Voices(v), func(s Standin) bool { return MaySignFor(f.By, s.Principal, v) == nil })
}

// Delegate names another approver to decide for the actor from one moment to
// another: the actor does, for themselves alone. Refused: whoever does not hold
// the role approver themselves, a second delegate at the same time, somebody who
// is away then too, a beginning in the past (today begins now), and more than 90 days.
func (f AdminFacts) Delegate(to string, from, until Instant, reason string) (Change, error) {
	if err := f.must(Approver); err != nil {
		return Change{}, err
	}
	me := f.By.Person.ID
	reason = tidy(reason)
	var p problems
	p.needText("reason", reason, MaxText, "why somebody stands in for you; they read it")
	delegate, known := f.People[to]
	switch {
	case to == me:
		p.add("delegate", "Choose somebody else: you are there for yourself.")
	case !known || delegate.Person.Status != PersonActive:
		p.add("delegate", "Choose an approver by name.")
	case !delegate.Has(Approver):
		p.add("delegate", "%s does not hold the role approver. Only an approver can decide for you.", delegate.Person.Name)
	}
	if from <= f.Now-Day-clockSet {
		p.add("from", "This day is over. Choose today or a later day.")
	}
	from = max(from, f.Now)
	switch {
	case until <= from:
		p.add("until", "The last day is before the first. Choose the same day or a later one.")
	case until-from > LongestDelegation+clockSet:
		p.add("until", "Somebody stands in for at most %d days. Choose an earlier last day; you can name them again afterwards.", LongestDelegation/Day)
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if err := f.mayNameThen(delegate, from, until); err != nil {
		return Change{}, err
	}
	c := f.change("delegation.given", "")
	d := &Delegation{ID: c.id("dlg"), DelegateID: to, PrincipalID: me, FromAt: from, UntilAt: until, Reason: reason, CreatedAt: f.Now}
	c.subject = d.ID
	c.touch(TouchPerson, me)
	c.touch(TouchPerson, to)
	c.note("person", to)
	c.note("from", from.String())
	c.note("until", until.String())
	c.note("reason", reason)
	c.insert(d)
	c.notify("delegation.given", to, d.ID)
	return *c, nil
}

// mayNameThen looks at who stands in for whom at that time already.
func (f AdminFacts) mayNameThen(delegate Party, from, until Instant) error {
	me, to := f.By.Person.ID, delegate.Person.ID
	for _, d := range f.Delegations {
		if d.EndedAt != nil || d.UntilAt <= from || until <= d.FromAt {
			continue
		}
		switch {
		case d.PrincipalID == me:
			return conflict("delegation.overlap", "Somebody stands in for you in part of that time already. End that first, or choose other days.")
		case d.PrincipalID == to && d.DelegateID == me:
			return conflict("delegation.cycle", "%s is away then, and you stand in for them. If they stood in for you too, nobody would be there. Choose somebody else, or other days.", delegate.Person.Name)
		case d.PrincipalID == to:
			return conflict("delegation.away", "%s is away in part of that time too, and has named somebody for themselves; that person would not act for you. Choose somebody else, or other days.", delegate.Person.Name)
		}
	}
	return nil
}

// EndDelegation ends one before its time, at once: whoever gave it does, or the
// delegate, who declines it by that. What was signed under it stays signed.
func (f AdminFacts) EndDelegation(id string) (Change, error) {
	me := f.By.Person.ID
	at := slices.IndexFunc(f.Delegations, func(d Delegation) bool { return d.ID == id && (d.PrincipalID == me || d.DelegateID == me) })
	if at < 0 {
		return Change{}, notFound("delegation")
	}
	d := f.Delegations[at]
	if d.EndedAt != nil || d.UntilAt <= f.Now {
		return Change{}, conflict("delegation.over", "It is over already. Nothing was changed.")
	}
	c, other := f.change("delegation.ended", d.ID), d.DelegateID
	if d.DelegateID == me {
		c.act = "delegation.declined"
		other = d.PrincipalID
	}
	c.note("person", other)
	c.touch(TouchPerson, other)
	c.touch(TouchPerson, me)
	d.EndedAt = f.Now.Ref()
	c.update(&d)
	c.notify(c.act, other, d.ID)
	return *c, nil
}

// endDelegationsOf ends what somebody who leaves gave and took on; the other side
// is told.
func (f AdminFacts) endDelegationsOf(c *Change, person string) {
	for i := range f.Delegations {
		d := f.Delegations[i]
		if d.EndedAt != nil || d.UntilAt <= f.Now || d.PrincipalID != person && d.DelegateID != person {
			continue
		}
		other := d.DelegateID
		if d.DelegateID == person {
			other = d.PrincipalID
		}
		d.EndedAt = f.Now.Ref()
		c.update(&d)
		c.notify("delegation.ended", other, d.ID)
	}
}
