package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// kagent keeps its agents as Kubernetes resources, often several in one file: agents, the MCP
// servers that they use, and the configurations of their models.

func looksLikeKagent(root *node) bool {
	if v := root.get("apiVersion"); v == nil || !strings.HasPrefix(v.text, "kagent.dev/") {
		return false
	}
	switch kindOf(root) {
	case "Agent", "RemoteMCPServer", "MCPServer", "ToolServer", "ModelConfig":
		return true
	}
	return false
}

func kindOf(root *node) string {
	if n := root.get("kind"); n != nil && n.kind == text {
		return n.text
	}
	return ""
}

func readKagent(f *file, root *node) {
	switch kindOf(root) {
	case "Agent":
		readKagentAgent(f, root)
	case "ModelConfig": // read with the agents that name it
		if len(f.doc.docs) == 1 {
			f.thing(root).decline("/kind", root.get("kind").line, "This says which model kagent's agents use, and holds no agent. Import the file of the agent, together with this one in a single file.")
		}
	default:
		readKagentServer(f.thing(root), root)
	}
}

var (
	resourceKnown   = []string{"apiVersion", "kind", "metadata", "spec"}
	resourceIgnored = []string{"status"}
	kagentKnown     = []string{"description", "type", "declarative", "byo", "skills", "modelConfig", "systemMessage", "systemMessageFrom", "tools", "a2aConfig"}
	kagentIgnored   = []string{"stream", "runtime", "deployment", "memory", "resources", "executeCodeBlocks", "allowedNamespaces", "context", "sandbox"}
)

func readKagentAgent(f *file, root *node) {
	r := f.thing(root)
	r.imported.Format, r.imported.Kind = "kagent", models.ImportAgent
	spec := root.get("spec")
	how := spec.get("declarative") // since v1alpha2; before, all stood in the spec
	if how == nil {
		how = spec
	}
	a := &models.ImportedAgent{Name: resourceName(r, root)}
	if spec == nil || spec.kind != object {
		r.warnAt("/spec", root.line, "The resource has no spec, so nothing is said of the agent but its name.")
		spec, how = root, root
	}
	a.Description = r.text(spec, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
		ask: "Say in a sentence or two what the agent is for."})
	a.Model = kagentModel(f, r, how)
	a.PromptDigest = kagentPrompt(r, how)
	tools, to := accessOf(r), &delegates{r: r}
	kagentTools(r, how, tools, to)
	if how != spec {
		kagentTools(r, spec, tools, to)
	}
	kagentLoads(r, spec, how, tools)
	a.Tools, a.Delegates = tools.end(how, "tools"), to.list
	a.Skills = kagentSkills(r, how)
	r.unread(root, resourceKnown, resourceIgnored)
	if spec != root {
		r.unread(spec, kagentKnown, kagentIgnored)
	}
	if how != spec {
		r.unread(how, kagentKnown, kagentIgnored)
	}
	r.keepAgent(a, root.nameHolder(), "name")
}

// resourceName is the name of a Kubernetes resource, with its namespace noted.
func resourceName(r *reading, root *node) string {
	in := root.nameHolder()
	name := r.text(in, "name", named("name", "the name", "Write it into the file and import it again."))
	if space := in.get("namespace"); space != nil {
		r.note(models.ImportedField{Value: brief(space), Pointer: space.pointer(), Line: space.line, Status: models.FieldRead, Note: "The Kubernetes namespace that it stands in."})
	}
	return name
}

// nameHolder is where a Kubernetes resource says its name.
func (n *node) nameHolder() *node {
	if metadata := n.get("metadata"); metadata != nil && metadata.kind == object {
		return metadata
	}
	return n
}

// kagentModel is the model of the configuration that the agent names, where the same file has
// it; else the name of the configuration.
func kagentModel(f *file, r *reading, how *node) string {
	n := how.get("modelConfig")
	if n == nil || n.kind == null {
		r.note(models.ImportedField{Field: "model", Pointer: how.child("modelConfig"), Line: how.line, Status: models.FieldMissing, Note: "The agent runs on the cluster's own default model."})
		return ""
	}
	if spec := f.modelConfig(n.text); spec != nil {
		return r.model(spec, "model", "The model's configuration in the same file names no model.")
	}
	name := r.text(how, "modelConfig", want{field: "model", noun: "the model", most: 200, whole: true, check: checkExpression})
	if name != "" {
		message := "This is the name of a configuration that is not in the file. Ask which model it stands for."
		r.warn(n, message)
		r.doubt("model", message)
	}
	return name
}

// modelConfig is the spec of the configuration called name, nil where f has none.
func (f *file) modelConfig(name string) *node {
	if f.modelConfigs == nil {
		f.modelConfigs = map[string]*node{}
		for _, doc := range f.doc.docs {
			if called := doc.nameHolder().get("name"); kindOf(doc) == "ModelConfig" && called != nil && called.kind == text {
				f.modelConfigs[called.text] = doc.get("spec")
			}
		}
	}
	return f.modelConfigs[name]
}

func kagentPrompt(r *reading, how *node) string {
	if n := how.get("systemMessage"); n != nil && n.kind == text {
		return r.prompt(n, n.line, n.text)
	}
	if n := how.get("systemMessageFrom"); n != nil {
		r.warn(n, "The system prompt stands in another resource, so a change of it cannot be seen here. Ask for it.")
	}
	return r.prompt(how, how.line)
}

