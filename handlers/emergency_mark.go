package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// mostMarks is how many of a capability's emergencies its pages show: the newest.
const mostMarks = 3

var verdictWords = map[string]string{models.Justified: "it was justified", models.NotJustified: "it was not justified"}

// emergencyMarks are the marks of a capability's emergencies, the newest first; of
// one version alone where it is named.
func emergencyMarks(r *Request, c store.CapabilityRead, version string) []views.EmergencyMark {
	var out []views.EmergencyMark
	for _, e := range c.Emergencies {
		if (version == "" && len(out) < mostMarks) || e.VersionID == version {
			out = append(out, emergencyMark(r, c, e))
		}
	}
	return out
}

func emergencyMark(r *Request, c store.CapabilityRead, e models.Emergency) views.EmergencyMark {
	m := views.EmergencyMark{Href: "/emergencies/" + e.ID, Version: c.EmergencyNos[e.ID], Who: text(named(c, e.ApproverID)), From: r.Local(e.FromAt), Over: r.Local(e.Over()),
		Runs: e.Runs(c.Now)}
	m.Held = m.Runs && len(c.EmergencyHolds) > 0
	if e.ReviewedAt != nil {
		m.Verdict = "Its review found: " + verdictWords[e.Verdict] + "."
	}
	return m
}

// emergencyAct leads an approver who may open an emergency for the version there.
func emergencyAct(c store.CapabilityRead, page *views.VersionPage) {
	if c.Asked.Version.State == models.InReview && c.MayOpenEmergency(c.Asked) == nil {
		page.Acts = append(page.Acts, views.Crumb{Label: "Break the glass: let it run now, in an emergency", Href: "/versions/" + c.Asked.Version.ID + "/emergency"})
	}
}

// agentEmergencies are the marks of the newest emergencies of an agent's tasks, as
// far as the viewer sees them.
func (r *Request) agentEmergencies(agent string) ([]views.EmergencyMark, error) {
	past, err := r.App.Store.AgentEmergencies(r.Ctx(), r.Viewer, agent, mostMarks)
	if err != nil {
		return nil, err
	}
	var out []views.EmergencyMark
	for _, e := range past {
		who := e.Approver.Name
		if e.Approver.Team != "" {
			who += " (" + e.Approver.Team + ")"
		}
		m := views.EmergencyMark{Href: "/emergencies/" + e.ID, Version: e.VersionNo, Task: e.Title, Who: who, From: r.Local(e.FromAt), Over: r.Local(e.Over()), Runs: e.Runs(models.At(r.App.Now()))}
		if e.ReviewedAt != nil {
			m.Verdict = "Its review found: " + verdictWords[e.Verdict] + "."
		}
		out = append(out, m)
	}
	return out, nil
}

// emergencyThen says who answered for what ran under break glass at the moment, as
// a sentence more; "" for nothing.
func emergencyThen(c store.CapabilityRead, at models.Instant) string {
	for _, e := range c.Emergencies {
		if e.FromAt <= at && at < e.Over() {
			return " Version " + strconv.Itoa(c.EmergencyNos[e.ID]) + " could run under break glass then: " + text(named(c, e.ApproverID)) + " had opened it, and " +
				views.And([]string{text(named(c, e.OwnerID)), text(named(c, e.ProvisionerID)), text(named(c, e.ControlOwnerID))}) + " had accepted its roles."
		}
	}
	return ""
}
