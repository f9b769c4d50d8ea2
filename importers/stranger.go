package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

const (
	askForCard     = "Ask the agent's maker for its A2A agent card, usually found at /.well-known/agent-card.json."
	forSystems     = "It describes a system and not an agent. Enter the system by hand, and import a file of the agent that uses it."
	noAgentsHeader = "This is a Markdown page whose header has none of the fields of an agent. An agent's header has at least a name or a description: add them, or choose another file."
	forOthers      = "Choose a file that describes an agent, or a system that agents reach."
)

// stranger is a format that is known by name and not read.
type stranger struct {
	format string
	kind   models.ImportKind
	what   string // after "This is "
	advice string
	mark   func(root *node) *node // the part that gives it away; nil when it is something else
}

// strangers are tried in order, after every format that is read.
var strangers = []stranger{
	{"ahp", models.ImportAgent, "an Agent Handshake Protocol document", askForCard, having("ahp")},
	{"openapi", models.ImportSystem, "an OpenAPI description of an interface", forSystems, having("openapi", "swagger")},
	{"asyncapi", models.ImportSystem, "an AsyncAPI description of an interface", forSystems, having("asyncapi")},
	{"mcp-gateway-state", models.ImportUnknown, "the list of which servers a gateway has switched on", "Import the files of the servers themselves, which list their tools.", gatewayState},
	{"mcp-server", models.ImportSystem, "an MCP server manifest", forSystems, serverManifest},
	{"m365-app", models.ImportUnknown, "a Microsoft 365 app manifest", forOthers, having("manifestVersion")},
	{"agent-hooks", models.ImportUnknown, "a list of hooks, commands that run by themselves around the work of an agent", "Import the file of the agent, and put what these commands reach into its scope.", hooks},
	{"agent-marketplace", models.ImportUnknown, "a catalogue of plug-ins, which hold agents", "Import the files of the agents in it, usually in a folder called agents.", marketplace},
	{"agent-plugin", models.ImportUnknown, "the manifest of a plug-in for an assistant, which may hold agents", "Import the files of the agents in it, usually in a folder called agents.", plugin},
	{"agents-json", models.ImportSystem, "an agents.json description of an interface", forSystems, having("agentsJson")},
	{"ai-plugin", models.ImportSystem, "an AI plugin manifest", forSystems, having("name_for_model")},
	{"json-ld", models.ImportUnknown, "a linked-data document, such as the Agent Network Protocol uses", forOthers, having("@context")},
	{"oauth-metadata", models.ImportUnknown, "a description of a sign-in service", forOthers, having("authorization_endpoint", "token_endpoint", "jwks_uri", "authorization_servers")},
	{"json-schema", models.ImportUnknown, "a JSON schema, which says how a file should look and is not that file", forOthers, schemaWith("json-schema.org")},
	{"cloudformation", models.ImportUnknown, "a CloudFormation template", forOthers, having("AWSTemplateFormatVersion", "Resources")},
	{"json-rpc", models.ImportUnknown, "a JSON-RPC message", forOthers, having("jsonrpc")},
	{"kubernetes", models.ImportUnknown, "a Kubernetes resource that is no agent", forOthers, kubernetes},
	{"compose", models.ImportUnknown, "a Docker Compose file", forOthers, compose},
	{"github-workflow", models.ImportUnknown, "a workflow of GitHub Actions", forOthers, workflow},
	{"package-json", models.ImportUnknown, "a package.json of a JavaScript project", forOthers, having("dependencies", "devDependencies", "scripts")},
}

