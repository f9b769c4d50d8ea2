package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// StopList is what is stopped broadly now, and what was: for everybody who is signed in.
func StopList(r *Request) error {
	after := stopCursor(r.Query("after"))
	all, err := r.App.Store.Stops(r.Ctx(), after)
	if err != nil {
		return err
	}
	page := views.StopsPage{Now: r.Now()}
	if page.May, err = r.mayStopSomething(); err != nil {
		return err
	}
	for _, s := range all.Open {
		page.Open = append(page.Open, stopLine(r, s))
	}
	for _, s := range all.Past {
		page.Past = append(page.Past, stopLine(r, s))
	}
	if all.Next != nil {
		page.Next = "/stops?after=" + strconv.FormatInt(int64(all.Next.PlacedAt), 10) + "." + all.Next.ID
	}
	if after != nil {
		page.First = "/stops"
	}
	return r.Render(http.StatusOK, views.Stops(r.Head("Stops", ""), page))
}

func stopCursor(s string) *store.StopCursor {
	at, id, ok := strings.Cut(s, ".")
	placed, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 {
		return nil
	}
	return &store.StopCursor{PlacedAt: models.Instant(placed), ID: id}
}

// mayStopSomething says whether the viewer is a stop officer, or of a team that looks
// after a system.
func (r *Request) mayStopSomething() (bool, error) {
	if r.Viewer.Has(models.StopOfficer) {
		return true, nil
	}
	return r.App.Store.LooksAfter(r.Ctx(), r.Viewer)
}

// stopLine is a broad stop in words.
func stopLine(r *Request, s store.BroadStop) views.StopLine {
	l := views.StopLine{Kind: s.TargetKind, Name: s.Name, Href: "/stops/" + s.ID, Who: s.Placed.Person.Name, At: r.Local(s.PlacedAt), Cause: s.Cause, LiftCause: s.LiftCause, Now: r.Now()}
	if s.PlacedBy == models.SystemActor {
		l.Who = "Countersign"
	} else if len(s.Placed.Teams) > 0 {
		l.Team = s.Placed.Team()
	}
	if s.LiftedAt != nil {
		l.Lifted, l.LiftedBy = r.Local(*s.LiftedAt), s.Lifted.Person.Name
		if len(s.Lifted.Teams) > 0 {
			l.LiftedTeam = s.Lifted.Team()
		}
	}
	return l
}

// stopHref leads to a broad stop; "" for any other hold.
func stopHref(h models.Hold) string {
	if !h.Broad() {
		return ""
	}
	return "/stops/" + h.ID
}
