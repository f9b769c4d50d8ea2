package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

const (
	alertsOnce = 200 // alerts of one act: a stop waits for no more
	mostOwners = 20  // control owners who are told of an agent's requests that were of no task
)

// TellAlerts tells the control owners of what they were not told of yet, a notice a task,
// and returns how many alerts these were. It is an act of the clock, so that the record says
// who was told; several replicas tell each alert once.
func (s *Store) TellAlerts(ctx context.Context) (told int, err error) {
	for {
		var due []struct{ ID, CapabilityID string }
		err := s.read.WithContext(ctx).Raw("SELECT id, capability_id FROM alerts WHERE told_at IS NULL ORDER BY capability_id, agent_id, id LIMIT ?", alertsOnce).Scan(&due).Error
		if err != nil {
			return told, fmt.Errorf("cannot look for alerts: %w", err)
		}
		if len(due) == 0 {
			return told, nil
		}
		var ids []string
		for _, d := range due {
			if (d.CapabilityID == "") == (due[0].CapabilityID == "") { // what is in an agent's history names no task
				ids = append(ids, d.ID)
			}
		}
		receipt, err := s.decide(ctx, clockAct("alerts", strings.Join(ids, " "), 0), func(tx *gorm.DB, env models.Env) (models.Change, error) {
			return tellAlerts(tx, env, ids)
		})
		if err != nil && !errors.Is(err, errNothing) {
			return told, err
		}
		if err == nil && !receipt.Again {
			told += len(ids)
		}
	}
}

// tellAlerts tells of those that no other replica has told of meanwhile.
func tellAlerts(tx *gorm.DB, env models.Env, ids []string) (models.Change, error) {
	alerts, err := all[models.Alert](tx, "capability_id, agent_id, at, id", "id IN ? AND told_at IS NULL", ids)
	if err != nil {
		return models.Change{}, err
	}
	if len(alerts) == 0 {
		return models.Change{}, errNothing
	}
	f := models.AlertFacts{Env: env}
	for _, a := range alerts {
		if n := len(f.Lots); n == 0 || f.Lots[n-1].CapabilityID != a.CapabilityID || f.Lots[n-1].AgentID != a.AgentID {
			f.Lots = append(f.Lots, models.AlertLot{CapabilityID: a.CapabilityID, AgentID: a.AgentID})
		}
		l := &f.Lots[len(f.Lots)-1]
		l.Alerts = append(l.Alerts, a)
	}
	names, err := operationNames(tx, alerts)
	if err != nil {
		return models.Change{}, err
	}
	for i := range f.Lots {
		f.Lots[i].Names = names
		if err := whoWatches(tx, &f.Lots[i]); err != nil {
			return models.Change{}, err
		}
	}
	if err := tx.Exec("UPDATE alerts SET told_at = ? WHERE id IN ? AND told_at IS NULL", env.Now, ids).Error; err != nil {
		return models.Change{}, fmt.Errorf("cannot note that alerts were told: %w", err)
	}
	return f.Tell()
}

// whoWatches is the control owner of what runs, or of what ran last: where they have left, the
// others who answer for it. And where the plan says that an alert goes.
func whoWatches(tx *gorm.DB, l *models.AlertLot) error {
	if l.CapabilityID == "" {
		err := tx.Raw(`SELECT DISTINCT m.control_owner_id FROM capabilities c JOIN mandates m ON m.capability_id = c.id AND m.ended_at IS NULL
			WHERE c.agent_id = ? ORDER BY 1 LIMIT ?`, l.AgentID, mostOwners).Scan(&l.To).Error
		if err != nil {
			return fmt.Errorf("cannot look for whom to alert: %w", err)
		}
		return nil
	}
	plans, err := plansOf(tx, "c.id = ?", l.CapabilityID)
	if err != nil {
		return err
	}
	for _, p := range plans {
		l.Route = p.Oversight.AlertRoute
	}
	err = tx.Raw(`SELECT CASE WHEN p.status = 'active' THEN p.id ELSE 'capability:' || @id END FROM (SELECT m.control_owner_id AS who, CASE WHEN m.ended_at IS NULL THEN 0 ELSE 2 END AS turn, m.from_at AS since FROM mandates m WHERE m.capability_id = @id
			UNION ALL SELECT e.control_owner_id, CASE WHEN e.ended_at IS NULL THEN 1 ELSE 3 END, e.from_at FROM emergencies e WHERE e.capability_id = @id) w JOIN people p ON p.id = w.who
		ORDER BY w.turn, w.since DESC LIMIT 1`, map[string]any{"id": l.CapabilityID}).Scan(&l.To).Error
	if err != nil {
		return fmt.Errorf("cannot look for whom to alert: %w", err)
	}
	return nil
}

// operationNames are the operations of first uses, each with its system.
func operationNames(tx *gorm.DB, alerts []models.Alert) (map[string]string, error) {
	ids, out := set{}, map[string]string{}
	for _, a := range alerts {
		ids.add(a.What)
	}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct{ ID, Name, System string }
	err := tx.Raw("SELECT o.id, o.name, s.name AS system FROM operations o JOIN systems s ON s.id = o.system_id WHERE o.id IN ?", ids.list()).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look up operations: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = r.Name + " in " + r.System
	}
	return out, nil
}
