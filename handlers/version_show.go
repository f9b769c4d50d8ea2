package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// VersionShow is a version on one page, for whoever may see it; an approver who
// had no part in it decides on it there. Its makers find a draft in its own pages.
func VersionShow(r *Request) error {
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if c.Asked.Version.State == models.Draft && makes(c) {
		return r.Redirect("/versions/" + c.Asked.Version.ID + "/draft")
	}
	keepLook(r, c)
	return drawVersion(r, c, attempt{}, false)
}

// keepLook keeps what an approver who could decide has opened; that it cannot be
// kept is no reason not to show the page.
func keepLook(r *Request, c store.CapabilityRead) {
	v := c.Asked
	if underDecision(c) != v || !mayDecide(c, v) || r.Request().Method != http.MethodGet {
		return
	}
	if err := r.App.Store.Looked(r.Ctx(), r.Viewer, v.Version.ID, v.Version.Round, viewAsked(c, r.Query("view"))); err != nil {
		r.App.Log.WarnContext(r.Ctx(), "cannot keep what was opened", "request", r.ID, "version", v.Version.ID, "error", err)
	}
}

// makes says whether the viewer is one of those who write the draft.
func makes(c store.CapabilityRead) bool {
	if c.Agent.OwnerID == c.By.Person.ID {
		return true
	}
	for _, role := range models.MakerRoles {
		if who, ok := c.Asked.Nominee(role); ok && who == c.By.Person.ID {
			return true
		}
	}
	return false
}

func versionTop(r *Request, c store.CapabilityRead) views.VersionTop {
	v := c.Asked.Version
	top := views.VersionTop{ID: v.ID, CapabilityID: v.CapabilityID, AgentID: c.Agent.ID, Agent: c.Agent.Name, Title: c.Asked.Contents().Task.Title,
		No: v.No, State: v.State, Tier: v.Tier, Stop: stopOf(r, c), Emergencies: emergencyMarks(r, c, v.ID), Now: r.Now()}
	top.Held = c.Force == c.Asked && len(c.Holds) > 0
	if v.State == models.Draft {
		top.Tier = documentOf(c, c.Asked).Tier
	}
	return top
}

// drawVersion draws the page; stale says that a sign-off was refused because the
// sign-in was too old by then.
func drawVersion(r *Request, c store.CapabilityRead, a attempt, stale bool) error {
	return drawVersionWith(r, c, a, stale, said{})
}

// drawVersionWith draws it with a comment that was sent back.
func drawVersionWith(r *Request, c store.CapabilityRead, a attempt, stale bool, back said) error {
	v := c.Asked
	page := views.VersionPage{VersionTop: versionTop(r, c), Lead: versionLead(r, c), Digest: v.Version.Digest,
		Seats: seatsOf(r, c, v), Said: saidOf(r, c), Past: pastOf(r, c)}
	if err := versionView(r, c, back, &page); err != nil {
		return err
	}
	page.Errors = back.problems
	if c.Restart != nil && c.Restart.VersionID == v.Version.ID {
		page.Restart = restartOf(r, c, true)
	}
	goneOf(r, c, &page)
	neededOf(r, c, &page)
	versionActs(r, c, &page)
	emergencyAct(c, &page)
	if under := underDecision(c); under != nil && under == v {
		decisionOf(r, c, a, stale, &page)
	}
	if page.Decide == nil {
		page.Notice = a.refused
	}
	head := r.Head(page.Title, "Version "+strconv.Itoa(v.Version.No))
	head.Failed = a.failed != 0 || back.failed != 0
	status := a.code()
	switch {
	case stale:
		status = http.StatusUnauthorized
	case back.failed != 0:
		status = back.failed
	}
	return r.Render(status, views.Version(head, page))
}

// goneOf says of a version on its way that somebody who accepted a role of it has left, what
// can be done, and who is asked to.
func goneOf(r *Request, c store.CapabilityRead, page *views.VersionPage) {
	v := c.Asked
	if s := v.Version.State; v != c.Open || s != models.InReview && s != models.Approved {
		return
	}
	gone := views.VersionGone{Who: c.MakersGone(*v), Ask: "Nobody who made it is here any more: approvers can refuse it, and an approval that is not put in force lapses."}
	if gone.Who == "" {
		return
	}
	switch who := c.Withdrawer(v); {
	case who == r.Viewer.Person.ID:
		gone.Ask = "You are asked to."
	case who != "":
		gone.Ask = capital(text(named(c, who))) + " is asked to."
	}
	if c.MayWithdraw(v.Version.ID) == nil {
		gone.Withdraw = "/versions/" + v.Version.ID + "/withdraw"
	}
	page.Gone = &gone
}

