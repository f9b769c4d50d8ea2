package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// daily has a person choose the day's message.
func (h *house) daily(name string) {
	h.t.Helper()
	_, err := h.DecideChannels(h.t.Context(), h.act(name), ChannelLookup{}, func(f models.ChannelFacts) (models.Change, error) { return f.SetChannels(true, true) })
	require.NoError(h.t, err)
}

// What is not urgent comes in one message at the beginning of the person's next working
// day, by each way that they are told; what is urgent is not held back.
func TestTheDaysMessage(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("write")
		h.relay()
		h.daily("anna")
		anna := h.people["anna"]
		*h.clock = models.At(time.Date(2026, 11, 6, 16, 0, 0, 0, time.UTC)) // a Friday, in her working hours
		_, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		h.relay()
		kept := h.deliveries("person_id = ? AND state = 'digest'", anna)
		require.NotEmpty(t, kept)
		require.NotEmpty(t, h.deliveries("kind = 'version.live' AND person_id = ? AND state = 'waiting'", h.people["pete"]), "who did not choose it is told at once")
		for _, d := range kept {
			require.Nil(t, d.NextAt)
			require.Nil(t, d.EndedAt)
			x, err := h.Sending(t.Context(), d.ID)
			require.NoError(t, err)
			require.Nil(t, x, "nothing of it is sent by itself")
		}

		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})
		h.relay()
		stop := h.deliveries("kind = 'stop.placed' AND person_id = ?", anna)
		require.Len(t, stop, 1)
		require.Equal(t, models.DeliveryWaiting, stop[0].State, "a stop does not wait for Monday")

		moment := rows[models.Moment](t, h, "id", "kind = ?", models.ClockDigest)
		require.Equal(t, []models.Moment{{Kind: models.ClockDigest, ID: anna, At: models.At(time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC))}}, moment, "Monday at nine, and only hers")
		kept = h.deliveries("person_id = ? AND state = 'digest'", anna)
		*h.clock = moment[0].At - 2*models.Second
		_, err = h.Tick(t.Context())
		require.NoError(t, err)
		require.Empty(t, h.deliveries("kind = ?", models.NoticeDigest), "not early")
		h.pass(3 * models.Second)
		for range 2 {
			_, err = h.Tick(t.Context())
			require.NoError(t, err)
		}
		message := h.deliveries("kind = ?", models.NoticeDigest)
		require.Len(t, message, 1, "one message")
		require.Equal(t, [3]string{anna, models.ByMail, models.DeliveryWaiting}, [3]string{*message[0].PersonID, message[0].Channel, message[0].State})
		for _, d := range kept {
			now := h.deliveries("id = ?", d.ID)[0]
			require.NotNil(t, now.DigestID, d.Kind)
			require.Equal(t, message[0].ID, *now.DigestID)
			require.NotNil(t, now.EndedAt)
		}
		require.Contains(t, h.relay(), message[0].ID, "and it is due")
		x, err := h.Sending(t.Context(), message[0].ID)
		require.NoError(t, err)
		var kinds []string
		for _, item := range x.Items {
			kinds = append(kinds, item.Notice.Kind)
		}
		require.Contains(t, kinds, "version.live")
		require.NotContains(t, kinds, "stop.placed")
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = ?", models.ClockDigest), "until the next is kept")
	})
}
