package handlers

import (
	"net/http"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// MyDecisions shows people their own decisions, and figures of how these came
// about: nobody else's.
func MyDecisions(r *Request) error {
	now := models.At(r.Now())
	back := func(days models.Instant) store.Period { return store.Period{From: now - days*models.Day, To: now + 1} }
	page := views.MyDecisionsPage{Party: r.Viewer, Now: r.Now()}
	for days, to := range map[models.Instant]*views.DeskFigures{30: &page.Month, 90: &page.Season} {
		f, err := r.App.Store.MyFigures(r.Ctx(), r.Viewer, back(days))
		if err != nil {
			return err
		}
		*to = deskFigures(f)
	}
	open, err := r.App.Store.MyOpenFor(r.Ctx(), r.Viewer, back(90))
	if err != nil {
		return err
	}
	page.Chart = openChart(open)
	before, _ := strconv.ParseInt(r.Query("before"), 10, 64) // what is no number of an entry begins at the newest
	lines, more, err := r.App.Store.MyDecisions(r.Ctx(), r.Viewer, before)
	if err != nil {
		return err
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, decisionLine(r, l))
	}
	if before > 0 {
		page.Newest = "/me/decisions"
	}
	if more {
		page.Older = "/me/decisions?before=" + strconv.FormatInt(lines[len(lines)-1].Seq, 10)
	}
	return r.Render(http.StatusOK, views.MyDecisions(r.Head("Your decisions", ""), page))
}

func decisionLine(r *Request, l store.DecisionLine) views.MyDecision {
	d := views.MyDecision{At: r.Local(l.DecidedAt), Decision: l.Decision, Title: l.Title, Agent: l.Agent, Version: l.VersionNo, Tier: l.Tier,
		Parts: models.Look{Parts: l.Parts}.Opened(), InARow: l.InARow, Receipt: "/receipts/" + strconv.FormatInt(l.Seq, 10)}
	if l.OpenedAt != nil {
		open := time.Duration(l.DecidedAt-*l.OpenedAt) * time.Microsecond
		d.Open = &open
	}
	if l.Title != "" {
		d.OfHref = "/versions/" + l.VersionID
	}
	return d
}

func openChart(o store.OpenFor) views.DeskChart {
	labels := [4]string{"under a minute", "1 to 5 minutes", "5 to 30 minutes", "30 minutes to 2 hours"}
	c := views.DeskChart{Bars: []views.DeskBar{{Label: "not opened", N: o.Never}}}
	for i, n := range o.Under {
		c.Bars = append(c.Bars, views.DeskBar{Label: labels[i], N: n})
	}
	c.Bars = append(c.Bars, views.DeskBar{Label: "over 2 hours", N: o.Longest})
	return c
}

func deskFigures(f store.Figures) views.DeskFigures {
	span := func(seconds *int) *time.Duration {
		if seconds == nil {
			return nil
		}
		d := time.Duration(*seconds) * time.Second
		return &d
	}
	return views.DeskFigures{PersonID: f.PersonID, Name: f.Name, Decisions: f.Decisions, SignOffs: f.SignOffs, Changes: f.Changes, Refusals: f.Refusals,
		Opened: f.Opened, Whole: f.Whole, QuickInRow: f.InARow, Median: span(f.Median), Shortest: span(f.Shortest)}
}
