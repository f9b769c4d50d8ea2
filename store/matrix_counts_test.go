package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What was counted before is what would be counted now: after a write, when
// something falls due, and for each who looks.
func TestCountsAreKeptWhileTheyHold(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		counts := func(who string) MatrixFacets {
			page, err := h.Matrix(t.Context(), h.party(who), MatrixFilter{}, MatrixCursor{})
			require.NoError(t, err)
			return page.Facets
		}
		now := *h.clock
		h.now = func() models.Instant { return now }
		require.Equal(t, 1, counts("udo").States["live"])
		require.Zero(t, counts("olga").Seen, "who sees nothing is not shown what another counted")

		require.Equal(t, 1, counts("carl").States["live"])
		kept := len(h.counts.groups)
		require.NotZero(t, kept)
		counts("carl")
		require.Len(t, h.counts.groups, kept, "nothing was counted anew")

		h.must("carl", capability, stop(models.OnCapability))
		require.Equal(t, 1, counts("carl").States[MatrixHeld], "a write counts at once")
		require.Equal(t, 1, counts("udo").States[MatrixHeld], "a write counts at once")
		require.Zero(t, counts("udo").States["live"])

		require.Zero(t, counts("udo").Overdue)
		require.Zero(t, counts("carl").Overdue)
		now += 200 * models.Day
		require.Equal(t, 1, counts("carl").Overdue, "what falls due does so without a write")
		require.Equal(t, 1, counts("udo").Overdue, "what falls due does so without a write")
	})
}
