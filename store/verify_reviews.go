package store

import (
	"fmt"

	"countersign/models"
)

// reviews checks what the reviews say of each other and of mandates: what was renewed
// was kept, by an approver, with the three answers and where it takes one a passkey; each
// answer was given while the review was open, by who had accepted the role by then.
func (v *verification) reviews() error {
	for _, look := range []struct{ says, query string }{
		{"The mandate %s was renewed, and no review kept it.", `SELECT m.id FROM mandates m WHERE m.end_reason = 'renewed' AND NOT EXISTS (SELECT 1 FROM reviews r
			WHERE r.capability_id = m.capability_id AND r.version_id = m.version_id AND r.kind = 'periodic' AND r.outcome = 'keep' AND r.closed_at = m.ended_at)`},
		{"The review %s kept what it was about, and no mandate began with it.", `SELECT r.id FROM reviews r WHERE r.kind = 'periodic' AND r.outcome = 'keep' AND NOT EXISTS (SELECT 1 FROM mandates m
			WHERE m.version_id = r.version_id AND m.from_at = r.closed_at)`},
		{"The review %s was closed by one of the makers of its version.", `SELECT r.id FROM reviews r JOIN standings s ON s.version_id = r.version_id AND s.person_id = r.closed_by WHERE s.side <> 'checker'`},
		{"The review %s was closed by somebody who was no approver then.", `SELECT r.id FROM reviews r WHERE r.state = 'closed' AND NOT EXISTS (SELECT 1 FROM grants g
			WHERE g.person_id = r.closed_by AND g.role = 'approver' AND g.granted_at <= r.closed_at AND (g.ended_at IS NULL OR g.ended_at >= r.closed_at))`},
		{"What the review %s is about goes on, and not all three have answered.", `SELECT r.id FROM reviews r WHERE r.outcome IN ('keep', 'narrow')
			AND (SELECT COUNT(*) FROM review_answers a WHERE a.review_id = r.id AND a.answered_at <= r.closed_at) < 3`},
		{"The review %s kept it without a passkey, at its tier.", `SELECT r.id FROM reviews r JOIN versions x ON x.id = r.version_id WHERE r.outcome = 'keep' AND r.signature_id IS NULL AND x.tier IN ('high', 'critical')`},
		{"The review %s is of a mandate of something else.", `SELECT r.id FROM reviews r JOIN mandates m ON m.id = r.mandate_id
			WHERE m.version_id <> r.version_id OR m.digest <> r.digest OR m.capability_id <> r.capability_id OR m.from_at > r.opened_at`},
		{"An answer to the review %s was given before the review began or its role was accepted.", `SELECT a.review_id FROM review_answers a JOIN reviews r ON r.id = a.review_id
			LEFT JOIN roles x ON x.version_id = a.version_id AND x.role = a.role AND x.person_id = a.person_id
			WHERE a.answered_at < r.opened_at OR a.version_id <> r.version_id OR x.accepted_at IS NULL OR x.accepted_at > a.answered_at`},
		{"The review %s is open, and its version is not in force.", `SELECT r.id FROM reviews r JOIN versions x ON x.id = r.version_id WHERE r.state = 'open' AND x.state <> 'live'`},
	} {
		var ids []string
		if err := v.tx.Raw(look.query + " LIMIT 1").Scan(&ids).Error; err != nil {
			return fmt.Errorf("cannot check the reviews: %w", err)
		}
		if len(ids) > 0 {
			return misfit(models.Review{}.TableName(), ids[0], 0, look.says, ids[0])
		}
	}
	return v.kept()
}

// kept holds what was kept against what the passkey signed: the review and the finding too.
func (v *verification) kept() error {
	after := ""
	for {
		some, err := all[models.Review](v.tx.Limit(followBatch), "id", "id > ? AND signature_id IS NOT NULL", after)
		if err != nil {
			return err
		}
		for _, r := range some {
			after = r.ID
			s, err := find[models.Signature](v.tx, "id = ?", *r.SignatureID)
			if err != nil {
				return err
			}
			if s == nil || !r.SignedBy(*s) {
				return misfit(r.TableName(), r.ID, 0, "What the review %s says is not what the passkey of who closed it signed.", r.ID)
			}
		}
		if len(some) < followBatch {
			return nil
		}
	}
}
