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

// sight is what a person sees, looked up for a long list.
type sight struct {
	every bool     // all of it
	ids   []string // the capabilities, where they are few
	many  piece    // what gives them, where they are not
	own   []string // the person and their colleagues; nil where these are too many
	by    string
	list  piece // gives ids, as one argument: a thousand would be sent and read with every statement
}

func sightOf(tx *gorm.DB, by models.Party) (sight, error) {
	x := sight{by: by.Person.ID}
	if by.Has(models.Auditor) {
		x.every = true
		return x, nil
	}
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", mates, mostTheirs), x.by).Scan(&x.own).Error; err != nil {
		return x, fmt.Errorf("cannot look up somebody's colleagues: %w", err)
	}
	if x.own = append(x.own, x.by); len(x.own) > mostTheirs {
		x.own = nil
	}
	who := x.theirs("a.person_id")
	who.sql = "SELECT a.capability_id FROM audience a WHERE " + who.sql
	if by.Has(models.Approver) {
		who.sql += " UNION ALL SELECT d.capability_id FROM duties d WHERE d.pool = 'approver' AND d.closed_at IS NULL"
	}
	var ids []string
	if err := tx.Raw(fmt.Sprintf("%s LIMIT %d", who.sql, 4*mostSeen), who.args...).Scan(&ids).Error; err != nil {
		return x, fmt.Errorf("cannot look up what may be seen: %w", err)
	}
	all := len(ids) < 4*mostSeen
	slices.Sort(ids)
	if ids = slices.Compact(ids); all && len(ids) <= mostSeen {
		x.ids, x.list = listed(ids), idList(tx, ids)
	} else {
		x.many = who
	}
	return x, nil
}

// among is the condition of seen: the capability whose id is in the column.
func (x sight) among(column string) piece {
	switch {
	case x.every:
		return sqlOf("1 = 1")
	case x.ids != nil:
		return sqlOf(column+" IN ("+x.list.sql+")", x.list.args...)
	}
	return sqlOf(column+" IN ("+x.many.sql+")", x.many.args...)
}

// agents is the condition of seenAgent: the agent whose row has the alias.
func (x sight) agents(alias string) piece {
	if x.every {
		return sqlOf("1 = 1")
	}
	own, seen := x.theirs("o.owner_id"), x.among("k.id")
	return sqlOf(fmt.Sprintf("%s.id IN (SELECT o.id FROM agents o WHERE %s UNION SELECT k.agent_id FROM capabilities k WHERE %s)", alias, own.sql, seen.sql),
		slices.Concat(own.args, seen.args)...)
}

const mates = `SELECT them.person_id FROM team_members me JOIN team_members them ON them.team_id = me.team_id
	WHERE me.person_id = ? AND me.left_at IS NULL AND them.left_at IS NULL`

// theirs is the condition that the column is the person, or somebody who is on one
// of their teams now.
func (x sight) theirs(column string) piece {
	if x.own == nil {
		return sqlOf("("+column+" = ? OR "+column+" IN ("+mates+"))", x.by, x.by)
	}
	return sqlOf(column+" IN ?", listed(x.own))
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
