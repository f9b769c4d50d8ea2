package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// Receipt is one entry of the ledger, for whoever acted and for whoever may see
// what the act was about. Anything else is NotFound.
func (s *Store) Receipt(ctx context.Context, viewer models.Party, seq int64) (e models.HistoryEntry, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var rows []historyRow
		err := tx.Raw(`SELECT l.seq, l.at, l.act, l.actor AS actor_id, l.subject, l.outcome, l.hash, b.body,
			(SELECT MIN(o.id) FROM ledger_refs o WHERE o.seq = l.seq AND o.kind = 'capability') AS capability_id
			FROM ledger l JOIN ledger_bodies b ON b.seq = l.seq WHERE l.seq = ?`, seq).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot load a receipt: %w", err)
		}
		if len(rows) == 0 {
			return missing("receipt")
		}
		if sees, err := maySeeEntry(tx, viewer, rows[0]); err != nil {
			return err
		} else if !sees {
			return missing("receipt")
		}
		entries, err := historyEntries(tx, rows)
		if err == nil {
			e = entries[0]
		}
		return err
	})
	return e, err
}

// maySeeEntry: of an act on a capability, whoever sees the capability; of any
// other, whoever may read the history of something that it touched.
func maySeeEntry(tx *gorm.DB, viewer models.Party, row historyRow) (bool, error) {
	if row.ActorID == viewer.Person.ID || viewer.Has(models.Auditor) {
		return true, nil
	}
	if row.CapabilityID != nil {
		return maySee(tx, viewer, *row.CapabilityID)
	}
	// What was found is seen by the role alone, and one act may touch many of it.
	var refs []models.Touched
	if err := tx.Raw(`SELECT DISTINCT kind, CASE WHEN kind = 'found' THEN '' ELSE id END AS id FROM ledger_refs
		WHERE seq = ? AND kind IN ('agent', 'found', 'person', 'settings', 'system') ORDER BY 1, 2 LIMIT 20`, row.Seq).Scan(&refs).Error; err != nil {
		return false, fmt.Errorf("cannot look for what an entry is about: %w", err)
	}
	for _, ref := range refs {
		err := mayReadHistory(tx, viewer, ref.Kind, ref.ID)
		if err == nil {
			return true, nil
		}
		if models.CodeOf(err) != models.NotFound {
			return false, err
		}
	}
	return false, nil
}
