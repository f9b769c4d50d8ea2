package handlers

import (
	"net/http"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// KillDrills are the kill drills and real stops of a capability, for whoever sees it,
// with the form that plans one, for the four.
func KillDrills(r *Request) error {
	p, err := r.App.Store.KillPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	return drawKill(r, p, attempt{})
}

// KillDrillPlan plans a kill drill: any one of the four does.
func KillDrillPlan(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	at, ok := futureMoment(r, r.Form("at"))
	receipt, err := r.App.Store.DecideKillDrill(r.Ctx(), act, id, func(f models.DrillFacts) (models.Change, error) {
		if err := f.MayPlanKill(); err != nil {
			return models.Change{}, err
		}
		if !ok {
			return models.Change{}, &models.Error{Code: models.Invalid, Rule: "input", Message: "There is a problem with the time.",
				Fields: []models.FieldError{{Field: "at", Message: "Enter a date and a time, such as 2026-11-02T10:00."}}}
		}
		return f.PlanKill(at, r.Form("why"))
	})
	if err == nil {
		return r.done(receipt, "/capabilities/"+id+"/kill-drill", "Planned. The four are told; any of you can call it off until it begins.")
	}
	return killAgain(r, id, err)
}

// KillDrillCallOff calls the planned kill drill off: any one of the four does.
func KillDrillCallOff(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideKillDrill(r.Ctx(), act, id, models.DrillFacts.CallOffKill)
	if err == nil {
		return r.done(receipt, "/capabilities/"+id+"/kill-drill", "Called off. The four are told.")
	}
	return killAgain(r, id, err)
}

func killAgain(r *Request, id string, err error) error {
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	p, err := r.App.Store.KillPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawKill(r, p, a)
}

// futureMoment reads a moment in the reader's time zone.
func futureMoment(r *Request, typed string) (models.Instant, bool) {
	for _, form := range []string{minuteForm, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, typed, r.zone()); err == nil && at.Year() >= 1970 && at.Year() < 10_000 {
			return models.At(at), true
		}
	}
	return 0, false
}

func drawKill(r *Request, p store.KillRead, a attempt) error {
	c := p.CapabilityRead
	page := views.KillPage{CapabilityTop: capabilityTop(r, c), Last: "Stopping it was never exercised.", Refused: a.refused}
	if last := store.LastStopped(p.Past); last != nil {
		page.Last = "Stopping was last exercised " + views.WhenText(r.Local(last.At), r.Now()) + "."
	}
	f := models.DrillFacts{CapabilityFacts: c.CapabilityFacts, Drill: p.Planned}
	if d := p.Planned; d != nil {
		page.Planned = &views.KillPlanned{At: r.Local(d.PlannedAt), Who: named(c, d.PersonID), Why: d.Scenario, Runs: d.State == models.DrillOpen}
		if c.Answers(r.Viewer) && d.State == models.DrillPlanned {
			page.Planned.Action, page.Planned.Keys = "/capabilities/"+c.Capability.ID+"/kill-drill/call-off", r.newKeys()
		}
	}
	if err := f.MayPlanKill(); err != nil {
		page.WhyNot = err.Error()
	} else {
		page.Ask = killAsk(r, c, a)
	}
	for _, x := range p.Past {
		page.Past = append(page.Past, killLine(r, x))
	}
	head := r.Head("Kill drills", page.Title)
	head.Failed = a.failed != 0
	status := http.StatusOK
	if a.failed != 0 {
		status = a.code()
	}
	return r.Render(status, views.KillDrills(head, page))
}

func killAsk(r *Request, c store.CapabilityRead, a attempt) *views.KillAsk {
	hours := r.Viewer.Person.Hours()
	at := r.Form("at")
	if a.failed == 0 {
		at = r.Local(models.KillOffer(hours, c.Now)).Format(minuteForm)
	}
	hint := "Your working hours are " + hours.Words() + ". Its owner says nothing of when it must not be interrupted. Ask, if you do not know."
	if windows := c.Force.Contents().Task.Windows; windows != "" {
		hint = "Your working hours are " + hours.Words() + ". Its owner says of when it runs: “" + windows + "”. Choose a time at which a moment of “no” harms nobody."
	}
	return &views.KillAsk{Action: "/capabilities/" + c.Capability.ID + "/kill-drill", Keys: r.Keys(), Errors: a.problems,
		At:  views.Field{Name: "at", Label: "When does it begin? (" + r.zone().String() + ")", Hint: hint, Type: "datetime-local", Value: at, Error: a.problems.For("at"), Required: true},
		Why: views.Field{Name: "why", Label: "Why, and why then?", Hint: "The four and the ledger get it.", Value: r.Form("why"), Error: a.problems.For("why"), Required: true, Max: models.MaxText, Rows: 3, Spellcheck: true}}
}

func killLine(r *Request, x store.KillPast) views.KillLine {
	l := views.KillLine{At: r.Local(x.At), Who: x.Who.Name, Team: x.Who.Team}
	if x.Stop != nil {
		l.What, l.Result = "A real stop", x.Stop.Cause
		if x.Stop.TargetKind == models.OnAgent {
			l.What = "A real stop of the whole agent"
		}
		if x.Stop.PlacedBy == models.SystemActor {
			l.What, l.Who = "A stop in place of a drill", "Countersign"
		}
		return l
	}
	l.What = "A kill drill"
	switch d := *x.Drill; d.State {
	case models.DrillDone:
		took, _ := d.StoppedIn()
		l.Result, l.Time = "It stopped, and was let go on. "+d.Note, strconv.FormatInt(int64(took/1000), 10)+" ms"
	case models.DrillFailed:
		l.Result, l.Bad = "It was still allowed to act, so a stop took the drill’s place.", true
	default:
		l.Result = "Called off: " + d.Note
	}
	return l
}
