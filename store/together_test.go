package store

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Several acts in one transaction are acts like any: one that is refused leaves
// nothing, those beside it stand, and each has its own entry in the record.
func TestTogether(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		before, err := find[head](h.read, "id = 1")
		require.NoError(t, err)
		add := func(in *Store, name string) error {
			_, err := in.DecideAdmin(t.Context(), h.act("adam"), AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) { return f.AddTeam(name) })
			return err
		}
		require.NoError(t, h.Together(t.Context(), func(in *Store) error {
			require.NoError(t, add(in, "Legal"))
			var refused *models.Error
			require.ErrorAs(t, add(in, "Legal"), &refused, "the second sees what the first did")
			return add(in, "Sales")
		}))
		after, err := find[head](h.read, "id = 1")
		require.NoError(t, err)
		require.Equal(t, before.Seq+2, after.Seq)
		require.NoError(t, h.Verify(t.Context(), nil))

		// All or nothing.
		gone := errors.New("the power went")
		require.ErrorIs(t, h.Together(t.Context(), func(in *Store) error {
			require.NoError(t, add(in, "Research"))
			return gone
		}), gone)
		teams, err := all[models.Team](h.read, "name", "name IN ?", []string{"Legal", "Sales", "Research"})
		require.NoError(t, err)
		require.Len(t, teams, 2)
	})
}
