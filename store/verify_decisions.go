package store

import (
	"context"
	"fmt"

	"countersign/models"
)

// logOfDecisions reads every sealed part of the log again: its rows have to have the root
// that the ledger commits to. Rows that are not sealed yet are as good as the database.
func (s *Store) logOfDecisions(ctx context.Context, v *verification) error {
	var parts []models.DecisionPart
	for {
		var after models.DecisionPart
		if len(parts) > 0 {
			after = parts[len(parts)-1]
		}
		parts = nil
		err := v.tx.Where("(replica, from_id) > (?, ?)", after.Replica, after.FromID).Order("replica, from_id").Limit(entryBatch).Find(&parts).Error
		if err != nil {
			return fmt.Errorf("cannot read the sealed parts: %w", err)
		}
		if len(parts) == 0 {
			return nil
		}
		for i, p := range parts {
			// From the end of the part before, so that a row that was put between is found.
			begins := p.Replica<<models.ReplicaBits - 1
			switch {
			case i > 0 && parts[i-1].Replica == p.Replica:
				begins = parts[i-1].ToID
			case i == 0 && after.Replica == p.Replica:
				begins = after.ToID
			}
			got, err := s.part(ctx, p.Replica, begins, p.ToID)
			switch {
			case err != nil:
				return err
			case got == nil || got.Root != p.Root || got.N != p.N || got.FromID != p.FromID || got.ToID != p.ToID:
				return misfit("decisions", fmt.Sprint(p.FromID), 0, "The decisions from %d to %d are not those that part %s was sealed over: some were changed, added or removed.", p.FromID, p.ToID, p.ID)
			}
		}
	}
}
