package store

import (
	"strings"

	"countersign/models"
)

// Which duties wait for somebody, read from the inbox's own tables in the order of
// the page.

// signer is in whose stead somebody signs: with everybody whose own part in a
// version bars it, and the teams to sign for. In their own name it is they alone.
type signer struct {
	people []string
	teams  []string
}

// signers are the ways in which the person may sign at all.
func signers(by models.Party) []signer {
	if !by.Has(models.Approver) {
		return nil
	}
	own := signer{people: []string{by.Person.ID}}
	for _, t := range by.Teams {
		own.teams = append(own.teams, t.ID)
	}
	return []signer{own}
}

// maySign is models.MaySign for the duty in the column: in one of the ways, nobody
// of it is barred, and one of its teams may still speak.
func maySign(column string, ways []signer) piece {
	var either []string
	var args []any
	for _, w := range ways {
		if len(w.teams) == 0 {
			continue // a sign-off is given for a team
		}
		either = append(either, column+" NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ?) AND "+
			column+" NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ? GROUP BY b.duty_id HAVING COUNT(*) = ?)")
		args = append(args, w.people, w.teams, len(w.teams))
	}
	if len(either) == 0 {
		return sqlOf("1 = 0")
	}
	return sqlOf("("+strings.Join(either, " OR ")+")", args...)
}

// mayConfirm: the second administrator is another one, whom it does not concern.
// Five times the person.
const mayConfirm = `i.duty_id IN (SELECT w.id FROM duties w WHERE w.pool = 'administrator' AND w.closed_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM account_links l WHERE l.id = w.subject AND (l.proposed_by = ? OR l.person_id = ? OR l.from_id = ?))
	AND NOT EXISTS (SELECT 1 FROM tier_rules q WHERE q.id = w.subject AND q.proposed_by = ?)
	AND NOT EXISTS (SELECT 1 FROM emergency_switches e WHERE e.id = w.subject AND e.proposed_by = ?))`

// firstClaim: of the duties to claim what was found, the one that is due first
// stands for all of them. A file may name hundreds of agents, and hundreds of lines
// would bury what else waits; the page that it leads to has them one by one.
const firstClaim = `(SELECT c.* FROM inbox_rows c WHERE c.holder = 'pool:business_owner' ORDER BY c.risk, c.due_at, c.duty_id LIMIT 1)`

// waiting gives the duties that wait for the person: each run of them, their own
// and those of the pools, is read in the order of the page and cut at most rows
// (0 is never), so that what is not shown is not looked at.
func waiting(by models.Party, ask InboxAsk, most int) piece {
	var runs []string
	var args []any
	run := func(from string, which piece) {
		which = and(which, ask.which())
		sql := "SELECT i.duty_id, i.kind, i.risk, i.due_at FROM " + from + " i WHERE " + which.sql
		args = append(args, which.args...)
		if most > 0 {
			sql += " ORDER BY i.risk, i.due_at, i.duty_id LIMIT ?"
			args = append(args, most)
		}
		runs = append(runs, "SELECT * FROM ("+sql+") r"+string(rune('0'+len(runs))))
	}
	me := by.Person.ID
	sees, who := seen(by, "i.capability_id")
	run("inbox_rows", and(sqlOf("i.holder = ?", me), sqlOf("(i.capability_id = '' OR "+sees+")", who...)))
	if ways := signers(by); len(ways) > 0 {
		run("inbox_rows", and(sqlOf("i.holder = 'pool:approver'"), maySign("i.duty_id", ways)))
	}
	if by.Has(models.Administrator) {
		run("inbox_rows", and(sqlOf("i.holder = 'pool:administrator'"), sqlOf(mayConfirm, me, me, me, me, me)))
	}
	if by.Has(models.BusinessOwner) {
		run(firstClaim, sqlOf("i.holder = 'pool:business_owner'"))
	}
	return sqlOf(strings.Join(runs, " UNION ALL "), args...)
}

// which is the condition of what is asked for, on the inbox's row i.
func (ask InboxAsk) which() piece {
	var out piece
	if ask.Kind != "" {
		out = and(out, sqlOf("i.kind = ?", ask.Kind))
	}
	if ask.Tier != nil {
		out = and(out, sqlOf("i.risk = ?", 3-*ask.Tier))
	}
	if c := ask.After; c != nil {
		out = and(out, sqlOf("(i.risk, i.due_at, i.duty_id) > (?, ?, ?)", 3-c.TierRank, c.DueAt, c.ID))
	}
	return out
}
