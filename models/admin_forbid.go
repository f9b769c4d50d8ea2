package models

// ForbidFacts are the facts for an act on what the organisation forbids.
type ForbidFacts struct {
	Env
	Forbid *Forbid           // asked for
	Open   []Forbid          // proposed and in force
	Merged map[string]string // people merged away → who they are now
	Duties []Duty            // open, about the forbid asked for
}

// ForbidForm is a forbid as it was typed.
type ForbidForm struct{ Name, Why, Text string }

// Bounds of forbids. All of them are looked at in every decision.
const (
	MaxForbids    = 100
	MaxForbidText = 8000
)

// Details of the duty to confirm.
const (
	ConfirmForbid    = "forbid"
	ConfirmForbidEnd = "forbid_end"
)

// ProposeForbid proposes that something is forbidden whatever is signed: an
// administrator does, another confirms. check says what is wrong with the text; package
// policy knows.
func (f ForbidFacts) ProposeForbid(form ForbidForm, check func(text string) error) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	name, why, text := oneLine(form.Name), tidy(form.Why), tidy(form.Text)
	var p problems
	p.needText("name", name, MaxName, "a name, such as “No deletes in production”")
	for _, x := range f.Open {
		if x.Name == name {
			p.add("name", "There is already a forbid of this name. Choose another one.")
			break
		}
	}
	p.needText("why", why, MaxText, "what it is for; whoever is refused by it reads it")
	before := len(p)
	p.needText("text", text, MaxForbidText, "a policy, or copy one of the examples")
	if len(p) == before {
		if err := check(text); err != nil {
			p.add("text", "%s", err.Error())
		}
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	if len(f.Open) >= MaxForbids {
		return Change{}, conflict("forbid.many", "There are %d forbids, and no more can be proposed. End one that is no longer needed.", MaxForbids)
	}
	c := f.forbidChange("forbid.proposed", Forbid{Name: name})
	x := &Forbid{ID: c.id("fbd"), Name: name, Why: why, Text: text, State: ForbidProposed, ProposedBy: f.Act.Person, ProposedAt: f.Now}
	c.subject = x.ID
	c.insert(x)
	c.oweTo(DutyConfirm, x.ID, "", "", "", PoolAdministrator, ConfirmForbid, f.Now)
	return *c, nil
}

// ConfirmForbid puts a proposed forbid in force: an administrator who did not propose it
// does. shown is the revision that they saw.
func (f ForbidFacts) ConfirmForbid(shown int64) (Change, error) {
	if err := f.MayConfirm(); err != nil {
		return Change{}, err
	}
	if err := f.same(shown); err != nil {
		return Change{}, err
	}
	x, me := *f.Forbid, f.Act.Person
	c := f.forbidChange("forbid.confirmed", x)
	x.State, x.ConfirmedBy, x.ConfirmedAt = ForbidActive, &me, f.Now.Ref()
	c.update(&x)
	f.close(c)
	c.outcome = ForbidActive
	return *c, nil
}

// MayConfirm refuses whoever may not confirm the forbid, for the page that offers it and
// for the act itself.
func (f ForbidFacts) MayConfirm() error {
	if err := f.mine(); err != nil {
		return err
	}
	if f.Forbid.State != ForbidProposed {
		return conflict("forbid.decided", "This is no longer waiting for a confirmation. Look at what it is now.")
	}
	if f.human(f.Forbid.ProposedBy) == f.By.Person.ID {
		return forbidden("forbid.second", "You proposed this forbid; another administrator has to confirm it.")
	}
	return nil
}

