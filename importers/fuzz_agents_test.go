package importers

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzClaudeSubagent(f *testing.F) {
	fuzzReading(f, []string{"claude.md", "claude_broken.md"},
		"---\nname: a\n---\n", "---\nname: a\ndescription: b: c\ntools: {a: [b]}\n---\nx", "---\n- a\n---\n", "---\r\nname: a\r\n---\r\nb", "---\n---\n---\n",
		"---\nname: a\ndescription: b\ntools: Task(a,(b,),mcp__,mcp__a__*,*\nmcpServers: [a, {b: 7}, [c]]\ndisallowedTools: {a: b}\nskills: 7\n---\n")
}

func FuzzCopilotAgent(f *testing.F) {
	fuzzReading(f, []string{"copilot.agent.md"},
		"---\nname: A\ndescription: b\nmodel: ['${A}']\ntools: [a/, /b, '*/*', !Ref c, 7]\nmcp-servers: {a: {tools: [x, 7], url: '//', env: {KEY: [1]}}}\nagents: ['*', 7]\nhandoffs: [{agent: 7}, 3]\n---\n",
		"---\ndescription: &a b\nmcp-servers: *a\ninfer: true\n---\n")
}

func FuzzCrewAI(f *testing.F) {
	agents, tasks := fixture(f, "crew/agents.yaml").Data, fixture(f, "crew/tasks.yaml").Data
	f.Add(agents, tasks)
	f.Add([]byte("a: {role: '{x}', goal: [], llm: {model: 7}, mcps: ['#', 'https://a.eu#b'], allow_delegation: true}\n'${b}': {role: b, goal: c}\n"), tasks)
	f.Add(agents, []byte("a: {description: b, agent: '  buyer ', tools: 7}\n'${c}': {description: '{{d}}', expected_output: e, agent: ''}\n"))
	f.Fuzz(func(t *testing.T, agents, tasks []byte) {
		files := []File{{Name: "agents.yaml", Data: agents}, {Name: "tasks.yaml", Data: tasks}}
		together := ReadAll(files)
		requireSound(t, together)
		require.Equal(t, together, ReadAll(files))
		requireSound(t, Read("tasks.yaml", tasks))
	})
}

func FuzzKagent(f *testing.F) {
	fuzzReading(f, []string{"kagent.yaml"},
		"apiVersion: kagent.dev/v1\nkind: Agent\nspec: 7\n", "apiVersion: kagent.dev/v1\nkind: Agent\nname: a\ntools: [{mcpServer: 7}, {agent: {ref: b}}, {builtin: {name: c}}]\n---\napiVersion: kagent.dev/v1\nkind: ModelConfig\nspec: [x]\n",
		"apiVersion: kagent.dev/v1\nkind: ToolServer\nmetadata: {name: a}\nspec: {config: {sse: {url: '${U}'}}, headersFrom: [7], deployment: {image: ':@'}}\n")
}

func FuzzAutogen(f *testing.F) {
	fuzzReading(f, []string{"autogen.json"},
		`{"participants":[]}`, `{"participants":[{"participants":[{"agent_type":"X","name":"a","tools":["b",7,{"config":{"name":"${c}"}}],"handoffs":[7,{"target":3}]}]},7]}`,
		`{"component_type":"agent","config":{"name":"a","workbench":[7,{"config":{"server_params":{"url":"javascript:1"}}}],"model_client":{"config":{"model":{}}}}}`)
}

func FuzzAgentFramework(f *testing.F) {
	fuzzReading(f, []string{"agent_framework.yaml"},
		"kind: prompt\nname: =A\nmodel: =B\ntools: [{kind: mcp, options: {serverUrl: =C, allowed_tools: ['*']}}, {kind: agent, name: '${D}'}, 7]\n", "type: x_agent\nname: a\ninstructions: [b]\n")
}

func FuzzLanggraph(f *testing.F) {
	fuzzReading(f, []string{"langgraph.json"}, `{"graphs":{"":":","${A}":{"path":7},"b":[]},"env":7}`, `{"graphs":{"a":{"path":"x"}},"env":{"KEY":["a"]}}`)
}

func FuzzToolhive(f *testing.F) {
	fuzzReading(f, []string{"toolhive.yaml", "toolhive_open.yaml"},
		"image: a\ntransport: b\ntools: [7, '${A}', [b]]\npermissions: {network: {outbound: {allow_host: 7}}, read: [a]}\nenv_vars: [{name: 7}, {name: KEY, default: x, secret: maybe}, 3]\n", "url: '//'\ntransport: sse\ntier: x\n")
}

// Whatever the bytes, YAML becomes a bounded tree whose parts know where they stand, or an error.
func FuzzYAML(f *testing.F) {
	for _, data := range []string{
		"a: &x [1]\nb: *x\n", "a: &x {b: *x}\n", "? {a: b}\n: c\n", "<<: [{a: 1}, {a: 2}]\n", "!Sub a: !GetAtt b\n", "--- 1\n--- 2\n...\n", "%TAG ! tag:x,1:\n--- !a b\n", "a: |2-\n   b\n", "\"\\L\\x41\"", "\t", "- - - a", "'a", "&a &b c", "a: !!binary x", "\u2028a: b",
	} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if where, _ := notText(data); where != "" {
			return
		}
		doc, bad := parseYAML(data)
		if bad != nil {
			require.Nil(t, doc)
			require.NotEmpty(t, bad.message)
			require.Positive(t, bad.line)
			return
		}
		require.Same(t, doc.root, doc.docs[0])
		count := 0
		for _, root := range doc.docs {
			require.Nil(t, root.parent)
			count += requireTree(t, root, 0)
		}
		require.LessOrEqual(t, count, maxValues)
	})
}

// requireTree is how many nodes n has.
func requireTree(t *testing.T, n *node, depth int) int {
	t.Helper()
	require.LessOrEqual(t, depth, maxDepth)
	require.Positive(t, n.line)
	require.Equal(t, len(n.keys), len(n.members))
	count := 1
	for _, key := range n.keys {
		require.Same(t, n, n.members[key].parent)
		require.Equal(t, key, n.members[key].key)
		count += requireTree(t, n.members[key], depth+1)
	}
	for i, item := range n.items {
		require.Same(t, n, item.parent)
		require.Equal(t, i, item.index)
		count += requireTree(t, item, depth+1)
	}
	return count
}
