package importers

import (
	"fmt"

	"countersign/models"
)

// ToolHive's registry describes one MCP server a file: the image that runs it (or where it
// answers), the names of its tools, what it may reach, and which settings it wants.

func looksLikeToolhive(root *node) bool {
	if !root.has("image", text) && !root.has("url", text) {
		return false
	}
	return root.has("transport", text) && (root.has("tools", array) || root.has("tier") || root.has("permissions", object)) && !root.has("skills")
}

var (
	toolhiveKnown   = []string{"name", "title", "description", "image", "url", "transport", "tools", "permissions", "env_vars", "headers", "repository_url", "status", "docker_tags"}
	toolhiveIgnored = []string{"tier", "metadata", "tags", "target_port", "args", "provenance", "author", "license", "oauth_config", "proxy_port", "custom_metadata", "overview"}
)

func readToolhive(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "toolhive", models.ImportSystem
	s := &models.ImportedSystem{Kind: "mcp_server", Access: models.AccessListed}
	if root.has("name") {
		s.Name = r.text(root, "name", named("name", "the server's name", "Write its name into the file and import it again."))
	} else {
		s.Name = nameFromFile(r, root, "The description of a server")
	}
	s.Title = r.text(root, "title", want{field: "title", noun: "the server's title", most: 200})
	s.Description = r.text(root, "description", want{field: "description", noun: "the server's description", most: 4_000, lines: true,
		ask: "Say in a sentence or two what it gives access to."})
	s.Repository = r.text(root, "repository_url", webAddress("repository", "the address of its source", ""))
	toolhiveWhere(r, root, s)
	toolhiveTools(r, root, s)
	toolhiveNetwork(r, root, s)
	toolhiveSettings(r, root, s)
	if n := root.get("status"); n != nil && n.kind == text && n.text == "Deprecated" {
		r.warn(n, "The registry calls this server deprecated. Ask what takes its place.")
	}
	r.unread(root, toolhiveKnown, toolhiveIgnored)
	r.keepSystem(s, root, "name")
}

// toolhiveWhere reads the image that runs the server, or the address at which it answers.
func toolhiveWhere(r *reading, root *node, s *models.ImportedSystem) {
	if root.has("image") {
		field := "packages[0]"
		p := models.ImportedPackage{
			Registry:   "oci",
			Identifier: r.text(root, "image", want{field: field + ".identifier", noun: "the name of the program", ask: askServer, most: maxAddress, whole: true, check: checkFilled}),
			Transport:  r.text(root, "transport", transportWant(field)),
		}
		p = canonicalPackage(p, "")
		if p.Identifier != "" && openVersion.MatchString(p.Version) {
			message := "The image has no fixed version: whatever is newest is run, unseen. Ask the server's maker which version to use."
			r.warn(root.get("image"), message)
			r.doubt(field+".identifier", message)
		}
		s.Packages = []models.ImportedPackage{p}
		return
	}
	s.Remotes = []models.ImportedRemote{{
		URL:       r.text(root, "url", agentAddress("remotes[0].url", "the server's address", askServer)),
		Transport: r.text(root, "transport", transportWant("remotes[0]")),
	}}
}

// toolhiveTools reads the names of the tools. The registry asked the server for them once, so
// a list that is empty or tells of failure is unknown.
func toolhiveTools(r *reading, root *node, s *models.ImportedSystem) {
	list := root.get("tools")
	if list == nil || list.kind != array || len(list.items) == 0 {
		message := "The file lists no tools. Take it that the server may do anything."
		r.warnAt(root.child("tools"), root.line, message)
		r.unlisted(s, root, message)
		return
	}
	ops := operationsOf(r, s)
	unread := false
	for _, n := range r.items(list, want{noun: "the server's tools"}, maxOperations) {
		before, w := len(r.fields), named(ops.field("name"), "the name of a tool", "")
		name, shown, status, note := r.take(n, w)
		r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: n.pointer(), Line: n.line, Status: status, Note: note})
		unread = unread || name == ""
		ops.add(n, models.ImportedOperation{Name: name, Why: "The file gives only its name."}, before)
	}
	ops.end(list)
	if unread || len(s.Operations) == 0 || len(list.items) > maxOperations {
		r.unlisted(s, list, "The list of tools could not be read whole.")
		return
	}
	r.note(models.ImportedField{Field: "access", Value: plural(len(s.Operations), "tool"), Pointer: list.pointer(), Line: list.line, Status: models.FieldUnverified,
		Note: "This is what the registry knew when the file was written."})
}

// toolhiveNetwork reads the hosts that the server may reach. What is not said is not none:
// without a rule the registry's own default lets it reach anything.
func toolhiveNetwork(r *reading, root *node, s *models.ImportedSystem) {
	outbound := root.get("permissions").get("network").get("outbound")
	if outbound == nil {
		r.note(models.ImportedField{Field: "network", Pointer: root.child("permissions"), Line: root.line, Status: models.FieldMissing, Note: "The file does not say which hosts the server may reach."})
		return
	}
	if all, _ := r.flag(outbound, true, "insecure_allow_all"); all {
		message := "The server may reach any host."
		n := outbound.get("insecure_allow_all")
		r.warn(n, message)
		r.note(models.ImportedField{Field: "network", Value: "*", Pointer: n.pointer(), Line: n.line, Status: models.FieldOdd, Note: message})
		s.Network = []string{"*"}
		return
	}
	if !outbound.has("allow_host", array) {
		r.note(models.ImportedField{Field: "network", Pointer: outbound.pointer(), Line: outbound.line, Status: models.FieldMissing, Note: "The file does not say which hosts the server may reach."})
	} else {
		s.Network = r.texts(outbound, "allow_host", want{field: "network", noun: "the hosts that it may reach", most: 300, whole: true, check: checkFilled}, 200)
	}
	for _, key := range []string{"read", "write"} {
		if paths := root.get("permissions").get(key); paths != nil && paths.kind == array && len(paths.items) > 0 {
			message := fmt.Sprintf("The server may %s files of the computer on which it runs: %s.", key, cut(paths.listed(), 300))
			r.warn(paths, message)
			r.note(models.ImportedField{Value: paths.listed(), Pointer: paths.pointer(), Line: paths.line, Status: models.FieldOdd, Note: message})
		}
	}
}

// toolhiveSettings reads which secrets the server wants, of its settings and headers.
func toolhiveSettings(r *reading, root *node, s *models.ImportedSystem) {
	for _, key := range []string{"env_vars", "headers"} {
		if !root.has(key) {
			continue
		}
		for _, n := range r.objects(root, key, want{noun: "the server's settings"}, 500) {
			name := n.get("name")
			if name == nil || name.kind != text {
				r.warn(n, "This setting has no name. It was not read.")
				continue
			}
			marked, _ := r.flag(n, true, "secret")
			required, _ := r.flag(n, true, "required")
			if marked || namesSecret(name.text) {
				r.wantSecret(s, name, name.text, required, marked)
				r.hideValue(n.get("default"))
			}
		}
	}
}
