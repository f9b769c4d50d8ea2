package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"gorm.io/gorm"

	"countersign/models"
)

// ImportList is what one person uploaded: read, and waiting to be taken in. It is
// theirs alone and kept for a day. It is no governance row: what becomes of it
// goes through DecideImport and DecideCatalogue, row by row.
type ImportList struct {
	ID          string `gorm:"primaryKey"`
	PersonID    string
	Label       string // the file's name, or how many there are
	IntoID      string // the agent that it was asked for; "" for none
	TeamID      string // who looks after its new systems; "" until it is said
	Sensitivity string // of their data
	Total       int    // rows; 0 while they are being written
	CreatedAt   models.Instant
	ExpiresAt   models.Instant
}

func (ImportList) TableName() string { return "import_lists" }

// ImportListRow is a row of it. State is waiting, queued, and then what became of it.
type ImportListRow struct {
	ListID  string `gorm:"primaryKey"`
	No      int    `gorm:"primaryKey"`
	Outcome string
	Plan    string // what taking it in looked like when it was read: one of the Plan constants
	Body    []byte
	Chosen  bool
	Looked  bool   // the person says that they have looked at its warnings
	Target  string // as DecideImport's into
	State   string
	Reason  string
	Subject string

	Row models.ImportRow `gorm:"-"`
}

func (ImportListRow) TableName() string { return "import_rows" }

// Plans of a row.
const (
	PlanNew        = "new"        // makes a draft
	PlanDraft      = "draft"      // updates a draft
	PlanRegistered = "registered" // differs from an agent that is registered
	PlanSame       = "same"       // nothing differs
	PlanChoose     = "choose"     // the person has to say where it goes
	PlanNone       = "none"       // it cannot be taken in by this person, or at all
)

// States of a row.
const (
	RowWaiting = "waiting"
	RowQueued  = "queued"
	RowCreated = "created"
	RowUpdated = "updated"
	RowSame    = "same"
	RowFailed  = "failed"
)

const (
	importListsKept  = 5 // of a person; the oldest goes first
	importListLives  = models.Day
	importRowsAWrite = 200
)

// KeepImport keeps what was read. The same id again changes nothing. Rows go in
// in short writes, so that a stop does not wait for them.
func (s *Store) KeepImport(ctx context.Context, l ImportList, rows []ImportListRow) error {
	now := s.now()
	l.CreatedAt, l.ExpiresAt, l.Total = now, now+importListLives, 0
	write := s.write.WithContext(ctx)
	made := write.Exec(`INSERT INTO import_lists (id, person_id, label, into_id, team_id, sensitivity, total, created_at, expires_at) VALUES (?, ?, ?, ?, '', '', 0, ?, ?) ON CONFLICT (id) DO NOTHING`,
		l.ID, l.PersonID, l.Label, l.IntoID, l.CreatedAt, l.ExpiresAt)
	if made.Error != nil {
		return fmt.Errorf("cannot keep the import: %w", refusal(made.Error))
	}
	if made.RowsAffected == 0 {
		return nil
	}
	err := write.Exec(`DELETE FROM import_lists WHERE person_id = ? AND id NOT IN (SELECT x.id FROM import_lists x WHERE x.person_id = ? ORDER BY x.created_at DESC, x.id LIMIT ?)`,
		l.PersonID, l.PersonID, importListsKept).Error
	if err != nil {
		return fmt.Errorf("cannot forget older imports: %w", refusal(err))
	}
	total := len(rows)
	for n := 1; len(rows) > 0; {
		some := rows[:min(importRowsAWrite, len(rows))]
		rows = rows[len(some):]
		kept := make([]map[string]any, 0, len(some))
		for _, r := range some {
			body, err := packed(r.Row)
			if err != nil {
				return err
			}
			kept = append(kept, map[string]any{"list_id": l.ID, "no": n, "outcome": r.Outcome, "plan": r.Plan, "body": body, "chosen": bit(r.Chosen),
				"looked": 0, "target": r.Target, "state": RowWaiting, "reason": "", "subject": ""})
			n++
		}
		if err := write.Model(&ImportListRow{}).Create(kept).Error; err != nil {
			return fmt.Errorf("cannot keep the import's rows: %w", refusal(err))
		}
	}
	if err := write.Exec("UPDATE import_lists SET total = ? WHERE id = ?", total, l.ID).Error; err != nil {
		return fmt.Errorf("cannot keep the import: %w", refusal(err))
	}
	return nil
}

// ImportLists are what the person uploaded and what is kept, newest first.
func (s *Store) ImportLists(ctx context.Context, by models.Party) ([]ImportList, error) {
	return all[ImportList](s.read.WithContext(ctx).Limit(importListsKept), "created_at DESC, id", "person_id = ? AND expires_at > ? AND total > 0", by.Person.ID, s.now())
}

// ImportList is one that the person uploaded; NotFound is every other.
func (s *Store) ImportList(ctx context.Context, by models.Party, id string) (ImportList, error) {
	l, err := find[ImportList](s.read.WithContext(ctx), "id = ? AND person_id = ? AND expires_at > ? AND total > 0", id, by.Person.ID, s.now())
	if err == nil && l == nil {
		err = models.Refusal(models.NotFound, "import.gone", "What was uploaded is no longer here: it is kept for a day, and only for whoever uploaded it. Nothing was lost that was saved. Choose the files again.")
	}
	if err != nil {
		return ImportList{}, err
	}
	return *l, nil
}

