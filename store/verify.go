package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/ledger"
	"countersign/models"
)

// VerifyProgress is how far a verification is; the last one tells what was read.
type VerifyProgress struct {
	Step    string // in words: what is being looked at
	Entries int64  // of the record, so far
	Rows    int64  // governance rows compared with it, so far
	Erased  int64  // entries whose details were erased, which is allowed
	Head    string // the hash of the last entry, once the record was read: note it elsewhere
}

// VerifyError is the first thing that does not fit.
type VerifyError struct {
	Table string // "ledger", a governance table, or a derived one
	ID    string // the row's key there, "" for the whole table
	Seq   int64  // the entry of the record that it is about, 0 for none
	Says  string // one sentence
}

func (e *VerifyError) Error() string { return e.Says }

func misfit(table, id string, seq int64, format string, args ...any) error {
	return &VerifyError{Table: table, ID: id, Seq: seq, Says: fmt.Sprintf(format, args...)}
}

// verification is what is known on the way.
type verification struct {
	tx     *gorm.DB
	engine Engine
	now    models.Instant
	report func(VerifyProgress)
	at     VerifyProgress
	last   map[string]map[string]word // table → key → the record's last word on the row
	log    func() error               // looks at the log of decisions, which may be elsewhere
}

// word is what an entry of the record says of a row.
type word struct {
	seq, rev int64
	sum      [sha256.Size]byte
}

// Verify reads the record from its first entry to its head, every governance row
// against it, and what follows from the rows: that documents have their digests,
// that what is in force keeps the rules, that the matrix is what the rows say,
// and that nothing refers to what is not there. It returns a *VerifyError for
// the first thing that does not fit. Everything is read as of one moment, and
// nothing is written. Memory grows with the rows, by about 200 bytes each.
//
// What it cannot see: a record that was cut at its end together with the rows
// that the lost entries left, as if they had never been. For that, note the head
// elsewhere now and then.
func (s *Store) Verify(ctx context.Context, report func(VerifyProgress)) error {
	if report == nil {
		report = func(VerifyProgress) {}
	}
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		v := &verification{tx: tx, engine: s.engine, now: s.now(), report: report, last: map[string]map[string]word{}}
		v.log = func() error { return s.logOfDecisions(ctx, v) }
		return v.all()
	})
}

func (v *verification) all() error {
	for _, step := range []struct {
		words string
		look  func() error
	}{
		{"the record", v.record}, {"the rows", v.rows}, {"the documents", v.documents}, {"the signatures", v.signatures}, {"what is in force", v.mandates}, {"the emergencies", v.emergencies}, {"the reviews", v.reviews}, {"the drills", v.drills},
		{"the matrix", v.derived}, {"the clock", v.clock}, {"how decisions came about", v.decisions}, {"what refers to what", v.references}, {"the log of decisions", v.log},
	} {
		v.say(step.words)
		if err := step.look(); err != nil {
			return err
		}
	}
	v.say("done")
	return nil
}

func (v *verification) say(step string) {
	v.at.Step = step
	v.report(v.at)
}

// recorded is an entry with its body, as the tables have them.
type recorded struct {
	E       entry `gorm:"embedded"`
	BodySeq *int64
	Salt    string
	Body    string
}

// entryBatch bounds what is in memory of the record: an entry has up to 64 KiB.
const entryBatch = 200

// record follows the chain and keeps the last word on every row.
func (v *verification) record() error {
	chain := ledger.NewChain()
	for {
		var batch []recorded
		err := v.tx.Raw(`SELECT l.*, b.seq AS body_seq, COALESCE(b.salt, '') AS salt, COALESCE(b.body, '') AS body
			FROM ledger l LEFT JOIN ledger_bodies b ON b.seq = l.seq WHERE l.seq > ? ORDER BY l.seq LIMIT ?`, v.at.Entries, entryBatch).Scan(&batch).Error
		if err != nil {
			return fmt.Errorf("cannot read the record: %w", err)
		}
		if len(batch) == 0 {
			break
		}
		refs, err := v.refs(batch[0].E.Seq, batch[len(batch)-1].E.Seq)
		if err != nil {
			return err
		}
		for _, r := range batch {
			if err := v.entry(chain, r, refs[r.E.Seq]); err != nil {
				return err
			}
			v.at.Entries = r.E.Seq
		}
		v.say(v.at.Step)
	}
	v.at.Head = chain.Hash()
	return v.head(chain)
}

