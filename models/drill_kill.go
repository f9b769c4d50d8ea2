package models

// Kill drills: does stopping stop? One of the four plans one; at its moment the
// capability is really held, it is measured how long it goes on being allowed, and
// the drill's own hold is lifted again.
//
//	kill_drill.four   any one of the four plans it, and calls it off until it begins
//	kill_drill.soon   the others have at least a quarter of an hour to object
//	kill_drill.once   one at a time
//	kill_drill.clock  only the clock holds and lifts, and lifts nothing but its own hold
//
// Runtime decisions do not exist yet: what is measured is when the store's answer,
// read as a decision would read it, is no for the first time.

// Bounds of a kill drill: how soon and how far ahead it may be planned, how late the
// clock still begins it, and how long the answer may take to become no.
const (
	KillSoonest = 15 * Minute
	KillLatest  = 90 * Day
	KillLate    = Hour
	KillBound   = 10 * Second
)

// MayPlanKill says why the actor cannot plan a kill drill here, or nil.
func (f DrillFacts) MayPlanKill() error {
	switch {
	case f.Mandate == nil || f.Force == nil || f.Now >= f.Mandate.UntilAt:
		return conflict("kill_drill.live", "Nothing is in force here that could be stopped.")
	case !f.answers(f.By.Person.ID):
		return forbidden("kill_drill.four", "Only the four who answer for this capability can plan a kill drill.")
	case f.Drill != nil && f.Drill.EndedAt == nil:
		return conflict("kill_drill.once", "A kill drill is planned here already. Call it off first, or wait until it is over.")
	}
	return nil
}

// PlanKill plans a kill drill: any one of the four does. The four are told at once.
func (f DrillFacts) PlanKill(at Instant, why string) (Change, error) {
	if err := f.MayPlanKill(); err != nil {
		return Change{}, err
	}
	why = tidy(why)
	var p problems
	switch {
	case at < f.Now+KillSoonest:
		p.add("at", "Choose a time at least %d minutes from now, so that the others of the four can object.", KillSoonest/Minute)
	case at > f.Now+KillLatest:
		p.add("at", "Choose a time within %d days.", KillLatest/Day)
	case at >= f.Mandate.UntilAt:
		p.add("at", "It is not in force any more then. Choose an earlier time.")
	}
	p.needText("why", why, MaxText, "why, and why then; the four will read it")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("kill_drill.planned", "")
	d := &Drill{ID: c.id("drl"), Kind: DrillKill, CapabilityID: f.Capability.ID, MandateID: f.Mandate.ID, Tier: f.Mandate.Tier, PersonID: f.By.Person.ID,
		Scenario: why, PlannedAt: at, State: DrillPlanned}
	c.subject = d.ID
	c.note("at", at.String())
	c.note("why", why)
	c.insert(d)
	c.notify("kill_drill.planned", "capability:"+f.Capability.ID, d.ID)
	return *c, nil
}

// CallOffKill calls a kill drill off: any one of the four does, until it begins.
func (f DrillFacts) CallOffKill() (Change, error) {
	d := f.Drill
	switch {
	case f.Mandate == nil || f.Force == nil || !f.answers(f.By.Person.ID):
		return Change{}, forbidden("kill_drill.four", "Only the four who answer for this capability can call its kill drill off.")
	case d == nil || d.Kind != DrillKill:
		return Change{}, conflict("kill_drill.begun", "No kill drill is planned here any more.")
	case d.State != DrillPlanned:
		return Change{}, conflict("kill_drill.begun", "This kill drill has begun, or is over already.")
	}
	return f.callOff("", f.name(f.By.Person.ID)+" called it off."), nil
}

func (f DrillFacts) callOff(outcome, why string) Change {
	d := f.Drill
	c := f.killChange("kill_drill.called_off")
	d.State, d.EndedAt, d.Note = DrillCalledOff, f.Now.Ref(), why
	c.update(d)
	c.note("why", why)
	c.outcome = outcome
	c.notify("kill_drill.called_off", "capability:"+d.CapabilityID, d.ID)
	return *c
}

func (f DrillFacts) killChange(act string) *Change { return f.capabilityChange(act, f.Drill.ID) }

