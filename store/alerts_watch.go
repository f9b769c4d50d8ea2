package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"countersign/models"
)

// Alerts are made with the fold of the log and told afterwards (alerts_tell.go): what a part
// of the log brought is looked at once, in the transaction that counts it.

// watch is what one part of the log is about, with its plans.
type watch struct {
	tasks  map[string]*models.Watched // by capability
	agents map[string]*models.Watched // by agent: its requests that were of no task
}

func (w watch) of(agent, capability string) *models.Watched {
	if capability == "" {
		return w.agents[agent]
	}
	return w.tasks[capability]
}

// plans are the plans that were read while a part of the log is folded, by task and by agent;
// nil for one that has none.
type plans struct{ tasks, agents map[string]*models.Watched }

// watches are the plans of what a piece of a part of the log is about. They are read before the
// transaction, once a part: what goes in force just now counts from the next part on.
func (s *Store) watches(ctx context.Context, b folded, known plans) (watch, error) {
	w, tasks, agents := watch{map[string]*models.Watched{}, map[string]*models.Watched{}}, set{}, set{}
	for _, v := range b.Volumes {
		tasks.add(v.CapabilityID)
	}
	for _, r := range b.Refusals {
		if tasks.add(r.CapabilityID); r.CapabilityID == "" {
			agents.add(r.AgentID)
		}
	}
	if err := s.readPlans(ctx, missingIn(known.tasks, tasks), missingIn(known.agents, agents), known); err != nil {
		return w, err
	}
	for _, x := range []struct {
		from, to map[string]*models.Watched
		ids      set
	}{{known.tasks, w.tasks, tasks}, {known.agents, w.agents, agents}} {
		for id := range x.ids {
			if plan := x.from[id]; plan != nil {
				fresh := *plan
				x.to[id] = &fresh
			}
		}
	}
	return w, nil
}

// missingIn are the ids that were not asked for yet; from now on they are.
func missingIn(known map[string]*models.Watched, ids set) (out []string) {
	for _, id := range ids.list() {
		if _, asked := known[id]; !asked {
			known[id] = nil
			out = append(out, id)
		}
	}
	return out
}

// readPlans adds the plans of tasks, and of agents: of an agent the lowest threshold of its tasks.
func (s *Store) readPlans(ctx context.Context, tasks, agents []string, known plans) error {
	for some := range slices.Chunk(tasks, chunk) {
		plans, err := plansOf(s.read.WithContext(ctx), "c.id IN ?", some)
		if err != nil {
			return err
		}
		for _, p := range plans {
			known.tasks[p.CapabilityID] = &models.Watched{AgentID: p.AgentID, CapabilityID: p.CapabilityID, Plan: p.Oversight.Thresholds(), Limit: int64(p.Task.VolumeLimit)}
		}
	}
	for some := range slices.Chunk(agents, chunk) {
		plans, err := plansOf(s.read.WithContext(ctx), `c.id IN (SELECT k.id FROM (SELECT x.id, ROW_NUMBER() OVER (PARTITION BY x.agent_id ORDER BY x.id) AS nth FROM capabilities x
			WHERE x.agent_id IN ? AND EXISTS (SELECT 1 FROM mandates o WHERE o.capability_id = x.id AND o.ended_at IS NULL)) k WHERE k.nth <= ?)`, some, mostTasks)
		if err != nil {
			return err
		}
		for _, p := range plans {
			if known.agents[p.AgentID] == nil {
				known.agents[p.AgentID] = &models.Watched{AgentID: p.AgentID, Plan: p.Oversight.Thresholds()}
			}
			lowest := &known.agents[p.AgentID].Plan
			lowest.Denials = min(lowest.Denials, p.Oversight.Thresholds().Denials)
		}
	}
	return nil
}

// plan is what a task's version says of alerts.
type plan struct {
	CapabilityID, AgentID string
	Task                  models.Task
	Oversight             models.Oversight
}

