package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/apptest"
	"countersign/models"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// open is a migrated database of the test's own.
func open(tb testing.TB, url string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), url)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	require.NoError(tb, s.Migrate(tb.Context()))
	return s
}

func TestMigrateTwice(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s, err := Open(t.Context(), url)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()

		n, err := s.Pending(t.Context())
		require.NoError(t, err)
		require.NotZero(t, n)
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, s.Migrate(t.Context()), "again, with nothing to do")
		n, err = s.Pending(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

func TestReplicasMigrateAtOnce(t *testing.T) {
	url := apptest.PostgresURL(t)
	var all errgroup.Group
	for range 3 {
		all.Go(func() error {
			s, err := Open(t.Context(), url)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			return s.Migrate(t.Context())
		})
	}
	require.NoError(t, all.Wait())
}

// An older program would not keep a newer schema's rules.
func TestNewerSchemaIsRefused(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		require.NoError(t, s.write.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)").Error)
		_, err := s.Pending(t.Context())
		require.ErrorContains(t, err, "use a newer countersign")
		require.ErrorContains(t, s.Migrate(t.Context()), "use a newer countersign")
	})
}

func TestReadersDoNotWrite(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		const insert = "INSERT INTO sessions (token_hash, data, expires_at) VALUES ('x', 'y', 1)"
		require.Error(t, s.read.Exec(insert).Error)
		var n int64
		require.NoError(t, s.read.Raw("SELECT count(*) FROM sessions").Scan(&n).Error)
		require.Zero(t, n)
	})
}

// What is committed is there for the readers at once, and what is not is not.
func TestReadersSeeWhatIsCommitted(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		teams := func() (n int64) {
			require.NoError(t, s.read.Model(&models.Team{}).Count(&n).Error)
			return n
		}
		tx := s.write.Begin()
		require.NoError(t, tx.Create(&models.Team{ID: "red", Name: "Red", Record: models.Record{Rev: 1}}).Error)
		require.Zero(t, teams())
		require.NoError(t, tx.Commit().Error)
		require.EqualValues(t, 1, teams())
	})
}

func TestEngineNames(t *testing.T) {
	require.Equal(t, "sqlite", open(t, apptest.SQLiteURL(t)).Engine())
	require.Equal(t, "postgres", open(t, apptest.PostgresURL(t)).Engine())
}

func TestPostgresSessions(t *testing.T) {
	s := open(t, apptest.PostgresURL(t))
	for setting, want := range map[string]string{"transaction_isolation": "read committed", "application_name": "countersign"} {
		var got string
		require.NoError(t, s.write.Raw("SHOW "+setting).Scan(&got).Error)
		require.Equal(t, want, got, setting)
	}
}

func TestSQLiteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a #1 100%? base.db")
	s := open(t, path)
	require.NoError(t, s.write.Exec("INSERT INTO sessions (token_hash, data, expires_at) VALUES ('x', x'00', 1)").Error)
	for _, name := range []string{path, path + "-wal", path + "-shm", filepath.Join(dir, "a #1 100%? base-decisions.db")} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 4, "and nothing else")
}

func TestSQLiteURLs(t *testing.T) {
	dir := t.TempDir()
	for url, want := range map[string]string{
		filepath.Join(dir, "a.db"):                   "a.db",
		"file:" + filepath.Join(dir, "b.db"):         "b.db",
		"file://" + filepath.Join(dir, "c%20c.db"):   "c c.db",
		"file://localhost" + filepath.Join(dir, "d"): "d",
	} {
		s, err := Open(t.Context(), url)
		require.NoError(t, err, url)
		require.NoError(t, s.Close())
		require.FileExists(t, filepath.Join(dir, want))
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for url, why := range map[string]string{
		"":                                "must be a file",
		":memory:":                        "must be a file",
		"file::memory:":                   "must be a file",
		"file:a.db?mode=memory":           "takes no options",
		"mysql://localhost/a":             "a file's path or postgres",
		t.TempDir():                       "is a directory",
		filepath.Join(t.TempDir(), "a/b"): "no such file",
	} {
		_, err := Open(t.Context(), url)
		require.ErrorContains(t, err, why, url)
	}
}

// A password in the URL is nobody's to read in an error.
func TestErrorsKeepThePassword(t *testing.T) {
	for _, url := range []string{
		"postgres://me:sesame@127.0.0.1:1/x?sslmode=disable&connect_timeout=1",
		"postgres://me:sesame@127.0.0.1:notaport/x",
	} {
		_, err := Open(t.Context(), url)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "sesame")
	}
}

func TestFileThatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "letter.txt")
	require.NoError(t, os.WriteFile(path, []byte("Dear Sir or Madam, this is not a database but a letter."), 0o600))
	_, err := Open(t.Context(), path)
	require.ErrorContains(t, err, "not a database")
}

func TestOldestSQLite(t *testing.T) {
	for version, ok := range map[string]bool{"3.51.3": true, "3.51.4": true, "3.54.1": true, "4.0.0": true, "3.51.2": false, "3.50.9": false, "3.9.0": false, "3.51": false, "": false} {
		require.Equal(t, ok, atLeast(version, oldestSQLite), version)
	}
}

func TestWithClock(t *testing.T) {
	s, err := Open(t.Context(), apptest.SQLiteURL(t), WithClock(func() models.Instant { return 42 }))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.EqualValues(t, 42, s.now())
}

// Who reads PostgreSQL is told that an index costs little, unless the URL says what it costs.
func TestReadersExpectWhatTheyReadInMemory(t *testing.T) {
	url := apptest.PostgresURL(t)
	and := "?"
	if strings.Contains(url, "?") {
		and = "&"
	}
	for url, want := range map[string]string{url: "1.1", url + and + "random_page_cost=3": "3"} {
		var cost string
		require.NoError(t, open(t, url).read.Raw("SHOW random_page_cost").Scan(&cost).Error)
		require.Equal(t, want, cost)
	}
}
