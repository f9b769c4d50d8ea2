package importers

import (
	"fmt"
	"strconv"
	"strings"

	"countersign/models"
)

// The file in which a gateway of MCP servers keeps what it knows of one server: where it
// passes calls on to, and the server's tools.

func looksLikeGatewayServer(root *node) bool {
	if !root.has("server_name") && !root.has("name") {
		return false
	}
	return root.has("tool_list", array) || root.has("proxy_pass_url") || root.has("tools", array) && gatewayTool(root.get("tools"))
}

// gatewayTool reports whether the first tool is written as gateways do, and as servers do
// where their name stands beside the list.
func gatewayTool(tools *node) bool {
	return len(tools.items) > 0 && tools.items[0].has("name") && (tools.items[0].has("input_schema") || tools.items[0].has("inputSchema"))
}

var (
	gatewayKnown = []string{"server_name", "name", "description", "version", "proxy_pass_url", "transport", "supported_transports", "num_tools", "tool_list", "tools"}
	// what is about the gateway and not about the server
	gatewayIgnored = []string{"path", "tags", "num_stars", "is_python", "license", "resources", "user_pool_id", "client_id", "region", "auth_type", "auth_provider", "prompts", "resource_list", "prompt_list"}
)

func readGatewayServer(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "mcp-gateway", models.ImportSystem
	name := root.either("server_name", "name")
	s := &models.ImportedSystem{
		Kind: "mcp_server",
		Name: r.text(root, name, named("name", "the server's name", "Write its name into the file and import it again.")),
		Description: r.text(root, "description", want{field: "description", noun: "the server's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what it gives access to."}),
		Version: r.text(root, "version", named("version", "the server's version", "")),
		Access:  models.AccessListed,
	}
	if root.has("proxy_pass_url") {
		remote := models.ImportedRemote{URL: r.text(root, "proxy_pass_url", agentAddress("remotes[0].url", "the server's address", ""))}
		if root.has("transport") {
			remote.Transport = r.text(root, "transport", transportWant("remotes[0]"))
		}
		s.Remotes = []models.ImportedRemote{remote}
	}
	readGatewayTools(r, root, s)
	r.unread(root, gatewayKnown, gatewayIgnored)
	r.keepSystem(s, root, name)
}

func readGatewayTools(r *reading, root *node, s *models.ImportedSystem) {
	key := root.either("tool_list", "tools")
	list := root.get(key)
	if list == nil || list.kind != array || len(list.items) == 0 {
		message := "The file lists no tools. Take it that the server may do anything."
		r.warnAt(root.child(key), root.line, message)
		r.unlisted(s, root, message)
		return
	}
	ops := operationsOf(r, s)
	for _, n := range r.items(list, want{noun: "the server's tools"}, maxOperations) {
		if n.kind != object {
			r.warn(n, fmt.Sprintf("This tool should be an object between { and }, and is %s. It was left out.", n.kind))
			continue
		}
		readGatewayTool(ops, n)
	}
	ops.end(list)
	count := root.get("num_tools")
	switch {
	case count != nil && count.text != strconv.Itoa(len(list.items)):
		message := fmt.Sprintf("The file says that there are %s tools and lists %d. Take it that the server may do anything, and import its own list.", quote(count.text), len(list.items))
		r.warn(count, message)
		r.unlisted(s, count, message)
	case len(s.Operations) == 0 || len(list.items) > maxOperations:
		r.unlisted(s, list, "The list of tools could not be read whole.")
	default:
		r.allListed(s, list, "tool", "This is what the gateway knew when the file was written.")
	}
}

// readGatewayTool adds one tool, whose description may be taken apart: what it does, what it
// takes, what it gives and when it fails.
func readGatewayTool(ops *operations, n *node) {
	r, before := ops.r, len(ops.r.fields)
	op := models.ImportedOperation{Name: r.text(n, "name", named(ops.field("name"), "the tool's name", ""))}
	said := n.get("description")
	op.DescriptionDigest = digestOf(said)
	if parts := n.get("parsed_description"); said == nil && parts != nil {
		said = parts.get("main")
		var all []string
		for _, key := range []string{"main", "args", "returns", "raises"} {
			if part := parts.get(key); part != nil && part.kind == text && part.text != "" {
				all = append(all, part.text)
			}
		}
		op.DescriptionDigest = digestOf(&node{kind: text, text: strings.Join(all, "\n")})
	}
	op.Title = ops.title(n.get("title"), said)
	op.Effects, op.Why = readHints(r, n.get("annotations"))
	ops.add(n, op, before)
}
