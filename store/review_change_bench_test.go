package store

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/apptest"
	"countersign/models"
)

// What the clock's look at a change of the catalogue costs: 400 tasks in force of 500 grants each,
// out of 15,000 operations in 300 systems, so that a system is used by 67 of them. 30 and 150 systems
// changed; one operation among them makes another tier of fourteen tasks. Run it with -benchtime 1x.
func BenchmarkReviewChanges(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL} {
		for _, changed := range []int{30, 150} {
			b.Run(fmt.Sprintf("%s/%d", engine, changed), func(b *testing.B) { benchReviewChanges(b, url(b), changed) })
		}
	}
}

func benchReviewChanges(b *testing.B, url string, changed int) {
	const tasks, systems, inEach, used, grants = 400, 300, 50, 50, 500
	h := newHouse(b, url)
	h.inForceMany(tasks)
	h.unguarded(func(db *gorm.DB) error {
		const seq = "WITH RECURSIVE seq(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM seq WHERE n < ?) "
		require.NoError(b, db.Exec("INSERT INTO systems (id, name, kind, sensitivity, custodian_team_id, description, state, rev) "+seq+
			"SELECT 'sys_' || n, 'System ' || n, s.kind, s.sensitivity, s.custodian_team_id, '', 'active', 1 FROM seq, systems s WHERE s.id = ?", systems-1, h.system()).Error)
		require.NoError(b, db.Exec("INSERT INTO operations (id, system_id, name, title, access, effects, state, rev) "+seq+
			"SELECT 'opr_' || n, 'sys_' || (n / 50), 'op.' || n, 'Operation ' || n, 'read', '[]', 'active', 1 FROM seq", systems*inEach-1).Error)
		return benchDocuments(b, h, db, tasks, func(task, grant int) (operation int) {
			system := (task*7 + grant/(grants/used)*6) % systems
			return system*inEach + grant%(grants/used) + task%40
		}, grants, inEach)
	})
	db := plain(h.Store)
	require.NoError(b, db.Exec("ANALYZE").Error)
	require.NoError(b, db.Exec("UPDATE operations SET access = 'permissions', rev = rev + 1 WHERE id = 'opr_6'").Error)
	before := len(rows[models.Review](b, h, "id", "kind = 'change'"))
	for i := range changed {
		require.NoError(b, db.Exec("INSERT INTO clock (kind, id, at) VALUES ('changed', ?, 0)", fmt.Sprintf("sys_%d", i)).Error)
	}
	b.ResetTimer()
	began, used0 := time.Now(), cpu(b)
	h.reviewsTick()
	took := time.Since(began)
	b.StopTimer()
	b.ReportMetric((cpu(b) - used0).Seconds(), "cpu-s/tick")
	b.ReportMetric(took.Seconds(), "s/tick")
	b.ReportMetric(float64(len(rows[models.Review](b, h, "id", "kind = 'change'"))-before), "reviews")
}

// benchDocuments gives every task in force a document of so many grants, and has system_uses say so.
func benchDocuments(b *testing.B, h *house, db *gorm.DB, tasks int, of func(task, grant int) int, grants, inEach int) error {
	ids := rows[models.Mandate](b, h, "capability_id", "ended_at IS NULL")
	require.Len(b, ids, tasks)
	require.NoError(b, db.Exec("DELETE FROM clock").Error)
	var bytes int
	for i, m := range ids {
		v := rows[models.Version](b, h, "id", "id = ?", m.VersionID)[0]
		doc := v.Doc()
		uses := map[string]bool{}
		for g := range grants - 1 {
			n := of(i, g)
			x := models.Fact{OperationID: fmt.Sprintf("opr_%d", n), Operation: fmt.Sprintf("op.%d", n), Title: fmt.Sprintf("Operation %d", n), Access: "read", Effects: []string{},
				SystemID: fmt.Sprintf("sys_%d", n/inEach), System: fmt.Sprintf("System %d", n/inEach), SystemKind: "internal_api", Sensitivity: "internal", Resources: []string{"hr/*"}}
			doc.Facts, uses[x.SystemID] = append(doc.Facts, x), true
			doc.Scope.Grants = append(doc.Scope.Grants, models.ScopeGrant{OperationID: x.OperationID, Resources: x.Resources})
			doc.Reasons = append(doc.Reasons, models.Reason{Tier: models.Moderate, Text: x.Title + " in " + x.System + ": reading on internal data"})
		}
		body, err := json.Marshal(doc)
		require.NoError(b, err)
		bytes += len(body)
		require.NoError(b, db.Exec("UPDATE versions SET document = ? WHERE id = ?", string(body), v.ID).Error)
		scope, err := json.Marshal(doc.Scope)
		require.NoError(b, err)
		require.NoError(b, db.Exec("UPDATE version_parts SET body = ? WHERE version_id = ? AND part = 'scope'", string(scope), v.ID).Error)
		for s := range uses {
			require.NoError(b, db.Exec("INSERT INTO system_uses (system_id, capability_id) VALUES (?, ?)", s, m.CapabilityID).Error)
		}
	}
	b.Logf("a document has %d KB", bytes/len(ids)/1024)
	return nil
}
