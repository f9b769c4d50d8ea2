package importers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

const (
	declarative = `{"$schema":"https://developer.microsoft.com/json-schemas/copilot/declarative-agent/v1.4/schema.json","version":"v1.4","name":"Desk","description":"Helps.","instructions":"You help.",
"conversation_starters":[{"title":"Help","text":"My key is lost"},{"title":"Help","text":"My desk is gone"},{"text":"Where is Bo? Today."}],
"capabilities":[{"name":"GraphConnectors","connections":[{"connection_id":"Books"}]},{"name":"CodeInterpreter"}],
"actions":[{"id":"a","file":"desk-plugin.json"}]}`
	deskPlugin = `{"$schema":"https://developer.microsoft.com/json-schemas/copilot/plugin/v2.1/schema.json","schema_version":"v2.1","name_for_human":"Desk tickets","description_for_human":"Keeps tickets.",
"functions":[{"name":"open","description":"Opens a ticket."},{"name":"read","description":"Reads one.","capabilities":{"confirmation":{"type":"AdaptiveCard"},"security_info":{"data_handling":["GetPrivateData","ResourceStateUpdate"]}}}],
"runtimes":[{"type":"OpenApi","auth":{"type":"OAuthPluginVault","reference_id":"desk-sign-in"},"spec":{"url":"https://desk.nordlys.eu/api.yaml"},"run_for_functions":["open","read"]},
{"type":"OpenApi","auth":{"type":"None"},"spec":{"url":"files/openapi.yaml"}}]}`
)

func TestDeclarativeAgentAndItsPluginAreJoined(t *testing.T) {
	alone := readOne(t, declarative)
	require.Equal(t, "m365-agent", alone.Format)
	require.Equal(t, models.AccessUnknown, alone.Agent.Tools.Access)
	requireWarning(t, alone, "/actions/0/file", "Import both files together")
	require.Equal(t, sha("You help."), alone.Agent.PromptDigest)
	require.Equal(t, []models.ImportedSkill{
		{Name: "Help", Examples: []string{"My key is lost", "My desk is gone"}},
		{Name: "Where is Bo", Examples: []string{"Where is Bo? Today."}},
	}, alone.Agent.Skills)

	for _, ref := range []string{`"desk-plugin.json"`, `"$[file('desk-plugin.json')]"`, `"./desk-plugin.json"`} {
		together := ReadAll([]File{
			{Name: "desk/agent.json", Data: []byte(strings.Replace(declarative, `"desk-plugin.json"`, ref, 1))},
			{Name: "desk/desk-plugin.json", Data: []byte(deskPlugin)},
		})
		requireSound(t, together)
		require.Len(t, together, 2)
		require.Equal(t, models.ImportClean, together[0].Outcome, together[0].Warnings)
		require.Equal(t, models.AccessListed, together[0].Agent.Tools.Access)
		require.Equal(t, []string{"GraphConnectors: Books", "CodeInterpreter", "open", "read"}, together[0].Agent.Tools.Listed)
		require.Equal(t, sha("Opens a ticket."), together[0].Agent.Tools.Digests["open"])
		require.Equal(t, []string{"Books", "Desk tickets"}, seen(together[0]))
	}
	silent := ReadAll([]File{{Name: "agent.json", Data: []byte(strings.Replace(declarative, `"capabilities"`, `"$comment"`, 1))}, {Name: "desk-plugin.json", Data: []byte(deskPlugin)}})
	require.Equal(t, models.AccessUnknown, silent[0].Agent.Tools.Access, "capabilities that are absent are not none")
	apart := ReadAll([]File{{Name: "desk/agent.json", Data: []byte(declarative)}, {Name: "other/desk-plugin.json", Data: []byte(deskPlugin)}})
	require.Equal(t, models.AccessUnknown, apart[0].Agent.Tools.Access)
	open := ReadAll([]File{{Name: "agent.json", Data: []byte(declarative)}, {Name: "desk-plugin.json", Data: []byte(strings.Replace(deskPlugin, `["open","read"]`, `["*"]`, 1))}})
	require.Equal(t, models.AccessUnknown, open[0].Agent.Tools.Access)
	require.Equal(t, models.AccessUnknown, open[1].System.Access)
}

