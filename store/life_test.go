package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestFromDraftToMandate(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for tier, op := range map[models.Tier]string{models.Low: "read", models.Moderate: "write", models.High: "infra", models.Critical: "pay"} {
			capability, _ := h.live(op)
			row := h.row(capability)
			require.Equal(t, models.Live, row.State)
			require.Equal(t, tier.Rank(), row.TierRank, op)
			require.Zero(t, row.Holes)
			require.Equal(t, h.people["anna"], row.OwnerID)
		}
	})
}

func TestStopAndRestart(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("write")
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})
		require.Equal(t, 1, h.row(capability).Holds)
		h.pass(models.Hour)
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Prompt mended") })
		require.Equal(t, 1, h.row(capability).Holds, "asking lifts nothing")
		r, err := h.sign("yuri", capability, version)
		require.NoError(t, err)
		require.Equal(t, "live", r.Outcome)
		require.Zero(t, h.row(capability).Holds)
	})
}

func TestSuccession(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("write")
		before := h.row(capability).MandateID
		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		require.Equal(t, h.people["carl"], h.row(capability).ControlOwnerID, "nobody answers silently")
		h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		require.Equal(t, cleo, h.row(capability).ControlOwnerID)
		require.NotEqual(t, before, h.row(capability).MandateID)
	})
}

func TestAskForChangesStartsTheNextDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("write")
		shown := h.shown(version)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Name the tickets"})
		})
		row := h.row(capability)
		require.Equal(t, models.Draft, row.State)
		require.NotEqual(t, version, row.VersionID)
	})
}
