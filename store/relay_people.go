package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// mostTold is how many people of a group one notice is sent to. Where more could act on
// it they are chosen by the notice, so that the next one goes to others; what waits is on
// the page of each of them either way.
const mostTold = 100

// recipients are the people whom a notice's recipient names, in an order and without repeats.
// Who acted and who has left may be among them.
func (r *relay) recipients(n models.OutboxRow, duty *models.Duty) ([]string, error) {
	kind, id, group := strings.Cut(n.Recipient, ":")
	if !group {
		return []string{n.Recipient}, nil
	}
	var ids []string
	var err error
	switch kind {
	case "pool":
		ids, err = r.pool(n, models.Role(id), duty)
	case "capability":
		ids, err = r.around(id, n.Subject)
	case "agent":
		ids, err = r.ids(`SELECT owner_id FROM agents WHERE id = @id UNION `+fourOf("m.capability_id IN (SELECT k.id FROM capabilities k WHERE k.agent_id = @id)"), id)
	case "person": // a leaver: whoever answers with them
		ids, err = r.ids(fourOf("m.capability_id IN ("+strings.ReplaceAll(answersFor, "@person", "@id")+")"), id)
	case "system":
		ids, err = r.ids("SELECT m.owner_id FROM system_uses u JOIN mandates m ON m.capability_id = u.capability_id AND m.ended_at IS NULL WHERE u.system_id = @id", id)
	case "stop": // as many as it concerns, a part at a time
		return r.stopped(n, id)
	case "team":
		ids, err = r.ids("SELECT person_id FROM team_members WHERE team_id = @id AND left_at IS NULL", id)
	default:
		err = fmt.Errorf("nothing is known of the recipient %q", n.Recipient)
	}
	slices.Sort(ids)
	return chosen(slices.Compact(ids), n), err
}

// fourOf are the four of every open mandate m that the condition names.
func fourOf(which string) string {
	return `SELECT m.owner_id FROM mandates m WHERE m.ended_at IS NULL AND ` + which + `
	UNION SELECT m.provisioner_id FROM mandates m WHERE m.ended_at IS NULL AND ` + which + `
	UNION SELECT m.control_owner_id FROM mandates m WHERE m.ended_at IS NULL AND ` + which + `
	UNION SELECT s.person_id FROM mandates m JOIN seat_people s ON s.mandate_id = m.id WHERE m.ended_at IS NULL AND ` + which
}

func (r *relay) ids(query, id string) (ids []string, err error) {
	if err := r.tx.Raw(query, map[string]any{"id": id}).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("cannot look for whom to tell: %w", err)
	}
	return ids, nil
}

// around are the four of a capability, and where the notice is about one of its versions
// whoever is named in that or has decided it. Where nothing is in force it is the newest one.
func (r *relay) around(capability, subject string) ([]string, error) {
	four, err := r.ids(fourOf("m.capability_id = @id"), capability)
	if err != nil {
		return nil, err
	}
	version := subject
	if !strings.HasPrefix(subject, "ver_") {
		if len(four) > 0 {
			return four, nil
		}
		newest, err := r.ids("SELECT id FROM versions WHERE capability_id = @id ORDER BY no DESC LIMIT 1", capability)
		if err != nil || len(newest) == 0 {
			return nil, err
		}
		version = newest[0]
	}
	named, err := r.ids(`SELECT person_id FROM nominations WHERE version_id = @id AND state IN ('open', 'accepted')
		UNION SELECT signer_id FROM sign_offs WHERE version_id = @id UNION SELECT principal_id FROM sign_offs WHERE version_id = @id
		UNION SELECT g.owner_id FROM versions v JOIN capabilities k ON k.id = v.capability_id JOIN agents g ON g.id = k.agent_id WHERE v.id = @id`, version)
	return append(four, named...), err
}

// pool are the holders of a role, and of them only those who could do the duty.
func (r *relay) pool(n models.OutboxRow, role models.Role, duty *models.Duty) ([]string, error) {
	ids, err := holders(r.tx, role, holdersMost)
	if err != nil || duty == nil {
		return ids, err
	}
	switch role {
	case models.Approver:
		return r.maySign(ids, *duty)
	case models.Administrator:
		var may []string
		for _, id := range chosen(ids, n) {
			ok, err := exists(r.tx, "SELECT 1 FROM inbox_rows i WHERE i.duty_id = ? AND "+mayConfirm, duty.ID, id, id, id, id, id)
			if err != nil {
				return nil, err
			}
			if ok {
				may = append(may, id)
			}
		}
		return may, nil
	}
	return ids, nil
}

