package importers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestKagentIsRead(t *testing.T) {
	results := readThings(t, "kagent.yaml")
	require.Len(t, results, 2)
	agent, server := results[0], results[1]
	require.Equal(t, "kagent", agent.Format)
	require.Equal(t, "night-watch", agent.Name)
	require.Equal(t, "gpt-4.1-mini", agent.Agent.Model, "of the configuration in the same file")
	require.Equal(t, []string{"cluster-tools/get_events", "cluster-tools/get_pods"}, agent.Agent.Tools.Listed)
	require.Equal(t, []models.ImportedDelegate{{Name: "day-watch", Pointer: "/spec/declarative/tools/1/agent/name"}}, agent.Agent.Delegates)
	require.Equal(t, "Watches the cluster.", agent.Agent.Skills[0].Description)
	require.Len(t, agent.Agent.PromptDigest, 64)
	require.Len(t, agent.Seen, 2)
	requireOneFieldEach(t, agent)
	requireNowhere(t, agent, "wake nobody")
	requireWarning(t, agent, "line 51", "a Kubernetes resource") // the Service: named and left out
	require.Len(t, agent.Warnings, 1)

	require.Equal(t, models.ImportSystem, server.Kind)
	require.Equal(t, models.ImportClean, server.Outcome, server.Warnings)
	require.Equal(t, []models.ImportedRemote{{Transport: "streamable-http", URL: "https://tools.ops.nordlys.eu/mcp"}}, server.System.Remotes)
	require.Equal(t, []models.ImportedSecret{{Name: "Authorization", Required: true, Marked: true}}, server.System.Secrets)
	require.Equal(t, models.AccessUnknown, server.System.Access)
}

func TestKagentReach(t *testing.T) {
	read := func(spec string) models.Imported {
		i := Read("a.yaml", []byte("apiVersion: kagent.dev/v1alpha1\nkind: Agent\nmetadata: {name: a}\nspec:\n  description: d\n  systemMessage: s\n"+spec))
		requireSound(t, i)
		require.Len(t, i, 1)
		require.False(t, i[0].Refused(), i[0].Warnings)
		return i[0]
	}
	require.Equal(t, models.AccessUnknown, read("").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: []\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [{mcpServer: {name: b}}]\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [{mcpServer: {name: b, toolNames: ['*']}}]\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [{other: {name: b}}]\n").Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, read("  tools: [{agent: {name: b}}]\n").Agent.Tools.Access)
	require.Equal(t, []string{"b/c"}, read("  tools: [{mcpServer: {toolServer: b, toolNames: [c]}}]\n").Agent.Tools.Listed)
	requireWarning(t, read("  modelConfig: small\n"), "/spec/modelConfig", "not in the file")
	requireWarning(t, read("  skills: {refs: [a]}\n"), "/spec/skills", "not in this file")
}

func TestAutogenTeamIsRead(t *testing.T) {
	results := readThings(t, "autogen.json")
	require.Len(t, results, 2)
	planner, writer := results[0], results[1]
	require.Equal(t, "gpt-4o", planner.Agent.Model)
	require.Equal(t, []string{"read_diary"}, planner.Agent.Tools.Listed)
	require.Len(t, planner.Agent.Tools.Digests["read_diary"], 64)
	require.Equal(t, []string{"writer", "caller"}, []string{planner.Agent.Delegates[0].Name, planner.Agent.Delegates[1].Name})
	require.Len(t, planner.Agent.PromptDigest, 64)
	requireWarning(t, planner, "/config/participants/0/config/model_client/config/api_key", "secret")
	require.Equal(t, models.FieldIgnored, fieldAt(t, planner, "/config/participants/2/config/name").Status, "a person is no agent")

	require.Equal(t, models.AccessUnknown, writer.Agent.Tools.Access)
	require.Equal(t, "uvx mcp-letters", writer.Seen[0].Name)
	requireWarning(t, writer, "/config/participants/1/config/workbench/0/config/server_params/env/LETTERS_TOKEN", "secret")
	for _, i := range results {
		requireNowhere(t, i, "not-so-secret")
		requireNowhere(t, i, "hunter2")
		requireNowhere(t, i, "def read_diary")
	}
}

func TestFirstAutogenFilesAreRead(t *testing.T) {
	i := Read("team.json", []byte(`{"name":"t","team_type":"RoundRobinGroupChat","participants":[
{"name":"a","agent_type":"AssistantAgent","model_client":{"model":"gpt-4o"},"tools":[]},
{"team_type":"RoundRobinGroupChat","participants":[{"name":"b","agent_type":"MultimodalWebSurfer"}]},
{"name":"c","agent_type":"UserProxyAgent"}]}`))
	requireSound(t, i)
	require.Len(t, i, 2)
	require.Equal(t, models.AccessUnknown, i[0].Agent.Tools.Access)
	require.Equal(t, "gpt-4o", i[0].Agent.Model)
	require.Equal(t, "b", i[1].Name)
	requireWarning(t, i[1], "/participants/1/participants/0", "tools of its own")

	people := Read("team.json", []byte(`{"participants":[{"name":"c","agent_type":"UserProxyAgent"}]}`))
	requireSound(t, people)
	require.True(t, people[0].Refused())
}

func TestFrameworkAgentIsRead(t *testing.T) {
	i := readThing(t, "agent_framework.yaml")
	require.Equal(t, models.ImportWarned, i.Outcome)
	require.Equal(t, "declarative-agent", i.Format)
	require.Equal(t, "TideDesk", i.Name)
	require.Empty(t, i.Agent.Model)
	require.Equal(t, models.FieldPlaceholder, field(t, i, "model").Status)
	require.Equal(t, []string{"look_up", "tables/find_table"}, i.Agent.Tools.Listed)
	require.Len(t, i.Agent.Tools.Digests["look_up"], 64)
	require.Equal(t, "WeatherDesk", i.Agent.Delegates[0].Name)
	require.Equal(t, models.ImportedSeen{Kind: models.ImportSystem, Name: "tables", URL: "https://tables.harbourtools.eu/mcp", How: "may use it as an MCP server", Pointer: "/tools/1"}, i.Seen[0])
	requireWarning(t, i, "/model/connection/apiKey", "secret")
	requireNowhere(t, i, "hunter2")
	requireNowhere(t, i, "from the tables only")
	requireOneFieldEach(t, i)
}

func TestFrameworkTools(t *testing.T) {
	tests := []struct {
		name, tools string
		access      models.ImportAccess
	}{
		{"absent", "", models.AccessUnknown},
		{"empty", "tools: []\n", models.AccessUnknown},
		{"a server without a list", "tools: [{kind: mcp, name: a, url: 'https://a.eu'}]\n", models.AccessUnknown},
		{"code", "tools: [{kind: code_interpreter}]\n", models.AccessUnknown},
		{"an interface", "tools: [{type: openapi, id: a}]\n", models.AccessUnknown},
		{"without a kind", "tools: [{name: a}]\n", models.AccessUnknown},
		{"worked out", "tools: [{kind: function, name: '${A}'}]\n", models.AccessUnknown},
		{"functions", "tools: [{type: function, id: a.b}, {kind: web_search}]\n", models.AccessListed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := Read("a.yaml", []byte("type: chat_completion_agent\nname: a\ndescription: b\ninstructions: c\n"+test.tools))
			requireSound(t, i)
			require.Equal(t, test.access, i[0].Agent.Tools.Access)
		})
	}
}

