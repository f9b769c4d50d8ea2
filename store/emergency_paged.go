package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// MostPaged is how many emergencies a page tells of at once.
const MostPaged = 5

// Paged is an emergency that runs, as whoever was skipped is told of it on every page.
type Paged struct {
	models.Emergency
	AgentName string
	Opener    string `gorm:"-"`
	Sees      bool   `gorm:"-"` // the viewer may open its page
}

// Paged are the emergencies that run now and of which the viewer was told, the one
// that ends first at first: mostly none, found by one look at an index.
func (s *Store) Paged(ctx context.Context, viewer models.Party) (out []Paged, err error) {
	var running int
	if err := s.read.WithContext(ctx).Raw("SELECT COUNT(*) FROM emergencies WHERE ended_at IS NULL AND until_at > ?", s.now()).Scan(&running).Error; err != nil {
		return nil, fmt.Errorf("cannot look for emergencies: %w", err)
	}
	if running == 0 {
		return nil, nil
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var open []Paged
		err := tx.Raw(`SELECT e.*, g.name AS agent_name FROM emergencies e JOIN capabilities c ON c.id = e.capability_id JOIN agents g ON g.id = c.agent_id
			WHERE e.ended_at IS NULL AND e.until_at > ? ORDER BY e.until_at, e.id LIMIT 50`, s.now()).Scan(&open).Error
		if err != nil {
			return fmt.Errorf("cannot look for emergencies: %w", err)
		}
		for _, e := range open {
			if len(out) == MostPaged || !told(e.Emergency, viewer) {
				continue
			}
			opener, err := parties(tx, []string{e.ApproverID})
			if err != nil {
				return err
			}
			e.Opener = opener[e.ApproverID].Person.Name
			if e.Sees, err = maySee(tx, viewer, e.CapabilityID); err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// told says whether the emergency's notices went to the person: by name, as one of
// a pool, or as a member of a team.
func told(e models.Emergency, p models.Party) bool {
	if e.ApproverID == p.Person.ID {
		return false // one's own act
	}
	return slices.ContainsFunc(e.Recipients(), func(to string) bool {
		return to == p.Person.ID || to == "pool:"+models.PoolApprover && p.Has(models.Approver) ||
			slices.ContainsFunc(p.Teams, func(t models.Team) bool { return to == "team:"+t.ID })
	})
}
