package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
	"countersign/policy"
)

// WhatIfAnswer is what a gateway would be told now.
type WhatIfAnswer struct {
	policy.Answer
	At        models.Instant
	VersionNo int
	Cedar     string // the whole rule of the version, compiled; "" where no task was found
	Until     models.Instant
}

// WhatIf answers a request as Evaluate would just now, from the same snapshot and by the
// same rules, and leaves nothing behind: no row in the log, no volume used. NotFound: an
// agent that the viewer may not see, and an answer that is about a task that they may not.
// Subjects of an issuer are not resolved: the agent is named by its id.
func (d *Decisions) WhatIf(ctx context.Context, by models.Party, req policy.Request) (out WhatIfAnswer, err error) {
	req.Subject.Type = "agent"
	s := d.store
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if _, err := seenAgentRow(tx, by, req.Subject.ID); err != nil {
			return err
		}
		if req.Context.Capability != "" {
			// Also where nothing of it is in force: that it is there is not told either.
			if sees, err := maySee(tx, by, req.Context.Capability); err != nil || !sees {
				return firstError(err, missing("task"))
			}
		}
		out.At = s.now()
		out.Answer = d.current.Load().Answer(req, models.Gateway{}, out.At, d.volumes.used(out.At))
		c := out.Capability
		if c == nil {
			return nil
		}
		if sees, err := maySee(tx, by, c.CapabilityID); err != nil || !sees {
			return firstError(err, missing("task"))
		}
		out.Until = c.UntilAt
		v, err := find[models.Version](tx, "id = ?", c.VersionID)
		if err != nil || v == nil {
			return firstError(err, fmt.Errorf("version %s is in force and not there", c.VersionID))
		}
		out.VersionNo, out.Cedar = v.No, v.Doc().Cedar
		return nil
	})
	if err != nil {
		return WhatIfAnswer{}, err
	}
	return out, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// AskableTask is a task in force with what it grants, for a form.
type AskableTask struct {
	CapabilityID, Title string
	Operations          []models.Fact
}

// Askable are an agent and its tasks in force that the viewer may see, for asking what if.
func (s *Store) Askable(ctx context.Context, by models.Party, agent string) (a models.Agent, tasks []AskableTask, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		row, err := seenAgentRow(tx, by, agent)
		if err != nil {
			return err
		}
		a = *row
		tasks, err = askableTasks(tx, by, agent)
		return err
	})
	return a, tasks, err
}

func askableTasks(tx *gorm.DB, by models.Party, agent string) (tasks []AskableTask, err error) {
	var rows []struct{ CapabilityID, Title, Document string }
	cond, args := seen(by, "c.id")
	err = tx.Raw(`SELECT c.id AS capability_id, r.title, v.document FROM capabilities c JOIN mandates m ON m.capability_id = c.id AND m.ended_at IS NULL
		JOIN versions v ON v.id = m.version_id JOIN matrix_rows r ON r.capability_id = c.id WHERE c.agent_id = ? AND `+cond+" ORDER BY r.title, c.id LIMIT ?",
		append(append([]any{agent}, args...), mostTasks+1)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load what is granted: %w", err)
	}
	for _, r := range rows {
		tasks = append(tasks, AskableTask{r.CapabilityID, r.Title, models.Version{Document: r.Document}.Doc().Facts})
	}
	return tasks, nil
}
