package models

// A broad stop is one hold on something that many capabilities stand on: a system, an
// identity issuer, a team, or everything. It takes effect at once. An approver who did
// not place it lifts it, by one sign-off on the hold itself; then whatever else holds a
// capability still does, and the mandates are as they were.

// BroadTargets are what a broad stop can be on, as a person reads it.
var BroadTargets = []Choice{
	{OnSystem, "one system"},
	{OnIssuer, "everything that one identity issuer vouches for"},
	{OnTeam, "everything that one team owns"},
	{OnAll, "everything"},
}

// ToLiftBroad is the detail of the approvers' duty to look at a broad stop.
const ToLiftBroad = "broad"

// LiftBroadDue is by when an approver is to have looked at a broad stop.
const LiftBroadDue = Day

// Broad says whether the hold is on more than a capability, an agent or a person.
func (h Hold) Broad() bool { return has(BroadTargets, h.TargetKind) }

// StopFacts are what placing or lifting a broad stop looks at.
type StopFacts struct {
	Env
	Kind, ID string   // what is to be stopped
	Hold     *Hold    // on it and in force, or the one that is to be lifted
	System   *System  // that is to be stopped
	Team     *Team    // that is to be stopped
	Bound    bool     // an agent is recognised by the issuer now
	Duties   []Duty   // open, about the hold
	Placers  []string // the one who placed the hold, and as whom that one is known now

	StandsFor []Standin // for whom the actor stands in just now
}

// MayStop says whether the person may place such a stop: a stop officer any, and on a
// system whoever is of its custodian team.
func MayStop(p Party, kind string, system *System) bool {
	return p.Has(StopOfficer) || kind == OnSystem && system != nil && p.Person.Status == PersonActive && p.On(system.CustodianTeamID)
}

// MayPlace says why the actor cannot place the stop, or nil: for the page that leads
// there and for the act itself.
func (f StopFacts) MayPlace() error {
	if !has(BroadTargets, f.Kind) {
		return problems{{"kind", "Choose what to stop."}}.err()
	}
	if !MayStop(f.By, f.Kind, f.System) {
		if f.Kind == OnSystem {
			return forbidden("stop.broad", "Only somebody of the team that looks after the system, or a stop officer, can stop it.")
		}
		return forbidden("stop.broad", "Only a stop officer can stop this.")
	}
	switch {
	case f.Kind == OnSystem && f.System == nil:
		return notFound("system")
	case f.Kind == OnTeam && f.Team == nil:
		return notFound("team")
	case f.Kind == OnIssuer && !f.Bound && f.Hold == nil:
		return notFound("issuer")
	case f.Hold != nil:
		return conflict("stop.stands", "It is stopped already. One stop is enough: it stays stopped until an approver lifts that.")
	}
	return nil
}

// Place stops the target at once, with a reason.
func (f StopFacts) Place(cause string) (Change, error) {
	if err := f.MayPlace(); err != nil {
		return Change{}, err
	}
	cause = tidy(cause)
	var p problems
	p.needText("cause", cause, MaxText, "why it is stopped; one sentence is enough")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.change("broad_stop.placed", "")
	h := &Hold{ID: c.id("hld"), TargetKind: f.Kind, TargetID: f.ID, Kind: HoldStop, Cause: cause, PlacedBy: f.Act.Person, PlacedAt: f.Now}
	c.subject = h.ID
	f.shownOn(c, *h)
	c.note("cause", cause)
	c.insert(h)
	c.oweBy(DutyLift, h.ID, "", "", "", PoolApprover, ToLiftBroad, f.Now, f.Now+LiftBroadDue)
	c.outcome = "held"
	c.notify("broad_stop.placed", ToStopped+h.ID, h.ID)
	return *c, nil
}

// ToStopped begins the recipient of a notice that goes to everybody whom a stop concerns.
const ToStopped = "stop:"

// MayLift says why the actor cannot lift the stop, or nil.
func (f StopFacts) MayLift() error {
	if f.Hold == nil || !f.Hold.Broad() {
		return notFound("stop")
	}
	for _, who := range f.Placers {
		if who == f.By.Person.ID {
			return forbidden("stop.own", "You placed this stop; an approver who did not has to lift it.")
		}
	}
	if err := f.must(Approver); err != nil {
		return forbidden("role.approver", "Only an approver who did not place it can lift it.")
	}
	for _, s := range f.StandsFor {
		for _, who := range f.Placers {
			if s.Principal.Person.ID == who {
				return forbidden("stop.own", "You stand in for %s, who placed this stop; another approver has to lift it.", s.Principal.Person.Name)
			}
		}
	}
	if f.Hold.LiftedAt != nil {
		return conflict("stop.lifted", "It was lifted meanwhile. Nothing was recorded.")
	}
	return nil
}

// Lift ends the stop: an approver who did not place it signs off, in their own name and
// with a reason, that what it was for is over.
func (f StopFacts) Lift(cause string) (Change, error) {
	if err := f.MayLift(); err != nil {
		return Change{}, err
	}
	cause = tidy(cause)
	var p problems
	p.needText("cause", cause, MaxText, "why it may go on")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	h, by := *f.Hold, f.Act.Person
	h.LiftedBy, h.LiftedAt, h.LiftCause = &by, f.Now.Ref(), cause
	c := f.change("broad_stop.lifted", h.ID)
	f.shownOn(c, h)
	c.note("cause", cause)
	c.update(&h)
	for i := range f.Duties {
		if d := f.Duties[i]; d.ClosedAt == nil {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
		}
	}
	c.outcome = "lifted"
	c.notify("broad_stop.lifted", ToStopped+h.ID, h.ID)
	return *c, nil
}

// shownOn has the act shown in the system's history, else in the installation's, and
// says what it was on.
func (f StopFacts) shownOn(c *Change, h Hold) {
	c.note("on", h.TargetKind)
	c.touch(TouchSettings, "installation")
	switch {
	case h.TargetKind == OnSystem:
		c.touch(TouchSystem, h.TargetID)
		if f.System != nil {
			c.note("name", f.System.Name)
		}
	case h.TargetKind == OnTeam && f.Team != nil:
		c.note("name", f.Team.Name)
	case h.TargetKind == OnIssuer:
		c.note("name", h.TargetID)
	}
}
