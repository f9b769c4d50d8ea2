package models

import (
	"cmp"
	"slices"
	"time"
)

// Drills: is somebody there who answers? Whoever answers for something is asked,
// unannounced, about one thing that its agent is said to have done.
//
//	drill.clock      only the clock asks, and only while the person is at work
//	drill.yours      only whoever was asked answers, and once
//	drill.moment     between half and one interval of the highest tier that they answer for

// DrillSpans are how long somebody has for an answer, by tier; where half of their
// working day is shorter, that.
var DrillSpans = map[Tier]Instant{Low: 4 * Hour, Moderate: 4 * Hour, High: 2 * Hour, Critical: Hour}

// DrillSlack is how long after the last good moment of a day a drill is still asked.
const DrillSlack = 15 * Minute

// DrillOf is one capability in force that somebody answers for.
type DrillOf struct {
	CapabilityID string
	MandateID    string
	Tier         Tier
	Days         int // between two drills, by the rules that its version was signed under; 0 for none
}

// DrillPerson is what says when somebody is drilled next.
type DrillPerson struct {
	Person  Person
	Answers []DrillOf // every open mandate of which they are one of the four
	First   Instant   // since when they answer for something of the highest tier among these
	Last    *Instant  // when they were asked last; nil for never
	Open    *Drill    // asked, and not answered yet
	AwayTo  Instant   // the end of the absence that they are on; 0 for none
}

// Candidates are the capabilities of the highest tier, of which one is asked about,
// and how long lies between two drills; 0 where there are none.
func (p DrillPerson) Candidates() (of []DrillOf, every Instant) {
	top := -1
	for _, a := range p.Answers {
		top = max(top, a.Tier.Rank())
	}
	for _, a := range p.Answers {
		if a.Tier.Rank() != top || a.Days <= 0 {
			continue
		}
		of = append(of, a)
		if days := Instant(a.Days) * Day; every == 0 || days < every {
			every = days
		}
	}
	return of, every
}

// Next is the moment at which the person is asked next, chosen by chance; -1 for
// never, as far as is known now. It lies between half and one interval after the
// drill before, or where that is over on their next working day; at work, and so
// early on the day that the answer is due on the same one.
func (p DrillPerson) Next(now Instant, chance uint64) Instant {
	of, every := p.Candidates()
	if every == 0 || p.Open != nil || p.Person.Status != PersonActive {
		return -1
	}
	from := max(p.base()+every/2, now, p.AwayTo)
	to := max(p.base()+every, from)
	h, span := p.Person.Hours(), p.Person.Hours().drillSpan(of[0].Tier)
	for range 15 { // there is a working day in every week
		if slots := h.slots(from, to, span); len(slots) > 0 {
			return pick(slots, chance)
		}
		to += Day
	}
	return -1
}

func (p DrillPerson) base() Instant {
	if p.Last != nil {
		return max(*p.Last, p.First)
	}
	return p.First
}

// Due says whether the person may be asked just now.
func (p DrillPerson) Due(now Instant) bool {
	of, every := p.Candidates()
	if every == 0 || p.Open != nil || p.Person.Status != PersonActive || now < p.AwayTo || now < p.base()+every/2 {
		return false
	}
	h := p.Person.Hours()
	return len(h.slots(now-DrillSlack, now, h.drillSpan(of[0].Tier))) > 0 && h.Next(now) == now
}

// drillSpan is how long they have for an answer at the tier.
func (h Hours) drillSpan(t Tier) Instant {
	return min(DrillSpans[t], Instant(h.to()-h.from())*Minute/2)
}

// slots are the times within a period at which they are at work, and stay so for
// the span.
func (h Hours) slots(from, to, span Instant) (out [][2]Instant) {
	loc := h.Location()
	y, m, d := from.Time().In(loc).Date()
	for k := 0; ; k++ {
		begins := dayAt(loc, y, m, d+k, h.from())
		if At(begins) > to {
			return out
		}
		if !h.works(begins.Weekday()) {
			continue
		}
		s, e := max(At(begins), from), min(At(dayAt(loc, y, m, d+k, h.to()))-span, to)
		if s <= e {
			out = append(out, [2]Instant{s, e})
		}
	}
}

func dayAt(loc *time.Location, y int, m time.Month, d, minutes int) time.Time {
	return time.Date(y, m, d, 0, minutes, 0, 0, loc)
}

