package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/ledger"
	"countersign/models"
)

// head is the ledger's head row: the lock of every governance write, and where
// the chain stands.
type head struct {
	ID   int `gorm:"primaryKey"`
	Seq  int64
	At   models.Instant
	Hash string
}

func (head) TableName() string { return "ledger_head" }

// entry is one row of the ledger table: an entry's canonical bytes and the
// columns by which it is found.
type entry struct {
	Seq       int64 `gorm:"primaryKey;autoIncrement:false"`
	At        models.Instant
	Act       string
	ActID     string
	Actor     string
	Principal string
	Subject   string
	Outcome   string
	Entry     string
	Prev      string
	Hash      string
}

func (entry) TableName() string { return "ledger" }

// errNothing ends a decision that has nothing to record. What its rule wound (see
// wind) is kept, since that was done under the lock.
var errNothing = errors.New("nothing to record")

// decide is the one way in which governance rows are written (SCHEMA, "The
// write"): it locks the ledger's head before it reads anything, takes the time
// after the lock, loads the facts, calls the rule, and records the Change.
//
// The same act id again returns the first one's receipt and writes nothing. A
// rule's refusal comes back as it is; nothing was written then.
func (s *Store) decide(ctx context.Context, act models.Act, rule func(tx *gorm.DB, env models.Env) (models.Change, error)) (models.Receipt, error) {
	var receipt models.Receipt
	var nothing error
	noticed := false
	if !models.ValidActID(act.ID) {
		return receipt, models.Refusal(models.Invalid, "act.id", "This form has lost its number. Load the page again; nothing was changed.")
	}
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		h, err := s.lock(tx)
		if err != nil {
			return err
		}
		if receipt, err = before(tx, act); err != nil || receipt.Again {
			return err
		}
		env, err := s.env(tx, act, h)
		if err != nil {
			return err
		}
		change, err := rule(tx, env)
		if errors.Is(err, errNothing) {
			nothing = err
			return nil
		}
		if err != nil {
			return err
		}
		noticed = len(change.Notices()) > 0 || change.Act() == actRetried
		receipt, err = record(tx, h, env, change)
		return err
	})
	if err == nil {
		err = nothing
	}
	if err != nil {
		return models.Receipt{}, refusal(err)
	}
	if noticed && s.noticed != nil {
		s.noticed()
	}
	return receipt, nil
}

// lock takes the ledger's head for this transaction. On SQLite the transaction
// began as the only writer; on PostgreSQL the row is locked.
func (s *Store) lock(tx *gorm.DB) (head, error) {
	query := "SELECT id, seq, at, hash FROM ledger_head WHERE id = 1"
	if s.engine == Postgres {
		if err := tx.Exec("SET LOCAL lock_timeout = '5s'").Error; err != nil {
			return head{}, fmt.Errorf("cannot set the lock timeout: %w", err)
		}
		query += " FOR UPDATE"
	}
	var h head
	if err := tx.Raw(query).Scan(&h).Error; err != nil {
		return h, fmt.Errorf("cannot lock the ledger: %w", err)
	}
	if h.ID == 0 {
		return h, errors.New("the ledger has no head: the database was not migrated")
	}
	return h, nil
}

// before looks for the act's own receipt: the form was posted twice.
func before(tx *gorm.DB, act models.Act) (models.Receipt, error) {
	var e entry
	err := tx.Select("seq", "at", "act", "act_id", "actor", "subject", "outcome").Where("act_id = ?", act.ID).Take(&e).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return models.Receipt{}, nil
	}
	if err != nil {
		return models.Receipt{}, fmt.Errorf("cannot look for the act: %w", err)
	}
	if e.Actor != act.Person {
		return models.Receipt{}, models.Refusal(models.Conflict, "act.id", "This form was already used. Load the page again; nothing was changed.")
	}
	return models.Receipt{Seq: e.Seq, At: e.At, Act: e.Act, ActID: e.ActID, Subject: e.Subject, Outcome: e.Outcome, Again: true}, nil
}

// env is the time, always after the act before, also where the clock was set
// back: a stop that follows a restart's question is later than it. And the actor,
// fresh from the database.
func (s *Store) env(tx *gorm.DB, act models.Act, h head) (models.Env, error) {
	env := models.Env{Act: act, Now: max(s.now(), h.At+1)}
	if act.Person == models.SystemActor {
		return env, nil
	}
	people, err := parties(tx, []string{act.Person})
	if err != nil {
		return env, err
	}
	by, ok := people[act.Person]
	if !ok || by.Person.Status != models.PersonActive {
		return env, models.Refusal(models.Forbidden, "person.active", "You are no longer active here.")
	}
	env.By = by
	return env, nil
}

