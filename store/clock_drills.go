package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"countersign/models"
)

// How the clock drills people. A person's moment (kind drill) is chosen at random and
// kept in the clock alone: no page shows it. At 0 it is to be chosen.

// mostAsked is how many capabilities are looked at for one that runs just now.
const mostAsked = 5

// chance is a random number: when and about what somebody is asked is nobody's to foresee.
func chance() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand, since Go 1.24)
	return binary.LittleEndian.Uint64(b[:])
}

// drillPeople chooses when people are asked next, and asks those whose moment has come.
func drillPeople(s *Store, ctx context.Context, due []models.Moment) error {
	var errs []error
	for _, m := range due {
		errs = append(errs, s.endMoot(ctx, m.ID))
	}
	return errors.Join(append(errs, s.eachMoment(ctx, due, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		p, err := drillPerson(tx, m.ID, env.Now)
		if err != nil {
			return models.Change{}, err
		}
		if m.At == 0 || !p.Due(env.Now) {
			return models.Change{}, rewound(tx, m, p.Next(env.Now, chance()))
		}
		change, err := ask(tx, env, p)
		if err != nil {
			return change, err
		}
		return change, over(tx, m)
	}))...)
}

// endMoot ends the drill of somebody who left, or answers for its capability no more.
func (s *Store) endMoot(ctx context.Context, person string) error {
	open, err := find[models.Drill](s.read.WithContext(ctx), "person_id = ? AND kind = 'answer' AND state IN ('open', 'missed')", person)
	if err != nil || open == nil {
		return err
	}
	_, err = s.DecideDrill(ctx, clockAct("drill_moot", open.ID, 0), open.ID, models.DrillFacts.Moot)
	if models.CodeOf(err) == models.Conflict {
		return nil
	}
	return err
}

// ask asks a person about one of the capabilities of their highest tier, by chance,
// and rather about one that runs.
func ask(tx *gorm.DB, env models.Env, p models.DrillPerson) (models.Change, error) {
	of, _ := p.Candidates()
	first := models.DrillFacts{}
	for i := range min(len(of), mostAsked) {
		j := i + int(chance()%uint64(len(of)-i))
		of[i], of[j] = of[j], of[i]
		c, err := capabilityFacts(tx, env, of[i].CapabilityID, Lookup{People: []string{p.Person.ID}})
		if err != nil {
			return models.Change{}, err
		}
		f := models.DrillFacts{CapabilityFacts: c}
		if i == 0 {
			first = f
		}
		if may, _ := f.MayAct(); may {
			first = f
			break
		}
	}
	random := models.Chance{Which: chance(), Before: models.Minute + models.Instant(chance()%uint64(19*models.Minute))}
	if chance()%3 == 0 {
		var err error
		if random.Decoy, err = decoy(tx, first.CapabilityFacts); err != nil {
			return models.Change{}, err
		}
	}
	return first.Ask(p, random)
}

// decoy is an operation that was not signed for the capability, rather of a system
// that it reaches; nil where the catalogue has none.
func decoy(tx *gorm.DB, f models.CapabilityFacts) (*models.Fact, error) {
	signed, systems := []string{""}, []string{""}
	for _, x := range f.Force.Version.Doc().Facts {
		signed, systems = append(signed, x.OperationID), append(systems, x.SystemID)
	}
	for _, where := range []string{"o.system_id IN ?", "o.system_id NOT IN ?"} {
		others, err := all[models.Operation](tx.Table("operations o").Limit(100), "o.id", "o.state = 'active' AND o.id NOT IN ? AND "+where, signed, systems)
		if err != nil {
			return nil, err
		}
		if len(others) == 0 {
			continue
		}
		op := others[chance()%uint64(len(others))]
		sys, err := find[models.System](tx, "id = ?", op.SystemID)
		if err != nil || sys == nil {
			return nil, err
		}
		fact := models.FactOf(op, *sys, nil)
		return &fact, nil
	}
	return nil, nil
}

// missDrills records drills that nobody answered in time.
func missDrills(s *Store, ctx context.Context, due []models.Moment) error {
	return s.eachMoment(ctx, due, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		return onDrill(tx, env, m.ID, func(f models.DrillFacts) (models.Change, error) {
			change, err := f.Miss()
			if models.CodeOf(err) != models.Conflict {
				return change, err
			}
			if f.Drill.State == models.DrillOpen {
				return change, rewound(tx, m, *f.Drill.DueAt)
			}
			return change, rewound(tx, m, -1)
		})
	})
}

