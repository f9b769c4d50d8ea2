package store

import (
	"context"
	"fmt"

	"countersign/models"
)

// SeeToSuccessors expands the one hold of each leaver into duties: for every
// capability in force that somebody who left answers for, whoever is still there
// is asked to find a successor. One small act a capability, so that a stop never
// waits for it; it can be repeated and broken off anywhere.
func (s *Store) SeeToSuccessors(ctx context.Context) error {
	after := ""
	for {
		var ids []string
		err := s.read.WithContext(ctx).Raw(`SELECT DISTINCT m.capability_id FROM mandates m
			WHERE m.ended_at IS NULL AND m.capability_id > ? AND (
				EXISTS (SELECT 1 FROM people p WHERE p.status <> 'active' AND p.id IN (m.owner_id, m.provisioner_id, m.control_owner_id))
				OR EXISTS (SELECT 1 FROM seat_people t JOIN people p ON p.id = t.person_id WHERE t.mandate_id = m.id AND p.status <> 'active'))
			ORDER BY m.capability_id LIMIT 200`, after).Scan(&ids).Error
		if err != nil {
			return fmt.Errorf("cannot look for what leavers answered for: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			_, err := s.DecideCapability(ctx, models.Act{ID: NewActID(), Person: models.SystemActor}, id, Lookup{}, models.CapabilityFacts.SeeToSuccessors)
			if err != nil && models.CodeOf(err) != models.Conflict {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}
