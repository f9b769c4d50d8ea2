package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// alertLines are alerts as pages show them.
func (r *Request) alertLines(lines []store.AlertLine) (out []views.AlertLine) {
	for _, a := range lines {
		l := views.AlertLine{What: views.AlertText(a.Alert, a.Operation), Urgent: a.Urgent(), At: r.Local(a.At), Title: a.Title, Agent: a.AgentName,
			Href: "/capabilities/" + a.CapabilityID, StopHref: "/capabilities/" + a.CapabilityID + "/stop"}
		if a.CapabilityID == "" {
			l.Href, l.StopHref = "/agents/"+a.AgentID+"/decisions", "/agents/"+a.AgentID
		}
		out = append(out, l)
	}
	return out
}

func (r *Request) alertsOfTask(c store.CapabilityRead) (views.AlertsCard, error) {
	lines, err := r.App.Store.AlertsOf(r.Ctx(), r.Viewer, c.Capability.ID)
	return views.AlertsCard{Lines: r.alertLines(lines), Task: true, Refused: views.HrefWith("/decisions", "task", c.Capability.ID, "answer", "no"), Now: r.Now()}, err
}

func (r *Request) alertsOfAgent(a models.Agent) (views.AlertsCard, error) {
	lines, err := r.App.Store.AlertsOfAgent(r.Ctx(), r.Viewer, a.ID)
	return views.AlertsCard{Lines: r.alertLines(lines), Now: r.Now()}, err
}
