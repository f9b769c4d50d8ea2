package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// HistoryPage is how many acts a history shows at once.
const HistoryPage = 50

// History is what the ledger says of one thing, newest first: the entries before
// the number (0 for the newest), and whether there are older ones. kind is one of
// models.TouchAgent …. Who may not see the thing gets NotFound; of an agent, acts
// on a capability that the viewer may not see are left out. A person's history is
// for themselves, and like the settings' for administrators and auditors.
func (s *Store) History(ctx context.Context, by models.Party, kind, id string, before int64) (entries []models.HistoryEntry, more bool, err error) {
	tx := s.read.WithContext(ctx)
	if err := mayReadHistory(tx, by, kind, id); err != nil {
		return nil, false, err
	}
	query := `SELECT l.seq, l.at, l.act, l.actor AS actor_id, l.subject, l.outcome, l.hash, b.body,
		(SELECT MIN(o.id) FROM ledger_refs o WHERE o.seq = l.seq AND o.kind = 'capability') AS capability_id
		FROM ledger_refs r JOIN ledger l ON l.seq = r.seq JOIN ledger_bodies b ON b.seq = r.seq
		WHERE r.kind = ? AND r.id = ?`
	args := []any{kind, id}
	if before > 0 {
		query += " AND r.seq < ?"
		args = append(args, before)
	}
	if kind == models.TouchAgent {
		cond, who := seen(by, "k.id")
		query += ` AND (NOT EXISTS (SELECT 1 FROM ledger_refs k WHERE k.seq = r.seq AND k.kind = 'capability')
			OR EXISTS (SELECT 1 FROM ledger_refs k WHERE k.seq = r.seq AND k.kind = 'capability' AND ` + cond + `))`
		args = append(args, who...)
	}
	var rows []historyRow
	if err := tx.Raw(query+" ORDER BY r.seq DESC LIMIT ?", append(args, HistoryPage+1)...).Scan(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("cannot load a history: %w", err)
	}
	if len(rows) > HistoryPage {
		rows, more = rows[:HistoryPage], true
	}
	entries, err = historyEntries(tx, rows)
	return entries, more, err
}

type historyRow struct {
	Seq          int64
	At           models.Instant
	Act          string
	ActorID      string
	Subject      string
	Outcome      string
	Hash         string
	Body         string
	CapabilityID *string
}

func mayReadHistory(tx *gorm.DB, by models.Party, kind, id string) error {
	sees, err := true, error(nil)
	switch kind {
	case models.TouchAgent:
		sees, err = maySeeAgent(tx, by, id)
	case models.TouchCapability:
		sees, err = maySee(tx, by, id)
	case models.TouchPerson:
		sees = by.Person.ID == id || by.Has(models.Administrator) || by.Has(models.Auditor)
	case models.TouchFound:
		sees = models.MaySeeFound(by)
	case models.TouchSettings:
		sees = by.Has(models.Administrator) || by.Has(models.Auditor)
	}
	if err == nil && !sees {
		err = missing(kind)
	}
	return err
}

// named are the details that hold a person's id.
var named = []string{"nominee", "former", "person", "on_behalf", "manager", "head"}

// historyEntries adds the people and the titles, in one query each.
func historyEntries(tx *gorm.DB, rows []historyRow) ([]models.HistoryEntry, error) {
	people, capabilities := set{}, set{}
	out := make([]models.HistoryEntry, len(rows))
	for i, row := range rows {
		e := models.HistoryEntry{Seq: row.Seq, At: row.At, Act: row.Act, ActorID: row.ActorID, Subject: row.Subject, Outcome: row.Outcome, Hash: row.Hash}
		if row.Body != "" {
			if err := json.Unmarshal([]byte(row.Body), &e.Details); err != nil {
				return nil, fmt.Errorf("cannot read the details of entry %d: %w", row.Seq, err)
			}
		}
		if row.CapabilityID != nil {
			e.CapabilityID = *row.CapabilityID
		}
		people.add(e.ActorID)
		capabilities.add(e.CapabilityID)
		for _, id := range whom(e) {
			people.add(id)
		}
		out[i] = e
	}
	names, err := parties(tx, people.list())
	if err != nil {
		return nil, err
	}
	titles, err := capabilityTitles(tx, capabilities.list())
	if err != nil {
		return nil, err
	}
	for i := range out {
		e := &out[i]
		e.Actor, e.Capability = historyPerson(names, e.ActorID), titles[e.CapabilityID]
		e.People = map[string]models.HistoryPerson{}
		for key, id := range whom(*e) {
			if p, ok := names[id]; ok {
				e.People[key] = historyPerson(names, p.Person.ID)
			}
		}
	}
	return out, nil
}

// whom are the ids of the people whom an entry names.
func whom(e models.HistoryEntry) map[string]string {
	out := map[string]string{}
	for _, key := range named {
		if id := e.Text(key); id != "" {
			out[key] = id
		}
	}
	if strings.HasPrefix(e.Subject, "per_") {
		out["subject"] = e.Subject
	}
	return out
}

func historyPerson(names map[string]models.Party, id string) models.HistoryPerson {
	p, ok := names[id]
	if !ok {
		return models.HistoryPerson{}
	}
	out := models.HistoryPerson{ID: id, Name: p.Person.Name}
	if len(p.Teams) > 0 {
		out.Team = p.Team()
	}
	return out
}

func capabilityTitles(tx *gorm.DB, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []models.MatrixRow
	if err := tx.Select("capability_id", "title").Where("capability_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot load titles: %w", err)
	}
	for _, r := range rows {
		out[r.CapabilityID] = r.Title
	}
	return out, nil
}
