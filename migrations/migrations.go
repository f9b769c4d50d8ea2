// Package migrations holds the schema, one folder an engine, in goose's format. The two
// folders make the same tables: the store's schema test compares them. The log of
// decisions has folders of its own, since on SQLite it is a file of its own.
package migrations

import (
	"embed"
	"io/fs"
)

// FS holds the folders sqlite, postgres, decisions/sqlite and decisions/postgres.
//
//go:embed sqlite/*.sql postgres/*.sql decisions/sqlite/*.sql decisions/postgres/*.sql
var FS embed.FS

// SQLite is the migrations for SQLite.
func SQLite() (fs.FS, error) { return fs.Sub(FS, "sqlite") }

// Postgres is the migrations for PostgreSQL.
func Postgres() (fs.FS, error) { return fs.Sub(FS, "postgres") }

// Decisions is the migrations of the log of decisions for "sqlite" or "postgres".
func Decisions(engine string) (fs.FS, error) { return fs.Sub(FS, "decisions/"+engine) }
