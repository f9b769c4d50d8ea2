package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// StopShow is one broad stop, for everybody who is signed in; approvers who did not place
// it lift it here.
func StopShow(r *Request) error { return r.drawStop(redraw{}) }

// StopLift lifts a broad stop: one approver who did not place it, nor stands in for who
// did, signs off on it with a reason.
func StopLift(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id := r.Param("id")
	receipt, err := r.App.Store.DecideLift(r.Ctx(), act, id, func(f models.StopFacts) (models.Change, error) { return f.Lift(r.Form("cause")) })
	if err == nil {
		return r.done(receipt, "/stops/"+id, "The stop is lifted. What nothing else holds may act again, as it was signed.")
	}
	refused, ok := again(err, "")
	if !ok {
		return err
	}
	return r.drawStop(refused)
}

func (r *Request) drawStop(a redraw) error {
	p, err := r.App.Store.Stop(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.StopPage{StopLine: stopLine(r, p.Stop), Errors: a.errors}
	page.Facts = []views.SummaryRow{
		{Key: "Stopped by", Body: views.PersonName(page.Who, page.Team, "")},
		{Key: "Since", Value: views.WhenText(page.At, r.Now())},
	}
	switch err := p.MayLift(); {
	case p.Hold.LiftedAt != nil:
		page.Effect = "Whatever it held may act again, as it was signed, unless something else holds it."
		page.Facts = append(page.Facts, views.SummaryRow{Key: "Lifted by", Body: views.PersonName(page.LiftedBy, page.LiftedTeam, "")}, views.SummaryRow{Key: "Lifted", Value: views.WhenText(page.Lifted, r.Now())})
	case err != nil:
		page.WhyNot = message(err)
	default:
		page.Lift = &views.StopLift{Keys: r.Keys(), Cause: views.Field{Name: "cause", Label: "Why may it go on?", Hint: "What caused the stop, what was mended, and how you know. Everybody who is signed in can read it.", Value: r.Form("cause"),
			Error: a.errors.For("cause"), Required: true, Max: models.MaxText, Rows: 4, Spellcheck: true}}
	}
	if p.Hold.LiftedAt == nil {
		page.Effect = stopHolds(p)
	}
	return r.Render(a.code(), views.Stop(r.headAfter("Stop of "+views.StoppedWords(page.Kind, page.Name), "Stops", a), page))
}

// stopHolds is what a stop that stands holds by now.
func stopHolds(p store.StopRead) string {
	if p.Reaches == 0 {
		return "Nothing that is in force stands on it by now. What goes in force meanwhile is held too."
	}
	return capital(reachWords(p.Reaches)) + " " + isOrAre(p.Reaches) + " held by it. Their mandates are as they were; what goes in force meanwhile is held too."
}
