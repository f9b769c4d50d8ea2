package policy

import (
	"github.com/cedar-policy/cedar-go"

	"countersign/models"
)

// Fits says whether forbids would have refused a request that was allowed, as the log has it:
// no properties, and of its day's volume nothing used. Agents, teams and scopes are those of
// now. Not known is a request whose task or operation is in force no more. An error is one
// of the policy's, which at runtime refuses.
func (s *Snapshot) Fits(f Forbids, d models.Decision) (fits, known bool, err error) {
	a := s.agents[d.AgentID]
	if a == nil {
		return false, false, nil
	}
	for _, c := range a.Capabilities {
		if c.CapabilityID != d.CapabilityID {
			continue
		}
		g, _ := c.find(d.Operation, d.System, d.Resource)
		if g == nil {
			return false, false, nil
		}
		entities, req := s.past(d, c, g)
		id, err := f.forbid(entities, req)
		return id != "" || err != nil, true, err
	}
	return false, false, nil
}

// past is a request of the log as Cedar sees it.
func (s *Snapshot) past(d models.Decision, c *Capability, g *grant) (cedar.EntityMap, cedar.Request) {
	req := Request{Subject: Entity{Type: "agent", ID: d.AgentID}, Action: d.Operation, Resource: Entity{Type: d.System, ID: d.Resource},
		Context: Context{Capability: d.CapabilityID, Task: d.TaskRun, Environment: d.Environment, Sensitivity: d.Sensitivity, Volume: d.Volume}}
	if kind, id, named := d.SubjectNamed(); named {
		req.Subject.Type, req.Subject.ID = kind, id
	}
	x := &asked{Snapshot: s, req: req, grant: g}
	rank, _ := x.sensitivity() // what was allowed said one that is known, or none
	return world(req, said{}, c, s.people[c.OwnerID].Teams, g, rank, 0, d.At)
}
