package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// langgraph.json: which graphs of a project are served as agents, and where their program is.
// What they are, and what they reach, stands only in the program.

func looksLikeLanggraph(root *node) bool {
	graphs := root.get("graphs")
	for _, key := range graphs.keysOrNone() {
		if n := graphs.get(key); n.kind == text && strings.Contains(n.text, ":") || n.has("path", text) {
			return true
		}
	}
	return false
}

func readLanggraph(f *file, root *node) {
	graphs := root.get("graphs")
	for i, key := range graphs.keys {
		if i == maxCrew {
			f.found[0].warn(graphs, fmt.Sprintf("The file lists more than %d graphs. The others were not read.", maxCrew))
			break
		}
		readGraph(f.thing(graphs.members[key]), graphs.members[key])
	}
	first := f.found[0]
	for _, key := range root.keys {
		if key != "graphs" {
			first.reportPart(f.doc, root.members[key])
		}
	}
	for _, variable := range root.get("env").keysOrNone() {
		if namesSecret(variable) {
			first.hideValue(root.get("env").get(variable))
		}
	}
	first.unread(root, []string{"graphs"}, []string{"$schema", "dependencies", "env", "python_version", "node_version", "dockerfile_lines", "pip_config_file", "pip_installer", "auth", "store", "http", "ui", "ui_config", "checkpointer", "api_version", "image_distro", "base_image", "keep_pkg_tools", "webhooks", "name"})
}

// readGraph reads one graph: its program as text, or an object with the path to it.
func readGraph(r *reading, n *node) {
	r.imported.Format, r.imported.Kind = "langgraph", models.ImportAgent
	a := &models.ImportedAgent{Name: r.called(n, named("name", "the agent's name", ""))}
	program := n
	if n.kind == object {
		program = n.get("path")
		a.Description = r.text(n, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true})
		r.unread(n, []string{"path", "description"}, nil)
	} else {
		r.missing(n, "description", want{field: "description", noun: "the agent's description"})
	}
	if program != nil {
		r.note(models.ImportedField{Value: brief(program), Pointer: program.pointer(), Line: program.line, Status: models.FieldRead, Note: "The program of the agent."})
	}
	r.warn(n, "The file says only where the agent's program is. Ask its maker what it is for, which model it uses and what it reaches.")
	r.note(models.ImportedField{Field: "model", Pointer: n.pointer(), Line: n.line, Status: models.FieldMissing, Note: "The program says which model it is."})
	r.prompt(n, n.line)
	tools := accessOf(r)
	tools.unsure("The program says which tools the agent has.")
	a.Tools = tools.end(n, "tools")
	r.imported.Name = a.Name
	if a.Name == "" {
		r.decline(n.pointer(), n.line, "The agent stands under a name that cannot be used. Give it one, and import the file again.")
		return
	}
	a.Fields = r.fields
	r.imported.Agent = a
}
