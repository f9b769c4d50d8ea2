package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// ReviewShow is one review: what happened since the last look, what the three say, and
// what is asked of the reader. For whoever sees the capability.
func ReviewShow(r *Request) error {
	p, err := r.App.Store.ReviewPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	return drawReview(r, p, "", attempt{})
}

// ReviewAnswer records what one of the three says.
func ReviewAnswer(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	said := answered(r)
	receipt, err := r.App.Store.DecideReview(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.AnswerReview(id, said)
	})
	if err == nil {
		next := "The approver who closes the review reads it when the three have answered."
		if receipt.Outcome == "answered" {
			next = "The three have answered: approvers are asked to close the review."
		}
		return r.done(receipt, "/reviews/"+id, "Your answer is recorded. "+next)
	}
	return reviewAgain(r, id, string(said.Role), err)
}

// answered reads the form of one of the three.
func answered(r *Request) models.ReviewSaid {
	said := models.ReviewSaid{Role: models.Role(r.Form("role")), About: r.Form("about"), Answer: r.Form("answer"), Note: r.Form("note"), Unneeded: r.FormAll("unneeded"), Never: r.Form("never") == "1"}
	if typed := views.DateFrom(r.Form, "stopped"); !typed.Empty() {
		said.Stopped = "no day"
		if day, ok := typed.Date(r.zone()); ok {
			said.Stopped = day.Format("2006-01-02")
		}
	}
	return said
}

// ReviewClose closes a review: an approver who is none of its makers does, at high and
// critical with their passkey where it is kept.
func ReviewClose(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	how := models.Closing{Shown: r.shownOf(r.Form("version")), Outcome: r.Form("decision"), How: r.signing()}
	receipt, err := r.App.Store.DecideReview(r.Ctx(), act, id, store.Lookup{Challenge: r.Form("challenge")}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.CloseReview(id, how)
	})
	if err == nil {
		return r.receipt(receipt)
	}
	return reviewAgain(r, id, "close", err)
}

// reviewAgain draws the page again with what was typed; form says in which form.
func reviewAgain(r *Request, id, form string, refusal error) error {
	var rule *models.Error
	a := attempt{failed: http.StatusUnauthorized}
	var err error
	switch {
	case models.CodeOf(refusal) == models.Stale:
		a.refused = refusal.Error()
	case errors.As(refusal, &rule) && rule.Code == models.NotFound && form == "close" && r.knew(r.Form("version"), r.Form("digest")):
		r.Flash(views.KindInfo, "Somebody else closed this review meanwhile. Nothing of yours was recorded.")
		return r.Redirect("/reviews?whose=close")
	default:
		if a, err = attempted(nil, refusal); err != nil {
			return err
		}
	}
	p, err := r.App.Store.ReviewPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawReview(r, p, form, a)
}

// knew says that the viewer had the version open: the digest, which only its pages show,
// is what they know it by.
func (r *Request) knew(version, digest string) bool {
	_, _, err := r.App.Store.KnownVersion(r.Ctx(), r.Viewer, version, digest)
	return err == nil
}

func drawReview(r *Request, p store.ReviewRead, form string, a attempt) error {
	c, x := p.CapabilityRead, p.Review
	page := views.ReviewPage{VersionTop: versionTop(r, c), Small: x.Kind == models.ReviewOfChange, Word: reviewWord(x.Review), Due: r.Local(x.DueAt), Asked: reviewAsks(x.Review),
		Changes: changeFacts(r, p), Facts: evidenceFacts(r, p), Since: sinceLook(r, p), Use: reviewUse(r, p), Advice: advice(p), Answers: saidLines(r, p)}
	open := x.State == models.ReviewOpen
	page.Held = open && p.Force != nil && slices.ContainsFunc(p.Holds, func(h models.Hold) bool { return h.Kind == models.HoldMissedReview })
	if open {
		page.Consequence = consequence(r, p, page.Held)
		for _, role := range models.MakerRoles {
			if p.MayAnswerReview(&x, role) == nil {
				page.Forms = append(page.Forms, answerForm(r, p, role, form == string(role), a))
			}
		}
		switch err := p.MayCloseReview(&x); {
		case err == nil:
			page.Close = closeForm(r, p, form == "close", a)
		case r.Viewer.Has(models.Approver):
			page.WhyNot = err.Error()
		}
	} else {
		page.Ended = reviewEnd(r, p)
		page.Advice = nil
	}
	if a.refused != "" && len(page.Forms) == 0 && page.Close == nil {
		page.WhyNot = a.refused
	}
	head := r.Head("Review", page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.ReviewOne(head, page))
}

