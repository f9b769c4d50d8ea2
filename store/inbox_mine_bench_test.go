package store

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// What the home page of somebody who watches 3,000 tasks asks of the store, of which each has ten
// alerts of this week and five of no task: median and 95th percentile in milliseconds.
func BenchmarkHomeOfAControlOwner(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			h := newHouse(b, url(b))
			h.inForceMany(3000)
			h.agentEach()
			h.unguarded(func(db *gorm.DB) error { return db.Exec("DELETE FROM clock").Error })
			db := plain(h.Store)
			for _, of := range []struct {
				what string
				n    int
			}{{"c.id", 10}, {"''", 5}} {
				require.NoError(b, db.Exec(`WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ?) INSERT INTO alerts (id, capability_id, agent_id, kind, what, day, level, count, most, rule, at, made_at, told_at)
					SELECT 'alr_' || SUBSTR(c.id, 5) || '_' || n || SUBSTR(`+of.what+`, 1, 1), `+of.what+`, c.agent_id, 'denials', '', n, 1, 1, 0, 'scope.operation', CAST(? AS BIGINT) - n * CAST(? AS BIGINT) - 1000 * ROW_NUMBER() OVER (ORDER BY c.id, n), 1, 1 FROM seq, capabilities c`, of.n, *h.clock, models.Hour).Error)
			}
			require.NoError(b, db.Exec("ANALYZE").Error)
			carl := h.party("carl")
			for name, ask := range map[string]func() error{
				"inbox":     func() error { _, err := h.Inbox(b.Context(), carl, InboxAsk{}); return err },
				"waiting":   func() error { _, err := h.Waiting(b.Context(), carl); return err },
				"answers":   func() error { _, _, err := h.AnswersFor(b.Context(), carl, nil); return err },
				"escalated": func() error { _, err := h.EscalatedTo(b.Context(), carl); return err },
				"alerts": func() error {
					lines, err := h.AlertsFor(b.Context(), carl)
					require.Len(b, lines, alertsShown)
					return err
				},
			} {
				b.Run(name, func(b *testing.B) {
					var took []float64
					for b.Loop() {
						began := time.Now()
						require.NoError(b, ask())
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