func (v *verification) refs(from, to int64) (map[int64][]string, error) {
	var rows []struct {
		Seq int64
		Ref string
	}
	if err := v.tx.Raw("SELECT seq, kind || '/' || id AS ref FROM ledger_refs WHERE seq BETWEEN ? AND ?", from, to).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot read the histories: %w", err)
	}
	out := map[int64][]string{}
	for _, r := range rows {
		out[r.Seq] = append(out[r.Seq], r.Ref)
	}
	return out, nil
}

// entry checks one entry: its place in the chain, its columns, its body.
func (v *verification) entry(chain *ledger.Chain, r recorded, refs []string) error {
	e, err := chain.Next(r.E.Entry)
	if err != nil {
		return misfit("ledger", fmt.Sprint(r.E.Seq), chain.Seq()+1, "The record breaks after entry %d: %s.", chain.Seq(), err)
	}
	for _, c := range []struct{ name, column, bytes string }{
		{"seq", fmt.Sprint(r.E.Seq), fmt.Sprint(e.Seq)}, {"at", fmt.Sprint(int64(r.E.At)), fmt.Sprint(e.At)},
		{"act", r.E.Act, e.Act}, {"act_id", r.E.ActID, e.ActID}, {"actor", r.E.Actor, e.Actor}, {"principal", r.E.Principal, e.Principal},
		{"subject", r.E.Subject, e.Subject}, {"prev", r.E.Prev, e.Prev}, {"hash", r.E.Hash, chain.Hash()},
	} {
		if c.column != c.bytes {
			return misfit("ledger", fmt.Sprint(e.Seq), e.Seq, "Entry %d of the record is found under the %s %q, but its own bytes say %q.", e.Seq, c.name, c.column, c.bytes)
		}
	}
	if err := v.body(e, r, refs); err != nil {
		return err
	}
	return v.words(e)
}

// body checks the details against the commitment, and through them how the
// entry is found. Erased details (an empty body) are allowed.
func (v *verification) body(e ledger.Entry, r recorded, refs []string) error {
	id := fmt.Sprint(e.Seq)
	if r.BodySeq == nil {
		return misfit("ledger_bodies", id, e.Seq, "The details of entry %d of the record are gone; erased ones would leave an empty row.", e.Seq)
	}
	if r.Body == "" {
		v.at.Erased++
		return nil
	}
	if ledger.Commit(r.Salt, r.Body) != e.Body {
		return misfit("ledger_bodies", id, e.Seq, "The details of entry %d of the record are not those that it was written with.", e.Seq)
	}
	var kept struct {
		Refs    []string `json:"_refs"`
		Outcome string   `json:"_outcome"`
	}
	if err := jsonText(r.Body, &kept); err != nil {
		return misfit("ledger_bodies", id, e.Seq, "The details of entry %d of the record cannot be read: %s.", e.Seq, err)
	}
	if kept.Outcome != r.E.Outcome {
		return misfit("ledger", id, e.Seq, "Entry %d of the record is found with the outcome %q, but it was written with %q.", e.Seq, r.E.Outcome, kept.Outcome)
	}
	slices.Sort(refs)
	if !slices.Equal(kept.Refs, refs) {
		return misfit("ledger_refs", id, e.Seq, "Entry %d of the record is shown in the histories %v, but it belongs into %v.", e.Seq, refs, kept.Refs)
	}
	return nil
}

