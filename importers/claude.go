package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// Claude Code's subagents: a page in .claude/agents. A subagent that names no tools inherits
// every tool of the conversation that calls it, those of all its MCP servers too.

func looksLikeClaude(root *node) bool {
	yes, copilot := agentPage(root)
	return yes && !copilot
}

var (
	claudeKnown   = []string{"name", "description", "version", "tools", "disallowedTools", "model", "permissionMode", "mcpServers", "skills", "hooks"}
	claudeIgnored = []string{"color", "maxTurns", "memory", "background", "isolation", "effort", "initialPrompt", "metadata", "license", "author", "tags", "category"}
)

func readClaude(f *file, root *node) {
	p := readPage(f, root, "claude-subagent")
	p.agent.Name = p.text(root, "name", named("name", "the agent's name", "Write the agent's name into the header and import it again."))
	if stem := fileStem(f.name); p.agent.Name != "" && stem != "" && !matchesFile(stem, p.agent.Name) {
		p.warn(root.get("name"), fmt.Sprintf("The agent is called %s and its file %s. Confirm that it is the agent you mean, or rename one of them.", quote(p.agent.Name), quote(stem)))
	}
	p.begin()
	p.claudeModel()
	p.claudeTools()
	p.mcpServers("mcpServers")
	p.claudeSkills()
	p.hooks()
	p.claudePermissions()
	p.end(claudeKnown, claudeIgnored)
}

func (p *pageReading) claudeModel() {
	const left = "The agent runs on the model of whoever calls it."
	if n := p.root.get("model"); n != nil && strings.EqualFold(n.text, "inherit") {
		p.note(models.ImportedField{Field: "model", Value: n.text, Pointer: n.pointer(), Line: n.line, Status: models.FieldMissing, Note: left})
		return
	}
	p.agent.Model = p.model(p.root, "model", left)
}

func (p *pageReading) claudeTools() {
	n := p.root.get("tools")
	switch words := n.words(p.badTool); {
	case n == nil || n.kind == null:
		p.tools.doubt(p.root, "The header names no tools, so the agent has every tool of the conversation that calls it.")
	case len(words) == 0:
		p.tools.doubt(n, "The list of tools is empty, which is not taken to mean that there is none.")
	default:
		for _, w := range words {
			p.claudeTool(w)
		}
	}
	denied := p.root.get("disallowedTools")
	if denied == nil || denied.kind == null {
		return
	}
	var names []string
	for _, w := range denied.words(func(*node) {}) {
		name, _ := show(w.text, false)
		names = append(names, cut(name, 100))
		p.tools.named = slices.DeleteFunc(p.tools.named, func(have string) bool { return have == name })
	}
	p.note(models.ImportedField{Value: strings.Join(names, ", "), Pointer: denied.pointer(), Line: denied.line, Status: models.FieldRead, Note: "Tools that the agent may not use."})
	if len(names) > 0 && len(p.tools.open) > 0 {
		p.tools.unsure("Some tools are denied to it, and everything else is open.")
	}
}

func (p *pageReading) badTool(item *node) {
	p.tools.doubt(item, fmt.Sprintf("Here the name of a tool should stand, and the file has %s.", item.kind))
}

// claudeTool takes one tool: Read, Bash(git *), Task(worker), mcp__server or mcp__server__tool.
func (p *pageReading) claudeTool(w word) {
	base, inside, limited := strings.Cut(w.text, "(")
	if inside = strings.TrimSuffix(strings.TrimSpace(inside), ")"); limited && (base == "Task" || base == "Agent") {
		for _, name := range strings.Split(inside, ",") {
			p.to.add(w.at, strings.TrimSpace(name), "", "may hand work to it")
		}
	} else if base == "Task" || base == "Agent" {
		p.warn(w.at, "With this tool the agent may hand work to any other agent. Ask the agent's maker to which, and name them between parentheses.")
	}
	if w.text == "*" {
		p.tools.doubt(w.at, "The tools are given as *, which is all of them.")
		return
	}
	p.tools.add(w.at, w.text)
	if rest, mcp := strings.CutPrefix(w.text, "mcp__"); mcp {
		server, tool, one := strings.Cut(rest, "__")
		p.see(w.at, models.ImportSystem, server, "", "may use it as an MCP server")
		if !one || tool == "" || strings.Contains(tool, "*") {
			p.tools.doubt(w.at, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(server)))
		}
	}
}

// claudeSkills: instructions that are loaded beside the prompt. They are no tasks.
func (p *pageReading) claudeSkills() {
	n := p.root.get("skills")
	if n == nil || n.kind == null {
		return
	}
	message := "The agent loads further instructions (skills) that are not in this file, and not in the digest of its prompt. Look at them as well."
	p.warn(n, message)
	p.note(models.ImportedField{Value: n.listed(), Pointer: n.pointer(), Line: n.line, Status: models.FieldIgnored, Note: message})
}

func (p *pageReading) claudePermissions() {
	n := p.root.get("permissionMode")
	if n == nil || n.kind == null {
		return
	}
	f := models.ImportedField{Value: brief(n), Pointer: n.pointer(), Line: n.line, Status: models.FieldRead, Note: "How it asks before it acts."}
	switch n.text {
	case "bypassPermissions", "dontAsk", "acceptEdits", "auto":
		f.Status, f.Note = models.FieldOdd, fmt.Sprintf("The agent does not ask before it acts (%s). Take that into its autonomy.", quote(n.text))
		p.warn(n, f.Note)
	}
	p.note(f)
}
