package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestAgentsList(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		live, _ := h.live("write")
		agent := h.row(live).AgentID
		h.draft("read")
		h.agent("olga")

		list := func(name string, ask AgentsAsk) AgentsPage {
			page, err := h.Agents(t.Context(), h.viewer(name), ask)
			require.NoError(t, err)
			return page
		}
		anna := list("anna", AgentsAsk{})
		require.Len(t, anna.Lines, 2)
		require.Equal(t, 2, anna.Total)
		require.Equal(t, 2, anna.Counts.Mine)
		line := anna.Lines[0]
		require.Equal(t, agent, line.ID)
		require.Equal(t, "anna", line.OwnerName)
		require.Equal(t, "Human Resources", line.OwnerTeam)
		require.Equal(t, 1, line.RevisionNo)
		require.Equal(t, []int{1, 1, 0, 0, 0}, []int{line.Capabilities, line.Live, line.Held, line.Open, line.Holes})
		open := anna.Lines[1]
		require.Equal(t, []int{1, 0, 0, 1, 1}, []int{open.Capabilities, open.Live, open.Held, open.Open, open.Holes})

		require.Len(t, list("udo", AgentsAsk{}).Lines, 3, "auditors see everything")
		require.Len(t, list("olga", AgentsAsk{}).Lines, 1)
		require.Empty(t, list("adam", AgentsAsk{}).Lines, "administrators see no agent by that role")
		require.Len(t, list("carl", AgentsAsk{}).Lines, 2)
		require.Zero(t, list("carl", AgentsAsk{Mine: true}).Total)
		require.Len(t, list("udo", AgentsAsk{Search: "AGENT 3"}).Lines, 1)
		require.Empty(t, list("udo", AgentsAsk{Search: "%"}).Lines)
		require.Empty(t, list("udo", AgentsAsk{State: models.AgentRetired}).Lines)

		h.must("carl", live, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnAgent, "It answered nonsense")
		})
		line = list("anna", AgentsAsk{}).Lines[0]
		require.Equal(t, []int{0, 1}, []int{line.Live, line.Held})
	})
}

func TestAgentsPages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for range NamePage + 5 {
			_, err := h.DecideAgent(t.Context(), h.act("anna"), "", Lookup{}, func(f models.AgentFacts) (models.Change, error) {
				return f.NewAgent(models.Manifest{Name: "Same name", Purpose: "One of many"})
			})
			require.NoError(t, err)
		}
		first, err := h.Agents(t.Context(), h.viewer("anna"), AgentsAsk{})
		require.NoError(t, err)
		require.Len(t, first.Lines, NamePage)
		require.Nil(t, first.Previous)
		require.Equal(t, NamePage+5, first.Total)
		second, err := h.Agents(t.Context(), h.viewer("anna"), AgentsAsk{NameCursor: *first.Next})
		require.NoError(t, err)
		require.Len(t, second.Lines, 5)
		require.Nil(t, second.Next)
		back, err := h.Agents(t.Context(), h.viewer("anna"), AgentsAsk{NameCursor: *second.Previous})
		require.NoError(t, err)
		require.Equal(t, first.Lines, back.Lines)
		require.Nil(t, back.Previous)
		require.NotNil(t, back.Next)
	})
}

func TestAgentRecord(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		live, _ := h.live("write")
		agent := h.row(live).AgentID
		get := func(name string) AgentRecord {
			rec, err := h.Agent(t.Context(), h.viewer(name), agent)
			require.NoError(t, err)
			return rec
		}
		require.Equal(t, live, get("anna").StopThrough)
		require.Equal(t, live, get("carl").StopThrough)
		require.Equal(t, live, get("xena").StopThrough, "who signed may stop")
		require.Empty(t, get("cleo").StopThrough, "a colleague of the control owner sees and cannot stop")
		require.Equal(t, 1, get("udo").InForce)
		require.Equal(t, []string{"Answer leave questions"}, get("anna").Titles)
		_, err := h.Agent(t.Context(), h.viewer("olga"), agent)
		require.Equal(t, models.NotFound, models.CodeOf(err))

		h.must("carl", live, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnAgent, "It answered nonsense")
		})
		require.Equal(t, "carl", get("anna").Holds[0].By.Name)

		lines, people, more, err := h.AgentCapabilities(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		require.False(t, more)
		require.True(t, lines[0].Held)
		require.False(t, lines[0].Over)
		require.Equal(t, "carl", people[lines[0].ControlOwnerID].Person.Name)
		require.Len(t, lines[0].Signers(), 1)
		h.pass(400 * models.Day)
		lines, _, _, err = h.AgentCapabilities(t.Context(), h.viewer("anna"), agent, "")
		require.NoError(t, err)
		require.True(t, lines[0].Over)
		lines, _, _, err = h.AgentCapabilities(t.Context(), h.viewer("olga"), agent, "")
		require.NoError(t, err)
		require.Empty(t, lines)
	})
}

func TestAgentRevisions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		agent := h.agent("anna")
		for _, model := range []string{"model-2", "model-3"} {
			_, err := h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, func(f models.AgentFacts) (models.Change, error) {
				m := f.Agent.Manifest()
				m.Model = model
				return f.SaveStep(models.StepMadeOf, m, f.Agent.Rev)
			})
			require.NoError(t, err)
			_, err = h.DecideAgent(t.Context(), h.act("anna"), agent, Lookup{}, models.AgentFacts.Register)
			require.NoError(t, err)
		}
		lines, more, err := h.AgentRevisions(t.Context(), h.viewer("anna"), agent, 0)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, lines, 3)
		require.Equal(t, "model-3", lines[0].Manifest().Model)
		require.Equal(t, "anna", lines[0].By.Name)
		lines, _, err = h.AgentRevisions(t.Context(), h.viewer("anna"), agent, 2)
		require.NoError(t, err)
		require.Len(t, lines, 1)
		_, _, err = h.AgentRevisions(t.Context(), h.viewer("olga"), agent, 0)
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}
