package store

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// fold seals what was logged, and counts it.
func (h *house) fold() {
	h.t.Helper()
	ctx := h.t.(*testing.T).Context()
	h.pass(models.Minute)
	_, err := h.SealDecisions(ctx)
	require.NoError(h.t, err)
	_, err = h.FoldDecisions(ctx)
	require.NoError(h.t, err)
}

// gets has a gateway ask, and says whether it was allowed.
func (h *house) gets(key string, req policy.Request) bool {
	h.t.Helper()
	got, err := h.decisions().Evaluate(h.t.(*testing.T).Context(), key, "", req)
	require.NoError(h.t, err)
	return got.Allow
}

func TestDecisionsAreFoldedOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read")
		key, req := h.openKey(nil), h.wants(capability)
		other := req
		other.Action = "tickets.close"
		nobody := req
		nobody.Subject.ID = "agt_nobody"
		require.True(t, h.gets(key, req))
		require.True(t, h.gets(key, req))
		require.False(t, h.gets(key, other))
		require.False(t, h.gets(key, nobody))
		h.pass(models.Minute)
		_, err := h.SealDecisions(t.Context())
		require.NoError(t, err)

		// Broken off before its end, it leaves nothing.
		var parts []models.DecisionPart
		require.NoError(t, h.read.Find(&parts).Error)
		batch, err := h.Store.fold(t.Context(), parts[0])
		require.NoError(t, err)
		require.Error(t, h.write.Transaction(func(tx *gorm.DB) error {
			require.NoError(t, keepFolded(tx, parts[0], &batch))
			return errFolded
		}))
		require.Empty(t, rows[models.DecisionUse](t, h, "day", "1 = 1"))
		require.Len(t, batch.First, 1)

		var wait sync.WaitGroup // several at once
		for range 4 {
			wait.Go(func() {
				_, err := h.FoldDecisions(t.Context())
				require.NoError(t, err)
			})
		}
		wait.Wait()
		n, err := h.FoldDecisions(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "nothing is left")
		uses := rows[models.DecisionUse](t, h, "day", "1 = 1")
		require.Len(t, uses, 1)
		require.EqualValues(t, 2, uses[0].Allowed)
		refusals := rows[models.DecisionRefusal](t, h, "rule", "1 = 1")
		require.Len(t, refusals, 1, "agents that are not known are not counted")
		require.Equal(t, "scope.operation", refusals[0].Rule)
		require.EqualValues(t, 2, rows[models.DecisionVolume](t, h, "day", "1 = 1")[0].Volume)

		// The next day.
		h.pass(models.Day)
		require.True(t, h.gets(key, req))
		h.pass(models.Minute)
		_, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
		require.NoError(t, h.read.Order("from_id").Find(&parts).Error)
		batch, err = h.Store.fold(t.Context(), parts[len(parts)-1])
		require.NoError(t, err)
		require.NoError(t, batch.first(h.read))
		require.Empty(t, batch.First, "it was used before")
		_, err = h.FoldDecisions(t.Context())
		require.NoError(t, err)
		require.Len(t, rows[models.DecisionUse](t, h, "day", "1 = 1"), 2)
		require.EqualValues(t, 1, rows[models.DecisionVolume](t, h, "day", "1 = 1")[0].Volume)
	})
}

// A review says what was used since the last look and what never was, as of then.
func TestAReviewSaysWhatWasUsed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("read", "write")
		read := func() ReviewEvidence {
			p, err := h.ReviewPage(t.Context(), h.party("anna"), review)
			require.NoError(t, err)
			return p.Evidence
		}
		e := read()
		require.Zero(t, e.Counted)
		require.Len(t, e.Used, 2)
		require.Zero(t, e.Used[0].Last)

		key, req := h.openKey(nil), h.wants(capability)
		closing := req
		closing.Action = "tickets.close"
		require.True(t, h.gets(key, req))
		require.False(t, h.gets(key, closing))
		used := *h.clock
		h.fold()
		e = read()
		require.EqualValues(t, 1, e.Used[0].Allowed)
		require.Equal(t, used, e.Used[0].Last)
		require.Zero(t, e.Used[1].Last, "it never was")
		require.Equal(t, "scope.operation", e.Refused[0].Rule)
		require.EqualValues(t, 1, e.Refused[0].N)

		h.answered(review)
		_, err := h.tryClose("xena", review, models.ReviewKeep, "")
		require.NoError(t, err)
		h.pass(2 * models.Day)
		require.True(t, h.gets(key, req))
		h.fold()
		e = read()
		require.EqualValues(t, 1, e.Used[0].Allowed, "it is as of the day on which it was closed")
		require.Equal(t, used, e.Used[0].Last)

		m := h.mandateOf(t, capability)
		h.pass(m.ReviewDueAt - models.Lead(m.ReviewDueAt-m.FromAt) - *h.clock)
		h.reviewsTick()
		review = h.reviews(capability)[1].ID
		e = read()
		require.EqualValues(t, 1, e.Used[0].Allowed)
		require.Empty(t, e.Refused, "that was before the last look")
	})
}
