package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"gorm.io/gorm"

	"countersign/migrations"
)

// migrateDecisions brings the log of decisions to what this program needs.
func (s *Store) migrateDecisions(ctx context.Context, opts ...goose.ProviderOption) error {
	return s.withDecisions(func(db *sql.DB) error {
		p, err := s.decisionsMigrator(db, opts...)
		if err == nil {
			_, err = p.Up(ctx)
		}
		if err != nil {
			return fmt.Errorf("cannot migrate the log of decisions: %w", err)
		}
		return nil
	})
}

// pendingDecisions is how many migrations the log of decisions lacks.
func (s *Store) pendingDecisions(ctx context.Context) (n int, err error) {
	return n, s.withDecisions(func(db *sql.DB) error {
		p, err := s.decisionsMigrator(db)
		if err != nil {
			return err
		}
		current, newest, err := p.GetVersions(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("cannot read the version of the log of decisions: %w", err)
		case current > newest:
			return fmt.Errorf("the log of decisions has schema %d, and this program knows %d: use a newer countersign", current, newest)
		}
		n = int(newest - current)
		return nil
	})
}

// withDecisions hands out the log's database for its schema: on SQLite its own file, for
// as long as it takes.
func (s *Store) withDecisions(do func(*sql.DB) error) error {
	if s.engine == Postgres {
		db, err := s.write.DB()
		if err != nil {
			return err
		}
		return do(db)
	}
	db, err := openDecisionsFile(decisionsFile(s.path))
	if err != nil {
		return fmt.Errorf("cannot open the log of decisions: %w", err)
	}
	return errors.Join(do(db), db.Close())
}

func (s *Store) decisionsMigrator(db *sql.DB, opts ...goose.ProviderOption) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.engine == Postgres {
		dialect = goose.DialectPostgres
	}
	folder, err := migrations.Decisions(string(s.engine))
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, db, folder, append(opts, goose.WithDisableGlobalRegistry(true), goose.WithTableName("decisions_version"))...)
	if err != nil {
		return nil, fmt.Errorf("cannot read the migrations of the log of decisions: %w", err)
	}
	return p, nil
}

// openDecisionsToRead opens the log's file for pages, and makes it where it is not there.
func openDecisionsToRead(path string) (*gorm.DB, error) {
	if err := makeFile(decisionsFile(path)); err != nil {
		return nil, err
	}
	return connectSQLite(sqliteURI(decisionsFile(path))+"?mode=ro&_busy_timeout=5000&_query_only=on&_stmt_cache_size=100", 2)
}
