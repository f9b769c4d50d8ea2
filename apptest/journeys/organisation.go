// Package journeys has the demo's organisation for tests: about a dozen people
// in all roles, and agents in every state.
package journeys

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"countersign/apptest/app"
	"countersign/cmd/countersign/world"
	"countersign/store"
	"countersign/web/idp"
)

// Org is the running app with the organisation in it.
type Org struct {
	*app.App

	database string
	once     sync.Once
	look     *sql.DB // opened when something is first looked up
	err      error
}

// Organisation starts the app on the empty database with the demo's organisation
// in it. Everybody can sign in by their subject.
func Organisation(t testing.TB, database string, options ...app.Option) *Org {
	t.Helper()
	fill := build
	if !postgres(database) {
		fill = move
		raw, err := template()
		for _, suffix := range []string{"", decisionLog} {
			if err == nil {
				err = os.WriteFile(strings.TrimSuffix(database, ".db")+suffix+".db", raw[suffix], 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var people []idp.Person
	for _, p := range world.People() {
		if !p.Left {
			people = append(people, idp.Person{Subject: p.Subject, Name: p.Name, Email: p.Email, Says: p.Says})
		}
	}
	options = append([]app.Option{app.People(people...), app.Seed(func(ctx context.Context, _ *store.Store, issuer string) error {
		return fill(ctx, database, issuer)
	})}, options...)
	org := &Org{App: app.Start(t, database, options...), database: database}
	t.Cleanup(func() {
		if org.look != nil {
			_ = org.look.Close()
		}
	})
	return org
}

func postgres(database string) bool { return strings.HasPrefix(database, "postgres") }

// decisionLog is what the name of the log of decisions has more than the database's.
const decisionLog = "-decisions"

// template is a database file with the organisation, and its log of decisions, made once in
// a test binary.
var template = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "countersign-organisation-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "countersign.db")
	if err := build(context.Background(), file, "https://elsewhere.example"); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, suffix := range []string{"", decisionLog} {
		name := strings.TrimSuffix(file, ".db") + suffix + ".db"
		if left, err := os.Stat(name + "-wal"); err == nil && left.Size() > 0 {
			return nil, fmt.Errorf("closing the database left %d bytes in its log", left.Size())
		}
		if files[suffix], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, nil
})

// move has the accounts come from another issuer: the app has another port at
// each start. (The ledger knows nothing of that; its check is tested elsewhere.)
func move(ctx context.Context, file, issuer string) error {
	db, err := sql.Open("sqlite3", "file:"+file+"?_busy_timeout=5000")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "UPDATE accounts SET issuer = ?, rev = rev + 1", issuer)
	return err
}

func build(ctx context.Context, database, issuer string) error {
	clock := &world.Clock{}
	st, err := store.Open(ctx, database, store.WithClock(clock.Now))
	if err != nil {
		return err
	}
	if err := st.Migrate(ctx); err != nil {
		_ = st.Close()
		return err
	}
	if err := world.Build(ctx, st, clock, issuer, func(string) {}); err != nil {
		_ = st.Close()
		return err
	}
	return st.Close()
}

// Ledger is the ledger's last entry: two equal ones mean that nothing was changed.
func (o *Org) Ledger(t testing.TB) string {
	t.Helper()
	return o.One(t, "SELECT seq || ' ' || hash FROM ledger_head")
}

// One is a single text that the database holds, for what no page shows.
func (o *Org) One(t testing.TB, query string) string {
	t.Helper()
	all := o.All(t, query)
	if len(all) != 1 {
		t.Fatalf("%d rows of one: %s", len(all), query)
	}
	return all[0]
}

// All is a column of texts.
func (o *Org) All(t testing.TB, query string) []string {
	t.Helper()
	rows, err := o.open(t).QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("cannot look up %s: %v", query, err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (o *Org) open(t testing.TB) *sql.DB {
	t.Helper()
	o.once.Do(func() {
		driver, source := "sqlite3", "file:"+o.database+"?mode=ro&_busy_timeout=5000"
		if postgres(o.database) {
			driver, source = "pgx", o.database
		}
		o.look, o.err = sql.Open(driver, source)
	})
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o.look
}