func reviewWord(x models.Review) string {
	if x.State == models.ReviewClosed {
		return outcomeWords[x.Outcome]
	}
	return x.State
}

// reviewAsks is what is asked, in one sentence.
func reviewAsks(x models.Review) string {
	switch {
	case x.State != models.ReviewOpen:
		return "This review is over. Below is what was known and said."
	case x.Kind == models.ReviewOfChange:
		return "Something changed beside what was signed: may this go on with just that changed?"
	}
	return "Is this still the right boundary, the least scope, and watched as it should be: may it go on?"
}

// consequence is what happens if nobody does it.
func consequence(r *Request, p store.ReviewRead, held bool) string {
	if held {
		return "It was not reviewed in time, so it is held: it may not act. Closing the review lifts that hold."
	}
	stops := p.Review.HoldAt
	if m := p.CapabilityFacts.Mandate; m != nil && m.UntilAt < stops {
		stops = m.UntilAt
	}
	who := "answers"
	if len(p.Review.Missing()) == 0 {
		who = "closes it"
	}
	if stops != 0 && stops <= models.At(r.App.Now()) {
		return "Nobody did in time: on " + views.DateText(r.Local(stops), r.Now()) + " this agent stopped doing this."
	}
	return "If nobody " + who + ", on " + views.DateText(r.Local(stops), r.Now()) + " this agent stops doing this."
}

var roleAsks = map[models.Role]string{
	models.BusinessOwner: "Is it still the right boundary?", models.Provisioner: "Is it still the least that it needs?", models.ControlOwner: "Does monitoring work, and when was stopping last exercised?",
}

var answerWords = map[models.Role]map[string]string{
	models.BusinessOwner: {models.AnswerRight: "Yes, it is still the right boundary", models.AnswerChange: "No, the boundary should change"},
	models.Provisioner:   {models.AnswerRight: "Yes, it needs all of this", models.AnswerChange: "No, it needs less"},
	models.ControlOwner:  {models.AnswerRight: "Yes, monitoring works", models.AnswerChange: "No, monitoring does not work as planned"},
}

func saidLines(r *Request, p store.ReviewRead) []views.ReviewSaid {
	var out []views.ReviewSaid
	for _, role := range models.MakerRoles {
		line := views.ReviewSaid{Role: capital(role.Words()), Asks: roleAsks[role]}
		a, said := p.Review.Answer(role)
		if !said {
			line.Waiting = "Has not answered."
			if who, held := p.Asked.Holder(role); held && p.Review.State == models.ReviewOpen {
				line.Waiting = capital(text(named(p.CapabilityRead, who))) + map[bool]string{true: " have", false: " has"}[who == r.Viewer.Person.ID] + " not answered yet."
				if p.People[who].Person.Status != models.PersonActive {
					line.Waiting = text(named(p.CapabilityRead, who)) + " has left; a successor answers."
				}
			}
			out = append(out, line)
			continue
		}
		line.Who, line.At, line.Says, line.Note = named(p.CapabilityRead, a.PersonID), r.Local(a.AnsweredAt), answerWords[role][a.Answer], a.Note
		body := a.Parsed()
		for _, id := range body.Unneeded {
			line.More = append(line.More, "Not needed any more: "+operationName(p, id))
		}
		if body.Never {
			line.More = append(line.More, "Stopping was never exercised")
		}
		if body.StoppedOn != "" {
			line.More = append(line.More, "Stopping was last exercised on "+dayWords(body.StoppedOn))
		}
		out = append(out, line)
	}
	return out
}

