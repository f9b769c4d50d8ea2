package importers

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestClaudeSubagentIsRead(t *testing.T) {
	i := readThing(t, "claude.md")
	require.Equal(t, models.ImportWarned, i.Outcome)
	require.Equal(t, "claude-subagent", i.Format)
	require.Equal(t, models.ImportAgent, i.Kind)
	require.Equal(t, "invoice-reader", i.Agent.Name)
	require.Equal(t, "Reads invoices: finds the supplier, the sum, and the day it is due.", i.Agent.Description)
	require.Equal(t, "sonnet", i.Agent.Model)
	require.Equal(t, models.AccessListed, i.Agent.Tools.Access)
	require.Equal(t, []string{"Read", "Grep", "mcp__ledger__find_supplier", "Task(sum-checker)"}, i.Agent.Tools.Listed)
	require.Equal(t, []models.ImportedDelegate{{Name: "sum-checker", Pointer: "/tools"}}, i.Agent.Delegates)
	require.Equal(t, []models.ImportedSeen{
		{Kind: models.ImportSystem, Name: "ledger", How: "may use it as an MCP server", Pointer: "/tools"},
		{Kind: models.ImportAgent, Name: "sum-checker", How: "may hand work to it", Pointer: "/tools"},
	}, i.Seen)
	require.Equal(t, 4, field(t, i, "tools").Line)
	requireWarning(t, i, "/name", "“claude”") // the file's name: the only one
	require.Len(t, i.Warnings, 1)
	requireOneFieldEach(t, i)
	requireNowhere(t, i, "You read invoices")
}

func TestPromptIsDigestedByteForByte(t *testing.T) {
	for _, body := range []string{"\nYou read.\n", "You read.", "\r\n You read.\t\n\n", "---\nYou read.\n"} {
		sum := sha256.Sum256([]byte(body))
		i := readPageText(t, "name: reader\ndescription: Reads.\ntools: Read\n", body)
		require.Equal(t, hex.EncodeToString(sum[:]), i.Agent.PromptDigest)
		require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	}
	i := readPageText(t, "name: reader\ndescription: Reads.\ntools: Read\n", " \n")
	require.Empty(t, i.Agent.PromptDigest)
	requireWarning(t, i, "line 6", "no system prompt")

	i = readPageText(t, "name: reader\ndescription: Reads.\ntools: Read\n", "Use AKIAABCDEFGHIJKLMNOP.\n")
	requireWarning(t, i, "line 6", "secret")
	requireNowhere(t, i, "AKIA")
}

// What the header says of tools is all of them, or they are unknown: never none.
func TestClaudeTools(t *testing.T) {
	tests := []struct {
		name, tools string
		access      models.ImportAccess
		listed      []string
		note        string
	}{
		{"absent", "", models.AccessUnknown, nil, "every tool"},
		{"null", "tools:\n", models.AccessUnknown, nil, "every tool"},
		{"empty text", "tools: \"\"\n", models.AccessUnknown, nil, "empty"},
		{"empty list", "tools: []\n", models.AccessUnknown, nil, "empty"},
		{"star", "tools: \"*\"\n", models.AccessUnknown, nil, "all of them"},
		{"star among others", "tools: [Read, \"*\"]\n", models.AccessUnknown, nil, "names: Read"},
		{"worked out", "tools: \"Read, ${MORE}\"\n", models.AccessUnknown, nil, "only where the agent runs"},
		{"worked out by a tag", "tools: [Read, !Ref More]\n", models.AccessUnknown, nil, "only where the agent runs"},
		{"a whole server", "tools: Read, mcp__ledger\n", models.AccessUnknown, nil, "added later"},
		{"a whole server with a star", "tools: Read, mcp__ledger__*\n", models.AccessUnknown, nil, "added later"},
		{"not a list", "tools: {Read: false}\n", models.AccessUnknown, nil, "has an object"},
		{"not a text in it", "tools: [Read, [Grep]]\n", models.AccessUnknown, nil, "has a list"},
		{"text", "tools: Read,Bash(git log, git diff), Read\n", models.AccessListed, []string{"Read", "Bash(git log, git diff)"}, "lists 2 tools"},
		{"list", "tools:\n  - Read\n  - Grep\n", models.AccessListed, []string{"Read", "Grep"}, "lists 2 tools"},
		{"denied and nothing else", "disallowedTools: Write, Edit\n", models.AccessUnknown, nil, "Some tools are denied"},
		{"denied of a list", "tools: Read, Write\ndisallowedTools: [Write]\n", models.AccessListed, []string{"Read"}, "lists 1 tool."},
		{"all of a list denied", "tools: Write\ndisallowedTools: [Write]\n", models.AccessUnknown, nil, "does not mean that there is none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readPageText(t, "name: reader\ndescription: Reads.\n"+test.tools+"color: red\n", "You read.")
			require.Equal(t, "claude-subagent", i.Format)
			require.Equal(t, test.access, i.Agent.Tools.Access)
			require.Equal(t, test.listed, i.Agent.Tools.Listed)
			require.Contains(t, i.Agent.Tools.Note, test.note)
			if test.access == models.AccessUnknown {
				require.Contains(t, i.Agent.Tools.Note, "may reach anything")
				require.NotEqual(t, models.FieldRead, field(t, i, "tools").Status)
			}
		})
	}
}

