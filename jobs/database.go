package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"countersign/store"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// postgresConnections is how many connections to a PostgreSQL server the queue of one
// process takes at most, beside the store's. Work that runs holds none of them.
const postgresConnections = 4

// Migrate brings River's tables to what this program needs; again is harmless. The
// database is one that the store has opened before. Several replicas may call it at
// once: on PostgreSQL one of them works and the others wait.
func Migrate(ctx context.Context, url string) (err error) {
	db, err := open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	unlock, err := db.lock(ctx)
	if err != nil {
		return fmt.Errorf("cannot wait for the queue's migrations elsewhere: %w", err)
	}
	defer unlock()
	if _, err := db.pending(ctx); err != nil { // a newer schema is left alone
		return err
	}
	if _, err := db.migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("cannot migrate the queue: %w", err)
	}
	return nil
}

// Pending says whether River's tables lack a migration. Tables that are newer than
// this program are an error.
func Pending(ctx context.Context, url string) (lacks bool, err error) {
	db, err := open(ctx, url)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return db.pending(ctx)
}

// database is River's own way to the product's database, on either engine.
type database struct {
	migrator migrator
	client   func(*river.Config) (client, error)
	lock     func(context.Context) (unlock func(), err error)
	close    func() error
	postgres bool
}

// client is what we use of river.Client, whose type differs by the engine.
type client interface {
	Start(context.Context) error
	Stop(context.Context) error
	StopAndCancel(context.Context) error
	Insert(context.Context, river.JobArgs, *river.InsertOpts) (*rivertype.JobInsertResult, error)
	InsertMany(context.Context, []river.InsertManyParams) ([]*rivertype.JobInsertResult, error)
}

type migrator interface {
	Migrate(context.Context, rivermigrate.Direction, *rivermigrate.MigrateOpts) (*rivermigrate.MigrateResult, error)
	ExistingVersions(context.Context) ([]rivermigrate.Migration, error)
	AllVersions() []rivermigrate.Migration
}

// River tells a process of new jobs by LISTEN and NOTIFY, and on SQLite by asking a table
// twenty times a second. A driver that has neither makes it wake the process that inserted
// the job, and poll otherwise: that is enough for us, keeps a laptop asleep, and works
// behind a pooler, where LISTEN does not.
type (
	sqliteDriver   struct{ *riversqlite.Driver }
	postgresDriver struct{ *riverpgxv5.Driver }
)

func (sqliteDriver) SupportsListener() bool       { return false }
func (sqliteDriver) SupportsListenNotify() bool   { return false }
func (postgresDriver) SupportsListener() bool     { return false }
func (postgresDriver) SupportsListenNotify() bool { return false }

func open(ctx context.Context, url string) (*database, error) {
	db, err := openEngine(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("cannot open the database for the queue: %w", err)
	}
	return db, nil
}

func openEngine(ctx context.Context, url string) (*database, error) {
	if store.IsPostgres(url) {
		return openPostgres(ctx, url)
	}
	return openSQLite(ctx, url)
}

// openSQLite opens one connection, which is what River's driver wants. It waits longer for
// the write lock than the store does: the queue may be late, a person may not. In a power
// cut its last commits may be lost (synchronous=NORMAL; the file stays whole): the outbox
// is the truth, and a job that is lost is inserted again. The store's are never lost.
func openSQLite(ctx context.Context, url string) (*database, error) {
	uri, err := store.SQLiteURI(url)
	if err != nil {
		return nil, err
	}
	// mode=rw: whoever makes the file says who may read it, and that is the store.
	db, err := sql.Open("sqlite3", uri+"?mode=rw&_busy_timeout=30000&_foreign_keys=on&_txlock=immediate&_journal_mode=WAL&_synchronous=NORMAL")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	alone := func(context.Context) (func(), error) { return func() {}, nil }
	return with(sqliteDriver{riversqlite.New(db)}, &database{lock: alone, close: db.Close})
}

func openPostgres(ctx context.Context, url string) (*database, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns = postgresConnections, 0
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "countersign jobs"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	closed := func() error { pool.Close(); return nil }
	if err := pool.Ping(ctx); err != nil {
		return nil, errors.Join(err, closed())
	}
	return with(postgresDriver{riverpgxv5.New(pool)}, &database{postgres: true, close: closed,
		lock: func(ctx context.Context) (func(), error) { return lockPostgres(ctx, pool) }})
}

// lockPostgres waits until no other process migrates the queue in this schema.
func lockPostgres(ctx context.Context, pool *pgxpool.Pool) (func(), error) {
	const key = "hashtextextended('countersign jobs ' || current_database() || '/' || coalesce(current_schema(), ''), 0)"
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock("+key+")"); err != nil {
		conn.Release()
		return nil, err
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_unlock("+key+")"); err != nil {
			_ = conn.Conn().Close(ctx) // the lock goes with its connection
		}
		conn.Release()
	}, nil
}

func with[T any](driver riverdriver.Driver[T], db *database) (*database, error) {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: logger()})
	if err != nil {
		return nil, errors.Join(err, db.close())
	}
	db.migrator = m
	db.client = func(config *river.Config) (client, error) { return river.NewClient(driver, config) }
	return db, nil
}

func (db *database) pending(ctx context.Context) (bool, error) {
	have, err := db.migrator.ExistingVersions(ctx)
	if err != nil {
		return false, fmt.Errorf("cannot read the version of the queue's tables: %w", err)
	}
	known := db.migrator.AllVersions()
	for _, v := range have {
		if !slices.ContainsFunc(known, func(k rivermigrate.Migration) bool { return k.Version == v.Version }) {
			return false, fmt.Errorf("the queue's tables have version %d, and this program knows %d: use a newer countersign", v.Version, known[len(known)-1].Version)
		}
	}
	return len(have) < len(known), nil
}

// logger is the process's own, from warnings on: River tells of every start otherwise.
func logger() *slog.Logger {
	return slog.New(fromWarnings{slog.Default().Handler()}).With("component", "jobs")
}

type fromWarnings struct{ slog.Handler }

func (h fromWarnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && h.Handler.Enabled(ctx, l)
}

func (h fromWarnings) WithAttrs(a []slog.Attr) slog.Handler {
	return fromWarnings{h.Handler.WithAttrs(a)}
}

func (h fromWarnings) WithGroup(name string) slog.Handler {
	return fromWarnings{h.Handler.WithGroup(name)}
}