func operationName(p store.ReviewRead, id string) string {
	for _, f := range p.Asked.Version.Doc().Facts {
		if f.OperationID == id {
			return f.Title + " in " + f.System
		}
	}
	return "an operation"
}

func answerForm(r *Request, p store.ReviewRead, role models.Role, sent bool, a attempt) views.ReviewForm {
	id := string(role)
	get := func(name string) string { return "" }
	f := views.ReviewForm{Action: "/reviews/" + p.Review.ID + "/answer", ID: "answer-" + id, Title: "As " + role.Words() + ": " + lowerFirst(roleAsks[role])}
	f.Keys = r.newKeys()
	if sent {
		f.Keys, f.Errors, f.Refused, get = r.Keys(), a.problems, a.refused, r.Form
	}
	f.Keys.More = [][2]string{{"role", id}, {"about", p.Review.AboutDigest()}}
	f.Answer = views.Choices{ID: id + "-answer", Name: "answer", Label: roleAsks[role], Value: get("answer"), Error: f.Errors.For("answer"), Required: true}
	if role == models.ControlOwner {
		f.Answer.Label = "Does monitoring work?"
	}
	for _, v := range []string{models.AnswerRight, models.AnswerChange} {
		f.Answer.Options = append(f.Answer.Options, views.Option{Value: v, Label: answerWords[role][v]})
	}
	switch role {
	case models.Provisioner:
		f.Unneeded = &views.Choices{ID: id + "-unneeded", Name: "unneeded", Label: "Which of these does it not need any more?", Hint: "Leave out what you do not know.", Error: f.Errors.For("unneeded")}
		if sent {
			f.Unneeded.Values = r.FormAll("unneeded")
		}
		used := useHints(r, p)
		for _, x := range p.Asked.Version.Doc().Facts {
			f.Unneeded.Options = append(f.Unneeded.Options, views.Option{Value: x.OperationID, Label: x.Title + " in " + x.System, Hint: used[x.OperationID]})
		}
	case models.ControlOwner:
		f.Stopped = &views.DateProps{ID: id + "-stopped", Name: "stopped", Label: "When was stopping it last exercised?", Hint: "A real stop or a drill. For example 27 3 2026.", Required: true, Error: f.Errors.For("stopped"), Value: views.DateFrom(get, "stopped")}
		f.Never = &views.Choices{ID: id + "-never", Name: "never", Label: "Or", Required: true, Options: []views.Option{{Value: "1", Label: "It never was, as far as I know"}}, Value: get("never")}
	}
	f.Note = views.Field{ID: id + "-note", Name: "note", Label: "What should change, or what should the others know?", Hint: "Needed where something should change.", Value: get("note"), Error: f.Errors.For("note"),
		Max: models.MaxText, Rows: 4, Spellcheck: true}
	f.Errors = onForm(id, f.Errors)
	return f
}

// onForm are errors of fields whose ids begin with their form's.
func onForm(form string, errs views.Errors) views.Errors {
	out := views.Errors{}
	for _, e := range errs {
		out = append(out, views.FieldError{Field: form + "-" + e.Field, Message: e.Message})
	}
	return out
}

