package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// A search finds the same lines, and counts them the same, whether they are few enough to be
// named one by one or not, and whether names, people or both are found.
func TestASearchFindsTheSameHoweverMany(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		h.synthetic(mostHits(h.read) + 700)
		if h.engine == Postgres {
			require.NoError(t, h.write.Exec("ANALYZE").Error)
		}
		var rows []models.MatrixRow
		require.NoError(t, h.read.Order("sort_name, capability_id").Find(&rows).Error)
		var people []models.Person
		require.NoError(t, h.read.Find(&people).Error)
		names := map[string]string{}
		for _, p := range people {
			names[p.ID] = strings.ToLower(p.Name)
		}
		for _, words := range []string{"task 11", "agent 7 t", "anna", "a", "task", "nobody is called so"} {
			var want []string
			tiers := map[string]int{}
			for _, r := range rows {
				if strings.Contains(r.SortName, words) || slices.ContainsFunc([]string{r.OwnerID, r.ProvisionerID, r.ControlOwnerID}, func(id string) bool { return id != "" && strings.Contains(names[id], words) }) {
					want = append(want, r.CapabilityID)
					tier := "unknown"
					if r.TierRank >= 0 {
						tier = string(models.Tiers[r.TierRank])
					}
					tiers[tier]++
				}
			}
			f := MatrixFilter{Search: words, Sort: "name"}
			page, err := h.Matrix(t.Context(), auditor(), f, MatrixCursor{})
			require.NoError(t, err)
			require.Equal(t, len(want), page.Facets.Seen, words)
			require.Equal(t, len(want), page.Facets.Total, words)
			require.Equal(t, tiers, page.Facets.Tiers, words)
			require.Equal(t, want[:min(len(want), MatrixRows)], lineIDs(page.Lines), words)
			if page.Next != "" {
				page, err = h.Matrix(t.Context(), auditor(), f, MatrixCursor{After: page.Next})
				require.NoError(t, err)
				require.Equal(t, want[MatrixRows:min(len(want), 2*MatrixRows)], lineIDs(page.Lines), words)
			}
		}
	})
}
