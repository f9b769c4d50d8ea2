package importers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// The A2A agent card: what an agent that speaks the Agent2Agent protocol says about itself,
// usually at /.well-known/agent-card.json. Version 1.0 lists supportedInterfaces; the 0.x
// versions have one url. A card may carry both, for callers of either.

const maxModes = 50

// cardMarks are fields that tell a card from other JSON, with how much each proves.
var cardMarks = []struct {
	key    string
	kind   kind
	weight int
}{
	{"supportedInterfaces", array, 3},
	{"defaultInputModes", array, 2},
	{"defaultOutputModes", array, 2},
	{"preferredTransport", text, 2},
	{"additionalInterfaces", array, 2},
	{"skills", array, 1},
	{"capabilities", object, 1},
	{"protocolVersion", text, 1},
	{"url", text, 1},
	{"securitySchemes", object, 1},
	{"securityRequirements", array, 1},
	{"signatures", array, 1},
}

// cardParts is which fields of a card root has, and how much they prove together.
// From 3 on there is little doubt.
func cardParts(root *node) (parts []string, weight int) {
	for _, m := range cardMarks {
		if root.has(m.key, m.kind) {
			parts = append(parts, m.key)
			weight += m.weight
		}
	}
	return parts, weight
}

func looksLikeCard(root *node) bool {
	_, weight := cardParts(root)
	return root.has("name") && weight >= 3
}

// cardKnown are the fields of a card of any version that are read, cardIgnored the others.
var (
	cardKnown = []string{
		"name", "description", "version", "provider", "documentationUrl", "protocolVersion",
		"supportedInterfaces", "url", "preferredTransport", "additionalInterfaces",
		"capabilities", "defaultInputModes", "defaultOutputModes", "skills",
		"securitySchemes", "securityRequirements", "security", "authentication", "signatures",
		"supportsAuthenticatedExtendedCard",
	}
	cardIgnored = []string{"iconUrl", "$schema", "$comment"}
)

