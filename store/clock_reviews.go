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

// changePage is how many capabilities in force are looked at in one step, where the
// rules or what the catalogue says of a system changed.
const changePage = 500

// reviewChanges opens small reviews of what changed beside a version in force: its
// agent's manifest (the moment is of the agent), or the tier that would follow now (of a
// system, or of tier rules). A moment of many ends with where it goes on.
func reviewChanges(s *Store, ctx context.Context, due []models.Moment) error {
	var errs []error
	for _, m := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, s.reviewChange(ctx, m))
	}
	return errors.Join(errs...)
}

// reviewChange does so for one moment. Where something fails the moment stays, and is
// tried again; what was looked at is in the record, so the same twice asks nobody twice.
func (s *Store) reviewChange(ctx context.Context, m models.Moment) error {
	of, after, _ := strings.Cut(m.ID, "/")
	ids, next, err := s.changedBeside(ctx, of, after)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range ids {
		_, err := s.decide(ctx, models.Act{ID: NewActID(), Person: models.SystemActor}, func(tx *gorm.DB, env models.Env) (models.Change, error) {
			return onCapability(tx, env, id, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
				signed, err := signedManifest(tx, f)
				if err != nil {
					return models.Change{}, err
				}
				return f.SeeToChanges(signed)
			})
		})
		if err != nil && models.CodeOf(err) != models.Conflict {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	return s.goOn(ctx, m, of, next)
}

// goOn takes the moment away, unless it was set anew meanwhile, and sets the one at
// which the rest is looked at.
func (s *Store) goOn(ctx context.Context, m models.Moment, of, next string) error {
	return s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM clock WHERE kind = ? AND id = ? AND at = ?", m.Kind, m.ID, m.At).Error; err != nil {
			return fmt.Errorf("cannot wind the clock: %w", err)
		}
		if next == "" {
			return nil
		}
		return wind(tx, models.Moment{Kind: m.Kind, ID: of + "/" + next, At: m.At})
	})
}

func signedManifest(tx *gorm.DB, f models.CapabilityFacts) (models.Manifest, error) {
	if f.Force == nil {
		return models.Manifest{}, nil
	}
	r, err := revision(tx, f.Force.Version.AgentRevisionID)
	if err != nil || r == nil {
		return models.Manifest{}, err
	}
	return r.Manifest(), nil
}

// changedBeside are capabilities in force beside which something changed, and after
// which one to go on; "" where these are all.
func (s *Store) changedBeside(ctx context.Context, of, after string) (ids []string, next string, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		kind, _, _ := strings.Cut(of, "_")
		if kind == "agt" {
			return scanStrings(tx, &ids, `SELECT m.capability_id FROM mandates m JOIN capabilities c ON c.id = m.capability_id
				JOIN versions v ON v.id = m.version_id JOIN agents g ON g.id = c.agent_id
				WHERE c.agent_id = ? AND m.ended_at IS NULL AND v.agent_revision_id <> g.revision_id ORDER BY m.capability_id`, of)
		}
		from, args := "mandates m", []any{after, changePage}
		if kind == "sys" {
			from, args = "system_uses u JOIN mandates m ON m.capability_id = u.capability_id AND u.system_id = ?", []any{of, after, changePage}
		}
		var live []models.LiveUse
		err := tx.Raw(`SELECT m.capability_id, m.owner_id, m.tier, v.document, COALESCE(r.document, '') AS manifest
			FROM `+from+` JOIN versions v ON v.id = m.version_id LEFT JOIN agent_revisions r ON r.id = v.agent_revision_id
			WHERE m.ended_at IS NULL AND m.capability_id > ? ORDER BY m.capability_id LIMIT ?`, args...).Scan(&live).Error
		if err != nil {
			return fmt.Errorf("cannot look at what is in force: %w", err)
		}
		if len(live) == changePage {
			next = live[len(live)-1].CapabilityID
		}
		ids, err = movedNow(tx, live)
		return err
	})
	return ids, next, err
}

func scanStrings(tx *gorm.DB, out *[]string, query string, args ...any) error {
	if err := tx.Raw(query, args...).Scan(out).Error; err != nil {
		return fmt.Errorf("cannot look at what is in force: %w", err)
	}
	return nil
}

// movedNow are those of which the rules and the catalogue would now make another tier.
func movedNow(tx *gorm.DB, live []models.LiveUse) (ids []string, err error) {
	var rules models.TierRulesRow
	if err := activeRules(tx, &rules); err != nil {
		return nil, err
	}
	ops, systems := set{}, set{}
	for _, u := range live {
		for _, f := range u.Facts() {
			ops.add(f.OperationID)
			systems.add(f.SystemID)
		}
	}
	f := models.CapabilityFacts{}
	if f.Operations, err = byID[models.Operation](tx, ops.list()); err != nil {
		return nil, err
	}
	if f.Systems, err = byID[models.System](tx, systems.list()); err != nil {
		return nil, err
	}
	asks := rules.Rules()
	for _, u := range live {
		if u.TierNow(asks, f) != u.Tier {
			ids = append(ids, u.CapabilityID)
		}
	}
	return ids, nil
}
