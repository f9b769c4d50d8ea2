package importers

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzReading is the body of every fuzz target: whatever the bytes, alone or beside the file
// they may belong to, reading ends with something that may be shown, and ends the same twice.
// fixtures are files in testdata, seeds are contents.
func fuzzReading(f *testing.F, fixtures []string, seeds ...string) {
	f.Helper()
	for _, name := range fixtures {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		f.Add(name, data)
	}
	for _, data := range seeds {
		f.Add("file.json", []byte(data))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		results := Read(name, data)
		requireSound(t, results)
		require.Equal(t, results, Read(name, data))
		requireSound(t, ReadAll([]File{{Name: name, Data: data}, {Name: "plugin.json", Data: []byte(deskPlugin)}, {Name: name, Data: data}}))
	})
}

func FuzzRead(f *testing.F) {
	fuzzReading(f, []string{"card_0_3.json", "card_1_0.json", "card_careless.json", "card_template.json"},
		"", "\ufeff", "null", "[]", `{"name":1e999999}`, `{"\u0000":"\ud800"}`, "\xff", soundCard,
		strings.Repeat("[", 100), `{"a":{"a":`+soundCard+`}}`,
		`{"name":"a","skills":[{"security":[{"schemes":[]}]}],"url":"//","defaultInputModes":[0]}`,
		`{"name":"${A}","supportedInterfaces":[{"url":"http://[::1]%zz"}],"securitySchemes":{"\u202e":{"type":"oauth2","flows":{"password":{"scopes":{"~/":1}}}}}}`)
}

func FuzzServerManifest(f *testing.F) {
	fuzzReading(f, []string{"mcp_server_old.json", "mcp_server_new.json"},
		`[{"name":"a","packages":[{}]},{"name":""},7]`, `{"servers":[{"server":{"name":"a","remotes":[{"headers":{"a":{"isSecret":1}}}]},"_meta":{"x/official":{"status":"deleted"}}}],"metadata":{"next_cursor":3}}`,
		`{"name":"a","version_detail":{"version":null},"version":"<<V>>","repository":{"url":"https://github.com//"},"packages":[{"registry_name":"docker","name":"@:","version":"{x}"}]}`,
		`{"name":"io.github.a/b","repository":{"url":"https://%zz"},"remotes":[{"type":7}],"_meta":{"a":{"b":{"tools":["*",1,""],"permissions":{"network":{"outbound":{"allow_host":["${A}"]}}}}}}}`)
}

func FuzzToolList(f *testing.F) {
	fuzzReading(f, nil,
		`{"tools":[{"name":"a","inputSchema":{},"annotations":{"destructiveHint":"x"}}],"nextCursor":1}`, `{"jsonrpc":"2.0","result":{"tools":[]}}`,
		`{"name":"a","title":7,"description":"TODO. Do it.","inputSchema":{}}`, gatewayServer, `{"server_name":"a","tool_list":[{"name":"b","parsed_description":7}],"num_tools":null}`)
}

func FuzzClientConfiguration(f *testing.F) {
	fuzzReading(f, nil,
		`{"mcpServers":{"a":{"command":"npx","args":["-p","--api-key","x",7]},"${B}":{"command":"mcp-remote","args":["https://a.eu"]},"":[]}}`,
		`{"servers":{"a":{"url":"${input:a}","env":{"KEY":7},"headers":{"Authorization":"Bearer x"}}},"inputs":[{"id":"a","password":true},3]}`,
		`{"mcp":{"servers":{"a":{"command":{"path":"docker","args":["run","-e"]},"args":["a:b@c"]}}},"projects":{"x":{"mcpServers":{"y":null}}}}`)
}

func FuzzBedrock(f *testing.F) {
	fuzzReading(f, []string{"bedrock_template.yaml"},
		`{"agentName":"a","agentModelId":{},"func_x_name":"b","func_x_description":"c","collaborators":[{"agent":"${A}"}]}`,
		`{"code":"a:","definition":[{"name":"x","parameters":{}},7]}`, ledgerAPI,
		`{"Resources":{"A":{"Type":"AWS::Bedrock::Agent","Properties":{"AgentName":{"Fn::Sub":["${A}",{}]},"ActionGroups":{"Ref":"B"},"KnowledgeBases":[{"KnowledgeBaseId":{"Ref":"A"}}]}}}}`)
}

func FuzzDeclarativeAgent(f *testing.F) {
	fuzzReading(f, nil, declarative, deskPlugin, strings.Replace(declarative, "desk-plugin", "plugin", 1),
		`{"name":"a","instructions":"$[file('a')]","capabilities":[{"name":"Email","shared_mailbox":7},7],"actions":[{"file":"$[file('plugin.json')]"}],"worker_agents":[{"id":"x"}]}`)
}

func FuzzSlackManifest(f *testing.F) {
	fuzzReading(f, nil, slackApp, `{"manifest":{"display_information":{"name":"a"},"settings":{"a_url":"javascript:1","b":[{"url":"${U}"}]},"oauth_config":{"scopes":{"bot":[7,"*",""]}}}}`)
}
