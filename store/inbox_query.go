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

// signers are the ways in which the person may sign at all: in their own name, and
// for each approver whom they stand in for now, with the other's teams.
func signers(by models.Party, principals []models.Party) []signer {
	if !by.Has(models.Approver) {
		return nil
	}
	out := []signer{{people: []string{by.Person.ID}, teams: teamIDs(by)}}
	for _, p := range principals {
		if p.Has(models.Approver) {
			out = append(out, signer{people: []string{by.Person.ID, p.Person.ID}, teams: teamIDs(p)})
		}
	}
	return out
}

func teamIDs(p models.Party) []string {
	out := make([]string, len(p.Teams))
	for i, t := range p.Teams {
		out[i] = t.ID
	}
	return out
}

// maySign is models.MaySignFor for the inbox's row i: in one of the ways, nobody of
// it is barred, and one of its teams may still speak.
func maySign(ways []signer) piece {
	const barred = "i.duty_id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ?)"
	// What was done in an emergency is looked at in one's own name, for no team.
	either := []string{"i.kind = 'review_emergency' AND " + barred}
	args := []any{ways[0].people}
	if len(ways[0].teams) > 0 { // a review is closed in one's own name as well, for a team
		either, args = append(either, "i.kind = 'close_review' AND "+barred), append(args, ways[0].people)
	}
	// A broad stop is lifted in one's own name, and not by who stands in for its placer.
	either = append(either, "i.kind = 'lift' AND "+barred+" AND i.duty_id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ("+alsoKnownAs+"))")
	everyone := append([]string{}, ways[0].people...)
	for _, w := range ways[1:] {
		everyone = append(everyone, w.people...)
	}
	args = append(args, everyone, everyone)
	for _, w := range ways {
		if len(w.teams) == 0 {
			continue // a sign-off is given for a team
		}
		custodian := make([]string, len(w.teams))
		for i, t := range w.teams {
			custodian[i] = onlyCustodians + ":" + t
		}
		either = append(either, "i.kind NOT IN ('review_emergency', 'close_review', 'lift') AND "+barred+`
			AND (i.duty_id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ? GROUP BY b.duty_id HAVING COUNT(*) = ?)
				AND i.duty_id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who = '`+onlyCustodians+`')
				OR i.duty_id IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who IN ?))`)
		args = append(args, w.people, w.teams, len(w.teams), custodian)
	}
	return sqlOf("("+strings.Join(either, " OR ")+")", args...)
}

// alsoKnownAs are those who were found to be one of some people.
const alsoKnownAs = `WITH RECURSIVE same (id) AS (SELECT p.id FROM people p WHERE p.merged_into IN ?
	UNION SELECT p.id FROM people p JOIN same ON p.merged_into = same.id) SELECT id FROM same`

// mayConfirm: the second administrator is another one, whom it does not concern.
// Five times the person.
const mayConfirm = `i.duty_id IN (SELECT w.id FROM duties w WHERE w.pool = 'administrator' AND w.closed_at IS NULL
	AND NOT EXISTS (SELECT 1 FROM account_links l WHERE l.id = w.subject AND (l.proposed_by = ? OR l.person_id = ? OR l.from_id = ?))
	AND NOT EXISTS (SELECT 1 FROM (SELECT id, proposed_by FROM tier_rules UNION ALL
		SELECT id, CASE state WHEN 'proposed' THEN proposed_by ELSE end_proposed_by END FROM forbids) q WHERE q.id = w.subject AND q.proposed_by = ?)
	AND NOT EXISTS (SELECT 1 FROM emergency_switches e WHERE e.id = w.subject AND e.proposed_by = ?))`

// firstClaim: of the duties to claim what was found, the one that is due first
// stands for all of them. A file may name hundreds of agents, and hundreds of lines
// would bury what else waits; the page that it leads to has them one by one.
const firstClaim = `(SELECT c.* FROM inbox_rows c WHERE c.holder = 'pool:business_owner' ORDER BY c.risk, c.due_at, c.duty_id LIMIT 1)`

// waiting gives the duties that wait for the person, who stands in for the principals: each run of them, their own
// and those of the pools, is read in the order of the page and cut at most rows
// (0 is never), so that what is not shown is not looked at.
func waiting(by models.Party, principals []models.Party, ask InboxAsk, most int) piece {
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
	if ways := signers(by, principals); len(ways) > 0 {
		run("inbox_rows", and(sqlOf("i.holder = 'pool:approver'"), maySign(ways)))
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
