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
	}
	if err := whoWatch(tx, f.Lots); err != nil {
		return models.Change{}, err
	}
	if err := tx.Exec("UPDATE alerts SET told_at = ? WHERE id IN ? AND told_at IS NULL", env.Now, ids).Error; err != nil {
		return models.Change{}, fmt.Errorf("cannot note that alerts were told: %w", err)
	}
	return f.Tell()
}

// whoWatch fills in whom each lot goes to: the control owner of what runs, or of what ran last;
// where they have left, the others who answer for it. And where the plan says that an alert goes.
func whoWatch(tx *gorm.DB, lots []models.AlertLot) error {
	tasks, agents, at := set{}, set{}, map[[2]string]*models.AlertLot{}
	for i := range lots {
		l := &lots[i]
		if l.CapabilityID == "" {
			agents.add(l.AgentID)
			at[[2]string{"", l.AgentID}] = l
		} else {
			tasks.add(l.CapabilityID)
			at[[2]string{l.CapabilityID, ""}] = l
		}
	}
	plans, err := plansOf(tx, "c.id IN ?", tasks.list())
	if err != nil {
		return err
	}
	for _, p := range plans {
		at[[2]string{p.CapabilityID, ""}].Route = p.Oversight.AlertRoute
	}
	var who []struct{ CapabilityID, AgentID, Who string }
	err = tx.Raw(`SELECT w.capability_id, '' AS agent_id, CASE WHEN p.status = 'active' THEN p.id ELSE 'capability:' || w.capability_id END AS who FROM (
			SELECT m.capability_id, m.control_owner_id AS who, CASE WHEN m.ended_at IS NULL THEN 0 ELSE 2 END AS turn, m.from_at AS since FROM mandates m WHERE m.capability_id IN @tasks
			UNION ALL SELECT e.capability_id, e.control_owner_id, CASE WHEN e.ended_at IS NULL THEN 1 ELSE 3 END, e.from_at FROM emergencies e WHERE e.capability_id IN @tasks) w JOIN people p ON p.id = w.who
		ORDER BY w.capability_id, w.turn, w.since DESC`, map[string]any{"tasks": tasks.list()}).Scan(&who).Error
	if err != nil {
		return fmt.Errorf("cannot look for whom to alert: %w", err)
	}
	for _, w := range who {
		if l := at[[2]string{w.CapabilityID, ""}]; len(l.To) == 0 {
			l.To = []string{w.Who}
		}
	}
	who = nil
	err = tx.Raw(`SELECT DISTINCT c.agent_id, m.control_owner_id AS who FROM capabilities c JOIN mandates m ON m.capability_id = c.id AND m.ended_at IS NULL
		WHERE c.agent_id IN ? ORDER BY 1, 2`, agents.list()).Scan(&who).Error
	if err != nil {
		return fmt.Errorf("cannot look for whom to alert: %w", err)
	}
	for _, w := range who {
		if l := at[[2]string{"", w.AgentID}]; len(l.To) < mostOwners {
			l.To = append(l.To, w.Who)
		}
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
