package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// Microsoft AutoGen's teams and agents as files. Since 0.4 every part is a component: what it
// is (provider, component_type) beside its config; AutoGen Studio's first files have the fields
// of the config directly, with agent_type or team_type.

func looksLikeAutogen(root *node) bool {
	config := configOf(root)
	switch {
	case config.has("participants", array):
		list := config.get("participants").items
		return len(list) == 0 || looksLikeAutogen(list[0])
	case root.has("component_type", text) && root.get("component_type").text == "agent":
		return true
	}
	return root.has("agent_type", text) && root.has("name")
}

// configOf is the fields of a component.
func configOf(n *node) *node {
	if n.has("config", object) {
		return n.get("config")
	}
	return n
}

// componentKind is the last part of what a component says it is: AssistantAgent.
func componentKind(n *node) string {
	for _, key := range []string{"provider", "agent_type", "team_type", "type"} {
		if n.has(key, text) {
			full := n.get(key).text
			return full[strings.LastIndexByte(full, '.')+1:]
		}
	}
	return ""
}

func readAutogen(f *file, root *node) {
	before := len(f.found)
	people := autogenTeam(f, root, 0)
	if len(f.found) == before {
		r := f.thing(root)
		r.imported.Format = "autogen"
		r.decline("/participants", root.line, "This is an AutoGen team in which nobody is an agent. Choose the file of a team with agents.")
		return
	}
	first := f.found[before]
	for _, person := range people {
		first.note(models.ImportedField{Value: brief(person), Pointer: person.pointer(), Line: person.line, Status: models.FieldIgnored, Note: "This participant is a person, who is asked by the others."})
	}
}

// autogenTeam reads the agents of a team and of the teams inside it, and gives back the names
// of those participants that are people.
func autogenTeam(f *file, n *node, depth int) (people []*node) {
	config := configOf(n)
	if !config.has("participants", array) {
		if componentKind(n) == "UserProxyAgent" {
			if name := config.get("name"); name != nil {
				return []*node{name}
			}
			return []*node{n}
		}
		readAutogenAgent(f, n, config)
		return nil
	}
	for i, participant := range config.get("participants").items {
		if participant.kind != object || i == maxCrew || depth > maxDepth {
			r := f.thing(participant)
			r.imported.Format = "autogen"
			r.decline(participant.pointer(), participant.line, fmt.Sprintf("This participant of the team could not be read: it is %s, or one of more than %d.", participant.kind, maxCrew))
			break
		}
		people = append(people, autogenTeam(f, participant, depth+1)...)
	}
	return people
}

var (
	componentKnown   = []string{"config", "provider", "component_type", "agent_type", "label", "description"}
	componentIgnored = []string{"version", "component_version"}
	autogenKnown     = []string{"name", "description", "system_message", "model_client", "tools", "workbench", "handoffs", "agent_type", "provider", "component_type", "type"}
	autogenIgnored   = []string{"version", "component_version", "label", "reflect_on_tool_use", "tool_call_summary_format", "model_context", "model_client_stream", "metadata", "memory", "max_tool_iterations", "structured_message_factory"}
)

