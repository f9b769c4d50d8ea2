package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What is asked in one reading is of one moment, whatever is recorded meanwhile.
func TestReadingIsOfOneMoment(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		xena := h.party("xena")
		err := h.Reading(t.Context(), func(in *Store) error {
			before, err := in.Head(t.Context())
			require.NoError(t, err)
			h.reviewed("pay")
			after, err := in.Head(t.Context())
			require.NoError(t, err)
			require.Equal(t, before, after)
			inbox, err := in.Inbox(t.Context(), xena, InboxAsk{})
			require.NoError(t, err)
			require.Empty(t, inbox.Duties)
			return nil
		})
		require.NoError(t, err)
		inbox, err := h.Inbox(t.Context(), xena, InboxAsk{Kind: models.DutySign})
		require.NoError(t, err)
		require.Len(t, inbox.Duties, 1)
	})
}
