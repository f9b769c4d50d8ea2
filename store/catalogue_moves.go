package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// maxMoves is how many capabilities the check before a change looks at; what reaches a system
// from more is counted up to here.
const maxMoves = 20_000

// CatalogueMoves is what a change of the catalogue would do to what is in force, if that were
// signed anew.
type CatalogueMoves struct {
	Total, Up int
	More      bool      // more than maxMoves capabilities reach the system: there may be others
	Seen      []MovedTo // what the viewer may see of them, at most NamePage
}

// MovedTo is one of them.
type MovedTo struct {
	LiveRow
	Would models.Tier
}

// CatalogueMoves asks what an edit of the system or operation that the look-up names would
// move. It reads one document after the other and writes nothing.
func (s *Store) CatalogueMoves(ctx context.Context, by models.Party, look CatalogueLookup, edit func(models.CatalogueFacts) models.CatalogueEdit) (m CatalogueMoves, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f, err := catalogueFacts(tx, models.Env{By: by, Now: s.now()}, look)
		if err != nil {
			return err
		}
		if err := activeRules(tx, &f.Rules); err != nil {
			return err
		}
		e, rules, would := edit(f), f.Rules.Rules(), map[string]models.Tier{}
		m.More, err = eachUse(tx, look, maxMoves, func(u models.LiveUse) {
			if move, moves := e.Move(u, rules); moves {
				m.Total++
				if move.Up() {
					m.Up++
				}
				would[u.CapabilityID] = move.Would
			}
		})
		if err != nil || m.Total == 0 {
			return err
		}
		m.Seen, err = movedRows(tx, by, would)
		return err
	})
	return m, err
}

// movedRows are the lines of those that the viewer may see, by name, at most NamePage.
func movedRows(tx *gorm.DB, by models.Party, would map[string]models.Tier) (out []MovedTo, err error) {
	ids := make([]string, 0, len(would))
	for id := range would {
		ids = append(ids, id)
	}
	for len(ids) > 0 && len(out) < NamePage {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		q, err := liveRows(tx, by)
		if err != nil {
			return nil, err
		}
		var rows []LiveRow
		if err := q.Where("m.capability_id IN ?", some).Scan(&rows).Error; err != nil {
			return nil, fmt.Errorf("cannot load what a change would move: %w", err)
		}
		for _, r := range rows[:min(len(rows), NamePage-len(out))] {
			out = append(out, MovedTo{LiveRow: r, Would: would[r.CapabilityID]})
		}
	}
	return out, nil
}

// eachUse sees what is in force and reaches the system, or names the operation, one after the
// other; more says that there is more than most.
func eachUse(tx *gorm.DB, look CatalogueLookup, most int, see func(models.LiveUse)) (more bool, err error) {
	query := `SELECT u.capability_id, m.owner_id, m.tier, v.document, COALESCE(r.document, '') AS manifest
		FROM system_uses u JOIN mandates m ON m.capability_id = u.capability_id AND m.ended_at IS NULL
		JOIN versions v ON v.id = m.version_id LEFT JOIN agent_revisions r ON r.id = v.agent_revision_id
		WHERE u.system_id = ?`
	args := []any{look.System}
	if look.Operation != "" { // an id has no wild card but _, which finds too much at worst
		query, args = query+" AND v.document LIKE ?", append(args, "%"+look.Operation+"%")
	}
	rows, err := tx.Raw(query+" LIMIT ?", append(args, most+1)...).Rows()
	if err != nil {
		return false, fmt.Errorf("cannot read what uses a system: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what there is to tell
	for n := 0; rows.Next(); n++ {
		if n == most {
			more = true
			break
		}
		var u models.LiveUse
		if err := tx.ScanRows(rows, &u); err != nil {
			return false, fmt.Errorf("cannot read what uses a system: %w", err)
		}
		see(u)
	}
	if err := rows.Err(); err != nil {
		return false, fmt.Errorf("cannot read what uses a system: %w", err)
	}
	return more, nil
}

// loadUses is what a change of the catalogue has to look at, and the rules by which.
func loadUses(tx *gorm.DB, f *models.CatalogueFacts, look CatalogueLookup) (err error) {
	if err := activeRules(tx, &f.Rules); err != nil {
		return err
	}
	f.UsesMore, err = eachUse(tx, look, models.MaxTold, func(u models.LiveUse) { f.Uses = append(f.Uses, u) })
	return err
}