// kagentTools: each entry is an MCP server with the names of its tools, an agent, or (once) a
// tool of kagent itself.
func kagentTools(r *reading, in *node, tools *access, to *delegates) {
	if !in.has("tools") {
		return
	}
	for _, n := range r.objects(in, "tools", want{noun: "the agent's tools"}, maxTools) {
		server := n.get("mcpServer")
		switch {
		case server != nil:
			kagentServerTools(r, n, server, tools)
		case n.get("agent") != nil:
			other := n.get("agent")
			if name := other.get("name"); name != nil {
				to.add(name, name.text, "", "may hand work to it")
			} else if ref := other.get("ref"); ref != nil {
				to.add(ref, ref.text, "", "may hand work to it")
			} else {
				r.warn(n, "This entry does not say which agent work is handed to. It was not read.")
			}
		case n.get("builtin").has("name", text):
			tools.add(n.get("builtin").get("name"), n.get("builtin").get("name").text)
		default:
			tools.doubt(n, "An entry of the tools is of a kind that is not known here.")
		}
	}
	if len(tools.named) == 0 && len(to.list) > 0 {
		tools.unsure("It names other agents, and no tools of its own.")
	}
}

func kagentServerTools(r *reading, n, server *node, tools *access) {
	name := server.get(server.either("name", "toolServer"))
	if name == nil || name.kind != text {
		tools.doubt(n, "An entry of the tools does not say which MCP server it means.")
		return
	}
	r.see(name, models.ImportSystem, name.text, "", "may use it as an MCP server")
	only := server.get("toolNames")
	if only == nil {
		only = n.get("toolNames")
	}
	words := only.words(func(item *node) { tools.doubt(item, "Here the name of a tool should stand.") })
	if len(words) == 0 {
		tools.doubt(server, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(name.text)))
	}
	for _, w := range words {
		if strings.Contains(w.text, "*") {
			tools.doubt(w.at, fmt.Sprintf("Of the MCP server %s it has every tool, those that are added later too.", quote(name.text)))
			continue
		}
		tools.add(w.at, name.text+"/"+w.text)
	}
}

// kagentLoads warns of what the file does not show: code of its own, instructions from Git,
// and an image that holds the whole agent.
func kagentLoads(r *reading, spec, how *node, tools *access) {
	if n := how.get("executeCodeBlocks"); n != nil && n.text == "true" {
		tools.doubt(n, "The agent may run code that it writes itself.")
	}
	if n := spec.get("skills"); n != nil && n.kind != null {
		message := "The agent loads further instructions and programs (skills) that are not in this file. Look at them as well."
		r.note(models.ImportedField{Pointer: n.pointer(), Line: n.line, Status: models.FieldIgnored, Note: message})
		tools.doubt(n, message)
	}
	if n := spec.get("byo"); n != nil && n.kind != null {
		tools.doubt(n, "The agent is a program of its own, which this file does not show.")
	}
}

func kagentSkills(r *reading, how *node) []models.ImportedSkill {
	config := how.get("a2aConfig")
	if !config.has("skills") {
		return nil
	}
	return readSkills(r, config)
}

var (
	kagentServerKnown   = []string{"description", "url", "protocol", "headersFrom", "config", "transportType", "deployment"}
	kagentServerIgnored = []string{"timeout", "sseReadTimeout", "terminateOnClose", "allowedNamespaces", "stdioTransport", "httpTransport"}
)

// readKagentServer reads an MCP server that agents of the cluster use.
func readKagentServer(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "kagent", models.ImportSystem
	spec := root.get("spec")
	s := &models.ImportedSystem{Kind: "mcp_server", Name: resourceName(r, root)}
	if spec == nil || spec.kind != object {
		spec = root
	}
	s.Description = r.text(spec, "description", want{field: "description", noun: "the server's description", most: 4_000, lines: true,
		ask: "Say in a sentence or two what it gives access to."})
	r.unlisted(s, root, "The file does not list the server's tools. Until they are listed, take it that it may do anything.")
	at := spec
	for _, key := range []string{"streamableHttp", "sse"} {
		if inner := spec.get("config").get(key); inner != nil {
			at = inner
		}
	}
	if at.has("url") {
		remote := models.ImportedRemote{URL: r.text(at, "url", agentAddress("remotes[0].url", "the server's address", ""))}
		if at.has("protocol") {
			remote.Transport = r.text(at, "protocol", transportWant("remotes[0]"))
		}
		s.Remotes = []models.ImportedRemote{remote}
	}
	if deployment := spec.get("deployment"); deployment.has("image") {
		p := models.ImportedPackage{Registry: "oci", Identifier: r.text(deployment, "image", want{field: "packages[0].identifier", noun: "the name of the program", most: maxAddress, whole: true, check: checkFilled})}
		if p = canonicalPackage(p, ""); p.Identifier != "" {
			s.Packages = []models.ImportedPackage{p}
		}
	}
	if headers := at.get("headersFrom"); headers != nil && headers.kind == array {
		for _, n := range headers.items {
			if name := n.get("name"); name != nil && n.get("valueFrom").has("type", text) && n.get("valueFrom").get("type").text == "Secret" {
				r.wantSecret(s, name, name.text, true, true)
			}
		}
	}
	r.unread(root, resourceKnown, resourceIgnored)
	if spec != root {
		r.unread(spec, kagentServerKnown, kagentServerIgnored)
	}
	r.keepSystem(s, root.nameHolder(), "name")
}
