package importers

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Any sound file in which values are swapped for others still ends with sound results, alone
// and beside the plug-in that it may name.
func TestAnyChangeToAFileEndsSoundly(t *testing.T) {
	samples := []string{
		ledgerAPI, gatewayServer, declarative, deskPlugin,
		`{"tools":[{"name":"a","title":"A","description":"B.","inputSchema":{},"annotations":{"readOnlyHint":true,"destructiveHint":true,"openWorldHint":true}}],"nextCursor":"x"}`,
		`{"inputs":[{"id":"a","password":true}],"servers":{"a":{"command":"npx","args":["-y","x@1","--api-key","y","-e","K_TOKEN=z"],"env":{"A_KEY":"b"},"headers":{"Authorization":"c"},"tools":["d"],"type":"stdio"},"e":{"url":"https://e.eu","type":"http"}}}`,
		`{"agentName":"a","agentInstruction":"b","agentModelId":"c","agent_functions":[{"name":"d","description":"e","requireConfirmation":"ENABLED"}],"collaborators":[{"agent":"f"}],"knowledgeBaseName":"g"}`,
		`{"Resources":{"A":{"Type":"AWS::Bedrock::Agent","Properties":{"AgentName":"a","FoundationModel":{"Ref":"M"},"Instruction":"b","AgentResourceRoleArn":{"Fn::GetAtt":["R","Arn"]},"ActionGroups":[{"ActionGroupName":"g","ActionGroupExecutor":{"Lambda":"arn:x:f"},"ApiSchema":{"Payload":"{\"paths\":{\"/a\":{\"get\":{\"operationId\":\"o\"}}}}"}},{"FunctionSchema":{"Functions":[{"Name":"f","Description":"d","RequireConfirmation":"ENABLED"}]}}],"KnowledgeBases":[{"KnowledgeBaseId":"k"}],"AgentCollaborators":[{"CollaboratorName":"c"}]}},"R":{"Properties":{"ManagedPolicyArns":["x/FullAccess"]}}}}`,
		`{"code":"a.py","definition":[{"name":"b","description":"c","parameters":{}}]}`,
		`{"display_information":{"name":"a","description":"b"},"features":{"slash_commands":[{"command":"/c","url":"https://d.eu","description":"e"}],"assistant_view":{"suggested_prompts":[{"title":"f","message":"g"}]}},"oauth_config":{"scopes":{"bot":["h"],"user":["i"]}},"settings":{"event_subscriptions":{"bot_events":["j"],"request_url":"https://k.eu"}},"functions":{"l":{"title":"m"}},"outgoing_domains":["n.eu"]}`,
		`{"servers":[{"server":{"name":"io.github.a/b","packages":[{"registryType":"oci","identifier":"a/b:1"}]},"_meta":{"x/official":{"status":"active"},"y":{"z":{"tools":["t"],"permissions":{"network":{"outbound":{"allow_host":["a.eu"]}}}}}}}],"metadata":{"nextCursor":"n"}}`,
	}
	for _, name := range []string{"mcp_server_old.json", "mcp_server_new.json"} {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		samples = append(samples, string(data))
	}
	var files []any
	for _, sample := range samples {
		var file any
		require.NoError(t, json.Unmarshal([]byte(sample), &file))
		files = append(files, file)
	}
	strange := rapid.SampledFrom([]any{
		nil, true, 7, -1.5e300, "", " ", "*", "${X}", "<<x>>", "{x}", "TODO", "<url>", "javascript:alert(1)", "http://localhost", "//", "http://[", "=Env.X",
		"a\u202eb", "\x00", "\ufffe", "AKIAABCDEFGHIJKLMNOP", "https://u:pass@host.eu?token=abcdefgh", "-e", "--token", "--token=abc", "TOKEN_X=abc", "x@", "@", ":", "a==",
		strings.Repeat("ü", 5_000), strings.Repeat("{{", 5_000), "{\"paths\":{\"/${A}\":{\"get\":{}}}}", "$[file('plugin.json')]", "plugin.json",
		[]any{}, []any{nil}, []any{"a", 1, []any{}}, map[string]any{}, map[string]any{"": nil}, map[string]any{"Ref": "R"}, map[string]any{"Fn::Sub": []any{"${A}", 1}},
		map[string]any{"name": "x", "AKIAABCDEFGHIJKLMNOP": map[string]any{"isSecret": true, "value": "x"}, "${Y}": map[string]any{"title": "t"}},
	})
	rapid.Check(t, func(rt *rapid.T) {
		data, err := json.Marshal(change(rt, rapid.SampledFrom(files).Draw(rt, "file"), strange))
		require.NoError(t, err)
		rt.Logf("%s", data)
		name := rapid.SampledFrom([]string{"a.json", "${A}.json", "", "AKIAZZZZZZZZZZZZZZZZ"}).Draw(rt, "name")
		results := ReadAll([]File{{Name: name, Data: data}, {Name: "plugin.json", Data: []byte(deskPlugin)}})
		requireSound(t, results)
		for _, i := range results {
			requireNowhere(t, i, "AKIAABCDEFGHIJKLMNOP")
		}
	})
}
