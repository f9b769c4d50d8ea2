package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Home is what waits for the viewer, and what they answer for. A part of it, the
// list, is what the page asks for by itself now and then (home_list.go).
func Home(r *Request) error {
	ask := askedInbox(r)
	if r.IsHTMX() && r.Query("part") == "list" {
		return homeList(r, ask)
	}
	var page views.HomePage
	err := r.App.Store.Reading(r.Ctx(), func(from *store.Store) (err error) {
		page, err = homePage(r, from, ask)
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.Home(r.Head("What waits for me", ""), page))
}

func homePage(r *Request, from *store.Store, ask store.InboxAsk) (page views.HomePage, err error) {
	list, in, err := readHome(r, from, ask)
	if err != nil {
		return page, err
	}
	page.HomeList = list
	for _, c := range in.Counts {
		r.waits = min(r.waits+c.N, store.WaitingMost)
	}
	after := mineCursor(r.Query("mine"))
	mine, next, err := from.AnswersFor(r.Ctx(), r.Viewer, after)
	if err != nil {
		return page, err
	}
	if page.Several, err = from.SeveralCount(r.Ctx(), r.Viewer); err != nil {
		return page, err
	}
	for _, m := range mine {
		page.Mine = append(page.Mine, mineRow(r, m))
	}
	if page.Escalated, err = escalated(r, from); err != nil {
		return page, err
	}
	alerts, err := from.AlertsFor(r.Ctx(), r.Viewer)
	if err != nil {
		return page, err
	}
	page.Alerts = r.alertLines(alerts)
	if next != nil {
		page.MineNext = "/?mine=" + strconv.FormatInt(int64(next.DueAt), 10) + "." + next.ID
	}
	if after != nil {
		page.MineFirst = "/"
	}
	if len(in.Counts) == 0 {
		coming(r, mine, &page.HomeList)
	}
	return page, nil
}

func mineCursor(s string) *store.MineCursor {
	due, id, ok := strings.Cut(s, ".")
	at, err := strconv.ParseInt(due, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 {
		return nil
	}
	return &store.MineCursor{DueAt: models.Instant(at), ID: id}
}

func mineRow(r *Request, m store.Mine) views.HomeMine {
	here := "/capabilities/" + m.CapabilityID
	return views.HomeMine{Title: m.Title, Agent: m.AgentName, Href: here, StopHref: here + "/stop", Roles: capital(views.And(m.Roles(r.Viewer.Person.ID))),
		Held: m.Held, Over: m.UntilAt <= models.At(r.App.Now()), Tier: m.Tier(), Review: r.Local(m.ReviewDueAt), Until: r.Local(m.UntilAt)}
}

// coming says what comes next where nothing waits.
func coming(r *Request, mine []store.Mine, page *views.HomeList) {
	switch {
	case len(mine) > 0:
		page.Coming = "Next: the review of " + mine[0].Title + ", " + views.WhenText(r.Local(mine[0].ReviewDueAt), r.Now()) + "."
	case r.Viewer.Has(models.Auditor):
		page.Coming = "You read everything and decide on nothing. The matrix says who answers for what."
		page.Begin, page.Action = "/matrix", "Open the matrix"
	case r.Viewer.Has(models.BusinessOwner):
		page.Coming = "You answer for nothing yet. Register an agent, or wait until somebody names you for a role."
		page.Begin, page.Action = "/agents/new", "Register an agent"
	case r.Viewer.Has(models.Approver):
		page.Coming = "When a version that you had no part in waits for a decision, it is shown here."
	case r.Viewer.Has(models.Administrator):
		page.Coming = "When another administrator proposes something that takes two, it is shown here."
		page.Begin, page.Action = "/admin", "Open the administration"
	case len(r.Viewer.Roles) == 0:
		page.Coming = "You hold no role here yet. An administrator can give you one."
	default:
		page.Coming = "When somebody names you for a role, it is shown here."
	}
}

// dutyRow is one row: what it is, why it is yours, what changed, who else may,
// and what happens if nobody does.
func dutyRow(r *Request, in store.Inbox, d store.InboxDuty) views.Duty {
	row := views.Duty{ID: d.ID, Title: dutyTitle(d), Href: dutyHref(d.Duty), Line: "/duties/" + d.ID, Agent: d.AgentName, Tier: string(d.Tier), Since: r.Local(d.OpenedAt), Due: r.Local(d.DueAt)}
	row.Why, row.Others, row.Lapse = dutyWhy(r, in, d), dutyOthers(r, in, d), d.Consequence(stakes(d), models.At(r.App.Now()), r.zone())
	if d.Kind == models.DutySign || d.Kind == models.DutyAccept {
		row.Changed = whatChanged(d)
	}
	return row
}

func dutyTitle(d store.InboxDuty) string {
	version, role, part := "version "+strconv.Itoa(d.VersionNo), models.Role(d.Detail).Words(), models.Part(d.Detail).Words()
	title := d.Title
	if title == "" {
		title = "a task without a name yet"
	}
	switch {
	case d.Detail == models.AgentOwner && d.Kind == models.DutyTakeOver:
		return "Take over " + d.AgentName + " as its owner, or decline"
	case d.Detail == models.AgentOwner:
		return "Name a new owner for " + d.AgentName
	}
	switch d.Kind {
	case models.DutyFill:
		return "Fill in the " + part + " of " + title
	case models.DutySubmit:
		return "Check and submit " + version + " of " + title
	case models.DutyEdit:
		return "Change the " + part + " of " + title
	case models.DutyAccept:
		return "Accept or decline to be " + role + " of " + title
	case models.DutySign:
		if d.Restart {
			return "Decide whether " + title + " may start again"
		}
		return "Decide on " + version + " of " + title
	case models.DutyNominate:
		return "Name somebody as " + role + " of " + title
	case models.DutySucceed:
		if d.Detail == models.ToWithdraw {
			return "Withdraw " + version + " of " + title
		}
		return "Find a successor for the " + role + " of " + title
	case models.DutyTakeOver:
		return "Take over as " + role + " of " + title + ", or decline"
	case models.DutyLift:
		if d.Detail == models.ByPasskeys {
			return "Have " + title + " signed again with passkeys"
		}
		if d.Detail == models.ToLiftBroad {
			if d.Stopped == "" {
				return "Decide whether a broad stop is lifted"
			}
			return "Decide whether the stop of " + d.Stopped + " is lifted"
		}
		return "Say what was wrong with " + title + ", or revoke it"
	case models.DutyGoLive:
		return "Put " + version + " of " + title + " in force"
	case models.DutyRegister:
		return "Finish registering " + d.AgentName
	case models.DutyClaim:
		if d.FoundCount == 1 {
			return d.FoundName + " was found, and nobody owns it"
		}
		return views.Count(d.FoundCount) + " agents were found that nobody owns"
	case models.DutyConfirm:
		if d.Detail == "rules" {
			return "Confirm or withdraw the proposed tier rules"
		}
		if d.Detail == "emergency" {
			return "Confirm or withdraw that the emergency path is switched on"
		}
		if d.Detail == models.ConfirmForbid {
			return "Confirm or withdraw a proposed forbid"
		}
		if d.Detail == models.ConfirmForbidEnd {
			return "Confirm that a forbid ends, or keep it"
		}
		return "Confirm or withdraw who an account belongs to"
	case models.DutyDrill:
		return "Answer: is what " + d.AgentName + " did for " + title + " yours?"
	case models.DutyRenew:
		return "Renew " + title + ", or let it end"
	case models.DutyReview:
		if d.Review != nil && d.Review.Kind == models.ReviewOfChange {
			return "Look at what changed about " + title
		}
		return "Answer the review of " + title
	case models.DutyCloseReview:
		return "Close the review of " + title
	case models.DutyNarrow:
		return "Narrow the scope of " + title
	case models.DutyReviewEmergency:
		return "Review the emergency in which " + version + " of " + title + " ran"
	}
	return "Something waits for you"
}

func dutyWhy(r *Request, in store.Inbox, d store.InboxDuty) string {
	role, part := models.Role(d.Detail).Words(), models.Part(d.Detail)
	asked := ""
	if d.File != nil {
		if n, ok := d.File.Offered(models.Role(d.Detail)); ok {
			asked = nameIn(r, in, n.NominatedBy)
		}
	}
	switch {
	case d.Detail == models.AgentOwner && d.Kind == models.DutyTakeOver:
		return "Its owner has left, and you are asked. It is not yours before you have accepted it."
	case d.Detail == models.AgentOwner:
		return "Its owner has left. You were their manager, or are an administrator."
	}
	switch d.Kind {
	case models.DutyFill:
		return "You are named as " + part.Role().Words() + ", who writes the " + part.Words() + "."
	case models.DutySubmit:
		return "You own the task. Every part is complete; nothing is asked of anybody before you submit it."
	case models.DutyEdit:
		return "An approver asked for changes. You are named as " + part.Role().Words() + ", who writes the " + part.Words() + "."
	case models.DutyAccept, models.DutyTakeOver:
		if asked == "" {
			asked = "The business owner"
		}
		if asked == "You" {
			return "You named yourself as " + role + ". You answer for nothing before you have accepted it here."
		}
		return asked + " asked you to be " + role + ". You answer for nothing before you have accepted it."
	case models.DutySign:
		why := whySign(r, in, d)
		if d.File != nil && len(d.File.Valid()) > 0 {
			why += " " + capital(views.NumberWord(len(d.File.Valid()))) + " of " + views.NumberWord(d.File.Version.Need) + " sign-offs are given."
			if d.File.Version.Apart == 1 {
				why += " They must be of different teams, and none of yours has spoken."
			}
		}
		return why
	case models.DutyNominate:
		return "You own the task, and the role has nobody: who was asked declined, or has left."
	case models.DutySucceed:
		if d.Detail == models.ToWithdraw {
			return "Somebody who accepted a role in it has left, so it cannot go in force. Withdraw it, and start a new version with somebody else in the role."
		}
		return "You answer for it too. Its " + models.Role(d.Detail).Words() + " has left, so it is held."
	case models.DutyLift:
		if d.Detail == models.ByPasskeys {
			return "You own it. It was signed before sign-offs at its tier took a passkey."
		}
		if d.Detail == models.ToLiftBroad {
			return "You are an approver, and did not place it. Nothing that stands on it may act until one of you lifts it."
		}
		return "You own it, and it is held: it may not act."
	case models.DutyGoLive:
		if strings.HasPrefix(d.Detail, "it starts on") {
			return "You own the task. It is signed, and " + d.Detail + "; there is nothing to do before that day."
		}
		return "You own the task. It is signed, but " + d.Detail + "."
	case models.DutyRegister:
		return "You own the agent. It is a draft until its registration is complete."
	case models.DutyClaim:
		return "You are a business owner. Files that were imported name " + namedAgents(d.FoundCount) + " not registered here. If one is yours, claim it; if it is none of ours, say why."
	case models.DutyConfirm:
		return "You are an administrator, another one proposed it, and it takes two."
	case models.DutyDrill:
		return "You answer for it. This is a check whether you can be reached: nothing has happened."
	case models.DutyRenew:
		return "You own it, and its last day comes near. A new version with a later last day renews it; the one in force goes on until then."
	case models.DutyReview:
		return "You answer for it, and are asked whether your part of it is still right."
	case models.DutyCloseReview:
		return "The three who answer for it have answered. You are an approver and made no part of it."
	case models.DutyNarrow:
		return "Its review found that it reaches more than it needs, and you write its scope."
	case models.DutyReviewEmergency:
		return "Another approver broke the glass. You are an approver, and had no part in it."
	}
	return ""
}

// whySign says in whose name an approver may sign.
func whySign(r *Request, in store.Inbox, d store.InboxDuty) string {
	if d.File != nil && models.MaySign(r.Viewer, *d.File) != nil {
		for _, p := range in.Principals {
			if models.MaySignFor(r.Viewer, p, *d.File) == nil {
				return "You stand in for " + views.PartyText(p) + ", and neither of you had a part in it."
			}
		}
	}
	return "You are an approver and had no part in it."
}

func namedAgents(n int) string {
	if n == 1 {
		return "an agent that is"
	}
	return "agents that are"
}

// nameIn is a person of the page's versions, in a sentence that begins with them.
func nameIn(r *Request, in store.Inbox, id string) string {
	if id == r.Viewer.Person.ID {
		return "You"
	}
	if p, ok := in.People[id]; ok {
		return views.PartyText(p)
	}
	return "Somebody"
}

// dutyOthers is who else may do it.
func dutyOthers(r *Request, in store.Inbox, d store.InboxDuty) string {
	switch d.Kind {
	case models.DutySign:
		return otherApprovers(r, in, d)
	case models.DutyConfirm:
		return "every administrator who did not propose it and whom it does not concern"
	case models.DutyDrill:
		return "nobody else; you are asked"
	case models.DutyReview:
		return "nobody else answers your part; the others are asked about theirs"
	case models.DutyCloseReview:
		return "every approver who made no part of it"
	case models.DutyReviewEmergency:
		return "every approver who neither opened it nor made the version"
	case models.DutyRegister:
		return "nobody else; the agent is yours"
	case models.DutyLift:
		if d.Detail == models.ToLiftBroad {
			return "every approver who did not place it"
		}
	case models.DutyClaim:
		return "every business owner; an administrator can dismiss it too"
	}
	if d.File == nil {
		return ""
	}
	owner, named := d.File.Nominee(models.BusinessOwner)
	switch d.Kind {
	case models.DutySubmit, models.DutyGoLive, models.DutyLift, models.DutyRenew:
		return otherMakers(r, in, d)
	case models.DutyNominate:
		return "nobody else"
	case models.DutySucceed:
		if d.Detail == models.ToWithdraw {
			return "nobody else, while its business owner is here"
		}
		return "any other of the four who is still here"
	}
	if !named || owner == r.Viewer.Person.ID {
		return "nobody else; you can name somebody else for it"
	}
	return "nobody else; " + nameIn(r, in, owner) + " can name somebody else for it"
}

func otherMakers(r *Request, in store.Inbox, d store.InboxDuty) string {
	var names []string
	for _, role := range models.MakerRoles {
		if who, ok := d.File.Nominee(role); ok && who != r.Viewer.Person.ID {
			names = append(names, nameIn(r, in, who))
		}
	}
	if len(names) == 0 {
		return "nobody else"
	}
	return views.And(names)
}

// otherApprovers are up to three others who could sign, by the rule itself.
func otherApprovers(r *Request, in store.Inbox, d store.InboxDuty) string {
	if d.File == nil {
		return ""
	}
	var names []string
	for _, p := range in.Approvers {
		if p.Person.ID == r.Viewer.Person.ID || models.MaySign(p, *d.File) != nil {
			continue
		}
		if len(names) == 3 {
			return strings.Join(names, ", ") + " and others"
		}
		names = append(names, views.PartyText(p))
	}
	if len(names) == 0 {
		return "nobody else: you are the only approver who can"
	}
	return views.And(names)
}

// stakes are what hangs on a duty.
func stakes(d store.InboxDuty) models.Stakes {
	out := models.Stakes{Until: d.Until, Restart: d.Restart}
	if d.Review != nil {
		out.HoldAt = d.Review.HoldAt
	}
	if d.Kind == models.DutyDrill && d.Tier == models.Critical {
		out.HoldAt = d.DueAt
	}
	if d.Before != nil && d.Before.State == models.Live {
		out.Before = d.Before.No
	}
	return out
}

// whatChanged is the most telling difference to what was in force, and how many
// more there are.
func whatChanged(d store.InboxDuty) string {
	switch {
	case d.File == nil || d.File.Version.Digest == "":
		return ""
	case d.Restart:
		return "nothing in its contents; it was stopped, and a restart is asked for"
	case d.Before == nil:
		return "all of it is new: nothing was in force before"
	}
	all := models.Differences(d.Before.Doc(), d.File.Version.Doc())
	if i := sameFrom(all); i < len(all) {
		all = all[:i]
	}
	if len(all) == 0 {
		return "nothing but its number"
	}
	text := all[0].String()
	if len(text) > 200 {
		text = string([]rune(text)[:min(160, len([]rune(text)))]) + "…"
	}
	switch more := len(all) - 1; {
	case more == 1:
		text += "; and 1 more change"
	case more > 1:
		text += "; and " + strconv.Itoa(more) + " more changes"
	}
	return text
}
