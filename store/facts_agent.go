package store

import (
	"context"

	"gorm.io/gorm"

	"countersign/models"
)

// DecideAgent runs a rule on an agent, or on none yet where id is "".
func (s *Store) DecideAgent(ctx context.Context, act models.Act, id string, also Lookup, rule func(models.AgentFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := agentFacts(tx, env, id, also)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

// agentFacts are the facts of an agent, or of none yet, for who may see it.
func agentFacts(tx *gorm.DB, env models.Env, id string, also Lookup) (f models.AgentFacts, err error) {
	if id != "" && env.Act.Person != models.SystemActor {
		sees, err := maySeeAgent(tx, env.By, id)
		if err != nil {
			return f, err
		}
		if !sees {
			return f, missing("agent")
		}
	}
	return loadAgent(tx, env, id, also)
}

func loadAgent(tx *gorm.DB, env models.Env, id string, also Lookup) (f models.AgentFacts, err error) {
	f.Env = env
	ids := set{}
	ids.add(also.People...)
	ids.add(env.Act.Person)
	if f.People, err = parties(tx, ids.list()); err != nil {
		return f, err
	}
	if err := activeRules(tx, &f.Rules); err != nil {
		return f, err
	}
	if id == "" {
		f.Sightings, err = sightings(tx, also.Names)
		return f, err
	}
	if f.Agent, err = find[models.Agent](tx, "id = ?", id); err != nil {
		return f, err
	}
	if f.Agent == nil {
		return f, missing("agent")
	}
	if f.Sightings, err = sightings(tx, append(f.Agent.Manifest().Names(), also.Names...)); err != nil {
		return f, err
	}
	if f.Agent.RevisionID != nil {
		if f.Revision, err = find[models.AgentRevision](tx, "id = ?", *f.Agent.RevisionID); err != nil {
			return f, err
		}
	}
	if f.Bindings, err = bindings(tx, *f.Agent, f.Revision); err != nil {
		return f, err
	}
	if f.Holds, err = all[models.Hold](tx, "placed_at, id", "lifted_at IS NULL AND target_kind = 'agent' AND target_id = ?", id); err != nil {
		return f, err
	}
	if f.Duties, err = all[models.Duty](tx, "opened_at, id", "subject = ? AND closed_at IS NULL", id); err != nil {
		return f, err
	}
	f.Mandates, err = all[models.Mandate](tx, "from_at", "ended_at IS NULL AND capability_id IN (SELECT id FROM capabilities WHERE agent_id = ?)", id)
	return f, err
}
