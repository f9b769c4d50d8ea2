package notify

import (
	"strconv"

	"countersign/models"
)

// asked are the words of one kind of duty: what is asked, as one says it after "you
// are asked to", and why you.
type asked struct {
	ask    string
	why    string
	action string
}

// duties by kind; asksOf names those whose words depend on the duty's detail.
var duties = map[string]asked{
	models.DutyFill:            {"fill in the {part} of {what}", "You are named as {writer}, who writes the {part}.", "Fill it in"},
	models.DutySubmit:          {"check and submit {vwhat}", "You own the task. Every part is complete; nothing is asked of anybody before you submit it.", "Check and submit it"},
	models.DutyEdit:            {"change the {part} of {what}", "An approver asked for changes, and you are named as {writer}, who writes the {part}.", "Change it"},
	models.DutyAccept:          {"accept or decline to be {role} of {what}", "You answer for nothing before you have accepted it.", "Accept or decline"},
	models.DutySign:            {"decide on {vwhat}", "You are an approver and had no part in it. Its tier is {tier}.", "Read it and decide"},
	models.DutyNominate:        {"name somebody as {role} of {what}", "You own the task, and the role has nobody: who was asked declined, or has left.", "Name somebody"},
	models.DutySucceed:         {"find a successor for the {role} of {what}", "You answer for it too. Its {role} has left, so it is held.", "Find a successor"},
	models.DutyTakeOver:        {"take over as {role} of {what}, or decline", "You answer for nothing before you have accepted it.", "Accept or decline"},
	models.DutyLift:            {"say what was wrong with {what}, or revoke it", "You own it, and it is held: it may not act.", "Say what was wrong"},
	models.DutyGoLive:          {"put {vwhat} in force", "You own the task. It is signed, but {asks}.", "Put it in force"},
	models.DutyRegister:        {"finish registering {agent}", "You own the agent. It is a draft until its registration is complete.", "Finish it"},
	models.DutyClaim:           {"claim agents that were found and that nobody owns", "You are a business owner. If one is yours, claim it; if it is none of ours, say why.", "See what was found"},
	models.DutyConfirm:         {"confirm or withdraw what another administrator proposed", "You are an administrator, another one proposed it, and it takes two.", "Confirm or withdraw it"},
	models.DutyReview:          {"answer the review of {what}", "You answer for it, and are asked whether your part is still right.", "Answer the review"},
	models.DutyCloseReview:     {"close the review of {what}: keep, narrow or revoke it", "You are an approver and had no part in it.", "Read the answers and decide"},
	models.DutyNarrow:          {"narrow the scope of {what}", "A review found that it reaches more than it needs, and you write its scope.", "Narrow it"},
	models.DutyRenew:           {"renew {what}, or let it end", "You own it, and its last day comes near.", "Renew it, or let it end"},
	models.DutyDrill:           {"answer a drill about {agent}", "You answer for it. Is this yours, and would you stop it?", "Answer now"},
	models.DutyReviewEmergency: {"review the emergency in which {vwhat} ran", "Another approver broke the glass. You are an approver, and had no part in it.", "Review it"},
}

