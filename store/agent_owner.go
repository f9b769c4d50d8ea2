package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// OwnerPage is an agent whose owner has left, for those who may name another and for who
// is asked.
type OwnerPage struct {
	models.AgentFacts
	Drafts int // capabilities of it that are on their way
}

// AgentOwner is that page; NotFound for everybody whom it does not concern.
func (s *Store) AgentOwner(ctx context.Context, viewer models.Party, id string) (p OwnerPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		env := models.Env{Act: models.Act{Person: viewer.Person.ID}, By: viewer, Now: s.now()}
		if p.AgentFacts, err = ownerFacts(tx, env, id, ""); err != nil {
			return err
		}
		return tx.Raw("SELECT COUNT(DISTINCT c.id) FROM capabilities c JOIN versions v ON v.capability_id = c.id WHERE c.agent_id = ? AND v.state IN ('draft', 'proposed', 'in_review', 'approved')", id).Scan(&p.Drafts).Error
	})
	return p, err
}

// DecideAgentOwner runs a rule about who owns an agent whose owner has left; person is who
// is named, or "".
func (s *Store) DecideAgentOwner(ctx context.Context, act models.Act, id, person string, rule func(models.AgentFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := ownerFacts(tx, env, id, person)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

// ownerFacts are the agent's facts for whom its ownership concerns, whether or not they
// see the rest of it.
func ownerFacts(tx *gorm.DB, env models.Env, id, person string) (f models.AgentFacts, err error) {
	around, err := aroundOwner(tx, id)
	if err != nil {
		return f, err
	}
	if f, err = loadAgent(tx, env, id, Lookup{People: append(around, person)}); err != nil {
		return f, err
	}
	if f.MayTakeOver() == nil {
		return f, nil
	}
	if code := models.CodeOf(f.MayNameOwner()); code == models.Forbidden || code == models.Conflict && !env.By.Has(models.Administrator) {
		return f, missing("agent")
	}
	return f, nil
}

// PartiesOf are people by id, with their roles and teams, whatever their status.
func (s *Store) PartiesOf(ctx context.Context, ids ...string) (map[string]models.Party, error) {
	return parties(s.read.WithContext(ctx), ids)
}
