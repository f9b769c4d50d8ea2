package models

// DutyFacts are what the clock looks at of one duty. A duty that is closed has none
// of the rest.
type DutyFacts struct {
	Duty   Duty
	Hours  Hours
	Path   Path
	Around Around
	Taken  []DutyStep // in any order
}

// TimeLine is what happens about the duty, see the function.
func (f DutyFacts) TimeLine() []TimeStep {
	return TimeLine(f.Duty, f.Hours, f.Path, f.Around, f.Taken)
}

// NextAt is when the next step that was not taken is planned, -1 for never.
func (f DutyFacts) NextAt() Instant {
	for _, s := range f.TimeLine() {
		if s.TakenAt == nil {
			return s.At
		}
	}
	return -1
}

// ReminderFacts are some duties whose moments are past.
type ReminderFacts struct {
	Env
	Duties []DutyFacts
}

// mostTaken is how many steps one act takes at most: an entry of the record has at most 65,535 bytes, and a step
// takes some 160 of them.
const mostTaken = 250

// Overtaken is why nobody was told by a reminder: the clock stood still until a later
// one was due as well, and one mail is enough.
const Overtaken = "a later reminder was due at the same time"

// Remind takes every step whose moment is past and that was not taken: each is recorded,
// of several reminders of one duty the last is sent, and each escalation is. The clock
// does. It gives back the duties that it has dealt with, each with the moment at which
// the clock looks again (-1: never); the rest is more than one act holds. Where no step
// is past, the Change is the zero one and nothing is to be recorded.
func (f ReminderFacts) Remind() (c Change, again []Moment, err error) {
	if !f.bySystem() {
		return Change{}, nil, forbidden("remind.clock", "Only the clock reminds.")
	}
	change, reminders, escalations := f.change("duties.reminded", ""), 0, 0
	for _, d := range f.Duties {
		next := Moment{Kind: ClockDuty, ID: d.Duty.ID, At: -1}
		var past []TimeStep
		if d.Duty.ClosedAt == nil {
			past, next.At = f.past(d)
		}
		if len(change.writes) > 0 && len(change.writes)+len(past) > mostTaken {
			break
		}
		again = append(again, next)
		for i, s := range past {
			if s.Kind == StepReminder && i+1 < len(past) && past[i+1].Kind == StepReminder {
				s.People, s.Why = nil, Overtaken
			}
			f.take(change, d, s)
			if s.Kind == StepReminder {
				reminders++
			} else {
				escalations++
			}
		}
	}
	if len(change.writes) == 0 {
		return Change{}, again, nil
	}
	change.note("reminders", reminders)
	change.note("escalations", escalations)
	return *change, again, nil
}

// past are the steps to take now, in the order of time, and when the next one is.
func (f ReminderFacts) past(d DutyFacts) (past []TimeStep, next Instant) {
	for _, s := range d.TimeLine() {
		switch {
		case s.TakenAt != nil:
		case s.At <= f.Now:
			past = append(past, s)
		default:
			return past, s.At
		}
	}
	return past, -1
}

// take records one step and tells whom it leads to. Only an escalation is shown in the
// capability's history: that somebody is reminded of their own duty is theirs.
func (f ReminderFacts) take(c *Change, d DutyFacts, s TimeStep) {
	if c.subject == "" {
		c.subject = d.Duty.ID
	}
	people := s.People
	if people == nil {
		people = []string{}
	}
	c.insert(&DutyStep{DutyID: d.Duty.ID, Kind: s.Kind, Step: s.Step, PlannedAt: s.At, TakenAt: f.Now, Recipients: canonical(people), Why: s.Why})
	detail := map[string]string{"days": itoa(s.Step)}
	if s.Kind == StepEscalation {
		c.touch(TouchCapability, d.Duty.CapabilityID)
		detail = map[string]string{"why": s.Why, "step": itoa(s.Step), "of": itoa(max(s.Step, len(d.Path)))}
	}
	for _, to := range people {
		c.notices = append(c.notices, Notice{Kind: s.Kind, Recipient: to, Subject: d.Duty.ID, Detail: canonical(detail),
			// The same whoever sends it and when, so that a step is told of once.
			Key: join("duty", d.Duty.ID, s.Kind, itoa(s.Step), to)})
	}
}
