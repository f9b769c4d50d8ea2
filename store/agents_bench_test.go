package store

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
)

// BenchmarkAgents lists agents as an approver sees them: those with a version among
// 700 open sign-offs of the pool, of 10,000 agents with three capabilities each. It
// reports the median and the 95th percentile in milliseconds. The aim is 30.
func BenchmarkAgents(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			h := newHouse(b, url(b))
			h.manyAgents(10_000, 700)
			xena := h.party("xena")
			page, err := h.Agents(b.Context(), xena, AgentsAsk{})
			require.NoError(b, err)
			require.Equal(b, 701, page.Counts.All)
			var took []float64
			for b.Loop() {
				began := time.Now()
				_, err := h.Agents(b.Context(), xena, AgentsAsk{})
				require.NoError(b, err)
				took = append(took, float64(time.Since(began).Microseconds())/1000)
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(took[len(took)*95/100], "p95-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// manyAgents makes agents with three capabilities each by copying one, with an open
// duty of the approvers on the first of so many of them.
func (h *house) manyAgents(agents, open int) {
	h.t.Helper()
	db := plain(h.Store)
	capability, _ := h.reviewed("read")
	must := func(sql string, args ...any) {
		h.t.Helper()
		require.NoError(h.t, db.Exec(sql, args...).Error, sql)
	}
	const seq = "WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ?) "
	must(`INSERT INTO agents (id, name, description, state, owner_id, draft, created_at, rev) `+seq+`
		SELECT 'agt_crowd' || n, 'Agent ' || n, 'One of many', 'draft', ?, '{}', 1, 1 FROM seq`, agents, h.people["olga"])
	must(`INSERT INTO capabilities (id, agent_id, created_by, created_at, rev) `+seq+`SELECT 'cap_crowd' || n, 'agt_crowd' || ((n + 2) / 3), ?, 1, 1 FROM seq`, 3*agents, h.people["olga"])
	must(`INSERT INTO matrix_rows (capability_id, agent_id, agent_name, title, version_id, version_no, state, tier_rank, holes, owner_id, provisioner_id, control_owner_id, approvers, mandate_id, holds, open_version_id, open_state, sort_name, created_at) `+seq+`
		SELECT 'cap_crowd' || n, 'agt_crowd' || ((n + 2) / 3), 'Agent', m.title, m.version_id, 1, m.state, m.tier_rank, m.holes, m.owner_id, m.provisioner_id, m.control_owner_id, m.approvers, m.mandate_id, m.holds, m.open_version_id, m.open_state, 'agent ' || n, 1
		FROM seq, matrix_rows m WHERE m.capability_id = ?`, 3*agents, capability)
	must(`INSERT INTO duties (id, kind, subject, agent_id, capability_id, holder, pool, detail, opened_at, due_at, rev) `+seq+`
		SELECT 'dty_crowd' || n, 'sign', 'ver_crowd' || n, 'agt_crowd' || (n * 7), 'cap_crowd' || (n * 21), 'pool:approver', 'approver', '', 1, 2, 1 FROM seq`, open)
	must("ANALYZE")
}
