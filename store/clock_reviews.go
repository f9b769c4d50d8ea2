package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// openAtOnce is how many reviews one act opens: an entry of the record has at most
// 65,535 bytes, and a review with its duties takes some 700 of them.
const openAtOnce = 50

// openReviews opens the reviews of mandates whose moments are past, many in one act,
// since each act costs the ledger's lock.
func openReviews(s *Store, ctx context.Context, due []models.Moment) error {
	var errs []error
	for len(due) > 0 && ctx.Err() == nil {
		some := due[:min(openAtOnce, len(due))]
		due = due[len(some):]
		ids := make([]string, len(some))
		for i, m := range some {
			ids[i] = m.ID + "/" + fmt.Sprint(int64(m.At))
		}
		_, err := s.decide(ctx, clockAct(models.ClockReview, strings.Join(ids, " "), some[0].At), func(tx *gorm.DB, env models.Env) (models.Change, error) {
			f, err := reviewsFacts(tx, env, some)
			if err != nil {
				return models.Change{}, err
			}
			if err := rewindReviews(tx, f, some); err != nil {
				return models.Change{}, err
			}
			change, err := f.OpenReviews()
			if models.CodeOf(err) == models.Conflict {
				return change, errNothing
			}
			return change, err
		})
		if err != nil && !errors.Is(err, errNothing) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, ctx.Err())...)
}

// rewindReviews sets when the clock looks at each again: at its time where it was too
// early, else never, since whatever replaces a mandate has a moment of its own.
func rewindReviews(tx *gorm.DB, f models.ReviewsFacts, due []models.Moment) error {
	next := map[string]models.Instant{}
	for _, d := range f.Due {
		if d.Mandate.EndedAt == nil && !d.Open && d.From() > f.Now && d.Mandate.ReviewDueAt <= d.Mandate.UntilAt {
			next[d.Mandate.ID] = d.From()
		}
	}
	again := make([]models.Moment, len(due))
	for i, m := range due {
		at, early := next[m.ID]
		if !early {
			at = -1
		}
		again[i] = models.Moment{Kind: m.Kind, ID: m.ID, At: at}
	}
	return windAll(tx, again)
}

// reviewsFacts load the little that opening reviews takes, in the same few queries
// whatever their number.
func reviewsFacts(tx *gorm.DB, env models.Env, due []models.Moment) (f models.ReviewsFacts, err error) {
	f.Env = env
	ids := make([]string, len(due))
	for i, m := range due {
		ids[i] = m.ID
	}
	mandates, err := all[models.Mandate](tx, "review_due_at, id", "id IN ? AND ended_at IS NULL", ids)
	if err != nil {
		return f, err
	}
	versions := []string{""}
	for _, m := range mandates {
		versions = append(versions, m.VersionID)
	}
	var of []struct {
		ID, AgentID string
		No          int
	}
	if err := tx.Raw("SELECT v.id, c.agent_id, v.no FROM versions v JOIN capabilities c ON c.id = v.capability_id WHERE v.id IN ?", versions).Scan(&of).Error; err != nil {
		return f, fmt.Errorf("cannot load what is to be reviewed: %w", err)
	}
	var holders []struct {
		VersionID, PersonID string
		Role                models.Role
	}
	err = tx.Raw(`SELECT n.version_id, n.role, n.person_id FROM nominations n JOIN people p ON p.id = n.person_id
		WHERE n.version_id IN ? AND n.state = 'accepted' AND p.status = 'active'`, versions).Scan(&holders).Error
	if err != nil {
		return f, fmt.Errorf("cannot load who is to review: %w", err)
	}
	// What is to be narrowed goes on no longer, so it is not reviewed once more.
	open, err := all[models.Review](tx, "id", "version_id IN ? AND kind = 'periodic' AND (state = 'open' OR outcome = 'narrow')", versions)
	if err != nil {
		return f, err
	}
	for _, m := range mandates {
		d := models.ReviewDue{Mandate: m, Holders: map[models.Role]string{}}
		for _, v := range of {
			if v.ID == m.VersionID {
				d.AgentID, d.VersionNo = v.AgentID, v.No
			}
		}
		for _, h := range holders {
			if h.VersionID == m.VersionID {
				d.Holders[h.Role] = h.PersonID
			}
		}
		for _, r := range open {
			if r.VersionID == m.VersionID && (r.State == models.ReviewOpen || r.DueAt >= m.ReviewDueAt) {
				d.Open = true
			}
		}
		f.Due = append(f.Due, d)
	}
	return f, nil
}

// holdUnreviewed holds what was not reviewed in time.
func holdUnreviewed(s *Store, ctx context.Context, due []models.Moment) error {
	return s.eachMoment(ctx, due, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		r, err := find[models.Review](tx, "id = ? AND state = 'open'", m.ID)
		if err != nil {
			return models.Change{}, err
		}
		if r == nil {
			return models.Change{}, rewound(tx, m, -1)
		}
		if r.HoldAt > env.Now {
			return models.Change{}, rewound(tx, m, r.HoldAt)
		}
		return onCapability(tx, env, r.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			change, err := f.MissReview(r.ID)
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