// A capability without limits reaches everything, and so does what is absent or not known.
func TestUnlimitedCapabilitiesMeanAll(t *testing.T) {
	const sound = `{"name":"Desk","description":"Helps.","instructions":"You help.","capabilities":[%s]}`
	tests := []struct {
		name, capability string
		listed           []string
	}{
		{"web", `{"name":"WebSearch"}`, nil},
		{"web with sites", `{"name":"WebSearch","sites":[{"url":"https://nordlys.eu"}]}`, []string{"WebSearch: https://nordlys.eu"}},
		{"files", `{"name":"OneDriveAndSharePoint"}`, nil},
		{"files with empty lists", `{"name":"OneDriveAndSharePoint","items_by_url":[],"items_by_sharepoint_ids":[]}`, nil},
		{"files in one place", `{"name":"OneDriveAndSharePoint","items_by_sharepoint_ids":[],"items_by_url":[{"url":"https://a.nordlys.eu/b"}]}`, []string{"OneDriveAndSharePoint: https://a.nordlys.eu/b"}},
		{"a gap for a place", `{"name":"GraphConnectors","connections":[{"connection_id":"${{CONNECTION}}"}]}`, nil},
		{"people", `{"name":"People"}`, nil},
		{"unknown", `{"name":"Telepathy","minds":["a"]}`, nil},
		{"no name", `{"sites":[]}`, nil},
		{"pictures", `{"name":"GraphicArt"}`, []string{"GraphicArt"}},
		{"mail of one box", `{"name":"Email","shared_mailbox":"desk@nordlys.eu"}`, []string{"Email: desk@nordlys.eu"}},
		{"one of two open", `{"name":"GraphicArt"},{"name":"TeamsMessages"}`, nil},
		{"none", ``, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readOne(t, strings.Replace(sound, "%s", test.capability, 1))
			if test.listed != nil {
				require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
				require.Equal(t, models.AccessListed, i.Agent.Tools.Access)
				require.Equal(t, test.listed, i.Agent.Tools.Listed)
				return
			}
			require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
			require.Empty(t, i.Agent.Tools.Listed)
		})
	}
	i := readOne(t, `{"name":"Desk","description":"Helps.","instructions":"$[file('instruction.txt')]","conversation_starters":[]}`)
	require.Equal(t, models.AccessUnknown, i.Agent.Tools.Access)
	require.Empty(t, i.Agent.PromptDigest)
	requireWarning(t, i, "/instructions", "“instruction.txt”")
}

func TestPluginIsASystem(t *testing.T) {
	i := readOne(t, deskPlugin)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "m365-plugin", i.Format)
	require.Equal(t, "Desk tickets", i.System.Name)
	require.Equal(t, models.AccessListed, i.System.Access)
	require.Equal(t, []models.ImportedRemote{{URL: "https://desk.nordlys.eu/api.yaml"}}, i.System.Remotes)
	require.Equal(t, []models.ImportedSecret{{Name: "desk-sign-in", Required: true, Marked: true}}, i.System.Secrets)
	require.Equal(t, []string{"sensitive-records"}, i.System.Operations[1].Effects)
	require.Contains(t, i.System.Operations[1].Why, "is asked before")

	i = readOne(t, strings.Replace(deskPlugin, "desk-sign-in", "${{SIGN_IN}}", 1))
	requireWarning(t, i, "/runtimes/0/auth/reference_id", "placeholder")
	require.Equal(t, "OAuthPluginVault", i.System.Secrets[0].Name)
	i = readOne(t, `{"name_for_human":"A","description_for_human":"B","functions":[]}`)
	require.Equal(t, models.AccessUnknown, i.System.Access)
}
