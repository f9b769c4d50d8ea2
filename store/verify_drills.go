package store

import (
	"fmt"

	"countersign/models"
)

// drillLooks find a drill that says something else than the record or its hold. What
// they compare with the record is a list of the few acts on drills, read once each.
var drillLooks = []struct{ table, says, query string }{
	{"drills", "The drill %s was not asked by the clock when it says.", `SELECT d.id FROM drills d WHERE d.kind = 'answer'
		AND (d.id, d.planned_at) NOT IN (SELECT e.subject, e.at FROM ledger e WHERE e.act = 'drill.asked' AND e.actor = 'system')`},
	{"drills", "The drill %s was answered, and not by whom it was asked, then.", `SELECT d.id FROM drills d WHERE d.kind = 'answer' AND d.state IN ('done', 'late')
		AND (d.id, d.person_id, d.ended_at) NOT IN (SELECT e.subject, e.actor, e.at FROM ledger e WHERE e.act = 'drill.answered')`},
	{"drills", "The drill %s was answered, and does not say so.", `SELECT e.subject FROM ledger e WHERE e.act = 'drill.answered'
		AND e.subject NOT IN (SELECT d.id FROM drills d WHERE d.kind = 'answer' AND d.state IN ('done', 'late'))`},
	{"drills", "The drill %s says that its answer came in time, or late, and its times say otherwise.", `SELECT d.id FROM drills d WHERE d.kind = 'answer'
		AND (d.state = 'done' AND d.ended_at >= d.due_at OR d.state = 'late' AND d.ended_at < d.due_at)`},
	{"drills", "The drill %s is missed, and the clock did not record that.", `SELECT d.id FROM drills d WHERE d.kind = 'answer' AND (d.state = 'missed' OR d.hold_id IS NOT NULL)
		AND d.id NOT IN (SELECT e.subject FROM ledger e WHERE e.act = 'drill.missed' AND e.actor = 'system')`},
	{"drills", "The drill %s was missed before it was due, or though it was answered in time.", `SELECT d.id FROM ledger e JOIN drills d ON d.id = e.subject WHERE e.act = 'drill.missed'
		AND (e.at < d.due_at OR d.state NOT IN ('missed', 'late', 'called_off'))`},
	{"drills", "The drill %s was missed at critical, and holds nothing.", `SELECT d.id FROM ledger e JOIN drills d ON d.id = e.subject
		WHERE e.act = 'drill.missed' AND d.tier = 'critical' AND d.hold_id IS NULL`},
	{"drills", "The drill %s holds what is not critical.", `SELECT d.id FROM drills d WHERE d.kind = 'answer' AND d.hold_id IS NOT NULL AND d.tier <> 'critical'`},
	{"drills", "The hold of the drill %s is of another kind, on something else, or not from its moment.", `SELECT d.id FROM drills d JOIN holds h ON h.id = d.hold_id
		WHERE h.target_kind <> 'capability' OR h.target_id <> d.capability_id OR h.placed_by <> 'system'
			OR d.kind = 'answer' AND (h.kind <> 'missed_drill' OR (d.id, h.placed_at) NOT IN (SELECT e.subject, e.at FROM ledger e WHERE e.act = 'drill.missed'))
			OR d.kind = 'kill' AND (h.kind <> 'kill_drill' OR h.placed_at <> d.begun_at)`},
	{"drills", "The hold of the drill %s was not lifted when it ended, by what ended it, and only then.", `SELECT d.id FROM drills d JOIN holds h ON h.id = d.hold_id
		WHERE h.lifted_at IS DISTINCT FROM d.ended_at
			OR h.lifted_by IS DISTINCT FROM CASE WHEN d.ended_at IS NULL THEN NULL WHEN d.state = 'late' THEN d.person_id ELSE 'system' END`},
	{"holds", "The hold %s is of no drill.", `SELECT h.id FROM holds h WHERE h.kind IN ('kill_drill', 'missed_drill') AND h.id NOT IN (SELECT d.hold_id FROM drills d WHERE d.hold_id IS NOT NULL)`},
	{"drills", "Nobody owes an answer to the drill %s, or somebody still does.", `SELECT d.id FROM drills d WHERE d.kind = 'answer'
		AND (d.id NOT IN (SELECT t.detail FROM duties t WHERE t.kind = 'drill') OR d.ended_at IS NOT NULL AND d.id IN (SELECT t.detail FROM duties t WHERE t.kind = 'drill' AND t.closed_at IS NULL))`},
	{"drills", "The kill drill %s was not planned by whom it names.", `SELECT d.id FROM drills d WHERE d.kind = 'kill'
		AND (d.id, d.person_id) NOT IN (SELECT e.subject, e.actor FROM ledger e WHERE e.act = 'kill_drill.planned')`},
	{"drills", "The kill drill %s was not begun by the clock at its moment.", fmt.Sprintf(`SELECT d.id FROM drills d WHERE d.kind = 'kill' AND d.begun_at IS NOT NULL
		AND (d.begun_at < d.planned_at OR d.begun_at > d.planned_at + %d OR (d.id, d.begun_at) NOT IN (SELECT e.subject, e.at FROM ledger e WHERE e.act = 'kill_drill.begun' AND e.actor = 'system'))`, models.KillLate)},
	{"drills", "The kill drill %s says how it ended, and the record says otherwise.", `SELECT d.id FROM drills d WHERE d.kind = 'kill' AND d.state IN ('done', 'failed')
		AND (d.id, 'kill_drill.' || d.state, d.ended_at) NOT IN (SELECT e.subject, e.act, e.at FROM ledger e WHERE e.act IN ('kill_drill.done', 'kill_drill.failed') AND e.actor = 'system')`},
	{"drills", "The kill drill %s saw that it stopped when its hold was not there, or later than it may without saying why.", fmt.Sprintf(`SELECT d.id FROM drills d JOIN holds h ON h.id = d.hold_id
		WHERE d.kind = 'kill' AND d.stopped_at IS NOT NULL AND (d.stopped_at < h.placed_at OR d.stopped_at > h.lifted_at OR d.stopped_at > d.begun_at + %d AND d.note = '')`, models.KillBound)},
	{"drills", "The kill drill %s failed, and no stop took the place of its hold.", `SELECT d.id FROM drills d WHERE d.kind = 'kill' AND d.state = 'failed'
		AND EXISTS (SELECT 1 FROM mandates m WHERE m.capability_id = d.capability_id AND m.from_at <= d.ended_at AND (m.ended_at IS NULL OR m.ended_at > d.ended_at))
		AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.target_kind = 'capability' AND h.target_id = d.capability_id AND h.kind = 'stop' AND h.placed_by = 'system' AND h.placed_at = d.ended_at)`},
}

// drills checks that what became of each drill follows from who answered and when;
// that one missed at critical held until it was done; and that what a kill drill
// says it measured lies within its own hold.
func (v *verification) drills() error {
	for _, look := range drillLooks {
		var ids []string
		if err := v.tx.Raw(look.query + " LIMIT 1").Scan(&ids).Error; err != nil {
			return fmt.Errorf("cannot check the drills: %w", err)
		}
		if len(ids) > 0 {
			return misfit(look.table, ids[0], 0, look.says, ids[0])
		}
	}
	return nil
}