func TestClaudeHeaders(t *testing.T) {
	tests := []struct{ name, header, where, message string }{
		{"runs by itself", "permissionMode: bypassPermissions\n", "/permissionMode", "does not ask"},
		{"hooks", "hooks:\n  Stop:\n    - command: ./a.sh\n", "/hooks", "commands that run by themselves"},
		{"skills", "skills: [letters]\n", "/skills", "not in this file"},
		{"any delegate", "tools: Agent\n", "/tools", "to any other agent"},
		{"key twice", "color: red\ncolor: blue\n", "/color", "more than once"},
		{"secret in the header", "metadata:\n  api_key: hunter2\n", "/metadata/api_key", "secret"},
		{"unknown field", "colour: red\n", "/colour", "knows no field"},
		{"misspelt field", "Tools: Read\n", "/Tools", "“tools”"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readPageText(t, "name: reader\ndescription: Reads.\n"+test.header, "You read.")
			require.Equal(t, "claude-subagent", i.Format)
			requireWarning(t, i, test.where, test.message)
			requireNowhere(t, i, "hunter2")
		})
	}
}

func TestClaudeSeesItsServers(t *testing.T) {
	i := readPageText(t, "name: reader\ndescription: Reads.\ntools: Read\nmcpServers:\n  - ledger\n  - mail:\n      type: http\n      url: https://mail.nordlys.eu/mcp\n      headers: {X-Api-Key: hunter2hunter2}\n", "You read.")
	require.Equal(t, []models.ImportedSeen{
		{Kind: models.ImportSystem, Name: "ledger", How: "may use it as an MCP server", Pointer: "/mcpServers/0"},
		{Kind: models.ImportSystem, Name: "mail", URL: "https://mail.nordlys.eu/mcp", How: "sets it up as an MCP server, and may use all its tools", Pointer: "/mcpServers/1/mail"},
	}, i.Seen)
	requireWarning(t, i, "/mcpServers/1/mail/headers/X-Api-Key", "secret")
	requireNowhere(t, i, "hunter2")
}

// A header that YAML refuses is read line by line, as the programs do for which it was written.
func TestBrokenHeaderIsForgivenWithAWarning(t *testing.T) {
	i := readThing(t, "claude_broken.md")
	require.Equal(t, models.ImportWarned, i.Outcome)
	require.Equal(t, "rota-keeper", i.Agent.Name)
	require.Equal(t, `Use for the rota. Triggers on: 'rota', 'shift', "swap" and [leave`, i.Agent.Description)
	require.Equal(t, []string{"Read", "Grep"}, i.Agent.Tools.Listed)
	require.Empty(t, i.Agent.Model)
	require.Equal(t, models.FieldMissing, field(t, i, "model").Status)
	require.Equal(t, 3, field(t, i, "description").Line)
	require.Equal(t, 5, field(t, i, "tools").Line)
	requireWarning(t, i, "line 3", "not valid YAML")
	require.NotEmpty(t, i.Agent.PromptDigest)

	refused := Read("a.md", []byte("---\nname: a\ndescription: b: c\nno field here\n---\nYou read."))
	requireSound(t, refused)
	require.True(t, refused[0].Refused(), "a line that is no field may mean anything")
}

func TestNameThatIsNotTheFilesAsksToConfirm(t *testing.T) {
	const page = "---\nname: reader\ndescription: Reads.\ntools: Read\n---\nYou read."
	for name, matches := range map[string]bool{
		"reader.md": true, ".claude/agents/reader.md": true, `C:\agents\reader.md`: true, "acme__tools__reader.md": true,
		"writer.md": false, "proofreader.md": false, "pasted text": true, "-": true,
	} {
		i := Read(name, []byte(page))[0]
		require.Equal(t, matches, i.Outcome == models.ImportClean, "%s: %v", name, i.Warnings)
	}
}

