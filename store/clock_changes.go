package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// changePage is how many capabilities in force are looked at in one step, where the
// rules or what the catalogue says of a system changed.
const changePage = 500

// changesTogether is how many changes are looked at together, at most: one import changes
// hundreds of systems, and the same capabilities use many of them.
const changesTogether = 2000

// reviewChanges opens small reviews of what changed beside a version in force: its
// agent's manifest (the moment is of the agent), or the tier that would follow now (of a
// system, or of tier rules). A moment of many ends with where it goes on. All that are due
// by now are looked at together, so that a document is read once however many systems changed.
func reviewChanges(s *Store, ctx context.Context, _ []models.Moment) error {
	var due []models.Moment
	err := s.read.WithContext(ctx).Raw("SELECT kind, id, at FROM clock WHERE kind = ? AND at <= ? ORDER BY at, id LIMIT ?", models.ClockChange, s.now(), changesTogether).Scan(&due).Error
	if err != nil {
		return fmt.Errorf("cannot read what changed: %w", err)
	}
	together := map[string]changes{}
	for _, m := range due {
		of, after, _ := strings.Cut(m.ID, "/")
		kind, _, _ := strings.Cut(of, "_")
		c := changes{kind: kind, after: after, moments: together[kind+"/"+after].moments}
		c.moments = append(c.moments, m)
		together[kind+"/"+after] = c
	}
	var errs []error
	for _, k := range slices.Sorted(maps.Keys(together)) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, s.reviewTogether(ctx, together[k]))
	}
	return errors.Join(errs...)
}

// changes are moments of one kind that go on from one place.
type changes struct {
	kind    string // of the ids of what changed: agt, sys, else tier rules
	after   string // the capability that was looked at last
	moments []models.Moment
}

// of are the ids of what changed.
func (c changes) of() []string {
	ids := make([]string, len(c.moments))
	for i, m := range c.moments {
		ids[i], _, _ = strings.Cut(m.ID, "/")
	}
	return ids
}

// reviewTogether looks at one page for all of them. Where something fails each is tried
// alone, so that what cannot be looked at stands in the way of no more than its own moments:
// they stay, and are tried again. What was looked at is in the record, so the same twice
// asks nobody twice.
func (s *Store) reviewTogether(ctx context.Context, c changes) error {
	ids, next, err := s.changedBeside(ctx, c)
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
	switch {
	case len(errs) == 0:
		return s.goOn(ctx, c, next)
	case len(c.moments) == 1 || ctx.Err() != nil:
		return errors.Join(errs...)
	}
	errs = nil
	for _, m := range c.moments {
		errs = append(errs, s.reviewTogether(ctx, changes{kind: c.kind, after: c.after, moments: []models.Moment{m}}))
	}
	return errors.Join(errs...)
}

// goOn takes the moments away, unless they were set anew meanwhile, and sets those at
// which the rest is looked at.
func (s *Store) goOn(ctx context.Context, c changes, next string) error {
	at := map[models.Instant][]string{}
	var rest []models.Moment
	for i, of := range c.of() {
		m := c.moments[i]
		at[m.At] = append(at[m.At], m.ID)
		rest = append(rest, models.Moment{Kind: m.Kind, ID: of + "/" + next, At: m.At})
	}
	return s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, when := range slices.Sorted(maps.Keys(at)) { // mostly one: a change is to be looked at at once
			for some := range slices.Chunk(at[when], chunk) {
				if err := tx.Exec("DELETE FROM clock WHERE kind = ? AND id IN ? AND at = ?", models.ClockChange, some, when).Error; err != nil {
					return fmt.Errorf("cannot wind the clock: %w", err)
				}
			}
		}
		if next == "" {
			return nil
		}
		return windAll(tx, rest)
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

// changedBeside are capabilities in force beside which something changed that nobody was
// asked about, and after which one to go on; "" where these are all.
func (s *Store) changedBeside(ctx context.Context, c changes) (ids []string, next string, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if c.kind == "agt" {
			return scanStrings(tx, &ids, `SELECT m.capability_id FROM mandates m JOIN capabilities c ON c.id = m.capability_id
				JOIN versions v ON v.id = m.version_id JOIN agents g ON g.id = c.agent_id
				WHERE c.agent_id IN ? AND m.ended_at IS NULL AND v.agent_revision_id <> g.revision_id ORDER BY m.capability_id`, c.of())
		}
		live, err := inForceBeside(tx, c)
		if err != nil {
			return err
		}
		if len(live) == changePage {
			next = live[len(live)-1].CapabilityID
		}
		ids, err = movedNow(tx, live)
		return err
	})
	return ids, next, err
}

