package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AgentNew asks what the agent is.
func AgentNew(r *Request) error {
	return r.Render(http.StatusOK, views.AgentNew(r.Head("Register an agent", "Agents"), views.AgentNewPage{Keys: r.Keys()}))
}

// AgentCreate makes the draft, of which the viewer is the business owner, and
// leads to what is still to be said.
func AgentCreate(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	m := models.Manifest{Name: r.Form("name"), Purpose: r.Form("purpose"), Provider: r.Form("provider")}
	receipt, err := r.App.Store.DecideAgent(r.Ctx(), act, "", store.Lookup{Names: m.Names()}, func(f models.AgentFacts) (models.Change, error) { return f.NewAgent(m) })
	if errs, status, ok := formErrors(err); ok {
		head := r.Head("Register an agent", "Agents")
		head.Failed = true
		return r.Render(status, views.AgentNew(head, views.AgentNewPage{Keys: r.Keys(), Errors: errs, Name: m.Name, Purpose: m.Purpose, Provider: m.Provider}))
	}
	if err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "The draft is saved. Complete the other sections, then register it.")
	return r.Redirect("/agents/" + receipt.Subject + "/register")
}
