package importers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestClientConfiguration(t *testing.T) {
	const config = `{"inputs":[{"type":"promptString","id":"pass","password":true}],
"servers":{
 "ledger":{"command":"npx","args":["-y","@nordlys/ledger-mcp@2.1.0","--api-key","t0psecret","--region","eu"],"env":{"LEDGER_TOKEN":"t0psecret","REGION":"eu"}},
 "rota":{"type":"http","url":"https://rota.nordlys.eu/mcp","headers":{"Authorization":"Bearer ${input:pass}","X-Area":"north"}},
 "post":{"type":"stdio","command":"docker","args":["run","-i","--rm","-e","POST_TOKEN","-e","POST_PASSWORD=t0psecret","ghcr.io/nordlys/post:3.2"],"tools":["send","*"],"autoApprove":["send"]},
 "here":{"command":"${workspaceFolder}/serve"},
 "away":{"command":"npx","args":["mcp-remote@0.1.0","https://away.nordlys.eu/sse","--header","Authorization: Bearer t0psecret"]},
 "odd":7}}`
	results := Read("mcp.json", []byte(config))
	requireSound(t, results)
	require.Len(t, results, 6)
	for _, i := range results {
		require.Equal(t, "mcp-client", i.Format)
		require.False(t, i.Refused(), i.Warnings)
		require.Equal(t, models.AccessUnknown, i.System.Access)
		requireNowhere(t, i, "t0psecret")
	}
	ledger, rota, post, here, away, odd := results[0], results[1], results[2], results[3], results[4], results[5]

	require.Equal(t, []models.ImportedPackage{{Registry: "npm", Identifier: "@nordlys/ledger-mcp", Version: "2.1.0", Transport: "stdio"}}, ledger.System.Packages)
	require.Equal(t, []models.ImportedSecret{{Name: "LEDGER_TOKEN", Required: true}, {Name: "api-key", Required: true}}, ledger.System.Secrets)
	requireWarning(t, ledger, "/servers/ledger/env/LEDGER_TOKEN", "not kept")
	requireWarning(t, ledger, "/servers/ledger/args/3", "not kept")
	require.Len(t, ledger.Warnings, 2)

	require.Equal(t, models.ImportClean, rota.Outcome, rota.Warnings)
	require.Equal(t, []models.ImportedRemote{{Transport: "streamable-http", URL: "https://rota.nordlys.eu/mcp"}}, rota.System.Remotes)
	require.Equal(t, []models.ImportedSecret{{Name: "Authorization", Required: true, Marked: true}}, rota.System.Secrets)
	require.Equal(t, []models.ImportedSeen{{Kind: models.ImportSystem, Name: "rota", URL: "https://rota.nordlys.eu/mcp", How: rota.Seen[0].How, Pointer: "/servers/rota"}}, rota.Seen)

	require.Equal(t, []models.ImportedPackage{{Registry: "oci", Identifier: "ghcr.io/nordlys/post", Version: "3.2", Transport: "stdio"}}, post.System.Packages)
	require.Equal(t, []models.ImportedSecret{{Name: "POST_TOKEN", Required: true}, {Name: "POST_PASSWORD", Required: true}}, post.System.Secrets)
	require.Len(t, post.System.Operations, 1)
	requireWarning(t, post, "/servers/post/tools/1", "every operation")
	requireWarning(t, post, "/servers/post/autoApprove", "without anybody being asked")

	require.Empty(t, here.System.Packages[0].Identifier)
	requireWarning(t, here, "/servers/here/command", "placeholder")
	require.Equal(t, []models.ImportedRemote{{URL: "https://away.nordlys.eu/sse"}}, away.System.Remotes)
	require.Len(t, away.Seen, 2)
	requireWarning(t, odd, "/servers/odd", "should be an object")
}

func TestClientConfigurationsOfOtherPrograms(t *testing.T) {
	const server = `{"a":{"url":"https://a.nordlys.eu/mcp"}}`
	for _, data := range []string{
		`{"mcpServers":` + server + `}`, `{"mcp":{"servers":` + server + `}}`, `{"context_servers":` + server + `}`,
		`{"projects":{"/home/a":{"mcpServers":` + server + `}}}`, "mcpServers:\n  a:\n    url: https://a.nordlys.eu/mcp\n",
	} {
		i := readOne(t, data)
		require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
		require.Equal(t, "a", i.Name)
	}
	require.Equal(t, "unknown", readOne(t, `{"servers":{"a":{"port":80}}}`).Format)
	require.True(t, readOne(t, `{"mcpServers":{}}`).Refused())
	require.True(t, readOne(t, `{"mcpServers":{"${NAME}":{"url":"https://a.nordlys.eu"}}}`).Refused())
}

func TestUnfixedVersionsInAConfigurationAreWarnedOf(t *testing.T) {
	for _, args := range []string{`"npx","args":["-y","x"]`, `"npx","args":["x@latest"]`, `"uvx","args":["--from","x","serve"]`, `"docker","args":["run","x"]`, `"cmd","args":["/c","npx","x"]`} {
		i := readOne(t, `{"mcpServers":{"a":{"command":`+args+`}}}`)
		requireWarning(t, i, "/mcpServers/a/command", "whatever is newest")
	}
}

func TestSecretAmongTheArgumentsIsNoProgram(t *testing.T) {
	i := readOne(t, `{"mcpServers":{"a":{"command":"npx","args":["--token","t0psecret","x@1.0.0"]}}}`)
	require.Equal(t, []models.ImportedPackage{{Registry: "npm", Identifier: "x", Version: "1.0.0", Transport: "stdio"}}, i.System.Packages)
	require.Equal(t, []models.ImportedSecret{{Name: "token", Required: true}}, i.System.Secrets)
	requireNowhere(t, i, "t0psecret")
}