// readCard reads a card of any version. It refuses one without a name, for nobody could
// answer for it; whatever else is missing is a warning.
func readCard(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = cardFormat(root), models.ImportAgent
	a := &models.ImportedAgent{
		Name: r.text(root, "name", want{field: "name", noun: "the agent's name", most: 200,
			ask: "Write the agent's name into the card and import it again."}),
		Description: r.text(root, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the agent is for."}),
		Version: r.text(root, "version", want{field: "version", noun: "the agent's version", most: 100,
			ask: "Ask the agent's maker which version this is."}),
	}
	readProvider(r, root, a)
	a.DocumentationURL = r.text(root, "documentationUrl", webAddress("documentationURL", "the address of the documentation", ""))
	a.Interfaces = readInterfaces(r, root)
	readCapabilities(r, root, a)
	a.InputModes = r.texts(root, "defaultInputModes", modes("inputModes", "the kinds of input that the agent takes", "Ask the agent's maker, for example for text/plain."), maxModes)
	a.OutputModes = r.texts(root, "defaultOutputModes", modes("outputModes", "the kinds of output that the agent gives", "Ask the agent's maker, for example for text/plain."), maxModes)
	a.Skills = readSkills(r, root)
	a.Security = readSecurity(r, root)
	a.Tools = unlistedTools(r, root)
	a.Signatures = readSignatures(r, root)
	r.unread(root, cardKnown, cardIgnored)

	r.imported.Name = a.Name
	if a.Name == "" {
		refuseNameless(r, root)
		return
	}
	a.Fields = r.fields
	r.imported.Agent = a
}

// refuseNameless refuses a card whose name could not be read, and says why before all else.
func refuseNameless(r *reading, root *node) {
	n, reason := root.get("name"), "The agent has no name that can be used. Write its name into the card and import it again."
	for _, f := range r.fields {
		if f.Field == "name" && f.Note != "" {
			reason = f.Note
		}
	}
	r.imported.Warnings = slices.DeleteFunc(r.imported.Warnings, func(w models.ImportWarning) bool { return w.Message == reason })
	r.decline(n.pointer(), n.line, reason)
}

var zeroVersion = regexp.MustCompile(`^0\.[0-9]{1,2}`)

// cardFormat is "a2a-card/1.0" for cards with supportedInterfaces; else "a2a-card/0.3" or the
// like when the card says which, and "a2a-card/0.x" when it does not.
func cardFormat(root *node) string {
	if root.has("supportedInterfaces", array) {
		return "a2a-card/1.0"
	}
	if v := root.get("protocolVersion"); v != nil && (v.kind == text || v.kind == number) {
		if zero := zeroVersion.FindString(v.text); zero != "" {
			return "a2a-card/" + zero
		}
	}
	for _, old := range []string{"url", "preferredTransport", "additionalInterfaces", "security"} {
		if root.has(old) {
			return "a2a-card/0.x"
		}
	}
	return "a2a-card/1.0"
}

func readProvider(r *reading, root *node, a *models.ImportedAgent) {
	provider := r.object(root, "provider", want{field: "provider", noun: "who provides the agent"})
	if provider == nil {
		return
	}
	a.Provider = r.text(provider, "organization", want{field: "provider", noun: "the name of who provides the agent", most: 200, ask: "Enter who provides the agent."})
	a.ProviderURL = r.text(provider, "url", webAddress("providerURL", "the address of who provides the agent", "Enter the provider's address."))
	r.unread(provider, []string{"organization", "url"}, nil)
}

// readCapabilities reads the extensions of the protocol. The rest of the capabilities is about
// the connection, and of no use to a draft; but a card may say that it is not the whole card.
func readCapabilities(r *reading, root *node, a *models.ImportedAgent) {
	noteExtendedCard(r, root)
	capabilities := r.object(root, "capabilities", want{field: "capabilities", noun: "what the agent's connection can do", ask: "Ask the agent's maker for a complete card."})
	if capabilities == nil {
		return
	}
	for i, e := range readExtensions(r, capabilities) {
		field := fmt.Sprintf("extensions[%d]", i)
		required := e.get("required")
		a.Extensions = append(a.Extensions, models.ImportedExtension{
			URI:      r.text(e, "uri", want{field: field + ".uri", noun: "the address of the extension", ask: "Ask the agent's maker which extension this is.", most: maxAddress, whole: true}),
			Required: required != nil && required.text == "true",
		})
		r.unread(e, []string{"uri", "required"}, []string{"description", "params"})
	}
	r.unread(capabilities, []string{"extensions", "extendedAgentCard"}, []string{"streaming", "pushNotifications", "stateTransitionHistory"})
}

// noteExtendedCard warns once when callers who have signed in are shown more than this card.
func noteExtendedCard(r *reading, root *node) {
	for _, more := range []*node{root.get("capabilities").get("extendedAgentCard"), root.get("supportsAuthenticatedExtendedCard")} {
		if more != nil && more.text == "true" {
			message := "Callers who have signed in get a longer card with perhaps more skills. Ask the agent's maker for that one."
			r.warn(more, message)
			r.note(models.ImportedField{Field: "extendedCard", Value: "true", Pointer: more.pointer(), Line: more.line, Status: models.FieldOdd, Note: message})
			return
		}
	}
}

func readExtensions(r *reading, capabilities *node) []*node {
	if !capabilities.has("extensions") {
		return nil
	}
	return r.objects(capabilities, "extensions", want{field: "extensions", noun: "the extensions of the protocol"}, 50)
}

func modes(field, noun, ask string) want {
	return want{field: field, noun: noun, ask: ask, most: 200}
}

// unlistedTools: a card never says what its agent reaches, so that is unknown and not none.
func unlistedTools(r *reading, root *node) models.ImportedAccess {
	note := "An agent card does not list the tools and systems that the agent reaches. Until the provisioner lists them, take it that the agent may reach anything."
	r.note(models.ImportedField{Field: "tools", Pointer: root.pointer(), Line: root.line, Status: models.FieldMissing, Note: note})
	return models.ImportedAccess{Access: models.AccessUnknown, Note: note}
}

// readSignatures counts the signatures (JWS over the card, RFC 7515). None is checked here:
// that would take the signer's key, and a reason to trust it.
func readSignatures(r *reading, root *node) int {
	if !root.has("signatures") {
		return 0
	}
	count := 0
	for _, s := range r.objects(root, "signatures", want{field: "signatures", noun: "the card's signatures"}, 50) {
		count++
		if !s.has("protected", text) || !s.has("signature", text) {
			r.warn(s, "This signature lacks its part “protected” or “signature” and proves nothing. Ask the agent's maker for a complete card.")
		}
	}
	if count > 0 {
		n := root.get("signatures")
		message := "The card is signed, and the signature was not checked. Do not take it as proof of who wrote the card."
		r.warn(n, message)
		r.note(models.ImportedField{Field: "signatures", Value: plural(count, "signature"), Pointer: n.pointer(), Line: n.line, Status: models.FieldUnverified, Note: message})
	}
	return count
}

func plural(count int, noun string) string {
	if count != 1 {
		noun += "s"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", count, noun))
}
