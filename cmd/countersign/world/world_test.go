package world_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/cmd/countersign/world"
	"countersign/store"
)

func TestTheDemosStory(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		clock := &world.Clock{}
		st, err := store.Open(t.Context(), url, store.WithClock(clock.Now))
		require.NoError(t, err)
		defer st.Close()
		require.NoError(t, st.Migrate(t.Context()))
		require.NoError(t, world.Build(t.Context(), st, clock, "http://localhost:8080/demo-idp", func(string) {}))
	})
}
