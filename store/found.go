package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// FoundAsk says which of what was found a list is to show.
type FoundAsk struct {
	Kind   string // models.ImportAgent or ImportSystem
	State  string // one of the states, or "" for all
	File   string // in which it was seen last, or "" for all
	Search string // in name, address and file
	NameCursor
}

// FoundPage is one page of the list: what has waited longest comes first.
type FoundPage struct {
	Lines  []FoundLine
	Counts FoundCounts
	Files  []FoundFile // that name most of what is shown, most first
	Total  int         // of what was asked for; -1 where that was not counted
	NameTurn
}

// FoundCounts are how many there are, by kind and state.
type FoundCounts map[string]map[string]int

// FoundFile is a file and how much of what is shown it was the last to name.
type FoundFile struct {
	File string
	N    int
}

// FoundLine is one thing that was found with who has to do with it.
type FoundLine struct {
	models.Found
	DueAt     *models.Instant      // when the duty to claim it falls due; nil where there is none
	AgentName string               // as what it was claimed, where the viewer may see that agent
	Seen      models.HistoryPerson `gorm:"-"`
	Decider   models.HistoryPerson `gorm:"-"`
}

// foundFiles is how many files a list offers to filter by.
const foundFiles = 20

// FoundList is a page of what was found; NotFound for whoever has no business
// with it.
func (s *Store) FoundList(ctx context.Context, by models.Party, ask FoundAsk) (page FoundPage, err error) {
	if !models.MaySeeFound(by) {
		return page, missing("page")
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if page.Counts, err = foundCounts(tx); err != nil {
			return err
		}
		if err := foundInFiles(tx, ask, &page); err != nil {
			return err
		}
		if err := foundLines(tx, by, ask, &page); err != nil {
			return err
		}
		page.Total = foundTotal(ask, page)
		return nil
	})
	return page, err
}

// FoundWaiting is how many found agents wait to be claimed.
func (s *Store) FoundWaiting(ctx context.Context, by models.Party) (n int, err error) {
	if !models.MaySeeFound(by) {
		return 0, nil
	}
	n, _, err = claims(s.read.WithContext(ctx))
	return n, err
}

// claims are how many found agents wait, and the name of the one that has waited
// longest.
func claims(tx *gorm.DB) (n int, name string, err error) {
	var row struct {
		N    int
		Name string
	}
	err = tx.Raw(`SELECT COUNT(*) AS n, COALESCE((SELECT x.name FROM found x WHERE x.kind = 'agent' AND x.state = 'open' ORDER BY x.opened_at, x.name, x.id LIMIT 1), '') AS name
		FROM found WHERE kind = 'agent' AND state = 'open'`).Scan(&row).Error
	if err != nil {
		return 0, "", fmt.Errorf("cannot count what was found: %w", err)
	}
	return row.N, row.Name, nil
}

func foundCounts(tx *gorm.DB) (FoundCounts, error) {
	out := FoundCounts{models.ImportAgent: {}, models.ImportSystem: {}}
	var rows []struct {
		Kind, State string
		N           int
	}
	if err := tx.Raw("SELECT kind, state, COUNT(*) AS n FROM found GROUP BY kind, state").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot count what was found: %w", err)
	}
	for _, r := range rows {
		out[r.Kind][r.State] = r.N
		out[r.Kind][""] += r.N
	}
	return out, nil
}

func foundInFiles(tx *gorm.DB, ask FoundAsk, page *FoundPage) error {
	query, args := "SELECT file, COUNT(*) AS n FROM found WHERE kind = ?", []any{ask.Kind}
	if ask.State != "" {
		query, args = query+" AND state = ?", append(args, ask.State)
	}
	err := tx.Raw(query+" GROUP BY file ORDER BY COUNT(*) DESC, file LIMIT ?", append(args, foundFiles)...).Scan(&page.Files).Error
	if err != nil {
		return fmt.Errorf("cannot count files: %w", err)
	}
	return nil
}

