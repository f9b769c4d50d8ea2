package models

// Accounts and people: who is one person. Every such act takes two
// administrators, and neither may be the person that it concerns.

// ProposeLink proposes that an account is a person.
func (f AdminFacts) ProposeLink(account, person, reason string) (Change, error) {
	a, ok := f.Accounts[account]
	if !ok {
		return Change{}, notFound("account")
	}
	if a.PersonID != nil {
		return Change{}, conflict("link.taken", "This account already belongs to somebody. Split it off first.")
	}
	return f.proposeLink(AccountLink{Kind: LinkKindLink, AccountID: &account, PersonID: person, Reason: reason})
}

// ProposeSplit proposes that an account is not the person it belongs to, but
// another one (who was added before).
func (f AdminFacts) ProposeSplit(account, person, reason string) (Change, error) {
	a, ok := f.Accounts[account]
	if !ok || a.PersonID == nil {
		return Change{}, notFound("account")
	}
	if *a.PersonID == person {
		return Change{}, problems{{"person", "Choose another person than the one whom the account belongs to."}}.err()
	}
	return f.proposeLink(AccountLink{Kind: LinkKindSplit, AccountID: &account, PersonID: person, FromID: a.PersonID, Reason: reason})
}

// ProposeMerge proposes that two people are one: from is merged into person.
func (f AdminFacts) ProposeMerge(from, person, reason string) (Change, error) {
	if from == person {
		return Change{}, problems{{"person", "Choose two different people."}}.err()
	}
	if p, ok := f.People[from]; !ok || p.Person.Status != PersonActive {
		return Change{}, problems{{"from", "Choose an active person."}}.err()
	}
	return f.proposeLink(AccountLink{Kind: LinkKindMerge, PersonID: person, FromID: &from, Reason: reason})
}

func (f AdminFacts) proposeLink(l AccountLink) (Change, error) {
	if err := f.admin(); err != nil {
		return Change{}, err
	}
	if p, ok := f.People[l.PersonID]; !ok || p.Person.Status != PersonActive {
		return Change{}, problems{{"person", "Choose an active person."}}.err()
	}
	if err := f.notConcerned(l); err != nil {
		return Change{}, err
	}
	for _, w := range f.Waiting {
		if l.Kind == LinkKindMerge && w.Kind == l.Kind && *w.FromID == *l.FromID || l.AccountID != nil && w.AccountID != nil && *w.AccountID == *l.AccountID {
			return Change{}, conflict("link.open", "This is already proposed and waits for another administrator. Confirm or withdraw that first.")
		}
	}
	if err := needReason(&l.Reason); err != nil {
		return Change{}, err
	}
	c := f.settings("people."+l.Kind+"_proposed", "")
	l.ID, l.State, l.ProposedBy, l.ProposedAt = c.id("lnk"), LinkProposed, f.Act.Person, f.Now
	c.subject = l.ID
	f.touchLink(c, l)
	c.insert(&l)
	c.oweTo(DutyConfirm, l.ID, "", "", "", PoolAdministrator, "link", f.Now)
	return *c, nil
}

func (f AdminFacts) notConcerned(l AccountLink) error {
	me := f.By.Person.ID
	if l.PersonID == me || l.FromID != nil && *l.FromID == me {
		return forbidden("admin.self", "This concerns yourself; two other administrators have to do it.")
	}
	return nil
}

func (f AdminFacts) touchLink(c *Change, l AccountLink) {
	c.note("kind", l.Kind)
	c.note("reason", l.Reason)
	c.note("person", l.PersonID)
	c.touch(TouchPerson, l.PersonID)
	if l.FromID != nil {
		c.touch(TouchPerson, *l.FromID)
	}
}

