package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// GitHub Copilot's custom agents: a page *.agent.md. One that names no tools has all of them.

func looksLikeCopilot(root *node) bool {
	yes, copilot := agentPage(root)
	return yes && copilot
}

var (
	copilotKnown   = []string{"name", "description", "version", "tools", "model", "mcp-servers", "agents", "handoffs", "hooks"}
	copilotIgnored = []string{"argument-hint", "target", "user-invocable", "user-invokable", "disable-model-invocation", "infer", "mode", "agent", "hidden", "color", "metadata", "license", "author", "tags", "category"}

	// copilotOwn are the names before a / that are tool sets of the editor and no MCP servers.
	copilotOwn = []string{"vscode", "execute", "read", "edit", "search", "web", "agent", "todo", "browser", "memory", "new", "runCommands", "runTasks", "runNotebooks", "shell"}
)

func readCopilot(f *file, root *node) {
	p := readPage(f, root, "copilot-agent")
	p.copilotName()
	p.begin()
	p.copilotModel()
	p.mcpServers("mcp-servers")
	p.copilotTools()
	p.copilotDelegates()
	p.hooks()
	p.end(copilotKnown, copilotIgnored)
}

// copilotName: without a name the agent is called like its file.
func (p *pageReading) copilotName() {
	if n := p.root.get("name"); n != nil && n.kind != null {
		p.agent.Name = p.text(p.root, "name", named("name", "the agent's name", "Write the agent's name into the header and import it again."))
		return
	}
	stem, _ := show(fileStem(p.f.name), false)
	stem, _ = withoutSecrets(strings.ToValidUTF8(stem, "�"))
	note := "The header gives no name; the agent is then called like its file."
	f := models.ImportedField{Field: "name", Value: stem, Pointer: p.root.child("name"), Line: p.root.line, Status: models.FieldDefaulted, Note: note}
	if stem == "" || isAddressPlaceholder(stem) || strings.Contains(stem, secretRemoved) {
		f.Value, f.Status, f.Note = "", models.FieldMissing, "The header gives no name, and its file has none either. Write the agent's name into the header and import it again."
	}
	p.note(f)
	p.agent.Name = cut(f.Value, 200)
}

// copilotModel: one model, or several of which the first that can be had runs.
func (p *pageReading) copilotModel() {
	const left = "The agent runs on the model that its user has chosen."
	n := p.root.get("model")
	if n == nil || n.kind != array {
		p.agent.Model = p.model(p.root, "model", left)
		return
	}
	f := models.ImportedField{Field: "model", Value: n.listed(), Pointer: n.pointer(), Line: n.line, Status: models.FieldOdd,
		Note: "The header names several models, of which the first that can be had runs. Ask the agent's maker which one it is."}
	if n.worksOut() || f.Value == "" || isAddressPlaceholder(f.Value) {
		f.Status, f.Note = models.FieldPlaceholder, "Which models these are turns out only where the agent runs."
	} else {
		p.agent.Model = cut(f.Value, 200)
	}
	p.warn(n, f.Note)
	p.note(f)
}

func (p *pageReading) copilotTools() {
	n := p.root.get("tools")
	switch words := n.words(p.badTool); {
	case n == nil || n.kind == null:
		p.tools.doubt(p.root, "The header names no tools, so the agent has every tool of its editor and of all its MCP servers.")
		for _, server := range p.root.get("mcp-servers").keysOrNone() {
			for _, tool := range p.scoped[server] {
				p.tools.also(server + "/" + tool)
			}
		}
	case len(words) == 0:
		p.tools.doubt(n, "The list of tools is empty, which is not taken to mean that there is none.")
	default:
		for _, w := range words {
			p.copilotTool(w)
		}
	}
}

// copilotTool takes one tool: read, edit/editFiles, server/tool or server/*.
func (p *pageReading) copilotTool(w word) {
	if w.text == "*" {
		p.tools.doubt(w.at, "The tools are given as *, which is all of them.")
		return
	}
	if w.text == "agent" || w.text == "runSubagent" || w.text == "custom-agent" || w.text == "Task" {
		if agents := p.root.get("agents"); agents == nil || agents.kind == null {
			p.warn(w.at, "With this tool the agent may hand work to any other agent. Ask the agent's maker to which, and name them under “agents”.")
		}
	}
	server, tool, two := strings.Cut(w.text, "/")
	if !two || slices.Contains(copilotOwn, server) {
		p.tools.add(w.at, w.text)
		return
	}
	p.see(w.at, models.ImportSystem, server, "", "may use it as an MCP server")
	if only := p.scoped[server]; tool == "*" && len(only) > 0 { // the header says below which these are
		for _, name := range only {
			p.tools.add(w.at, server+"/"+name)
		}
		return
	}
	p.tools.add(w.at, w.text)
	if strings.Contains(tool, "*") || tool == "" {
		p.tools.doubt(w.at, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(server)))
	}
}

// copilotDelegates: agents that it may call, and handoffs, which a person or the agent starts.
func (p *pageReading) copilotDelegates() {
	if n := p.root.get("agents"); n != nil && n.kind != null {
		for _, w := range n.words(func(item *node) { p.warn(item, "Here the name of an agent should stand. It was not read.") }) {
			if w.text == "*" {
				p.warn(w.at, "The agent may hand work to any other agent. Ask the agent's maker to which.")
				continue
			}
			p.to.add(w.at, w.text, "", "may hand work to it")
		}
	}
	if !p.root.has("handoffs") {
		return
	}
	for _, h := range p.objects(p.root, "handoffs", want{field: "handoffs", noun: "the agent's handoffs"}, maxDelegates) {
		to := h.get("agent")
		if to == nil || to.kind != text {
			p.warn(h, "This handoff does not say to which agent the work goes. It was not read.")
			continue
		}
		how := "a person hands its work over to it"
		if send := h.get("send"); send != nil && send.text == "true" {
			how = "hands its work over to it by itself"
		}
		p.to.add(to, to.text, "", how)
	}
}
