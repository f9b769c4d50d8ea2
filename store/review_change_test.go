package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// small are the small reviews of a capability, oldest first.
func (h *house) small(capability string) []models.Review {
	h.t.Helper()
	return rows[models.Review](h.t, h, "opened_at, id", "capability_id = ? AND kind = 'change'", capability)
}

func TestReviewOfAChange(t *testing.T) {
	cases{
		"nothing changed: nobody is asked": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			h.reviewsTick()
			h.rules(func(r *models.TierRules) { r.IrreversibleAtScale = 50 })
			h.reviewsTick()
			require.Empty(t, h.reviews(capability))
			require.Empty(t, h.inbox("anna"))
		},
		"of the manifest: a new revision beside what is in force": func(t *testing.T, h *house) {
			capability, version := h.live("write")
			agent := h.row(capability).AgentID
			revision := h.remade("anna", agent, func(m *models.Manifest) { m.Model = "model-2" })
			h.reviewsTick()
			h.reviewsTick()
			all := h.small(capability)
			require.Len(t, all, 1)
			changes := all[0].Changes()
			require.Len(t, changes, 1)
			require.Equal(t, models.ChangeOfManifest, changes[0].Kind)
			require.Equal(t, revision, changes[0].To)
			require.Equal(t, *h.version(version).AgentRevisionID, changes[0].From)
			require.Equal(t, all[0].OpenedAt+14*models.Day, all[0].DueAt)
			for _, name := range []string{"anna", "pete", "carl"} {
				require.Contains(t, h.inbox(name), "review "+all[0].ID)
			}
			was := h.mandateOf(t, capability)
			h.answered(all[0].ID)
			h.closes("xena", all[0].ID, models.ReviewKeep)
			require.Equal(t, was, h.mandateOf(t, capability), "a small review renews nothing")
			h.pass(models.Day)
			h.remade("anna", agent, func(m *models.Manifest) { m.Model = "model-3" })
			h.reviewsTick()
			require.Len(t, h.small(capability), 2, "the next revision is a change of its own")
		},
		"of the tier: by the catalogue": func(t *testing.T, h *house) {
			capability, _ := h.live("read")
			other, _ := h.live("write")
			h.catalogue(CatalogueLookup{System: h.system(), Operation: h.ops["read"], OperationName: "tickets.read"}, func(f models.CatalogueFacts) (models.Change, error) {
				op := *f.Operation
				op.Access = "permissions"
				return f.SaveOperation(op, nil, op.Rev)
			})
			h.reviewsTick()
			all := h.small(capability)
			require.Len(t, all, 1)
			require.Equal(t, []models.Changed{{Kind: models.ChangeOfTier, From: "low", To: "critical", At: all[0].OpenedAt}}, all[0].Changes())
			require.Empty(t, h.small(other))
		},
		"of the tier: by the rules": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			other, _ := h.live("infra")
			h.rules(func(r *models.TierRules) {
				for _, s := range []string{"public", "internal"} {
					r.Reach["write"][s] = models.High
				}
			})
			h.reviewsTick()
			require.Len(t, h.small(capability), 1)
			require.Equal(t, "high", h.small(capability)[0].Changes()[0].To)
			require.Empty(t, h.small(other), "it was high, and is")
		},
		"of the people: a successor": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			h.handsOver(t, "pete", "paul", capability, models.Provisioner)
			all := h.small(capability)
			require.Len(t, all, 1)
			x := all[0].Changes()[0]
			require.Equal(t, [3]string{models.ChangeOfPeople, h.people["pete"], h.people["paul"]}, [3]string{x.Kind, x.From, x.To})
			require.Equal(t, models.Provisioner, x.Role)
			require.Contains(t, h.inbox("paul"), "review "+all[0].ID)
			require.NotContains(t, h.inbox("pete"), "review "+all[0].ID)
			require.Equal(t, h.mandateOf(t, capability).ID, all[0].MandateID)
		},
		"a further change is added until somebody answers, and asked anew after": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			agent := h.row(capability).AgentID
			h.handsOver(t, "pete", "paul", capability, models.Provisioner)
			first := h.small(capability)[0]
			stale := h.right(models.BusinessOwner, first.ID)
			h.remade("anna", agent, func(m *models.Manifest) { m.Model = "model-2" })
			h.reviewsTick()
			require.Len(t, h.small(capability), 1)
			require.Len(t, h.small(capability)[0].Changes(), 2)
			h.refuses(t, models.Conflict, "review.changed", "Something more changed", func() error { return h.tryAnswer("anna", first.ID, stale) })
			h.answers("anna", models.BusinessOwner, first.ID)
			h.pass(models.Day)
			h.handsOver(t, "carl", "cleo", capability, models.ControlOwner)
			all := h.small(capability)
			require.Len(t, all, 2)
			require.Equal(t, models.ReviewMoot, all[0].State)
			require.Len(t, all[1].Changes(), 3)
			require.InDelta(t, float64(first.DueAt), float64(all[1].DueAt), float64(models.Second), "what is late stays late")
			require.Contains(t, h.inbox("anna"), "review "+all[1].ID)
			require.NotContains(t, h.inbox("anna"), "review "+all[0].ID)
			require.Contains(t, h.inbox("cleo"), "review "+all[1].ID)
		},
		"while the periodic one waits for its first answer, that one shows it": func(t *testing.T, h *house) {
			capability, _, _ := h.underReview("write")
			h.remade("anna", h.row(capability).AgentID, func(m *models.Manifest) { m.Model = "model-2" })
			h.reviewsTick()
			require.Empty(t, h.small(capability))
			require.Empty(t, rows[models.Moment](t, h, "id", "kind = 'changed' AND at <= ?", *h.clock))
		},
		"missed: it holds like any other, and what made it wider lifts nothing": func(t *testing.T, h *house) {
			capability, _ := h.live("write")
			h.handsOver(t, "pete", "paul", capability, models.Provisioner)
			r := h.small(capability)[0]
			h.answers("anna", models.BusinessOwner, r.ID)
			h.pass(r.HoldAt - *h.clock)
			h.reviewsTick()
			require.Len(t, h.holds(capability), 1)
			h.remade("anna", h.row(capability).AgentID, func(m *models.Manifest) { m.Model = "model-2" })
			h.reviewsTick()
			wider := h.small(capability)[1]
			require.Len(t, h.holds(capability), 1)
			h.answers("anna", models.BusinessOwner, wider.ID)
			h.answers("paul", models.Provisioner, wider.ID)
			h.answers("carl", models.ControlOwner, wider.ID)
			h.closes("xena", wider.ID, models.ReviewKeep)
			require.Empty(t, h.holds(capability))
		},
		"a successor answers what the one before has not": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			h.handsOver(t, "pete", "paul", capability, models.Provisioner)
			require.NotContains(t, h.inbox("pete"), "review "+review)
			require.Contains(t, h.inbox("paul"), "review "+review)
			h.refuses(t, models.Forbidden, "review.role", "Only the provisioner", func() error { return h.tryAnswer("pete", review, h.right(models.Provisioner, review)) })
			h.answers("paul", models.Provisioner, review)
			h.answers("carl", models.ControlOwner, review)
			h.handsOver(t, "anna", "olga", capability, models.BusinessOwner)
			require.NotContains(t, h.inbox("olga"), "review "+review, "the one before has answered, and that stands")
			h.closes("xena", review, models.ReviewKeep)
			require.Equal(t, h.people["paul"], h.mandateOf(t, capability).ProvisionerID)
			require.NoError(t, h.Verify(context.Background(), nil))
		},
		"whoever left is succeeded before it is kept": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			h.answered(review)
			h.leaves("pete")
			h.refuses(t, models.Conflict, "review.left", "A successor comes first", func() error {
				_, err := h.tryClose("xena", review, models.ReviewKeep, "")
				return err
			})
			h.closes("xena", review, models.ReviewRevoke)
		},
	}.onBoth(t)
}

