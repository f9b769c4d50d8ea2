package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// AgentRecord is one agent as its pages show it.
type AgentRecord struct {
	Agent    models.Agent
	Owner    models.Party
	Revision *models.AgentRevision // the newest, nil before it is registered
	Import   *models.Import        // the newest, nil where none was made
	Holds    []AgentHold           // open, on the whole agent: also through its issuer, or on everything
	Partly   []BroadStop           // broad stops on some of what it has in force: of systems and teams
	InForce  int                   // how many of its capabilities have an open mandate
	// StopThrough is a capability through which the viewer may stop the whole
	// agent: one in force of which they are one of the four. "" for nobody else.
	StopThrough string
	// Titles of the capabilities that the viewer may see, at most 500, to tell
	// which suggested task is written already.
	Titles []string
}

// AgentHold is a hold on the agent with who placed it.
type AgentHold struct {
	models.Hold
	By models.HistoryPerson
}

// Agent is an agent that the viewer may see; NotFound is every other.
func (s *Store) Agent(ctx context.Context, by models.Party, id string) (rec AgentRecord, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		rec, err = agentRecord(tx, by, id)
		return err
	})
	return rec, err
}

func agentRecord(tx *gorm.DB, by models.Party, id string) (rec AgentRecord, err error) {
	a, err := seenAgentRow(tx, by, id)
	if err != nil {
		return rec, err
	}
	rec.Agent = *a
	if a.RevisionID != nil {
		if rec.Revision, err = find[models.AgentRevision](tx, "id = ?", *a.RevisionID); err != nil {
			return rec, err
		}
	}
	if a.ImportID != nil {
		if rec.Import, err = find[models.Import](tx, "id = ?", *a.ImportID); err != nil {
			return rec, err
		}
	}
	holds, err := all[models.Hold](tx, "placed_at, id", `lifted_at IS NULL AND (target_kind = 'agent' AND target_id = ? OR target_kind = 'all'
		OR target_kind = 'issuer' AND target_id IN (SELECT b.issuer FROM bindings b WHERE b.agent_id = ? AND b.ended_at IS NULL))`, id, id)
	if err != nil {
		return rec, err
	}
	partly, err := all[models.Hold](tx, "placed_at, id", `lifted_at IS NULL AND (
		target_kind = 'system' AND target_id IN (SELECT u.system_id FROM system_uses u JOIN capabilities c ON c.id = u.capability_id WHERE c.agent_id = ?)
		OR target_kind = 'team' AND target_id IN (SELECT tm.team_id FROM capabilities c JOIN mandates m ON m.capability_id = c.id JOIN team_members tm ON tm.person_id = m.owner_id
			WHERE c.agent_id = ? AND m.ended_at IS NULL AND tm.left_at IS NULL))`, id, id)
	if err != nil {
		return rec, err
	}
	if rec.Partly, err = stopLines(tx, partly); err != nil {
		return rec, err
	}
	ids := set{}
	ids.add(a.OwnerID)
	for _, h := range holds {
		ids.add(h.PlacedBy)
	}
	people, err := parties(tx, ids.list())
	if err != nil {
		return rec, err
	}
	rec.Owner = people[a.OwnerID]
	for _, h := range holds {
		rec.Holds = append(rec.Holds, AgentHold{h, historyPerson(people, h.PlacedBy)})
	}
	return rec, agentStanding(tx, by, &rec)
}

func seenAgentRow(tx *gorm.DB, by models.Party, id string) (*models.Agent, error) {
	cond, args := seenAgent(by, "agents")
	a, err := find[models.Agent](tx, "id = ? AND "+cond, append([]any{id}, args...)...)
	if err == nil && a == nil {
		err = missing("agent")
	}
	return a, err
}