// WithdrawForbid takes a forbid back that was proposed and never in force: any
// administrator does, its proposer too.
func (f ForbidFacts) WithdrawForbid(reason string) (Change, error) {
	if err := f.mine(); err != nil {
		return Change{}, err
	}
	if f.Forbid.State != ForbidProposed {
		return Change{}, conflict("forbid.decided", "This is no longer waiting for a confirmation. Look at what it is now.")
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	x := *f.Forbid
	c := f.forbidChange("forbid.withdrawn", x)
	c.note("reason", reason)
	x.EndReason = reason
	f.end(c, &x)
	return *c, nil
}

// ProposeForbidEnd proposes to end a forbid that is in force: an administrator does. It
// loosens, so it stays in force until another confirms.
func (f ForbidFacts) ProposeForbidEnd(reason string) (Change, error) {
	if err := f.mine(); err != nil {
		return Change{}, err
	}
	switch {
	case f.Forbid.State != ForbidActive:
		return Change{}, conflict("forbid.not_in_force", "This is not in force. Look at what it is now.")
	case f.Forbid.EndProposedBy != nil:
		return Change{}, conflict("forbid.end_open", "It is already proposed to end it, and that waits for another administrator.")
	}
	if err := needReason(&reason); err != nil {
		return Change{}, err
	}
	x, me := *f.Forbid, f.Act.Person
	c := f.forbidChange("forbid.end_proposed", x)
	c.note("reason", reason)
	x.EndProposedBy, x.EndProposedAt, x.EndReason = &me, f.Now.Ref(), reason
	c.update(&x)
	c.oweTo(DutyConfirm, x.ID, "", "", "", PoolAdministrator, ConfirmForbidEnd, f.Now)
	return *c, nil
}

// ConfirmForbidEnd ends a forbid: an administrator who did not propose to end it does.
// shown is the revision that they saw, with its reason.
func (f ForbidFacts) ConfirmForbidEnd(shown int64) (Change, error) {
	if err := f.MayConfirmEnd(); err != nil {
		return Change{}, err
	}
	if err := f.same(shown); err != nil {
		return Change{}, err
	}
	x := *f.Forbid
	c := f.forbidChange("forbid.ended", x)
	c.note("reason", x.EndReason)
	f.end(c, &x)
	return *c, nil
}

// MayConfirmEnd refuses whoever may not confirm that the forbid ends.
func (f ForbidFacts) MayConfirmEnd() error {
	if err := f.endOpen(); err != nil {
		return err
	}
	if f.human(*f.Forbid.EndProposedBy) == f.By.Person.ID {
		return forbidden("forbid.second", "You proposed to end this forbid; another administrator has to confirm it.")
	}
	return nil
}

// KeepForbid takes the proposal to end a forbid back: any administrator does.
func (f ForbidFacts) KeepForbid() (Change, error) {
	if err := f.endOpen(); err != nil {
		return Change{}, err
	}
	x := *f.Forbid
	c := f.forbidChange("forbid.kept", x)
	x.EndProposedBy, x.EndProposedAt, x.EndReason = nil, nil, ""
	c.update(&x)
	f.close(c)
	return *c, nil
}

func (f ForbidFacts) endOpen() error {
	if err := f.mine(); err != nil {
		return err
	}
	if f.Forbid.State != ForbidActive || f.Forbid.EndProposedBy == nil {
		return conflict("forbid.decided", "That it ends is no longer waiting for a confirmation. Look at what it is now.")
	}
	return nil
}

func (f ForbidFacts) mine() error {
	if err := f.must(Administrator); err != nil {
		return err
	}
	if f.Forbid == nil {
		return notFound("forbid")
	}
	return nil
}

// same refuses what was decided on another page than the one that is there now.
func (f ForbidFacts) same(shown int64) error {
	if f.Forbid.Rev != shown {
		return conflict("forbid.changed", "Somebody changed this since you opened it. Nothing was recorded; look at what it is now.")
	}
	return nil
}

// human is who a person is after they were merged into another.
func (f ForbidFacts) human(person string) string {
	for range f.Merged { // as often as there are any: a chain is no longer
		into, ok := f.Merged[person]
		if !ok {
			break
		}
		person = into
	}
	return person
}

func (f ForbidFacts) end(c *Change, x *Forbid) {
	me := f.Act.Person
	x.State, x.EndedBy, x.EndedAt = ForbidWithdrawn, &me, f.Now.Ref()
	c.update(x)
	f.close(c)
	c.outcome = ForbidWithdrawn
}

func (f ForbidFacts) close(c *Change) {
	for i := range f.Duties {
		if d := f.Duties[i]; d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
}

func (f ForbidFacts) forbidChange(act string, x Forbid) *Change {
	c := f.change(act, x.ID)
	c.touch(TouchSettings, "installation")
	c.note("name", x.Name)
	return c
}
