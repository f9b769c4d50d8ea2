package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentRegistration is the task list of an agent's registration: its business
// owner's alone, like the pages below it.
func AgentRegistration(r *Request) error {
	rec, err := r.ownAgent()
	if err != nil {
		return err
	}
	draft := rec.Agent.Manifest()
	page := views.AgentTasksPage{ID: rec.Agent.ID, Name: rec.Agent.Name, Draft: draft, Missing: rec.Agent.MissingSteps(), Pending: agentPending(rec),
		Imported: rec.Import != nil, Open: views.OpenOrigins(draft, r.origins(rec))}
	if rec.Revision != nil {
		page.Revision = rec.Revision.No
	}
	return r.Render(http.StatusOK, views.AgentTasks(r.Head("Registration", rec.Agent.Name), page))
}

// origins are where the fields of the newest import came from.
func (r *Request) origins(rec store.AgentRecord) []views.AgentOrigin {
	if rec.Import == nil {
		return nil
	}
	var out []views.AgentOrigin
	for _, o := range rec.Import.Origins() {
		out = append(out, views.AgentOrigin{Field: o.Field, Value: o.Value, Pointer: o.Pointer, Status: o.Status, Note: o.Note})
	}
	return out
}

// AgentCheck shows all answers before they are registered.
func AgentCheck(r *Request) error {
	rec, err := r.ownAgent()
	if err != nil {
		return err
	}
	return r.drawCheck(http.StatusOK, rec, nil)
}

func (r *Request) drawCheck(status int, rec store.AgentRecord, errs views.Errors) error {
	page := views.AgentCheckPage{ID: rec.Agent.ID, Name: rec.Agent.Name, Keys: r.Keys(), Errors: errs, Draft: rec.Agent.Manifest(), Missing: rec.Agent.MissingSteps()}
	page.Keys.Revision = strconv.FormatInt(rec.Agent.Rev, 10)
	if rec.Revision != nil {
		page.Revision, page.Same = rec.Revision.No, !agentPending(rec)
		page.Changes = views.DiffLines(models.ManifestDifferences(rec.Revision.Manifest(), page.Draft))
	}
	head := r.Head("Check your answers", rec.Agent.Name)
	head.Failed = len(errs) > 0
	return r.Render(status, views.AgentCheck(head, page))
}

// AgentRegister freezes the draft that was shown as a revision with a digest:
// the agent's business owner does. A draft that was saved since is refused.
func AgentRegister(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, shown := r.Param("id"), r.shownRevision()
	_, err = r.App.Store.DecideAgent(r.Ctx(), act, id, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) {
		if f.Agent.Rev != shown {
			return models.Change{}, models.Refusal(models.Conflict, "agent.changed", "Somebody saved this agent since you opened this page. Nothing was registered; look at what is there now.")
		}
		return f.Register()
	})
	if errs, status, ok := formErrors(err); ok {
		rec, err := r.ownAgent()
		if err != nil {
			return err
		}
		for i := range errs {
			errs[i].Field = "" // the fields are on other pages, to which the page links
		}
		return r.drawCheck(status, rec, errs)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/agents/" + id + "/register/done")
}

// AgentRegistered confirms a registration and says what happens next.
func AgentRegistered(r *Request) error {
	rec, err := r.ownAgent()
	if err != nil {
		return err
	}
	if rec.Revision == nil {
		return r.Redirect("/agents/" + rec.Agent.ID + "/register")
	}
	page := views.AgentRegisteredPage{ID: rec.Agent.ID, Name: rec.Agent.Name, Digest: rec.Revision.Digest, Revision: rec.Revision.No, Tasks: len(rec.Titles)}
	if rec.Revision.No > 1 {
		page.InForce = rec.InForce
		if page.Behind, err = r.App.Store.ManifestBehind(r.Ctx(), r.Viewer, rec.Agent.ID); err != nil {
			return err
		}
	}
	return r.Render(http.StatusOK, views.AgentRegistered(r.Head("Registered", rec.Agent.Name), page))
}
