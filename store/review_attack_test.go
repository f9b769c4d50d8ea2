package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What somebody could write who has the product's own connection, past every rule.
func TestReviewsHoldAgainstTheRules(t *testing.T) {
	closing := func(h *house, review, by, outcome string, signature *string) error {
		method := models.MethodSession
		if signature != nil {
			method = models.MethodPasskey
		}
		return plain(h.Store).Exec(`UPDATE reviews SET state = 'closed', outcome = ?, closed_by = ?, side = 'checker', team_id = ?, closed_at = ?, finding = 'x', method = ?, signature_id = ?, rev = rev + 1 WHERE id = ?`,
			outcome, h.people[by], h.teams["Risk"], *h.clock, method, signature, review).Error
	}
	checks := func(t *testing.T, h *house, version, name string) {
		require.NoError(t, plain(h.Store).Create(&models.Standing{VersionID: version, PersonID: h.people[name], Side: models.Checker, Record: models.Record{Rev: 1}}).Error)
	}
	for name, try := range map[string]func(t *testing.T, h *house){
		"a mandate renewed without a review": func(t *testing.T, h *house) {
			capability, _, _ := h.underReview("write")
			m := h.mandateOf(t, capability)
			require.NoError(t, plain(h.Store).Exec("UPDATE mandates SET ended_at = ?, end_reason = 'renewed', rev = rev + 1 WHERE id = ?", *h.clock, m.ID).Error)
			next := m
			next.ID, next.FromAt, next.ReviewDueAt, next.UntilAt = "man_forged", *h.clock, m.ReviewDueAt+180*models.Day, m.UntilAt+180*models.Day
			requireRefused(t, h.Store, plain(h.Store).Create(&next).Error, trigger("mandates_renewed_by_review", "renewed by a review that keeps it"))
		},
		"closed by a maker": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			h.answered(review)
			require.Error(t, closing(h, review, "pete", models.ReviewKeep, nil), "a foreign key")
			require.Equal(t, models.ReviewOpen, h.reviewRow(review).State)
		},
		"closed before the three have answered": func(t *testing.T, h *house) {
			_, version, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			checks(t, h, version, "zoe")
			requireRefused(t, h.Store, closing(h, review, "zoe", models.ReviewKeep, nil), trigger("reviews_answered", "when the three have answered"))
		},
		"kept at high without a passkey": func(t *testing.T, h *house) {
			_, version, review := h.underReview("infra")
			h.answered(review)
			checks(t, h, version, "zoe")
			requireRefused(t, h.Store, closing(h, review, "zoe", models.ReviewKeep, nil), trigger("reviews_by_passkey", "signature on just that"))
		},
		"answered by somebody who does not hold the role": func(t *testing.T, h *house) {
			_, version, review := h.underReview("write")
			r := h.reviewRow(review)
			require.Error(t, plain(h.Store).Create(&models.ReviewAnswer{ReviewID: review, Role: models.Provisioner, VersionID: version, Digest: r.Digest, PersonID: h.people["anna"],
				Answer: models.AnswerRight, Body: "{}", AnsweredAt: *h.clock, Record: models.Record{Rev: 1}}).Error)
		},
		"opened again, put off, or about something else after an answer": func(t *testing.T, h *house) {
			_, _, review := h.underReview("write")
			h.answers("anna", models.BusinessOwner, review)
			for _, set := range []string{"due_at = due_at + 1", "hold_at = hold_at + 1", "about = '[1]'", "kind = 'change'"} {
				requireRefused(t, h.Store, plain(h.Store).Exec("UPDATE reviews SET rev = rev + 1, "+set+" WHERE id = ?", review).Error, trigger("reviews_then_close", "only ever ends, and once"))
			}
			h.answers("pete", models.Provisioner, review)
			h.answers("carl", models.ControlOwner, review)
			h.closes("xena", review, models.ReviewKeep)
			requireRefused(t, h.Store, plain(h.Store).Exec("UPDATE reviews SET state = 'open', rev = rev + 1 WHERE id = ?", review).Error, trigger("reviews_then_close", "only ever ends, and once"))
			require.Error(t, plain(h.Store).Exec("UPDATE review_answers SET answer = 'change', rev = rev + 1").Error)
		},
	} {
		t.Run(name, func(t *testing.T) { eachHouse(t, try) })
	}
}

// What got past the tables is found afterwards.
func TestVerifyReadsReviews(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _, review := h.underReview("infra")
		h.answered(review)
		h.closes("xena", review, models.ReviewKeep)
		require.NoError(t, h.Verify(t.Context(), nil))
		mandate := h.mandateOf(t, capability).ID
		for says, statement := range map[string]string{
			"UPDATE reviews SET finding = 'Otherwise'":                                           "reviews",
			"DELETE FROM review_answers WHERE role = 'control_owner'":                            "review_answers",
			"UPDATE mandates SET review_due_at = review_due_at + 1 WHERE id = '" + mandate + "'": "mandates",
		} {
			require.NotEmpty(t, h.tampered(t, says).Table, statement)
		}
	})
}
