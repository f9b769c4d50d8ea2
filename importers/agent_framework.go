package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// Microsoft's declarative agents in YAML: those of the Agent Framework (kind: Prompt) and, of
// the same fields, those of Semantic Kernel (type: chat_completion_agent). Values that begin
// with = are worked out where the agent runs.

func looksLikeFrameworkAgent(root *node) bool {
	if !root.has("instructions") && !root.has("model") && !root.has("tools") {
		return false
	}
	return slices.Contains([]string{"prompt", "agent", "promptagent", "hosted", "container_agent", "gptcomponentmetadata"}, strings.ToLower(kindOf(root))) && !root.has("apiVersion") ||
		root.has("type", text) && strings.HasSuffix(root.get("type").text, "_agent") && root.has("instructions")
}

var (
	frameworkKnown   = []string{"kind", "type", "id", "name", "displayName", "description", "instructions", "model", "tools", "version"}
	frameworkIgnored = []string{"inputSchema", "outputSchema", "inputs", "outputs", "metadata", "template", "parameters", "conversationStarters", "authors", "tags", "$schema"}
)

func readFrameworkAgent(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "declarative-agent", models.ImportAgent
	name := named("name", "the agent's name", "Write the agent's name into the file and import it again.")
	name.check = checkExpression
	key := root.either("name", "displayName")
	a := &models.ImportedAgent{
		Name: r.text(root, key, name),
		Description: r.text(root, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true, check: checkWorkedOut,
			ask: "Say in a sentence or two what the agent is for."}),
	}
	if root.has("version") {
		a.Version = r.text(root, "version", want{field: "version", noun: "the agent's version", most: 100, check: checkWorkedOut})
	}
	frameworkModel(r, root, a)
	frameworkPrompt(r, root, a)
	tools, to := accessOf(r), &delegates{r: r}
	if n := root.get("tools"); n != nil && n.kind != null {
		for _, tool := range r.items(n, want{noun: "the agent's tools"}, maxTools) {
			frameworkTool(r, tool, tools, to)
		}
		if len(n.items) > maxTools {
			tools.unsure("The list of tools was not read to its end.")
		}
	}
	a.Tools, a.Delegates = tools.end(root, "tools"), to.list
	r.unread(root, frameworkKnown, frameworkIgnored)
	r.keepAgent(a, root, key)
}

// checkWorkedOut is checkExpression for prose, in which braces are no gaps.
func checkWorkedOut(w want, s string) (kept, problem string) {
	if strings.HasPrefix(s, "=") {
		return checkExpression(w, s)
	}
	return s, ""
}

func frameworkModel(r *reading, root *node, a *models.ImportedAgent) {
	const left = "The program says which model it is."
	if model := root.get("model"); model != nil && model.kind == object {
		connection := model.get("connection")
		for _, key := range []string{"apiKey", "key", "api_key"} {
			r.hideExpressionless(connection.get(key))
		}
		a.Model = r.model(model, model.either("id", "deployment", "name"), left)
		return
	}
	a.Model = r.model(root, "model", left)
}

// hideExpressionless removes the value of a secret, unless it is worked out elsewhere.
func (r *reading) hideExpressionless(n *node) {
	if n != nil && !strings.HasPrefix(n.text, "=") {
		r.hideValue(n)
	}
}

func frameworkPrompt(r *reading, root *node, a *models.ImportedAgent) {
	n := root.get("instructions")
	if n == nil || n.kind != text {
		r.prompt(root, root.line)
		return
	}
	a.PromptDigest = r.prompt(n, n.line, n.text)
	if strings.HasPrefix(n.text, "=") || isPlaceholder(n.text) {
		message := "A part of the system prompt is filled in where the agent runs: the digest is of the text as it stands here."
		r.warn(n, message)
		r.doubt("promptDigest", message)
	}
}

// frameworkTool: a function, an MCP server, an OpenAPI interface, another agent, or something
// that the service offers, such as web_search.
func frameworkTool(r *reading, n *node, tools *access, to *delegates) {
	kindNode := n.get(n.either("kind", "type"))
	if n.kind != object || kindNode == nil || kindNode.kind != text {
		tools.doubt(n, "An entry of the tools does not say what it is.")
		return
	}
	name := n.get(n.either("name", "id", "serverName", "displayName"))
	called := kindNode.text
	if name != nil && name.kind == text && name.text != "" {
		called = name.text
	}
	switch strings.ToLower(joiners.Replace(kindNode.text)) {
	case "mcp", "mcptool", "mcpserver":
		frameworkServer(r, n, called, tools)
		return
	case "agent", "connectedagent", "a2a", "a2apreview":
		to.add(n, called, "", "may hand work to it")
		return
	case "openapi", "openapitool":
		r.see(n, models.ImportSystem, called, "", "may call its interface")
		tools.add(n, called)
		tools.doubt(n, fmt.Sprintf("Of the interface %s it has every operation that its description lists.", quote(called)))
		return
	case "codeinterpreter", "computeruse", "localshell", "shell":
		tools.doubt(n, "The agent may run code that it writes itself.")
	}
	tools.add(n, called)
	shown, _ := show(called, false)
	tools.describe(shown, n.get("description"))
}

func frameworkServer(r *reading, n *node, called string, tools *access) {
	url := ""
	for _, in := range []*node{n, n.get("options"), n.get("connection")} {
		for _, key := range []string{"url", "serverUrl", "server_url", "endpoint"} {
			if in.has(key, text) && url == "" && !strings.HasPrefix(in.get(key).text, "=") {
				url, _, _, _ = r.take(in.get(key), agentAddress("", "the address of an MCP server", ""))
			}
		}
	}
	r.see(n, models.ImportSystem, called, url, "may use it as an MCP server")
	only := n.get(n.either("allowedTools", "allowed_tools"))
	if only == nil {
		only = n.get("options").get("allowed_tools")
	}
	words := only.words(func(item *node) { tools.doubt(item, "Here the name of a tool should stand.") })
	if len(words) == 0 {
		tools.doubt(n, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(called)))
	}
	for _, w := range words {
		if strings.Contains(w.text, "*") {
			tools.doubt(w.at, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(called)))
			continue
		}
		tools.add(w.at, called+"/"+w.text)
	}
}
