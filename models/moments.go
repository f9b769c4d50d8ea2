package models

// Lead is how long before a review is due it is opened: a third of the time between
// two, and a month at most.
func Lead(every Instant) Instant { return min(every/3, 30*Day) }

// RenewBefore is how long before its last day an owner is asked to renew.
const RenewBefore = 30 * Day

// Moments are the clock's next moments that follow from a row as it is now: those to
// set, and those (At < 0) that are over. A row that has none gives none.
func Moments(row Row) []Moment {
	at := func(kind, id string, open bool, when Instant) Moment {
		if !open {
			when = -1
		}
		return Moment{Kind: kind, ID: id, At: when}
	}
	switch r := row.(type) {
	case *Duty:
		return []Moment{at(ClockDuty, r.ID, r.ClosedAt == nil, 0)}
	case *Mandate:
		open := r.EndedAt == nil
		return []Moment{
			at(ClockReview, r.ID, open && r.ReviewDueAt <= r.UntilAt, r.ReviewDueAt-Lead(r.ReviewDueAt-r.FromAt)),
			at(ClockRenew, r.ID, open && r.UntilAt < r.ReviewDueAt, max(r.UntilAt-RenewBefore, r.FromAt)),
		}
	case *Version:
		return []Moment{at(ClockApproved, r.ID, r.State == Approved, 0)}
	case *Review:
		return []Moment{at(ClockHold, r.ID, r.State == ReviewOpen, r.HoldAt)}
	case *AgentRevision:
		return []Moment{at(ClockChange, r.AgentID, true, 0)}
	case *System:
		return []Moment{at(ClockChange, r.ID, true, 0)}
	case *Operation:
		return []Moment{at(ClockChange, r.SystemID, true, 0)}
	case *TierRulesRow:
		return []Moment{at(ClockChange, r.ID, r.State == RulesActive, 0)}
	case *Drill:
		if r.Kind == DrillKill {
			return []Moment{at(ClockKill, r.ID, r.State == DrillPlanned || r.State == DrillOpen, r.PlannedAt)}
		}
		return []Moment{at(ClockDrillDue, r.ID, r.State == DrillOpen, *r.DueAt), at(ClockDrill, r.PersonID, r.State != DrillOpen && r.State != DrillMissed, 0)}
	}
	return nil
}
