package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// The inbox's own tables, derived from the open duties in the transaction that
// changes them: inbox_rows has each in the order in which it is shown, and
// inbox_barred who cannot do an approvers' duty. Through them a page of the inbox
// costs what it shows, whatever waits in the pool.

// inboxRisk is a version's place in the order: 0 is critical, 3 low, 4 not known yet. What
// is stopped broadly waits at the top.
const inboxRisk = `CASE WHEN w.kind = 'lift' AND w.pool IS NOT NULL THEN 0 WHEN v.id IS NULL OR v.state = 'draft' THEN 4 WHEN v.tier = 'critical' THEN 0 WHEN v.tier = 'high' THEN 1 WHEN v.tier = 'moderate' THEN 2 ELSE 3 END`

const inboxRows = `SELECT w.id AS duty_id, w.holder, w.capability_id, w.kind, ` + inboxRisk + ` AS risk, w.due_at
	FROM duties w LEFT JOIN versions v ON v.id = w.subject WHERE w.closed_at IS NULL`

// inboxBarred is models.MaySign turned round: whoever has made, is named, or has
// signed in this round, as signer or as who was signed for; and where approvers
// must be of different teams, those that have spoken. Where only custodians' teams
// are still asked, it says so, and who they are. Of the review of an emergency
// it is models.MayReviewEmergency: its makers, and whoever opened it; of a review that is
// to be closed it is models.MayCloseReview: its makers, while whoever signed may. Of a broad
// stop that is to be lifted it is whoever placed it. Each %s is a condition on the duty w.
const inboxBarred = `SELECT w.id AS duty_id, t.person_id AS who FROM duties w JOIN standings t ON t.version_id = w.subject AND t.side = 'maker' WHERE %[1]s
	UNION SELECT w.id, n.person_id FROM duties w JOIN nominations n ON n.version_id = w.subject WHERE %[1]s AND (n.state = 'accepted'
		OR n.state = 'open' AND NOT EXISTS (SELECT 1 FROM nominations h WHERE h.version_id = n.version_id AND h.role = n.role AND h.state = 'accepted'))
	UNION SELECT w.id, s.signer_id ` + inboxSigned + `
	UNION SELECT w.id, s.principal_id ` + inboxSigned + `
	UNION SELECT w.id, s.team_id ` + inboxSigned + ` AND v.apart = 1
	UNION SELECT w.id, '` + onlyCustodians + `' ` + inboxAsked + `
	UNION SELECT w.id, '` + onlyCustodians + `:' || t.id ` + inboxAsked + `
	UNION SELECT w.id, e.approver_id FROM duties w JOIN emergencies e ON e.id = w.detail WHERE %[1]s AND w.kind = 'review_emergency'
	UNION SELECT w.id, h.placed_by FROM duties w JOIN holds h ON h.id = w.subject WHERE %[1]s AND w.kind = 'lift'`

// onlyCustodians stands among who is barred for everybody who is not of a team that it
// is followed by.
const onlyCustodians = "custodians"

const inboxAsked = `FROM duties w JOIN versions v ON v.id = w.subject AND v.custodians <> '' JOIN teams t ON v.custodians LIKE '%%"' || t.id || '"%%'
		WHERE %[1]s AND w.kind NOT IN ('review_emergency', 'close_review') AND NOT EXISTS (SELECT 1 FROM sign_offs s WHERE s.version_id = v.id AND s.round = v.round AND s.digest = v.digest AND s.team_id = t.id
			AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id))
		AND (SELECT COUNT(*) FROM sign_offs s WHERE s.version_id = v.id AND s.round = v.round AND s.digest = v.digest
			AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id)) >= v.need`

const inboxSigned = `FROM duties w JOIN versions v ON v.id = w.subject JOIN sign_offs s ON s.version_id = v.id AND s.round = v.round AND s.digest = v.digest
		WHERE %[1]s AND w.kind NOT IN ('review_emergency', 'close_review') AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id)`

