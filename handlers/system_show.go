package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SystemShow shows everybody who is signed in a system; which capabilities reach
// it as far as the viewer may see them.
func SystemShow(r *Request) error {
	page, err := r.system()
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.System(r.Head(page.Name, "Systems"), page))
}

// SystemHistory shows what the ledger says of a system.
func SystemHistory(r *Request) error {
	page, err := r.system()
	if err != nil {
		return err
	}
	h, err := r.readHistory(models.TouchSystem, page.ID, "/systems/"+page.ID+"/history")
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.SystemHistory(r.Head("History of "+page.Name, "Systems"), page, h))
}

func (r *Request) system() (views.SystemPage, error) {
	f := views.OperationFilter{Search: firstRunes(r.Query("q"), models.MaxName), Access: among(models.Accesses, r.Query("access")),
		Effect: among(models.Effects, r.Query("effect")), State: among(views.SystemStates, r.Query("state"))}
	s, err := r.App.Store.System(r.Ctx(), r.Viewer, r.Param("id"),
		store.OperationFilter{Search: f.Search, Access: f.Access, Effect: f.Effect, State: f.State, NameCursor: r.nameCursor()})
	if err != nil {
		return views.SystemPage{}, err
	}
	page := views.SystemPage{System: s.System, Team: s.Team, Custodians: s.Custodians, Operations: s.Operations, Secrets: s.Secrets, Filter: f,
		Counts:   views.OperationCounts{Total: s.Counts.Total, All: s.Counts.All, Accesses: s.Counts.Accesses, Effects: s.Counts.Effects, States: s.Counts.States},
		UsesMore: s.UsesMore, May: r.Viewer.Has(models.Administrator) && s.State == "active", Now: r.Now()}
	stopped, err := r.App.Store.StoppedSystem(r.Ctx(), s.ID)
	if err != nil {
		return views.SystemPage{}, err
	}
	if stopped != nil {
		line := stopLine(r, *stopped)
		page.Stopped = &line
	} else if models.MayStop(r.Viewer, models.OnSystem, &s.System) {
		page.Stop = &views.StopProps{Label: "Stop this system", Href: views.HrefWith("/stops/new", "kind", models.OnSystem, "id", s.ID)}
	}
	page.Previous, page.Next = turnHrefs(s.Turn, "/systems/"+s.ID, "q", f.Search, "access", f.Access, "effect", f.Effect, "state", f.State)
	for _, u := range s.Uses {
		page.Uses = append(page.Uses, r.liveRow(u))
	}
	return page, nil
}
