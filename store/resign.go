package store

import (
	"context"
	"fmt"

	"countersign/models"
)

// AskForPasskeys has everything in force that takes a passkey and was signed
// without one put on review: one small act a capability. It can be repeated and
// broken off anywhere.
func (s *Store) AskForPasskeys(ctx context.Context) error {
	after := ""
	for {
		var ids []string
		err := s.read.WithContext(ctx).Raw(`SELECT DISTINCT m.capability_id FROM mandates m JOIN seats t ON t.mandate_id = m.id JOIN sign_offs s ON s.id = t.sign_off_id
			WHERE m.ended_at IS NULL AND m.tier IN ('high', 'critical') AND s.method <> 'passkey' AND m.capability_id > ?
			ORDER BY m.capability_id LIMIT 200`, after).Scan(&ids).Error
		if err != nil {
			return fmt.Errorf("cannot look for what was signed without passkeys: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			_, err := s.DecideCapability(ctx, models.Act{ID: NewActID(), Person: models.SystemActor}, id, Lookup{}, models.CapabilityFacts.AskForPasskeys)
			if err != nil && models.CodeOf(err) != models.Conflict {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
}