// ConfirmLink carries a proposal out: an administrator who did not propose it
// and whom it does not concern does.
func (f AdminFacts) ConfirmLink() (Change, error) {
	l, err := f.MayConfirmLink()
	if err != nil {
		return Change{}, err
	}
	if f.People[l.PersonID].Person.Status != PersonActive {
		return Change{}, conflict("person.left", "The person is no longer active.")
	}
	c := f.settings("people."+l.Kind+"ed", l.ID)
	me := f.Act.Person
	l.State, l.ConfirmedBy, l.DecidedAt = LinkConfirmed, &me, f.Now.Ref()
	f.touchLink(c, l)
	c.update(&l)
	f.closeDuties(c)
	switch l.Kind {
	case LinkKindMerge:
		c.act = "people.merged"
		f.merge(c, f.People[*l.FromID].Person, l.PersonID)
	default:
		if l.Kind == LinkKindSplit {
			c.act = "people.split"
		}
		a := f.Accounts[*l.AccountID]
		if was := a.PersonID; (l.Kind == LinkKindLink) != (was == nil) || was != nil && *was != *l.FromID {
			return Change{}, conflict("link.changed", "The account's person changed since this was proposed. Withdraw the proposal.")
		}
		a.PersonID = &l.PersonID
		c.update(&a)
	}
	return *c, nil
}

// MayConfirmLink refuses whoever may not confirm the proposal, for the page that
// offers it and for the act itself.
func (f AdminFacts) MayConfirmLink() (AccountLink, error) {
	l, err := f.openLink()
	if err != nil {
		return l, err
	}
	if l.ProposedBy == f.By.Person.ID {
		return l, forbidden("link.second", "You proposed this; another administrator has to confirm it.")
	}
	return l, f.notConcerned(l)
}

// WithdrawLink takes a proposal back: any administrator does.
func (f AdminFacts) WithdrawLink() (Change, error) {
	l, err := f.openLink()
	if err != nil {
		return Change{}, err
	}
	c := f.settings("people."+l.Kind+"_withdrawn", l.ID)
	l.State, l.DecidedAt = LinkWithdrawn, f.Now.Ref()
	f.touchLink(c, l)
	c.update(&l)
	f.closeDuties(c)
	return *c, nil
}

func (f AdminFacts) openLink() (AccountLink, error) {
	if err := f.must(Administrator); err != nil {
		return AccountLink{}, err
	}
	if f.Link == nil {
		return AccountLink{}, notFound("proposal")
	}
	if f.Link.State != LinkProposed {
		return AccountLink{}, conflict("link.decided", "This proposal is already %s.", f.Link.State)
	}
	return *f.Link, nil
}

