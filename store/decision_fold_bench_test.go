package store

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// What sealing and folding a log costs, and telling of the alerts that it gives rise to: of 1,000
// agents with a task each, and ten or sixty operations of each used in turn, so that no rows that lie
// together count for one.
// One in twenty is refused, one in a hundred is of no task. Beside it runs what a stop
// has to wait for: a transaction that takes the ledger's head. Run it with -benchtime 1x.
func BenchmarkFold(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		for _, x := range [][2]int{{100_000, 10}, {1_000_000, 10}, {100_000, 60}} {
			b.Run(fmt.Sprintf("%s/%d_of_%d", engine, x[0], x[1]), func(b *testing.B) { benchFold(b, url(b), x[0], x[1]) })
		}
	}
}

func benchFold(b *testing.B, url string, n, operations int) {
	h := newHouse(b, url)
	h.inForceMany(1000)
	h.agentEach()
	h.logMany(n, operations)
	h.pass(models.Minute)
	measure := func(name string, per float64, do func() int) {
		b.Helper()
		b.StartTimer()
		beside := h.beside()
		began := time.Now()
		for do() > 0 {
		}
		took := time.Since(began)
		b.StopTimer()
		wait, heap := beside()
		b.ReportMetric(took.Seconds()/per, "s/"+name)
		b.ReportMetric(float64(wait.Milliseconds()), "ms-wait/"+name)
		b.ReportMetric(heap, "MiB/"+name)
	}
	b.ResetTimer()
	measure("seal100k", float64(n)/100_000, func() int {
		sealed, err := h.SealDecisions(b.Context())
		require.NoError(b, err)
		return int(sealed)
	})
	measure("fold100k", float64(n)/100_000, func() int {
		parts, err := h.FoldDecisions(b.Context())
		require.NoError(b, err)
		return parts
	})
	var counted, due int64
	require.NoError(b, h.read.Raw("SELECT (SELECT SUM(allowed) FROM decision_uses) + (SELECT SUM(refused) FROM decision_refusals)").Scan(&counted).Error)
	require.EqualValues(b, n, counted)
	require.NoError(b, h.read.Raw("SELECT COUNT(*) FROM alerts WHERE told_at IS NULL").Scan(&due).Error)
	b.ReportMetric(float64(due), "alerts")
	require.NoError(b, plain(h.Store).Exec("ANALYZE alerts").Error) // as the server does by itself within a minute
	measure("alerts1k", float64(due)/1000, func() int {
		told, err := h.TellAlerts(b.Context())
		require.NoError(b, err)
		return told
	})
}

// agentEach gives each copy of inForceMany an agent of its own.
func (h *house) agentEach() {
	h.t.Helper()
	h.unguarded(func(db *gorm.DB) error {
		var one struct{ ID, AgentID string }
		require.NoError(h.t, db.Raw("SELECT id, agent_id FROM capabilities ORDER BY length(id) LIMIT 1").Scan(&one).Error)
		columns := strings.Join(columnsOf(h, db, "agents"), ", ")
		values := strings.Replace(", "+columns+",", ", id,", ", a.id || SUBSTR(c.copied, ?),", 1)
		require.NoError(h.t, db.Exec("INSERT INTO agents ("+columns+") SELECT "+strings.Trim(values, ", ")+" FROM agents a, (SELECT id AS copied FROM capabilities WHERE id <> ?) c WHERE a.id = ?", len(one.ID)+1, one.ID, one.AgentID).Error)
		require.NoError(h.t, db.Exec("UPDATE capabilities SET agent_id = agent_id || SUBSTR(id, ?)", len(one.ID)+1).Error)
		return db.Exec("UPDATE matrix_rows SET agent_id = agent_id || SUBSTR(capability_id, ?)", len(one.ID)+1).Error
	})
}

// columnsOf are a table's columns, of which none is generated.
func columnsOf(h *house, db *gorm.DB, table string) (columns []string) {
	h.t.Helper()
	query := "SELECT name FROM pragma_table_info(?) ORDER BY cid"
	if h.engine == Postgres {
		query = "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? AND is_generated = 'NEVER' ORDER BY ordinal_position"
	}
	require.NoError(h.t, db.Raw(query, table).Scan(&columns).Error)
	return columns
}

// logMany writes n rows straight into the log: of the hour before now, of every task in force.
func (h *house) logMany(n, operations int) {
	h.t.Helper()
	of := rows[models.Capability](h.t, h, "id", "1 = 1")
	var tasks strings.Builder
	for i, c := range of {
		fmt.Fprintf(&tasks, ", (%d, '%s', '%s')", i, c.ID, c.AgentID)
	}
	query := fmt.Sprintf(`WITH RECURSIVE seq(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seq WHERE n < %d), task(i, capability, agent) AS (VALUES %s)
		INSERT INTO decisions (%s) SELECT CAST(%d AS BIGINT) + n, CAST(%d AS BIGINT) + n * CAST(%d AS BIGINT) / %d, CASE WHEN n %% 20 = 0 OR n %% 100 = 1 THEN 0 ELSE 1 END, CASE WHEN n %% 20 = 0 OR n %% 100 = 1 THEN 'scope.operation' ELSE 'allow' END,
		'gtw_1', '', t.agent, CASE WHEN n %% 100 = 1 THEN '' ELSE t.capability END, 'man_1', 'ver_1', '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', CASE WHEN n %% 100 = 1 THEN '' ELSE 'opr_' || (n / 1000 %% %d) END, 'tickets.read', 'HR desk', 'leave/' || n,
		'internal', 1, '', '', 'run-' || n, '', '', '', '', '', '' FROM seq JOIN task t ON t.i = n %% %d`,
		n, tasks.String()[2:], strings.Join(decisionColumns[:], ", "), int64(1)<<models.ReplicaBits, *h.clock-models.Hour, models.Hour, n, operations, len(of))
	_, err := h.Decisions(h.t.Context()) // makes the replica
	require.NoError(h.t, err)
	if h.engine == Postgres {
		require.NoError(h.t, plain(h.Store).Exec(query).Error)
		return
	}
	db, err := openDecisionsFile(decisionsFile(h.path))
	require.NoError(h.t, err)
	_, err = db.ExecContext(h.t.Context(), query)
	require.NoError(h.t, err)
	require.NoError(h.t, db.Close())
}

// beside does, until it is called, what a stop has to wait for; it returns the longest time of
// one, and by how much the heap grew at most.
func (h *house) beside() func() (wait time.Duration, mib float64) {
	var over sync.WaitGroup
	done := make(chan struct{})
	var worst time.Duration
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	least, most := m.HeapAlloc, m.HeapAlloc
	over.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
			began := time.Now()
			err := h.write.Transaction(func(tx *gorm.DB) error {
				if h.engine == Postgres {
					return tx.Exec("SELECT seq FROM ledger_head FOR UPDATE").Error
				}
				return tx.Exec("UPDATE clock SET at = at WHERE kind = 'none'").Error
			})
			if err != nil {
				h.t.Error(err)
				return
			}
			worst = max(worst, time.Since(began))
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	})
	return func() (time.Duration, float64) {
		close(done)
		over.Wait()
		return worst, float64(most-least) / (1 << 20)
	}
}
