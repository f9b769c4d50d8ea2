//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"countersign/cmd/countersign/world"
	"countersign/store"
)

// sqlite is a fresh copy of the database of a size, which is made where it is not kept yet.
func (b *bench) sqlite(s size) (string, error) {
	kept := filepath.Join(b.folder, "sqlite-"+s.String())
	if _, err := os.Stat(kept); errors.Is(err, fs.ErrNotExist) {
		making := kept + ".making"
		if err := os.RemoveAll(making); err != nil {
			return "", err
		}
		if err := os.MkdirAll(making, 0o700); err != nil {
			return "", err
		}
		if err := b.make(s, filepath.Join(making, "countersign.db")); err != nil {
			return "", err
		}
		if err := os.Rename(making, kept); err != nil {
			return "", err
		}
	}
	to := filepath.Join(b.run, "sqlite-"+s.String())
	if err := os.MkdirAll(to, 0o700); err != nil {
		return "", err
	}
	files, err := os.ReadDir(kept)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if err := copyFile(filepath.Join(kept, f.Name()), filepath.Join(to, f.Name())); err != nil {
			return "", err
		}
	}
	database := filepath.Join(to, "countersign.db")
	return database, b.migrate(database)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return errors.Join(out.Sync(), out.Close())
}

// inPostgres is the same in PostgreSQL: a database that is the template of each run's.
func (b *bench) inPostgres(s size) (string, error) {
	server, err := pgx.Connect(b.ctx, b.postgres)
	if err != nil {
		return "", fmt.Errorf("cannot reach the PostgreSQL server that --postgres names: %w", err)
	}
	defer func() { _ = server.Close(b.ctx) }()
	var syncs string
	if err := server.QueryRow(b.ctx, "SHOW fsync").Scan(&syncs); err != nil || syncs != "on" {
		return "", errors.Join(errors.New("the PostgreSQL server does not sync to disk (fsync is off): measure on one that does"), err)
	}
	kept, to := "countersign_bench_"+s.String(), "countersign_bench_run"
	statement := func(text string) error {
		if _, err := server.Exec(b.ctx, text); err != nil {
			return fmt.Errorf("cannot %s: %w", text, err)
		}
		return nil
	}
	var there bool
	if err := server.QueryRow(b.ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", kept).Scan(&there); err != nil {
		return "", err
	}
	if !there {
		making := kept + "_making"
		for _, text := range []string{`DROP DATABASE IF EXISTS "` + making + `"`, `CREATE DATABASE "` + making + `"`} {
			if err := statement(text); err != nil {
				return "", err
			}
		}
		if err := b.make(s, b.inDatabase(making)); err != nil {
			return "", err
		}
		if err := statement(`ALTER DATABASE "` + making + `" RENAME TO "` + kept + `"`); err != nil {
			return "", err
		}
	}
	for _, text := range []string{`DROP DATABASE IF EXISTS "` + to + `" WITH (FORCE)`, `CREATE DATABASE "` + to + `" TEMPLATE "` + kept + `"`, "CHECKPOINT"} {
		if err := statement(text); err != nil {
			return "", err
		}
	}
	return b.inDatabase(to), b.migrate(b.inDatabase(to))
}

func (b *bench) inDatabase(name string) string {
	u, err := url.Parse(b.postgres)
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

// make has an organisation of a size made by the product's own acts, and its notices sent.
func (b *bench) make(s size, database string) error {
	b.say("making %d agents with %d grants each, by acts", s.agents, s.grants)
	if err := b.migrate(database); err != nil {
		return err
	}
	if err := b.act(s, database); err != nil {
		return err
	}
	if store.IsPostgres(database) {
		conn, err := pgx.Connect(b.ctx, database)
		if err != nil {
			return err
		}
		_, err = conn.Exec(b.ctx, "VACUUM ANALYZE")
		if err = errors.Join(err, conn.Close(b.ctx)); err != nil {
			return err
		}
	}
	// So are the notices of it.
	server, err := b.countersign("making", database)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := server.start(b); err != nil {
		return err
	}
	return server.quiet(b.ctx, 15*time.Second)
}

// migrate brings a database to this program's version: what was kept may be older.
func (b *bench) migrate(database string) error {
	cmd := exec.CommandContext(b.ctx, b.binary("countersign"), "migrate", "--database", database)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot migrate: %w\n%s", err, out)
	}
	return nil
}

func (b *bench) act(s size, database string) error {
	clock := &world.Clock{}
	st, err := store.Open(b.ctx, database, store.WithClock(clock.Now))
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	told := time.Now()
	err = world.BuildHouse(b.ctx, st, clock, "http://localhost", s.house(), func(made int) {
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			b.say("%d of %d agents", made, s.agents)
		}
	})
	// What is due is done once, here: a server would do it beside the measures.
	for due := 1; due > 0 && err == nil; {
		due, err = st.Tick(b.ctx)
	}
	return err
}

// dropRun drops the database of the run in PostgreSQL.
func (b *bench) dropRun() {
	ctx := context.WithoutCancel(b.ctx)
	server, err := pgx.Connect(ctx, b.postgres)
	if err != nil {
		return
	}
	defer func() { _ = server.Close(ctx) }()
	if _, err := server.Exec(ctx, `DROP DATABASE IF EXISTS countersign_bench_run WITH (FORCE)`); err != nil && !strings.Contains(err.Error(), "not exist") {
		b.say("cannot drop the run's database: %v", err)
	}
}
