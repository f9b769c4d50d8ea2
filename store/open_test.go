package store

import (
	"testing"

	"countersign/apptest"

	"github.com/stretchr/testify/require"
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
		require.Equal(t, 5, n)
		require.NoError(t, s.Migrate(t.Context()))
		require.NoError(t, s.Migrate(t.Context()), "again, with nothing to do")
		n, err = s.Pending(t.Context())
		require.NoError(t, err)
		require.Zero(t, n)
	})
}