// pick is one moment of the slots, each as likely as the next.
func pick(slots [][2]Instant, chance uint64) Instant {
	total := uint64(0)
	for _, s := range slots {
		total += uint64(s[1]-s[0]) + 1
	}
	at := chance % total
	for _, s := range slots {
		if n := uint64(s[1]-s[0]) + 1; at >= n {
			at -= n
			continue
		}
		return s[0] + Instant(at)
	}
	return slots[0][0]
}

// Scenario is what somebody is asked about, as it is kept with the drill.
type Scenario struct {
	Agent       string  `json:"agent"`
	Task        string  `json:"task"`
	OperationID string  `json:"operation_id"`
	Operation   string  `json:"operation"` // in words, such as "Pay out"
	SystemID    string  `json:"system_id"`
	System      string  `json:"system"`
	At          Instant `json:"at"`     // when it is said to have happened
	Inside      bool    `json:"inside"` // within what was signed; else a decoy
}

// ScenarioOf is what an answerability drill asked about.
func (d Drill) ScenarioOf() Scenario { return parseBody[Scenario](d.Scenario) }

// Yes and No are the answers to a drill's two questions.
const (
	Yes = "yes"
	No  = "no"
)

// Recognised says whether the answer knew what is within the boundary and what is
// not. Stopping is nobody's mistake: the second question is not counted.
func (d Drill) Recognised() bool { return (d.Mine == Yes) == d.ScenarioOf().Inside }

// Took is how long the answer took; false while there is none.
func (d Drill) Took() (Instant, bool) {
	if d.Kind != DrillAnswer || d.EndedAt == nil || d.Mine == "" {
		return 0, false
	}
	return *d.EndedAt - d.PlannedAt, true
}

// DrillFacts are the facts for acts on a drill: the capability that it is about, as
// it is now.
type DrillFacts struct {
	CapabilityFacts
	Drill *Drill // nil where one is to be made
	Hold  *Hold  // that it placed; nil for none
}

// Chance is what of a drill was chosen at random, outside of the rule.
type Chance struct {
	Which  uint64  // among what was signed
	Before Instant // how long before now it is said to have happened
	Decoy  *Fact   // an operation that was not signed, to ask about; nil asks about one that was
}

// inForceBy says whether the person is one of the four of what is in force.
func (f CapabilityFacts) inForceBy(person string) bool {
	m := f.Mandate
	if m == nil {
		return false
	}
	return person == m.OwnerID || person == m.ProvisionerID || person == m.ControlOwnerID ||
		slices.ContainsFunc(f.Seats, func(s Seat) bool { return s.SignerID == person || s.PrincipalID == person })
}

// Ask opens a drill of the person about this capability: the clock does, when it is
// due. Whoever is asked is told at once; everybody else sees it when it is over.
func (f DrillFacts) Ask(p DrillPerson, chance Chance) (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("drill.clock", "Only the clock asks.")
	}
	if !p.Due(f.Now) || !f.inForceBy(p.Person.ID) {
		return Change{}, conflict("drill.moment", "This is not the moment to ask %s.", p.Person.Name)
	}
	x, m := f.Force.Version, f.Mandate
	facts := x.Doc().Facts
	fact, inside := Fact{}, chance.Decoy == nil
	switch {
	case !inside:
		fact = *chance.Decoy
	case len(facts) > 0:
		fact = facts[chance.Which%uint64(len(facts))]
	}
	scene := Scenario{Agent: f.Agent.Name, Task: x.Doc().Task.Title, OperationID: fact.OperationID, Operation: cmp.Or(fact.Title, fact.Operation), SystemID: fact.SystemID,
		System: fact.System, At: f.Now - chance.Before, Inside: inside}
	due := f.Now + p.Person.Hours().drillSpan(m.Tier)
	c := f.capabilityChange("drill.asked", "")
	d := &Drill{ID: c.id("drl"), Kind: DrillAnswer, CapabilityID: m.CapabilityID, MandateID: m.ID, Tier: m.Tier, PersonID: p.Person.ID, Scenario: canonical(scene),
		PlannedAt: f.Now, BegunAt: f.Now.Ref(), DueAt: &due, State: DrillOpen}
	c.subject = d.ID
	c.touch(TouchPerson, d.PersonID)
	c.note("person", d.PersonID)
	c.insert(d)
	who := d.PersonID
	c.insert(&Duty{ID: c.id("dty"), Kind: DutyDrill, Subject: x.ID, AgentID: f.Agent.ID, CapabilityID: m.CapabilityID, Holder: who, PersonID: &who,
		Detail: d.ID, OpenedAt: f.Now, DueAt: due})
	c.notify("drill.asked", who, d.ID)
	return *c, nil
}

