package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentStop holds the whole agent at once: any one of the four of one of its
// capabilities in force does, with a cause.
func AgentStop(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if rec.StopThrough == "" {
		return models.Refusal(models.Forbidden, "stop.four", "Only the people who answer for one of this agent's tasks in force can stop it.")
	}
	reason := r.Form("reason")
	_, err = r.App.Store.DecideCapability(r.Ctx(), act, rec.StopThrough, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnAgent, reason)
	})
	if errs, status, ok := formErrors(err); ok {
		return r.drawAgent(status, reason, errs[0].Message)
	}
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "The agent is stopped: none of its tasks may act. The business owner is asked to say what was wrong, and approvers sign before it starts again.")
	return r.Redirect("/agents/" + rec.Agent.ID)
}
