package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// What the clock has forgotten, or did too early, is found.
func TestVerifyReadsTheClock(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("write")
		h.live("read")
		d := h.signDuty(version)
		h.on(11, 6, 9, 0)
		h.tocks()
		require.NoError(t, h.Verify(t.Context(), nil))
		for name, x := range map[string]struct{ table, do string }{
			"a duty's moment gone":  {"clock", "DELETE FROM clock WHERE kind = 'duty' AND id = '" + d.ID + "'"},
			"a duty's moment later": {"clock", "UPDATE clock SET at = at + 3600000000 WHERE kind = 'duty' AND id = '" + d.ID + "'"},
			"a review forgotten":    {"clock", "DELETE FROM clock WHERE kind IN ('review', 'renew')"},
		} {
			t.Run(name, func(t *testing.T) {
				require.Equal(t, x.table, h.tampered(t, x.do).Table)
			})
		}
		early := *h.clock
		h.pass(models.Hour)
		require.NoError(t, h.Verify(t.Context(), nil), "what is past and not done yet is not forgotten")
		require.Less(t, early, *h.clock)
	})
}

// An escalation is in the capability's history, and the matrix's line is as the record says.
func TestEscalationIsInTheHistory(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("write")
		d := h.signDuty(version)
		acts := func() int {
			return len(rows[entry](t, h, "seq", "act = 'duties.reminded' AND seq IN (SELECT seq FROM ledger_refs WHERE kind = 'capability' AND id = ?)", capability))
		}
		*h.clock = d.DueAt - models.Hour
		h.tocks()
		require.Zero(t, acts(), "a reminder is between the clock and whoever owes it")
		*h.clock = d.DueAt + 4*models.Day
		h.tocks()
		require.Equal(t, 1, acts())
		require.NoError(t, h.Verify(t.Context(), nil))
		udo, err := parties(h.read, []string{h.people["udo"]})
		require.NoError(t, err)
		p, err := h.Duty(t.Context(), udo[h.people["udo"]], d.ID)
		require.NoError(t, err)
		require.True(t, p.Sees)
		require.NotEmpty(t, p.Line)
	})
}

// Whoever was told sees the duty, and nothing more of the capability; others see nothing.
func TestWhoSeesADuty(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.managed("pete", "eve")
		capability, version := h.draft("write")
		d := rows[models.Duty](t, h, "id", "kind = 'submit' AND subject = ?", version)[0]
		h.managed("anna", "olga")
		see := func(name string) (DutyPage, error) {
			who, err := parties(h.read, []string{h.people[name]})
			require.NoError(t, err)
			return h.Duty(t.Context(), who[h.people[name]], d.ID)
		}
		_, err := see("olga")
		require.Equal(t, models.NotFound, models.CodeOf(err), "not told yet")
		*h.clock = d.DueAt + 3*models.Day
		h.tocks()
		p, err := see("olga")
		require.NoError(t, err, "the manager was told after two days")
		require.False(t, p.Sees)
		olga, err := parties(h.read, []string{h.people["olga"]})
		require.NoError(t, err)
		told, err := h.EscalatedTo(t.Context(), olga[h.people["olga"]])
		require.NoError(t, err)
		require.Len(t, told, 1)
		require.Equal(t, "anna", told[0].Owes)
		for _, name := range []string{"anna", "pete", "udo"} {
			p, err = see(name)
			require.NoError(t, err, name)
			require.True(t, p.Sees, name)
		}
		_, err = see("yuri")
		require.Equal(t, models.NotFound, models.CodeOf(err))
		require.NotEmpty(t, capability)
	})
}
