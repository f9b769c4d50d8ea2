package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// DecideForbid runs a rule on what the organisation forbids; id is "" for a new one.
func (s *Store) DecideForbid(ctx context.Context, act models.Act, id string, rule func(models.ForbidFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := forbidFacts(tx, env, id)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

func forbidFacts(tx *gorm.DB, env models.Env, id string) (f models.ForbidFacts, err error) {
	f.Env = env
	if f.Open, err = all[models.Forbid](tx.Omit("text"), "proposed_at, id", openForbids); err != nil || id == "" {
		return f, err
	}
	if f.Forbid, err = find[models.Forbid](tx, "id = ?", id); err != nil || f.Forbid == nil {
		return f, err
	}
	if f.Merged, err = mergedFrom(tx, proposers(*f.Forbid)); err != nil {
		return f, err
	}
	f.Duties, err = all[models.Duty](tx, "id", "subject = ? AND closed_at IS NULL", id)
	return f, err
}

// openForbids are those in force, and those that wait to be.
const openForbids = "state <> 'withdrawn'"

// proposers are those whose word another administrator's has to join.
func proposers(f models.Forbid) []string {
	out := []string{f.ProposedBy}
	if f.EndProposedBy != nil {
		out = append(out, *f.EndProposedBy)
	}
	return out
}

// mergedFrom says of the people who were merged away who they are now, step by step.
func mergedFrom(tx *gorm.DB, people []string) (map[string]string, error) {
	into := map[string]string{}
	for len(people) > 0 {
		rows, err := all[models.Person](tx, "id", "id IN ? AND merged_into IS NOT NULL", people)
		if err != nil {
			return nil, err
		}
		people = nil
		for _, p := range rows {
			if _, again := into[p.ID]; !again {
				into[p.ID] = *p.MergedInto
				people = append(people, *p.MergedInto)
			}
		}
	}
	return into, nil
}

// ForbidList is what the organisation forbids: proposed, in force, and at most 50 that
// ended or never came into force, the latest first.
type ForbidList struct {
	Open, Ended []models.Forbid
	People      map[string]models.Party
}

// Forbids is the list for an administrator or auditor.
func (s *Store) Forbids(ctx context.Context, by models.Party) (l ForbidList, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		if l.Open, err = all[models.Forbid](tx, "proposed_at, id", openForbids); err != nil {
			return err
		}
		if l.Ended, err = all[models.Forbid](tx.Limit(NamePage), "proposed_at DESC, id", "NOT ("+openForbids+")"); err != nil {
			return err
		}
		l.People, err = parties(tx, forbidPeople(append(append([]models.Forbid{}, l.Open...), l.Ended...)))
		return err
	})
	return l, err
}

// ReadForbid is what an act on one forbid would look at just now, and everybody whom it
// names, for its page; NotFound where there is none.
func (s *Store) ReadForbid(ctx context.Context, by models.Party, id string) (f models.ForbidFacts, people map[string]models.Party, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		f, err = forbidFacts(tx, models.Env{Act: models.Act{Person: by.Person.ID}, By: by, Now: s.now()}, id)
		if err != nil {
			return err
		}
		if f.Forbid == nil {
			return missing("forbid")
		}
		people, err = parties(tx, forbidPeople([]models.Forbid{*f.Forbid}))
		return err
	})
	return f, people, err
}

func forbidPeople(rows []models.Forbid) []string {
	ids := set{}
	for _, f := range rows {
		ids.add(f.ProposedBy)
		for _, who := range []*string{f.ConfirmedBy, f.EndProposedBy, f.EndedBy} {
			if who != nil {
				ids.add(*who)
			}
		}
	}
	return ids.list()
}