// drillsFollow has the clock look again where a mandate begins or ends: whoever
// answers for a higher tier is asked sooner, and whoever answers no more is asked
// nothing any longer.
func drillsFollow(tx *gorm.DB, m *models.Mandate) error {
	if m.EndedAt != nil {
		err := tx.Exec(`INSERT INTO clock (kind, id, at) SELECT ?, d.person_id, 0 FROM drills d WHERE d.capability_id = ? AND d.kind = 'answer' AND d.state IN ('open', 'missed')
			ON CONFLICT (kind, id) DO UPDATE SET at = 0`, models.ClockDrill, m.CapabilityID).Error
		if err != nil {
			return fmt.Errorf("cannot wind the clock: %w", err)
		}
		return nil
	}
	rules, err := find[models.TierRulesRow](tx, "id = (SELECT v.tier_rules_id FROM versions v WHERE v.id = ?)", m.VersionID)
	if err != nil || rules == nil {
		return err
	}
	every := models.Instant(rules.Rules().Asks[m.Tier].DrillDays) * models.Day
	if every == 0 {
		return nil
	}
	err = tx.Exec(`UPDATE clock SET at = 0 WHERE kind = ? AND at > ? AND (id IN (?, ?, ?) OR id IN (SELECT s.person_id FROM seat_people s WHERE s.mandate_id = ?))`,
		models.ClockDrill, m.FromAt+every, m.OwnerID, m.ProvisionerID, m.ControlOwnerID, m.ID).Error
	if err != nil {
		return fmt.Errorf("cannot wind the clock: %w", err)
	}
	return nil
}

// killDrills begins kill drills, measures, and ends them. One that was broken off
// half-way is ended by the next tick; of two replicas the first one counts.
func killDrills(s *Store, ctx context.Context, due []models.Moment) error {
	var errs []error
	for _, m := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.killDrill(ctx, m); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", m.Kind, m.ID, err))
		}
	}
	return errors.Join(errs...)
}

func (s *Store) killDrill(ctx context.Context, m models.Moment) error {
	err := s.eachMoment(ctx, []models.Moment{m}, func(tx *gorm.DB, env models.Env, m models.Moment) (models.Change, error) {
		return onDrill(tx, env, m.ID, func(f models.DrillFacts) (models.Change, error) {
			change, err := f.BeginKill()
			if models.CodeOf(err) == models.Conflict {
				return change, killMoment(tx, m, f)
			}
			return change, err
		})
	})
	if err != nil {
		return err
	}
	d, err := find[models.Drill](s.write.WithContext(ctx), "id = ?", m.ID)
	if err != nil || d == nil || d.State != models.DrillOpen {
		return err
	}
	stopped, err := s.stoppedAt(ctx, d.CapabilityID)
	if err != nil {
		return err
	}
	_, err = s.DecideDrill(ctx, clockAct("kill_drill_end", d.ID, 0), d.ID, func(f models.DrillFacts) (models.Change, error) { return f.EndKill(stopped) })
	if models.CodeOf(err) == models.Conflict { // another replica has seen to it
		return nil
	}
	return err
}

// killMoment winds the moment of a kill drill of which there is nothing to begin.
func killMoment(tx *gorm.DB, m models.Moment, f models.DrillFacts) error {
	switch {
	case f.Drill.EndedAt != nil:
		return rewound(tx, m, -1)
	case f.Drill.State == models.DrillPlanned:
		return rewound(tx, m, f.Drill.PlannedAt)
	}
	return errNothing // it was begun: it is ended now
}

// stoppedAt is when a fresh read, as a decision would make it, says for the first
// time that the capability may not act; nil where none does within the bound.
func (s *Store) stoppedAt(ctx context.Context, capability string) (*models.Instant, error) {
	bound := time.Duration(models.KillBound) * time.Microsecond
	if s.killBound > 0 {
		bound = s.killBound
	}
	over := time.NewTimer(bound)
	defer over.Stop()
	for wait := time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		may := true
		err := s.snapshot(ctx, func(tx *gorm.DB) error {
			f, err := capabilityFacts(tx, models.Env{Act: models.Act{Person: models.SystemActor}, Now: s.now()}, capability, Lookup{})
			may, _ = f.MayAct()
			return err
		})
		if err != nil {
			return nil, err
		}
		if !may {
			return s.now().Ref(), nil
		}
		next := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			next.Stop()
			return nil, ctx.Err()
		case <-over.C:
			next.Stop()
			return nil, nil
		case <-next.C:
		}
	}
}
