package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func (h *house) party(name string) models.Party {
	h.t.Helper()
	all, err := parties(h.read, []string{h.people[name]})
	require.NoError(h.t, err)
	return all[h.people[name]]
}

func TestReadVersion(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		capability, version := h.reviewed("read")
		shown := h.shown(version)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Say more about the outcomes"})
		})

		f, err := h.ReadVersion(ctx, h.party("anna"), version, Lookup{})
		require.NoError(t, err)
		require.Equal(t, models.ChangesRequested, f.Asked.Version.State)
		require.Equal(t, models.Draft, f.Open.Version.State)
		require.NotSame(t, f.Open, f.Asked)
		require.Equal(t, "xena", f.People[*f.Asked.Version.EndedBy].Person.Name)

		f, err = h.ReadVersion(ctx, h.party("pete"), f.Open.Version.ID, Lookup{})
		require.NoError(t, err)
		require.Same(t, f.Open, f.Asked)
		require.Empty(t, f.Missing(*f.Open))

		_, err = h.ReadVersion(ctx, h.party("olga"), version, Lookup{})
		require.Equal(t, models.NotFound, models.CodeOf(err), "a stranger to the capability")
		none, other := h.ReadVersion(ctx, h.party("anna"), "ver_none", Lookup{})
		require.Equal(t, other.Error(), err.Error(), "what may not be seen looks like what is not there")
		require.Empty(t, none.Capability.ID)
		_, err = h.ReadCapability(ctx, h.party("udo"), capability, Lookup{})
		require.NoError(t, err, "auditors see everything")
		_, err = h.ReadCapability(ctx, h.party("adam"), capability, Lookup{})
		require.Equal(t, models.NotFound, models.CodeOf(err), "an administrator does not, by that role")
	})
}
