package store

import (
	"context"
	"fmt"

	"countersign/models"
)

// DecisionUseScan is how many rows of the log the use of an agent's grants is looked for
// in, at most.
const DecisionUseScan = 500_000

// mostTasks are the tasks in force of one agent whose use is shown.
const mostTasks = 50

// GrantUse is one granted operation with what came of it in the rows that were looked at.
type GrantUse struct {
	CapabilityID, Title, Operation, System string

	Asked, Refused int64
	Last           models.Instant // when it was allowed last; 0 for never
}

// AgentUse is what an agent has in force, and what of it it used.
type AgentUse struct {
	Grants []GrantUse     // by task, in the order of its scope
	More   bool           // it has more tasks than are shown
	Since  models.Instant // everything from then on was looked at; 0: the whole log
	Looked int64          // rows, at most
}

// AgentUse says when each operation that is granted to an agent was used last: of the tasks
// in force that the viewer may see. Whoever may not see the agent gets NotFound.
func (s *Store) AgentUse(ctx context.Context, by models.Party, agent string) (use AgentUse, err error) {
	_, tasks, err := s.Askable(ctx, by, agent)
	if err != nil {
		return use, err
	}
	if use.More = len(tasks) > mostTasks; use.More {
		tasks = tasks[:mostTasks]
	}
	at := map[[2]string]int{} // by capability and operation's id
	for _, t := range tasks {
		for _, f := range t.Operations {
			key := [2]string{t.CapabilityID, f.OperationID}
			if _, twice := at[key]; !twice {
				at[key] = len(use.Grants)
				use.Grants = append(use.Grants, GrantUse{CapabilityID: t.CapabilityID, Title: t.Title, Operation: f.Operation, System: f.System})
			}
		}
	}
	if len(use.Grants) == 0 {
		return use, nil
	}
	return use, s.countUse(ctx, agent, at, &use)
}

// countUse reads the log from new to old, a window of one replica after the other.
func (s *Store) countUse(ctx context.Context, agent string, at map[[2]string]int, use *AgentUse) error {
	x, err := scanFrom(ctx, s.logged, DecisionCursor{}, nil, nil, DecisionUseScan)
	if err != nil {
		return err
	}
	for {
		next := x.newest()
		if next == nil || x.looked >= x.budget {
			if next != nil {
				use.Since = next.nextAt
			}
			use.Looked = x.looked
			return nil
		}
		low := max(next.lo, next.next-8*logWindow+1)
		var rows []struct {
			CapabilityID, OperationID string
			Asked, Allowed            int64
			Last                      models.Instant
		}
		err := x.db.Raw(`SELECT capability_id, operation_id, COUNT(*) AS asked, SUM(allow) AS allowed, COALESCE(MAX(CASE WHEN allow = 1 THEN at END), 0) AS last FROM decisions
			WHERE id >= ? AND id <= ? AND agent_id = ? AND operation_id <> '' GROUP BY capability_id, operation_id`, low, next.next, agent).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot read the log of decisions: %w", err)
		}
		for _, r := range rows {
			if i, granted := at[[2]string{r.CapabilityID, r.OperationID}]; granted {
				g := &use.Grants[i]
				g.Asked, g.Refused, g.Last = g.Asked+r.Asked, g.Refused+r.Asked-r.Allowed, max(g.Last, r.Last)
			}
		}
		x.looked += next.next - low + 1
		next.next = low - 1
		if err := x.look(next); err != nil {
			return err
		}
	}
}
