package store

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// inForceMany is n capabilities in force: copies of one that was made by the product's own acts,
// with what a review looks at. Verify would say so.
func (h *house) inForceMany(n int) {
	h.t.Helper()
	capability, version := h.live("write")
	mandate := rows[models.Mandate](h.t, h, "id", "capability_id = ?", capability)[0].ID
	copies := func(db *gorm.DB) error {
		for table, key := range map[string]string{"capabilities": "id", "matrix_rows": "capability_id", "audience": "capability_id", "versions": "id", "version_parts": "version_id",
			"nominations": "version_id", "standings": "version_id", "roles": "version_id", "sign_offs": "version_id", "mandates": "id", "seats": "mandate_id", "seat_people": "mandate_id"} {
			columns := columnsOf(h, db, table)
			var values []string
			for _, c := range columns {
				value := c
				switch {
				case c == "id" && (table == "nominations" || table == "sign_offs"), c == "sign_off_id", c == "apart_key":
					value = c + " || '_' || n"
				case c == "id" || strings.HasSuffix(c, "_id"):
					value = fmt.Sprintf("CASE WHEN %[1]s IN ('%[2]s', '%[3]s', '%[4]s') THEN %[1]s || '_' || n ELSE %[1]s END", c, capability, version, mandate)
				}
				values = append(values, value)
			}
			require.NoError(h.t, db.Exec(fmt.Sprintf("WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d) INSERT INTO %s (%s) SELECT %s FROM %s, k WHERE %s IN ('%s', '%s', '%s')",
				n-1, table, strings.Join(columns, ", "), strings.Join(values, ", "), table, key, capability, version, mandate)).Error, table)
		}
		require.NoError(h.t, db.Exec("DELETE FROM clock").Error)
		return db.Exec("INSERT INTO clock (kind, id, at) SELECT 'review', id, review_due_at - ? FROM mandates WHERE ended_at IS NULL", models.Lead(180*models.Day)).Error
	}
	h.unguarded(copies)
}

// unguarded writes what no act would: without foreign keys and without triggers.
func (h *house) unguarded(write func(db *gorm.DB) error) {
	h.t.Helper()
	if h.engine == Postgres {
		require.NoError(h.t, h.write.Transaction(func(tx *gorm.DB) error {
			require.NoError(h.t, tx.Exec("SET LOCAL session_replication_role = 'replica'").Error)
			return write(tx)
		}))
		return
	}
	require.NoError(h.t, h.write.Connection(func(db *gorm.DB) error {
		require.NoError(h.t, db.Exec("PRAGMA foreign_keys = OFF").Error)
		var triggers []struct{ Name, SQL string }
		require.NoError(h.t, db.Raw("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").Scan(&triggers).Error)
		for _, x := range triggers {
			require.NoError(h.t, db.Exec("DROP TRIGGER "+x.Name).Error)
		}
		require.NoError(h.t, write(db))
		for _, x := range triggers {
			require.NoError(h.t, db.Exec(x.SQL).Error)
		}
		return db.Exec("PRAGMA foreign_keys = ON").Error
	}))
}

// What a tick costs that opens 1,000 reviews, beside as many capabilities as there are. Each size is
// made once: run it with -benchtime 1x.
func BenchmarkOpenReviews(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		b.Run(engine, func(b *testing.B) {
			for _, n := range []int{1_000, 10_000, 100_000} {
				b.Run(fmt.Sprint(n), func(b *testing.B) { benchOpenReviews(b, url(b), n) })
			}
		})
	}
}

func benchOpenReviews(b *testing.B, url string, n int) {
	h := newHouse(b, url)
	h.inForceMany(n)
	db := plain(h.Store)
	if h.engine == SQLite {
		require.NoError(b, db.Exec("PRAGMA synchronous = FULL").Error)
	}
	require.NoError(b, db.Exec("ANALYZE").Error)
	// All but 1,000 are due later.
	require.NoError(b, db.Exec("UPDATE clock SET at = at + ? WHERE id NOT IN (SELECT id FROM clock ORDER BY id LIMIT 1000)", 30*models.Day).Error)
	var opens models.Instant
	require.NoError(b, db.Raw("SELECT MIN(at) FROM clock").Scan(&opens).Error)
	h.pass(opens + models.Second - *h.clock)
	b.ResetTimer()
	began, used := time.Now(), cpu(b)
	h.reviewsTick() // what was opened is due for its duties' reminders next: a tick of their own
	took := time.Since(began)
	b.StopTimer()
	b.ReportMetric((cpu(b) - used).Seconds(), "cpu-s/tick")
	var opened int64
	require.NoError(b, db.Raw("SELECT COUNT(*) FROM reviews").Scan(&opened).Error)
	require.EqualValues(b, 1000, opened)
	b.ReportMetric(took.Seconds(), "s/tick")
}

// cpu is what this process has used of the processor; the database's is not in it.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