func (f AdminFacts) closeDuties(c *Change) {
	for i := range f.Duties {
		if d := f.Duties[i]; d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
}

// merge makes one person of two: accounts move, the person merged away leaves,
// and what the one human would hold on both sides ends.
func (f AdminFacts) merge(c *Change, from Person, into string) {
	for _, a := range f.Accounts {
		if a.PersonID != nil && *a.PersonID == from.ID {
			a.PersonID = &into
			c.update(&a)
		}
	}
	for i := range f.Merge.Versions {
		f.mergeVersion(c, &f.Merge.Versions[i], from.ID, into)
	}
	f.mergeSwitch(c, from.ID, into)
	from.MergedInto = &into
	f.leave(c, from, PersonMerged, "Found to be the same person as another.")
}

func (f AdminFacts) mergeVersion(c *Change, v *VersionFile, from, into string) {
	c.touch(TouchCapability, v.Version.CapabilityID)
	a, b := v.Standings[from], v.Standings[into]
	if a != "" && b == "" {
		v.stand(c, into, a)
	}
	bothSides, round := a != "" && b != "" && a != b, f.openRound(*v)
	var mine []SignOff
	for _, s := range v.Valid() {
		if s.SignerID == from || s.SignerID == into || s.PrincipalID == from || s.PrincipalID == into {
			mine = append(mine, s)
		}
	}
	// One human on both sides, or in two seats: none of these sign-offs counts. While
	// a round is signed, the one under the name that is given up does not count
	// either, or the same human could sign again under the other.
	void := bothSides || len(mine) > 1
	for _, s := range mine {
		if void || round && (s.SignerID == from || s.PrincipalID == from) {
			r := Recall{SignOffID: s.ID, PersonID: f.Act.Person, Reason: "The signer is the same person as another in this version.", RecalledAt: f.Now}
			v.Recalls = append(v.Recalls, r)
			c.insert(&r)
		}
	}
	if bothSides && v.Version.State != Live {
		f.endOfMerged(c, v, Withdrawn, "Two who stand on both sides of it are one person.")
		return
	}
	if v.Version.State == Approved && !v.Enough() {
		v.Version.State, v.Version.ApprovedAt = InReview, nil
		c.update(&v.Version)
		f.closeAbout(c, v.Version.ID)
		c.oweTo(DutySign, v.Version.ID, "", v.Version.CapabilityID, "", PoolApprover, "", f.Now)
	}
	for i := range f.Merge.Mandates {
		m := f.Merge.Mandates[i]
		if m.VersionID != v.Version.ID {
			continue
		}
		same := func(x, y string) bool { return x == from && y == into || x == into && y == from }
		twice := same(m.OwnerID, m.ProvisionerID) || same(m.ProvisionerID, m.ControlOwnerID) ||
			same(m.OwnerID, m.ControlOwnerID) && m.Tier.Rank() >= High.Rank()
		seats := 0
		for _, s := range f.Merge.Seats {
			if s.MandateID == m.ID && (s.SignerID == from || s.SignerID == into || s.PrincipalID == from || s.PrincipalID == into) {
				seats++
			}
		}
		if bothSides || twice || seats > 1 {
			m.EndedAt, m.EndReason = f.Now.Ref(), "merged"
			c.update(&m)
			f.endOfMerged(c, v, Revoked, "Two who answered for it are one person.")
		}
	}
}

// openRound says whether sign-offs are being given for the version just now.
func (f AdminFacts) openRound(v VersionFile) bool {
	if v.Version.State == InReview || v.Version.State == Approved {
		return true
	}
	for _, r := range f.Merge.Restarts {
		if r.VersionID == v.Version.ID {
			return true
		}
	}
	return false
}

// endOfMerged ends a version with what is open about it.
func (f AdminFacts) endOfMerged(c *Change, v *VersionFile, state State, reason string) {
	by := f.Act.Person
	v.Version.State, v.Version.EndedBy, v.Version.EndedAt, v.Version.Reason = state, &by, f.Now.Ref(), reason
	c.update(&v.Version)
	for i := range f.Merge.Restarts {
		if r := f.Merge.Restarts[i]; r.VersionID == v.Version.ID {
			r.State, r.EndedBy, r.EndedAt, r.Reason = RestartRefused, &by, f.Now.Ref(), reason
			c.update(&r)
		}
	}
	f.endEmergencyOf(c, v.Version.ID)
	f.closeAbout(c, v.Version.ID)
	f.mootMerged(c, v.Version)
	c.notify("version."+string(state), "capability:"+v.Version.CapabilityID, v.Version.ID)
}

// mootMerged ends the open reviews of a version that the merge ended, as its own end
// would have. What was owed for them is closed with all that is about the version.
func (f AdminFacts) mootMerged(c *Change, v Version) {
	of := CapabilityFacts{Env: f.Env, Capability: Capability{ID: v.CapabilityID}, Holds: f.Merge.Holds}
	for _, r := range f.Merge.Reviews {
		if r.CapabilityID == v.CapabilityID {
			of.Reviews = append(of.Reviews, r)
		}
	}
	of.mootReviews(c, v.ID)
}

func (f AdminFacts) closeAbout(c *Change, version string) {
	for i := range f.Merge.Duties {
		if d := f.Merge.Duties[i]; about(version)(d) && d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
}

// MergeEffects is what confirming a merge would end, for those who decide on it.
type MergeEffects struct {
	Accounts int // that move
	Grants   int // of the person merged away, that end
	SignOffs int // that no longer count
	Mandates int // that end at once
	Reviews  int // approved versions that go back into review
	Held     bool
}

// MergeEffects tries the merge on facts that are thrown away afterwards, so that
// the page says what the rule does.
func (f AdminFacts) MergeEffects(from, into string) (e MergeEffects) {
	c := f.settings("people.merged", "")
	f.merge(c, f.People[from].Person, into)
	for _, w := range c.Writes() {
		switch r := w.Row.(type) {
		case *Account:
			e.Accounts++
		case *Grant:
			e.Grants++
		case *Recall:
			e.SignOffs++
		case *Mandate:
			e.Mandates++
		case *Hold:
			e.Held = true
		case *Version:
			if r.State == InReview {
				e.Reviews++
			}
		}
	}
	return e
}
