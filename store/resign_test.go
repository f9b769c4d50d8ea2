package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What was signed before there were passkeys is asked to be signed again, once, and
// goes on meanwhile; the new round is signed by passkeys.
func TestWhatWasSignedBeforePasskeysIsPutOnReview(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("infra")
		h.live("write") // moderate: a session is enough
		h.live("infra") // signed as it has to be
		db := plain(h.Store)
		for _, trigger := range []string{"sign_offs_no_update", "sign_offs_by_passkey"} {
			drop := "DROP TRIGGER IF EXISTS " + trigger
			if h.engine == Postgres {
				drop += " ON sign_offs"
			}
			require.NoError(t, db.Exec(drop).Error)
		}
		// As a database has it that was made by an earlier version.
		require.NoError(t, db.Exec("UPDATE sign_offs SET method = 'fresh_sign_in', signature_id = NULL WHERE version_id = ?", version).Error)

		h.asksForPasskeys(capability)
		h.asksForPasskeys(capability)
		duties := rows[models.Duty](t, h, "id", "detail = ?", models.ByPasskeys)
		require.Len(t, duties, 1)
		require.Equal(t, h.people["anna"], *duties[0].PersonID)
		require.Equal(t, version, duties[0].Subject)
		require.Equal(t, models.Live, h.row(capability).State)

		h.must("anna", capability, askRestart)
		h.signs(t, "yuri", capability, version)
		r, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, string(models.Live), r.Outcome)
		for _, s := range rows[models.SignOff](t, h, "id", "version_id = ? AND round = 2", version) {
			require.Equal(t, models.MethodPasskey, s.Method)
		}
		h.asksForPasskeys(capability)
		require.Empty(t, rows[models.Duty](t, h, "id", "detail = ? AND closed_at IS NULL", models.ByPasskeys))
	})
}

// asksForPasskeys has the clock look at what was signed before, as the migration has it.
func (h *house) asksForPasskeys(capability string) {
	h.t.Helper()
	require.NoError(h.t, plain(h.Store).Exec("INSERT INTO clock (kind, id, at) VALUES ('passkey', ?, ?)", capability, h.tick()).Error)
	require.NoError(h.t, h.run(h.t.Context(), models.ClockPasskey))
	require.Empty(h.t, rows[models.Moment](h.t, h, "id", "kind = ?", models.ClockPasskey), "once")
}
