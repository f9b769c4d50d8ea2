package models

import "time"

// Stakes are what hangs on a duty: what its consequence depends on beside the duty itself.
type Stakes struct {
	Until   Instant // when what is in force ends by itself; 0 where nothing is in force
	HoldAt  Instant // of a review or a drill: when its silence holds the capability; 0 for never
	Restart bool    // of a sign-off: whether what is in force may start again
	Before  int     // of a sign-off: the number of the version that goes on meanwhile; 0 for none
}

// StopsAt is when the agent may not do this task any more if the duty is never done;
// 0 where the duty stops nothing.
func (d Duty) StopsAt(s Stakes) Instant {
	switch d.Kind {
	case DutyReview, DutyCloseReview:
		if s.HoldAt != 0 && (s.Until == 0 || s.HoldAt < s.Until) {
			return s.HoldAt
		}
		return s.Until
	case DutyDrill:
		return s.HoldAt
	case DutyRenew:
		return s.Until
	}
	return 0
}

// Consequence is what happens if nobody does it, or has happened since nobody did, as one
// sentence, with days as they are at the place of whoever reads it. "" where there is
// nothing to say.
func (d Duty) Consequence(s Stakes, now Instant, zone *time.Location) string {
	switch at := d.StopsAt(s); {
	case at != 0 && at <= now:
		return "Nobody did it in time: on " + dayIn(at, zone) + " this agent stopped doing this."
	case at != 0:
		return "If nothing happens, on " + dayIn(at, zone) + " this agent stops doing this."
	}
	switch d.Kind {
	case DutyFill, DutySubmit, DutyEdit:
		return "If nobody does, it stays a draft, and nothing of it is in force."
	case DutyAccept:
		return "If you do not answer, no approver is asked, and it stays out of force."
	case DutySign:
		switch {
		case s.Restart:
			return "If nobody decides, it stays held."
		case s.Before > 0:
			return "If nobody decides, it stays out of force, and version " + itoa(s.Before) + " goes on."
		}
		return "If nobody decides, it stays out of force."
	case DutyNominate:
		return "If nobody is named, the role stays empty, and no approver is asked."
	case DutySucceed:
		switch d.Detail {
		case ToWithdraw:
			return "If nobody does, it stays out of force, and its approval lapses in the end."
		case AgentOwner:
			return "If nobody is named, nobody can start a task of it or change it."
		}
		return "If nobody takes over, it stays held."
	case DutyTakeOver:
		if d.Detail == AgentOwner {
			return "If you do not answer, the agent has no owner."
		}
		return "If you do not answer, the role stays where it is."
	case DutyLift:
		if d.Detail == ByPasskeys {
			return "If nobody does, it goes on as it was signed, until its review."
		}
		if d.Detail == ToLiftBroad {
			return "If nobody does, it stays stopped."
		}
		return "If nobody does, it stays held."
	case DutyGoLive:
		return "If nobody does by then, the approval lapses."
	case DutyRegister:
		return "If nobody does, it stays a draft, and no task of it can be submitted."
	case DutyClaim:
		return "If nobody does, an agent goes on for which nobody answers."
	case DutyConfirm:
		if d.Detail == ConfirmForbidEnd {
			return "If nobody does, it stays in force."
		}
		return "If nobody does, nothing changes."
	case DutyReviewEmergency:
		return "If nobody does, nobody but its approver has looked at what was done."
	case DutyNarrow:
		return "If nobody does, it goes on reaching more than it needs."
	case DutyDrill:
		return "If you do not answer, those who come after you are asked, and it is kept as missed."
	}
	return ""
}

// dayIn is a moment's day at a place, in words: "3 March 2027".
func dayIn(at Instant, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	return at.Time().In(zone).Format("2 January 2006")
}
