package store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// What was sealed cannot be changed, left out or added to without being found, also by
// whoever may do everything with the database.
func TestTheLogIsSealed(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key, d := h.openKey(nil), h.decisions()
		ask := func(n int) {
			for range n {
				_, err := d.Evaluate(t.Context(), key, "", h.wants(capability))
				require.NoError(t, err)
			}
		}
		ask(3)
		n, err := h.SealDecisions(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "what is so young may have something before it that is still on its way")
		h.pass(models.Minute)
		n, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
		n, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
		ask(2)
		h.pass(models.Minute)
		_, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
		parts := rows[models.DecisionPart](t, h, "from_id", "1 = 1")
		require.Len(t, parts, 2)
		log := logged(t, h)
		require.Equal(t, [4]int64{log[0].ID, log[2].ID, log[3].ID, log[4].ID}, [4]int64{parts[0].FromID, parts[0].ToID, parts[1].FromID, parts[1].ToID})

		verify := func() error {
			return h.snapshotOf(t, func(v *verification) error { return h.logOfDecisions(t.Context(), v) })
		}
		require.NoError(t, verify())
		for name, sql := range map[string]string{
			"a changed answer": "UPDATE decisions SET allow = 0 WHERE id = ?",
			"a row left out":   "DELETE FROM decisions WHERE id = ?",
		} {
			t.Run(name, func(t *testing.T) {
				var kept models.Decision
				require.NoError(t, h.logged.Where("id = ?", log[1].ID).Take(&kept).Error)
				h.pastTheLog(t, sql, log[1].ID)
				require.Error(t, verify())
				h.pastTheLog(t, "DELETE FROM decisions WHERE id = ?", kept.ID)
				h.putDecision(t, kept)
				require.NoError(t, verify())
			})
		}
		more := log[4]
		more.ID = log[0].ID - 1
		h.putDecision(t, more)
		require.Error(t, verify(), "a row was put before the first")
	})
}

func (h *house) snapshotOf(t *testing.T, look func(*verification) error) error {
	t.Helper()
	return look(&verification{tx: h.read, engine: h.engine})
}

// pastTheLog changes the log as somebody with every right would.
func (h *house) pastTheLog(t *testing.T, sql string, args ...any) {
	t.Helper()
	if h.engine == Postgres {
		for _, s := range []string{"ALTER TABLE decisions DISABLE TRIGGER USER", sql, "ALTER TABLE decisions ENABLE TRIGGER USER"} {
			if s == sql {
				require.NoError(t, plain(h.Store).Exec(s, args...).Error)
			} else {
				require.NoError(t, plain(h.Store).Exec(s).Error)
			}
		}
		return
	}
	db, err := openDecisionsFile(decisionsFile(h.path))
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, trigger := range []string{"decisions_no_update", "decisions_no_delete"} {
		_, err := db.ExecContext(t.Context(), "DROP TRIGGER IF EXISTS "+trigger)
		require.NoError(t, err)
	}
	_, err = db.ExecContext(t.Context(), sql, args...)
	require.NoError(t, err)
}

func (h *house) putDecision(t *testing.T, d models.Decision) {
	t.Helper()
	if h.engine == Postgres {
		values := strings.TrimSuffix(strings.Repeat("?, ", len(decisionColumns)), ", ")
		require.NoError(t, plain(h.Store).Exec("INSERT INTO decisions ("+strings.Join(decisionColumns[:], ", ")+") VALUES ("+values+")", appendDecision(nil, &d)...).Error)
		return
	}
	w, err := newSQLiteLog(h.path)
	require.NoError(t, err)
	require.NoError(t, w.write([]*models.Decision{&d}, h.fence(t)))
	require.NoError(t, w.close())
}

func (h *house) fence(t *testing.T) (fence int64) {
	t.Helper()
	require.NoError(t, h.read.Raw("SELECT fence FROM decision_fence WHERE id = 1").Scan(&fence).Error)
	return fence
}

// The log's rows stay as they are, also for the product's own connections.
func TestTheLogOnlyGrows(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key := h.openKey(nil)
		yes, err := h.decisions().Evaluate(t.Context(), key, "", h.wants(capability))
		require.NoError(t, err)
		require.True(t, yes.Allow)
		db, err := h.write.DB()
		if h.engine == SQLite {
			db, err = openDecisionsFile(decisionsFile(h.path))
			t.Cleanup(func() { _ = db.Close() })
		}
		require.NoError(t, err)
		for _, sql := range []string{"UPDATE decisions SET allow = 0", "DELETE FROM decisions", "INSERT INTO decisions SELECT * FROM decisions"} {
			_, err := db.ExecContext(t.Context(), sql)
			require.Error(t, err, sql)
		}
		require.Len(t, logged(t, h), 1)
	})
}