// maySign are the approvers who could sign: in their own name, or for somebody for
// whom they stand in now. It says of each what the inbox says (maySign in
// inbox_query.go), of all of them with a few queries.
func (r *relay) maySign(ids []string, duty models.Duty) ([]string, error) {
	people, err := parties(r.tx, ids)
	if err != nil {
		return nil, err
	}
	barred, err := barredFrom(r.tx, duty.ID)
	if err != nil {
		return nil, err
	}
	active, err := all[models.Delegation](r.tx, "id", "ended_at IS NULL AND from_at <= ? AND until_at > ?", r.now, r.now)
	if err != nil {
		return nil, err
	}
	principals := map[string][]models.Party{}
	for _, d := range active {
		if p, ok := people[d.PrincipalID]; ok {
			principals[d.DelegateID] = append(principals[d.DelegateID], p)
		}
	}
	var may []string
	if duty.Kind == models.DutyLift {
		return r.mayLift(ids, principals, barred)
	}
	for _, id := range ids {
		if anyOpen(signers(people[id], principals[id]), barred, duty.Kind) {
			may = append(may, id)
		}
	}
	return may, nil
}

// mayLift are those of the approvers who neither placed a broad stop nor stand in now for
// who did.
func (r *relay) mayLift(ids []string, principals map[string][]models.Party, barred set) (may []string, err error) {
	placers := set{}
	for who := range barred {
		as, err := knownAs(r.tx, who)
		if err != nil {
			return nil, err
		}
		placers.add(as...)
	}
	for _, id := range ids {
		if !placers[id] && !slices.ContainsFunc(principals[id], func(p models.Party) bool { return placers[p.Person.ID] }) {
			may = append(may, id)
		}
	}
	return may, nil
}

func barredFrom(tx *gorm.DB, duty string) (set, error) {
	var who []string
	if err := tx.Raw("SELECT who FROM inbox_barred WHERE duty_id = ?", duty).Scan(&who).Error; err != nil {
		return nil, fmt.Errorf("cannot look for who may sign: %w", err)
	}
	out := set{}
	out.add(who...)
	return out, nil
}

// anyOpen says whether one of the ways to sign is open.
func anyOpen(ways []signer, barred set, kind string) bool {
	for i, w := range ways {
		if slices.ContainsFunc(w.people, func(p string) bool { return barred[p] }) {
			continue
		}
		if kind == models.DutyReviewEmergency {
			if i == 0 { // in one's own name, for no team
				return true
			}
			continue
		}
		for _, t := range w.teams {
			if barred[onlyCustodians+":"+t] || !barred[onlyCustodians] && !barred[t] {
				return true
			}
		}
	}
	return false
}

// mostAtOnce is to how many people a notice about a broad stop is given in one transaction.
var mostAtOnce = 400

// stopped are some of those whom a broad stop concerns and who have not been told of it by
// this notice: the four of everything in force that it is on, and the administrators. Where
// there are more, the notice stays open and is expanded again.
func (r *relay) stopped(n models.OutboxRow, id string) ([]string, error) {
	h, err := find[models.Hold](r.tx, "id = ?", id)
	if err != nil || h == nil {
		return nil, err
	}
	four := fourOf("m.id IN (" + stopReaches[h.TargetKind] + ")")
	var ids []string
	err = r.tx.Raw(`SELECT p.id FROM people p WHERE p.status = 'active' AND p.id <> @actor
			AND p.id NOT IN (SELECT d.person_id FROM deliveries d WHERE d.outbox_id = @outbox AND d.person_id IS NOT NULL)
			AND (p.id IN (SELECT g.person_id FROM grants g WHERE g.role = 'administrator' AND g.ended_at IS NULL) OR p.id IN (`+four+`))
		ORDER BY p.id LIMIT @most`, map[string]any{"id": h.TargetID, "actor": n.Actor, "outbox": n.ID, "most": mostAtOnce + 1}).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for whom a stop concerns: %w", err)
	}
	if r.more = len(ids) > mostAtOnce; r.more {
		ids = ids[:mostAtOnce]
	}
	return ids, nil
}

// chosen are at most mostTold of the people, by the notice.
func chosen(ids []string, n models.OutboxRow) []string {
	if len(ids) <= mostTold {
		return ids
	}
	by := map[string]string{}
	for _, id := range ids {
		by[id] = models.Digest(n.ID + id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(by[a], by[b]) })
	return ids[:mostTold]
}
