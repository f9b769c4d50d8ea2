// Package migrations holds the schema, one folder an engine, in goose's format. The two
// folders make the same tables: the store's schema test compares them.
package migrations

import (
	"embed"
	"io/fs"
)

// FS holds the folders sqlite and postgres.
//
//go:embed sqlite/*.sql postgres/*.sql
var FS embed.FS

// SQLite is the migrations for SQLite.
func SQLite() (fs.FS, error) { return fs.Sub(FS, "sqlite") }

// Postgres is the migrations for PostgreSQL.
func Postgres() (fs.FS, error) { return fs.Sub(FS, "postgres") }
