package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestALeaversCapabilitiesGetSuccessors(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("write")
		carl := h.people["carl"]
		h.admin("adam", AdminLookup{People: []string{carl}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(carl, "Retired") })
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		duties := func() []models.Duty {
			d, err := all[models.Duty](h.read, "id", "capability_id = ? AND closed_at IS NULL", capability)
			require.NoError(t, err)
			return d
		}
		require.Len(t, duties(), 1)
		require.Equal(t, models.DutySucceed, duties()[0].Kind)
		require.Equal(t, h.people["anna"], duties()[0].Holder)

		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Len(t, duties(), 1, "asking again asks nobody twice")

		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		require.Equal(t, models.DutyTakeOver, duties()[0].Kind, "the owner's duty is done")
		h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		require.Empty(t, duties())
		require.Equal(t, cleo, h.row(capability).ControlOwnerID)
	})
}

func TestTheOwnerIsAskedToSubmit(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("write")
		d, err := all[models.Duty](h.read, "id", "capability_id = ? AND closed_at IS NULL", capability)
		require.NoError(t, err)
		require.Len(t, d, 1)
		require.Equal(t, models.DutySubmit, d[0].Kind)
		require.Equal(t, version, d[0].Subject)
		waiting, err := h.Waiting(t.Context(), h.party("anna"))
		require.NoError(t, err)
		require.Equal(t, 1, waiting, "and finds it among what waits")
	})
}

// What was signed by one of its own makers was never checked: its parts keep
// their authors in the next version.
func TestAMergedVersionsPartsKeepTheirAuthors(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		xena, pete := h.people["xena"], h.people["pete"]
		link := h.admin("adam", AdminLookup{People: []string{xena, pete}}, func(f models.AdminFacts) (models.Change, error) {
			return f.ProposeMerge(xena, pete, "One passport")
		}).Subject
		h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
		require.Equal(t, models.Revoked, h.row(capability).State)
		h.must("anna", capability, models.CapabilityFacts.NewDraft)
		f, err := h.ReadCapability(t.Context(), h.party("anna"), capability, Lookup{})
		require.NoError(t, err)
		require.Equal(t, models.Maker, f.Open.Standings[pete])
		require.Nil(t, f.Open.Parts[models.ScopePart].CarriedFrom)
	})
}
