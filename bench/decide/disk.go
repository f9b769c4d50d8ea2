//go:build linux

package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// Limits of the disk: nobody who syncs each answer before it is given, one after the other,
// can be quicker.
type limits struct {
	append float64 // 4 KiB at a file's end and a sync, a second
	commit float64 // one row into SQLite, synced as the product's log is, a second
}

// diskFor is how long each limit is measured.
const diskFor = 2 * time.Second

func (b *bench) disk() (l limits, err error) {
	if l.append, err = appends(filepath.Join(b.run, "sync")); err != nil {
		return l, err
	}
	l.commit, err = commits(filepath.Join(b.run, "commit.db"))
	return l, err
}

// often counts how often something is done in a second.
func often(do func() error) (float64, error) {
	began, n := time.Now(), 0
	for time.Since(began) < diskFor {
		if err := do(); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func appends(path string) (rate float64, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	page := make([]byte, 4096)
	return often(func() error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	})
}

func commits(path string) (rate float64, err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_stmt_cache_size=10")
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, db.Close())
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + end) // the last two are gone where all went well
		}
	}()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE decisions (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"); err != nil {
		return 0, err
	}
	row := strings.Repeat("x", 500)
	return often(func() error {
		_, err := db.Exec("INSERT INTO decisions (body) VALUES (?)", row) // the driver keeps the statement
		return err
	})
}
