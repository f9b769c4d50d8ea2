package world_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/cmd/countersign/world"
	"countersign/models"
	"countersign/store"
)

func large(t testing.TB, url string, agents int) *store.Store {
	clock := &world.Clock{}
	st, err := store.Open(t.Context(), url, store.WithClock(clock.Now))
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(t.Context()))
	require.NoError(t, world.BuildLarge(t.Context(), st, clock, "http://localhost:8080/demo-idp", agents, func(says string) { t.Log(says) }))
	return st
}

// A large organisation is made by acts like any: the record of all of them
// verifies, and the states are those of a house that lives.
func TestALargeOrganisation(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		st := large(t, url, 40)
		told, err := world.Told(t.Context(), st)
		require.NoError(t, err)
		require.True(t, told)
		page, err := st.Matrix(t.Context(), store.Operator(), store.MatrixFilter{}, store.MatrixCursor{})
		require.NoError(t, err)
		require.Greater(t, page.Facets.Total, 3*40)
		for _, state := range []models.State{models.Live, "held", models.Draft, models.InReview} {
			require.Positive(t, page.Facets.States[string(state)], state)
		}
		require.Positive(t, page.Facets.Overdue)
		require.Positive(t, page.Facets.Holed)
	})
}

// COUNTERSIGN_LARGE=10000 COUNTERSIGN_LARGE_AT=/tmp/large.db go test ./cmd/countersign/world -run TestMakeALargeOrganisation -v
// makes one to keep, in the file or the PostgreSQL database named.
func TestMakeALargeOrganisation(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("COUNTERSIGN_LARGE"))
	if n == 0 {
		t.Skip("COUNTERSIGN_LARGE is not set: it says how many agents to make")
	}
	began := time.Now()
	large(t, os.Getenv("COUNTERSIGN_LARGE_AT"), n)
	t.Logf("made in %s", time.Since(began).Round(time.Second))
}
