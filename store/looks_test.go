package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// told is what the record's details say of how a decision came about.
func (h *house) told(r models.Receipt) map[string]any {
	h.t.Helper()
	e, err := h.Receipt(h.t.Context(), h.party("udo"), r.Seq)
	require.NoError(h.t, err)
	out := map[string]any{}
	for _, key := range []string{"opened_at", "open_seconds", "opens", "opened", "in_a_row"} {
		if v, ok := e.Details[key]; ok {
			out[key] = v
		}
	}
	return out
}

func (h *house) looked(name, version string, parts ...string) {
	h.t.Helper()
	for _, part := range parts {
		require.NoError(h.t, h.Looked(h.t.Context(), h.party(name), version, h.shown(version).Round, part))
	}
}

func TestADecisionSaysHowItCameAbout(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("pay")
		h.looked("xena", version, models.LookChanges)
		opened := *h.clock
		h.pass(90 * models.Second)
		h.looked("xena", version, models.LookWhole, models.LookChanges)
		h.pass(30 * models.Second)
		r, err := h.sign("xena", capability, version)
		require.NoError(t, err)
		require.Equal(t, map[string]any{"opened_at": float64(opened), "open_seconds": 120.0, "opens": 3.0, "opened": []any{"changes", "whole"}, "in_a_row": 1.0}, h.told(r))
		kept := rows[models.Decided](t, h, "seq", "seq = ?", r.Seq)
		require.Equal(t, []models.Decided{{Seq: r.Seq, PersonID: h.people["xena"], VersionID: version, CapabilityID: capability, Tier: models.Critical,
			Decision: models.DecidedSignOff, OpenedAt: &opened, DecidedAt: r.At, Opens: 3, Parts: "changes,whole", InARow: 1}}, kept)

		last, err := h.sign("yuri", capability, version)
		require.NoError(t, err, "nobody is kept from deciding on what they never opened")
		require.Equal(t, map[string]any{"opens": 0.0, "in_a_row": 1.0}, h.told(last), "what another opened says nothing of it")
		require.Error(t, h.Looked(t.Context(), h.party("xena"), version, 1, "everything"))
	})
}

// A look is on one digest in one round: it never counts for what came after.
func TestALookIsNotCarriedOver(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("read")
		h.looked("yuri", version, models.LookWhole)
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "Odd answers")
		})
		h.pass(models.Hour)
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.AskRestart("Mended") })
		shown := h.shown(version)
		r := h.must("yuri", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Refuse(shown, models.Signing{Comment: "It is not mended"})
		})
		require.Equal(t, "restart.refused", r.Act)
		require.Equal(t, map[string]any{"opens": 0.0, "in_a_row": 1.0}, h.told(r), "the round before was looked at, and not this one")

		capability, version = h.reviewed("infra")
		h.looked("xena", version, models.LookWhole)
		shown = h.shown(version)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Name the servers"})
		})
		var next string
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) {
			next = f.Open.Version.ID
			return f.Submit(next, compiled)
		})
		h.accept(capability, next)
		r, err := h.sign("xena", capability, next)
		require.NoError(t, err)
		require.Equal(t, 0.0, h.told(r)["opens"], "what changed is another version, and was not opened")
	})
}

func TestQuickDecisionsAreCountedInARow(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		decide := func(after models.Instant, name string) float64 {
			t.Helper()
			capability, version := h.reviewed("write")
			last := rows[models.Decided](t, h, "decided_at DESC", "person_id = ?", h.people[name])
			if len(last) > 0 {
				*h.clock = max(*h.clock, last[0].DecidedAt+after)
			}
			shown := h.shown(version)
			r := h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Refuse(shown, models.Signing{Comment: "No"})
			})
			return h.told(r)["in_a_row"].(float64)
		}
		require.Equal(t, 1.0, decide(0, "xena"))
		require.Equal(t, 2.0, decide(models.Minute, "xena"))
		require.Equal(t, 1.0, decide(0, "yuri"), "each person's own")
		require.Equal(t, 3.0, decide(models.Minute, "xena"))
		require.Equal(t, 1.0, decide(models.QuickBetween, "xena"))
	})
}

func TestVerifyReadsHowDecisionsCameAbout(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		_, version := h.reviewed("read")
		h.looked("xena", version, models.LookWhole)
		h.live("pay")
		require.NoError(t, h.Verify(t.Context(), nil))
		for _, statement := range []string{
			"UPDATE decisions_made SET opens = 9, parts = 'whole'", "UPDATE decisions_made SET in_a_row = 7", "UPDATE decisions_made SET opened_at = 5",
			"UPDATE decisions_made SET decision = 'refusal'", "DELETE FROM decisions_made",
			"INSERT INTO decisions_made SELECT 1, person_id, version_id, capability_id, tier, decision, opened_at, decided_at, opens, parts, in_a_row FROM decisions_made ORDER BY seq LIMIT 1",
		} {
			require.Equal(t, "decisions_made", h.tampered(t, statement).Table, statement)
		}
	})
}
