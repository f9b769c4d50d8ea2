package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// The plug-in files of Microsoft 365 Copilot: functions that a declarative agent may call, and
// where they run.

func looksLikePlugin(root *node) bool {
	if schemaWith("copilot/plugin")(root) != nil {
		return true
	}
	return root.has("name_for_human") && (root.has("functions", array) || root.has("runtimes", array))
}

var (
	pluginKnown   = []string{"name_for_human", "description_for_human", "description_for_model", "functions", "runtimes"}
	pluginIgnored = []string{"$schema", "schema_version", "namespace", "capabilities", "contact_email", "logo_url", "legal_info_url", "privacy_policy_url", "name_for_model"}
)

func readPlugin(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "m365-plugin", models.ImportSystem
	s := &models.ImportedSystem{
		Kind: "internal_api",
		Name: r.text(root, "name_for_human", named("name", "the plug-in's name", "Write its name into the file and import it again.")),
		Description: r.text(root, root.either("description_for_human", "description_for_model"), want{field: "description", noun: "the plug-in's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what it gives access to."}),
		Access: models.AccessListed,
	}
	ops := operationsOf(r, s)
	list := root.get("functions")
	for _, n := range list.itemsOf() {
		readFunction(ops, n)
	}
	ops.end(root)
	open := openRuntime(root)
	switch {
	case len(s.Operations) == 0:
		message := "The file lists no functions. Take it that the plug-in may do anything."
		r.warn(root, message)
		r.unlisted(s, root, message)
	case open != nil:
		message := "Here the plug-in may use more functions than the file lists. Take it that it may do anything."
		r.warn(open, message)
		r.unlisted(s, open, message)
	default:
		r.allListed(s, list, "function", "These are the functions that the file lists.")
	}
	for i, n := range root.get("runtimes").itemsOf() {
		if i < maxRemotes {
			readRuntime(r, n, s)
		}
	}
	r.unread(root, pluginKnown, pluginIgnored)
	r.keepSystem(s, root, "name_for_human")
}

// openRuntime is the part of a plug-in that lets it use functions that are not listed; nil when
// there is none.
func openRuntime(root *node) *node {
	for _, runtime := range root.get("runtimes").itemsOf() {
		for _, name := range runtime.get("run_for_functions").itemsOf() {
			if strings.Contains(name.text, "*") {
				return name
			}
		}
	}
	return nil
}

// handling is what a function may say of the data that it handles, with what that raises.
var handling = map[string]struct{ effect, words string }{
	"GetPrivateData":      {"sensitive-records", "reads private data"},
	"DataExport":          {"sensitive-records", "passes data on"},
	"ResourceStateUpdate": {"", "changes something"},
}

func readFunction(ops *operations, n *node) {
	r, before := ops.r, len(ops.r.fields)
	op := models.ImportedOperation{
		Name:              r.text(n, "name", named(ops.field("name"), "the function's name", "")),
		DescriptionDigest: digestOf(n.get("description")),
		Why:               "Nobody has checked what it changes, so it counts as the highest.",
	}
	op.Title = ops.title(nil, n.get("description"))
	for _, said := range n.get("capabilities").get("security_info").get("data_handling").itemsOf() {
		if means, known := handling[said.text]; known {
			op.Why += fmt.Sprintf(" By its description it %s (%s).", means.words, said.text)
			if means.effect != "" {
				op.Effects = append(op.Effects, means.effect)
			}
		}
	}
	if asks := n.get("capabilities").get("confirmation"); asks.has("type") && !strings.EqualFold(asks.get("type").text, "None") {
		op.Why += confirmation(&node{kind: text, text: "ENABLED"})
	}
	ops.add(n, op, before)
}

// readRuntime reads where functions run, and by which kept secret they sign in.
func readRuntime(r *reading, n *node, s *models.ImportedSystem) {
	if address := n.get("spec").get("url"); address != nil && address.kind == text {
		if strings.Contains(address.text, "://") || isPlaceholder(address.text) {
			s.Remotes = append(s.Remotes, models.ImportedRemote{
				URL: r.text(n.get("spec"), "url", agentAddress(fmt.Sprintf("remotes[%d].url", len(s.Remotes)), "the address where functions run", "")),
			})
		} else {
			r.note(models.ImportedField{Value: brief(address), Pointer: address.pointer(), Line: address.line, Status: models.FieldIgnored, Note: "The functions are described further in this file. Where they run is said there."})
		}
	}
	auth := n.get("auth")
	kind := auth.get("type")
	if kind == nil || kind.kind != text {
		return
	}
	if strings.EqualFold(kind.text, "None") {
		r.note(models.ImportedField{Value: brief(kind), Pointer: kind.pointer(), Line: kind.line, Status: models.FieldRead, Note: "Some functions are called without signing in."})
		return
	}
	name := kind.text
	if auth.has("reference_id") {
		if id := r.text(auth, "reference_id", named("", "the reference to the kept secret", "")); id != "" {
			name = id
		}
	}
	r.noteSecret(s, auth, name, true, true)
}
