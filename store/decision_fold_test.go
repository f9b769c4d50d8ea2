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
			require.NoError(t, keepFolded(tx, parts[0], 0, &batch))
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

// A part that is of many tasks is counted in pieces. Wherever that is broken off and whoever
// goes on, each row counts once.
func TestAPartIsFoldedInPieces(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read")
		key, req := h.openKey(nil), h.wants(capability)
		other := req
		other.Action = "tickets.close"
		for range 3 {
			require.True(t, h.gets(key, req))
			require.False(t, h.gets(key, other))
			require.True(t, h.gets(key, req))
		}
		h.pass(models.Minute)
		_, err := h.SealDecisions(t.Context())
		require.NoError(t, err)
		parts, err := h.unfolded(t.Context())
		require.NoError(t, err)
		require.Len(t, parts, 1)
		p, most := parts[0], int64(4)
		require.Zero(t, p.Folded)

		// The first four rows, and no more.
		first, batch, err := h.foldSome(t.Context(), p.DecisionPart, p.FromID, &most)
		require.NoError(t, err)
		require.Equal(t, [2]int64{p.FromID, p.FromID + 3}, [2]int64{first.FromID, first.ToID})
		require.Equal(t, logged(t, h)[3].At, first.ToAt)
		keep := func(some models.DecisionPart, before int64) error {
			return h.write.Transaction(func(tx *gorm.DB) error { return keepFolded(tx, some, before, &batch) })
		}
		require.NoError(t, keep(first, 0))
		require.ErrorIs(t, keep(first, 0), errFolded)
		require.ErrorIs(t, keep(p.DecisionPart, 0), errFolded, "whoever read the whole has lost it as well")
		skips := p.DecisionPart
		skips.FromID = p.ToID
		require.ErrorIs(t, keep(skips, p.ToID-1), errFolded, "nothing is left out")

		parts, err = h.unfolded(t.Context())
		require.NoError(t, err)
		require.Len(t, parts, 1)
		require.Equal(t, first.ToID, parts[0].Folded)
		most = 2
		require.NoError(t, h.foldPart(t.Context(), p.DecisionPart, first.ToID, &most))
		parts, err = h.unfolded(t.Context())
		require.NoError(t, err)
		require.Empty(t, parts)
		require.EqualValues(t, 6, rows[models.DecisionUse](t, h, "day", "1 = 1")[0].Allowed)
		require.EqualValues(t, 6, rows[models.DecisionVolume](t, h, "day", "1 = 1")[0].Volume)
		require.EqualValues(t, 3, rows[models.DecisionRefusal](t, h, "day", "1 = 1")[0].Refused)
		require.Len(t, rows[models.Alert](t, h, "id", "kind = 'denials'"), 1)

		require.True(t, h.gets(key, req)) // and it goes on with the next part
		h.fold()
		require.EqualValues(t, 7, rows[models.DecisionVolume](t, h, "day", "1 = 1")[0].Volume)
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
		used := logged(t, h)[0].At
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

// An agent that a gateway asks about and nobody has registered becomes a duty to claim it,
// once; what is registered, and what a gateway without an issuer says, does not.
func TestStrangersAreToBeClaimed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("read")
		issuer := "https://idp.example"
		key, other := h.openKey(func(g *models.Gateway) { g.Issuer = issuer }), h.openKey(nil)
		ask := func(key, kind, id string) {
			req := h.wants(capability)
			req.Subject = policy.Entity{Type: kind, ID: id}
			require.False(t, h.gets(key, req))
		}
		acts := func() (n int) {
			require.NoError(t, h.read.Raw("SELECT COUNT(*) FROM ledger WHERE act = 'found.asked'").Scan(&n).Error)
			return n
		}
		ask(key, "workload:odd", "spiffe://example/ns/night-batch")
		ask(key, "workload:odd", "spiffe://example/ns/night-batch")
		ask(key, "agent", "agt_nobody")
		ask(other, "user", "bot")
		require.True(t, h.gets(key, h.wants(capability)), "who is registered is no stranger")
		h.fold()
		found := rows[models.Found](t, h, "name", "1 = 1")
		require.Len(t, found, 2)
		require.Equal(t, []string{"agt_nobody", "spiffe://example/ns/night-batch"}, []string{found[0].Name, found[1].Name})
		require.Contains(t, found[0].How, "asked about by the gateway “Gateway”")
		for _, f := range found {
			require.Len(t, rows[models.Duty](t, h, "id", "subject = ? AND kind = 'claim' AND closed_at IS NULL", f.ID), 1)
		}
		require.Equal(t, 1, acts())

		// They ask on, which says nothing new; also where somebody said that it is none of ours.
		ask(key, "agent", "agt_nobody")
		h.fold()
		require.Equal(t, 1, acts())
		require.EqualValues(t, 1, h.found("agt_nobody").Times)
	})
}
