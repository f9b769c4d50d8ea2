package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// PersonPage is a person as any colleague may see them.
type PersonPage struct {
	models.Party
	Grants  []models.Grant // open
	Into    models.Party   // who remains, of somebody who was merged away
	Manager models.Party   // zero for none
	Answers []Answer       // what the viewer may see of it
	Next    string         // the capability after which the next page begins, or ""
}

// LiveRow is the matrix's line of a capability in force, and whether anything
// holds it: a hold on itself, its agent, its people, its systems or everything.
type LiveRow struct {
	models.MatrixRow
	Held bool
}

// Answer is a capability in force that a person answers for, and as what.
type Answer struct {
	LiveRow
	As []models.Role
}

// liveRows asks for lines of the matrix that the viewer may see, in the order of
// names, one more than a page shows.
func liveRows(tx *gorm.DB, by models.Party) (*gorm.DB, error) {
	kinds, err := broadHolds(tx, nil)
	if err != nil {
		return nil, err
	}
	is, with := held(kinds, nil)
	cond, args := seen(by, "m.capability_id")
	return tx.Table("matrix_rows m").Select("m.*, CASE WHEN "+is+" THEN 1 ELSE 0 END AS held", with...).
		Where(cond, args...).Order("m.sort_name, m.capability_id").Limit(NamePage + 1), nil
}

// Person is a person's page for a signed-in viewer; NotFound where there is
// none. Of what the person answers for it has what the viewer may see.
func (s *Store) Person(ctx context.Context, by models.Party, id, after string) (p PersonPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		people, err := parties(tx, []string{id})
		if err != nil {
			return err
		}
		var ok bool
		if p.Party, ok = people[id]; !ok {
			return missing("person")
		}
		if into := p.Person.MergedInto; into != nil {
			if people, err = parties(tx, []string{*into}); err != nil {
				return err
			}
			p.Into = people[*into]
		}
		if p.Grants, err = all[models.Grant](tx, "granted_at, id", "person_id = ? AND ended_at IS NULL", id); err != nil {
			return err
		}
		if p.Manager, err = partyOf(tx, p.Person.ManagerID); err != nil {
			return err
		}
		p.Answers, p.Next, err = answersOf(tx, by, id, after)
		return err
	})
	return p, err
}

// answersFor are the ids of the capabilities in force that a person answers for:
// by their four roles, each through its own index.
const answersFor = `SELECT capability_id FROM mandates WHERE ended_at IS NULL AND owner_id = @person
	UNION SELECT capability_id FROM mandates WHERE ended_at IS NULL AND provisioner_id = @person
	UNION SELECT capability_id FROM mandates WHERE ended_at IS NULL AND control_owner_id = @person
	UNION SELECT m.capability_id FROM seat_people s JOIN mandates m ON m.id = s.mandate_id WHERE m.ended_at IS NULL AND s.person_id = @person`

// answersOf are what a person answers for, as far as the viewer may see it, in
// the order of names; next is where the next page begins, or "".
func answersOf(tx *gorm.DB, by models.Party, person, after string) (out []Answer, next string, err error) {
	q, err := liveRows(tx, by)
	if err != nil {
		return nil, "", err
	}
	q = q.Where("m.capability_id IN ("+answersFor+")", map[string]any{"person": person})
	if after != "" {
		q = q.Where("(m.sort_name, m.capability_id) > (SELECT k.sort_name, k.capability_id FROM matrix_rows k WHERE k.capability_id = ?)", after)
	}
	var rows []LiveRow
	if err := q.Scan(&rows).Error; err != nil {
		return nil, "", fmt.Errorf("cannot load what a person answers for: %w", err)
	}
	if len(rows) > NamePage {
		rows = rows[:NamePage]
		next = rows[NamePage-1].CapabilityID
	}
	for _, row := range rows {
		out = append(out, Answer{LiveRow: row, As: answersAs(row.MatrixRow, person)})
	}
	return out, next, nil
}

// answersAs are the roles that a person holds on a line of the matrix.
func answersAs(row models.MatrixRow, person string) (as []models.Role) {
	for _, r := range []struct {
		role models.Role
		id   string
	}{{models.BusinessOwner, row.OwnerID}, {models.Provisioner, row.ProvisionerID}, {models.ControlOwner, row.ControlOwnerID}} {
		if r.id == person {
			as = append(as, r.role)
		}
	}
	var approvers []string
	// The line was written by us; what does not parse names nobody.
	_ = json.Unmarshal([]byte(row.Approvers), &approvers)
	if slices.Contains(approvers, person) {
		as = append(as, models.Approver)
	}
	return as
}

// Me is what a person's own page shows beside who they are.
type Me struct {
	Grants   []models.Grant   // open
	Accounts []models.Account // with which they may sign in
	Granters map[string]models.Party
	Manager  models.Party // zero for none
}

// Me is the viewer's own page.
func (s *Store) Me(ctx context.Context, by models.Party) (me Me, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		id := by.Person.ID
		if me.Grants, err = all[models.Grant](tx, "granted_at, id", "person_id = ? AND ended_at IS NULL", id); err != nil {
			return err
		}
		if me.Accounts, err = all[models.Account](tx, "issuer, subject", "person_id = ?", id); err != nil {
			return err
		}
		if me.Granters, err = parties(tx, granters(me.Grants)); err != nil {
			return err
		}
		me.Manager, err = partyOf(tx, by.Person.ManagerID)
		return err
	})
	return me, err
}

// partyOf is the person of an id, whatever their status; the zero Party for nil.
func partyOf(tx *gorm.DB, id *string) (models.Party, error) {
	if id == nil {
		return models.Party{}, nil
	}
	people, err := parties(tx, []string{*id})
	return people[*id], err
}

func granters(grants []models.Grant) []string {
	ids := set{}
	for _, g := range grants {
		if g.GrantedBy != models.SystemActor {
			ids.add(g.GrantedBy)
		}
	}
	return ids.list()
}
