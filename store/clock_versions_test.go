package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// dated is a version in review whose task begins and ends on days.
func (h *house) dated(start, end string) (capability, version string) {
	h.t.Helper()
	capability, version = h.draft("write")
	days := task()
	days.StartOn, days.EndOn = start, end
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.TaskPart, days, f.Open.Parts[models.TaskPart].Rev)
	})
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(capability, version)
	return capability, version
}

func (h *house) state(version string) models.State {
	h.t.Helper()
	v, err := find[models.Version](h.read, "id = ?", version)
	require.NoError(h.t, err)
	return v.State
}

// What is signed goes live on its first day, by the clock, and not before.
func TestApprovedGoesLiveOnItsDay(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.dated("2026-11-20", "2027-10-31")
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, models.Approved, h.state(version))
		h.tocks()
		h.on(11, 19, 23, 59)
		h.tocks()
		require.Equal(t, models.Approved, h.state(version), "not before its first day")
		h.on(11, 20, 0, 0)
		h.tocks()
		require.Equal(t, models.Live, h.state(version))
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = 'approved'"))
		e := rows[entry](t, h, "seq", "act = 'version.went_live'")
		require.Len(t, e, 1)
		require.Equal(t, models.SystemActor, e[0].Actor)
		whole(t, h)
	})
}

// What is signed and not put in force lapses after thirty days, and not before.
func TestApprovedLapses(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.dated("2027-03-01", "2027-10-31")
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		v, err := find[models.Version](h.read, "id = ?", version)
		require.NoError(t, err)
		*h.clock = *v.ApprovedAt + 30*models.Day - models.Second
		h.tocks()
		require.Equal(t, models.Approved, h.state(version))
		h.pass(models.Second)
		h.tocks()
		require.Equal(t, models.Expired, h.state(version))
		require.Empty(t, rows[models.Duty](t, h, "id", "subject = ? AND closed_at IS NULL", version), "nobody owes anything about it")
		whole(t, h)
	})
}

// Thirty days before the last day the owner is asked to renew, once; a successor of the
// owner is asked instead; and it ends when what is in force does.
func TestOwnerIsAskedToRenew(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.dated("", "2027-01-31")
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, models.Live, h.state(version))
		renewals := func() []models.Duty {
			h.tocks()
			return rows[models.Duty](t, h, "opened_at", "kind = 'renew' AND subject = ?", version)
		}
		m := rows[models.Mandate](t, h, "id", "capability_id = ?", capability)[0]
		*h.clock = m.UntilAt - 30*models.Day - models.Second
		require.Empty(t, renewals())
		h.pass(2 * models.Second)
		asked := renewals()
		require.Len(t, asked, 1)
		require.Equal(t, h.people["anna"], asked[0].Holder)
		require.InDelta(t, int64(m.UntilAt), int64(asked[0].DueAt), float64(models.Second), "due when it ends")
		h.pass(models.Day)
		require.Len(t, renewals(), 1, "once")
		olga := h.people["olga"]
		_, err = h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{olga}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.BusinessOwner, olga)
		})
		require.NoError(t, err)
		h.must("olga", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.BusinessOwner, f.Force.Version.Digest)
		})
		asked = renewals()
		require.Len(t, asked, 2)
		require.NotNil(t, asked[0].ClosedAt)
		require.Nil(t, asked[1].ClosedAt)
		require.Equal(t, olga, asked[1].Holder)
		h.must("olga", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Over") })
		require.NotNil(t, renewals()[1].ClosedAt)
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = 'renew'"))
		whole(t, h)
	})
}
