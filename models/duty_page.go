package models

// Page is the path of the page on which a duty is done, for lists, notices and calendars.
func (d Duty) Page() string {
	if d.Detail == AgentOwner {
		return "/agents/" + d.Subject + "/owner"
	}
	if d.Detail == ToWithdraw {
		return "/versions/" + d.Subject + "/withdraw"
	}
	switch d.Kind {
	case DutyFill, DutyEdit:
		return "/versions/" + d.Subject + "/draft"
	case DutySubmit:
		return "/versions/" + d.Subject + "/submit"
	case DutyAccept, DutyTakeOver:
		return "/versions/" + d.Subject + "/roles/" + d.Detail
	case DutySign, DutyGoLive:
		return "/versions/" + d.Subject
	case DutyNominate:
		return "/versions/" + d.Subject + "/people"
	case DutySucceed:
		return "/capabilities/" + d.CapabilityID + "/succession"
	case DutyLift:
		if d.Detail == ToLiftBroad {
			return "/stops/" + d.Subject
		}
		return "/capabilities/" + d.CapabilityID + "/restart"
	case DutyReview, DutyCloseReview, DutyNarrow:
		return "/reviews/" + d.Detail
	case DutyRenew:
		return "/capabilities/" + d.CapabilityID
	case DutyDrill:
		return "/drills/" + d.Detail
	case DutyReviewEmergency:
		return "/emergencies/" + d.Detail
	case DutyClaim:
		return "/agents/found"
	case DutyRegister:
		return "/agents/" + d.Subject + "/register"
	case DutyConfirm:
		if d.Detail == "rules" {
			return "/admin/tier-rules"
		}
		if d.Detail == "emergency" {
			return "/admin/emergency"
		}
		if d.Detail == ConfirmForbid || d.Detail == ConfirmForbidEnd {
			return "/admin/forbids/" + d.Subject
		}
		return "/admin/links/" + d.Subject
	}
	return "/"
}