// inForceBeside reads one document after the other and keeps what their tiers follow from.
func inForceBeside(tx *gorm.DB, c changes) (out []models.SignedTier, err error) {
	uses, args := "", []any{c.after}
	if c.kind == "sys" {
		uses, args = " AND m.capability_id IN (SELECT u.capability_id FROM system_uses u WHERE u.system_id IN ?)", append(args, c.of())
	}
	rows, err := tx.Raw(`SELECT m.capability_id, m.version_id, m.tier, v.document, COALESCE(r.document, '') AS manifest
		FROM mandates m JOIN versions v ON v.id = m.version_id LEFT JOIN agent_revisions r ON r.id = v.agent_revision_id
		WHERE m.ended_at IS NULL AND m.capability_id > ?`+uses+" ORDER BY m.capability_id LIMIT ?", append(args, changePage)...).Rows()
	if err != nil {
		return nil, fmt.Errorf("cannot look at what is in force: %w", err)
	}
	defer func() { _ = rows.Close() }() // rows.Err below tells what there is to tell
	for rows.Next() {
		var id, version, document, manifest string
		var tier models.Tier
		if err := rows.Scan(&id, &version, &tier, &document, &manifest); err != nil {
			return nil, fmt.Errorf("cannot look at what is in force: %w", err)
		}
		out = append(out, models.ReadSignedTier(id, version, tier, document, manifest))
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("cannot look at what is in force: %w", err)
	}
	return out, nil
}

func scanStrings(tx *gorm.DB, out *[]string, query string, args ...any) error {
	if err := tx.Raw(query, args...).Scan(out).Error; err != nil {
		return fmt.Errorf("cannot look at what is in force: %w", err)
	}
	return nil
}

// movedNow are those of which the rules and the catalogue would now make another tier, and
// nobody was asked about that one.
func movedNow(tx *gorm.DB, live []models.SignedTier) (ids []string, err error) {
	var rules models.TierRulesRow
	if err := activeRules(tx, &rules); err != nil {
		return nil, err
	}
	ops, systems := set{}, set{}
	for _, x := range live {
		ops.add(x.Operations...)
	}
	f := models.CapabilityFacts{}
	if f.Operations, err = byID[models.Operation](tx, ops.list()); err != nil {
		return nil, err
	}
	for _, o := range f.Operations {
		systems.add(o.SystemID)
	}
	if f.Systems, err = byID[models.System](tx, systems.list()); err != nil {
		return nil, err
	}
	asks, moved := rules.Rules(), map[string]models.Tier{}
	for _, x := range live {
		if tier := x.TierNow(asks, f); tier != x.Tier {
			ids, moved[x.VersionID] = append(ids, x.CapabilityID), tier
		}
	}
	return notAsked(tx, ids, moved)
}

// notAsked leaves out whom somebody was already asked about, as of the tiers that the versions
// would have now: they stay at another tier until they are signed anew, through every later change.
func notAsked(tx *gorm.DB, ids []string, moved map[string]models.Tier) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	reviews, err := all[models.Review](tx, "id", "capability_id IN ? AND kind = 'change'", ids)
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, r := range reviews {
		if tier, of := moved[r.VersionID]; of && r.AsksAbout(tier) {
			asked[r.CapabilityID] = true
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return asked[id] }), nil
}
