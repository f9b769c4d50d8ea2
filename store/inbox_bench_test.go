package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
)

// crowd makes n versions in review by copying one of each tier, with the people of
// it and the duty of the pool, written past the product since nothing here asks for
// the record. Of each five one was made by xena, and of one Risk has spoken; a
// hundred other approvers could decide as well.
func (h *house) crowd(n int) {
	h.t.Helper()
	db := plain(h.Store)
	must := func(sql string, args ...any) {
		h.t.Helper()
		require.NoError(h.t, db.Exec(sql, args...).Error, sql)
	}
	const seq = "WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ?) "
	must(`INSERT INTO people (id, name, email, time_zone, status, rev) `+seq+`SELECT 'per_crowd' || n, 'Approver ' || n, 'a' || n || '@example.org', 'UTC', 'active', 1 FROM seq`, 100)
	must(`INSERT INTO grants (id, person_id, role, source, granted_by, granted_at, rev) `+seq+`SELECT 'grt_crowd' || n, 'per_crowd' || n, 'approver', 'admin', ?, 1, 1 FROM seq`, 100, h.people["adam"])
	must(`INSERT INTO team_members (team_id, person_id, joined_at, rev) `+seq+`SELECT ?, 'per_crowd' || n, 1, 1 FROM seq`, 100, h.teams["Security"])
	ops := []string{"read", "write", "infra", "pay"}
	var of [][2]string // all of them first: a person answers for a limited number
	for _, op := range ops {
		capability, version := h.reviewed(op)
		of = append(of, [2]string{capability, version})
	}
	for i := range ops {
		capability, version := of[i][0], of[i][1]
		each := n / len(ops)
		id := func(what string) string { return fmt.Sprintf("'%s_%d_' || n", what, i) }
		must(`INSERT INTO capabilities (id, agent_id, created_by, created_at, rev) `+seq+`SELECT `+id("cap")+`, c.agent_id, c.created_by, c.created_at, 1 FROM seq, capabilities c WHERE c.id = ?`, each, capability)
		must(`INSERT INTO versions (id, capability_id, no, state, digest, tier, need, apart, tier_rules_id, round, document, created_by, created_at, reason, rev) `+seq+`
			SELECT `+id("ver")+`, `+id("cap")+`, 1, 'draft', '', v.tier, v.need, v.apart, v.tier_rules_id, 0, '', v.created_by, v.created_at, '', 1 FROM seq, versions v WHERE v.id = ?`, each, version)
		must(`INSERT INTO standings (version_id, person_id, side, rev) `+seq+`SELECT `+id("ver")+`, t.person_id, t.side, 1 FROM seq, standings t WHERE t.version_id = ?`, each, version)
		must(`INSERT INTO contributions (version_id, part, person_id, side, at, rev) `+seq+`SELECT `+id("ver")+`, t.part, t.person_id, t.side, t.at, 1 FROM seq, contributions t WHERE t.version_id = ?`, each, version)
		must(`INSERT INTO version_parts (version_id, part, body, updated_by, updated_at, rev) `+seq+`SELECT `+id("ver")+`, p.part, p.body, p.updated_by, p.updated_at, 1 FROM seq, version_parts p WHERE p.version_id = ?`, each, version)
		must(`UPDATE versions SET state = 'proposed', round = 1, rev = 2, digest = (SELECT v.digest FROM versions v WHERE v.id = ?), document = (SELECT v.document FROM versions v WHERE v.id = ?),
			agent_revision_id = (SELECT v.agent_revision_id FROM versions v WHERE v.id = ?), submitted_by = created_by, submitted_at = created_at WHERE state = 'draft'`, version, version, version)
		must(`INSERT INTO standings (version_id, person_id, side, rev) `+seq+`SELECT `+id("ver")+`, ?, 'maker', 1 FROM seq WHERE n % 5 = 0`, each, h.people["xena"])
		must(`INSERT INTO nominations (id, version_id, role, person_id, nominated_by, nominated_at, state, answered_at, reason, rev) `+seq+`
			SELECT `+id("nom")+` || x.role, `+id("ver")+`, x.role, x.person_id, x.nominated_by, x.nominated_at, x.state, x.answered_at, x.reason, 1 FROM seq, nominations x WHERE x.version_id = ?`, each, version)
		must(`INSERT INTO matrix_rows (capability_id, agent_id, agent_name, title, version_id, version_no, state, tier_rank, holes, owner_id, provisioner_id, control_owner_id, approvers, mandate_id, holds, open_version_id, open_state, sort_name, created_at) `+seq+`
			SELECT `+id("cap")+`, m.agent_id, m.agent_name, m.title || ' ' || n, `+id("ver")+`, 1, m.state, m.tier_rank, m.holes, m.owner_id, m.provisioner_id, m.control_owner_id, m.approvers, m.mandate_id, m.holds, `+id("ver")+`, m.open_state, m.sort_name || n, m.created_at
			FROM seq, matrix_rows m WHERE m.capability_id = ?`, each, capability)
		must(`INSERT INTO duties (id, kind, subject, agent_id, capability_id, holder, pool, detail, opened_at, due_at, rev) `+seq+`
			SELECT `+id("dty")+`, 'sign', `+id("ver")+`, d.agent_id, `+id("cap")+`, d.holder, d.pool, '', d.opened_at, d.due_at + n * 1000, 1 FROM seq, duties d WHERE d.subject = ? AND d.pool = 'approver'`, each, version)
	}
	must("DELETE FROM inbox_barred")
	must("DELETE FROM inbox_rows")
	must("INSERT INTO inbox_rows (duty_id, holder, capability_id, kind, risk, due_at) " + inboxRows)
	must("INSERT INTO inbox_barred (duty_id, who) " + fmt.Sprintf(inboxBarred, openToApprovers))
	must("INSERT INTO inbox_barred (duty_id, who) SELECT duty_id, ? FROM inbox_rows WHERE risk < 2 AND duty_id LIKE '%7'", h.teams["Risk"])
	must("ANALYZE") // as the server does by itself within a minute
}

// BenchmarkInbox opens pages of an approver's inbox with 5,000 open sign-offs in the
// pool: everything that the home page asks of the store. It reports the median and
// the 95th percentile in milliseconds. The aim is 50.
func BenchmarkInbox(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			h := newHouse(b, url(b))
			h.crowd(5000)
			xena := h.party("xena")
			all, next := []InboxAsk{{}}, (*InboxCursor)(nil)
			for { // where each page begins
				in, err := h.Inbox(b.Context(), xena, InboxAsk{After: next})
				require.NoError(b, err)
				if next = in.Next; next == nil {
					break
				}
				all = append(all, InboxAsk{After: next})
			}
			require.Greater(b, len(all), 60)
			low := 0
			for name, ask := range map[string]InboxAsk{"first": all[0], "middle": all[len(all)/2], "last": all[len(all)-1], "low_only": {Tier: &low}} {
				b.Run(name, func(b *testing.B) {
					var took []float64
					for b.Loop() {
						began := time.Now()
						_, err := h.Inbox(b.Context(), xena, ask)
						require.NoError(b, err)
						_, err = h.Waiting(b.Context(), xena)
						require.NoError(b, err)
						_, _, err = h.AnswersFor(b.Context(), xena, nil)
						require.NoError(b, err)
						took = append(took, float64(time.Since(began).Microseconds())/1000)
					}
					slices.Sort(took)
					b.ReportMetric(took[len(took)/2], "p50-ms")
					b.ReportMetric(took[len(took)*95/100], "p95-ms")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}
