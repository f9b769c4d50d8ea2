package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"countersign/models"
)

// decisionsFile is where the log of decisions is on SQLite: a file of its own beside the
// database, so that its commits wait for none of the governed ones.
func decisionsFile(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-decisions" + ext
}

// openDecisionsFile opens the log's file, for one connection that writes.
func openDecisionsFile(path string) (*sql.DB, error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", sqliteURI(path)+"?_busy_timeout=800&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_stmt_cache_size=100&_recursive_triggers=on")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db, nil
}

// sqliteLog writes decisions to a file of its own.
type sqliteLog struct {
	db       *sql.DB
	conn     *sql.Conn
	governed *sql.Conn         // its own, so that it waits for no page
	insert   map[int]*sql.Stmt // by how many rows
	fence    *sql.Stmt         // reads the governed database

	begin, commit, rollback *sql.Stmt
}

// logSizes are how many rows one statement inserts, the most first.
var logSizes = []int{64, 32, 16, 8, 4, 2, 1}

func newSQLiteLog(ctx context.Context, db *sql.DB, governed *sql.DB) (_ *sqliteLog, err error) {
	l := &sqliteLog{db: db, insert: map[int]*sql.Stmt{}}
	if l.conn, err = db.Conn(ctx); err != nil {
		return nil, err
	}
	for _, n := range logSizes {
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(decisionColumns)), ", ") + ")"
		text := "INSERT INTO decisions (" + strings.Join(decisionColumns, ", ") + ") VALUES " + one + strings.Repeat(", "+one, n-1)
		insert, err := l.conn.PrepareContext(ctx, text) //nolint:sqlclosecheck // close closes it
		if err != nil {
			return nil, err
		}
		l.insert[n] = insert
	}
	for text, to := range map[string]**sql.Stmt{"BEGIN IMMEDIATE": &l.begin, "COMMIT": &l.commit, "ROLLBACK": &l.rollback} {
		if *to, err = l.conn.PrepareContext(ctx, text); err != nil { //nolint:sqlclosecheck // close closes it
			return nil, err
		}
	}
	if l.governed, err = governed.Conn(ctx); err != nil {
		return nil, err
	}
	l.fence, err = l.governed.PrepareContext(ctx, "SELECT fence FROM decision_fence WHERE id = 1")
	return l, err
}

// write inserts the rows and looks at the fence last, before it commits. A stop is placed
// by this same process or another on this machine: what commits after it saw it. How long
// it waits is the connection's busy_timeout: for a context with an end the driver would hand
// each statement to a goroutine of its own, and could not break a sync off either.
func (l *sqliteLog) write(rows []models.Decision, fence int64) error {
	ctx := context.Background()
	if _, err := l.begin.ExecContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", errLogFailed, err)
	}
	err := l.put(ctx, rows)
	if err == nil {
		var now int64
		if err = l.fence.QueryRowContext(ctx).Scan(&now); err == nil && now != fence {
			err = errStale
		}
	}
	if err == nil {
		_, err = l.commit.ExecContext(ctx)
	}
	if err == nil {
		return nil
	}
	if _, undo := l.rollback.ExecContext(ctx); undo != nil && !strings.Contains(undo.Error(), "no transaction") {
		err = errors.Join(err, undo)
	}
	if errors.Is(err, errStale) {
		return errStale
	}
	return fmt.Errorf("%w: %w", errLogFailed, err)
}

func (l *sqliteLog) put(ctx context.Context, rows []models.Decision) error {
	args := make([]any, 0, len(decisionColumns)*min(len(rows), logSizes[0]))
	for _, n := range logSizes {
		for len(rows) >= n {
			args = args[:0]
			for i := range rows[:n] {
				args = appendDecision(args, &rows[i])
			}
			rows = rows[n:]
			if _, err := l.insert[n].ExecContext(ctx, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *sqliteLog) close() error {
	var errs []error
	for _, s := range l.insert {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, l.begin.Close(), l.commit.Close(), l.rollback.Close(), l.fence.Close(), l.governed.Close(), l.conn.Close(), l.db.Close())...)
}

// beginReplica numbers this start of the process.
func beginReplica(ctx context.Context, db *sql.DB, engine Engine, now time.Time) (id int64, err error) {
	query := "INSERT INTO decision_replicas (started_at) VALUES (?) RETURNING id"
	if engine == Postgres {
		query = "INSERT INTO decision_replicas (started_at) VALUES ($1) RETURNING id"
	}
	if err := db.QueryRowContext(ctx, query, now.UnixMicro()).Scan(&id); err != nil {
		return 0, fmt.Errorf("cannot number this start in the log of decisions: %w", err)
	}
	return id, nil
}
