package store

import (
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// Who sees what (DESIGN, "The people"): the four of a capability, its nominees
// and their teams see it whole; approvers what is in their pool; auditors
// everything. An administrator sees the installation and, by that role, no
// capability.

// oneOfTheirs says that the audience row is of the person or of somebody on one
// of their teams now.
const oneOfTheirs = `a.person_id IN (SELECT CAST(? AS TEXT) UNION ALL
		SELECT them.person_id FROM team_members me JOIN team_members them ON them.team_id = me.team_id
		WHERE me.person_id = ? AND me.left_at IS NULL AND them.left_at IS NULL)`

// seen is the condition under which a person sees the capability whose id is in
// the column.
func seen(by models.Party, column string) (string, []any) {
	if by.Has(models.Auditor) {
		return "1 = 1", nil
	}
	sql := fmt.Sprintf(`EXISTS (SELECT 1 FROM audience a WHERE a.capability_id = %s AND %s)`, column, oneOfTheirs)
	args := []any{by.Person.ID, by.Person.ID}
	if by.Has(models.Approver) {
		sql += fmt.Sprintf(` OR EXISTS (SELECT 1 FROM duties d WHERE d.capability_id = %s AND d.pool = 'approver' AND d.closed_at IS NULL)`, column)
	}
	return "(" + sql + ")", args
}

func maySee(tx *gorm.DB, by models.Party, capability string) (bool, error) {
	cond, args := seen(by, "c.id")
	return exists(tx, "SELECT 1 FROM capabilities c WHERE c.id = ? AND "+cond, append([]any{capability}, args...)...)
}

// seenAgent is the condition for the agent whose row has the alias: its owner,
// the owner's teams, whoever sees one of its capabilities, and auditors.
func seenAgent(by models.Party, alias string) (string, []any) {
	if by.Has(models.Auditor) {
		return "1 = 1", nil
	}
	cond, args := seen(by, "k.id")
	sql := fmt.Sprintf(`(%[1]s.owner_id = ? OR %[1]s.owner_id IN (SELECT them.person_id FROM team_members me JOIN team_members them ON them.team_id = me.team_id
		WHERE me.person_id = ? AND me.left_at IS NULL AND them.left_at IS NULL)
		OR EXISTS (SELECT 1 FROM capabilities k WHERE k.agent_id = %[1]s.id AND %[2]s))`, alias, cond)
	return sql, append([]any{by.Person.ID, by.Person.ID}, args...)
}

func maySeeAgent(tx *gorm.DB, by models.Party, agent string) (bool, error) {
	cond, args := seenAgent(by, "g")
	return exists(tx, "SELECT 1 FROM agents g WHERE g.id = ? AND "+cond, append([]any{agent}, args...)...)
}

func exists(tx *gorm.DB, query string, args ...any) (bool, error) {
	var n []int
	if err := tx.Raw(query+" LIMIT 1", args...).Scan(&n).Error; err != nil {
		return false, fmt.Errorf("cannot look for what may be seen: %w", err)
	}
	return len(n) > 0, nil
}
