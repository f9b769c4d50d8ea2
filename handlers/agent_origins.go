package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/views"
)

// AgentOrigins says where each field of the newest import came from: whoever may
// see the agent.
func AgentOrigins(r *Request) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if rec.Import == nil {
		return models.Refusal(models.NotFound, "not_found", "This agent was not imported from a file.")
	}
	page := views.AgentOriginsPage{ID: rec.Agent.ID, Name: rec.Agent.Name, File: rec.Import.File, Format: rec.Import.Format, Digest: rec.Import.SHA256,
		At: r.Local(rec.Import.CreatedAt), Now: r.Now()}
	page.Fields, page.Ignored, page.Further = views.SplitOrigins(r.origins(rec))
	return r.Render(http.StatusOK, views.AgentOrigins(r.Head("Where each field came from", rec.Agent.Name), page))
}