// record writes a Change: its rows, the ledger entry, the outbox and what is
// derived from the rows, all in the transaction that it is given.
func record(tx *gorm.DB, h head, env models.Env, c models.Change) (models.Receipt, error) {
	if c.Act() == "" {
		return models.Receipt{}, errors.New("a change without an act was refused")
	}
	e := ledger.Entry{Seq: h.Seq + 1, At: int64(env.Now), Act: c.Act(), ActID: env.Act.ID, Actor: env.Act.Person, Principal: env.Act.Person,
		Subject: c.Subject(), Rows: []ledger.Row{}, Prev: h.Hash}
	if principal := c.Principal(); principal != "" {
		e.Principal = principal
	}
	if err := putAll(tx, c.Writes()); err != nil {
		return models.Receipt{}, err
	}
	for _, w := range c.Writes() {
		row, err := commitment(w.Row)
		if err != nil {
			return models.Receipt{}, err
		}
		e.Rows = append(e.Rows, row)
	}
	if err := appendEntry(tx, h, e, c); err != nil {
		return models.Receipt{}, err
	}
	if err := notices(tx, env, c); err != nil {
		return models.Receipt{}, err
	}
	if err := project(tx, env, c); err != nil {
		return models.Receipt{}, err
	}
	if err := projectDecision(tx, e.Seq, env, c); err != nil {
		return models.Receipt{}, err
	}
	return models.Receipt{Seq: e.Seq, At: env.Now, Act: e.Act, ActID: e.ActID, Subject: e.Subject, Outcome: c.Outcome()}, nil
}

// rowsAtOnce is how many new rows one statement inserts.
const rowsAtOnce = 200

// putAll writes rows in their order; new ones of one table that follow each other go
// into one statement.
func putAll(tx *gorm.DB, writes []models.Write) error {
	for len(writes) > 0 {
		n := 1
		for n < min(len(writes), rowsAtOnce) && writes[0].Expect == 0 && writes[n].Expect == 0 && reflect.TypeOf(writes[n].Row) == reflect.TypeOf(writes[0].Row) {
			n++
		}
		if n == 1 {
			if err := put(tx, writes[0]); err != nil {
				return err
			}
		} else if err := insert(tx, writes[:n]); err != nil {
			return err
		}
		writes = writes[n:]
	}
	return nil
}

// insert writes new rows of one table.
func insert(tx *gorm.DB, writes []models.Write) error {
	rows := reflect.New(reflect.SliceOf(reflect.TypeOf(settable(writes[0].Row))))
	for _, w := range writes {
		rows.Elem().Set(reflect.Append(rows.Elem(), reflect.ValueOf(settable(w.Row))))
	}
	if err := tx.Create(rows.Interface()).Error; err != nil {
		return fmt.Errorf("cannot insert into %s: %w", writes[0].Row.TableName(), err)
	}
	return nil
}

// insertValues writes rows of values, all of one length, into a table's columns, with what
// follows them in the statement.
func insertValues(tx *gorm.DB, into string, rows [][]any, then string) error {
	var sql strings.Builder
	var args []any
	sql.WriteString("INSERT INTO " + into + " VALUES ")
	for i, r := range rows {
		if i > 0 {
			sql.WriteString(", ")
		}
		sql.WriteString("(?" + strings.Repeat(", ?", len(r)-1) + ")")
		args = append(args, r...)
	}
	return tx.Exec(sql.String()+" "+then, args...).Error
}

// put writes one row: inserted at revision 1, or replaced where it still has
// the revision that it was read at.
func put(tx *gorm.DB, w models.Write) error {
	row := settable(w.Row)
	if w.Expect == 0 {
		if err := tx.Create(row).Error; err != nil {
			return fmt.Errorf("cannot insert into %s: %w", w.Row.TableName(), err)
		}
		return nil
	}
	res := tx.Model(row).Select("*").Where("rev = ?", w.Expect).Updates(row)
	if res.Error != nil {
		return fmt.Errorf("cannot update %s: %w", w.Row.TableName(), res.Error)
	}
	if res.RowsAffected != 1 {
		return models.Refusal(models.Conflict, "row.changed", "This changed since you opened it. Nothing was recorded; look at what it is now.")
	}
	return nil
}