// A merge that ends what is in force ends its open reviews in the same act, with what
// was owed and held for them, as any other end does; a merge that ends nothing leaves them.
func TestAMergeEndsReviewsWithWhatTheyAreAbout(t *testing.T) {
	held := func(h *house, capability string) int {
		return len(rows[models.Hold](h.t, h, "id", "lifted_at IS NULL AND kind = ? AND target_id = ?", models.HoldMissedReview, capability))
	}
	over := func(t *testing.T, h *house, capability, review string) {
		t.Helper()
		require.Equal(t, models.Revoked, h.row(capability).State)
		r := h.reviewRow(review)
		require.Equal(t, models.ReviewMoot, r.State)
		act := rows[entry](t, h, "seq DESC", "act = 'people.merged'")
		require.Len(t, act, 1)
		require.Equal(t, act[0].At, *r.ClosedAt, "in the very act")
		require.Empty(t, rows[models.Duty](t, h, "id", "detail = ? AND closed_at IS NULL", review))
	}
	cases{
		"one that waits for an answer": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			h.areOne("carl", "pete")
			over(t, h, capability, review)
			require.Error(t, h.tryAnswer("pete", review, h.right(models.Provisioner, review)))
		},
		"one that waits to be closed": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("infra")
			h.answered(review)
			h.areOne("xena", "pete")
			over(t, h, capability, review)
		},
		"one that was missed, and a small one": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			h.remade("anna", h.row(capability).AgentID, func(m *models.Manifest) { m.Model = "model-2" })
			h.reviewsTick()
			small := h.small(capability)
			require.Len(t, small, 1)
			h.pass(max(h.reviewRow(review).HoldAt, small[0].HoldAt) - *h.clock)
			h.reviewsTick()
			require.Equal(t, 1, held(h, capability))
			h.areOne("carl", "pete")
			over(t, h, capability, review)
			over(t, h, capability, small[0].ID)
			require.Zero(t, held(h, capability), "it is held by no review any more")
			for _, x := range rows[models.Hold](t, h, "id", "kind = ? AND target_id = ?", models.HoldMissedReview, capability) {
				require.Contains(t, x.LiftCause, "not in force any more", "nobody did it")
			}
		},
		"none where nothing ends": func(t *testing.T, h *house) {
			capability, _, review := h.underReview("write")
			h.areOne("cleo", "carl")
			require.Equal(t, models.Live, h.row(capability).State)
			require.Equal(t, models.ReviewOpen, h.reviewRow(review).State)
		},
	}.onBoth(t)
}
