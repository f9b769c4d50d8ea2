package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// DecideDrill runs a rule on a drill. Whoever was asked decides on theirs, also where
// they see the capability no more.
func (s *Store) DecideDrill(ctx context.Context, act models.Act, id string, rule func(models.DrillFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) { return onDrill(tx, env, id, rule) })
}

// DecideKillDrill runs a rule on the kill drill that is planned for a capability, or
// on none yet.
func (s *Store) DecideKillDrill(ctx context.Context, act models.Act, capability string, rule func(models.DrillFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		return onCapability(tx, env, capability, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			planned, err := plannedKill(tx, capability)
			if err != nil {
				return models.Change{}, err
			}
			return rule(models.DrillFacts{CapabilityFacts: f, Drill: planned})
		})
	})
}

func plannedKill(tx *gorm.DB, capability string) (*models.Drill, error) {
	return find[models.Drill](tx, "capability_id = ? AND kind = 'kill' AND state IN ('planned', 'open')", capability)
}

func onDrill(tx *gorm.DB, env models.Env, id string, rule func(models.DrillFacts) (models.Change, error)) (models.Change, error) {
	d, err := find[models.Drill](tx, "id = ?", id)
	if err != nil {
		return models.Change{}, err
	}
	if d == nil {
		return models.Change{}, missing("drill")
	}
	if env.Act.Person != models.SystemActor && env.Act.Person != d.PersonID {
		sees, err := maySee(tx, env.By, d.CapabilityID)
		if err != nil {
			return models.Change{}, err
		}
		if !sees {
			return models.Change{}, missing("drill")
		}
	}
	f := models.DrillFacts{Drill: d}
	if f.CapabilityFacts, err = capabilityFacts(tx, env, d.CapabilityID, Lookup{People: []string{d.PersonID}}); err != nil {
		return models.Change{}, err
	}
	if d.HoldID != nil {
		if f.Hold, err = find[models.Hold](tx, "id = ?", *d.HoldID); err != nil {
			return models.Change{}, err
		}
	}
	return rule(f)
}

// drillPerson loads what says when somebody is drilled next.
func drillPerson(tx *gorm.DB, id string, now models.Instant) (p models.DrillPerson, err error) {
	who, err := find[models.Person](tx, "id = ?", id)
	if err != nil || who == nil {
		return p, err
	}
	p.Person = *who
	var in []struct {
		ID, CapabilityID, TierRulesID string
		Tier                          models.Tier
	}
	if err := tx.Raw(`SELECT m.id, m.capability_id, m.tier, v.tier_rules_id FROM mandates m JOIN versions v ON v.id = m.version_id WHERE m.ended_at IS NULL AND m.until_at > ? AND m.id IN (
			SELECT id FROM mandates WHERE owner_id = ? AND ended_at IS NULL UNION SELECT id FROM mandates WHERE provisioner_id = ? AND ended_at IS NULL
			UNION SELECT id FROM mandates WHERE control_owner_id = ? AND ended_at IS NULL UNION SELECT s.mandate_id FROM seat_people s WHERE s.person_id = ?)
		ORDER BY m.id`, now, id, id, id, id).Scan(&in).Error; err != nil {
		return p, fmt.Errorf("cannot load what somebody answers for: %w", err)
	}
	rules := map[string]models.TierRules{}
	for _, m := range in {
		r, known := rules[m.TierRulesID]
		if !known {
			row, err := find[models.TierRulesRow](tx, "id = ?", m.TierRulesID)
			if err != nil {
				return p, err
			}
			if row != nil {
				r = row.Rules()
			}
			rules[m.TierRulesID] = r
		}
		p.Answers = append(p.Answers, models.DrillOf{CapabilityID: m.CapabilityID, MandateID: m.ID, Tier: m.Tier, Days: r.Asks[m.Tier].DrillDays})
	}
	if p.Open, err = find[models.Drill](tx, "person_id = ? AND kind = 'answer' AND state IN ('open', 'missed')", id); err != nil {
		return p, err
	}
	return p, drillTimes(tx, &p, now)
}

func drillTimes(tx *gorm.DB, p *models.DrillPerson, now models.Instant) error {
	id := p.Person.ID
	one := func(to any, query string, args ...any) error {
		if err := tx.Raw(query, args...).Scan(to).Error; err != nil {
			return fmt.Errorf("cannot load when somebody was drilled: %w", err)
		}
		return nil
	}
	of, _ := p.Candidates()
	capabilities := set{}
	for _, c := range of {
		capabilities.add(c.CapabilityID)
	}
	err := inChunks(capabilities.list(), func(some []string) error {
		var first []models.Instant
		err := one(&first, `SELECT m.from_at FROM mandates m WHERE m.capability_id IN ? AND m.tier = ? AND (? IN (m.owner_id, m.provisioner_id, m.control_owner_id)
			OR EXISTS (SELECT 1 FROM seat_people s WHERE s.mandate_id = m.id AND s.person_id = ?)) ORDER BY m.from_at LIMIT 1`, some, of[0].Tier, id, id)
		if len(first) > 0 && (p.First == 0 || first[0] < p.First) {
			p.First = first[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	var last, away []models.Instant
	if err := one(&last, "SELECT planned_at FROM drills WHERE person_id = ? AND kind = 'answer' ORDER BY planned_at DESC LIMIT 1", id); err != nil {
		return err
	}
	if len(last) > 0 {
		p.Last = &last[0]
	}
	if err := one(&away, "SELECT until_at FROM delegations WHERE principal_id = ? AND ended_at IS NULL AND from_at <= ? AND until_at > ? ORDER BY until_at DESC LIMIT 1", id, now, now); err != nil {
		return err
	}
	if len(away) > 0 {
		p.AwayTo = away[0]
	}
	return nil
}
