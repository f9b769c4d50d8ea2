package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// viewer is a person of the house as a page asks for them.
func (h *house) viewer(name string) models.Party {
	h.t.Helper()
	people, err := parties(h.read, []string{h.people[name]})
	require.NoError(h.t, err)
	return people[h.people[name]]
}

func TestHistory(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		agent := h.row(capability).AgentID
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answered nonsense")
		})

		entries, more, err := h.History(t.Context(), h.viewer("carl"), models.TouchCapability, capability, 0)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, "capability.stopped", entries[0].Act)
		require.Equal(t, "carl", entries[0].Actor.Name)
		require.Equal(t, "Security", entries[0].Actor.Team)
		require.Equal(t, "It answered nonsense", entries[0].Text("cause"))
		require.Equal(t, "Answer leave questions", entries[0].Capability)
		older, _, err := h.History(t.Context(), h.viewer("carl"), models.TouchCapability, capability, entries[0].Seq)
		require.NoError(t, err)
		require.Equal(t, entries[1:], older)
		signed := older[0]
		require.Equal(t, "version.signed_off", signed.Act)
		require.Equal(t, 1, signed.Number("version"))

		// An agent's history has its capabilities' acts, for whoever may see them.
		of := func(name string) (acts []string) {
			entries, _, err := h.History(t.Context(), h.viewer(name), models.TouchAgent, agent, 0)
			require.NoError(t, err)
			for _, e := range entries {
				acts = append(acts, e.Act)
			}
			return acts
		}
		require.Contains(t, of("anna"), "capability.stopped")
		require.Contains(t, of("anna"), "agent.registered")
		require.Equal(t, of("anna"), of("udo"), "auditors see everything")

		_, _, err = h.History(t.Context(), h.viewer("adam"), models.TouchCapability, capability, 0)
		require.Equal(t, models.NotFound, models.CodeOf(err), "an administrator sees no capability by that role")
		_, _, err = h.History(t.Context(), h.viewer("adam"), models.TouchAgent, agent, 0)
		require.Equal(t, models.NotFound, models.CodeOf(err))
		_, _, err = h.History(t.Context(), h.viewer("anna"), models.TouchSettings, "installation", 0)
		require.Equal(t, models.NotFound, models.CodeOf(err))
		_, _, err = h.History(t.Context(), h.viewer("adam"), models.TouchSettings, "installation", 0)
		require.NoError(t, err)
	})
}

// Somebody who sees an agent through one capability reads nothing of another.
func TestHistoryOfAnAgentLeavesOutWhatIsNotSeen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.draft("read") // pete provisions it
		agent := h.row(capability).AgentID
		other, err := h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, func(f models.AgentFacts) (models.Change, error) {
			x := task()
			x.Title = "Secret plans"
			return f.NewCapability(x, map[models.Role]string{})
		})
		require.NoError(t, err)
		see := func(name string) bool {
			entries, _, err := h.History(t.Context(), h.viewer(name), models.TouchAgent, agent, 0)
			require.NoError(t, err)
			for _, e := range entries {
				if e.CapabilityID == other.Subject {
					return true
				}
			}
			return false
		}
		require.True(t, see("anna"))
		require.False(t, see("pete"))
	})
}

func TestHistoryPages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent := h.agent("anna")
		m := models.Manifest{Environments: []string{"test"}}
		for i := range HistoryPage {
			_, err := h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, func(f models.AgentFacts) (models.Change, error) {
				m.Environments = []string{[]string{"test", "production"}[i%2]}
				return f.SaveStep(models.StepEnvironment, m, f.Agent.Rev)
			})
			require.NoError(t, err)
		}
		seqs := map[int64]bool{}
		var before int64
		for range 3 {
			entries, more, err := h.History(t.Context(), h.viewer("anna"), models.TouchAgent, agent, before)
			require.NoError(t, err)
			for _, e := range entries {
				require.False(t, seqs[e.Seq])
				seqs[e.Seq] = true
				before = e.Seq
			}
			if !more {
				break
			}
			require.Len(t, entries, HistoryPage)
		}
		require.Len(t, seqs, HistoryPage+6)
	})
}
