package importers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestCrewIsReadTogether(t *testing.T) {
	results := ReadAll([]File{fixture(t, "crew/agents.yaml"), fixture(t, "crew/tasks.yaml")})
	requireSound(t, results)
	require.Len(t, results, 3)
	buyer, clerk, tasks := results[0], results[1], results[2]

	require.Equal(t, "crewai-agents", buyer.Format)
	require.Equal(t, "buyer", buyer.Name)
	require.Equal(t, "openai/gpt-4o", buyer.Agent.Model)
	require.Equal(t, "Finds suppliers and compares their offers.", buyer.Agent.Description, "the role has a gap")
	requireWarning(t, buyer, "/buyer/role", "“{department}”")
	require.Equal(t, models.FieldPlaceholder, fieldAt(t, buyer, "/buyer/role").Status)
	require.Equal(t, models.AccessUnknown, buyer.Agent.Tools.Access)
	require.Contains(t, buyer.Agent.Tools.Note, "names: offers, spreadsheet.")
	require.Equal(t, []models.ImportedDelegate{{Name: "clerk", Pointer: "/buyer/allow_delegation"}}, buyer.Agent.Delegates)
	require.Equal(t, []models.ImportedSkill{
		{ID: "compare_offers", Name: "compare offers", Description: "Compares the offers that have come in."},
		{ID: "write_order", Name: "write order"},
	}, buyer.Agent.Skills)
	require.Equal(t, "tasks.yaml#/write_order/description", field(t, buyer, "skills[1].description").Pointer)
	require.Equal(t, models.FieldPlaceholder, field(t, buyer, "skills[1].description").Status)
	requireOneFieldEach(t, buyer)

	require.Equal(t, models.ImportClean, clerk.Outcome, clerk.Warnings)
	require.Equal(t, "Clerk\nFiles what the buyer has bought.", clerk.Agent.Description)
	require.Equal(t, models.ImportedAccess{Access: models.AccessListed, Listed: []string{"archive"}, Note: "The file lists 1 tool."}, clerk.Agent.Tools)
	require.Len(t, clerk.Agent.Skills, 1)
	require.Len(t, clerk.Agent.PromptDigest, 64)
	require.NotEqual(t, clerk.Agent.PromptDigest, buyer.Agent.PromptDigest)
	requireNowhere(t, clerk, "Keeps order")

	require.Equal(t, "Tasks for agents.yaml", tasks.Name)
	require.Equal(t, models.ImportWarned, tasks.Outcome)
	require.Nil(t, tasks.Agent, "its agents are those of the other file")
	requireWarning(t, tasks, "/write_order/description", "“{supplier}”")
	requireWarning(t, tasks, "line 1", "“thank_supplier”")
}

func TestCrewAgentsAlone(t *testing.T) {
	results := readThings(t, "crew/agents.yaml")
	require.Len(t, results, 2)
	require.Empty(t, results[0].Agent.Skills)
	require.Equal(t, "clerk", results[1].Name)
}

func TestCrewTasksAloneGiveTheAgentsThatTheyName(t *testing.T) {
	results := readThings(t, "crew/tasks.yaml")
	require.Len(t, results, 2)
	require.Equal(t, "buyer", results[0].Name)
	require.Len(t, results[0].Agent.Skills, 2)
	requireWarning(t, results[0], "/compare_offers/agent", "Import the crew's agents.yaml together with it")
	requireWarning(t, results[0], "line 1", "“thank_supplier”")
	require.Equal(t, models.AccessUnknown, results[0].Agent.Tools.Access)
	require.Equal(t, "clerk", results[1].Name)
	require.Equal(t, models.ImportWarned, results[1].Outcome)
}

func TestCrewTasksThatNameNobody(t *testing.T) {
	i := Read("tasks.yaml", []byte("a:\n  description: Does it.\n  expected_output: It.\n"))
	requireSound(t, i)
	require.True(t, i[0].Refused())
	require.Contains(t, i[0].Warnings[0].Message, "none says which agent")
}

func TestWhichFilesOfAFolderAreOneCrew(t *testing.T) {
	agents, tasks := fixture(t, "crew/agents.yaml").Data, fixture(t, "crew/tasks.yaml").Data
	tests := []struct {
		name   string
		files  []File
		joined bool
	}{
		{"the same word before", []File{{"x/a_agents.yaml", agents}, {"x/a_tasks.yml", tasks}, {"x/b_agents.yaml", agents}, {"x/b_tasks.yaml", tasks}}, true},
		{"the only two", []File{{"x/crew.yaml", agents}, {"x/work.yaml", tasks}}, true},
		{"other folders", []File{{"x/agents.yaml", agents}, {"y/tasks.yaml", tasks}}, false},
		{"several that fit", []File{{"x/crew.yaml", agents}, {"x/work.yaml", tasks}, {"x/more.yaml", tasks}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			results := ReadAll(test.files)
			requireSound(t, results)
			require.Equal(t, test.joined, len(results[0].Agent.Skills) > 0)
			for _, i := range results {
				if i.Format == "crewai-tasks" {
					require.Equal(t, test.joined, i.Agent == nil, i.File)
				}
			}
		})
	}
}

func TestCrewTasksForSomebodyElse(t *testing.T) {
	results := ReadAll([]File{fixture(t, "crew/agents.yaml"), {Name: "crew/tasks.yaml", Data: []byte("a:\n  description: Does it.\n  expected_output: It.\n  agent: nobody\n")}})
	requireSound(t, results)
	requireWarning(t, results[2], "/a/agent", "“nobody”")
}

func TestCrewReach(t *testing.T) {
	read := func(more string) models.Imported {
		i := Read("agents.yaml", []byte("buyer:\n  role: Buyer\n  goal: Buys.\n  backstory: b\n"+more))
		requireSound(t, i)
		return i[0]
	}
	require.Equal(t, models.AccessUnknown, read("").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: []\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [a, '*']\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [a]\n  allow_code_execution: true\n").Agent.Tools.Access)
	require.Equal(t, models.AccessListed, read("  tools: [a]\n").Agent.Tools.Access)
	i := read("  tools: [a]\n  mcps: ['https://mcp.nordlys.eu/mail']\n")
	require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
	require.Equal(t, "https://mcp.nordlys.eu/mail", i.Seen[0].URL)
	require.True(t, read("  llm: '{model}'\n").Agent.Model == "")
}
