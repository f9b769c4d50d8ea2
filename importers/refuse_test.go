package importers

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestRefused(t *testing.T) {
	tests := []struct {
		name, data            string
		format, where, reason string
	}{
		{"nothing", ``, "unknown", "line 1", "empty"},
		{"white space", " \n\t", "unknown", "line 1", "empty"},
		{"not UTF-8", "{\n \"name\": \"\xff\"}", "unknown", "line 2, column 11", "not UTF-8"},
		{"UTF-16", "\xff\xfe{\x00", "unknown", "line 1", "UTF-16"},
		{"too large", strings.Repeat(" ", 9<<20), "unknown", "line 1", "larger than 8 MiB"},
		{"too deep", strings.Repeat("[", 70), "unknown", "line 1, column 65", "more than 64 deep"},
		{"too deep for a parser", strings.Repeat(`{"a":`, 1_000_000), "unknown", "line 1, column 321", "more than 64 deep"},
		{"too many values", "[" + strings.Repeat("0,", 300_000) + "0]", "unknown", "line 1, column 399999", "200,000 values"},
		{"comma at the end", "{\n \"name\": \"A\",\n}", "unknown", "line 2, column 13", "comma"},
		{"comment", "{\n // a card\n}", "unknown", "line 2, column 2", "comment"},
		{"comment first", "// a card\n{}", "unknown", "line 1, column 1", "comment"},
		{"Markdown", "\n# Card\n```json\n{}\n```", "unknown", "line 2, column 1", "Markdown"},
		{"code fence", "```json\n{}\n```", "unknown", "line 1, column 1", "Markdown"},
		{"web page", "<!doctype html>", "unknown", "line 1, column 1", "web page"},
		{"header of a skill", "---\nname: a\nallowed-tools: Read\n---\nDo it.", "unknown", "line 2", "a Markdown page whose header"},
		{"hooks", `{"version": 1, "hooks": {"sessionEnd": [{"bash": "a.sh"}]}}`, "agent-hooks", "/hooks", "hooks"},
		{"marketplace", `{"name": "a", "plugins": [{"name": "b", "source": "./b"}]}`, "agent-marketplace", "/plugins", "catalogue of plug-ins"},
		{"Kubernetes", "apiVersion: v1\nkind: Secret\n", "kubernetes", "/kind", "Kubernetes resource"},
		{"Docker Compose", "services:\n  a:\n    image: b\n", "compose", "/services", "Docker Compose"},
		{"GitHub workflow", "on: push\njobs:\n  a: {}\n", "github-workflow", "/jobs", "GitHub Actions"},
		{"plug-in", `{"name": "a", "agents": ["./b.md"]}`, "agent-plugin", "/agents", "manifest of a plug-in"},
		{"prose", "Here is the card.", "unknown", "line 1", "plain text without fields"},
		{"prose with a colon", "Here is the card: {}", "unknown", "line 1", "(“Here is the card”)"},
		{"Markdown without a header", "# Card\n\nIt sorts mail.", "unknown", "line 1, column 1", "without a header"},
		{"program", "#!/bin/sh\necho a: b", "unknown", "line 1, column 1", "a program"},
		{"template", "{{- if .Values.agent }}\nkind: Agent\n{{- end }}", "unknown", "line 1, column 1", "a template"},
		{"remarks", "# nothing\n# else", "unknown", "line 1, column 1", "Markdown page without a header"},
		{"a YAML scalar", "\n--- 7\n", "unknown", "line 2", "holds a number and nothing else"},
		{"prose after", "{}\nThat was it.", "unknown", "line 2, column 1", "after the end"},
		{"half a file", `{"name": "A"`, "unknown", "line 1, column 13", "too early"},
		{"single quotes", `{'name': 'A'}`, "unknown", "line 1, column 2", "quotation marks"},
		{"no quotes", `{name: 1}`, "unknown", "line 1, column 2", "“n”"},
		{"line break in a text", "{\"name\": \"A\nB\"}", "unknown", "line 1, column 12", "not closed"},
		{"NUL", "{\"name\": \"A\x00\"}", "unknown", "line 1, column 12", "U+0000"},
		{"number with a leading zero", `{"name": 01}`, "unknown", "line 1, column 11", "“1”"},
		{"not a number", `{"name": NaN}`, "unknown", "line 1, column 10", "“N”"},
		{"null", `null`, "unknown", "line 1", "null"},
		{"list", "\n[{}, {}]", "unknown", "line 2", "list of 2 things"},
		{"another object", `{"colour": "red"}`, "unknown", "line 1", "no kind that is known"},

		{"card inside an answer", `{"result": ` + soundCard + `}`, "unknown", "/result", "inside the field “result”"},
		{"piece with schemes", `{"securitySchemes": {}, "capabilities": {}}`, "a2a-card/1.0", "/name", "only a piece"},
		{"piece with a name", `{"name": "A", "skills": []}`, "a2a-card/1.0", "/skills", "only a piece"},
		{"name is null", strings.Replace(soundCard, `"Sorter"`, `null`, 1), "a2a-card/1.0", "/name", "does not give the agent's name"},
		{"name is a list", strings.Replace(soundCard, `"Sorter"`, `["Sorter"]`, 1), "a2a-card/1.0", "/name", "the file has a list"},
		{"name is a placeholder", strings.Replace(soundCard, `Sorter`, `${NAME}`, 1), "a2a-card/1.0", "/name", "placeholder"},
		{"name cannot be seen", strings.Replace(soundCard, `Sorter`, `\u2066\u2069`, 1), "a2a-card/1.0", "/name", "empty"},
		{"name is a secret", strings.Replace(soundCard, `Sorter`, `AKIAABCDEFGHIJKLMNOP`, 1), "a2a-card/1.0", "/name", "secret"},
		{"name twice, then null", strings.Replace(soundCard, `"Sorter"`, `"Sorter","name":null`, 1), "a2a-card/1.0", "/name", "does not give the agent's name"},

		{"Agent Handshake Protocol", `{"ahp": "0.1", "name": "Shop", "capabilities": []}`, "ahp", "/ahp", "This is an Agent Handshake Protocol document. Files of this kind are not read."},
		{"OpenAPI", `{"openapi": "3.1.0", "info": {}}`, "openapi", "/openapi", "OpenAPI"},
		{"AsyncAPI", `{"asyncapi": "3.0.0"}`, "asyncapi", "/asyncapi", "AsyncAPI"},
		{"MCP server by schema", `{"$schema": "https://static.modelcontextprotocol.io/schemas/x", "name": "a"}`, "mcp-server", "/$schema", "MCP server manifest"},
		{"agents.json", `{"agentsJson": "0.1.0", "flows": []}`, "agents-json", "/agentsJson", "agents.json"},
		{"sign-in service", `{"issuer": "https://a.eu", "jwks_uri": "https://a.eu/k"}`, "oauth-metadata", "/jwks_uri", "sign-in"},
		{"JSON schema", `{"$schema": "https://json-schema.org/draft/2020-12/schema"}`, "json-schema", "/$schema", "JSON schema"},
		{"JSON-RPC", `{"jsonrpc": "2.0", "error": {}}`, "json-rpc", "/jsonrpc", "JSON-RPC"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := readOne(t, test.data)
			require.Equal(t, models.ImportRefused, i.Outcome)
			require.Equal(t, test.format, i.Format)
			require.Equal(t, test.where, i.Warnings[0].Where, i.Warnings[0].Message)
			require.Contains(t, i.Warnings[0].Message, test.reason)
		})
	}
}

func TestJSONLineIsTheDoor(t *testing.T) {
	i := Read("cards/\xffshop.json", []byte(`{"ahp":"0.1"}`))[0]
	line, err := i.JSONLine()
	require.NoError(t, err)
	require.Equal(t, `{"file":"cards/�shop.json","format":"ahp","kind":"agent","name":"","outcome":"refused","warnings":[{"where":"/ahp","message":"This is an Agent Handshake Protocol document. Files of this kind are not read. Ask the agent's maker for its A2A agent card, usually found at /.well-known/agent-card.json.","line":1}]}`+"\n", string(line))

	line, err = models.Imported{}.JSONLine()
	require.NoError(t, err)
	require.Contains(t, string(line), `"warnings":[]`)
}