// words keeps what the entry says of rows, and that it follows on what was said before.
func (v *verification) words(e ledger.Entry) error {
	for _, row := range e.Rows {
		raw, err := hex.DecodeString(row.SHA256)
		if err != nil || len(raw) != sha256.Size {
			return misfit("ledger", fmt.Sprint(e.Seq), e.Seq, "Entry %d of the record has no digest for the row %s of %s.", e.Seq, row.ID, row.Table)
		}
		of := v.last[row.Table]
		if of == nil {
			of = map[string]word{}
			v.last[row.Table] = of
		}
		if was := of[row.ID]; row.Rev != was.rev+1 {
			return misfit(row.Table, row.ID, e.Seq, "Entry %d of the record leaves the row %s of %s at revision %d, where revision %d was to follow.", e.Seq, row.ID, row.Table, row.Rev, was.rev+1)
		}
		w := word{seq: e.Seq, rev: row.Rev}
		copy(w.sum[:], raw)
		of[row.ID] = w
	}
	return nil
}

func (v *verification) head(chain *ledger.Chain) error {
	var h head
	if err := v.tx.Raw("SELECT id, seq, at, hash FROM ledger_head WHERE id = 1").Scan(&h).Error; err != nil {
		return fmt.Errorf("cannot read the head of the record: %w", err)
	}
	switch {
	case h.ID == 0:
		return misfit("ledger_head", "1", 0, "The record has no head.")
	case h.Seq > chain.Seq():
		return misfit("ledger", fmt.Sprint(chain.Seq()+1), chain.Seq()+1, "The record ends with entry %d, but its head says that there are %d: entries at the end are gone.", chain.Seq(), h.Seq)
	case h.Seq < chain.Seq():
		return misfit("ledger", fmt.Sprint(h.Seq+1), h.Seq+1, "The record's head says that it ends with entry %d, but there are %d: entries were added past it.", h.Seq, chain.Seq())
	case h.Hash != chain.Hash():
		return misfit("ledger_head", "1", h.Seq, "The record's head does not have the hash of entry %d.", h.Seq)
	case int64(h.At) != chain.At():
		return misfit("ledger_head", "1", h.Seq, "The record's head does not have the time of entry %d.", h.Seq)
	}
	return nil
}

// rows compares every governance row with the record's last word on it: none
// changed, none too many, none gone.
func (v *verification) rows() error {
	for _, t := range governedTables {
		said := v.last[t.name]
		err := t.each(v.tx, func(r models.Row) error {
			v.at.Rows++
			if v.at.Rows%10_000 == 0 {
				v.say(v.at.Step)
			}
			w, ok := said[r.Key()]
			if !ok {
				return misfit(t.name, r.Key(), 0, "%s has the row %s, and no entry of the record made it.", t.name, r.Key())
			}
			delete(said, r.Key())
			return fits(t.name, r, w)
		})
		if err != nil {
			return err
		}
		if err := gone(t.name, said); err != nil {
			return err
		}
		delete(v.last, t.name)
	}
	for table, said := range v.last {
		return misfit(table, "", 0, "The record tells of %d rows of %s, and this program knows no such table.", len(said), table)
	}
	return nil
}

func fits(table string, r models.Row, w word) error {
	text, err := models.Canonical(r)
	if err != nil {
		return misfit(table, r.Key(), w.seq, "The row %s of %s cannot be read: %s.", r.Key(), table, err)
	}
	switch {
	case r.Revision() != w.rev:
		return misfit(table, r.Key(), w.seq, "The row %s of %s is at revision %d, but entry %d of the record left it at revision %d.", r.Key(), table, r.Revision(), w.seq, w.rev)
	case sha256.Sum256([]byte(text)) != w.sum:
		return misfit(table, r.Key(), w.seq, "The row %s of %s is not as entry %d of the record left it: it was changed past the record.", r.Key(), table, w.seq)
	}
	return nil
}

// gone names the first of the rows that the record told of and nobody found.
func gone(table string, said map[string]word) error {
	first, key := word{}, ""
	for k, w := range said {
		if key == "" || w.seq < first.seq || w.seq == first.seq && k < key {
			first, key = w, k
		}
	}
	if key == "" {
		return nil
	}
	return misfit(table, key, first.seq, "The row %s of %s, which entry %d of the record left, is gone.", key, table, first.seq)
}
