package jobs

import (
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"countersign/store"
)

// older is a program that does not know the last migration yet.
type older struct{ migrator }

func (o older) AllVersions() []rivermigrate.Migration {
	all := o.migrator.AllVersions()
	return all[:len(all)-1]
}

// jobRows is what River keeps: the states of each delivery's jobs, and every job's text.
type jobRows struct {
	of   map[string][]string
	text string
}

func jobs(t *testing.T, url string) jobRows {
	db := plain(t, url)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), map[bool]string{
		true:  `SELECT kind, coalesce(args->>'delivery', ''), state::text, coalesce(array_to_string(errors, ' '), '') || metadata::text FROM river_job`,
		false: `SELECT kind, coalesce(args->>'delivery', ''), state, coalesce(json(errors), '') || json(metadata) FROM river_job`}[store.IsPostgres(url)])
	require.NoError(t, err)
	defer rows.Close()
	out := jobRows{of: map[string][]string{}}
	for rows.Next() {
		var kind, delivery, state, text string
		require.NoError(t, rows.Scan(&kind, &delivery, &state, &text))
		if kind == "deliver" {
			out.of[delivery] = append(out.of[delivery], state)
		}
		out.text += text + "\n"
	}
	require.NoError(t, rows.Err())
	return out
}

// plain is a connection of the test's own.
func plain(t *testing.T, url string) *sql.DB {
	if store.IsPostgres(url) {
		config, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		return stdlib.OpenDB(*config)
	}
	db, err := sql.Open("sqlite3", url)
	require.NoError(t, err)
	return db
}
