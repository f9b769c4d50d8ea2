package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// The tools of an MCP server, as it answers tools/list: bare, as a JSON-RPC message, or a
// single tool. What a server says of its own tools is the word of an untrusted party: it
// can raise what an operation counts as, and never lower it.

// toolResult is the part of root that lists tools; nil when root is something else.
func toolResult(root *node) *node {
	for _, in := range []*node{root, root.get("result")} {
		tools := in.get("tools")
		switch {
		case !in.has("tools", array) || in.has("name") || in.has("server_name") || in.has("mcpServers"):
		case len(tools.items) == 0 && onlyKeys(in, "tools", "nextCursor", "resultType", "ttlMs", "cacheScope", "_meta"):
			return in
		default:
			for i, tool := range tools.items {
				if i < 20 && looksLikeTool(tool) {
					return in
				}
			}
		}
	}
	return nil
}

func looksLikeTool(n *node) bool { return n.has("name") && n.has("inputSchema", object) }

func onlyKeys(n *node, keys ...string) bool {
	for _, key := range n.keys {
		known := false
		for _, k := range keys {
			known = known || k == key
		}
		if !known {
			return false
		}
	}
	return true
}

func looksLikeToolList(root *node) bool { return looksLikeTool(root) || toolResult(root) != nil }

// readToolList reads the tools of one server. The answer does not say whose they are.
func readToolList(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "mcp-tools", models.ImportSystem
	s := &models.ImportedSystem{Kind: "mcp_server", Access: models.AccessListed}
	s.Name = nameFromFile(r, root, "A list of tools")
	ops := operationsOf(r, s)
	if in := toolResult(root); in != nil {
		readTools(ops, in, in.get("tools"))
	} else {
		readTool(ops, root)
		r.unlisted(s, root, "The file holds one tool, and its server may have more.")
		r.warn(root, "This is one tool and not the list of a server's tools. Take it that the server may do anything, and import the whole list.")
	}
	r.keepSystem(s, root, "name")
}

// readTools reads the list of tools that stands in in, and whether it is all.
func readTools(ops *operations, in, list *node) {
	r, s := ops.r, ops.s
	for _, n := range r.items(list, want{noun: "the server's tools"}, maxOperations) {
		if n.kind != object {
			r.warn(n, fmt.Sprintf("This tool should be an object between { and }, and is %s. It was left out.", n.kind))
			continue
		}
		readTool(ops, n)
	}
	ops.end(list)
	switch next := in.get("nextCursor"); {
	case next != nil && next.kind != null && next.text != "":
		message := "This is one page of the list, and the server has more tools. Take it that it may do anything, and import the other pages as well."
		r.warn(next, message)
		r.unlisted(s, next, message)
	case len(s.Operations) == 0:
		message := "The list of tools is empty, which may only mean that whoever asked was not signed in. Take it that the server may do anything."
		r.warn(list, message)
		r.unlisted(s, list, message)
	case len(list.items) > maxOperations:
		r.unlisted(s, list, "The list was too long to be read whole.")
	default:
		r.allListed(s, list, "tool", "This is what the server told whoever asked. It may tell others more.")
	}
}

// readTool adds one tool.
func readTool(ops *operations, n *node) {
	r, before := ops.r, len(ops.r.fields)
	op := models.ImportedOperation{
		Name:              r.text(n, "name", named(ops.field("name"), "the tool's name", "")),
		DescriptionDigest: digestOf(n.get("description")),
	}
	hints := n.get("annotations")
	title := n.get("title")
	if title == nil {
		title = hints.get("title")
	}
	op.Title = ops.title(title, n.get("description"))
	op.Effects, op.Why = readHints(r, hints)
	ops.add(n, op, before)
}

// readHints says what a server's own hints raise, and in plain words what they are
// (tools/list, ToolAnnotations). A tool that is called read-only still counts as the highest,
// for nobody has checked.
func readHints(r *reading, hints *node) (effects []string, why string) {
	if hints == nil || hints.kind != object {
		return nil, "Its server does not say what it changes, so it counts as the highest."
	}
	var said []string
	reads, readsGiven := r.flag(hints, false, "readOnlyHint")
	destroys, destroysGiven := r.flag(hints, true, "destructiveHint")
	switch {
	case destroys:
		effects = []string{"irreversible"}
		said = append(said, "Its server says that it may destroy something (destructiveHint), so it counts as one that cannot be undone.")
	case readsGiven && !reads && !destroysGiven:
		effects = []string{"irreversible"}
		said = append(said, "Its server says that it changes something (readOnlyHint is false) and not that it destroys nothing, which by the standard means that it may.")
	}
	if reads {
		said = append(said, "Its server says that it only reads (readOnlyHint), which nobody has checked.")
	}
	if destroysGiven && !destroys {
		said = append(said, "Its server says that it destroys nothing (destructiveHint is false), which nobody has checked.")
	}
	if open, _ := r.flag(hints, true, "openWorldHint"); open {
		said = append(said, "Its server says that it reaches beyond the system (openWorldHint).")
	}
	if again, given := r.flag(hints, false, "idempotentHint"); given && !again {
		said = append(said, "Its server says that doing it twice has a further effect (idempotentHint is false).")
	}
	said = append(said, "It counts as the highest.")
	return effects, strings.Join(said, " ")
}
