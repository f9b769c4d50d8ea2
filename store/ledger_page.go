package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/ledger"
	"countersign/models"
)

// LedgerRows is how many entries a page of the record shows.
const LedgerRows = 50

// LedgerFilter is what of the record is asked for; the zero one is all of it.
type LedgerFilter struct {
	Act      string          // such as "version.signed_off"
	Who      string          // in the name of who acted; "system" is what no person did
	Actor    string          // an id
	From, To *models.Instant // from ≤ at < to
}

// LedgerCursor is where a page begins: entries before one (older), or after one
// (newer). The zero one is the newest.
type LedgerCursor struct{ Before, After int64 }

// LedgerLine is one entry: in words for reading, and what it commits to.
type LedgerLine struct {
	models.HistoryEntry
	ActID string
	Rows  []ledger.Row
	Body  string // the salted commitment to the details
	Prev  string
}

// LedgerPage is one page of the record, newest first.
type LedgerPage struct {
	Lines        []LedgerLine
	Older, Newer int64 // where the neighbours begin, 0 for none
	Acts         []string
	Actor        string // the name of the filter's actor
	Seq          int64  // how many entries the record has
	Head         string // the hash of the last one
}

// Ledger is a page of the record, for auditors; to everybody else it is Forbidden.
func (s *Store) Ledger(ctx context.Context, viewer models.Party, f LedgerFilter, c LedgerCursor) (page LedgerPage, err error) {
	if !viewer.Has(models.Auditor) {
		return page, models.Refusal(models.Forbidden, "role.auditor", "Only an auditor can read the whole record.")
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var h head
		if err := tx.Raw("SELECT id, seq, at, hash FROM ledger_head").Scan(&h).Error; err != nil {
			return fmt.Errorf("cannot read the head of the record: %w", err)
		}
		page.Seq, page.Head = h.Seq, h.Hash
		if err := tx.Raw(ledgerActs).Scan(&page.Acts).Error; err != nil {
			return fmt.Errorf("cannot list the acts: %w", err)
		}
		if f.Actor != "" {
			if err := tx.Raw("SELECT p.name FROM people p WHERE p.id = ?", f.Actor).Scan(&page.Actor).Error; err != nil {
				return fmt.Errorf("cannot load a name: %w", err)
			}
		}
		return page.read(tx, f, c)
	})
	return page, err
}

// ledgerActs are the acts that there are: from each to the next by index,
// whatever the number of entries.
const ledgerActs = `WITH RECURSIVE x (act) AS (
	SELECT MIN(l.act) FROM ledger l
	UNION ALL SELECT (SELECT MIN(l.act) FROM ledger l WHERE l.act > x.act) FROM x WHERE x.act IS NOT NULL)
	SELECT act FROM x WHERE act IS NOT NULL ORDER BY act`

func (p *LedgerPage) read(tx *gorm.DB, f LedgerFilter, c LedgerCursor) error {
	where, args, err := f.conditions(tx)
	if err != nil {
		return err
	}
	newer := c.After > 0
	order := "DESC"
	switch {
	case newer:
		where, args, order = where+" AND l.seq > ?", append(args, c.After), "ASC"
	case c.Before > 0:
		where, args = where+" AND l.seq < ?", append(args, c.Before)
	}
	var rows []struct {
		Seq, At      int64
		Act, ActorID string
		Subject      string
		Outcome      string
		Hash, Body   string
		CapabilityID *string
		ActID, Entry string
	}
	err = tx.Raw(`SELECT l.seq, l.at, l.act, l.act_id, l.actor AS actor_id, l.subject, l.outcome, l.hash, l.entry, COALESCE(b.body, '') AS body,
		(SELECT MIN(o.id) FROM ledger_refs o WHERE o.seq = l.seq AND o.kind = 'capability') AS capability_id
		FROM ledger l LEFT JOIN ledger_bodies b ON b.seq = l.seq WHERE `+where+" ORDER BY l.seq "+order+" LIMIT ?", append(args, LedgerRows+1)...).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("cannot read the record: %w", err)
	}
	more := len(rows) > LedgerRows
	if more {
		rows = rows[:LedgerRows]
	}
	if newer {
		slices.Reverse(rows)
	}
	var plain []historyRow
	for _, r := range rows {
		plain = append(plain, historyRow{Seq: r.Seq, At: models.Instant(r.At), Act: r.Act, ActorID: r.ActorID, Subject: r.Subject, Outcome: r.Outcome, Hash: r.Hash, Body: r.Body, CapabilityID: r.CapabilityID})
	}
	entries, err := historyEntries(tx, plain)
	if err != nil {
		return err
	}
	for i, e := range entries {
		line := LedgerLine{HistoryEntry: e, ActID: rows[i].ActID}
		var said ledger.Entry
		if err := json.Unmarshal([]byte(rows[i].Entry), &said); err == nil { // verify says what is wrong with one that cannot be read
			line.Rows, line.Body, line.Prev = said.Rows, said.Body, said.Prev
		}
		p.Lines = append(p.Lines, line)
	}
	if n := len(rows); n > 0 {
		if more && newer || c.Before > 0 {
			p.Newer = rows[0].Seq
		}
		if more && !newer || newer {
			p.Older = rows[n-1].Seq
		}
	}
	return nil
}

func (f LedgerFilter) conditions(tx *gorm.DB) (string, []any, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(condition string, with ...any) {
		where, args = append(where, condition), append(args, with...)
	}
	if f.Act != "" {
		add("l.act = ?", f.Act)
	}
	if f.Actor != "" {
		add("l.actor = ?", f.Actor)
	}
	if f.Who == models.SystemActor {
		add("l.actor = ?", f.Who)
	} else if f.Who != "" {
		add(`l.actor IN (SELECT p.id FROM people p WHERE LOWER(p.name) LIKE ? ESCAPE '\' OR p.name LIKE ? ESCAPE '\')`, likePattern(strings.ToLower(f.Who)), likePattern(f.Who))
	}
	// Times come in the order of the entries, so a day is a range of them.
	for _, bound := range []struct {
		at   *models.Instant
		sign string
	}{{f.From, ">="}, {f.To, "<"}} {
		if bound.at == nil {
			continue
		}
		var seq []int64
		if err := tx.Raw("SELECT l.seq FROM ledger l WHERE l.at >= ? ORDER BY l.at, l.seq LIMIT 1", *bound.at).Scan(&seq).Error; err != nil {
			return "", nil, fmt.Errorf("cannot find a day in the record: %w", err)
		}
		switch {
		case len(seq) > 0:
			add("l.seq "+bound.sign+" ?", seq[0])
		case bound.sign == ">=":
			add("1 = 0")
		}
	}
	return strings.Join(where, " AND "), args, nil
}
