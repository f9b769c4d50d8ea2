package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// For a long list, what a person sees is looked up first. Where it is little, the
// list is asked for exactly that, so that whoever sees little of a large matrix
// does not pay for the rest of it; where it is much, the list is read in its own
// order and soon full. Either way the database is told the people by their ids:
// it cannot guess how few of many a subquery about teams comes to.

const (
	mostTheirs = 500   // colleagues that are named one by one
	mostSeen   = 1_000 // capabilities that are named one by one
)

// seenAmong is the condition of seen for a long list.
func seenAmong(tx *gorm.DB, by models.Party, column string) (string, []any, error) {
	if by.Has(models.Auditor) {
		return "1 = 1", nil, nil
	}
	who, args, err := oneOfTheirsIn(tx, by, "a.person_id")
	if err != nil {
		return "", nil, err
	}
	sql := "SELECT a.capability_id FROM audience a WHERE " + who
	if by.Has(models.Approver) {
		sql += " UNION ALL SELECT d.capability_id FROM duties d WHERE d.pool = 'approver' AND d.closed_at IS NULL"
	}
	var ids []string
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", sql, 4*mostSeen), args...).Scan(&ids).Error; err != nil {
		return "", nil, fmt.Errorf("cannot look up what may be seen: %w", err)
	}
	many := len(ids) == 4*mostSeen
	slices.Sort(ids)
	if ids = slices.Compact(ids); many || len(ids) > mostSeen {
		return column + " IN (" + sql + ")", args, nil
	}
	return column + " IN ?", []any{listed(ids)}, nil
}

// seenAgentAmong is the condition of seenAgent for a long list.
func seenAgentAmong(tx *gorm.DB, by models.Party, alias string) (string, []any, error) {
	if by.Has(models.Auditor) {
		return "1 = 1", nil, nil
	}
	seen, args, err := seenAmong(tx, by, "k.id")
	if err != nil {
		return "", nil, err
	}
	own, theirs, err := oneOfTheirsIn(tx, by, "o.owner_id")
	if err != nil {
		return "", nil, err
	}
	sql := fmt.Sprintf("%s.id IN (SELECT o.id FROM agents o WHERE %s UNION SELECT k.agent_id FROM capabilities k WHERE %s)", alias, own, seen)
	return sql, append(theirs, args...), nil
}

// oneOfTheirsIn is the condition that the column is the person, or somebody who is
// on one of their teams now.
func oneOfTheirsIn(tx *gorm.DB, by models.Party, column string) (string, []any, error) {
	const mates = `SELECT them.person_id FROM team_members me JOIN team_members them ON them.team_id = me.team_id
		WHERE me.person_id = ? AND me.left_at IS NULL AND them.left_at IS NULL`
	var ids []string
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", mates, mostTheirs), by.Person.ID).Scan(&ids).Error; err != nil {
		return "", nil, fmt.Errorf("cannot look up somebody's colleagues: %w", err)
	}
	if len(ids) == mostTheirs {
		return "(" + column + " = ? OR " + column + " IN (" + mates + "))", []any{by.Person.ID, by.Person.ID}, nil
	}
	return column + " IN ?", []any{listed(append(ids, by.Person.ID))}, nil
}

// listed are ids for a condition, filled up to one of a few lengths with the last of
// them: a statement of each length is prepared once. No id is a condition that
// nothing meets.
func listed(ids []string) []string {
	if len(ids) == 0 {
		ids = []string{""}
	}
	length := 8
	for length < len(ids) {
		length *= 2
	}
	for len(ids) < length {
		ids = append(ids, ids[len(ids)-1])
	}
	return ids
}