// agentStanding looks at the agent's capabilities: what is in force, through
// which of it the viewer could stop the agent, and what is written.
func agentStanding(tx *gorm.DB, by models.Party, rec *AgentRecord) error {
	id, me := rec.Agent.ID, by.Person.ID
	err := tx.Raw("SELECT COUNT(*) FROM mandates m JOIN capabilities c ON c.id = m.capability_id WHERE c.agent_id = ? AND m.ended_at IS NULL", id).Scan(&rec.InForce).Error
	if err != nil {
		return fmt.Errorf("cannot count what is in force: %w", err)
	}
	var through []string
	err = tx.Raw(`SELECT m.capability_id FROM mandates m JOIN capabilities c ON c.id = m.capability_id
		WHERE c.agent_id = ? AND m.ended_at IS NULL AND (m.owner_id = ? OR m.provisioner_id = ? OR m.control_owner_id = ?
			OR EXISTS (SELECT 1 FROM sign_offs s WHERE s.version_id = m.version_id AND (s.signer_id = ? OR s.principal_id = ?)))
		ORDER BY m.capability_id LIMIT 1`, id, me, me, me, me, me).Scan(&through).Error
	if err != nil {
		return fmt.Errorf("cannot look for who may stop it: %w", err)
	}
	if len(through) > 0 {
		rec.StopThrough = through[0]
	}
	cond, args := seen(by, "m.capability_id")
	err = tx.Raw("SELECT m.title FROM matrix_rows m WHERE m.agent_id = ? AND "+cond+" ORDER BY m.sort_name LIMIT 500", append([]any{id}, args...)...).Scan(&rec.Titles).Error
	if err != nil {
		return fmt.Errorf("cannot load titles: %w", err)
	}
	return nil
}

// AgentCapability is a capability's line on its agent's page.
type AgentCapability struct {
	models.MatrixRow
	Held bool // something keeps it from acting
	Over bool // its mandate's time is up
}

// AgentCapabilities are the agent's capabilities that the viewer may see, by
// title, from after the one named; the people of their roles; and whether there
// are more.
func (s *Store) AgentCapabilities(ctx context.Context, by models.Party, agent, after string) (lines []AgentCapability, people map[string]models.Party, more bool, err error) {
	tx := s.read.WithContext(ctx)
	cond, args := seen(by, "m.capability_id")
	query := `SELECT m.*, CASE WHEN m.mandate_id <> '' AND ` + heldNow + ` THEN 1 ELSE 0 END AS is_held FROM matrix_rows m WHERE m.agent_id = ? AND ` + cond
	args = append([]any{agent}, args...)
	if after != "" {
		query += " AND (m.sort_name, m.capability_id) > (SELECT x.sort_name, x.capability_id FROM matrix_rows x WHERE x.capability_id = ?)"
		args = append(args, after)
	}
	var rows []struct {
		models.MatrixRow
		IsHeld int
	}
	if err := tx.Raw(query+" ORDER BY m.sort_name, m.capability_id LIMIT ?", append(args, NamePage+1)...).Scan(&rows).Error; err != nil {
		return nil, nil, false, fmt.Errorf("cannot list capabilities: %w", err)
	}
	if more = len(rows) > NamePage; more {
		rows = rows[:NamePage]
	}
	ids, now := set{}, s.now()
	for _, r := range rows {
		l := AgentCapability{MatrixRow: r.MatrixRow, Held: r.IsHeld == 1}
		l.Over = l.MandateID != "" && l.UntilAt != nil && *l.UntilAt <= now
		ids.add(l.OwnerID, l.ProvisionerID, l.ControlOwnerID)
		ids.add(l.Signers()...)
		lines = append(lines, l)
	}
	people, err = parties(tx, ids.list())
	return lines, people, more, err
}

// Signers are the ids of the approvers behind the line.
func (l AgentCapability) Signers() []string {
	var ids []string
	_ = json.Unmarshal([]byte(l.Approvers), &ids) // written by us
	return ids
}

// AgentRevisionLine is a registered revision and who registered it.
type AgentRevisionLine struct {
	models.AgentRevision
	By models.HistoryPerson
}

// AgentRevisions are the agent's revisions before the number (0 for all), newest
// first; where more is true, the last one is there only to be compared with.
func (s *Store) AgentRevisions(ctx context.Context, by models.Party, agent string, before int) (lines []AgentRevisionLine, more bool, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if _, err := seenAgentRow(tx, by, agent); err != nil {
			return err
		}
		query, args := "agent_id = ?", []any{agent}
		if before > 0 {
			query, args = query+" AND no < ?", append(args, before)
		}
		// Manifests may be long: fewer than on other pages.
		rows, err := all[models.AgentRevision](tx.Limit(revisionsShown+1), "no DESC", query, args...)
		if err != nil {
			return err
		}
		more = len(rows) > revisionsShown
		ids := set{}
		for _, r := range rows {
			ids.add(r.CreatedBy)
		}
		people, err := parties(tx, ids.list())
		for _, r := range rows {
			lines = append(lines, AgentRevisionLine{r, historyPerson(people, r.CreatedBy)})
		}
		return err
	})
	return lines, more, err
}

const revisionsShown = 20