// BeginKill holds the capability for a kill drill, when its moment has come: the
// clock does. What cannot be measured is called off.
func (f DrillFacts) BeginKill() (Change, error) {
	d := f.Drill
	switch {
	case !f.bySystem():
		return Change{}, forbidden("kill_drill.clock", "Only the clock begins a kill drill.")
	case d.State != DrillPlanned || f.Now < d.PlannedAt:
		return Change{}, conflict("kill_drill.moment", "This kill drill does not begin now.")
	case f.Now > d.PlannedAt+KillLate:
		return f.callOff("called_off", "Its time had passed: nothing ran by the clock then."), nil
	case !f.inForceBy(d.PersonID) && !f.servesStill(d.PersonID) || f.People[d.PersonID].Person.Status != PersonActive:
		return f.callOff("called_off", "Whoever planned it does not answer for it any more."), nil
	}
	if may, why := f.MayAct(); !may {
		return f.callOff("called_off", "It could not act anyway: "+why), nil
	}
	c := f.killChange("kill_drill.begun")
	h := &Hold{ID: c.id("hld"), TargetKind: OnCapability, TargetID: d.CapabilityID, Kind: HoldKillDrill, PlacedBy: SystemActor, PlacedAt: f.Now,
		Cause: "A kill drill that " + f.name(d.PersonID) + " planned: " + cut(d.Scenario, MaxText-MaxName-50)}
	c.insert(h)
	d.State, d.BegunAt, d.HoldID = DrillOpen, f.Now.Ref(), &h.ID
	c.update(d)
	c.outcome = "held"
	return *c, nil
}

func (f DrillFacts) servesStill(person string) bool {
	return f.Mandate != nil && f.Force != nil && f.serves(person)
}

// EndKill ends a kill drill that was begun, with the moment at which the answer was
// no for the first time, or nil where it did not become no. Then a stop takes the
// place of the drill's hold, to be lifted as any other. The clock does.
func (f DrillFacts) EndKill(stopped *Instant) (Change, error) {
	d := f.Drill
	switch {
	case !f.bySystem():
		return Change{}, forbidden("kill_drill.clock", "Only the clock ends a kill drill.")
	case d.State != DrillOpen || f.Hold == nil:
		return Change{}, conflict("kill_drill.over", "This kill drill is over.")
	}
	act, state, cause := "kill_drill.done", DrillDone, "The kill drill has seen that it stopped."
	if stopped == nil {
		act, state, cause = "kill_drill.failed", DrillFailed, "The kill drill has not seen that it stopped; a stop stands in its place."
	}
	c := f.killChange(act)
	if stopped == nil {
		if f.Mandate != nil && f.Force != nil {
			f.hold(c, OnCapability, d.CapabilityID, HoldStop, "A kill drill held it, and it was still allowed to act "+itoa(int(KillBound/Second))+" seconds later.")
			f.oweLift(c, f.Force)
		}
		c.outcome = "held"
	} else {
		at := min(max(*stopped, *d.BegunAt), f.Now) // clocks of two machines may differ
		d.StoppedAt = &at
		if at-*d.BegunAt > KillBound {
			d.Note = "The measurement was interrupted, so it may have stopped much earlier."
		}
		c.note("milliseconds", int64((at-*d.BegunAt)/1000))
		c.outcome = "lifted"
	}
	d.State, d.EndedAt = state, f.Now.Ref()
	c.update(d)
	if h := f.Hold; h.LiftedAt == nil && h.ID == *d.HoldID {
		by := SystemActor
		h.LiftedBy, h.LiftedAt, h.LiftCause = &by, f.Now.Ref(), cause
		c.update(h)
	}
	c.notify(act, "capability:"+d.CapabilityID, d.ID)
	return *c, nil
}

// StoppedIn is how long a kill drill took until the answer was no; false for one
// that did not get so far.
func (d Drill) StoppedIn() (Instant, bool) {
	if d.Kind != DrillKill || d.StoppedAt == nil || d.BegunAt == nil {
		return 0, false
	}
	return *d.StoppedAt - *d.BegunAt, true
}

// KillOffer is the moment that the form of a kill drill begins with: in the middle of
// the planner's next working morning, a day ahead at least.
func KillOffer(h Hours, now Instant) Instant {
	at := h.Next(now + Day)
	for range 9 {
		t := at.Time().In(h.Location())
		y, m, d := t.Date()
		if ten := At(dayAt(h.Location(), y, m, d, h.from()+60)); ten >= now+Day {
			return ten
		}
		at = h.Next(At(dayAt(h.Location(), y, m, d+1, 0)))
	}
	return at
}