// plansOf are the plans of tasks: of what runs in an emergency, else of what is in force,
// else of what was last. They are read from the version's parts, which do not change after it was
// submitted: its document has the same, and hundreds of grants beside it.
func plansOf(tx *gorm.DB, where string, args ...any) (plans []plan, err error) {
	var rows []struct{ CapabilityID, AgentID, Task, Oversight string }
	err = tx.Table("capabilities c").Select("c.id AS capability_id, c.agent_id, t.body AS task, o.body AS oversight").
		Joins(`JOIN versions v ON v.id = COALESCE((SELECT e.version_id FROM emergencies e WHERE e.capability_id = c.id AND e.ended_at IS NULL),
			(SELECT m.version_id FROM mandates m WHERE m.capability_id = c.id ORDER BY CASE WHEN m.ended_at IS NULL THEN 0 ELSE 1 END, m.from_at DESC LIMIT 1),
			(SELECT e.version_id FROM emergencies e WHERE e.capability_id = c.id ORDER BY e.from_at DESC LIMIT 1))`).
		Joins("JOIN version_parts t ON t.version_id = v.id AND t.part = 'task'").Joins("JOIN version_parts o ON o.version_id = v.id AND o.part = 'oversight'").
		Where(where, args...).Order("c.id").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read oversight plans: %w", err)
	}
	for _, r := range rows {
		p := plan{CapabilityID: r.CapabilityID, AgentID: r.AgentID}
		if err := errors.Join(json.Unmarshal([]byte(r.Task), &p.Task), json.Unmarshal([]byte(r.Oversight), &p.Oversight)); err != nil {
			return nil, fmt.Errorf("cannot read the oversight plan of %s: %w", r.CapabilityID, err)
		}
		plans = append(plans, p)
	}
	return plans, nil
}

// make makes the alerts that a part of the log gives rise to; it was counted already. One
// that is there stays as it is.
func (w watch) make(tx *gorm.DB, now models.Instant, b folded) error {
	if len(w.tasks)+len(w.agents) == 0 {
		return nil
	}
	if tx.Name() == "postgres" { // of two parts at once the later one sees what both bring
		if err := tx.Exec("LOCK TABLE alerts IN SHARE ROW EXCLUSIVE MODE").Error; err != nil {
			return fmt.Errorf("cannot lock the alerts: %w", err)
		}
	}
	for _, u := range b.First {
		if x := w.tasks[u.CapabilityID]; x != nil {
			x.First = append(x.First, u)
		}
	}
	if err := w.refusals(tx, b.Refusals); err != nil {
		return err
	}
	if err := w.volumes(tx, b.Volumes); err != nil {
		return err
	}
	var made []models.Alert
	for _, some := range []map[string]*models.Watched{w.tasks, w.agents} {
		for _, x := range some {
			made = append(made, x.Alerts(now)...)
		}
	}
	for some := range slices.Chunk(made, chunk) {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&some).Error; err != nil {
			return fmt.Errorf("cannot make alerts: %w", err)
		}
	}
	return nil
}

// refusals reads how often each was refused on the days of the part, by rule.
func (w watch) refusals(tx *gorm.DB, added []models.DecisionRefusal) error {
	type key struct {
		agent, capability string
		day               models.Instant
	}
	at := map[key]int{} // where the day is among those of its task
	var keys [][]any
	for _, r := range added {
		k, x := key{r.AgentID, r.CapabilityID, r.Day}, w.of(r.AgentID, r.CapabilityID)
		if _, seen := at[k]; x != nil && !seen {
			at[k] = len(x.Refused)
			x.Refused = append(x.Refused, models.DayRefusals{Day: r.Day, ByRule: map[string]int64{}})
			keys = append(keys, []any{r.AgentID, r.CapabilityID, r.Day})
		}
	}
	for some := range slices.Chunk(keys, chunk) {
		var rows []models.DecisionRefusal
		err := tx.Raw("SELECT r.agent_id, r.capability_id, r.day, r.rule, SUM(r.refused) AS refused, MAX(r.last_at) AS last_at FROM (VALUES (?, ?, CAST(? AS BIGINT))"+strings.Repeat(", (?, ?, CAST(? AS BIGINT))", len(some)-1)+`) v
			JOIN decision_refusals r ON r.agent_id = v.column1 AND r.capability_id = v.column2 AND r.day = v.column3
			GROUP BY r.agent_id, r.capability_id, r.day, r.rule`, slices.Concat(some...)...).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot read what was refused: %w", err)
		}
		for _, r := range rows {
			d := &w.of(r.AgentID, r.CapabilityID).Refused[at[key{r.AgentID, r.CapabilityID, r.Day}]]
			d.ByRule[r.Rule] += r.Refused
			d.LastAt = max(d.LastAt, r.LastAt)
		}
	}
	return nil
}

// volumes reads how much of its newest day each has used.
func (w watch) volumes(tx *gorm.DB, added []models.DecisionVolume) error {
	ids := set{}
	for _, v := range added {
		ids.add(v.CapabilityID)
	}
	for some := range slices.Chunk(ids.list(), chunk) {
		rows, err := all[models.DecisionVolume](tx, "capability_id", "capability_id IN ?", some)
		if err != nil {
			return err
		}
		for _, v := range rows {
			if x := w.tasks[v.CapabilityID]; x != nil {
				x.Used = v
			}
		}
	}
	return nil
}