const openToApprovers = "w.pool = 'approver' AND w.closed_at IS NULL"

// projectInbox follows a change of duties, or of what says who may do them.
func projectInbox(tx *gorm.DB, c models.Change) error {
	again, capabilities, fresh := false, set{}, []string{}
	for _, t := range c.Touches() {
		if t.Kind == models.TouchCapability {
			capabilities.add(t.ID)
		}
	}
	for _, w := range c.Writes() {
		switch row := w.Row.(type) {
		case *models.Duty:
			switch {
			case w.Expect == 0 && row.Pool == nil: // nobody is barred from what is theirs alone
				fresh = append(fresh, row.ID)
				continue
			case row.CapabilityID != "":
				capabilities.add(row.CapabilityID)
				again = true
				continue
			}
			if err := inboxAgain(tx, "duty_id = ?", "w.id = ?", row.ID, w.Expect == 0); err != nil {
				return err
			}
		case *models.Version, *models.Standing, *models.Nomination, *models.SignOff, *models.Recall:
			again = true
		}
	}
	for some := range slices.Chunk(fresh, chunk) {
		if err := tx.Exec("INSERT INTO inbox_rows (duty_id, holder, capability_id, kind, risk, due_at) "+inboxRows+" AND w.id IN ?", some).Error; err != nil {
			return fmt.Errorf("cannot write the inbox: %w", err)
		}
	}
	if !again {
		return nil
	}
	ids := capabilities.list()
	slices.Sort(ids)
	for _, id := range ids {
		if err := inboxAgain(tx, "capability_id = ?", "w.capability_id = ?", id, false); err != nil {
			return err
		}
	}
	return nil
}

// inboxAgain derives the rows that a condition names once more. What is new has none.
func inboxAgain(tx *gorm.DB, have, want, id string, isNew bool) error {
	type statement struct {
		sql   string
		times int
	}
	var all []statement
	if !isNew {
		all = append(all, statement{"DELETE FROM inbox_barred WHERE duty_id IN (SELECT x.duty_id FROM inbox_rows x WHERE x." + have + ")", 1},
			statement{"DELETE FROM inbox_rows WHERE " + have, 1})
	}
	all = append(all, statement{"INSERT INTO inbox_rows (duty_id, holder, capability_id, kind, risk, due_at) " + inboxRows + " AND " + want, 1},
		statement{"INSERT INTO inbox_barred (duty_id, who) " + fmt.Sprintf(inboxBarred, openToApprovers+" AND "+want), 9})
	for _, s := range all {
		if err := tx.Exec(s.sql, slices.Repeat([]any{id}, s.times)...).Error; err != nil {
			return fmt.Errorf("cannot write the inbox: %w", err)
		}
	}
	return nil
}

// inboxFollows checks that the inbox's tables say what follows from the duties, to the row.
func inboxFollows(tx *gorm.DB) error {
	for table, from := range map[string][2]string{
		"inbox_rows":   {"SELECT duty_id, holder, capability_id, kind, risk, due_at FROM inbox_rows", inboxRows},
		"inbox_barred": {"SELECT duty_id, who FROM inbox_barred", fmt.Sprintf(inboxBarred, openToApprovers)},
	} {
		have, want := "SELECT * FROM ("+from[0]+") h", "SELECT * FROM ("+from[1]+") w"
		var ids []string
		if err := tx.Raw("SELECT duty_id FROM (" + have + " EXCEPT " + want + ") x UNION SELECT duty_id FROM (" + want + " EXCEPT " + have + ") y LIMIT 1").Scan(&ids).Error; err != nil {
			return fmt.Errorf("cannot check the inbox: %w", err)
		}
		if len(ids) > 0 {
			return misfit(table, ids[0], 0, "The inbox does not say of the duty %s what the record says.", ids[0])
		}
	}
	return nil
}
