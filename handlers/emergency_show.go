package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// EmergencyShow is one emergency: what was stated, by whom, who was told, how it
// ended. For whoever sees the capability; who may review it does so here.
func EmergencyShow(r *Request) error {
	p, err := r.App.Store.EmergencyPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	return drawEmergency(r, p, attempt{})
}

// EmergencyReview closes an emergency with a finding: an approver who neither
// opened it nor made the version does.
func EmergencyReview(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideEmergency(r.Ctx(), act, id, func(f models.CapabilityFacts) (models.Change, error) {
		return f.ReviewEmergency(id, r.Form("verdict"), r.Form("finding"))
	})
	if err == nil {
		return r.done(receipt, "/emergencies/"+id, "Your review is recorded, and the people concerned are told.")
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	p, err := r.App.Store.EmergencyPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawEmergency(r, p, a)
}

func drawEmergency(r *Request, p store.EmergencyRead, a attempt) error {
	e, c := p.Emergency, p.CapabilityRead
	page := views.EmergencyPage{VersionTop: versionTop(r, c), Mark: emergencyMark(r, c, e), Stated: e.Emergency, Facts: emergencyFacts(r, p), Paged: pagedWords(c, e.Recipients()),
		After: emergencyAfter(c), Due: r.Local(e.ReviewDueAt)}
	if !page.Mark.Runs {
		page.Stop = nil
	}
	switch err := p.MayReviewEmergency(e, p.Asked); {
	case e.ReviewedAt != nil:
		page.Verdict, page.Finding, page.By, page.At = models.WordsOf(models.Verdicts, e.Verdict), e.Finding, named(c, *e.ReviewerID), r.Local(*e.ReviewedAt)
	case err != nil:
		page.WhyNot = err.Error()
	default:
		page.Review = reviewForm(r, e, page.Mark.Runs, a)
	}
	if page.Review == nil && a.refused != "" {
		page.WhyNot = a.refused
	}
	head := r.Head("Break glass", page.Title)
	head.Failed = a.failed != 0
	status := a.code()
	if page.Verdict != "" && a.failed == 0 {
		status = http.StatusOK
	}
	return r.Render(status, views.Emergency(head, page))
}

func reviewForm(r *Request, e models.Emergency, runs bool, a attempt) *views.EmergencyReview {
	f := &views.EmergencyReview{Action: "/emergencies/" + e.ID + "/review", Keys: r.Keys(), Errors: a.problems, Refused: a.refused,
		Verdict: views.Choices{Name: "verdict", Label: "Was it justified?", Value: r.Form("verdict"), Error: a.problems.For("verdict"), Required: true},
		Finding: views.Field{Name: "finding", Label: "What did you find?", Hint: "What was done under it, and what follows. Those concerned and the ledger get it.", Value: r.Form("finding"),
			Error: a.problems.For("finding"), Required: true, Max: models.MaxText, Rows: 4, Spellcheck: true}}
	hints := map[string]string{models.Justified: "It stays marked, with what you found.", models.NotJustified: "It stays marked, with what you found. Nothing is revoked by it: what is signed stays signed, and what is in review stays in review."}
	if runs {
		hints[models.Justified], hints[models.NotJustified] = "Not yet: it still runs, so what was done under it is not known.", "It ends at once. The version stays in review."
	}
	for _, v := range models.Verdicts {
		f.Verdict.Options = append(f.Verdict.Options, views.Option{Value: v.Value, Label: v.Words, Hint: hints[v.Value], Disabled: runs && v.Value == models.Justified})
	}
	return f
}

func emergencyFacts(r *Request, p store.EmergencyRead) []views.SummaryRow {
	e, c, now := p.Emergency, p.CapabilityRead, r.Now()
	team := c.Teams[e.TeamID].Name
	rows := []views.SummaryRow{
		{Key: "Opened by", Value: capital(text(named(c, e.ApproverID))) + ", for " + team + methodNote(e.Method)},
		{Key: "From", Value: views.WhenText(r.Local(e.FromAt), now)},
		{Key: "Until", Value: views.WhenText(r.Local(e.UntilAt), now)},
		{Key: "Ended", Value: emergencyEnd(r, c, e)},
		{Key: "Approvers that it needed", Value: views.Count(e.Need)},
		{Key: "Digest", Body: views.DigestMark(e.Digest)},
		{Key: "The path was switched on by", Value: text(named(c, p.Switch.ProposedBy)) + " and " + text(named(c, *p.Switch.ConfirmedBy)) + ": “" + p.Switch.Reason + "”"},
	}
	return rows
}

// emergencyEnd says whether, when and why it ended.
func emergencyEnd(r *Request, c store.CapabilityRead, e models.Emergency) string {
	now := r.Now()
	if e.EndedAt == nil {
		if e.Runs(c.Now) {
			return "Not yet: it ends by itself " + views.WhenText(r.Local(e.UntilAt), now)
		}
		return "By itself, " + views.WhenText(r.Local(e.UntilAt), now) + ", when its time was over"
	}
	when := views.WhenText(r.Local(*e.EndedAt), now)
	by := text(named(c, *e.EndedBy))
	switch e.EndReason {
	case models.EmergencyLive:
		return when + ", when the version went live with all its sign-offs"
	case models.EmergencyVersion:
		return when + ", with the version itself"
	case models.EmergencyStopped:
		return when + ", stopped by " + by + ": “" + e.EndCause + "”"
	case models.EmergencyNotJustified:
		return when + ", by its reviewer, who found it not justified"
	case models.EmergencyMerged:
		return when + ", when two who answer for it were found to be one person"
	}
	return "By itself, " + when + ", when its time was over"
}

// emergencyAfter is what becomes of the version.
func emergencyAfter(c store.CapabilityRead) string {
	v := c.Asked.Version
	switch v.State {
	case models.InReview:
		return "The version stays in review: it needs its sign-offs like any other, and there is no second emergency for it."
	case models.Live:
		return "The version went live with all its sign-offs. The emergency stays marked."
	}
	return "The version is " + v.State.Words() + ". The emergency stays marked."
}
