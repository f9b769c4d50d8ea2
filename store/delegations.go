package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// delegationsOf are the delegations that count now or later, of which somebody
// among the people is either side.
func delegationsOf(tx *gorm.DB, now models.Instant, people ...string) ([]models.Delegation, error) {
	return all[models.Delegation](tx, "from_at, id", "ended_at IS NULL AND until_at > ? AND (delegate_id IN ? OR principal_id IN ?)", now, people, people)
}

// standsFor is for whom an approver stands in at the moment, each with their roles
// and teams: one query where there is nobody, which is nearly always. A models.Party
// does not carry it, since in their own name only a person's own exclusions count;
// who asks for somebody in another's name asks for both.
func standsFor(tx *gorm.DB, person string, now models.Instant) ([]models.Standin, error) {
	active, err := all[models.Delegation](tx, "from_at, id", "delegate_id = ? AND ended_at IS NULL AND from_at <= ? AND until_at > ?", person, now, now)
	if err != nil || len(active) == 0 {
		return nil, err
	}
	ids := set{}
	for _, d := range active {
		ids.add(d.PrincipalID)
	}
	people, err := parties(tx, ids.list())
	if err != nil {
		return nil, err
	}
	var out []models.Standin
	for _, d := range active {
		if p := people[d.PrincipalID]; p.Has(models.Approver) {
			out = append(out, models.Standin{Principal: p, Delegation: &d})
		}
	}
	return out, nil
}

// principalsOf are the people for whom an approver stands in at the moment, for
// lists of what they may decide: in the name of each, both may have had no part.
func principalsOf(tx *gorm.DB, person string, now models.Instant) ([]models.Party, error) {
	active, err := standsFor(tx, person, now)
	var out []models.Party
	for _, s := range active {
		out = append(out, s.Principal)
	}
	return out, err
}

// Absence is who stands in for whom, as a person's own page shows it: what counts
// now or later, soonest first, and everybody who could be named.
type Absence struct {
	Mine   []models.Delegation // the viewer gave
	Others []models.Delegation // the viewer was given
	People map[string]models.Party
	// Approvers are whom the viewer could name: empty where they hold not the role.
	Approvers []models.Party
	Now       models.Instant
}

// Absence is the viewer's own, and nobody else's.
func (s *Store) Absence(ctx context.Context, viewer models.Party) (a Absence, err error) {
	a.Now = s.now()
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		me := viewer.Person.ID
		open, err := delegationsOf(tx, a.Now, me)
		if err != nil {
			return err
		}
		ids := set{}
		for _, d := range open {
			ids.add(d.DelegateID, d.PrincipalID)
			if d.PrincipalID == me {
				a.Mine = append(a.Mine, d)
			} else {
				a.Others = append(a.Others, d)
			}
		}
		if a.People, err = parties(tx, ids.list()); err != nil || !viewer.Has(models.Approver) {
			return err
		}
		approvers, err := withRole(tx, models.Approver)
		for _, p := range approvers {
			if p.Person.ID != me {
				a.Approvers = append(a.Approvers, p)
			}
		}
		return err
	})
	return a, err
}
