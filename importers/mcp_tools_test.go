package importers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestToolListInAnyWrappingGivesTheSameOperations(t *testing.T) {
	const tools = `{"tools":[{"name":"post_entry","title":"Post an entry","description":"Posts one. Cannot be taken back.","inputSchema":{"type":"object"}},
{"name":"find_entry","description":"Finds an entry. By number.","inputSchema":{"type":"object"}}]}`
	for _, data := range []string{tools, `{"jsonrpc":"2.0","id":1,"result":` + tools + `}`} {
		i := Read("lists/ledger.json", []byte(data))[0]
		requireSound(t, []models.Imported{i})
		require.Equal(t, "mcp-tools", i.Format)
		require.Equal(t, "ledger", i.Name)
		requireWarning(t, i, "line 1", "file's name was taken")
		require.Equal(t, models.AccessListed, i.System.Access)
		require.Equal(t, []models.ImportedOperation{
			{Name: "post_entry", Title: "Post an entry", DescriptionDigest: sha("Posts one. Cannot be taken back."), Access: "unknown", Why: i.System.Operations[0].Why},
			{Name: "find_entry", Title: "Finds an entry", DescriptionDigest: sha("Finds an entry. By number."), Access: "unknown", Why: i.System.Operations[1].Why},
		}, i.System.Operations)
	}
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// What a server says of its own tools can raise what they count as, and never lower it.
func TestHintsOnlyEverRaise(t *testing.T) {
	tests := []struct {
		name, hints string
		effects     []string
		why         string
	}{
		{"nothing", `{}`, nil, "counts as the highest"},
		{"no object", `7`, nil, "counts as the highest"},
		{"read-only", `{"readOnlyHint":true}`, nil, "nobody has checked"},
		{"read-only and harmless", `{"readOnlyHint":true,"destructiveHint":false,"idempotentHint":true,"openWorldHint":false}`, nil, "nobody has checked"},
		{"harmless", `{"destructiveHint":false}`, nil, "nobody has checked"},
		{"destroys", `{"destructiveHint":true}`, []string{"irreversible"}, "destructiveHint"},
		{"destroys and reads only", `{"readOnlyHint":true,"destructiveHint":true}`, []string{"irreversible"}, "destructiveHint"},
		{"changes, and nothing more is said", `{"readOnlyHint":false}`, []string{"irreversible"}, "by the standard"},
		{"changes and destroys nothing", `{"readOnlyHint":false,"destructiveHint":false}`, nil, "counts as the highest"},
		{"unclear", `{"destructiveHint":"maybe"}`, []string{"irreversible"}, "destructiveHint"},
		{"unclear read-only", `{"readOnlyHint":"maybe","destructiveHint":false}`, nil, "counts as the highest"},
		{"open world", `{"openWorldHint":true}`, nil, "beyond the system"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readOne(t, fmt.Sprintf(`{"tools":[{"name":"x","inputSchema":{},"annotations":%s}]}`, test.hints))
			op := i.System.Operations[0]
			require.Equal(t, "unknown", op.Access)
			require.Equal(t, test.effects, op.Effects)
			require.Contains(t, op.Why, test.why)
		})
	}
}

func TestToolListThatIsNotWholeIsUnknown(t *testing.T) {
	const tool = `{"name":"x","inputSchema":{}}`
	for name, test := range map[string]struct{ data, where, message string }{
		"a page of it":  {`{"tools":[` + tool + `],"nextCursor":"p2"}`, "/nextCursor", "more tools"},
		"empty":         {`{"tools":[]}`, "/tools", "empty"},
		"a single tool": {tool, "line 1", "one tool"},
	} {
		t.Run(name, func(t *testing.T) {
			i := readOne(t, test.data)
			require.Equal(t, models.AccessUnknown, i.System.Access)
			requireWarning(t, i, test.where, test.message)
		})
	}
	i := readOne(t, `{"tools":[`+tool+`],"nextCursor":""}`)
	require.Equal(t, models.AccessListed, i.System.Access)
}

func TestToolsAreListedOnceEach(t *testing.T) {
	i := readOne(t, `{"tools":[{"name":"x","inputSchema":{}},{"name":"x","inputSchema":{}},{"inputSchema":{}},7,{"name":"a\u202eb","inputSchema":{}}]}`)
	require.Len(t, i.System.Operations, 2)
	require.Equal(t, "ab", i.System.Operations[1].Name)
	requireWarning(t, i, "/tools/1", "twice")
	requireWarning(t, i, "/tools/2", "no name")
	requireWarning(t, i, "/tools/3", "object")
	requireWarning(t, i, "/tools/4/name", "U+202E")
}

func TestSystemNamedAfterItsFile(t *testing.T) {
	const list = `{"tools":[{"name":"x","inputSchema":{}}]}`
	for file, name := range map[string]string{
		`c:\lists\ledger.tools.json`: "ledger.tools", ".json": ".json", "": "Unnamed system", "${NAME}.json": "Unnamed system",
		"AKIAABCDEFGHIJKLMNOP.json": "Unnamed system", strings.Repeat("n", 300): strings.Repeat("n", 199) + "…",
	} {
		results := Read(file, []byte(list))
		requireSound(t, results)
		require.Equal(t, name, results[0].Name)
	}
}

const gatewayServer = `{"server_name":"Ledger","description":"Reads entries.","path":"/ledger","proxy_pass_url":"https://ledger.nordlys.eu/","num_tools":1,"tags":[],"license":"MIT",
"tool_list":[{"name":"find","parsed_description":{"main":"Finds an entry.","args":"number","returns":"str"},"schema":{"properties":{}}}]}`

func TestGatewayServer(t *testing.T) {
	i := readOne(t, gatewayServer)
	require.Equal(t, models.ImportClean, i.Outcome, i.Warnings)
	require.Equal(t, "mcp-gateway", i.Format)
	require.Equal(t, "Ledger", i.System.Name)
	require.Equal(t, models.AccessListed, i.System.Access)
	require.Equal(t, []models.ImportedRemote{{URL: "https://ledger.nordlys.eu/"}}, i.System.Remotes)
	require.Equal(t, []models.ImportedOperation{{Name: "find", Title: "Finds an entry", DescriptionDigest: sha("Finds an entry.\nnumber\nstr"), Access: "unknown", Why: i.System.Operations[0].Why}}, i.System.Operations)

	for name, test := range map[string]struct{ from, to, where string }{
		"wrong count":   {`"num_tools":1`, `"num_tools":3`, "/num_tools"},
		"count as text": {`"num_tools":1`, `"num_tools":"one"`, "/num_tools"},
		"no list":       {`"tool_list"`, `"tool_lists"`, "/tool_list"},
	} {
		t.Run(name, func(t *testing.T) {
			i := readOne(t, strings.Replace(gatewayServer, test.from, test.to, 1))
			require.Equal(t, models.AccessUnknown, i.System.Access)
			requireWarning(t, i, test.where, "may do anything")
		})
	}
	state := readOne(t, `{"/ledger":false,"/rota":true}`)
	require.Equal(t, "mcp-gateway-state", state.Format)
	require.True(t, state.Refused())
}
