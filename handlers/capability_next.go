package handlers

import (
	"slices"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// nextAct is the one thing that this person would do next: what they owe, else
// to decide, else to start a version where there is nothing on its way or in force.
func nextAct(r *Request, c store.CapabilityRead, top *views.CapabilityTop) {
	if d := mostUrgent(c); d != nil {
		if d.Kind == models.DutyGoLive && c.MayGoLive(d.Subject) == nil {
			top.NextPost = &views.PostButton{Label: dutyButton(*d, versionNo(c, d.Subject)), Action: "/versions/" + d.Subject + "/go-live", Keys: r.newKeys()}
			return
		}
		top.Next = views.ButtonProps{Label: dutyButton(*d, versionNo(c, d.Subject)), Kind: views.ButtonPrimary, Href: dutyHref(*d)}
		return
	}
	if v := underDecision(c); v != nil && c.MaySignInSomeName(*v) {
		top.Next = views.ButtonProps{Label: "Decide on version " + strconv.Itoa(v.Version.No), Kind: views.ButtonPrimary, Href: "/versions/" + v.Version.ID}
		return
	}
	if c.Force == nil && c.MayDraft() == nil {
		top.NextPost = &views.PostButton{Label: "Start version " + strconv.Itoa(c.Last.Version.No+1), Action: "/capabilities/" + c.Capability.ID + "/versions", Keys: r.newKeys()}
	}
}

// underDecision is the version that approvers are asked about.
func underDecision(c store.CapabilityRead) *models.VersionFile {
	switch {
	case c.Open != nil && c.Open.Version.State == models.InReview:
		return c.Open
	case c.Restart != nil && c.Force != nil && c.Force.Version.ID == c.Restart.VersionID:
		return c.Force
	}
	return nil
}

func mostUrgent(c store.CapabilityRead) *models.Duty {
	var out *models.Duty
	for i, d := range c.Duties {
		if d.PersonID != nil && *d.PersonID == c.By.Person.ID && (out == nil || d.DueAt < out.DueAt) {
			out = &c.Duties[i]
		}
	}
	return out
}

func versionNo(c store.CapabilityRead, id string) int {
	for _, v := range []*models.VersionFile{c.Open, c.Force, c.Last} {
		if v != nil && v.Version.ID == id {
			return v.Version.No
		}
	}
	return 0
}

// dutyHref is the one page on which a duty is done.
func dutyHref(d models.Duty) string { return d.Page() }

// dutyButton is a duty as the label of the one next act.
func dutyButton(d models.Duty, no int) string {
	version := "version " + strconv.Itoa(no)
	switch d.Kind {
	case models.DutyFill:
		return "Fill in the " + models.Part(d.Detail).Words()
	case models.DutyEdit:
		return "Change the " + models.Part(d.Detail).Words()
	case models.DutySubmit:
		return "Check and submit " + version
	case models.DutyAccept:
		return "Accept or decline your role"
	case models.DutyTakeOver:
		return "Take over, or decline"
	case models.DutyNominate:
		return "Name the " + models.Role(d.Detail).Words()
	case models.DutySucceed:
		if d.Detail == models.ToWithdraw {
			return "Withdraw " + version
		}
		return "Offer the role to a successor"
	case models.DutyLift:
		if d.Detail == models.ByPasskeys {
			return "Have it signed again"
		}
		return "Restart it: state the cause"
	case models.DutyGoLive:
		return "Put " + version + " in force"
	case models.DutyReview:
		return "Answer the review"
	case models.DutyNarrow:
		return "Narrow its scope"
	case models.DutyRenew:
		return "Renew it"
	}
	if d.Kind == models.DutyDrill {
		return "Answer: is this yours?"
	}
	return "See what waits for you"
}

// nextLines say what happens next, by whom, by when: every open duty as a sentence.
func nextLines(r *Request, c store.CapabilityRead) []string {
	var out []string
	duties := slices.Clone(c.Duties)
	slices.SortStableFunc(duties, func(a, b models.Duty) int { return int(min(1, max(-1, a.DueAt-b.DueAt))) })
	for _, d := range duties {
		if len(out) == 10 {
			break
		}
		out = append(out, dutyLine(r, c, d))
	}
	if len(out) > 0 {
		if m := c.Mandate; m != nil && c.Now < m.UntilAt && len(c.Holds) == 0 {
			out = append(out, "If nothing happens, it may not act from "+views.DateText(r.Local(m.UntilAt), r.Now())+" on.")
		}
		return out
	}
	switch {
	case c.Mandate != nil && len(c.Holds) > 0:
		if len(c.Liftable()) == 0 && c.Holds[0].Broad() && len(c.Holds) == 1 {
			return []string{"It stays held until an approver lifts the stop; then it may act again as it was signed."}
		}
		return []string{"It stays held until each hold is lifted on its own terms."}
	case c.Mandate != nil && c.Now >= c.Mandate.UntilAt:
		return []string{"It may act again once a new version of it is signed and in force; its business owner can start one."}
	case c.Mandate != nil:
		return []string{"Its next review is due " + views.WhenText(r.Local(c.Mandate.ReviewDueAt), r.Now()) + ". If nobody does it, it may not act from " + views.DateText(r.Local(c.Mandate.UntilAt), r.Now()) + " on."}
	}
	return []string{"Nothing is on its way. Its business owner can start a new version."}
}

func dutyLine(r *Request, c store.CapabilityRead, d models.Duty) string {
	who, you := "", false
	if d.PersonID != nil {
		p := named(c, *d.PersonID)
		who, you = text(p), p.You
	}
	does := func(verb, rest string) string {
		if you {
			return "You " + verb + " " + rest
		}
		return who + " " + verbS(verb) + " " + rest
	}
	by := " by " + views.DateText(r.Local(d.DueAt), r.Now()) + "."
	if d.DueAt < c.Now {
		by = "; this was due " + views.WhenText(r.Local(d.DueAt), r.Now()) + "."
	}
	version := "version " + strconv.Itoa(versionNo(c, d.Subject))
	switch d.Kind {
	case models.DutyFill:
		return does("fill", "in the "+models.Part(d.Detail).Words()+" of "+version+by)
	case models.DutyEdit:
		return does("change", "the "+models.Part(d.Detail).Words()+" in "+version+", as an approver asked,"+by)
	case models.DutySubmit:
		return does("submit", version+by)
	case models.DutyAccept:
		return does("accept", "or "+decline(you)+" the role "+models.Role(d.Detail).Words()+by)
	case models.DutyTakeOver:
		return does("accept", "or "+decline(you)+" to take over as "+models.Role(d.Detail).Words()+by)
	case models.DutyNominate:
		return does("name", "somebody for the role "+models.Role(d.Detail).Words()+by)
	case models.DutySucceed:
		if d.Detail == models.ToWithdraw {
			return does("withdraw", version+", since somebody who accepted a role in it has left,"+by)
		}
		return does("offer", "the role "+models.Role(d.Detail).Words()+" to a successor"+by)
	case models.DutyLift:
		if d.Detail == models.ByPasskeys {
			return does("ask", "for new sign-offs, by passkeys,"+by)
		}
		return does("state", "what was wrong and ask for a restart, or revoke it,"+by)
	case models.DutyGoLive:
		return does("put", version+" in force: "+d.Detail+". The approval lapses on "+views.DateText(r.Local(d.DueAt), r.Now())+".")
	case models.DutyRenew:
		return does("renew", "it, since its last day comes near,"+by)
	case models.DutyDrill:
		return does("answer", "whether it is yours"+by)
	case models.DutyReview:
		return does("answer", "its review"+by)
	case models.DutyCloseReview:
		return "An approver who made no part of it closes its review" + by
	case models.DutyNarrow:
		return does("narrow", "its scope, as its review says,"+by)
	case models.DutyReviewEmergency:
		return "An approver who had no part in it reviews what ran under break glass" + by
	case models.DutySign:
		v := underDecision(c)
		if v == nil {
			return "Approvers decide on " + version + by
		}
		what := version
		if v.Version.State == models.Live {
			what = "the restart of " + version
		}
		return "Approvers decide on " + what + by + " Still needed: " + neededText(c, *v) + "."
	}
	return "Something is due" + by
}

func decline(you bool) string {
	if you {
		return "decline"
	}
	return "declines"
}

func verbS(verb string) string { return verb + "s" }

func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	out := names[0]
	for i, n := range names[1:] {
		if i == len(names)-2 {
			out += " or " + n
		} else {
			out += ", " + n
		}
	}
	return out
}
