package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"countersign/migrations"
	"countersign/models"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// Engine is one of the two databases.
type Engine string

const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// oldestSQLite is the first library without the WAL bug that could corrupt a database
// whose writer and checkpointer met (https://sqlite.org/wal.html#walresetbug).
const oldestSQLite = "3.51.3"

// How many connections to a PostgreSQL server one process takes at most. Governance
// writes wait for one lock, so more writers than these would only wait.
const (
	postgresWriters = 8
	postgresReaders = 16
	sqliteReaders   = 8
)

// Store is the only way to the database. It hands out no handle: what is governed is
// changed through Decide, and read through queries named by their page.
type Store struct {
	write, read *gorm.DB
	engine      Engine
	now         func() models.Instant
	counts      *matrixCounts
	noticed     func()        // called after an act that left something to send; nil for nothing
	killBound   time.Duration // how long a kill drill waits for the answer to become no; 0 for models.KillBound

	url     string   // on PostgreSQL
	path    string   // of the file, on SQLite
	logged  *gorm.DB // reads the log of decisions
	running *running // shared by copies
}

// running is what was started for a Store and ends with it.
type running struct {
	mu        sync.Mutex
	decisions *Decisions // nil until somebody asks for it
}

// Option changes how a Store is opened.
type Option func(*Store)

// WithClock takes the time from now instead of the machine's clock.
func WithClock(now func() models.Instant) Option {
	return func(s *Store) { s.now = now }
}

// Open opens the database at url: a file's path, "file:PATH" or "postgres://…". A file
// that is not there is made, for its owner alone (0600). It does not migrate; see Pending.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	s := &Store{counts: &matrixCounts{}, running: &running{}, now: func() models.Instant { return models.At(time.Now()) }}
	for _, o := range opts {
		o(s)
	}
	var err error
	if IsPostgres(url) {
		s.engine, s.url = Postgres, url
		err = s.openPostgres(url)
	} else {
		s.engine = SQLite
		err = s.openSQLite(ctx, url)
	}
	if err == nil {
		err = s.Ping(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open the database: %w", err), s.Close())
	}
	return s, nil
}

// Engine is "sqlite" or "postgres".
func (s *Store) Engine() string { return string(s.engine) }

// Ping says whether the database can be written to and read from now.
func (s *Store) Ping(ctx context.Context) error {
	for _, g := range []*gorm.DB{s.write, s.read} {
		db, err := g.DB()
		if err != nil {
			return err
		}
		if err := db.PingContext(ctx); err != nil {
			return fmt.Errorf("cannot reach the database: %w", err)
		}
	}
	return nil
}

// Close closes every connection; the readers first, so that SQLite's last connection is
// one that may fold the write-ahead log into the file.
func (s *Store) Close() error {
	var errs []error
	s.running.mu.Lock()
	d := s.running.decisions
	s.running.decisions = nil
	s.running.mu.Unlock()
	if d != nil {
		d.rest()
	}
	// Who writes closes a file last: only they can bring SQLite's own log into it.
	errs = append(errs, closePool(s.logged))
	if d != nil {
		errs = append(errs, d.log.close())
	}
	return errors.Join(append(errs, closePool(s.read), closePool(s.write))...)
}

// closePool closes a pool; twice does no harm.
func closePool(g *gorm.DB) error {
	if g == nil {
		return nil
	}
	db, err := g.DB()
	if err != nil {
		return err
	}
	return db.Close()
}

// Migrate brings the schema to what this program needs. It may be called by several
// replicas at once: on PostgreSQL one of them works and the others wait.
func (s *Store) Migrate(ctx context.Context) error {
	var opts []goose.ProviderOption
	if s.engine == Postgres {
		// One lock a schema, since one server may hold several installations.
		var name string
		if err := s.write.WithContext(ctx).Raw("SELECT current_database() || '/' || coalesce(current_schema(), '')").Scan(&name).Error; err != nil {
			return fmt.Errorf("cannot read the schema's name: %w", err)
		}
		locker, err := lock.NewPostgresSessionLocker(
			lock.WithLockID(int64(crc32.ChecksumIEEE([]byte("countersign "+name)))), lock.WithLockTimeout(1, 300))
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	p, err := s.migrator(ctx, opts...)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("cannot migrate the database: %w", err)
	}
	if err := s.migrateDecisions(ctx, opts...); err != nil {
		return err
	}
	return s.fillSearch(ctx)
}

// Pending is how many migrations the schema lacks. A schema that is newer than this
// program is an error: an older program would not keep the newer one's rules.
func (s *Store) Pending(ctx context.Context) (int, error) {
	p, err := s.migrator(ctx)
	if err != nil {
		return 0, err
	}
	all, err := p.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("cannot read the state of the migrations: %w", err)
	}
	n := 0
	for _, m := range all {
		if m.State == goose.StatePending {
			n++
		}
	}
	more, err := s.pendingDecisions(ctx)
	return n + more, err
}

