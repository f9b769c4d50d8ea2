package handlers

import (
	"slices"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// RoleShow shows a nominee what a role takes on: the task, what it may do, how
// it is watched and stopped, who the others are. Others who may see the version
// see it too, without an answer to give.
func RoleShow(r *Request) error {
	c, role, err := roleOf(r)
	if err != nil {
		return err
	}
	return drawRole(r, c, role, attempt{})
}

// RoleAccept takes the role up, on the digest that was shown: its nominee does.
func RoleAccept(r *Request) error {
	id := r.Param("id")
	return answerRole(r, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Accept(id, models.Role(r.Param("role")), r.Form("digest"))
	})
}

// RoleDecline turns the role down, with a reason: its nominee does.
func RoleDecline(r *Request) error {
	id := r.Param("id")
	return answerRole(r, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Decline(id, models.Role(r.Param("role")), r.Form("reason"))
	})
}

func answerRole(r *Request, rule func(models.CapabilityFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, r.Param("id"), store.Lookup{}, rule)
	if err == nil {
		return r.receipt(receipt)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	c, role, err := roleOf(r)
	if err != nil {
		return err
	}
	return drawRole(r, c, role, a)
}

func roleOf(r *Request) (c store.CapabilityRead, role models.Role, err error) {
	role = models.Role(r.Param("role"))
	if !slices.Contains(models.MakerRoles, role) {
		return c, role, models.Refusal(models.NotFound, "not_found", "There is no such role, or it is not for you to see.")
	}
	c, err = r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Param("id"))
	return c, role, err
}

func drawRole(r *Request, c store.CapabilityRead, role models.Role, a attempt) error {
	v := c.Asked
	doc := documentOf(c, v)
	page := views.RolePage{VersionTop: versionTop(r, c), Role: role, Ask: "The role " + role.Words(), Duties: roleDuties(role, doc),
		Task: views.TaskAnswers(doc.Task, ""), Scope: views.ScopeAnswers(doc.Scope, doc.Facts, c.Secrets, ""), Oversight: views.OversightAnswers(doc.Oversight, c.Secrets, ""),
		Risk: views.TierOf(doc), Seats: seatsOf(r, c, v), Errors: a.problems, Refused: a.refused, Reason: r.Form("reason"), Digest: v.Version.Digest}
	holder, held := v.Holder(role)
	if b := c.Before; b != nil {
		page.Since, page.Changes = sinceWords(b.Version), differences(*b, doc, c.Registered)
	}
	n, offered := v.Offered(role)
	mine := offered && n.PersonID == r.Viewer.Person.ID
	state := v.Version.State
	switch {
	case mine && state == models.Draft:
		page.Tells = "You are named for this role. It is still a draft: you are asked to accept, or to decline, once it is submitted."
		page.Link = views.Crumb{Label: "To the draft", Href: "/versions/" + v.Version.ID + "/draft"}
	case mine && (state == models.Proposed || state == models.Live):
		page.Ask = "Will you be the " + role.Words() + "?"
		page.Asked = capital(text(named(c, n.NominatedBy))) + " asked you on " + views.DateText(r.Local(n.NominatedAt), r.Now()) + "."
		if d := dutyOf(c, role); d != nil && d.DueAt < c.Now {
			page.Asked += " The answer was due " + views.WhenText(r.Local(d.DueAt), r.Now()) + "."
		} else if d != nil {
			page.Asked += " Please answer " + views.WhenText(r.Local(d.DueAt), r.Now()) + "."
		}
		offer(r, c, role, &page)
	case held && holder == r.Viewer.Person.ID:
		page.Tells = "You hold this role in version " + strconv.Itoa(v.Version.No) + "."
	case held:
		page.Tells = capital(text(named(c, holder))) + " holds this role in version " + strconv.Itoa(v.Version.No) + "; it is not offered to you."
	case offered:
		page.Tells = "This role is offered to " + text(named(c, n.PersonID)) + ", who has not answered yet."
	default:
		page.Tells = "Nobody is named for this role, and it is not offered to you."
	}
	if mine && held && holder != r.Viewer.Person.ID {
		page.Succeeds = capital(text(named(c, holder))) + " holds the role now. You take it over the moment you accept; until then it stays where it is."
		if c.People[holder].Person.Status != models.PersonActive {
			page.Succeeds = c.People[holder].Person.Name + ", who held the role, has left. The moment you accept, it is yours."
			if v.Version.Tier.Rank() >= models.High.Rank() {
				page.Succeeds += " At tier " + string(v.Version.Tier) + " approvers then sign once more before it may act."
			}
		}
	}
	head := r.Head(page.Ask, page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.RoleOffer(head, page))
}

// offer adds the two answers. Each form has a number of its own; the one that was
// sent keeps its own.
func offer(r *Request, c store.CapabilityRead, role models.Role, page *views.RolePage) {
	accept := r.newKeys()
	accept.Digest = c.Asked.Version.Digest
	page.Accept, page.Decline = &accept, r.newKeys()
	if r.Form("act_id") != "" {
		page.Decline = r.Keys()
	}
	others := map[models.Role]string{}
	for _, other := range models.MakerRoles {
		if who, ok := c.Asked.Nominee(other); ok && other != role {
			others[other] = who
		}
	}
	if err := models.MayHold(role, r.Viewer, c.Asked.Standings[r.Viewer.Person.ID], c.Asked.Version.Tier, others); err != nil {
		page.Why = "You cannot accept it: " + err.Error() + " You can decline, so that somebody else is asked."
	}
}

func dutyOf(c store.CapabilityRead, role models.Role) *models.Duty {
	for i, d := range c.Duties {
		if d.Subject == c.Asked.Version.ID && d.Detail == string(role) && d.PersonID != nil && *d.PersonID == c.By.Person.ID {
			return &c.Duties[i]
		}
	}
	return nil
}

// roleDuties are what a role answers for, in plain words, for this version.
func roleDuties(role models.Role, doc models.Document) []string {
	minutes := func(n int) string {
		if n == 1 {
			return "1 minute"
		}
		return strconv.Itoa(n) + " minutes"
	}
	var out []string
	switch role {
	case models.BusinessOwner:
		out = []string{
			"You answer for the task: what it is asked to do, what must never happen, and whether its outcomes are acceptable.",
			"You start new versions, name the other two, and say what was wrong when it was stopped.",
			"You can revoke it for good.",
		}
	case models.Provisioner:
		out = []string{
			"You answer for what it can reach: " + strconv.Itoa(len(doc.Facts)) + " operations, the resources in them, the secrets, and that a credential lives at most " + minutes(doc.Scope.LifetimeMinutes) + ".",
			"When it can reach more than is written here, it is yours to notice and to close.",
		}
	default:
		out = []string{
			"You answer for watching it and stopping it: the signals, the alerts and the escalation that are written here.",
			"Alerts go to " + doc.Oversight.AlertRoute + ". You see to it that it is stopped within " + minutes(doc.Oversight.StopWithinMinutes) + " when it must be.",
			"You are alerted of " + views.And(doc.Oversight.Thresholds().Words()) + ".",
			"You can revoke it for good.",
		}
	}
	return append(out,
		"You can stop it at once, or the whole agent, by yourself, from any page that shows it. Nobody is asked first.",
		"It is reviewed every "+strconv.Itoa(doc.Ask.ReviewDays)+" days. A review that nobody does ends it, so silence stops it.",
		"You answer until it ends, or until somebody whom you offer the role has accepted it.",
	)
}