// Miss records that nobody answered in time: the clock does. At critical it is a
// hold until the answer comes.
func (f DrillFacts) Miss() (Change, error) {
	d := f.Drill
	switch {
	case !f.bySystem():
		return Change{}, forbidden("drill.clock", "Only the clock does this.")
	case d.State != DrillOpen || f.Now < *d.DueAt:
		return Change{}, conflict("drill.due", "This drill is not missed.")
	case !f.stands():
		return f.Moot()
	}
	c := f.drillChange("drill.missed")
	d.State = DrillMissed
	if d.Tier == Critical {
		h := &Hold{ID: c.id("hld"), TargetKind: OnCapability, TargetID: d.CapabilityID, Kind: HoldMissedDrill, PlacedBy: SystemActor, PlacedAt: f.Now,
			Cause: f.name(d.PersonID) + " was asked whether they answer, and did not in time."}
		c.insert(h)
		d.HoldID = &h.ID
		c.outcome = "held"
	}
	c.update(d)
	if c.outcome == "held" {
		c.notify("drill.held", "capability:"+d.CapabilityID, d.ID)
	} else {
		c.notify("drill.missed", "capability:"+d.CapabilityID, d.ID)
	}
	return *c, nil
}

// Moot ends a drill of somebody who answers for it no more, or has left: the clock
// does. What it held is not held by it any longer; a leaver's own hold stands.
func (f DrillFacts) Moot() (Change, error) {
	d := f.Drill
	switch {
	case !f.bySystem():
		return Change{}, forbidden("drill.clock", "Only the clock does this.")
	case d.EndedAt != nil || f.stands():
		return Change{}, conflict("drill.stands", "This drill still stands.")
	}
	c := f.drillChange("drill.called_off")
	d.State, d.EndedAt = DrillCalledOff, f.Now.Ref()
	c.update(d)
	f.lift(c, "Whoever was asked does not answer for it any more.")
	f.doneWith(c)
	return *c, nil
}

// stands says whether the person still answers for what the drill is about.
func (f DrillFacts) stands() bool {
	return f.People[f.Drill.PersonID].Person.Status == PersonActive && f.inForceBy(f.Drill.PersonID)
}

// Answer answers a drill: whoever was asked does, in time or late. What missing it
// held is lifted.
func (f DrillFacts) Answer(mine, wouldStop, note string) (Change, error) {
	d := f.Drill
	if d == nil || d.Kind != DrillAnswer || d.PersonID != f.Act.Person {
		return Change{}, notFound("drill")
	}
	if d.EndedAt != nil {
		return Change{}, conflict("drill.yours", "This is over: there is nothing to answer any more.")
	}
	note = tidy(note)
	var p problems
	if mine != Yes && mine != No {
		p.add("mine", "Choose whether it is within what you answer for.")
	}
	if wouldStop != Yes && wouldStop != No {
		p.add("would_stop", "Choose whether you would stop it.")
	}
	p.text("note", note, MaxText)
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.drillChange("drill.answered")
	d.State, d.EndedAt, d.Mine, d.WouldStop, d.Note = DrillDone, f.Now.Ref(), mine, wouldStop, note
	if f.Now >= *d.DueAt {
		d.State = DrillLate
	}
	c.note("mine", mine)
	c.note("would_stop", wouldStop)
	c.update(d)
	f.lift(c, "The drill was answered.")
	f.doneWith(c)
	return *c, nil
}

func (f DrillFacts) drillChange(act string) *Change {
	c := f.capabilityChange(act, f.Drill.ID)
	c.touch(TouchPerson, f.Drill.PersonID)
	c.note("person", f.Drill.PersonID)
	return c
}

// lift lifts the drill's own hold, and none beside it.
func (f DrillFacts) lift(c *Change, cause string) {
	h := f.Hold
	if h == nil || h.LiftedAt != nil || f.Drill.HoldID == nil || h.ID != *f.Drill.HoldID {
		return
	}
	by := f.Act.Person
	h.LiftedBy, h.LiftedAt, h.LiftCause = &by, f.Now.Ref(), cause
	c.update(h)
	c.outcome = "lifted"
	c.notify("drill.lifted", "capability:"+f.Drill.CapabilityID, f.Drill.ID)
}

func (f DrillFacts) doneWith(c *Change) {
	f.done(c, func(d Duty) bool { return d.Kind == DutyDrill && d.Detail == f.Drill.ID })
}
