package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestWhoAnsweredAt(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		before := *h.clock
		h.pass(models.Day)
		capability, version := h.live("infra")
		live := *h.clock
		h.pass(models.Day)
		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		succeeded := *h.clock
		h.pass(models.Day)
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnAgent, "It changed the wrong server")
		})
		stopped := *h.clock
		h.pass(models.Day)
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Not needed any more") })
		revoked := *h.clock

		udo, err := parties(h.read, []string{h.people["udo"]})
		require.NoError(t, err)
		at := func(when models.Instant) Answered {
			a, err := h.MandateAt(t.Context(), udo[h.people["udo"]], capability, when)
			require.NoError(t, err)
			return a
		}
		require.Equal(t, MatrixNone, at(before).State)
		require.Nil(t, at(live-1).Mandate)

		a := at(live)
		require.Equal(t, MatrixLive, a.State)
		require.Equal(t, 1, a.VersionNo)
		require.Equal(t, Who{h.people["carl"], "carl", "Security"}, a.ControlOwner)
		require.Equal(t, "anna", a.Owner.Name)
		require.Len(t, a.Approvers, 2)
		require.Equal(t, Who{h.people["xena"], "xena", "Risk"}, a.Approvers[0].Who)
		require.Equal(t, "carl", at(succeeded-1).ControlOwner.Name, "until the successor accepted")
		require.Equal(t, "cleo", at(succeeded).ControlOwner.Name)
		require.Equal(t, MatrixLive, at(stopped-1).State)

		a = at(stopped)
		require.Equal(t, MatrixHeld, a.State)
		require.Equal(t, "It changed the wrong server", a.Holds[0].Cause)
		require.Equal(t, "anna", a.Holds[0].By.Name)
		require.Equal(t, MatrixHeld, at(revoked-1).State)
		require.Equal(t, MatrixNone, at(revoked).State)

		nobody, err := parties(h.read, []string{h.people["olga"]})
		require.NoError(t, err)
		_, err = h.MandateAt(t.Context(), nobody[h.people["olga"]], capability, live)
		require.NoError(t, err, "olga is on a team with yuri, who signed")
		paul := models.Party{Person: models.Person{ID: "per_nobody", Status: models.PersonActive}}
		_, err = h.MandateAt(t.Context(), paul, capability, live)
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}

func TestExpiredIsNotLive(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		auditor := models.Party{Person: models.Person{ID: "x", Status: models.PersonActive}, Roles: []models.Role{models.Auditor}}
		until := *h.row(capability).UntilAt
		a, err := h.MandateAt(t.Context(), auditor, capability, until-1)
		require.NoError(t, err)
		require.Equal(t, MatrixLive, a.State)
		a, err = h.MandateAt(t.Context(), auditor, capability, until)
		require.NoError(t, err)
		require.Equal(t, MatrixExpired, a.State)
		require.Equal(t, "anna", a.Owner.Name, "who was last named")
	})
}
