package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// mostTasks are the tasks in force of one agent whose use is shown.
const mostTasks = 50

// GrantUse is one granted operation with what came of it.
type GrantUse struct {
	CapabilityID, Title, OperationID, Operation, System string

	Allowed, Refused int64
	Last             models.Instant // when it was allowed last, at any time; 0 for never
}

// AgentUse is what an agent has in force, and what of it it used.
type AgentUse struct {
	Grants []GrantUse     // by task, in the order of its scope
	More   bool           // it has more tasks than are shown
	Known  models.Instant // up to when the log is counted; 0: nothing was asked yet
}

// AgentUse says when each operation that is granted to an agent was used last: of the tasks
// in force that the viewer may see. Whoever may not see the agent gets NotFound.
func (s *Store) AgentUse(ctx context.Context, by models.Party, agent string) (use AgentUse, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if _, err := seenAgentRow(tx, by, agent); err != nil {
			return err
		}
		tasks, err := askableTasks(tx, by, agent)
		if err != nil {
			return err
		}
		if use.More = len(tasks) > mostTasks; use.More {
			tasks = tasks[:mostTasks]
		}
		for _, t := range tasks {
			use.Grants = append(use.Grants, grantsOf(t.CapabilityID, t.Title, t.Operations)...)
		}
		if use.Known, err = counted(tx); err != nil {
			return err
		}
		return countUse(tx, agent, use.Grants, 0, s.now())
	})
	return use, err
}

// grantsOf are the operations of a scope, each once.
func grantsOf(capability, title string, facts []models.Fact) (grants []GrantUse) {
	listed := set{}
	for _, f := range facts {
		if !listed[f.OperationID] {
			listed.add(f.OperationID)
			grants = append(grants, GrantUse{CapabilityID: capability, Title: title, OperationID: f.OperationID, Operation: f.Operation, System: f.System})
		}
	}
	return grants
}

// counted is up to when the log of decisions is counted; 0 where there is nothing of it.
func counted(tx *gorm.DB) (at models.Instant, err error) {
	if err := tx.Raw("SELECT COALESCE(MAX(to_at), 0) FROM decision_folded").Scan(&at).Error; err != nil {
		return 0, fmt.Errorf("cannot read how far the log is counted: %w", err)
	}
	return at, nil
}

// countUse fills in what came of an agent's grants from a moment on, as of another. It is
// counted by days of UTC: of the first and last day it counts the whole, unless all of
// what happened that day was outside.
func countUse(tx *gorm.DB, agent string, grants []GrantUse, from, until models.Instant) error {
	at, capabilities := map[[2]string]*GrantUse{}, set{}
	for i := range grants {
		g := &grants[i]
		at[[2]string{g.CapabilityID, g.OperationID}] = g
		capabilities.add(g.CapabilityID)
	}
	if len(grants) == 0 {
		return nil
	}
	var rows []struct {
		CapabilityID, OperationID string
		N                         int64
		Last                      models.Instant
	}
	err := tx.Raw(`SELECT capability_id, operation_id, SUM(CASE WHEN last_at >= ? THEN allowed ELSE 0 END) AS n, MAX(CASE WHEN last_at <= ? THEN last_at ELSE first_at END) AS last
		FROM decision_uses WHERE capability_id IN ? AND first_at <= ? GROUP BY capability_id, operation_id`, from, until, capabilities.list(), until).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("cannot read what was used: %w", err)
	}
	for _, r := range rows {
		if g := at[[2]string{r.CapabilityID, r.OperationID}]; g != nil {
			g.Allowed, g.Last = r.N, r.Last
		}
	}
	rows = nil
	err = tx.Raw(`SELECT capability_id, operation_id, SUM(refused) AS n FROM decision_refusals
		WHERE agent_id = ? AND capability_id IN ? AND day >= ? AND last_at >= ? AND day <= ? GROUP BY capability_id, operation_id`, agent, capabilities.list(), models.DayOf(from), from, until).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("cannot read what was refused: %w", err)
	}
	for _, r := range rows {
		if g := at[[2]string{r.CapabilityID, r.OperationID}]; g != nil {
			g.Refused = r.N
		}
	}
	return nil
}

// Refused is how often a rule said no to an agent, for a task or for none.
type Refused struct {
	Rule   string
	OfTask bool // false: the request was of no task of the agent
	N      int64
	Last   models.Instant
}

// refusedOf are the rules that said no to an agent's task, or to the agent where no task
// was found, the most frequent first. Counted as by countUse.
func refusedOf(tx *gorm.DB, agent, capability string, from, until models.Instant) (out []Refused, err error) {
	err = tx.Raw(`SELECT rule, capability_id <> '' AS of_task, SUM(refused) AS n, MAX(last_at) AS last FROM decision_refusals
		WHERE agent_id = ? AND capability_id IN ? AND day >= ? AND last_at >= ? AND day <= ? GROUP BY rule, capability_id <> '' ORDER BY 2 DESC, 3 DESC, 1`,
		agent, []string{capability, ""}, models.DayOf(from), from, until).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read what was refused: %w", err)
	}
	return out, nil
}