// versionLead is what is asked, or where the version stands, in one sentence.
func versionLead(r *Request, c store.CapabilityRead) string {
	v := c.Asked.Version
	no := "version " + strconv.Itoa(v.No)
	on := func(at *models.Instant) string {
		if at == nil {
			return ""
		}
		return " on " + views.DateText(r.Local(*at), r.Now())
	}
	by := ""
	if v.EndedBy != nil {
		by = capital(text(named(c, *v.EndedBy)))
	}
	switch v.State {
	case models.Draft:
		return "A draft: it still changes, and nothing of it is accepted or signed."
	case models.Proposed:
		return "It is submitted. Those who are named for it are accepting their roles; then approvers are asked."
	case models.InReview:
		return "May " + c.Agent.Name + " carry this out, as " + no + " describes?"
	case models.Approved:
		return "It is signed, and not in force yet: " + c.NotYet(*c.Asked) + "."
	case models.Live:
		if c.Restart != nil && c.Restart.VersionID == v.ID {
			return "May " + c.Agent.Name + " start with this again, as " + no + " describes?"
		}
		if c.Mandate != nil {
			return "It is in force since " + views.DateText(r.Local(c.Mandate.FromAt), r.Now()) + ", until " + views.DateText(r.Local(c.Mandate.UntilAt), r.Now()) + "."
		}
	case models.ChangesRequested:
		return by + " asked for changes" + on(v.EndedAt) + ". A new draft followed."
	case models.Rejected:
		return by + " refused it" + on(v.EndedAt) + "."
	case models.Withdrawn:
		return by + " withdrew it" + on(v.EndedAt) + "."
	case models.Superseded:
		return "A newer version took its place" + on(v.EndedAt) + "."
	case models.Revoked:
		return by + " revoked it" + on(v.EndedAt) + ", for good."
	case models.Expired:
		return "Its approval lapsed" + on(v.EndedAt) + ": it was not put in force in time."
	}
	return ""
}

// saidOf is who has said what of this version, newest first.
func saidOf(r *Request, c store.CapabilityRead) []views.HistoryItem {
	v := c.Asked
	var out []views.HistoryItem
	add := func(at models.Instant, who, what, reason, state string) {
		p := named(c, who)
		out = append(out, views.HistoryItem{At: r.Local(at), Who: p.Name, Team: p.Team, What: what, Reason: reason, State: state})
	}
	for _, n := range v.Nominations {
		if n.State == models.NominationDeclined && n.AnsweredAt != nil {
			add(*n.AnsweredAt, n.PersonID, "declined to be "+n.Role.Words(), n.Reason, "")
		}
	}
	for _, a := range v.Acceptances {
		add(a.AcceptedAt, a.PersonID, "accepted to be "+a.Role.Words(), "", "")
	}
	for _, s := range v.SignOffs {
		what := "signed it off for " + c.Teams[s.TeamID].Name + onBehalf(c, s) + methodNote(s.Method)
		switch {
		case s.Round < v.Version.Round:
			what += ", in round " + strconv.Itoa(s.Round) + ": given in an earlier round, not counted in round " + strconv.Itoa(v.Version.Round)
		case s.Round > 1:
			what += ", in round " + strconv.Itoa(s.Round)
		}
		add(s.SignedAt, s.SignerID, what, s.Comment, "")
	}
	for _, x := range v.Recalls {
		add(x.RecalledAt, x.PersonID, "took a sign-off back", x.Reason, "")
	}
	if v.Version.EndedAt != nil && v.Version.EndedBy != nil {
		if what := map[models.State]string{models.ChangesRequested: "asked for changes", models.Rejected: "refused it", models.Withdrawn: "withdrew it",
			models.Revoked: "revoked it", models.Superseded: "put a newer version in its place", models.Expired: "let its approval lapse"}[v.Version.State]; what != "" {
			add(*v.Version.EndedAt, *v.Version.EndedBy, what, v.Version.Reason, v.Version.State.Words())
		}
	}
	slices.SortStableFunc(out, func(a, b views.HistoryItem) int { return b.At.Compare(a.At) })
	return out
}