func TestLanggraphNamesItsAgents(t *testing.T) {
	results := readThings(t, "langgraph.json")
	require.Len(t, results, 2)
	for _, i := range results {
		require.Equal(t, "langgraph", i.Format)
		require.Equal(t, models.ImportWarned, i.Outcome)
		require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
	}
	require.Equal(t, []string{"digest", "archive"}, []string{results[0].Name, results[1].Name})
	require.Equal(t, "Keeps what was read.", results[1].Agent.Description)
	requireWarning(t, results[0], "/env/ARCHIVE_TOKEN", "secret")
	requireNowhere(t, results[0], "hunter2")
}

func TestToolhiveServerIsRead(t *testing.T) {
	i := readThing(t, "toolhive.yaml")
	require.Equal(t, "toolhive", i.Format)
	require.Equal(t, models.ImportSystem, i.Kind)
	s := i.System
	require.Equal(t, "tide-tables", s.Name)
	require.Equal(t, "mcp_server", s.Kind)
	require.Equal(t, "https://git.harbourtools.eu/tide-tables", s.Repository)
	require.Equal(t, []models.ImportedPackage{{Registry: "oci", Identifier: "ghcr.io/harbourtools/tide-tables", Version: "1.4.0", Transport: "stdio"}}, s.Packages)
	require.Equal(t, models.AccessListed, s.Access)
	require.Len(t, s.Operations, 2)
	require.Equal(t, "unknown", s.Operations[0].Access)
	require.Equal(t, []string{".harbourtools.eu"}, s.Network)
	require.Equal(t, []models.ImportedSecret{{Name: "TIDE_API_KEY", Required: true, Marked: true}}, s.Secrets)
	requireWarning(t, i, "/tools/2", "twice")
	require.Len(t, i.Warnings, 1)
}

func TestToolhiveServerThatIsOpen(t *testing.T) {
	i := readThing(t, "toolhive_open.yaml")
	require.Equal(t, models.AccessUnknown, i.System.Access)
	require.Equal(t, []string{"*"}, i.System.Network)
	require.Equal(t, []models.ImportedSecret{{Name: "TIDE_API_KEY", Required: true}}, i.System.Secrets)
	requireWarning(t, i, "/tools", "may do anything")
	requireWarning(t, i, "/image", "no fixed version")
	requireWarning(t, i, "/permissions/network/outbound/insecure_allow_all", "any host")
	requireWarning(t, i, "/env_vars/0/name", "By its name")
}