// refuseStranger refuses what can be parsed and is no format that is read, and names it if it can.
func (r *reading) refuseStranger(doc *document) []models.Imported {
	root := doc.root
	line := fmt.Sprintf("line %d", root.line)
	switch root.kind {
	case array:
		return r.refuse(line, fmt.Sprintf("The file is a list of %s, of no kind that is known here. %s", plural(len(root.items), "thing"), forOthers))
	case text:
		return r.refuse(line, "The file is plain text without fields, so nothing in it says what it describes. "+forOthers)
	case object:
	case null:
		if doc.body != nil {
			return r.refuse(line, noAgentsHeader)
		}
		return r.refuse(line, "The file holds null and nothing else. "+forOthers)
	default:
		return r.refuse(line, fmt.Sprintf("The file holds %s and nothing else. %s", root.kind, forOthers))
	}
	for _, key := range root.keys {
		if inner := root.members[key]; looksLikeCard(inner) {
			r.imported.Kind = models.ImportAgent
			return r.refuseAt(inner.pointer(), inner.line, fmt.Sprintf("The agent card stands inside the field %s. Save only that part, from its { to its }, and import it.", quote(key)))
		}
	}
	if s, mark := whichStranger(root); mark != nil {
		r.imported.Format, r.imported.Kind = s.format, s.kind
		return r.refuseAt(mark.pointer(), mark.line, fmt.Sprintf("This is %s. Files of this kind are not read. %s", s.what, s.advice))
	}
	if parts, _ := cardParts(root); len(parts) > 0 {
		r.imported.Format, r.imported.Kind = cardFormat(root), models.ImportAgent
		if root.has("name") {
			return r.refuseAt("/"+parts[0], root.get(parts[0]).line, fmt.Sprintf("This is only a piece of an A2A agent card: of what a card must have there is no more than a name and %s. Import the whole card.", strings.Join(parts, ", ")))
		}
		return r.refuseAt("/name", root.line, fmt.Sprintf("This is only a piece of an A2A agent card: it has %s, and no name. Import the whole card.", strings.Join(parts, ", ")))
	}
	if doc.body != nil {
		return r.refuse(line, noAgentsHeader)
	}
	return r.refuse(line, fmt.Sprintf("The file has fields (%s), but is of no kind that is known here. %s", someKeys(root), forOthers))
}

// whichStranger is the first stranger that root gives itself away as; mark is nil for none.
func whichStranger(root *node) (s stranger, mark *node) {
	for _, s := range strangers {
		if mark := s.mark(root); mark != nil {
			return s, mark
		}
	}
	return stranger{}, nil
}

// nameStranger is what root is, in a few words.
func nameStranger(root *node) string {
	if root.kind != object {
		return string(root.kind)
	}
	if s, mark := whichStranger(root); mark != nil {
		return s.what
	}
	return someKeys(root)
}

// someKeys is the first keys of an object, between quotation marks.
func someKeys(root *node) string {
	var keys []string
	for _, key := range root.keys[:min(len(root.keys), 5)] {
		keys = append(keys, quote(key))
	}
	if len(keys) == 0 {
		return "none"
	}
	return strings.Join(keys, ", ")
}

func having(keys ...string) func(*node) *node {
	return func(root *node) *node {
		for _, key := range keys {
			if n := root.get(key); n != nil && n.kind != null {
				return n
			}
		}
		return nil
	}
}

func schemaWith(part string) func(*node) *node {
	return func(root *node) *node {
		if n := root.get("$schema"); root.has("$schema", text) && strings.Contains(n.text, part) {
			return n
		}
		return nil
	}
}

// kubernetes: a resource of any kind that the cluster knows.
func kubernetes(root *node) *node {
	if root.has("apiVersion", text) && root.has("kind", text) {
		return root.get("kind")
	}
	return nil
}

// compose: services of which each has an image or is built.
func compose(root *node) *node {
	services := root.get("services")
	for _, key := range services.keysOrNone() {
		if s := services.get(key); s.has("image") || s.has("build") {
			return services
		}
	}
	return nil
}

// workflow: jobs, and what starts them.
func workflow(root *node) *node {
	if root.has("on") && root.has("jobs", object) {
		return root.get("jobs")
	}
	return nil
}

// hooks: events with a list of commands each.
func hooks(root *node) *node {
	events := root.get("hooks")
	for _, key := range events.keysOrNone() {
		if list := events.get(key); list.kind == array && !root.has("name") {
			return events
		}
	}
	return nil
}

// marketplace: plug-ins of which each says where it is.
func marketplace(root *node) *node {
	plugins := root.get("plugins")
	if plugins == nil || len(plugins.items) == 0 || !plugins.items[0].has("source") {
		return nil
	}
	return plugins
}

// plugin: a name, and the folders or files of what it brings.
func plugin(root *node) *node {
	for _, key := range []string{"agents", "commands", "skills", "hooks"} {
		if n := root.get(key); n != nil && root.has("name", text) && (n.kind == text || n.kind == array && len(n.items) > 0 && n.items[0].kind == text) {
			return n
		}
	}
	return nil
}

func serverManifest(root *node) *node {
	if n := schemaWith("modelcontextprotocol")(root); n != nil {
		return n
	}
	for _, key := range []string{"packages", "remotes"} {
		if root.has("name") && root.has(key, array) {
			return root.get(key)
		}
	}
	return nil
}

// gatewayState: nothing but paths that are on or off.
func gatewayState(root *node) *node {
	for _, key := range root.keys {
		if !strings.HasPrefix(key, "/") || root.members[key].kind != truth {
			return nil
		}
	}
	if len(root.keys) == 0 {
		return nil
	}
	return root.members[root.keys[0]]
}
