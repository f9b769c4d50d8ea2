package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// projectLeavers has the clock look at everything in which somebody who left stands: what
// is in force, what is on its way, what they owed and the agents that they own. One
// statement, however much it is; the clock then takes one at a time, so that a stop never
// waits for it. An agent's new owner has its drafts looked at again; one whose owner left
// is looked at again when nothing of it is in force any more.
func projectLeavers(tx *gorm.DB, env models.Env, c models.Change) error {
	for _, w := range c.Writes() {
		switch row := w.Row.(type) {
		case *models.Person:
			if row.Status == models.PersonActive || w.Expect == 0 {
				continue
			}
			if err := windFor(tx, answersFor+`
				UNION SELECT v.capability_id FROM nominations n JOIN versions v ON v.id = n.version_id
					WHERE n.person_id = @person AND n.state IN ('open', 'accepted') AND v.state IN ('draft', 'proposed', 'in_review', 'approved')
				UNION SELECT capability_id FROM duties WHERE person_id = @person AND closed_at IS NULL AND capability_id <> ''
				UNION SELECT id FROM agents WHERE owner_id = @person AND state <> 'retired'`, map[string]any{"person": row.ID, "at": env.Now}); err != nil {
				return err
			}
			for _, d := range c.Writes() { // what ends with this very act is open no longer
				if d, ok := d.Row.(*models.Duty); ok && d.CapabilityID != "" && d.Holder == row.ID {
					if err := wind(tx, models.Moment{Kind: models.ClockLeaver, ID: d.CapabilityID, At: env.Now}); err != nil {
						return err
					}
				}
			}
		case *models.Mandate: // the last of an agent's has ended, and its owner left before
			if w.Expect == 0 || row.EndedAt == nil {
				continue
			}
			if err := windFor(tx, `SELECT a.id AS capability_id FROM capabilities c JOIN agents a ON a.id = c.agent_id JOIN people p ON p.id = a.owner_id
				WHERE c.id = @capability AND p.status <> 'active' AND a.state <> 'retired' AND NOT EXISTS
					(SELECT 1 FROM capabilities k JOIN mandates m ON m.capability_id = k.id AND m.ended_at IS NULL WHERE k.agent_id = a.id)`, map[string]any{"capability": row.CapabilityID, "at": env.Now}); err != nil {
				return err
			}
		case *models.Agent:
			if _, moved := c.Details()["agent_owner"]; !moved {
				continue
			}
			if err := windFor(tx, `SELECT c.id AS capability_id FROM capabilities c JOIN versions v ON v.capability_id = c.id
				WHERE c.agent_id = @agent AND v.state IN ('draft', 'proposed')`, map[string]any{"agent": row.ID, "at": env.Now}); err != nil {
				return err
			}
		}
	}
	return nil
}

// windFor winds the clock for every capability or agent that a query names.
func windFor(tx *gorm.DB, query string, args map[string]any) error {
	err := tx.Exec("INSERT INTO clock (kind, id, at) SELECT 'leaver', x.capability_id, CAST(@at AS BIGINT) FROM ("+query+") x WHERE x.capability_id <> '' ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at", args).Error
	if err != nil {
		return fmt.Errorf("cannot have the clock see to what a leaver stood in: %w", err)
	}
	return nil
}

// seeToLeavers asks who comes next, one small act a capability or agent.
func seeToLeavers(s *Store, ctx context.Context, due []models.Moment) error {
	for _, m := range due {
		try := onLeftCapability
		if strings.HasPrefix(m.ID, "agt_") {
			try = onLeftAgent
		}
		if err := s.once(ctx, m, try); err != nil {
			return err
		}
	}
	return nil
}

// askForPasskeys has what was signed before passkeys put on review, see models.AskForPasskeys.
func askForPasskeys(s *Store, ctx context.Context, due []models.Moment) error {
	for _, m := range due {
		err := s.once(ctx, m, func(tx *gorm.DB, env models.Env, id string) (models.Change, error) {
			return onCapability(tx, env, id, Lookup{}, models.CapabilityFacts.AskForPasskeys)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// once does the clock's one act about a moment, and the moment is over; where the rule
// finds nothing to do, nothing is recorded.
func (s *Store) once(ctx context.Context, m models.Moment, try func(*gorm.DB, models.Env, string) (models.Change, error)) error {
	receipt, err := s.decide(ctx, clockAct(m.Kind, m.ID, m.At), func(tx *gorm.DB, env models.Env) (models.Change, error) {
		change, err := try(tx, env, m.ID)
		if code := models.CodeOf(err); code == models.Conflict || code == models.NotFound {
			err = errNothing
		}
		if err != nil && !errors.Is(err, errNothing) {
			return change, err
		}
		if err := wind(tx, models.Moment{Kind: m.Kind, ID: m.ID, At: -1}); err != nil {
			return change, err
		}
		return change, err
	})
	switch {
	case errors.Is(err, errNothing):
		return nil
	case err == nil && receipt.Again: // recorded about this very moment, which was set once more
		if err := s.write.WithContext(ctx).Exec("DELETE FROM clock WHERE kind = ? AND id = ? AND at = ?", m.Kind, m.ID, m.At).Error; err != nil {
			return fmt.Errorf("cannot take a moment off the clock: %w", err)
		}
	}
	return err
}

func onLeftCapability(tx *gorm.DB, env models.Env, id string) (models.Change, error) {
	var holders []string
	if err := tx.Raw("SELECT DISTINCT person_id FROM duties WHERE capability_id = ? AND closed_at IS NULL AND person_id IS NOT NULL", id).Scan(&holders).Error; err != nil {
		return models.Change{}, fmt.Errorf("cannot look for who owes something: %w", err)
	}
	return onCapability(tx, env, id, Lookup{People: holders}, models.CapabilityFacts.SeeToSuccessors)
}

func onLeftAgent(tx *gorm.DB, env models.Env, id string) (models.Change, error) {
	around, err := aroundOwner(tx, id)
	if err != nil {
		return models.Change{}, err
	}
	f, err := agentFacts(tx, env, id, Lookup{People: around})
	if err != nil {
		return models.Change{}, err
	}
	return f.OwnerWanted()
}

// aroundOwner are an agent's owner and their manager.
func aroundOwner(tx *gorm.DB, agent string) (ids []string, err error) {
	err = tx.Raw(`SELECT a.owner_id FROM agents a WHERE a.id = @agent
		UNION SELECT p.manager_id FROM agents a JOIN people p ON p.id = a.owner_id WHERE a.id = @agent AND p.manager_id IS NOT NULL`, map[string]any{"agent": agent}).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for the agent's owner: %w", err)
	}
	return ids, nil
}

// SeeToSuccessors does at once what the clock would do about leavers. It can be repeated
// and broken off anywhere.
func (s *Store) SeeToSuccessors(ctx context.Context) error { return s.run(ctx, models.ClockLeaver) }

// run does what is due of one kind, whenever it was planned.
func (s *Store) run(ctx context.Context, kind string) error {
	for {
		var due []models.Moment
		if err := s.read.WithContext(ctx).Raw("SELECT kind, id, at FROM clock WHERE kind = ? ORDER BY at, id LIMIT ?", kind, clockChunk).Scan(&due).Error; err != nil {
			return fmt.Errorf("cannot read what is due: %w", err)
		}
		if len(due) == 0 {
			return nil
		}
		if err := clockwork[kind](s, ctx, due); err != nil {
			return err
		}
	}
}
