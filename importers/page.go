package importers

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"countersign/models"
)

// What the pages of editors and assistants have in common: a header with a name, a description,
// a model and tools, and a system prompt below it.

// maxSearched is how many bytes of a prompt are searched for secrets. None of it is kept.
const maxSearched = 1 << 20

// pageFormats are tried in order on the header of a page, whose text is file.doc.body.
var pageFormats = []format{
	{recognises: looksLikeCopilot, read: readCopilot},
	{recognises: looksLikeClaude, read: readClaude},
}

// These are the fields of a header that tell whose agents it describes.
var (
	claudeMarks  = []string{"disallowedTools", "permissionMode", "mcpServers", "maxTurns", "memory", "background", "isolation", "effort", "initialPrompt", "color", "skills"}
	copilotMarks = []string{"mcp-servers", "agents", "handoffs", "argument-hint", "target", "user-invocable", "user-invokable", "disable-model-invocation", "infer", "mode", "agent", "hidden"}
	commonFields = []string{"name", "description", "tools", "model", "hooks", "version", "metadata", "license", "author", "tags", "category"}

	// otherPages are fields that an agent's header never has: skills, commands, rules, articles.
	otherPages = []string{"allowed-tools", "applyTo", "globs", "alwaysApply", "layout", "permalink", "date", "apiVersion", "kind"}
)

// agentPage reports whether the header is that of an agent, and whether it is one of GitHub
// Copilot's; the others are Claude Code's.
func agentPage(root *node) (yes, copilot bool) {
	if root.kind != object || !root.has("name", text) && !root.has("description", text) && !root.has("tools") {
		return false, false
	}
	weight, strange := 0, 0
	for _, key := range root.keys {
		switch {
		case slices.Contains(otherPages, key):
			return false, false
		case slices.Contains(copilotMarks, key):
			weight += 2
		case slices.Contains(claudeMarks, key):
			weight -= 2
		case !slices.Contains(commonFields, key):
			strange++
		}
	}
	if weight == 0 && strange > 2 && !root.has("tools") {
		return false, false
	}
	return true, weight+copilotNames(root) > 0
}

// copilotNames weighs the values of fields that both have. Claude Code's agents are called in
// small letters with hyphens and their tools begin with a capital; the others have lists, often
// of several models.
func copilotNames(root *node) int {
	weight := 0
	if name := root.get("name"); name == nil || name.kind == null || strings.ContainsFunc(name.text, func(c rune) bool { return c == ' ' || c >= 'A' && c <= 'Z' }) {
		weight++
	}
	if model := root.get("model"); model != nil {
		lower := strings.ToLower(model.text)
		switch {
		case model.kind == array, strings.Contains(lower, "gpt"), strings.Contains(lower, "(copilot)"), strings.Contains(lower, "gemini"):
			weight += 2
		case slices.Contains([]string{"inherit", "sonnet", "opus", "haiku"}, lower):
			weight -= 2
		}
	}
	for _, w := range root.get("tools").words(func(*node) {}) {
		switch first := w.text[:min(1, len(w.text))]; {
		case strings.HasPrefix(w.text, "mcp__"), first >= "A" && first <= "Z" && !strings.Contains(w.text, "/"):
			return weight - 2
		case strings.Contains(w.text, "/"), first >= "a" && first <= "z" && root.get("tools").kind == array:
			return weight + 2
		}
	}
	return weight
}

// pageReading reads what both have in common around their own fields.
type pageReading struct {
	*reading
	f     *file
	root  *node
	agent *models.ImportedAgent
	tools *access
	to    *delegates

	scoped map[string][]string // of an MCP server that the header sets up: the tools that it lists there
}

func readPage(f *file, root *node, format string) *pageReading {
	r := f.thing(root)
	r.imported.Format, r.imported.Kind = format, models.ImportAgent
	if bad := f.doc.forgiven; bad != nil {
		r.warnAt(bad.where(), bad.line, "The header is not valid YAML. It was read line by line, each field up to the end of its line: compare it with the original. What is wrong: "+bad.message)
	}
	return &pageReading{reading: r, f: f, root: root, agent: &models.ImportedAgent{}, tools: accessOf(r), to: &delegates{r: r}, scoped: map[string][]string{}}
}

