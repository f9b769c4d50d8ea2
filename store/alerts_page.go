package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// AlertLine is an alert on a page, with the names that it needs.
type AlertLine struct {
	models.Alert
	Title     string // of the task; "" where the requests were of none
	AgentName string
	Operation string // of a first use, with its system
}

// How many alerts pages show, and of how long.
const (
	alertsShown = 20
	alertsOld   = 30 * models.Day
	alertsHome  = 7 * models.Day
)

// AlertsOf are the latest alerts of a task. What the viewer may not see is NotFound.
func (s *Store) AlertsOf(ctx context.Context, viewer models.Party, capability string) (lines []AlertLine, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if sees, err := maySee(tx, viewer, capability); err != nil {
			return err
		} else if !sees {
			return missing("capability")
		}
		lines, err = alertLines(tx, "FROM alerts a WHERE a.capability_id = ? AND a.at > ?", alertsShown, capability, s.now()-alertsOld)
		return err
	})
	return lines, err
}

// AlertsOfAgent are the latest alerts of an agent: of the tasks that the viewer may see, and of
// its requests that were of none. Whoever may not see the agent gets NotFound.
func (s *Store) AlertsOfAgent(ctx context.Context, viewer models.Party, agent string) (lines []AlertLine, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if _, err := seenAgentRow(tx, viewer, agent); err != nil {
			return err
		}
		cond, args := seen(viewer, "a.capability_id")
		lines, err = alertLines(tx, "FROM alerts a WHERE a.agent_id = ? AND a.at > ? AND (a.capability_id = '' OR "+cond+")", alertsShown, append([]any{agent, s.now() - alertsOld}, args...)...)
		return err
	})
	return lines, err
}

// AlertsFor are the alerts of the last days of what the person is the control owner of now.
// They see these tasks by that.
func (s *Store) AlertsFor(ctx context.Context, viewer models.Party) (lines []AlertLine, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		me := viewer.Person.ID
		from, err := newestAlerts(tx, me, s.now()-alertsHome+1)
		if err != nil {
			return err
		}
		lines, err = alertLines(tx, `FROM (SELECT t.* FROM mandates m JOIN alerts t ON t.capability_id = m.capability_id WHERE m.control_owner_id = ? AND m.ended_at IS NULL AND t.at >= ?
			UNION SELECT t.* FROM mandates m JOIN capabilities c ON c.id = m.capability_id JOIN alerts t ON t.agent_id = c.agent_id AND t.capability_id = ''
				WHERE m.control_owner_id = ? AND m.ended_at IS NULL AND t.at >= ?) a`, alertsShown, me, from, me, from)
		return err
	})
	return lines, err
}

// newestAlerts is a moment from which on a control owner has as many alerts as are shown, at least;
// since where there are not so many. Only the newest alert of each of their tasks and agents is looked
// at for it, by index: somebody may watch thousands of them.
func newestAlerts(tx *gorm.DB, me string, since models.Instant) (models.Instant, error) {
	var at []models.Instant
	err := tx.Raw(`SELECT x.at FROM (SELECT (SELECT MAX(t.at) FROM alerts t WHERE t.capability_id = m.capability_id AND t.at >= @since) AS at FROM mandates m WHERE m.control_owner_id = @me AND m.ended_at IS NULL
		UNION ALL SELECT (SELECT MAX(t.at) FROM alerts t WHERE t.agent_id = g.agent_id AND t.capability_id = '' AND t.at >= @since)
			FROM (SELECT DISTINCT c.agent_id FROM mandates m JOIN capabilities c ON c.id = m.capability_id WHERE m.control_owner_id = @me AND m.ended_at IS NULL) g) x
		WHERE x.at IS NOT NULL ORDER BY x.at DESC LIMIT 1 OFFSET @shown`, map[string]any{"me": me, "since": since, "shown": alertsShown - 1}).Scan(&at).Error
	if err != nil {
		return 0, fmt.Errorf("cannot load alerts: %w", err)
	}
	if len(at) == 0 {
		return since, nil
	}
	return at[0], nil
}

// alertLines are the newest of the alerts, at most so many.
func alertLines(tx *gorm.DB, from string, most int, args ...any) (lines []AlertLine, err error) {
	err = tx.Raw(`SELECT a.*, COALESCE((SELECT r.title FROM matrix_rows r WHERE r.capability_id = a.capability_id), '') AS title,
		COALESCE((SELECT g.name FROM agents g WHERE g.id = a.agent_id), '') AS agent_name `+from+" ORDER BY a.at DESC, a.id LIMIT ?", append(args, most)...).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load alerts: %w", err)
	}
	alerts := make([]models.Alert, len(lines))
	for i, l := range lines {
		alerts[i] = l.Alert
	}
	names, err := operationNames(tx, alerts)
	for i, l := range lines {
		lines[i].Operation = names[l.What]
	}
	return lines, err
}
