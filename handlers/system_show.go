package handlers

import (
	"net/http"

	"countersign/models"
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
	s, err := r.App.Store.System(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return views.SystemPage{}, err
	}
	page := views.SystemPage{System: s.System, Team: s.Team, Custodians: s.Custodians, Operations: s.Operations, Secrets: s.Secrets,
		UsesMore: s.UsesMore, May: r.Viewer.Has(models.Administrator) && s.State == "active", Now: r.Now()}
	for _, u := range s.Uses {
		page.Uses = append(page.Uses, r.liveRow(u))
	}
	return page, nil
}
