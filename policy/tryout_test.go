package policy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What a try-out says of a request that was allowed is what the forbid would have answered.
func TestATryoutSaysWhatTheForbidWould(t *testing.T) {
	snap := world1(inForce(t, func(c *models.InForce) { c.Environments = []string{"production"} }))
	for _, text := range []string{
		`forbid (principal, action, resource);`,
		`forbid (principal == Agent::"agt_1", action, resource);`,
		`forbid (principal == Agent::"agt_2", action, resource);`,
		`forbid (principal, action == Action::"tickets.write", resource in System::"sys_1");`,
		`forbid (principal, action, resource) when { principal.team.contains("hr") };`,
		`forbid (principal, action, resource) when { principal.team.contains("it") };`,
		`forbid (principal, action, resource) when { context.sensitivity >= 1 };`,
		`forbid (principal, action, resource) when { context.sensitivity >= 2 };`,
		`forbid (principal, action, resource) when { context.volume > 4 };`,
		`forbid (principal, action, resource) when { context.task_run == "run-1" };`,
		`forbid (principal, action, resource) when { context.subject.type == "agent" };`,
		`forbid (principal, action, resource) when { context.properties.missing };`, // errs, and so refuses
	} {
		forbids := NewForbids([]models.Forbid{{ID: "fbd_1", Text: text}})
		for _, change := range []func(*Request){nil, func(r *Request) { r.Context.Volume = 5 }, func(r *Request) { r.Context.Task = "run-1" }, func(r *Request) { r.Context.Sensitivity = "public" }} {
			req := ask(change)
			require.True(t, snap.Answer(req, models.Gateway{}, noon, unused).Allow)
			then := snap.With(2, 2, Parts{Forbids: &forbids}).Answer(req, models.Gateway{}, noon, unused)
			fits, known, err := snap.Fits(forbids, models.Decision{At: noon, Allow: true, AgentID: "agt_1", CapabilityID: "cap_1", Operation: req.Action, System: req.Resource.Type, Resource: req.Resource.ID,
				Sensitivity: req.Context.Sensitivity, Volume: req.Context.Volume, TaskRun: req.Context.Task})
			require.True(t, known)
			require.Equal(t, !then.Allow, fits, text)
			require.Equal(t, then.Rule == "forbid.error", err != nil, text)
		}
	}
	_, known, _ := snap.Fits(Forbids{}, models.Decision{AgentID: "agt_1", CapabilityID: "cap_gone"})
	require.False(t, known)
	require.True(t, AsksForProperties(`forbid (principal, action, resource) when { context.properties has x };`))
	require.False(t, AsksForProperties(`forbid (principal, action, resource) when { context.volume > 4 };`))
}
