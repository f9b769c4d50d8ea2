package handlers

import (
	"net/http"
	"slices"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SystemList shows everybody who is signed in the catalogue, by name.
func SystemList(r *Request) error {
	page := views.SystemsPage{SystemFilter: views.SystemFilter{Search: firstRunes(r.Query("q"), models.MaxName), Kind: among(models.SystemKinds, r.Query("kind")),
		Sensitivity: among(models.Sensitivities, r.Query("sensitivity")), Access: among(models.Accesses, r.Query("access")), Effect: among(models.Effects, r.Query("effect"))},
		May: r.Viewer.Has(models.Administrator)}
	if r.Query("state") == "retired" {
		page.State = "retired"
	}
	var err error
	if page.Teams, err = r.App.Store.TeamChoices(r.Ctx()); err != nil {
		return err
	}
	for _, t := range page.Teams {
		if t.ID == r.Query("team") {
			page.Team = t.ID
		}
	}
	f := store.SystemFilter{Search: page.Search, Kind: page.Kind, Sensitivity: page.Sensitivity, Team: page.Team, Access: page.Access, Effect: page.Effect, State: page.State, NameCursor: r.nameCursor()}
	systems, turn, err := r.App.Store.Systems(r.Ctx(), f)
	if err != nil {
		return err
	}
	counts, err := r.App.Store.SystemCounts(r.Ctx(), f)
	if err != nil {
		return err
	}
	page.Counts = views.SystemCounts(counts)
	for _, s := range systems {
		page.Systems = append(page.Systems, views.SystemRow{System: s.System, Team: s.Team, Operations: s.Operations})
	}
	page.Previous, page.Next = turnHrefs(turn, "/systems", page.Pairs()...)
	return r.Render(http.StatusOK, views.Systems(r.Head("Systems", ""), page))
}

// among is the value where it is one of the choices, else "".
func among(choices []models.Choice, value string) string {
	if slices.ContainsFunc(choices, func(c models.Choice) bool { return c.Value == value }) {
		return value
	}
	return ""
}
