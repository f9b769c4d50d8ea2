package store

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// reviewCSV is the export as somebody gets it, by column, in its order.
func (h *house) reviewCSV(t *testing.T, viewer models.Party, ask ReviewAsk) (out []map[string]string) {
	t.Helper()
	var b strings.Builder
	require.NoError(t, h.ReviewCSV(t.Context(), viewer, ask, &b))
	require.True(t, strings.HasPrefix(b.String(), "agent,task,capability id,version,digest,tier,review id,kind,state,held,"+
		"opened at,due at,hold at,answered,outcome,closed by,closed by team,closed at,method,finding,as of\r\n"), "columns stay in their places")
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	require.NoError(t, err)
	for _, r := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			line[name] = r[i]
		}
		out = append(out, line)
	}
	return out
}

// The export has what the list shows under the same filters, to whoever may see it, and
// nothing that a spreadsheet would calculate.
func TestReviewCSV(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version, review := h.underReview("write")
		h.answered(review)
		receipt, err := h.tryClose("xena", review, models.ReviewNarrow, "=1+1\nsays \"less\"")
		require.NoError(t, err)
		_, _, second := h.underReview("infra")
		h.answers("anna", models.BusinessOwner, second)
		open := h.reviewRow(second)
		h.pass(open.HoldAt - *h.clock)
		h.reviewsTick()

		closed := h.reviewCSV(t, h.party("udo"), ReviewAsk{State: models.ReviewClosed})
		require.Len(t, closed, 1)
		row := h.reviewRow(review)
		require.NotEmpty(t, closed[0]["agent"])
		require.NotEmpty(t, closed[0]["task"])
		delete(closed[0], "agent")
		delete(closed[0], "task")
		require.Equal(t, map[string]string{"capability id": capability, "version": "1", "digest": h.shown(version).Digest, "tier": "moderate", "review id": review, "kind": "periodic", "state": "closed",
			"held": "", "opened at": row.OpenedAt.String(), "due at": row.DueAt.String(), "hold at": "", "answered": "3", "outcome": "narrow", "closed by": "xena", "closed by team": "Risk",
			"closed at": receipt.At.String(), "method": "session", "finding": "'=1+1\nsays \"less\"", "as of": h.clock.String()}, closed[0])
		late := h.reviewCSV(t, h.party("udo"), ReviewAsk{})
		require.Len(t, late, 1)
		require.Equal(t, [6]string{second, "high", "open", "yes", "1", open.HoldAt.String()}, [6]string{late[0]["review id"], late[0]["tier"], late[0]["state"], late[0]["held"], late[0]["answered"], late[0]["hold at"]})
		require.Equal(t, [4]string{}, [4]string{late[0]["outcome"], late[0]["closed by"], late[0]["closed at"], late[0]["finding"]})

		require.Empty(t, h.reviewCSV(t, h.party("udo"), ReviewAsk{Tier: "low"}))
		require.Empty(t, h.reviewCSV(t, h.party("udo"), ReviewAsk{Whose: "mine"}))
		require.Len(t, h.reviewCSV(t, h.party("pete"), ReviewAsk{Whose: "mine"}), 1)
		require.Len(t, h.reviewCSV(t, h.party("anna"), ReviewAsk{State: models.ReviewClosed}), 1, "whoever answers for it sees it")
		require.Empty(t, h.reviewCSV(t, h.party("olga"), ReviewAsk{State: models.ReviewClosed}), "nobody else does")
		for name := range h.people {
			for _, ask := range []ReviewAsk{{}, {State: models.ReviewClosed}, {Whose: "mine"}, {Whose: "close"}, {Overdue: true}} {
				shown, err := h.Reviews(t.Context(), h.party(name), ask)
				require.NoError(t, err)
				var page, file []string
				for _, l := range shown.Lines {
					page = append(page, l.ID)
				}
				for _, l := range h.reviewCSV(t, h.party(name), ask) {
					file = append(file, l["review id"])
				}
				require.Equal(t, page, file, "%s, %+v", name, ask)
			}
		}
	})
}

// All of them once, in the list's order, over several batches, from the first on.
func TestReviewCSVIsWhole(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("write")
		const n = 2*chunk + 7
		require.NoError(t, plain(h.Store).Transaction(func(tx *gorm.DB) error {
			r := h.reviewRow(review)
			r.Kind, r.Rev = models.ReviewOfChange, 1
			for i := range n {
				r.ID = fmt.Sprintf("rvw_%05d", i*7919%n)
				if err := tx.Create(&r).Error; err != nil {
					return err
				}
				if err := tx.Exec("UPDATE reviews SET state = 'moot', closed_at = ?, rev = 2 WHERE id = ?", r.OpenedAt+models.Instant(i/3), r.ID).Error; err != nil {
					return err
				}
			}
			return nil
		}))
		ask := ReviewAsk{State: models.ReviewMoot, After: &ReviewCursor{At: h.reviewRow(review).OpenedAt + 5, ID: "rvw_"}}
		var want, have []string
		for _, r := range rows[models.Review](t, h, "closed_at DESC, id DESC", "state = 'moot'") {
			want = append(want, r.ID)
		}
		for _, l := range h.reviewCSV(t, h.party("udo"), ask) {
			require.Equal(t, capability, l["capability id"])
			have = append(have, l["review id"])
		}
		require.Len(t, have, n)
		require.Equal(t, want, have)
	})
}
