package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/views"
)

// CapabilityPath shows who sees a capability what would happen when, if a review of it
// were missed. A day that is none is said beside its field.
func CapabilityPath(r *Request) error {
	ask, page := r.runAsk(r.Query)
	f, run, err := r.App.Store.RunOfCapability(r.Ctx(), r.Viewer, r.Param("id"), ask)
	if err != nil {
		return err
	}
	id := f.Capability.ID
	v := f.Force
	if v == nil {
		v = f.Last
	}
	p := views.PathPage{CapabilityID: id, Title: v.Contents().Task.Title, Agent: f.Agent.Name, Whose: views.WhosePath(run.Own, run.Team), Steps: run.Path.Words(), Live: run.Live,
		Run: r.pathRun(page, run)}
	switch {
	case f.Open != nil && f.MayWrite(models.OversightPart) == nil:
		p.Change, p.ChangeLabel = draftPath(f.Open.Version.ID, "oversight")+"#path", "Change it in the draft of version "+strconv.Itoa(f.Open.Version.No)
	case !run.Own && run.Team.ID != "" && r.Viewer.Has(models.Administrator):
		p.Change, p.ChangeLabel = "/admin/teams/"+run.Team.ID+"/path", "Change the team’s path"
	}
	status := http.StatusOK
	if len(p.Run.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	head := r.Head("What would happen when", p.Title)
	head.Failed = len(p.Run.Errors) > 0
	return r.Render(status, views.CapabilityPath(head, p))
}