// Some duties ask for something else where their detail says so.
var asksFor = map[[2]string]asked{
	{models.DutySign, "restart"}:                  {"decide whether {what} may start again", "You are an approver and had no part in it. It was stopped, and its cause is stated.", "Read the cause and decide"},
	{models.DutyLift, models.ByPasskeys}:          {"have {what} signed again with passkeys", "You own it. It was signed before sign-offs at its tier took a passkey.", "Ask for it"},
	{models.DutyLift, models.ToLiftBroad}:         {"decide whether the stop of {name} is lifted", "You are an approver, and did not place it.", "See why it was stopped"},
	{models.DutySucceed, models.AgentOwner}:       {"name a new owner for {agent}", "Its owner has left. You were their manager, or you are an administrator.", "Name a new owner"},
	{models.DutyTakeOver, models.AgentOwner}:      {"take over {agent} as its owner, or decline", "Its owner has left. It is not yours before you have accepted it.", "Accept or decline"},
	{models.DutySucceed, models.ToWithdraw}:       {"withdraw {vwhat}", "Somebody who accepted a role in it has left, so it cannot go in force. A new version can name somebody else.", "See it and withdraw it"},
	{models.DutyConfirm, "rules"}:                 {"confirm or withdraw the proposed tier rules", "You are an administrator, another one proposed them, and it takes two.", "Confirm or withdraw them"},
	{models.DutyConfirm, "emergency"}:             {"confirm or withdraw that the emergency path is switched on", "You are an administrator, another one proposed it, and it takes two.", "Confirm or withdraw it"},
	{models.DutyConfirm, models.ConfirmForbid}:    {"confirm or withdraw a proposed forbid", "You are an administrator, another one proposed it, and it takes two.", "Confirm or withdraw it"},
	{models.DutyConfirm, models.ConfirmForbidEnd}: {"confirm that a forbid ends, or keep it", "You are an administrator, another one proposed to end it, and it takes two.", "Confirm it, or keep the forbid"},
	{models.DutyConfirm, "link"}:                  {"confirm or withdraw who an account belongs to", "You are an administrator, another one proposed it, and it takes two.", "Confirm or withdraw it"},
}

func dutyOf(kind, detail string) (asked, bool) {
	if a, ok := asksFor[[2]string{kind, detail}]; ok {
		return a, true
	}
	a, ok := duties[kind]
	return a, ok
}

func askOf(kind, detail string) (string, bool) {
	a, ok := dutyOf(kind, detail)
	return a.ask, ok
}

// ofDuty are the words of a duty that was opened.
func ofDuty(kind string, n Notice) (words, bool) {
	a, ok := dutyOf(kind, n.Asks)
	if !ok {
		return words{}, false
	}
	return words{titles: []string{a.ask, plain(kind) + ": {what}"}, leads: []string{"you are asked to " + a.ask + ".", "you are asked to " + plain(kind) + "."},
		lines: []string{a.why, dueBy, saidWithIt}, action: a.action}, true
}

// plain is what a duty asks where it is not known what it is about.
func plain(kind string) string {
	if s, ok := dutyPlain[kind]; ok {
		return s
	}
	return "do something"
}

var dutyPlain = map[string]string{
	models.DutyFill: "fill in a part", models.DutyEdit: "change a part", models.DutyAccept: "accept or decline a role", models.DutyNominate: "name somebody for a role",
	models.DutySucceed: "find a successor", models.DutyTakeOver: "take over a role, or decline", models.DutyRegister: "finish registering an agent", models.DutyDrill: "answer a drill",
}

// ofReminder are the words of "due in 14 days": the number of days is a detail.
func ofReminder(n Notice) words {
	when := "soon"
	if days, err := strconv.Atoi(n.Details["days"]); err == nil {
		switch days {
		case 0:
			when = "today"
		case 1:
			when = "tomorrow"
		default:
			when = "in " + strconv.Itoa(days) + " days"
		}
	}
	a, _ := dutyOf(n.Duty, n.Asks)
	return words{titles: []string{"due " + when + ": {ask}", "due " + when + ": " + plain(n.Duty)}, leads: []string{"you are asked to {ask}, and it is not done yet.", "something that you were asked to do is due " + when + "."},
		lines: []string{a.why, dueBy}, action: a.action}
}

// ofEscalation are the words for whoever comes after the one who owes it.
func ofEscalation(n Notice) words {
	because := map[string]string{
		models.ToDelegate:    "You are told because you stand in for {person}.",
		models.ToManager:     "You are told because you are the manager of {person}.",
		models.ToAccountable: "You are told because you answer for it too.",
		models.ToHead:        "You are told because you are the head of the team that owns it.",
		models.ToPerson:      "You are told because its escalation path names you.",
	}[n.Details["why"]]
	if because == "" {
		because = "You are told because its escalation path leads to you."
	}
	return words{titles: []string{"overdue, and nobody answered: {ask}", "overdue, and nobody answered: {what}"},
		leads: []string{"{person} was asked to {ask}, and it is not done.", "somebody was asked to {ask}, and it is not done.", "something that was asked about {what} is not done."},
		lines: []string{"It was due by {due}.", because, "This is step {step} of {of} of its escalation path."}, action: "See what can be done"}
}
