package store

import (
	"fmt"

	"countersign/models"
)

// clock checks that nothing which happens by the clock is forgotten: every open duty
// has its next moment, not later than its next step; what is in force, open reviews,
// open drills and approved versions have theirs; and no step was taken early or for
// nothing.
func (v *verification) clock() error {
	if err := v.clockLacks(); err != nil {
		return err
	}
	if err := v.stepsFit(); err != nil {
		return err
	}
	after := ""
	for {
		open, err := all[models.Duty](v.tx.Limit(chunk), "id", "closed_at IS NULL AND id > ?", after)
		if err != nil {
			return err
		}
		if err := v.dutiesWound(open); err != nil {
			return err
		}
		if len(open) < chunk {
			return nil
		}
		after = open[len(open)-1].ID
	}
}

// lacks are, by what is without its moment, the queries that find one.
var lacks = []struct{ table, words, query string }{
	{"mandates", "the review of the mandate %s", `SELECT m.id FROM mandates m WHERE m.ended_at IS NULL AND m.review_due_at <= m.until_at
		AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'review' AND c.id = m.id)
		AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.version_id = m.version_id AND r.kind = 'periodic' AND (r.state = 'open' OR r.outcome = 'narrow' OR r.due_at >= m.review_due_at))`},
	{"mandates", "the last day of the mandate %s", `SELECT m.id FROM mandates m WHERE m.ended_at IS NULL AND m.review_due_at > m.until_at
		AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'renew' AND c.id = m.id)
		AND NOT EXISTS (SELECT 1 FROM duties d WHERE d.kind = 'renew' AND d.subject = m.version_id)`},
	{"reviews", "that the review %s may be missed", `SELECT r.id FROM reviews r WHERE r.state = 'open'
		AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'review_hold' AND c.id = r.id)
		AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND h.kind = 'missed_review' AND h.target_kind = 'capability' AND h.target_id = r.capability_id)`},
	{"versions", "the approved version %s", `SELECT v.id FROM versions v WHERE v.state = 'approved' AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'approved' AND c.id = v.id)`},
	{"drills", "that the drill %s may be missed", `SELECT d.id FROM drills d WHERE d.kind = 'answer' AND d.state = 'open' AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'drill_due' AND c.id = d.id)`},
	{"drills", "the kill drill %s", `SELECT d.id FROM drills d WHERE d.kind = 'kill' AND d.state IN ('planned', 'open') AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.kind = 'kill_drill' AND c.id = d.id)`},
}

func (v *verification) clockLacks() error {
	for _, l := range lacks {
		var ids []string
		if err := v.tx.Raw(l.query + " LIMIT 1").Scan(&ids).Error; err != nil {
			return fmt.Errorf("cannot check the clock: %w", err)
		}
		if len(ids) > 0 {
			return misfit("clock", ids[0], 0, "The clock has forgotten "+l.words+".", ids[0])
		}
	}
	return nil
}

// stepsFit finds a step that was taken before its time, before it was owed, or after it was done.
func (v *verification) stepsFit() error {
	const query = `SELECT s.duty_id || '/' || s.kind || '/' || s.step FROM duty_steps s JOIN duties d ON d.id = s.duty_id
		WHERE s.taken_at < s.planned_at OR s.taken_at < d.opened_at OR s.taken_at > d.closed_at
			OR s.kind = 'reminder' AND s.planned_at > d.due_at OR s.kind = 'escalation' AND s.planned_at <= d.due_at LIMIT 1`
	var keys []string
	if err := v.tx.Raw(query).Scan(&keys).Error; err != nil {
		return fmt.Errorf("cannot check the steps of duties: %w", err)
	}
	if len(keys) > 0 {
		return misfit("duty_steps", keys[0], 0, "The step %s was taken early, or of a duty that was not owed then.", keys[0])
	}
	return nil
}

// dutiesWound checks that the next step of each is not later in the clock than it is planned.
func (v *verification) dutiesWound(open []models.Duty) error {
	facts, err := dutyFacts(v.tx, v.now, open)
	if err != nil {
		return err
	}
	ids := []string{""}
	for _, d := range open {
		ids = append(ids, d.ID)
	}
	moments, err := all[models.Moment](v.tx, "id", "kind = ? AND id IN ?", models.ClockDuty, ids)
	if err != nil {
		return err
	}
	at := map[string]models.Instant{}
	for _, m := range moments {
		at[m.ID] = m.At
	}
	for _, f := range facts {
		next := f.NextAt()
		if next < 0 {
			continue
		}
		// What could not be done is tried again a little later.
		if wound, ok := at[f.Duty.ID]; !ok || wound > max(next, v.now+clockAgain) {
			return misfit("clock", f.Duty.ID, 0, "The clock has forgotten the next step of the duty %s, which is planned for %s.", f.Duty.ID, next)
		}
	}
	return nil
}
