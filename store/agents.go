package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// AgentsAsk says which agents a list is to show.
type AgentsAsk struct {
	State  string // one of the agents' states, or "" for all
	Mine   bool   // of the viewer alone
	Search string // in name and purpose
	NameCursor
}

// AgentsPage is one page of the list, by name.
type AgentsPage struct {
	Lines  []AgentLine
	Counts AgentCounts
	Total  int // of what was asked for; -1 where that was not counted
	NameTurn
}

// AgentCounts are how many agents the viewer may see at all.
type AgentCounts struct {
	All, Mine int
	State     map[string]int
}

// AgentLine is one agent with how far its capabilities are, as far as the
// viewer may see these.
type AgentLine struct {
	ID, Name, State, OwnerID string
	OwnerName, OwnerTeam     string
	RevisionNo               int // 0 before it is registered
	RevisionAt               models.Instant
	CreatedAt                models.Instant
	Capabilities             int
	Live                     int // in force and not held
	Held                     int // in force and held
	Expired                  int // whose mandate's time is up
	Open                     int // with a version on its way
	Holes                    int // where somebody or something is missing
}

// heldNow says of the matrix line m whether a hold keeps it from acting: on
// itself, on its agent, on one of its people, on a system that it reaches, on who vouches
// for its agent, on a team of its owner, or on everything.
const heldNow = `(m.holds > 0 OR EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND (h.target_kind = 'all'
	OR h.target_kind = 'agent' AND h.target_id = m.agent_id
	OR h.target_kind = 'person' AND (h.target_id IN (m.owner_id, m.provisioner_id, m.control_owner_id)
		OR EXISTS (SELECT 1 FROM seat_people p WHERE p.mandate_id = m.mandate_id AND p.person_id = h.target_id))
	OR h.target_kind = 'system' AND EXISTS (SELECT 1 FROM system_uses u WHERE u.capability_id = m.capability_id AND u.system_id = h.target_id)
	OR h.target_kind = 'issuer' AND EXISTS (SELECT 1 FROM bindings b WHERE b.agent_id = m.agent_id AND b.issuer = h.target_id AND b.ended_at IS NULL)
	OR h.target_kind = 'team' AND EXISTS (SELECT 1 FROM team_members tm WHERE tm.person_id = m.owner_id AND tm.team_id = h.target_id AND tm.left_at IS NULL))))`

// onItsWay says of the matrix line m whether a version of it may still go live.
const onItsWay = `(m.state IN ('draft', 'proposed', 'in_review', 'approved') OR m.open_version_id <> '')`

// Agents is a page of the agents that the viewer may see.
func (s *Store) Agents(ctx context.Context, by models.Party, ask AgentsAsk) (page AgentsPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sees, err := sightOf(tx, by)
		if err != nil {
			return err
		}
		seen := sees.agents("g")
		if page.Counts, err = agentCounts(tx, by, seen); err != nil {
			return err
		}
		if err := agentLines(tx, by, seen, ask, &page); err != nil {
			return err
		}
		page.Total = agentTotal(ask, page)
		return s.tally(tx, sees.among("m.capability_id"), page.Lines)
	})
	return page, err
}

func agentCounts(tx *gorm.DB, by models.Party, seen piece) (AgentCounts, error) {
	counts := AgentCounts{State: map[string]int{}}
	var rows []struct {
		State   string
		N, Mine int
	}
	err := tx.Raw("SELECT g.state, COUNT(*) AS n, SUM(CASE WHEN g.owner_id = ? THEN 1 ELSE 0 END) AS mine FROM agents g WHERE "+seen.sql+" GROUP BY g.state",
		append([]any{by.Person.ID}, seen.args...)...).Scan(&rows).Error
	if err != nil {
		return counts, fmt.Errorf("cannot count agents: %w", err)
	}
	for _, r := range rows {
		counts.All += r.N
		counts.Mine += r.Mine
		counts.State[r.State] = r.N
	}
	return counts, nil
}