func TestCopilotAgentIsRead(t *testing.T) {
	i := readThing(t, "copilot.agent.md")
	require.Equal(t, models.ImportWarned, i.Outcome)
	require.Equal(t, "copilot-agent", i.Format)
	require.Equal(t, "Parcel Watch", i.Agent.Name)
	require.Equal(t, "GPT-5, Claude Sonnet 4.5 (copilot)", i.Agent.Model)
	requireWarning(t, i, "/model", "several models")
	require.Equal(t, []string{"read", "edit/editFiles", "parcels/find_parcel", "parcels/list_parcels", "agent"}, i.Agent.Tools.Listed, "the server's own list says which tools * is")
	require.Equal(t, []models.ImportedDelegate{{Name: "label-printer", Pointer: "/agents/0"}, {Name: "route-planner", Pointer: "/handoffs/0/agent"}}, i.Agent.Delegates)
	require.Equal(t, []models.ImportedSeen{
		{Kind: models.ImportSystem, Name: "parcels", URL: "https://mcp.harbourtools.eu/parcels", How: "sets it up as an MCP server, and may use 2 tools of it", Pointer: "/mcp-servers/parcels"},
		{Kind: models.ImportAgent, Name: "label-printer", How: "may hand work to it", Pointer: "/agents/0"},
		{Kind: models.ImportAgent, Name: "route-planner", How: "hands its work over to it by itself", Pointer: "/handoffs/0/agent"},
	}, i.Seen)
	requireWarning(t, i, "/mcp-servers/parcels/headers/Authorization", "secret")
	requireNowhere(t, i, "hunter2")
	requireOneFieldEach(t, i)
}

func TestCopilotTools(t *testing.T) {
	tests := []struct {
		name, header, note string
		access             models.ImportAccess
	}{
		{"absent", "", "every tool", models.AccessUnknown},
		{"star", "tools: ['*']\n", "all of them", models.AccessUnknown},
		{"empty", "tools: []\n", "empty", models.AccessUnknown},
		{"a whole server", "tools: ['read', 'azure/*']\n", "added later", models.AccessUnknown},
		{"a whole server that is set up without a list", "tools: ['read', 'b/*']\nmcp-servers: {b: {type: http, url: 'https://b.eu', tools: ['*']}}\n", "added later", models.AccessUnknown},
		{"sets of the editor", "tools: ['read', 'execute/runInTerminal']\n", "lists 2 tools", models.AccessListed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readPageText(t, "name: Parcel Watch\ndescription: Looks.\n"+test.header, "Look.")
			require.Equal(t, "copilot-agent", i.Format)
			require.Equal(t, test.access, i.Agent.Tools.Access)
			require.Contains(t, i.Agent.Tools.Note, test.note)
		})
	}
}

func TestCopilotAgentWithoutANameIsCalledLikeItsFile(t *testing.T) {
	const page = "---\ndescription: Looks.\ntools: ['read']\n---\nLook."
	i := Read("agents/parcel-watch.agent.md", []byte(page))[0]
	require.Equal(t, "parcel-watch", i.Name)
	require.Equal(t, models.FieldDefaulted, field(t, i, "name").Status)
	i = Read("pasted text", []byte(page))[0]
	require.True(t, i.Refused())
	require.Equal(t, "/name", i.Warnings[0].Where)
}

// Pages of others, and streams of YAML that begin like a page.
func TestWhatIsNoAgentsPage(t *testing.T) {
	for _, header := range []string{"applyTo: '**'\ndescription: Rules.\n", "title: News\nlayout: post\ndate: 2024-01-01\n", "name: a\ndescription: b\nallowed-tools: Read\n", "title: a\ntopic: b\n"} {
		i := Read("a.md", []byte("---\n"+header+"---\nText."))[0]
		require.True(t, i.Refused(), header)
		require.Contains(t, i.Warnings[0].Message, "Markdown page")
	}
	stream := Read("a.yaml", []byte("---\nbuyer: {role: Buyer, goal: Buys., backstory: b}\n---\nclerk: {role: Clerk, goal: Files., backstory: b}\n"))
	require.Len(t, stream, 2)
	require.Equal(t, "clerk", stream[1].Name)
}

// readPageText reads a page with that header and text.
func readPageText(t *testing.T, header, body string) models.Imported {
	t.Helper()
	results := Read("reader.md", []byte("---\n"+header+"---\n"+body))
	requireSound(t, results)
	require.Len(t, results, 1)
	require.False(t, results[0].Refused(), results[0].Warnings)
	return results[0]
}

// readThing reads a fixture that holds one thing.
func readThing(t *testing.T, name string) models.Imported {
	t.Helper()
	results := readThings(t, name)
	require.Len(t, results, 1)
	return results[0]
}

// readThings reads a fixture, twice, and by itself.
func readThings(t *testing.T, name string) []models.Imported {
	t.Helper()
	f := fixture(t, name)
	results := Read(f.Name, f.Data)
	requireSound(t, results)
	require.Equal(t, results, Read(f.Name, f.Data))
	require.True(t, strings.HasSuffix(results[0].File, name))
	return results
}
