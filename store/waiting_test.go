package store

import (
	"testing"
	"time"

	"countersign/apptest"
	"countersign/models"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
)

// On PostgreSQL two transactions see nothing of each other until one commits. A trigger
// that looks at another row therefore locks it, so that of two that would contradict each
// other the second waits, and is refused. (On SQLite there is one writer.)
func TestTriggersWait(t *testing.T) {
	s := open(t, apptest.PostgresURL(t))
	installTierRules(t, s)
	for _, c := range []struct {
		name          string
		first, second func(w *world) []any
		update        string // instead of inserting, for the first
		draft         bool   // of a draft, not of what is signed
		why           because
	}{
		{name: "a recall and the seat that it would spoil",
			first: func(w *world) []any {
				return []any{&models.Recall{SignOffID: w.signOffs[0].ID, PersonID: w.p("ann"), Reason: "changed my mind", RecalledAt: 6, Record: models.Record{Rev: 1}}}
			},
			second: func(w *world) []any { return mandateOf(t, w) },
			why:    trigger("seats_not_recalled", "")},
		{name: "an auditor and an approver",
			first:  func(w *world) []any { return []any{w.grant("one", "cy", models.Auditor)} },
			second: func(w *world) []any { return []any{w.grant("two", "cy", models.Approver)} },
			why:    trigger("grants_auditor_alone", "")},
		{name: "a withdrawal and the mandate",
			update: "UPDATE versions SET state = 'withdrawn', rev = rev + 1 WHERE id = ?",
			second: func(w *world) []any { return mandateOf(t, w) },
			why:    trigger("mandates_begin", "")},
		{name: "a new round and a sign-off of the old one",
			update: "UPDATE versions SET round = 2, rev = rev + 1 WHERE id = ?",
			second: func(w *world) []any {
				w.stand("bob", models.Checker)
				return []any{w.signOff("bob", "bob", nil, "blue")}
			},
			why: trigger("sign_offs_in_round", "")},
		{name: "a submission and another word in a part", draft: true,
			update: "UPDATE versions SET state = 'proposed', digest = '" + digest + "', submitted_by = created_by, submitted_at = 4, rev = rev + 1 WHERE id = ?",
			second: func(w *world) []any {
				return []any{"UPDATE version_parts SET body = '{}', rev = rev + 1 WHERE part = 'task' AND version_id = '" + w.version + "'"}
			},
			why: trigger("version_parts_of_draft_update", "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, s)
			if c.draft {
				w.drafted(models.Low)
			} else {
				w.signed(models.Low)
			}
			second := c.second(w)
			tx := plain(s).Begin()
			if c.update != "" {
				require.NoError(t, tx.Exec(c.update, w.version).Error)
			} else {
				for _, r := range c.first(w) {
					setRevision(r)
					require.NoError(t, tx.Create(r).Error)
				}
			}
			refused := make(chan error, 1)
			go func() {
				if statement, ok := second[0].(string); ok {
					refused <- w.sql(statement)
				} else {
					refused <- w.try(second...)
				}
			}()
			waitsForLock(t, s)
			require.NoError(t, tx.Commit().Error)
			requireRefused(t, s, <-refused, c.why)
		})
	}
}

// mandateOf is what going live would insert.
func mandateOf(t *testing.T, w *world) (rows []any) {
	t.Helper()
	require.NoError(t, w.goLiveWith(nil, func(all []any) error { rows = all; return nil }))
	return rows
}

// waitsForLock returns once another session waits for one of ours.
func waitsForLock(t *testing.T, s *Store) {
	t.Helper()
	require.Eventually(t, func() bool {
		var n int64
		err := s.read.Session(&gorm.Session{}).Raw("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'countersign' AND datname = current_database()").Scan(&n).Error
		return err == nil && n > 0
	}, 5*time.Second, 5*time.Millisecond, "the second does not wait for the first")
}
