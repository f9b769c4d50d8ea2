package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// loadReviews loads the reviews that are open, and the small ones of what is in force,
// so that nothing is asked about twice.
func loadReviews(tx *gorm.DB, f *models.CapabilityFacts) error {
	version := ""
	if f.Mandate != nil {
		version = f.Mandate.VersionID
	}
	rows, err := all[models.Review](tx, "opened_at, id", "capability_id = ? AND (state = 'open' OR version_id = ? AND kind = 'change')", f.Capability.ID, version)
	if err != nil {
		return err
	}
	f.Reviews, err = reviewFiles(tx, rows)
	return err
}

// reviewFiles adds to reviews what was answered.
func reviewFiles(tx *gorm.DB, rows []models.Review) ([]models.ReviewFile, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	answers, err := all[models.ReviewAnswer](tx, "answered_at, role", "review_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.ReviewFile, len(rows))
	for i, r := range rows {
		out[i].Review = r
		for _, a := range answers {
			if a.ReviewID == r.ID {
				out[i].Answers = append(out[i].Answers, a)
			}
		}
	}
	return out, nil
}

// DecideReview runs a rule on the capability of a review. also names the challenge that
// an authenticator answered.
func (s *Store) DecideReview(ctx context.Context, act models.Act, id string, also Lookup, rule func(models.CapabilityFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		r, err := find[models.Review](tx, "id = ?", id)
		if err != nil {
			return models.Change{}, err
		}
		if r == nil {
			return models.Change{}, missing("review")
		}
		change, err := onCapability(tx, env, r.CapabilityID, also, func(f models.CapabilityFacts) (models.Change, error) {
			if f.ReviewOf(id) == nil { // over since, and of no interest to any other act
				files, err := reviewFiles(tx, []models.Review{*r})
				if err != nil {
					return models.Change{}, err
				}
				f.Reviews = append(f.Reviews, files...)
			}
			return rule(f)
		})
		if models.CodeOf(err) == models.NotFound {
			return change, missing("review") // as if there were none
		}
		return change, err
	})
}