func closeForm(r *Request, p store.ReviewRead, sent bool, a attempt) *views.ReviewClose {
	v, x := p.Force, p.Review
	f := &views.ReviewClose{Action: "/reviews/" + x.ID + "/close", Keys: r.newKeys(), Digest: v.Version.Digest}
	f.Decision = views.Decision{Legend: "May version " + strconv.Itoa(v.Version.No) + " go on?", ReasonLabel: "What did you find?", ReasonHint: "Needed to narrow or to revoke. The people concerned and the ledger get it word for word.", ReasonMax: models.MaxText}
	if sent {
		f.Keys, f.Errors, f.Refused = r.Keys(), a.problems, a.refused
		f.Chosen, f.Reason, f.Decision.Error, f.ReasonError = r.Form("decision"), r.Form("reason"), a.problems.For("decision"), a.problems.For("reason")
	}
	f.Keys.Digest = v.Version.Digest
	f.Keys.More = [][2]string{{"round", strconv.Itoa(v.Version.Round)}, {"version", v.Version.ID}, {"review", x.ID}}
	keep, narrow := p.MayGoOn(&x, models.ReviewKeep), p.MayGoOn(&x, models.ReviewNarrow)
	until := "in force until " + views.DateText(r.Local(p.CapabilityFacts.Mandate.UntilAt), r.Now()) + ", and no longer"
	kept := "It goes on, and is reviewed again in " + views.Count(v.Version.Doc().Ask.ReviewDays) + " days."
	if x.Kind == models.ReviewOfChange {
		kept = "It goes on with what changed. Its periodic review is due when it was."
	}
	f.Choices = [3]views.Option{
		{Value: models.ReviewKeep, Label: "Keep it", Hint: kept, Disabled: keep != nil},
		{Value: models.ReviewNarrow, Label: "Have it narrowed", Hint: "Its provisioner is asked for less, in a new version that takes new sign-offs. Meanwhile this one stays " + until + ".", Disabled: narrow != nil},
		{Value: models.ReviewRevoke, Label: "Revoke it", Hint: "Nothing of it is in force any more, from that moment. This cannot be undone."},
	}
	if keep != nil {
		f.OnlyEnds = keep.Error()
	}
	if teams := r.Viewer.Teams; len(teams) == 1 {
		f.Team = teams[0].Name
	} else {
		f.Teams = teamChoice(teams, r.Form("team"), f.Errors.For("team"))
		f.Teams.Label, f.Teams.Hint = "For which team do you close it?", ""
	}
	switch {
	case keep != nil:
	case v.NeedsPasskey():
		f.Passkey = &views.PasskeyAsked{Href: "/versions/" + v.Version.ID + "/challenge", None: len(p.Passkeys) == 0, Typed: sent,
			Why: "Where you keep it, your browser asks for your passkey: its signature is on the digest below, on this review and on what you found, under your name."}
		if r.App.Passkeys == nil {
			f.Passkey.Not = noPasskeys
		}
	case v.Version.Doc().Ask.FreshSignIn && !r.Fresh():
		f.Fresh = "/sign-in/again?return=/reviews/" + x.ID
	}
	return f
}

func reviewEnd(r *Request, p store.ReviewRead) *views.ReviewEnd {
	x := p.Review
	if x.State == models.ReviewMoot {
		return &views.ReviewEnd{Outcome: "It came to nothing", Then: "What it was about was replaced or ended, or was asked about again with more changes, " + views.WhenText(r.Local(*x.ClosedAt), r.Now()) + "."}
	}
	e := &views.ReviewEnd{Outcome: capital(outcomeWords[x.Outcome]), Finding: x.Finding, By: named(p.CapabilityRead, *x.ClosedBy), At: r.Local(*x.ClosedAt),
		How: ", for " + p.Teams[*x.TeamID].Name + methodNote(x.Method) + ":"}
	switch {
	case x.Outcome == models.ReviewKeep && x.Kind == models.ReviewOfChange:
		e.Then = "It went on with what had changed. Its periodic review stayed due when it was."
	case x.Outcome == models.ReviewKeep:
		e.Then = "It went on under a new mandate by the same sign-offs."
	case x.Outcome == models.ReviewNarrow:
		e.Then = "Its provisioner was asked for less. Until a narrower version is signed it goes on no longer than it would have."
		if p.Open != nil && p.Open.Version.State == models.Draft && p.Force != nil && p.Force.Version.ID == x.VersionID {
			e.Draft = "/versions/" + p.Open.Version.ID + "/draft"
		}
	default:
		e.Then = "Nothing of it was in force from that moment on."
	}
	return e
}