func foundLines(tx *gorm.DB, by models.Party, ask FoundAsk, page *FoundPage) error {
	q := foundQuery(tx, by).Where("x.kind = ?", ask.Kind).Limit(NamePage + 1)
	if ask.State != "" {
		q = q.Where("x.state = ?", ask.State)
	}
	if ask.File != "" {
		q = q.Where("x.file = ?", ask.File)
	}
	q = anywhere(q, ask.Search, "x.name", "x.url", "x.file")
	const key, of = "(x.opened_at, x.name, x.id)", " (SELECT k.opened_at, k.name, k.id FROM found k WHERE k.id = ?)"
	switch {
	case ask.Before != "":
		q = q.Where(key+" <"+of, ask.Before).Order("x.opened_at DESC, x.name DESC, x.id DESC")
	case ask.After != "":
		q = q.Where(key+" >"+of, ask.After).Order("x.opened_at, x.name, x.id")
	default:
		q = q.Order("x.opened_at, x.name, x.id")
	}
	var lines []FoundLine
	if err := q.Scan(&lines).Error; err != nil {
		return fmt.Errorf("cannot list what was found: %w", err)
	}
	page.Lines, page.NameTurn = turned(lines, ask.NameCursor, func(l FoundLine) string { return l.ID })
	return foundPeople(tx, page.Lines)
}

// foundQuery is the rows as x with what a line says of them. Of the agent that a
// row was claimed as, it has the name only for whoever may see that agent.
func foundQuery(tx *gorm.DB, by models.Party) *gorm.DB {
	cond, args := seenAgent(by, "g")
	return tx.Table("found x").
		Select("x.*, d.due_at, COALESCE(g.name, '') AS agent_name").
		Joins("LEFT JOIN duties d ON d.subject = x.id AND d.closed_at IS NULL").
		Joins("LEFT JOIN agents g ON g.id = x.agent_id AND "+cond, args...)
}

func foundPeople(tx *gorm.DB, lines []FoundLine) error {
	ids := set{}
	for _, l := range lines {
		ids.add(l.SeenBy)
		if l.DecidedBy != nil {
			ids.add(*l.DecidedBy)
		}
	}
	people, err := parties(tx, ids.list())
	if err != nil {
		return err
	}
	for i := range lines {
		l := &lines[i]
		l.Seen = historyPerson(people, l.SeenBy)
		if l.DecidedBy != nil {
			l.Decider = historyPerson(people, *l.DecidedBy)
		}
	}
	return nil
}

func foundTotal(ask FoundAsk, page FoundPage) int {
	switch {
	case page.Previous == nil && page.Next == nil:
		return len(page.Lines)
	case ask.Search != "" || ask.File != "":
		return -1
	}
	return page.Counts[ask.Kind][ask.State]
}

// Found is one thing that was found; NotFound for whoever has no business with it.
func (s *Store) Found(ctx context.Context, by models.Party, id string) (line FoundLine, err error) {
	if !models.MaySeeFound(by) {
		return line, missing("found agent")
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var lines []FoundLine
		if err := foundQuery(tx, by).Where("x.id = ?", id).Limit(1).Scan(&lines).Error; err != nil {
			return fmt.Errorf("cannot load what was found: %w", err)
		}
		if len(lines) == 0 {
			return missing("found agent")
		}
		if err := foundPeople(tx, lines); err != nil {
			return err
		}
		line = lines[0]
		return nil
	})
	return line, err
}

// addresses checks by which addresses agents are known, derived once more: one
// that was slipped in would keep an agent from being found.
func (v *verification) addresses() error {
	var n, lines int64
	after := ""
	for {
		agents, err := all[models.Agent](v.tx.Limit(chunk), "id", "id > ?", after)
		if err != nil {
			return err
		}
		if len(agents) == 0 {
			break
		}
		after = agents[len(agents)-1].ID
		have, err := all[models.AgentAddress](v.tx, "agent_id, url_key", "agent_id >= ? AND agent_id <= ?", agents[0].ID, after)
		if err != nil {
			return err
		}
		of := map[string][]string{}
		for _, x := range have {
			of[x.AgentID] = append(of[x.AgentID], x.URLKey)
		}
		for _, a := range agents {
			want := a.Addresses()
			if !same(want, of[a.ID], func(s string) string { return s }) {
				return misfit("agent_addresses", a.ID, 0, "The agent %s is not known by the addresses that its draft has, or by others.", a.ID)
			}
			n += int64(len(want))
		}
	}
	if err := v.tx.Raw("SELECT COUNT(*) FROM agent_addresses").Scan(&lines).Error; err != nil {
		return fmt.Errorf("cannot count addresses: %w", err)
	}
	if lines != n {
		return misfit("agent_addresses", "", 0, "Agents are known by %d addresses, and their drafts have %d.", lines, n)
	}
	return nil
}
