package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentRetireAsk asks the agent's business owner why it is retired.
func AgentRetireAsk(r *Request) error {
	rec, err := r.ownAgent()
	if err != nil {
		return err
	}
	return r.drawRetire(http.StatusOK, rec, nil)
}

func (r *Request) drawRetire(status int, rec store.AgentRecord, errs views.Errors) error {
	head := r.Head("Retire", rec.Agent.Name)
	head.Failed = len(errs) > 0
	return r.Render(status, views.AgentRetire(head, views.AgentRetirePage{AgentHead: r.agentHead(rec), Keys: r.Keys(), Errors: errs, Reason: r.Form("reason"), InForce: rec.InForce}))
}

// AgentRetire ends an agent of which nothing is in force, for good: its business
// owner does, with a reason.
func AgentRetire(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, reason := r.Param("id"), r.Form("reason")
	_, err = r.App.Store.DecideAgent(r.Ctx(), act, id, store.Lookup{}, func(f models.AgentFacts) (models.Change, error) { return f.Retire(reason) })
	if errs, status, ok := formErrors(err); ok {
		rec, err := r.ownAgent()
		if err != nil {
			return err
		}
		return r.drawRetire(status, rec, errs)
	}
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "The agent is retired. Its record stays.")
	return r.Redirect("/agents/" + id)
}
