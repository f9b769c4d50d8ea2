package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/cmd/countersign/world"
	"countersign/store"
)

// The demo's organisation does everything that there is to do, through the
// product's own acts: nothing that verify says of it may be wrong.
func TestVerifyTheDemo(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		clock := &world.Clock{}
		st, err := store.Open(t.Context(), url, store.WithClock(clock.Now))
		require.NoError(t, err)
		t.Cleanup(func() { _ = st.Close() })
		require.NoError(t, st.Migrate(t.Context()))
		require.NoError(t, world.Build(t.Context(), st, clock, "https://idp.example", func(string) {}))
		var last store.VerifyProgress
		require.NoError(t, st.Verify(t.Context(), func(p store.VerifyProgress) { last = p }))
		require.Greater(t, last.Entries, int64(500))
		require.Greater(t, last.Rows, int64(1000))
	})
}
