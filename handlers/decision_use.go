package handlers

import (
	"net/http"

	"countersign/store"
	"countersign/views"
)

// AgentDecisions is what an agent did, was refused and never used: whoever may see the
// agent, of its tasks that they may see.
func AgentDecisions(r *Request) error {
	rec, err := r.App.Store.Agent(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.AgentUsePage{AgentHead: r.agentHead(rec)}
	if page.List, err = r.decisions("/agents/"+rec.Agent.ID+"/decisions", rec.Agent.ID); err != nil {
		return err
	}
	page.List.Follow = false // on the page of all decisions
	if page.List.First {
		if page.Alerts, err = r.alertsOfAgent(rec.Agent); err != nil {
			return err
		}
		use, err := r.App.Store.AgentUse(r.Ctx(), r.Viewer, rec.Agent.ID)
		if err != nil {
			return err
		}
		page.More, page.Grants = use.More, r.grantUses(use.Grants)
		if use.Known > 0 {
			page.Known = r.Local(use.Known)
		}
	}
	head, status := r.Head("Decisions", rec.Agent.Name), http.StatusOK
	if head.Failed = len(page.List.Errors) > 0; head.Failed {
		status = http.StatusUnprocessableEntity
	}
	return r.Render(status, views.AgentDecisions(head, page))
}

func (r *Request) grantUses(grants []store.GrantUse) (out []views.GrantUse) {
	for _, g := range grants {
		u := views.GrantUse{CapabilityID: g.CapabilityID, Title: g.Title, Operation: g.Operation, System: g.System, Allowed: int(g.Allowed), Refused: int(g.Refused)}
		if g.Last > 0 {
			u.Last = r.Local(g.Last)
		}
		out = append(out, u)
	}
	return out
}