// ImportTally counts a list's rows under what they are.
type ImportTally struct {
	Outcome, Plan, State string
	Chosen               bool
	N                    int
}

// ImportTallies are the list's rows, counted.
func (s *Store) ImportTallies(ctx context.Context, list string) ([]ImportTally, error) {
	var rows []struct {
		Outcome, Plan, State string
		Chosen, N            int
	}
	err := s.read.WithContext(ctx).Raw("SELECT outcome, plan, state, chosen, COUNT(*) AS n FROM import_rows WHERE list_id = ? GROUP BY outcome, plan, state, chosen", list).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot count the import's rows: %w", err)
	}
	var out []ImportTally
	for _, r := range rows {
		out = append(out, ImportTally{r.Outcome, r.Plan, r.State, r.Chosen == 1, r.N})
	}
	return out, nil
}

// ImportFilter is which rows of a list are asked for; empty fields ask for all.
type ImportFilter struct {
	Outcome, Plan, State string
	After                int // the row after which the page begins
	Limit                int // at most 200
}

// ImportRowsOf are rows of a list, in the order of the files, and whether there are more.
func (s *Store) ImportRowsOf(ctx context.Context, list string, f ImportFilter) (rows []ImportListRow, more bool, err error) {
	q := s.read.WithContext(ctx).Where("list_id = ? AND no > ?", list, f.After)
	for column, want := range map[string]string{"outcome": f.Outcome, "plan": f.Plan, "state": f.State} {
		if want != "" {
			q = q.Where(column+" = ?", want)
		}
	}
	limit := max(1, min(f.Limit, 200))
	if err := q.Order("no").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, false, fmt.Errorf("cannot load the import's rows: %w", err)
	}
	if more = len(rows) > limit; more {
		rows = rows[:limit]
	}
	for i := range rows {
		if err := unpacked(rows[i].Body, &rows[i].Row); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}

// ImportChoice is what the person says of one row.
type ImportChoice struct {
	No             int
	Chosen, Looked bool
	Target         string
}

// ChooseImportRows keeps what the person says of rows that still wait.
func (s *Store) ChooseImportRows(ctx context.Context, list string, choices []ImportChoice) error {
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, c := range choices { // one page of rows
			err := tx.Exec("UPDATE import_rows SET chosen = ?, looked = ?, target = ? WHERE list_id = ? AND no = ? AND state IN ('waiting', 'failed') AND outcome <> 'refused' AND plan <> 'none'",
				bit(c.Chosen), bit(c.Looked), c.Target, list, c.No).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot keep the choice: %w", refusal(err))
	}
	return nil
}

// ImportSystemsFor keeps who looks after the list's new systems, and how sensitive
// their data is (one of models.Sensitivities).
func (s *Store) ImportSystemsFor(ctx context.Context, list, team, sensitivity string) error {
	if err := s.write.WithContext(ctx).Exec("UPDATE import_lists SET team_id = ?, sensitivity = ? WHERE id = ?", team, sensitivity, list).Error; err != nil {
		return fmt.Errorf("cannot keep who looks after the systems: %w", refusal(err))
	}
	return nil
}

// QueueImportRows says that the chosen rows are to be taken in now.
func (s *Store) QueueImportRows(ctx context.Context, list string) error {
	err := s.write.WithContext(ctx).Exec("UPDATE import_rows SET state = 'queued', reason = '' WHERE list_id = ? AND chosen = 1 AND state IN ('waiting', 'failed') AND outcome <> 'refused'", list).Error
	if err != nil {
		return fmt.Errorf("cannot begin to take in: %w", refusal(err))
	}
	return nil
}

// EndImportRow keeps what became of a row.
func (s *Store) EndImportRow(ctx context.Context, list string, no int, state, reason, subject string) error {
	if r := []rune(reason); len(r) > 1000 {
		reason = string(r[:1000])
	}
	err := s.write.WithContext(ctx).Exec("UPDATE import_rows SET state = ?, reason = ?, subject = ?, chosen = 0 WHERE list_id = ? AND no = ?", state, reason, subject, list, no).Error
	if err != nil {
		return fmt.Errorf("cannot keep what became of the row: %w", refusal(err))
	}
	return nil
}

// ForgetImport removes a list of the person's.
func (s *Store) ForgetImport(ctx context.Context, by models.Party, id string) error {
	if err := s.write.WithContext(ctx).Exec("DELETE FROM import_lists WHERE id = ? AND person_id = ?", id, by.Person.ID).Error; err != nil {
		return fmt.Errorf("cannot forget the import: %w", refusal(err))
	}
	return nil
}

// SweepImports forgets what was kept for its day.
func (s *Store) SweepImports(ctx context.Context) error {
	if err := s.write.WithContext(ctx).Exec("DELETE FROM import_lists WHERE expires_at <= ?", s.now()).Error; err != nil {
		return fmt.Errorf("cannot forget old imports: %w", refusal(err))
	}
	return nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func packed(row models.ImportRow) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if err := json.NewEncoder(z).Encode(row); err != nil {
		return nil, fmt.Errorf("cannot keep a row: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("cannot keep a row: %w", err)
	}
	return out.Bytes(), nil
}

func unpacked(body []byte, row *models.ImportRow) error {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("cannot read a kept row: %w", err)
	}
	raw, err := io.ReadAll(z)
	if err == nil {
		err = json.Unmarshal(raw, row)
	}
	if err != nil {
		return fmt.Errorf("cannot read a kept row: %w", err)
	}
	return nil
}
