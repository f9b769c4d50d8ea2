package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
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
	log      *directSQLite
	file     string
	uri      string                   // of the file
	governed *directSQLite            // its own, so that it waits for no page
	insert   map[int]*directStatement // by how many rows
	fence    *directStatement         // reads the governed database

	begin, commit, rollback *directStatement

	stopMoving func() // what moves the log's log into its file
}

// logSizes are how many rows one statement inserts, the most first.
var logSizes = []int{64, 32, 16, 8, 4, 2, 1}

// newSQLiteLog opens the writer of the log beside the database at a path.
func newSQLiteLog(path string) (*sqliteLog, error) {
	l := &sqliteLog{file: decisionsFile(path), uri: decisionsURI(decisionsFile(path)), insert: map[int]*directStatement{}}
	if err := l.open(sqliteURI(path) + "?mode=ro&_query_only=on&_busy_timeout=800"); err != nil {
		return nil, errors.Join(err, l.close())
	}
	return l, nil
}

func (l *sqliteLog) open(governed string) (err error) {
	if l.log, err = openDirectSQLite(l.uri); err != nil {
		return err
	}
	if l.governed, err = openDirectSQLite(governed); err != nil {
		return err
	}
	if l.fence, err = l.governed.prepare("SELECT fence FROM decision_fence WHERE id = 1"); err != nil {
		return err
	}
	for text, to := range map[string]**directStatement{"BEGIN IMMEDIATE": &l.begin, "COMMIT": &l.commit, "ROLLBACK": &l.rollback} {
		if *to, err = l.log.prepare(text); err != nil {
			return err
		}
	}
	for _, n := range logSizes {
		one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(decisionColumns)), ", ") + ")"
		text := "INSERT INTO decisions (" + strings.Join(decisionColumns[:], ", ") + ") VALUES " + one + strings.Repeat(", "+one, n-1)
		if l.insert[n], err = l.log.prepare(text); err != nil {
			return err
		}
	}
	return l.move()
}

const (
	moveEvery   = 500 * time.Millisecond
	moveRestart = 16_384 // pages of the write-ahead log, 64 MiB, from which on it is begun anew
	moveRoom    = 256    // pages of it from which on room for as many as it gets is worth having
)

// move takes over what the connection does by itself after each thousand pages, in the midst
// of a commit: bringing what was committed from SQLite's write-ahead log into the file, which
// takes tens of milliseconds. Beside the commits it holds none of them up. While these never
// pause the write-ahead log never ends, so now and then it is begun anew, for which commits
// wait: for what came since the time before.
func (l *sqliteLog) move() error {
	off, err := l.log.prepare("PRAGMA wal_autocheckpoint = 0")
	if err != nil {
		return err
	}
	if _, err := off.number(); err != nil {
		return err
	}
	other, err := sql.Open("sqlite3", l.uri)
	if err != nil {
		return err
	}
	other.SetMaxOpenConns(1)
	background, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		every := time.NewTicker(moveEvery)
		defer every.Stop()
		for roomy := false; ; {
			select {
			case <-background.Done():
				return
			case <-every.C:
			}
			if pages := moveOnce(background, other); pages > moveRoom && !roomy {
				roomy = true
				if err := makeRoom(background, other, l.file+"-wal"); err != nil && background.Err() == nil {
					slog.Warn("cannot make room for the log of decisions ahead; it takes it as it goes", "error", err)
				}
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

// moveOnce returns how many pages the write-ahead log had.
func moveOnce(ctx context.Context, db *sql.DB) (pages int) {
	var busy, moved int
	err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &moved)
	if err == nil && pages > moveRestart {
		err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &pages, &moved)
	}
	if err != nil && ctx.Err() == nil {
		slog.Warn("cannot bring the log of decisions into its file; it stays beside it, and is whole", "error", err)
	}
	return pages
}

// makeRoom writes zeros behind the end of the write-ahead log, once, up to where it is begun
// anew: the sync of a commit that makes a file longer costs the disk about twice as much as
// one in its midst. SQLite takes what does not carry on its checksums for the log's end, as
// it does after a crash. Nothing is appended meanwhile: this holds the lock of whoever writes.
func makeRoom(ctx context.Context, db *sql.DB, path string) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err = lengthen(f, (moveRestart+moveRestart/4)*(4096+24))
	_, undo := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return errors.Join(err, undo, f.Sync())
}

// lengthen writes zeros from a file's end up to a size; where there is no room, none.
func lengthen(f *os.File, size int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for at := info.Size(); at < size; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros, at); err != nil {
			return errors.Join(err, f.Truncate(info.Size()))
		}
	}
	return nil
}

// write inserts the rows and looks at the fence last, before it commits. A stop is placed
// by this same process or another on this machine: what commits after it saw it. How long
// it waits is the connection's busy_timeout.
func (l *sqliteLog) write(rows []*models.Decision, fence int64) error {
	if err := l.begin.run(); err != nil {
		return fmt.Errorf("%w: %w", errLogFailed, err)
	}
	err := l.put(rows)
	if err == nil {
		var now int64
		if now, err = l.fence.number(); err == nil && now != fence {
			err = errStale
		}
	}
	if err == nil {
		err = l.commit.run()
	}
	if err == nil {
		return nil
	}
	if undo := l.rollback.run(); undo != nil && !strings.Contains(undo.Error(), "no transaction") {
		err = errors.Join(err, undo)
	}
	if errors.Is(err, errStale) {
		return errStale
	}
	return fmt.Errorf("%w: %w", errLogFailed, err)
}

func (l *sqliteLog) put(rows []*models.Decision) error {
	var one [decisionWidth]any
	for _, n := range logSizes {
		insert := l.insert[n]
		for len(rows) >= n {
			for i, d := range rows[:n] {
				for k, v := range appendDecision(one[:0], d) {
					insert.args[i*decisionWidth+k].Value = v
				}
			}
			rows = rows[n:]
			if err := insert.run(); err != nil {
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
	return errors.Join(l.governed.close(), l.log.close())
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
