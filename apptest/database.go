// Package apptest is the test kit: databases of a test's own, the real app, a signed-in
// person, and a look at the HTML that comes back.
package apptest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PostgresVariable names the environment variable that holds a PostgreSQL URL for tests.
const PostgresVariable = "COUNTERSIGN_TEST_POSTGRES"

// EachDatabase runs the test once on SQLite and once on PostgreSQL, each time with the
// URL of an empty database of its own: side by side, since each waits for its disk
// most of the time. It returns before they end, so nothing may follow it in a test.
func EachDatabase(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); run(t, PostgresURL(t)) })
}

// SQLiteURL is the path of a file that does not exist yet, in a folder that goes with the test.
func SQLiteURL(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(tb.TempDir(), "countersign.db")
}

// PostgresURL is a URL whose search_path is an empty schema, dropped after the test.
// Without a server the test is skipped; in CI, where that would hide races, it fails.
func PostgresURL(tb testing.TB) string {
	tb.Helper()
	server := os.Getenv(PostgresVariable)
	if server == "" {
		const how = "PostgreSQL is not tested: set " + PostgresVariable + " to the URL of a server whose database may be filled with schemas, such as postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
		if os.Getenv("CI") == "true" {
			tb.Fatal(how)
		}
		tb.Skip(how)
	}
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("cannot read %s: not a URL", PostgresVariable)
	}
	name := make([]byte, 8)
	_, _ = rand.Read(name) // never fails (crypto/rand)
	schema := "test_" + hex.EncodeToString(name)

	postgres(tb, server, "CREATE SCHEMA "+schema)
	tb.Cleanup(func() { postgres(tb, server, "DROP SCHEMA IF EXISTS "+schema+" CASCADE") })

	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func postgres(tb testing.TB, server, statement string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		tb.Fatalf("cannot reach the server that %s names: %v", PostgresVariable, err)
	}
	defer func() { _ = conn.Close(ctx) }()
	// A transaction that a test left open must not hold up the ones after it.
	if _, err := conn.Exec(ctx, "SET lock_timeout = '20s'"); err != nil {
		tb.Fatal(err)
	}
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Errorf("cannot %s: %v", statement, err)
	}
}
