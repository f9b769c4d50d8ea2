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
	page := views.SystemsPage{Search: firstRunes(r.Query("q"), models.MaxName), Kind: among(models.SystemKinds, r.Query("kind")),
		Sensitivity: among(models.Sensitivities, r.Query("sensitivity")), May: r.Viewer.Has(models.Administrator)}
	if r.Query("state") == "retired" {
		page.State = "retired"
	}
	systems, turn, err := r.App.Store.Systems(r.Ctx(), store.SystemFilter{Search: page.Search, Kind: page.Kind, Sensitivity: page.Sensitivity, State: page.State, NameCursor: r.nameCursor()})
	if err != nil {
		return err
	}
	for _, s := range systems {
		page.Systems = append(page.Systems, views.SystemRow{System: s.System, Team: s.Team, Operations: s.Operations})
	}
	page.Previous, page.Next = turnHrefs(turn, "/systems", "q", page.Search, "kind", page.Kind, "sensitivity", page.Sensitivity, "state", page.State)
	return r.Render(http.StatusOK, views.Systems(r.Head("Systems", ""), page))
}

// among is the value where it is one of the choices, else "".
func among(choices []models.Choice, value string) string {
	if slices.ContainsFunc(choices, func(c models.Choice) bool { return c.Value == value }) {
		return value
	}
	return ""
}
