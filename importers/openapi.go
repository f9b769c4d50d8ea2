package importers

import (
	"fmt"
	"net/url"
	"strings"

	"countersign/models"
)

// An OpenAPI description of an interface (or Swagger, its older form): a system of which each
// operation is one path and method. Agents' action groups are described by one, alone or inside
// a template.

var methods = []string{"get", "head", "options", "trace", "post", "put", "patch", "delete"}

func looksLikeOpenAPI(root *node) bool {
	return (root.has("openapi") || root.has("swagger")) && root.has("paths", object) && root.has("info", object)
}

func readOpenAPI(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "openapi", models.ImportSystem
	info := root.get("info")
	s := &models.ImportedSystem{
		Kind: "internal_api",
		Name: r.text(info, "title", named("name", "the interface's name", "Write its title into the file and import it again.")),
		Description: r.text(info, "description", want{field: "description", noun: "the interface's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what it gives access to."}),
		Version: r.text(info, "version", named("version", "the interface's version", "Ask its maker which version this is.")),
		Access:  models.AccessListed,
	}
	readServers(r, root, s)
	readSchemesAsSecrets(r, root, s)
	ops := operationsOf(r, s)
	eachOperation(root, func(n *node, path, method string) {
		before := len(r.fields)
		op := models.ImportedOperation{Name: operationName(r, ops, n, path, method), DescriptionDigest: digestOf(n.get("description"))}
		op.Title = ops.title(n.get("summary"), n.get("description"))
		op.Why = fmt.Sprintf("It is called with %s. Nobody has checked what it does, so it counts as the highest.", strings.ToUpper(method))
		if method == "delete" {
			op.Effects = []string{"irreversible"}
			op.Why = "It is called with DELETE, so it counts as one that cannot be undone."
		}
		op.Why += confirmation(n.get("x-requireConfirmation"))
		ops.add(n, op, before)
	})
	ops.end(root.get("paths"))
	if len(s.Operations) == 0 {
		message := "The description lists no operations. Take it that the interface may do anything."
		r.warn(root.get("paths"), message)
		r.unlisted(s, root.get("paths"), message)
	} else {
		r.allListed(s, root.get("paths"), "operation", "This is what the description lists. The interface may have more.")
	}
	r.keepSystem(s, info, "title")
}

// eachOperation calls do for each path and method of a description.
func eachOperation(root *node, do func(n *node, path, method string)) {
	paths := root.get("paths")
	for _, path := range paths.keysOrNone() {
		for _, method := range methods {
			if n := paths.members[path].get(method); n != nil && n.kind == object {
				do(n, path, method)
			}
		}
	}
}

// operationName is what the description calls an operation, or else its method and path.
func operationName(r *reading, ops *operations, n *node, path, method string) string {
	field := ops.field("name")
	if n.has("operationId") {
		if name := r.text(n, "operationId", named(field, "the operation's name", "")); name != "" {
			return name
		}
	}
	shown, _ := show(path, false)
	shown, _ = withoutSecrets(shown)
	name := cut(strings.ToUpper(method)+" "+shown, 200)
	if isPlaceholder(name) {
		return ""
	}
	if !n.has("operationId") {
		r.note(models.ImportedField{Field: field, Value: name, Pointer: n.pointer(), Line: n.line, Status: models.FieldDefaulted, Note: "The description gives it no name of its own."})
	}
	return name
}

// confirmation says that a person is asked before an operation, which lowers nothing.
func confirmation(n *node) string {
	if n != nil && strings.EqualFold(n.text, "ENABLED") {
		return " By its description the person who talks to the agent is asked before, which nobody has checked."
	}
	return ""
}

// readServers reads where the interface answers. An address without a host is relative to where
// the description was found, and of no use here.
func readServers(r *reading, root *node, s *models.ImportedSystem) {
	for i, server := range root.get("servers").itemsOf() {
		if i == maxRemotes {
			break
		}
		address := server.get("url")
		if address == nil || address.kind != text || strings.HasPrefix(address.text, "/") || address.text == "" {
			continue
		}
		s.Remotes = append(s.Remotes, models.ImportedRemote{
			Transport: "http",
			URL:       r.text(server, "url", agentAddress(fmt.Sprintf("remotes[%d].url", len(s.Remotes)), "the interface's address", "")),
		})
	}
	if host := root.get("host"); host != nil && host.kind == text { // Swagger
		address := url.URL{Scheme: "https", Host: host.text}
		if base := root.get("basePath"); base != nil {
			address.Path = base.text
		}
		w := agentAddress("remotes[0].url", "the interface's address", "")
		kept, shown, status, note := r.take(&node{kind: text, text: address.String(), line: host.line, parent: host.parent, key: host.key}, w)
		r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: host.pointer(), Line: host.line, Status: status, Note: note})
		s.Remotes = append(s.Remotes, models.ImportedRemote{Transport: "http", URL: kept})
	}
}

// readSchemesAsSecrets takes the ways to sign in as the secrets that the interface wants.
func readSchemesAsSecrets(r *reading, root *node, s *models.ImportedSystem) {
	required := root.has("security")
	schemes := root.get("components").get("securitySchemes")
	if schemes == nil {
		schemes = root.get("securityDefinitions")
	}
	for _, key := range schemes.keysOrNone() {
		name := key
		if header := schemes.members[key].get("name"); header != nil && header.kind == text && header.text != "" {
			name = header.text
		}
		r.noteSecret(s, schemes.members[key], name, required, true)
	}
}
