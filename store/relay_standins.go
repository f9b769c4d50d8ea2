package store

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// standin is a person with whom they are told for.
type standin struct{ person, principal string }

// standins are who is told besides, because somebody among the people is away and named
// them: once each, and not who acted or has been told. A pool or a team is asked as it is,
// so nobody stands in there. What concerns one person alone stays theirs, and nobody is
// sent what they may not open.
func (r *relay) standins(n models.OutboxRow, duty *models.Duty, ids []string, told set) ([]standin, error) {
	kind, _, group := strings.Cut(n.Recipient, ":")
	if n.Personal() || duty != nil && duty.Kind == models.DutyDrill || group && (kind == "pool" || kind == "team") {
		return nil, nil
	}
	var out []standin
	for some := range slices.Chunk(ids, chunk) {
		active, err := all[models.Delegation](r.tx, "from_at, id", "principal_id IN ? AND ended_at IS NULL AND from_at <= ? AND until_at > ?", some, r.now, r.now)
		if err != nil {
			return nil, err
		}
		for _, d := range active {
			to := d.DelegateID
			if to != n.Actor && !told[to] && !slices.Contains(ids, to) && !slices.ContainsFunc(out, func(s standin) bool { return s.person == to }) {
				out = append(out, standin{to, d.PrincipalID})
			}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return r.whoSees(n, out)
}

// whoSees leaves those who may still stand in, and may open what the notice is about.
func (r *relay) whoSees(n models.OutboxRow, all []standin) (out []standin, err error) {
	about, err := tell(r.tx, n)
	if err != nil {
		return nil, err
	}
	ids := set{}
	for _, s := range all {
		ids.add(s.person, s.principal)
	}
	people, err := parties(r.tx, ids.list())
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if !people[s.person].Has(models.Approver) || !people[s.principal].Has(models.Approver) {
			continue
		}
		sees := true
		switch {
		case about.Capability != "":
			sees, err = maySee(r.tx, people[s.person], about.Capability)
		case about.Agent != nil:
			sees, err = maySeeAgent(r.tx, people[s.person], about.Agent.ID)
		}
		if err != nil {
			return nil, err
		}
		if sees {
			out = append(out, s)
		}
	}
	return out, nil
}

// forWhom gives deliveries to somebody who stands in the id by which it is known for whom.
func forWhom(rows []models.Delivery, principal string) []models.Delivery {
	for i := range rows {
		rows[i].ID = deliveryID(rows[i].OutboxID, rows[i].Channel, rows[i].Recipient, principal)
	}
	return rows
}

func deliveryID(parts ...string) string {
	return "dlv_" + models.Digest(strings.Join(parts, "\x00"))[:26]
}

// standsInFor is the name of the person in whose place a delivery is sent to another; ""
// for what goes to somebody for themselves.
func standsInFor(tx *gorm.DB, d models.Delivery) (string, error) {
	if d.PersonID == nil || d.ID == deliveryID(d.OutboxID, d.Channel, d.Recipient) {
		return "", nil
	}
	given, err := all[models.Delegation](tx, "from_at DESC, id", "delegate_id = ? AND from_at <= ?", *d.PersonID, d.CreatedAt)
	if err != nil {
		return "", err
	}
	for _, g := range given {
		if d.ID == deliveryID(d.OutboxID, d.Channel, d.Recipient, g.PrincipalID) {
			return nameOf(tx, g.PrincipalID)
		}
	}
	return "", nil
}
