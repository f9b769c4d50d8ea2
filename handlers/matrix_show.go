package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// MatrixShow shows the accountability matrix as far as the viewer may see it: as
// it is now, or as it was at a moment that "at" names in the viewer's time zone.
// A filter with a value that is not known is as good as none.
func MatrixShow(r *Request) error {
	filter, query, wrong := r.matrixFilter()
	found, err := r.App.Store.Matrix(r.Ctx(), r.Viewer, filter, store.MatrixCursor{After: r.Query("after"), Before: r.Query("before")})
	if err != nil {
		return err
	}
	page := views.MatrixPage{Now: r.Now(), Query: query, Typed: query.Get("at"), Error: wrong, Zone: r.zone().String(),
		Person: found.Person, Team: found.Team, Agent: found.Agent, Previous: found.Previous, Next: found.Next, Record: r.Viewer.Has(models.Auditor),
		Counts: views.MatrixCounts{Total: found.Facets.Total, Seen: found.Facets.Seen, States: found.Facets.States, Tiers: found.Facets.Tiers, Holes: found.Facets.Holes,
			Held: found.Facets.Held, Overdue: found.Facets.Overdue, Soon: found.Facets.Soon, Holed: found.Facets.Holed, Emergencies: found.Emergencies}}
	if filter.At != nil {
		page.At = r.Local(*filter.At)
		page.Typed = page.At.Format(dateTimeLocal)
	}
	for _, t := range found.Teams {
		page.Teams = append(page.Teams, views.Option{Value: t.ID, Label: t.Name})
	}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, r.matrixRow(l))
	}
	if page.Saved, err = r.saved("matrix", query); err != nil {
		return err
	}
	head, status := r.Head("Matrix", ""), http.StatusOK
	head.Wide = true
	if wrong != "" {
		head.Failed, status = true, http.StatusUnprocessableEntity
		page.Typed = r.Query("at")
	}
	return r.Render(status, views.Matrix(head, page))
}

// matrixFilter reads the address: the filter, the address again with only what
// it knows, and what is wrong with the moment, if anything.
func (r *Request) matrixFilter() (f store.MatrixFilter, query url.Values, wrong string) {
	query = url.Values{}
	take := func(key string, known ...string) string {
		v := firstRunes(r.Query(key), 200)
		if v == "" || known != nil && !slices.Contains(known, v) {
			return ""
		}
		query.Set(key, v)
		return v
	}
	holes := []string{"any"}
	for _, h := range store.MatrixHoles {
		holes = append(holes, h.Value)
	}
	f = store.MatrixFilter{Search: take("q"), State: take("state"), Tier: take("tier", "low", "moderate", "high", "critical", "unknown"),
		Hole: take("hole", holes...), Held: take("held", "yes") != "", Emergency: take("emergency", "yes") != "", Due: take("due", store.MatrixOverdue, store.MatrixSoon),
		Person: take("person"), Team: take("team"), Agent: take("agent"), Sort: take("sort", store.MatrixSorts...)}
	if f.Sort != "" {
		f.Desc = take("dir", "desc") != ""
	}
	if typed := r.Query("at"); typed != "" {
		at, ok := r.moment(typed)
		switch {
		case !ok:
			wrong = "Enter a day and a time, such as 2026-11-02T10:00."
		case at > models.At(r.App.Now()):
			wrong = "Enter a moment that has passed. The matrix does not know what is to come."
		default:
			f.At = &at
			query.Set("at", firstRunes(typed, 40))
		}
	}
	return f, query, wrong
}

// dateTimeLocal is what a browser's input for a day and a time sends.
const dateTimeLocal = "2006-01-02T15:04"

// moment reads a day and a time at the viewer's place, or an instant as RFC 3339.
func (r *Request) moment(typed string) (models.Instant, bool) {
	if at, err := time.Parse(time.RFC3339, typed); err == nil {
		return models.At(at), true
	}
	for _, form := range []string{dateTimeLocal, "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(form, typed, r.zone()); err == nil {
			return models.At(at), true
		}
	}
	return 0, false
}

func (r *Request) matrixRow(l store.MatrixLine) views.MatrixRow {
	person := func(w store.Who) views.MatrixPerson { return views.MatrixPerson{ID: w.ID, Name: w.Name, Team: w.Team} }
	row := views.MatrixRow{CapabilityID: l.CapabilityID, Title: l.Title, AgentID: l.AgentID, Agent: l.AgentName, Version: l.VersionNo, Digest: l.Digest,
		State: l.Words, Held: l.Held, Tier: string(l.Tier()), Owner: person(l.Owner), Provisioner: person(l.Provisioner), ControlOwner: person(l.ControlOwner),
		Unsigned: l.Holes&models.HoleApprovers != 0, NoScope: l.Holes&models.HoleScope != 0, NoPlan: l.Holes&models.HoleOversight != 0,
		InForce: l.MandateID != "", Ended: l.Ended(), Approved: r.local(l.ApprovedAt), Review: r.local(l.ReviewDueAt), Until: r.local(l.UntilAt)}
	if l.OpenState != "" {
		row.OnItsWay = "Another version is " + l.OpenState.Words()
		if l.OpenState == models.Draft {
			row.OnItsWay = "Another version is being drafted"
		}
	}
	row.Silent = l.Answers.Silent
	if l.Answers.Median != nil {
		row.AnswersIn = tookText(*l.Answers.Median)
		if l.Answers.Missed > 0 {
			row.AnswersIn += ", " + views.Count(l.Answers.Missed) + " missed"
		}
	}
	if e := l.Emergency; e != nil {
		row.Emergency, row.EmergencyUntil = "/emergencies/"+e.ID, r.Local(e.Over())
	}
	for _, w := range l.ApprovedBy {
		row.Approvers = append(row.Approvers, person(w))
	}
	names := map[string]string{}
	for _, w := range append([]store.Who{l.Owner, l.Provisioner, l.ControlOwner}, l.ApprovedBy...) {
		names[w.ID] = w.Name
		row.Mine = row.Mine || w.ID == r.Viewer.Person.ID
	}
	for _, h := range l.Holds {
		row.Holds = append(row.Holds, views.MatrixHold{What: views.MatrixHoldWords(h.Kind, h.TargetKind, names[h.TargetID]), Cause: firstRunes(h.Cause, 160), Since: r.Local(h.PlacedAt)})
	}
	return row
}