// settable is the row as a pointer, which is what gorm writes from.
func settable(r models.Row) any {
	v := reflect.ValueOf(r)
	if v.Kind() == reflect.Pointer {
		return r
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}

// commitment is what the ledger says of a row.
func commitment(r models.Row) (ledger.Row, error) {
	text, err := models.Canonical(r)
	if err != nil {
		return ledger.Row{}, err
	}
	return ledger.Row{Table: r.TableName(), ID: r.Key(), Rev: r.Revision(), SHA256: models.Digest(text)}, nil
}

func appendEntry(tx *gorm.DB, h head, e ledger.Entry, c models.Change) error {
	refs := refsOf(c)
	body, err := kept(c.Details(), c.Outcome(), refs)
	if err != nil {
		return err
	}
	salt := nonce()
	e.Body = ledger.Commit(salt, body)
	bytes, err := e.Bytes()
	if err != nil {
		return fmt.Errorf("cannot record %s: %w", e.Act, err)
	}
	hash := ledger.Hash(bytes)
	row := entry{Seq: e.Seq, At: models.Instant(e.At), Act: e.Act, ActID: e.ActID, Actor: e.Actor, Principal: e.Principal, Subject: e.Subject,
		Outcome: c.Outcome(), Entry: bytes, Prev: e.Prev, Hash: hash}
	if err := tx.Create(&row).Error; err != nil {
		return fmt.Errorf("cannot append to the ledger: %w", err)
	}
	if err := tx.Exec("INSERT INTO ledger_bodies (seq, salt, body) VALUES (?, ?, ?)", e.Seq, salt, body).Error; err != nil {
		return fmt.Errorf("cannot keep the details: %w", err)
	}
	for some := range slices.Chunk(refs, rowsAtOnce) {
		rows := make([][]any, len(some))
		for i, r := range some {
			kind, id, _ := strings.Cut(r, "/")
			rows[i] = []any{kind, id, e.Seq}
		}
		if err := insertValues(tx, "ledger_refs (kind, id, seq)", rows, ""); err != nil {
			return fmt.Errorf("cannot index the entry: %w", err)
		}
	}
	res := tx.Exec("UPDATE ledger_head SET seq = ?, at = ?, hash = ? WHERE id = 1 AND seq = ?", e.Seq, e.At, hash, h.Seq)
	if res.Error != nil {
		return fmt.Errorf("cannot move the ledger's head: %w", res.Error)
	}
	if res.RowsAffected != 1 {
		return errors.New("the ledger's head moved under its lock")
	}
	return nil
}

// kept is the body that is kept beside the entry: the details, and under names
// that no detail has what else of the record the entry commits to through it.
func kept(details map[string]any, outcome string, refs []string) (string, error) {
	body := maps.Clone(details)
	body["_refs"] = refs
	if outcome != "" {
		body["_outcome"] = outcome
	}
	return models.Canonical(body)
}

// refsOf are the histories that show the change, as "kind/id", in order.
func refsOf(c models.Change) []string {
	refs := []string{}
	for _, t := range c.Touches() {
		refs = append(refs, t.Kind+"/"+t.ID)
	}
	slices.Sort(refs)
	return refs
}

func notices(tx *gorm.DB, env models.Env, c models.Change) error {
	var rows [][]any
	for i, n := range c.Notices() {
		key := models.Digest(n.Key)
		id := "out_" + models.Digest(fmt.Sprint(env.Act.ID, env.Act.Person, i, n.Key))[:20]
		rows = append(rows, []any{id, key, n.Kind, n.Recipient, n.Subject, env.Act.Person, n.Detail, env.Now})
	}
	for some := range slices.Chunk(rows, rowsAtOnce) {
		if err := insertValues(tx, "outbox (id, key, kind, recipient, subject, actor, detail, created_at)", some, ""); err != nil {
			return fmt.Errorf("cannot queue a notice: %w", err)
		}
	}
	return nil
}

func nonce() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails (crypto/rand, since Go 1.24)
	return hex.EncodeToString(b)
}

// NewActID is a fresh nonce for a form or for an act of the product's own.
func NewActID() string { return nonce() }
