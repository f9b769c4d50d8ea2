package store

import (
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// ranThen is the condition that the emergency e lets its version run at the
// moment of the look, holds aside. There are few emergencies: nothing is kept of
// them in the lines.
func (q matrixQuery) ranThen() piece {
	if q.At == nil {
		return sqlOf("e.ended_at IS NULL AND ? < e.until_at", q.now)
	}
	return sqlOf("e.from_at <= ? AND ? < COALESCE(e.ended_at, e.until_at)", q.now, q.now)
}

// inEmergency is the condition that something of the line m runs under break glass.
func (q matrixQuery) inEmergency() piece {
	ran := q.ranThen()
	return sqlOf("m.capability_id IN (SELECT e.capability_id FROM emergencies e WHERE "+ran.sql+")", ran.args...)
}

// countEmergencies counts the lines that run under break glass, under the search
// and whose they are. Mostly there is none, and then nobody has to look for it among the hits
// of a search.
func (q matrixQuery) countEmergencies(tx *gorm.DB) (n int, err error) {
	ran := q.ranThen()
	if any, err := exists(tx, "SELECT 1 FROM emergencies e WHERE "+ran.sql, ran.args...); err != nil || !any {
		return 0, err
	}
	where := and(q.inEmergency(), q.base)
	if err := tx.Raw("SELECT COUNT(*) FROM "+q.from.sql+" WHERE "+where.sql, append(q.from.args[:len(q.from.args):len(q.from.args)], where.args...)...).Scan(&n).Error; err != nil {
		return 0, fmt.Errorf("cannot count the emergencies: %w", err)
	}
	return n, nil
}

// fillEmergencies marks the lines of which something runs under break glass.
func (q matrixQuery) fillEmergencies(tx *gorm.DB, lines []MatrixLine) error {
	if len(lines) == 0 {
		return nil
	}
	ran, at := q.ranThen(), map[string]int{}
	var ids []string
	for i, l := range lines {
		ids, at[l.CapabilityID] = append(ids, l.CapabilityID), i
	}
	var found []models.Emergency
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		if err := tx.Table("emergencies e").Select("e.*").Where("e.capability_id IN ? AND "+ran.sql, append([]any{some}, ran.args...)...).Find(&found).Error; err != nil {
			return fmt.Errorf("cannot load the emergencies: %w", err)
		}
		for i := range found {
			lines[at[found[i].CapabilityID]].Emergency = &found[i]
		}
		found = nil
	}
	return nil
}