func (s *Store) migrator(ctx context.Context, opts ...goose.ProviderOption) (*goose.Provider, error) {
	files, dialect := migrations.SQLite, goose.DialectSQLite3
	if s.engine == Postgres {
		files, dialect = migrations.Postgres, goose.DialectPostgres
	}
	folder, err := files()
	if err != nil {
		return nil, err
	}
	db, err := s.write.DB()
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(dialect, db, folder, append(opts, goose.WithDisableGlobalRegistry(true))...)
	if err != nil {
		return nil, fmt.Errorf("cannot read the migrations: %w", err)
	}
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("cannot read the schema's version: %w", err)
	}
	if current > newest {
		return nil, fmt.Errorf("the database has schema %d, and this program knows %d: use a newer countersign", current, newest)
	}
	return p, nil
}

// openSQLite opens one connection that writes and several that may only read. A
// transaction of the writer takes the write lock when it begins, so none fails half-way.
func (s *Store) openSQLite(ctx context.Context, url string) error {
	path, err := sqlitePath(url)
	if err != nil {
		return err
	}
	if err := makeFile(path); err != nil {
		return err
	}
	uri := sqliteURI(path)
	// The driver keeps what it prepared, a connection; gorm's own way of keeping it
	// prepares again in every transaction. Each keeps 16 MB of pages, enough for the
	// indexes of a list of tens of thousands.
	const both = "?_busy_timeout=5000&_foreign_keys=on&_recursive_triggers=on&_stmt_cache_size=400&_cache_size=-16000"
	if s.write, err = connectSQLite(uri+both+"&_txlock=immediate&_journal_mode=WAL&_synchronous=FULL", 1); err != nil {
		return err
	}
	if err := checkSQLite(ctx, s.write); err != nil {
		return err
	}
	s.path = path
	if s.logged, err = openDecisionsToRead(path); err != nil {
		return err
	}
	s.read, err = connectSQLite(uri+both+"&_query_only=on", sqliteReaders)
	return err
}

// makeFile makes a database's file where there is none, so that nobody else can read it
// from the first moment; SQLite gives the write-ahead log beside it the same mode.
func makeFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func connectSQLite(dsn string, connections int) (*gorm.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	g, err := gorm.Open(sqlite.New(sqlite.Config{Conn: db}), gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return g, nil
}

// checkSQLite refuses a library that is too old, and a connection on which the schema
// would not protect what it is there to protect.
func checkSQLite(ctx context.Context, g *gorm.DB) error {
	var version string
	if err := g.WithContext(ctx).Raw("SELECT sqlite_version()").Scan(&version).Error; err != nil {
		return err
	}
	if !atLeast(version, oldestSQLite) {
		return fmt.Errorf("SQLite is %s, and %s is the oldest that is safe", version, oldestSQLite)
	}
	for pragma, want := range map[string]string{"foreign_keys": "1", "recursive_triggers": "1", "journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := g.WithContext(ctx).Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("SQLite's %s is %q where %q is needed; is the file on a network share?", pragma, got, want)
		}
	}
	return nil
}

// atLeast compares versions such as "3.51.3".
func atLeast(version, oldest string) bool {
	v, o := strings.Split(version, "."), strings.Split(oldest, ".")
	for i := range o {
		var a int
		if i < len(v) {
			a, _ = strconv.Atoi(v[i])
		}
		if b, _ := strconv.Atoi(o[i]); a != b {
			return a > b
		}
	}
	return true
}

// openPostgres opens a pool that writes and one that may only read. The URL's own
// options, such as search_path, are kept.
func (s *Store) openPostgres(url string) (err error) {
	if s.write, err = connectPostgres(url, postgresWriters, map[string]string{"default_transaction_isolation": "read committed"}); err != nil {
		return err
	}
	s.read, err = connectPostgres(url, postgresReaders, map[string]string{
		"default_transaction_isolation": "read committed", "default_transaction_read_only": "on",
		// What pages read is in memory, or on a disk without an arm. At its default of 4 the
		// planner reads a table through where an index tells it the same in a third of the time.
		"random_page_cost": "1.1"})
	s.logged = s.read
	return err
}

func connectPostgres(url string, connections int, settings map[string]string) (*gorm.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	for k, v := range settings {
		if k == "random_page_cost" && config.RuntimeParams[k] != "" {
			continue // an estimate of the operator's machine, which they know better
		}
		config.RuntimeParams[k] = v
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "countersign"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	// pgx prepares what it sends, once a connection, and knows when a plan went stale; the
	// URL's default_query_exec_mode turns it off behind a pooler. So gorm does not prepare too.
	g, err := gorm.Open(postgres.New(postgres.Config{Conn: db}), gormConfig())
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return g, nil
}

// gormConfig logs nothing: an error is returned to whoever can tell what it means, and a
// statement's values are nobody's to read in a log.
func gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction: true,
		TranslateError:         true,
		DisableAutomaticPing:   true,
		Logger:                 logger.Discard,
	}
}
