package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"countersign/models"
)

// decisionsFile is where the log of decisions is on SQLite: a file of its own beside the
// database, so that its commits wait for none of the governed ones.
func decisionsFile(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "-decisions" + ext
}

func decisionsURI(path string) string {
	return sqliteURI(path) + "?_busy_timeout=800&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_stmt_cache_size=100&_recursive_triggers=on"
}

// openDecisionsFile opens the log's file, for one connection that writes.
func openDecisionsFile(path string) (*sql.DB, error) {
	if err := makeFile(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite3", decisionsURI(path))
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
	uri      string
	conn     *sql.Conn
	governed *sql.Conn         // its own, so that it waits for no page
	insert   map[int]*sql.Stmt // by how many rows
	fence    *sql.Stmt         // reads the governed database

	begin, commit, rollback *sql.Stmt

	stopMoving func() // what moves the log's log into its file
}

// logSizes are how many rows one statement inserts, the most first.
var logSizes = []int{64, 32, 16, 8, 4, 2, 1}

func newSQLiteLog(ctx context.Context, path string, db *sql.DB, governed *sql.DB) (_ *sqliteLog, err error) {
	l := &sqliteLog{db: db, uri: decisionsURI(path), insert: map[int]*sql.Stmt{}}
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
	if l.fence, err = l.governed.PrepareContext(ctx, "SELECT fence FROM decision_fence WHERE id = 1"); err != nil {
		return nil, err
	}
	return l, l.move(ctx)
}

const (
	moveEvery   = 500 * time.Millisecond
	moveRestart = 16_384 // pages of the write-ahead log, 64 MiB, from which on it is begun anew
)

// move takes over what the connection does by itself after each thousand pages, in the midst
// of a commit: bringing what was committed from SQLite's write-ahead log into the file, which
// takes tens of milliseconds. Beside the commits it holds none of them up. While these never
// pause the write-ahead log never ends, so now and then it is begun anew, for which commits
// wait: for what came since the time before.
func (l *sqliteLog) move(ctx context.Context) error {
	if _, err := l.conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 0"); err != nil {
		return err
	}
	other, err := sql.Open("sqlite3", l.uri)
	if err != nil {
		return err
	}
	other.SetMaxOpenConns(1)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		every := time.NewTicker(moveEvery)
		defer every.Stop()
		for {
			select {
			case <-background.Done():
				return
			case <-every.C:
				moveOnce(background, other)
			}
		}
	})
	l.stopMoving = func() {
		stop()
		done.Wait()
		_ = other.Close() // it wrote nothing of its own
	}
	return nil
}

func moveOnce(ctx context.Context, db *sql.DB) {
	var busy, pages, moved int
	err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	if err == nil && pages > moveRestart {
		err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &pages, &moved)
	}
	if err != nil && ctx.Err() == nil {
		slog.Warn("cannot bring the log of decisions into its file; it stays beside it, and is whole", "error", err)
	}
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
	if l.stopMoving != nil {
		l.stopMoving()
	}
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
