package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// PeopleFilter is what the list of people may be asked for. Status "" is active.
type PeopleFilter struct {
	Search, Status string
	Except         string // somebody who is left out
	NameCursor
}

// PersonLine is a person in the administration's list.
type PersonLine struct {
	models.Party
	Accounts int
}

// People is a page of the people, in the order of names.
func (s *Store) People(ctx context.Context, by models.Party, f PeopleFilter) (out []PersonLine, turn NameTurn, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		if f.Status == "" {
			f.Status = models.PersonActive
		}
		var rows []struct {
			ID       string
			Accounts int
		}
		q := byName(tx, "people", f.NameCursor).Select("x.id, (SELECT COUNT(*) FROM accounts a WHERE a.person_id = x.id) AS accounts").
			Where("x.status = ? AND x.id <> ?", f.Status, f.Except)
		if err := anywhere(q, f.Search, "x.name", "x.email").Scan(&rows).Error; err != nil {
			return fmt.Errorf("cannot load the people: %w", err)
		}
		ids := make([]string, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		people, err := parties(tx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			out = append(out, PersonLine{people[r.ID], r.Accounts})
		}
		out, turn = turned(out, f.NameCursor, func(p PersonLine) string { return p.Person.ID })
		return nil
	})
	return out, turn, err
}

// AdminPerson is a person as an administrator manages them.
type AdminPerson struct {
	models.Party
	Into     models.Party // who remains, of somebody who was merged away
	Manager  models.Party // zero for none
	Grants   []models.Grant
	Granters map[string]models.Party
	Accounts []models.Account
	Links    Links // open, that concern the person
	Answers  int   // how many capabilities in force they answer for, seen or not
}

// AdminPerson is a person's page in the administration; NotFound where there is none.
func (s *Store) AdminPerson(ctx context.Context, by models.Party, id string) (p AdminPerson, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
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
		if p.Granters, err = parties(tx, granters(p.Grants)); err != nil {
			return err
		}
		if p.Manager, err = partyOf(tx, p.Person.ManagerID); err != nil {
			return err
		}
		if p.Accounts, err = all[models.Account](tx, "issuer, subject", "person_id = ?", id); err != nil {
			return err
		}
		if p.Links, err = waitingLinks(tx, "state = 'proposed' AND (person_id = ? OR from_id = ?)", id, id); err != nil {
			return err
		}
		err = tx.Raw("SELECT COUNT(*) FROM ("+answersFor+") x", map[string]any{"person": id}).Scan(&p.Answers).Error
		if err != nil {
			return fmt.Errorf("cannot count what a person answers for: %w", err)
		}
		return nil
	})
	return p, err
}

// Leaving is what deactivating a person would hold: what the viewer may see of
// it by name, and how many in all.
func (s *Store) Leaving(ctx context.Context, by models.Party, id string) (p AdminPerson, seen []Answer, err error) {
	if p, err = s.AdminPerson(ctx, by, id); err != nil {
		return p, nil, err
	}
	seen, _, err = answersOf(s.read.WithContext(ctx), by, id, "")
	return p, seen, err
}
