package importers

import (
	"fmt"
	"slices"

	"countersign/models"
)

const maxInterfaces = 50

// readInterfaces reads where the agent answers: supportedInterfaces (1.0), then url with
// preferredTransport and additionalInterfaces (0.x). The same address may be listed for
// several protocols.
func readInterfaces(r *reading, root *node) []models.ImportedInterface {
	modern := root.has("supportedInterfaces")
	legacy := root.has("url") || root.has("additionalInterfaces")
	var found []models.ImportedInterface
	if modern || (!legacy && cardFormat(root) == "a2a-card/1.0") {
		found = modernInterfaces(r, root)
	}
	if legacy || (!modern && cardFormat(root) != "a2a-card/1.0") {
		found = legacyInterfaces(r, root, found, modern)
	}
	if modern && !legacy {
		version := root.get("protocolVersion")
		if version != nil {
			r.warn(version, "A card of version 1.0 gives the protocol's version with each interface and not here. It was not read.")
		}
	}
	return found
}

func modernInterfaces(r *reading, root *node) []models.ImportedInterface {
	var found []models.ImportedInterface
	w := want{field: "interfaces", noun: "the addresses where the agent answers", ask: "Ask the agent's maker where it runs."}
	for _, n := range r.objects(root, "supportedInterfaces", w, maxInterfaces) {
		field, before := fmt.Sprintf("interfaces[%d]", len(found)), len(r.fields)
		i := models.ImportedInterface{
			URL:             r.text(n, "url", agentAddress(field+".url", "the agent's address", "Ask the agent's maker where it runs.")),
			Protocol:        r.text(n, "protocolBinding", binding(field, "Ask the agent's maker: JSONRPC, GRPC or HTTP+JSON.")),
			ProtocolVersion: r.text(n, "protocolVersion", protocolVersion(field)),
		}
		if n.has("tenant") {
			i.Tenant = r.text(n, "tenant", want{field: field + ".tenant", noun: "the tenant", most: 200, whole: true})
		}
		if slices.Contains(found, i) {
			r.forget(before)
			r.warn(n, "The card lists this address with the same protocol twice. Remove one.")
			continue
		}
		found = append(found, i)
		r.unread(n, []string{"url", "protocolBinding", "protocolVersion", "tenant"}, nil)
	}
	return found
}

// legacyInterfaces adds what a 0.x card says to found. Where also is true the card speaks 1.0
// as well, and what is missing here is not asked for.
func legacyInterfaces(r *reading, root *node, found []models.ImportedInterface, also bool) []models.ImportedInterface {
	version := ""
	if root.has("url") || !also {
		found, version = mainInterface(r, root, found, also)
	}
	if !root.has("additionalInterfaces") {
		return found
	}
	for _, n := range r.objects(root, "additionalInterfaces", want{field: "interfaces", noun: "the agent's other addresses"}, maxInterfaces) {
		field, before := fmt.Sprintf("interfaces[%d]", len(found)), len(r.fields)
		other := models.ImportedInterface{
			URL:             r.text(n, "url", agentAddress(field+".url", "the agent's address", "Ask the agent's maker where it runs.")),
			Protocol:        r.text(n, "transport", binding(field, "Ask the agent's maker: JSONRPC, GRPC or HTTP+JSON.")),
			ProtocolVersion: version,
		}
		r.unread(n, []string{"url", "transport"}, nil)
		if reaches(found, other) { // 0.3 wants the main address repeated here
			r.forget(before)
			continue
		}
		found = append(found, other)
	}
	return found
}

// mainInterface adds the one address of a 0.x card to found, unless it is there. version is
// that of the protocol, which holds for all addresses of such a card.
func mainInterface(r *reading, root *node, found []models.ImportedInterface, also bool) (all []models.ImportedInterface, version string) {
	field, before := fmt.Sprintf("interfaces[%d]", len(found)), len(r.fields)
	wanted := protocolVersion(field)
	if also {
		wanted.ask = ""
	}
	main := models.ImportedInterface{
		URL:             r.text(root, "url", agentAddress(field+".url", "the agent's address", "Ask the agent's maker where it runs.")),
		Protocol:        preferredTransport(r, root, field),
		ProtocolVersion: r.text(root, "protocolVersion", wanted),
	}
	if reaches(found, main) {
		r.forget(before)
		return found, main.ProtocolVersion
	}
	return append(found, main), main.ProtocolVersion
}

// reaches reports whether found has the address and protocol of i already.
func reaches(found []models.ImportedInterface, i models.ImportedInterface) bool {
	return i.URL != "" && slices.ContainsFunc(found, func(f models.ImportedInterface) bool {
		return f.URL == i.URL && f.Protocol == i.Protocol
	})
}

// preferredTransport is the protocol at the main address; JSONRPC when the card does not say
// (A2A 0.3, AgentCard.preferredTransport).
func preferredTransport(r *reading, root *node, field string) string {
	if root.has("preferredTransport") {
		return r.text(root, "preferredTransport", binding(field, ""))
	}
	r.note(models.ImportedField{Field: field + ".protocol", Value: "JSONRPC", Pointer: root.child("preferredTransport"), Line: root.line,
		Status: models.FieldDefaulted, Note: "The card does not say; the standard then means JSONRPC."})
	return "JSONRPC"
}

func protocolVersion(field string) want {
	return want{field: field + ".protocolVersion", noun: "the version of the A2A protocol", most: 50, whole: true,
		ask: "Ask the agent's maker which version it speaks."}
}

func binding(field, ask string) want {
	return want{field: field + ".protocol", noun: "the protocol", ask: ask, most: maxAddress, whole: true, check: checkBinding}
}

// checkBinding knows the protocols of the standard; others are named by the address of their
// description (A2A 1.0, custom protocol bindings).
func checkBinding(_ want, s string) (kept, problem string) {
	if slices.Contains([]string{"JSONRPC", "GRPC", "HTTP+JSON"}, s) {
		return s, ""
	}
	if kept, _ := checkWeb(want{}, s); kept != "" {
		return s, ""
	}
	return s, fmt.Sprintf("The standard knows no protocol %s: it has JSONRPC, GRPC and HTTP+JSON. Ask the agent's maker.", quote(s))
}
