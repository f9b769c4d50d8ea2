package main

import (
	"context"
	"fmt"
	"log/slog"

	"countersign/jobs"
	"countersign/store"
)

// database is the flag of every command that opens one.
type database struct {
	Database string `help:"A file, or postgres://…" env:"COUNTERSIGN_DATABASE" default:"countersign.db" placeholder:"URL"`
}

// open opens a database that is migrated.
func (d database) open(ctx context.Context) (*store.Store, error) {
	st, err := store.Open(ctx, d.Database)
	if err != nil {
		return nil, err
	}
	pending, err := st.Pending(ctx)
	if err == nil && pending > 0 {
		err = fmt.Errorf("the database lacks %d migrations: run countersign migrate first", pending)
	}
	if err != nil {
		_ = st.Close() // the reason to stop is the other one
		return nil, err
	}
	return st, nil
}

// done closes a database that a command is finished with.
func done(st *store.Store) {
	if err := st.Close(); err != nil {
		slog.Warn("cannot close the database", "error", err)
	}
}

type migrateCommand struct {
	database
}

// Run brings the database to this program's version; again is harmless.
func (m migrateCommand) Run(ctx context.Context) error {
	st, err := store.Open(ctx, m.Database)
	if err != nil {
		return err
	}
	defer done(st)
	before, err := st.Pending(ctx)
	if err != nil {
		return err
	}
	if err := st.Migrate(ctx); err != nil {
		return err
	}
	if err := jobs.Migrate(ctx, m.Database); err != nil {
		return err
	}
	fmt.Printf("The database is current; %d migrations were run.\n", before)
	return nil
}