// begin reads the description, the version, and the prompt, which is the body byte for byte.
func (p *pageReading) begin() {
	p.agent.Description = p.text(p.root, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
		ask: "Say in a sentence or two what the agent is for."})
	if p.root.has("version") {
		p.agent.Version = p.text(p.root, "version", want{field: "version", noun: "the agent's version", most: 100})
	}
	body := p.f.doc.body
	p.agent.PromptDigest = p.prompt(p.root, body.line, string(body.text))
	line := fmt.Sprintf("line %d", body.line)
	if p.agent.PromptDigest == "" {
		p.warnAt(line, body.line, "Nothing stands below the header, so the agent has no system prompt. Check that the file was copied whole.")
	}
	if _, found := withoutSecrets(string(body.text[:min(len(body.text), maxSearched)])); found {
		p.warnAt(line, body.line, "The system prompt holds what looks like a secret. Take it out and change it where it is used: whoever can read the file, or make the agent repeat it, has it.")
	}
}

// end gives the agent back; known and ignored are the fields of its header.
func (p *pageReading) end(known, ignored []string) {
	p.agent.Tools = p.tools.end(p.root, "tools")
	p.agent.Delegates = p.to.list
	p.unread(p.root, known, ignored)
	p.keepAgent(p.agent, p.root, "name")
}

// hooks warns of commands that run by themselves.
func (p *pageReading) hooks() {
	if n := p.root.get("hooks"); n != nil && n.kind != null {
		message := "The file has hooks: commands that run by themselves while the agent works. They were not read. Look at them, and put what they reach into its scope."
		p.warn(n, message)
		p.note(models.ImportedField{Pointer: n.pointer(), Line: n.line, Status: models.FieldIgnored, Note: message})
	}
}

// fileStem is the name of a page's file without folders and endings; "" for what was not given
// as a file: pasted text, standard input.
func fileStem(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	stem, isPage := strings.CutSuffix(name, ".md")
	if !isPage {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(stem, ".agent"), ".chatmode")
}

// matchesFile reports whether an agent called name may stand in a file of that stem. Copies of
// whole trees often carry their folders in the file's name: folder__folder__name.
func matchesFile(stem, name string) bool {
	return stem == name || strings.HasSuffix(stem, "__"+name)
}

// mcpServers reads the MCP servers that a header sets up: an object of them by name, or a list
// of names and such objects. how says what the agent may do there.
func (p *pageReading) mcpServers(key string) {
	n := p.root.get(key)
	if n == nil || n.kind == null {
		return
	}
	p.note(models.ImportedField{Pointer: n.pointer(), Line: n.line, Status: models.FieldRead, Note: "MCP servers that the agent may use."})
	switch n.kind {
	case object:
		p.servers(n)
	case array:
		for _, item := range n.items {
			switch item.kind {
			case text:
				p.see(item, models.ImportSystem, item.text, "", "may use it as an MCP server")
			case object:
				p.servers(item)
			}
		}
	default:
		p.warn(n, fmt.Sprintf("Here the agent's MCP servers should stand, and the file has %s. It was not read.", n.kind))
	}
}

func (p *pageReading) servers(n *node) {
	for i, name := range n.keys {
		if i == maxSeen {
			p.warn(n, fmt.Sprintf("The file sets up more than %d MCP servers. The others were not read.", maxSeen))
			return
		}
		server := n.members[name]
		for _, part := range []string{"env", "headers"} {
			for _, variable := range server.get(part).keysOrNone() {
				value := server.get(part).get(variable)
				if namesSecret(variable) && !strings.HasPrefix(value.text, "COPILOT_MCP_") { // which is the name of a secret kept elsewhere
					p.hideValue(value)
				}
			}
		}
		url := ""
		if server.has("url") {
			url, _, _, _ = p.take(server.get("url"), agentAddress("", "the address of an MCP server", ""))
		}
		how := "sets it up as an MCP server, and may use all its tools"
		if tools := server.get("tools").words(func(*node) {}); len(tools) > 0 && !slices.ContainsFunc(tools, func(w word) bool { return w.text == "*" }) {
			how = "sets it up as an MCP server, and may use " + plural(len(tools), "tool") + " of it"
			for _, w := range tools {
				p.scoped[name] = append(p.scoped[name], w.text)
			}
		}
		p.see(server, models.ImportSystem, name, url, how)
	}
}