// agentLines loads one row more than a page holds, to know whether it is the last.
func agentLines(tx *gorm.DB, by models.Party, seen piece, ask AgentsAsk, page *AgentsPage) error {
	query, args := `SELECT g.id, g.name, g.state, g.owner_id, g.created_at, COALESCE(r.no, 0) AS revision_no, COALESCE(r.created_at, 0) AS revision_at
		FROM agents g LEFT JOIN agent_revisions r ON r.id = g.revision_id WHERE `+seen.sql, slices.Clone(seen.args)
	if ask.State != "" {
		query, args = query+" AND g.state = ?", append(args, ask.State)
	}
	if ask.Mine {
		query, args = query+" AND g.owner_id = ?", append(args, by.Person.ID)
	}
	if ask.Search != "" {
		query += ` AND (LOWER(g.name) LIKE LOWER(?) ESCAPE '\' OR LOWER(g.description) LIKE LOWER(?) ESCAPE '\')`
		args = append(args, likePattern(ask.Search), likePattern(ask.Search))
	}
	switch {
	case ask.Before != "":
		query, args = query+" AND (g.name, g.id) < (SELECT x.name, x.id FROM agents x WHERE x.id = ?) ORDER BY g.name DESC, g.id DESC", append(args, ask.Before)
	case ask.After != "":
		query, args = query+" AND (g.name, g.id) > (SELECT x.name, x.id FROM agents x WHERE x.id = ?) ORDER BY g.name, g.id", append(args, ask.After)
	default:
		query += " ORDER BY g.name, g.id"
	}
	var lines []AgentLine
	if err := tx.Raw(query+" LIMIT ?", append(args, NamePage+1)...).Scan(&lines).Error; err != nil {
		return fmt.Errorf("cannot list agents: %w", err)
	}
	page.Lines, page.NameTurn = turned(lines, ask.NameCursor, func(l AgentLine) string { return l.ID })
	return agentOwners(tx, page.Lines)
}

func agentOwners(tx *gorm.DB, lines []AgentLine) error {
	ids := set{}
	for _, l := range lines {
		ids.add(l.OwnerID)
	}
	people, err := parties(tx, ids.list())
	if err != nil {
		return err
	}
	for i := range lines {
		p := historyPerson(people, lines[i].OwnerID)
		lines[i].OwnerName, lines[i].OwnerTeam = p.Name, p.Team
	}
	return nil
}

func agentTotal(ask AgentsAsk, page AgentsPage) int {
	switch {
	case page.Previous == nil && page.Next == nil:
		return len(page.Lines)
	case ask.Search != "" || ask.Mine && ask.State != "":
		return -1
	case ask.Mine:
		return page.Counts.Mine
	case ask.State != "":
		return page.Counts.State[ask.State]
	}
	return page.Counts.All
}

// tally counts the capabilities of the agents that are shown.
func (s *Store) tally(tx *gorm.DB, seen piece, lines []AgentLine) error {
	if len(lines) == 0 {
		return nil
	}
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.ID
	}
	now := s.now()
	var rows []struct {
		AgentID                                        string
		Capabilities, Live, Held, Expired, Open, Holes int
	}
	err := tx.Raw(`SELECT m.agent_id, COUNT(*) AS capabilities,
		SUM(CASE WHEN m.mandate_id <> '' AND m.until_at > ? AND NOT `+heldNow+` THEN 1 ELSE 0 END) AS live,
		SUM(CASE WHEN m.mandate_id <> '' AND m.until_at > ? AND `+heldNow+` THEN 1 ELSE 0 END) AS held,
		SUM(CASE WHEN m.mandate_id <> '' AND m.until_at <= ? THEN 1 ELSE 0 END) AS expired,
		SUM(CASE WHEN `+onItsWay+` THEN 1 ELSE 0 END) AS open,
		SUM(CASE WHEN (m.holes & ?) <> 0 AND (m.mandate_id <> '' OR `+onItsWay+`) THEN 1 ELSE 0 END) AS holes
		FROM matrix_rows m WHERE m.agent_id IN ? AND `+seen.sql+` GROUP BY m.agent_id`,
		append([]any{now, now, now, int(models.HoleMandate - 1), ids}, seen.args...)...).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("cannot count capabilities: %w", err)
	}
	for _, r := range rows {
		l := &lines[slices.Index(ids, r.AgentID)]
		l.Capabilities, l.Live, l.Held, l.Expired, l.Open, l.Holes = r.Capabilities, r.Live, r.Held, r.Expired, r.Open, r.Holes
	}
	return nil
}
