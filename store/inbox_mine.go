package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// Mine is one capability that a person answers for.
type Mine struct {
	CapabilityID string
	AgentName    string
	Title        string
	VersionNo    int
	TierRank     int
	ReviewDueAt  models.Instant
	UntilAt      models.Instant
	OwnerID      string
	Provisioner  string
	ControlOwner string
	Held         bool
}

// Tier is the capability's tier.
func (m Mine) Tier() models.Tier { return models.Tiers[min(max(m.TierRank, 0), 3)] }

// Roles are the words of the person's roles in it.
func (m Mine) Roles(person string) []string {
	var out []string
	for i, who := range []string{m.OwnerID, m.Provisioner, m.ControlOwner} {
		if who == person {
			out = append(out, models.MakerRoles[i].Words())
		}
	}
	if len(out) == 0 {
		return []string{models.Approver.Words()}
	}
	return out
}

// MineCursor is where a page of what a person answers for begins.
type MineCursor struct {
	DueAt models.Instant
	ID    string
}

// AnswersFor are the capabilities in force of which the person is one of the
// four, soonest review first. They see them by that.
func (s *Store) AnswersFor(ctx context.Context, viewer models.Party, after *MineCursor) (mine []Mine, next *MineCursor, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		kinds, err := broadHolds(tx, nil)
		if err != nil {
			return err
		}
		isHeld, args := held(kinds, nil)
		me := viewer.Person.ID
		query := `SELECT m.capability_id, m.agent_name, m.title, m.version_no, m.tier_rank, m.review_due_at, m.until_at, m.owner_id,
			m.provisioner_id AS provisioner, m.control_owner_id AS control_owner, CASE WHEN ` + isHeld + ` THEN 1 ELSE 0 END AS held
			FROM matrix_rows m JOIN (SELECT id, capability_id FROM mandates WHERE owner_id = ? AND ended_at IS NULL
				UNION SELECT id, capability_id FROM mandates WHERE provisioner_id = ? AND ended_at IS NULL
				UNION SELECT id, capability_id FROM mandates WHERE control_owner_id = ? AND ended_at IS NULL
				UNION SELECT a.id, a.capability_id FROM seat_people p JOIN mandates a ON a.id = p.mandate_id WHERE p.person_id = ? AND a.ended_at IS NULL) o
			ON o.capability_id = m.capability_id AND o.id = m.mandate_id`
		args = append(args, me, me, me, me)
		if after != nil {
			query, args = query+" WHERE (m.review_due_at, m.capability_id) > (?, ?)", append(args, after.DueAt, after.ID)
		}
		if err := tx.Raw(query+" ORDER BY m.review_due_at, m.capability_id LIMIT ?", append(args, InboxPage+1)...).Scan(&mine).Error; err != nil {
			return fmt.Errorf("cannot load what is answered for: %w", err)
		}
		if len(mine) > InboxPage {
			mine = mine[:InboxPage]
			last := mine[InboxPage-1]
			next = &MineCursor{last.ReviewDueAt, last.CapabilityID}
		}
		return nil
	})
	return mine, next, err
}