// neededOf is what is still needed and who can give it, while anything is.
func neededOf(r *Request, c store.CapabilityRead, page *views.VersionPage) {
	v := c.Asked
	under := underDecision(c) == v
	if v.Version.State != models.Proposed && v.Version.State != models.Approved && !under {
		return
	}
	n := c.Needed(*v)
	page.Lacks = neededSentence(c, *v, n)
	for _, role := range models.MakerRoles {
		met, line := roleLine(c, v, role)
		page.Needed = append(page.Needed, views.Reason{Text: line, Met: views.Met(met)})
	}
	for _, s := range v.Valid() {
		page.Needed = append(page.Needed, views.Reason{Text: "An approver: " + capital(text(named(c, s.SignerID))) + " signed off for " + c.Teams[s.TeamID].Name + onBehalf(c, s) + ".", Met: views.Met(true)})
	}
	if n.Seats > 0 {
		page.Needed = append(page.Needed, views.Reason{Text: capital(neededText(c, *v)) + ".", Met: views.Met(false)})
	}
	if v.Version.State == models.Approved {
		page.Needed = append(page.Needed, views.Reason{Text: capital(c.NotYet(*v)) + ".", Met: views.Met(false)})
		return
	}
	for i, p := range n.Can {
		if i == 8 {
			page.Others = len(n.Can) - i
			break
		}
		name := views.PartyText(p)
		if p.Person.ID == r.Viewer.Person.ID {
			name = "you"
		}
		page.Can = append(page.Can, name)
	}
	for _, x := range n.Cannot {
		if len(page.Cannot) < 20 {
			page.Cannot = append(page.Cannot, views.PartyText(x.Party)+", who "+x.Why)
		}
	}
	if under && !mayDecide(c, v) && (r.Viewer.Has(models.Approver) || v.Standings[r.Viewer.Person.ID] != "") {
		page.WhyNot = "You cannot decide on this: you " + models.WhyNot(r.Viewer, *v, true) + "."
	}
}

func roleLine(c store.CapabilityRead, v *models.VersionFile, role models.Role) (met bool, line string) {
	name := capital(role.Words()) + ": "
	if who, ok := v.Holder(role); ok {
		return true, name + text(named(c, who)) + " accepted."
	}
	if who, ok := v.Nominee(role); ok {
		return false, name + text(named(c, who)) + " has not answered yet."
	}
	return false, name + "nobody is named."
}

// versionActs are the one next act and the others of this person.
func versionActs(r *Request, c store.CapabilityRead, page *views.VersionPage) {
	v := c.Asked
	add := func(may bool, label, href string) {
		if may {
			page.Acts = append(page.Acts, views.Crumb{Label: label, Href: href})
		}
	}
	under := underDecision(c) == v
	switch role, offered := offeredTo(r.Viewer, v); {
	case offered && (v.Version.State == models.Proposed || v.Version.State == models.Live):
		page.Next = views.ButtonProps{Label: "Accept or decline the role " + role.Words(), Kind: views.ButtonPrimary, Href: "/versions/" + v.Version.ID + "/roles/" + string(role)}
	case under && mayDecide(c, v):
		page.Next = views.ButtonProps{Label: "Go to your decision", Kind: views.ButtonPrimary, Href: "#decide"}
	case c.MayGoLive(v.Version.ID) == nil:
		page.GoLive = &views.PostButton{Label: "Put version " + strconv.Itoa(v.Version.No) + " in force", Action: "/versions/" + v.Version.ID + "/go-live", Keys: r.newKeys()}
	}
	if v == c.Open {
		add(c.MayWithdraw(v.Version.ID) == nil, "Withdraw it", "/versions/"+v.Version.ID+"/withdraw")
		add(v.Version.State == models.Proposed && mayNameAnybody(c), "Name somebody else for a role", "/versions/"+v.Version.ID+"/people")
	}
	if v == c.Force {
		add(c.MayAskRestart() == nil, "Restart it: say what was wrong", "/capabilities/"+c.Capability.ID+"/restart")
	}
	for _, s := range v.Valid() {
		if (s.SignerID == r.Viewer.Person.ID || s.PrincipalID == r.Viewer.Person.ID) && (v.Version.State == models.InReview || v.Version.State == models.Approved || v == c.Force) {
			page.Recall = append(page.Recall, views.VersionRecall{Href: "/sign-offs/" + s.ID + "/recall", At: r.Local(s.SignedAt)})
		}
	}
	if c.Last.Version.No > 1 {
		add(true, "Compare it with other versions", "/capabilities/"+c.Capability.ID+"/versions")
	}
}

func mayNameAnybody(c store.CapabilityRead) bool {
	return slices.ContainsFunc(models.MakerRoles, func(role models.Role) bool { return c.MayNominate(c.Asked.Version.ID, role) == nil })
}

// offeredTo is the role that is offered to the person in the version.
func offeredTo(p models.Party, v *models.VersionFile) (models.Role, bool) {
	for _, role := range models.MakerRoles {
		if n, ok := v.Offered(role); ok && n.PersonID == p.Person.ID {
			return role, true
		}
	}
	return "", false
}
