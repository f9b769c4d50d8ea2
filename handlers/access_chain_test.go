package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/store"
)

// A key of a team that names another team's agent as the one on whose behalf it is acted learns
// that it may not act, and neither that it was stopped nor who answers for it.
func TestAKeyOfATeamLearnsNothingOfAChain(t *testing.T) {
	h := newHouse(t)
	agent, capability, operation, system := h.granted()
	of := func(capability string) string {
		return h.One(t, "SELECT owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")
	}
	team := h.All(t, "SELECT team_id FROM team_members WHERE left_at IS NULL AND person_id = '"+of(capability)+"'")[0]
	other := h.One(t, `SELECT min(m.capability_id) FROM matrix_rows m WHERE m.mandate_id <> '' AND m.holds = 0 AND m.until_at > (SELECT at FROM ledger_head)
		AND m.owner_id NOT IN (SELECT person_id FROM team_members WHERE left_at IS NULL AND team_id = '`+team+`')
		AND m.agent_id IN (SELECT c.agent_id FROM mandates d JOIN capabilities c ON c.id = d.capability_id WHERE d.ended_at IS NULL GROUP BY c.agent_id HAVING count(*) = 1)`)
	hop := h.One(t, "SELECT agent_id FROM capabilities WHERE id = '"+other+"'")
	require.Equal(t, "1", h.One(t, "SELECT count(*) FROM mandates m JOIN capabilities c ON c.id = m.capability_id WHERE m.ended_at IS NULL AND c.agent_id = '"+hop+"'"))
	bounded := h.gateway("csgw_chain_of_team_12345678", func(f *models.GatewayForm) { f.Team = team })
	whole := h.gateway("csgw_chain_of_all_12345678", nil)
	body := func(hop string) string {
		return evaluation(agent, operation, system, `{"capability":"`+capability+`","sensitivity":"public","act":{"sub":"`+hop+`"}}`)
	}
	require.True(t, bounded.ask(body(hop)).Decision, "it may act")

	owner := of(other)
	name := h.One(t, "SELECT name FROM people WHERE id = '"+owner+"'")
	_, err := h.Store.DecideCapability(t.Context(), models.Act{ID: store.NewActID(), Person: owner, AuthAt: models.At(time.Now())}, other, store.Lookup{},
		func(f models.CapabilityFacts) (models.Change, error) { return f.Stop(models.OnCapability, "Strange") })
	require.NoError(t, err)
	require.Eventually(t, func() bool { return !whole.ask(body(hop)).Decision }, 10*time.Second, 10*time.Millisecond)
	got := whole.ask(body(hop))
	require.Equal(t, "chain.hold.stop", got.Context.Rule)
	require.Contains(t, got.Context.Who, name)

	answer := func(hop string) answered {
		status, _, text := bounded.send("/access/v1/evaluation", body(hop), nil)
		require.Equal(t, http.StatusOK, status)
		require.NotContains(t, text, name)
		require.NotContains(t, text, "stop")
		a := bounded.ask(body(hop))
		require.False(t, a.Decision)
		a.Context.ID, a.Context.Capability = "", ""
		return a
	}
	stopped := answer(hop)
	require.Equal(t, "chain.agent", stopped.Context.Rule)
	require.Equal(t, stopped, answer("agt_that_is_not_there"), "as one that is not there")
}
