package models

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Around is who stands around a duty just now: whom the steps of its path lead to.
// Ids of people; People has each of them (who is not in it is not known).
type Around struct {
	Delegates   []string // who stand in for whoever owes it at this moment
	Accountable []string // who answer for the capability, the holder too
	Heads       []string // of the teams of its business owner
	People      map[string]Person
}

// TimeStep is one step on a duty's time line.
type TimeStep struct {
	Planned
	People  []string // whom it tells: ids of people, or "pool:approver"; nobody where it tells nobody
	Why     string   // of an escalation: who they are (see EscalateTo); where it tells nobody: why not, as a clause
	TakenAt *Instant // nil for to come
}

// TimeLine is everything that happens about a duty while nobody does it, in the order
// of time: the steps that were taken as they were recorded, and those to come as they
// would be, with the hours and the people of just now. It is what the clock goes by
// (see ReminderFacts), what a duty's page draws, and the dry run of a path: for that
// make a Duty that was not recorded, with its holder, OpenedAt and DueAt.
//
// hours are the holder's (the zero value for a pool's); path comes from PathFor. The
// steps to come of a closed duty are left out.
func TimeLine(d Duty, hours Hours, path Path, around Around, taken []DutyStep) []TimeStep {
	was, fewest, looked := map[string]DutyStep{}, lastReminder(taken), Instant(-1)
	var out []TimeStep
	for _, t := range taken {
		looked = max(looked, t.TakenAt)
		was[stepKey(t.Kind, t.Step)] = t
		out = append(out, TimeStep{Planned: Planned{Kind: t.Kind, Step: t.Step, At: t.PlannedAt}, People: t.People(), Why: t.Why, TakenAt: t.TakenAt.Ref()})
	}
	for _, p := range PlanOf(d, hours, path) {
		if _, done := was[stepKey(p.Kind, p.Step)]; done || d.ClosedAt != nil {
			continue
		}
		// What was to be said by then was said: they moved, or work other hours now.
		if p.Kind == StepReminder && (p.Step > fewest || p.At <= looked) {
			continue
		}
		step := TimeStep{Planned: p}
		if p.Kind == StepReminder {
			step.People, step.Why = around.reminded(d)
		} else {
			step.People, step.Why = around.told(d, p.To)
		}
		out = append(out, step)
	}
	slices.SortStableFunc(out, func(a, b TimeStep) int {
		switch {
		case a.TakenAt != nil && b.TakenAt == nil:
			return -1
		case a.TakenAt == nil && b.TakenAt != nil:
			return 1
		case a.At != b.At:
			return cmp.Compare(a.At, b.At)
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return out
}

// lastReminder is how many days before the duty is due somebody was last reminded; many for never.
func lastReminder(taken []DutyStep) int {
	least := math.MaxInt
	for _, t := range taken {
		if t.Kind == StepReminder {
			least = min(least, t.Step)
		}
	}
	return least
}

func stepKey(kind string, step int) string { return kind + itoa(step) }

// People are whom the step told.
func (s DutyStep) People() []string { return parseBody[[]string](s.Recipients) }

// reminded is who is told that a duty comes due.
func (a Around) reminded(d Duty) (people []string, nobody string) {
	if d.PersonID == nil {
		return []string{d.Holder}, ""
	}
	return a.here([]string{*d.PersonID}, "who owes it has left")
}

// told is whom a step of the path leads to, and who they are; or nobody, and why not.
// Whoever owes it is not told of their own silence, and who has left is not told.
func (a Around) told(d Duty, to PathStep) (people []string, why string) {
	holder, pool := "", d.PersonID == nil
	if !pool {
		holder = *d.PersonID
	}
	nobody := ""
	switch to.Who {
	case ToDelegate:
		people, nobody = a.Delegates, "nobody stands in for them just now"
		if pool {
			people, nobody = nil, "it is owed by everybody with the role, for whom nobody stands in"
		}
	case ToManager:
		nobody = "no manager is set"
		if pool {
			nobody = "it is owed by everybody with the role, who have no one manager"
		} else if m := a.People[holder].ManagerID; m != nil {
			people, nobody = []string{*m}, "their manager has left"
		}
	case ToAccountable:
		people, nobody = a.Accountable, "nobody else answers for it yet"
	case ToHead:
		people, nobody = a.Heads, "the owning team has no head who could be told"
	case ToPerson:
		people, nobody = []string{to.Person}, "the person named in the path has left"
	}
	people = slices.DeleteFunc(slices.Clone(people), func(id string) bool { return id == holder })
	if people, nobody = a.here(people, nobody); len(people) == 0 {
		return nil, nobody
	}
	return people, to.Who
}

// here are those who are still here, each once; nobody is why there is none.
func (a Around) here(people []string, nobody string) ([]string, string) {
	var out []string
	for _, id := range people {
		if a.People[id].Status == PersonActive && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return nil, nobody
	}
	return out, ""
}
