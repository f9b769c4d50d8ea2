package handlers

import (
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DrillShow is one drill: the question, for whoever was asked; when it is over, what
// came of it, for whoever sees the capability. A kill drill is on its capability's page.
func DrillShow(r *Request) error {
	p, err := r.App.Store.DrillPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if p.Kind == models.DrillKill {
		return r.Redirect("/capabilities/" + p.CapabilityID + "/kill-drill")
	}
	return drawDrill(r, p, attempt{})
}

// DrillAnswer answers a drill: whoever was asked does.
func DrillAnswer(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideDrill(r.Ctx(), act, id, func(f models.DrillFacts) (models.Change, error) {
		return f.Answer(r.Form("mine"), r.Form("would_stop"), r.Form("note"))
	})
	if err == nil {
		said := "Thank you: you answer. Below is what it shows."
		if receipt.Outcome == "lifted" {
			said = "Thank you: you answer. What your silence held is held by it no longer."
		}
		return r.done(receipt, "/drills/"+id, said)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	p, err := r.App.Store.DrillPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawDrill(r, p, a)
}

func drawDrill(r *Request, p store.DrillRead, a attempt) error {
	mine := p.PersonID == r.Viewer.Person.ID
	page := views.DrillPage{Agent: p.Agent, Task: p.Title, Tier: p.Tier, State: drillState(p.Drill), Now: r.Now(), Due: r.Local(*p.DueAt), Scene: scenePieces(r, p.ScenarioOf()),
		Held: p.Hold != nil && p.Hold.LiftedAt == nil, Mine: mine, Who: views.SeatPerson{Name: p.Person.Person.Name, Href: "/people/" + p.PersonID}}
	if p.Sees {
		page.Href = "/capabilities/" + p.CapabilityID
	}
	if mine && p.EndedAt == nil {
		page.Ask = drillAsk(r, p, a)
	} else {
		drillOutcome(r, p, &page)
	}
	head := r.Head("Answerability check", p.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.Drill(head, page))
}

func scenePieces(r *Request, s models.Scenario) []views.Piece {
	out := views.Sentence(views.Strong(s.Agent), views.Plain(", "+views.DateText(r.Local(s.At), r.Now())+": "), views.Strong(s.Operation))
	if s.System != "" {
		out = append(out, views.Plain(" on "), views.Strong(s.System))
	}
	return append(out, views.Plain(", for its task “"+s.Task+"”."))
}

func drillAsk(r *Request, p store.DrillRead, a attempt) *views.DrillAsk {
	return &views.DrillAsk{Action: "/drills/" + p.ID, Keys: r.Keys(), Errors: a.problems, Refused: a.refused,
		Yours: views.Choices{Name: "mine", Label: "Is this yours: within what you answer for?", Value: r.Form("mine"), Error: a.problems.For("mine"), Required: true,
			Options: []views.Option{{Value: models.Yes, Label: "Yes, it is within what was signed"}, {Value: models.No, Label: "No, it is not within what was signed"}}},
		Stop: views.Choices{Name: "would_stop", Label: "Would you stop it?", Value: r.Form("would_stop"), Error: a.problems.For("would_stop"), Required: true,
			Options: []views.Option{{Value: models.Yes, Label: "Yes, I would stop it"}, {Value: models.No, Label: "No, I would let it go on"}}},
		Note: views.Field{Name: "note", Label: "What would you do?", Value: r.Form("note"), Error: a.problems.For("note"), Max: models.MaxText, Rows: 3, Spellcheck: true}}
}

// drillOutcome is what whoever may know of it learns: the facts at once, and what was
// right only when it is over.
func drillOutcome(r *Request, p store.DrillRead, page *views.DrillPage) {
	now := r.Now()
	who := p.Person.Person.Name
	if page.Mine {
		who = "You"
	}
	page.Facts = []views.SummaryRow{{Key: "Asked", Value: who + ", " + views.WhenText(r.Local(p.PlannedAt), now)}, {Key: "Due", Value: views.DateText(r.Local(*p.DueAt), now)},
		{Key: "Answered", Value: drillAnswered(p.Drill)}}
	if p.EndedAt == nil || p.Mine == "" {
		return
	}
	words := map[string]string{models.Yes: "Yes", models.No: "No"}
	page.Facts = append(page.Facts, views.SummaryRow{Key: "Is this yours?", Value: words[p.Mine]}, views.SummaryRow{Key: "Would you stop it?", Value: words[p.WouldStop]})
	if p.Note != "" {
		page.Facts = append(page.Facts, views.SummaryRow{Key: "What would you do?", Value: p.Note})
	}
	page.Right = p.Recognised()
	if p.ScenarioOf().Inside {
		page.Outcome = "It was within the boundary: the scope that was signed lets it do that. Stopping it would have been allowed all the same; stopping is nobody’s mistake."
	} else {
		page.Outcome = "It was not within the boundary: the scope that was signed does not let it do that. Had it been real, stopping it would have been right."
	}
	if c := p.Of; p.Sees && c.Mandate != nil {
		page.Seats = seatsOf(r, c, c.Force)
		plan := c.Force.Contents().Oversight
		page.StopHow = []views.SummaryRow{{Key: "How", Value: plan.StopHow}, {Key: "By whom", Value: plan.StopBy}, {Key: "Within", Value: strconv.Itoa(plan.StopWithinMinutes) + " minutes"}, {Key: "Alerts go to", Value: plan.AlertRoute}}
		if c.Answers(r.Viewer) {
			page.StopHref = "/capabilities/" + p.CapabilityID + "/stop"
		}
	}
}

// drillState is where a drill stands, in a word or two.
func drillState(d models.Drill) string {
	switch d.State {
	case models.DrillOpen:
		return "waits for an answer"
	case models.DrillMissed:
		return "missed"
	case models.DrillDone:
		return "answered"
	case models.DrillLate:
		return "answered late"
	}
	return "called off"
}

// drillAnswered says whether, and how quickly.
func drillAnswered(d models.Drill) string {
	took, answered := d.Took()
	switch {
	case answered && d.State == models.DrillLate:
		return "Late, after " + tookText(took)
	case answered:
		return "After " + tookText(took)
	case d.State == models.DrillMissed:
		return "Not yet: it was missed"
	case d.State == models.DrillCalledOff:
		return "Not any more: whoever was asked does not answer for it now"
	}
	return "Not yet"
}

func tookText(t models.Instant) string { return views.SpanText(time.Duration(t) * time.Microsecond) }
