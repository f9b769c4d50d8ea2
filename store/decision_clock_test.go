package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// The server's clock goes ten minutes forward and back again. It decides, and not what the
// caller says of the time; the log stays in order by number and by time; and it is sealed
// as it is, so that verify reads the same.
func TestAClockThatIsOff(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url) // Monday, nine o'clock
		capability, version := h.draft("read")
		within := task()
		within.Windows = "Mon-Fri 08:00-09:15 UTC"
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.SavePart(models.TaskPart, within, f.Open.Parts[models.TaskPart].Rev)
		})
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		h.accept(capability, version)
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		key, d := h.madeKey(), h.decisions()
		req := h.wants(capability)
		req.Context.Said = `{"time":"2026-11-02T09:00:00Z"}`
		asks := func(rule string) {
			t.Helper()
			got, err := d.Evaluate(t.Context(), key, "", req)
			require.NoError(t, err)
			require.Equal(t, rule, got.Rule)
			rows := logged(t, h)
			last := rows[len(rows)-1]
			require.Equal(t, [2]any{got.ID, got.At}, [2]any{last.ID, last.At}, "who was answered is told what the log has")
		}
		for _, step := range []struct {
			by   models.Instant
			rule string
		}{{0, "allow"}, {10 * models.Minute, "allow"}, {10 * models.Minute, "boundary.window"}, {-10 * models.Minute, "allow"}, {-10 * models.Minute, "allow"}, {models.Minute, "allow"}} {
			h.pass(step.by)
			asks(step.rule)
			_, err := h.SealDecisions(t.Context())
			require.NoError(t, err)
			require.NoError(t, h.Verify(t.Context(), nil), "after %d minutes", step.by/models.Minute)
		}
		// A stop that is placed by the clock of before holds, whatever the time is then.
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answers wrongly")
		})
		h.pass(-5 * models.Minute)
		asks("hold.stop")
		h.pass(models.Day)
		asks("hold.stop")
		h.pass(models.Minute)
		_, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
		require.NoError(t, h.Verify(t.Context(), nil))
		log := logged(t, h)
		for i := 1; i < len(log); i++ {
			require.Less(t, log[i-1].ID, log[i].ID)
			require.LessOrEqual(t, log[i-1].At, log[i].At)
		}
		var sealed int64
		for _, p := range rows[models.DecisionPart](t, h, "from_id", "1 = 1") {
			sealed += p.N
		}
		require.EqualValues(t, len(log), sealed, "every row is in a part")
	})
}

// madeKey is an open key that an administrator made, where the whole record is verified.
func (h *house) madeKey() (hash string) {
	h.t.Helper()
	hash, hint := models.GatewayKeyOf("csgw_made_12345678")
	_, err := h.DecideGateway(h.t.Context(), h.act("adam"), GatewayLookup{}, func(f models.GatewayFacts) (models.Change, error) {
		return f.MakeGateway(models.GatewayForm{Name: "Front door", Days: 30, Hash: hash, Hint: hint})
	})
	require.NoError(h.t, err)
	return hash
}
