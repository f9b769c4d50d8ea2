package notify

// kinds are the words of every kind of notice but duties, reminders and escalations
// (compose_duty.go). A title names the act and the agent; a lead says what it is; the
// lines say why you, until when, and what was said. A test reads the rules' sources
// and fails where a kind that they queue has no words.
var kinds = map[string]words{
	// Of a version.
	"version.approved": {titles: []string{"approved: {vwhat}"}, leads: []string{"{actor} gave the last sign-off that {vwhat} needed.", "the last sign-off that it needed was given."},
		lines: []string{"It is put in force as soon as nothing keeps it any more, such as its start date.", answerFor}, action: "Look at the version"},
	"version.live": {titles: []string{"in force: {vwhat}"}, leads: []string{"{Vwhat} is in force: the agent may do what it says."},
		lines: []string{"It may act until {until}, unless it is reviewed and renewed before.", answerFor}, action: "Look at the version"},
	"version.changes_requested": {titles: []string{"changes asked for: {vwhat}"}, leads: []string{"{actor} asked for changes to {vwhat}.", "an approver asked for changes to {vwhat}."},
		lines: []string{saidWithIt, "There is a new draft, in which those who write it can make them.", answerFor}, action: "Read what is asked for"},
	"version.rejected": {titles: []string{"refused: {vwhat}"}, leads: []string{"{actor} refused {vwhat}. It does not go in force.", "an approver refused {vwhat}. It does not go in force."},
		lines: []string{saidWithIt, answerFor}, action: "Look at the version"},
	"version.withdrawn": {titles: []string{"withdrawn: {vwhat}"}, leads: []string{"{actor} took {vwhat} back. Nobody has to do anything for it any more.", "{Vwhat} was taken back. Nobody has to do anything for it any more."},
		lines: []string{saidWithIt, answerFor}, action: "Look at the version"},
	"version.revoked": {titles: []string{"revoked: {vwhat}"}, leads: []string{"{actor} revoked {vwhat}. The agent may not do this any more.", "{Vwhat} was revoked. The agent may not do this any more."},
		lines: []string{saidWithIt, answerFor}, action: "Look at the version"},
	"version.expired": {titles: []string{"approval lapsed: {vwhat}"}, leads: []string{"{Vwhat} was approved and not put in force in time, so the approval lapsed."},
		lines: []string{saidWithIt, "If it is still wanted, draft it again from this version.", answerFor}, action: "Look at the version"},
	"version.recalled": {titles: []string{"a sign-off was taken back: {vwhat}"}, leads: []string{"{actor} took their sign-off of {vwhat} back.", "a sign-off of {vwhat} was taken back."},
		lines: []string{saidWithIt, "It has to be signed off anew; what was in force under it is held until then.", answerFor}, action: "Look at the version"},

	// Stops and holds.
	"stop.placed": {titles: []string{"stopped: {what}"}, leads: []string{"{actor} stopped {what}. It may not act.", "{What} was stopped. It may not act."},
		lines: []string{theCause, "It starts again once the cause is stated and the sign-offs are given anew.", answerFor}, action: "See why"},
	"broad_stop.placed": {titles: []string{"stopped: {name}", "much was stopped at once"}, leads: []string{"{actor} stopped {name}. Nothing that stands on it may act.", "{name} was stopped. Nothing that stands on it may act.", "much was stopped at once, and may not act."},
		lines: []string{theCause, "An approver who did not place the stop can lift it.", "You are told because you answer for something that it stops, or are an administrator."}, action: "See what is stopped"},
	"broad_stop.lifted": {titles: []string{"not stopped any more: {name}", "a broad stop was lifted"}, leads: []string{"{actor} lifted the stop of {name}. What nothing else holds may act again.", "the stop of {name} was lifted. What nothing else holds may act again.", "a broad stop was lifted. What nothing else holds may act again."},
		lines: []string{"Why it may go on: {detail}", "You are told because you answer for something that it stopped, or are an administrator."}, action: "See what was said"},
	"hold.placed": {titles: []string{"held: {what}"}, leads: []string{"{What} is held: it may not act."}, lines: []string{theCause, answerFor}, action: "See what lifts it"},
	"hold.lifted": {titles: []string{"not held any more: {what}"}, leads: []string{"{actor} lifted a hold on {what}.", "a hold on {what} was lifted."}, lines: []string{theCause, answerFor}, action: "See whether it may act"},
	"person.left": {titles: []string{"{person} has left", "somebody has left"}, leads: []string{"{person} has left. What they answered for is held until somebody who takes over has accepted.",
		"Somebody has left. What they answered for is held until somebody who takes over has accepted."}, lines: []string{saidWithIt, "You are told because you answer for some of it too."}, action: "See what is held"},
	"takeover.offered": {titles: []string{"will you take over as {role}? {what}", "will you take over a role? {what}"}, leads: []string{"{actor} asks you to take over as {role} of {what}.", "you are asked to take over a role of {what}."},
		lines: []string{"You answer for nothing before you have accepted it.", dueBy}, action: "Accept or decline"},

	// Reviews and renewal.
	"review.opened": {titles: []string{"a review began: {what}"}, leads: []string{"it is time to look at {what} again: whether its boundary, its scope and its oversight are still right."},
		lines: []string{dueBy, answerFor}, action: "Open the review"},
	"review.closed": {titles: []string{"reviewed: {what}"}, leads: []string{"{actor} closed the review of {what}.", "the review of {what} was closed."},
		lines: []string{"What came of it: {detail}", answerFor}, action: "Read the review"},
	"review.missed": {titles: []string{"held, not reviewed in time: {what}"}, leads: []string{"{What} was not reviewed in time, so it is held: it may not act."},
		lines: []string{"Closing the review lifts the hold.", answerFor}, action: "Open the review"},
	"review.held": {titles: []string{"held, not reviewed in time: {what}"}, leads: []string{"{What} was not reviewed in time, so it is held: it may not act."},
		lines: []string{"Closing the review lifts the hold.", answerFor}, action: "Open the review"},
	"mandate.renewed": {titles: []string{"renewed: {what}"}, leads: []string{"{actor} reviewed {what} and kept it, so it goes on.", "{What} was reviewed and kept, so it goes on."},
		lines: []string{"It may act until {until}, unless it is reviewed and renewed before.", answerFor}, action: "Look at it"},
	"renewal.due": {titles: []string{"ends soon: {what}"}, leads: []string{"the last day of {what} comes near. Renew it, or let it end."}, lines: []string{"It may act until {until}.", "You are told because you own it."}, action: "Renew it, or let it end"},

	// Drills.
	"drill.asked": {titles: []string{"answer now: is this yours? {agent}", "answer now: is this yours?"}, leads: []string{"this is an answerability drill. {agent} is said to have just done something: is it yours, and would you stop it?", "This is an answerability drill: is this yours, and would you stop it?"},
		lines: []string{"Answer by {due}. How long it takes is kept.", "You are asked because you answer for it."}, action: "See what happened, and answer"},
	"drill.missed": {titles: []string{"drill missed: {what}"}, leads: []string{"{person} was asked whether they answer for {what}, and did not in time.", "a drill of {what} was not answered in time."},
		lines: []string{"At critical tier it is held until the answer comes; elsewhere it is kept as missed.", answerFor}, action: "See the drill"},
	"drill.held": {titles: []string{"held, a drill was missed: {what}"}, leads: []string{"{person} did not answer a drill in time, so {what} is held: it may not act.", "a drill was not answered in time, so {what} is held: it may not act."},
		lines: []string{"Answering it lifts the hold.", answerFor}, action: "See the drill"},
	"drill.lifted": {titles: []string{"drill answered: {what}"}, leads: []string{"{person} answered the drill that held {what}. Its hold is lifted.", "the drill that held {what} is over. Its hold is lifted."}, lines: []string{answerFor}, action: "See the drill"},
	"kill_drill.planned": {titles: []string{"kill drill planned: {what}"}, leads: []string{"{actor} planned to stop {what} on purpose, to see how long it takes.", "it is planned to stop {what} on purpose, to see how long it takes."},
		lines: []string{"It begins on {from}.", saidWithIt, "It may not act while the drill runs. Any of you can call it off until it begins.", answerFor}, action: "See the plan"},
	"kill_drill.called_off": {titles: []string{"kill drill called off: {what}"}, leads: []string{"the planned kill drill of {what} does not take place."}, lines: []string{saidWithIt, answerFor}, action: "See why"},
	"kill_drill.begun":      {titles: []string{"kill drill begins: {what}"}, leads: []string{"{What} is stopped on purpose just now."}, lines: []string{answerFor}, action: "Watch it"},
	"kill_drill.done": {titles: []string{"kill drill done: {what}"}, leads: []string{"{What} was stopped on purpose, and it was seen to stop. It may act again."},
		lines: []string{saidWithIt, answerFor}, action: "See how long it took"},
	"kill_drill.failed": {titles: []string{"kill drill failed, stopped: {what}"}, leads: []string{"{What} was stopped on purpose, and was not seen to stop. A stop stands now: it may not act."},
		lines: []string{saidWithIt, "Find out why before it starts again.", answerFor}, action: "See what was measured"},

	// Of what came of it at runtime.
	"alert.raised": {titles: []string{"{Alert}: {what}", "alert: {what}"}, leads: []string{"{What} did something at runtime that its oversight plan has its control owner told of."},
		lines: alertLines, action: "See what was asked, and stop it if it must be"},
	"alert.noted": {titles: []string{"{Alert}: {what}", "alert: {what}"}, leads: []string{"{What} did something at runtime that its oversight plan has its control owner told of."},
		lines: alertLines, action: "See what was asked"},
	"alert.many": {titles: []string{"alerts of {count} tasks at once", "alerts of many tasks at once"}, leads: []string{"{count} tasks did something at runtime that their oversight plans have their control owner told of.", "many tasks did something at runtime that their oversight plans have their control owner told of."},
		lines: manyAlertLines, action: "See the newest, and stop what must be stopped"},
	"alert.many_noted": {titles: []string{"alerts of {count} tasks at once", "alerts of many tasks at once"}, leads: []string{"{count} tasks did something at runtime that their oversight plans have their control owner told of.", "many tasks did something at runtime that their oversight plans have their control owner told of."},
		lines: manyAlertLines, action: "See the newest"},

	// Emergencies.
	"emergency.opened": {titles: []string{"emergency: {vwhat} runs without its sign-offs", "emergency: an agent runs without its sign-offs"}, leads: []string{"{actor} broke the glass: {vwhat} runs now, without the sign-offs that it needs.", "the glass was broken: {vwhat} runs now, without the sign-offs that it needs."},
		lines: []string{"It ends by itself on {until}.", "The reason given: {detail}", "Those who answer for it can stop it at once, and it is reviewed afterwards in any case.", "You are told because it would have needed you, or you answer for it."}, action: "See what runs"},
	"emergency.ended": {titles: []string{"the emergency has ended: {what}"}, leads: []string{"{actor} ended the emergency under which {what} ran.", "the emergency under which {what} ran has ended."},
		lines: []string{"Why: {detail}", answerFor}, action: "Look at it"},
	"emergency.reviewed": {titles: []string{"the emergency was reviewed: {what}"}, leads: []string{"{actor} reviewed the emergency under which {what} ran.", "the emergency under which {what} ran was reviewed."},
		lines: []string{"What was found: {detail}", answerFor}, action: "Read the finding"},

	// People and their own.
	"delegation.given":    {titles: []string{"you stand in for {actor}", "you stand in for somebody"}, leads: []string{"{actor} named you to stand in for them.", "you are named to stand in for somebody."}, lines: []string{"From {from} until {until}.", saidWithIt, "What you sign for them is recorded as yours, for them. You can decline."}, action: "See what it means"},
	"delegation.declined": {titles: []string{"{actor} will not stand in for you", "nobody stands in for you"}, leads: []string{"{actor} declined to stand in for you. Name somebody else, if you will be away.", "who should stand in for you declined. Name somebody else, if you will be away."}, lines: []string{"It was to last from {from} until {until}."}, action: "Name somebody else"},
	"delegation.ended":    {titles: []string{"standing in has ended"}, leads: []string{"{actor} ended the time in which one of you stands in for the other.", "the time in which one of you stands in for the other has ended."}, lines: []string{"What was signed under it stays signed."}, action: "See who stands in for whom"},
	"comment.added":       {titles: []string{"a comment on {vwhat}"}, leads: []string{"{actor} commented on {vwhat}.", "there is a new comment on {vwhat}."}, lines: []string{"They wrote: {detail}", "You are told because you made it, or commented on it before."}, action: "Read and answer it"},
	"passkey.added":       {titles: []string{"a passkey was added to your account"}, leads: []string{"a passkey was added to your account: it can sign in your name."}, lines: []string{"It is called “{name}”.", ifNotYou}, action: "See your passkeys"},
	"passkey.removed":     {titles: []string{"a passkey was removed from your account"}, leads: []string{"a passkey of your account was removed. What it signed stays signed."}, lines: []string{"It was called “{name}”.", ifNotYou}, action: "See your passkeys"},

	// The catalogue of systems.
	"catalogue.changed":         {titles: []string{"a system was changed: {name}", "a system that your agents reach was changed"}, leads: []string{"{actor} changed what is known of a system that agents of yours reach.", "what is known of a system that agents of yours reach was changed."}, lines: []string{saidWithIt, "What is signed keeps its facts; the next version takes the new ones."}, action: "See what changed"},
	"catalogue.tier_would_rise": {titles: []string{"its tier would rise: {what}"}, leads: []string{"{actor} changed what is known of a system that {what} reaches. Signed today, its tier would be higher.", "what is known of a system that {what} reaches was changed. Signed today, its tier would be higher."}, lines: []string{"What is signed keeps its facts. Draft a new version if it should be looked at now.", "You are told because you own it."}, action: "See what changed"},

	// The channels themselves.
	"channel.test":                 {titles: []string{"a test from Countersign"}, leads: []string{"{actor} asked to see whether messages arrive here. They do.", "somebody asked to see whether messages arrive here. They do."}, lines: []string{"It was sent to “{name}”."}, action: "See the channels"},
	"channel.gone":                 {titles: []string{"a hook is gone and was switched off: {name}", "a hook is gone and was switched off"}, leads: []string{"the receiver at {host} answered that the hook is not there any more, so nothing is sent to it from now on.", "the receiver answered that the hook is not there any more, so nothing is sent to it from now on."}, lines: []string{"Add it again with its new address if it is still wanted."}, action: "See the channels"},
	"channel.organisation_changed": {titles: []string{"a hook of the organisation was changed: {name}", "a hook of the organisation was changed"}, leads: []string{"{actor} added or removed a hook that notices of the whole organisation are sent to.", "a hook that notices of the whole organisation are sent to was added or removed."}, lines: []string{"It leads to {host}.", "You are told because you are an administrator."}, action: "See the channels"},

	"digest": {titles: []string{"your day in Countersign: {count}", "your day in Countersign"}, leads: []string{"this is what came since your last message."}, action: "See everything that waits for you"},
}

// alertLines: of each kind there is one at most.
var alertLines = []string{"{manifest}", "{denials}", "{volume}", "{first}", "Its plan says that an alert goes to: {route}.", "You can stop it at once, by yourself, on its page.", "You are told because you are its control owner, or answer for it where that one has left."}

var manyAlertLines = []string{"So many together may have one cause: a system, a policy, a stop.", "You can stop each at once, by yourself.", "You are told because you are their control owner, or answer for them where that one has left."}

const (
	answerFor  = "You are told because you answer for it, or made it."
	saidWithIt = "Said with it: {detail}"
	theCause   = "The cause: {detail}"
	dueBy      = "It is due by {due}."
	ifNotYou   = "If it was not you, tell an administrator at once."
)
