package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// BenchmarkTick takes 1,000 reminders that are due at one moment, each of another
// capability, out of 1,000, 10,000 and 100,000 capabilities of which every one has an
// open duty with a moment. What a tick costs follows what is due. The aim at 100,000 is
// two seconds.
func BenchmarkTick(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			for _, n := range []int{1_000, 10_000, 100_000} {
				b.Run(fmt.Sprint(n), func(b *testing.B) { benchTick(b, url(b), n) })
			}
		})
	}
}

func benchTick(b *testing.B, url string, n int) {
	h := newHouse(b, url)
	*h.clock = models.At(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)) // a Tuesday
	db := plain(h.Store)
	must := func(sql string, args ...any) {
		b.Helper()
		require.NoError(b, db.Exec(sql, args...).Error, sql)
	}
	const seq = "WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < ?) "
	capability, version := h.draft("write")
	must("DELETE FROM clock")
	must(`INSERT INTO capabilities (id, agent_id, created_by, created_at, rev) `+seq+`SELECT 'cap_b' || n, c.agent_id, c.created_by, c.created_at, 1 FROM seq, capabilities c WHERE c.id = ?`, n, capability)
	must(`INSERT INTO matrix_rows (capability_id, agent_id, agent_name, title, version_id, version_no, state, tier_rank, holes, owner_id, provisioner_id, control_owner_id, approvers, mandate_id, holds, open_version_id, open_state, sort_name, created_at) `+seq+`
		SELECT 'cap_b' || n, m.agent_id, m.agent_name, m.title, m.version_id, 1, m.state, m.tier_rank, m.holes, m.owner_id, m.provisioner_id, m.control_owner_id, m.approvers, m.mandate_id, m.holds, '', '', m.sort_name || n, m.created_at
		FROM seq, matrix_rows m WHERE m.capability_id = ?`, n, capability)
	duties := func(prefix string, many int, due models.Instant) {
		must(`INSERT INTO duties (id, kind, subject, agent_id, capability_id, holder, person_id, detail, opened_at, due_at, rev) `+seq+`
			SELECT 'dty_`+prefix+`' || n, 'narrow', 'ver_`+prefix+`' || n, c.agent_id, c.id, CAST(? AS TEXT), CAST(? AS TEXT), '', CAST(? AS BIGINT), CAST(? AS BIGINT), 1 FROM seq JOIN capabilities c ON c.id = 'cap_b' || n`,
			many, h.people["pete"], h.people["pete"], *h.clock-10*models.Hour, due)
	}
	later := *h.clock + 60*models.Day
	duties("later", n, later)
	must("INSERT INTO clock (kind, id, at) SELECT 'duty', id, due_at FROM duties WHERE id LIKE 'dty_later%'")
	must("ANALYZE")
	var times, used []time.Duration
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		prefix := fmt.Sprintf("now%d_", i)
		duties(prefix, 1_000, *h.clock+10*models.Hour)
		must("INSERT INTO clock (kind, id, at) SELECT 'duty', id, 0 FROM duties WHERE id LIKE ?", "dty_"+prefix+"%")
		b.StartTimer()
		began, before := time.Now(), cpu(b)
		done, err := h.Tick(b.Context())
		times, used = append(times, time.Since(began)), append(used, cpu(b)-before)
		require.NoError(b, err)
		require.Equal(b, 1_000, done)
	}
	var steps int
	require.NoError(b, h.read.Raw("SELECT count(*) FROM duty_steps").Scan(&steps).Error)
	require.Equal(b, 1_000*len(times), steps)
	slices.Sort(times)
	slices.Sort(used)
	b.ReportMetric(float64(times[len(times)/2].Milliseconds()), "ms/tick")
	b.ReportMetric(float64(used[len(used)/2].Milliseconds()), "cpu-ms/tick")
	require.NotEmpty(b, version)
}
