package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// goLiveOrLapse deals with approved versions: in force on their first day, or at an end
// after a month. They are few, so each is an act of its own.
func goLiveOrLapse(s *Store, ctx context.Context, due []models.Moment) error {
	return s.eachMoment(ctx, due, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		v, err := find[models.Version](tx, "id = ?", m.ID)
		if err != nil {
			return models.Change{}, err
		}
		if v == nil || v.State != models.Approved {
			return models.Change{}, rewound(tx, m, -1)
		}
		return onCapability(tx, env, v.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			change, err := f.GoLiveOrLapse(m.ID)
			if models.CodeOf(err) == models.Conflict {
				return change, rewound(tx, m, f.ApprovedNext(m.ID))
			}
			return change, err // the version that is written is approved no more, and so its moment goes
		})
	})
}

// oweRenewals asks owners to renew what ends with its last day.
func oweRenewals(s *Store, ctx context.Context, due []models.Moment) error {
	return s.eachMoment(ctx, due, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		in, err := find[models.Mandate](tx, "id = ? AND ended_at IS NULL", m.ID)
		if err != nil {
			return models.Change{}, err
		}
		if in == nil {
			return models.Change{}, rewound(tx, m, -1)
		}
		if next := in.UntilAt - models.RenewBefore; next > env.Now {
			return models.Change{}, rewound(tx, m, next)
		}
		return onCapability(tx, env, in.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			change, err := f.OweRenewal(m.ID)
			if models.CodeOf(err) == models.Conflict {
				return change, rewound(tx, m, -1)
			}
			if err != nil {
				return change, err
			}
			return change, over(tx, m)
		})
	})
}

// over takes a moment off the clock, with what was done about it.
func over(tx *gorm.DB, m models.Moment) error {
	m.At = -1
	return wind(tx, m)
}

// rewound winds a moment of which there is nothing to record, and says so.
func rewound(tx *gorm.DB, m models.Moment, at models.Instant) error {
	m.At = at
	if err := wind(tx, m); err != nil {
		return err
	}
	return errNothing
}

// eachMoment decides about moments one by one, each under an act id that follows from
// the moment. One that fails does not keep the others from being done.
func (s *Store) eachMoment(ctx context.Context, due []models.Moment, rule func(*gorm.DB, models.Env, models.Moment) (models.Change, error)) error {
	var errs []error
	for _, m := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, err := s.decide(ctx, clockAct(m.Kind, m.ID, m.At), func(tx *gorm.DB, env models.Env) (models.Change, error) { return rule(tx, env, m) })
		if err != nil && !errors.Is(err, errNothing) {
			errs = append(errs, fmt.Errorf("%s %s: %w", m.Kind, m.ID, err))
		}
	}
	return errors.Join(errs...)
}