func readAutogenAgent(f *file, n, config *node) {
	r := f.thing(n)
	r.imported.Format, r.imported.Kind = "autogen", models.ImportAgent
	describes := config
	if !config.has("description") && n.has("description") {
		describes = n
	}
	a := &models.ImportedAgent{
		Name: r.text(config, "name", named("name", "the agent's name", "Write the agent's name into the file and import it again.")),
		Description: r.text(describes, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the agent is for."}),
	}
	autogenModel(r, config, a)
	if prompt := config.get("system_message"); prompt != nil && prompt.kind == text {
		a.PromptDigest = r.prompt(prompt, prompt.line, prompt.text)
	} else {
		r.prompt(config, config.line)
	}
	tools, to := accessOf(r), &delegates{r: r}
	autogenTools(r, n, config, tools)
	autogenHandoffs(r, config, to)
	a.Tools, a.Delegates = tools.end(config, "tools"), to.list
	if config != n {
		r.unread(n, componentKnown, componentIgnored)
	}
	r.unread(config, autogenKnown, autogenIgnored)
	r.keepAgent(a, config, "name")
}

func autogenModel(r *reading, config *node, a *models.ImportedAgent) {
	client := config.get("model_client")
	if client == nil || client.kind != object {
		r.note(models.ImportedField{Field: "model", Pointer: config.child("model_client"), Line: config.line, Status: models.FieldMissing, Note: "The file does not say which model the agent runs on."})
		return
	}
	in := configOf(client)
	for _, key := range []string{"model", "azure_deployment"} {
		if in.has(key) {
			a.Model = r.model(in, key, "")
			return
		}
	}
	a.Model = r.model(in, "model", "The file does not say which model the agent runs on.")
}

// autogenTools: functions that carry their program with them, and workbenches, which are lists
// of such functions or MCP servers.
func autogenTools(r *reading, n, config *node, tools *access) {
	switch kind := componentKind(n); {
	case strings.Contains(kind, "Surfer"), strings.Contains(kind, "Coder"), strings.Contains(kind, "CodeExecutor"):
		tools.doubt(n, fmt.Sprintf("An agent of the kind %s has tools of its own, which the file does not list.", quote(kind)))
	}
	if config.has("tools") {
		for _, tool := range r.items(config.get("tools"), want{noun: "the agent's tools"}, maxTools) {
			autogenTool(tool, tools)
		}
	}
	workbench := config.get("workbench")
	if workbench == nil || workbench.kind == null {
		return
	}
	all := workbench.items
	if workbench.kind == object {
		all = []*node{workbench}
	}
	for i, bench := range all {
		if i == maxTools {
			tools.doubt(bench, fmt.Sprintf("The file lists more than %d workbenches.", maxTools))
			return
		}
		autogenWorkbench(r, bench, tools)
	}
}

func autogenTool(tool *node, tools *access) {
	config := configOf(tool)
	name := config.get("name")
	switch {
	case tool.kind == text:
		tools.add(tool, tool.text)
		return
	case name == nil || name.kind != text:
		if kind := componentKind(tool); kind != "" {
			tools.add(tool, kind)
			return
		}
		tools.doubt(tool, "An entry of the tools has no name.")
		return
	}
	tools.add(name, name.text)
	shown, _ := show(name.text, false)
	tools.describe(shown, config.get("description"))
}

func autogenWorkbench(r *reading, bench *node, tools *access) {
	config := configOf(bench)
	if config.has("tools", array) {
		for _, tool := range config.get("tools").items {
			autogenTool(tool, tools)
		}
		return
	}
	params := config.get("server_params")
	if params == nil {
		tools.doubt(bench, "The file does not say which tools one of its workbenches brings.")
		return
	}
	name, url := "", ""
	if params.has("url", text) {
		name = params.get("url").text
		url, _ = checkService(want{}, name)
	} else if params.has("command", text) {
		name = strings.Join(append([]string{params.get("command").text}, strings.Split(params.get("args").listed(), ", ")...), " ")
	}
	for _, part := range []string{"env", "headers"} {
		for _, variable := range params.get(part).keysOrNone() {
			if namesSecret(variable) {
				r.hideValue(params.get(part).get(variable))
			}
		}
	}
	r.see(params, models.ImportSystem, strings.TrimSpace(name), url, "may use it as an MCP server")
	tools.doubt(params, "Of an MCP server it has every tool, those that are added later too.")
}

// autogenHandoffs: names of agents, or objects with their target.
func autogenHandoffs(r *reading, config *node, to *delegates) {
	list := config.get("handoffs")
	if list == nil || list.kind != array {
		return
	}
	for _, n := range list.items {
		target := n
		if n.kind == object {
			target = configOf(n).get("target")
		}
		if target == nil || target.kind != text {
			r.warn(n, "This handoff does not say to which agent the work goes. It was not read.")
			continue
		}
		to.add(target, target.text, "", "hands its work over to it")
	}
}
