package store

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// Of many tasks the home page shows the newest alerts, wherever they are, as if all had been read.
func TestTheNewestAlertsOfManyTasks(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.inForceMany(40)
		h.agentEach()
		h.unguarded(func(db *gorm.DB) error { return db.Exec("DELETE FROM clock").Error })
		tasks := rows[models.Capability](t, h, "id", "1 = 1")
		carl := h.party("carl")
		shows := func() (ids []string) {
			lines, err := h.AlertsFor(t.Context(), carl)
			require.NoError(t, err)
			for _, l := range lines {
				ids = append(ids, l.ID)
			}
			return ids
		}
		require.Empty(t, shows())
		var all []models.Alert
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that is the same each time
		for i := range 300 {
			c := tasks[random.IntN(len(tasks))]
			a := models.Alert{ID: fmt.Sprintf("alr_%d", i), CapabilityID: c.ID, AgentID: c.AgentID, Kind: models.AlertDenials, Day: models.Instant(i), Level: 1, Count: 1,
				At: *h.clock - models.Instant(random.IntN(60))*4*models.Hour} // many at one moment, some too old
			if random.IntN(3) == 0 {
				a.CapabilityID = ""
			}
			require.NoError(t, h.write.Create(&a).Error)
			if all = append(all, a); i%20 > 0 {
				continue
			}
			want := slices.DeleteFunc(slices.Clone(all), func(a models.Alert) bool { return a.At <= *h.clock-alertsHome })
			slices.SortFunc(want, func(a, b models.Alert) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(a.ID, b.ID)) })
			var ids []string
			for _, a := range want[:min(alertsShown, len(want))] {
				ids = append(ids, a.ID)
			}
			require.Equal(t, ids, shows())
		}
		require.Empty(t, func() []AlertLine {
			lines, err := h.AlertsFor(t.Context(), h.party("pete"))
			require.NoError(t, err)
			return lines
		}())
	})
}
