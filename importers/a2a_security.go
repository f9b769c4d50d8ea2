package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

const (
	maxSchemes = 50
	maxScopes  = 200
)

// readSecurity reads how callers prove who they are: securitySchemes with
// securityRequirements (1.0) or security (0.3), or authentication (before 0.3).
// Saying nothing is not the same as letting anybody in.
func readSecurity(r *reading, root *node) models.ImportedSecurity {
	var s models.ImportedSecurity
	if root.has("securitySchemes") {
		s.Stated = true
		s.Schemes = readSchemes(r, root)
	}
	for _, key := range []string{"securityRequirements", "security"} {
		if root.has(key) {
			s.Stated = true
			s.Requirements = append(s.Requirements, readRequirements(r, root, key, "security.requirements", len(s.Requirements))...)
		}
	}
	if root.has("authentication") {
		s.Stated = true
		readAuthentication(r, root, &s)
	}
	doubtUndefined(r, root, s)
	if !s.Stated {
		r.note(models.ImportedField{Field: "security", Pointer: root.child("securitySchemes"), Line: root.line, Status: models.FieldMissing,
			Note: "The card does not say how callers prove who they are. Ask the agent's maker."})
	}
	return s
}

// wrapped are the members that name the type of a scheme in 1.0.
var wrapped = []struct{ key, kind string }{
	{"apiKeySecurityScheme", "apiKey"},
	{"httpAuthSecurityScheme", "http"},
	{"oauth2SecurityScheme", "oauth2"},
	{"openIdConnectSecurityScheme", "openIdConnect"},
	{"mtlsSecurityScheme", "mutualTLS"},
}

func readSchemes(r *reading, root *node) []models.ImportedScheme {
	all := r.object(root, "securitySchemes", want{field: "security.schemes", noun: "how callers prove who they are"})
	if all == nil {
		return nil
	}
	var schemes []models.ImportedScheme
	for _, key := range all.keys {
		if len(schemes) == maxSchemes {
			r.warn(all, fmt.Sprintf("The file lists %d ways to prove who is calling. Only the first %d were read.", len(all.keys), maxSchemes))
			break
		}
		n := all.members[key]
		field := fmt.Sprintf("security.schemes[%d]", len(schemes))
		if n.kind != object {
			r.warn(n, fmt.Sprintf("This way to prove who is calling should be an object between { and }, and is %s. It was not read.", n.kind))
			continue
		}
		schemes = append(schemes, readScheme(r, n, r.name(n), field))
	}
	return schemes
}

// readScheme reads one scheme, flat with a type as in 0.3 or wrapped in it as in 1.0.
func readScheme(r *reading, n *node, name, field string) models.ImportedScheme {
	s := models.ImportedScheme{Name: name, Type: "unknown"}
	inner := n
	for _, w := range wrapped {
		if n.has(w.key, object) {
			inner, s.Type = n.get(w.key), w.kind
		}
	}
	if t := n.get("type"); inner == n && t != nil {
		known := []string{"apiKey", "http", "oauth2", "openIdConnect", "mutualTLS"}
		if i := slices.IndexFunc(known, func(k string) bool { return k == t.text }); i >= 0 {
			s.Type = known[i]
		}
	}
	f := models.ImportedField{Field: field, Pointer: n.pointer(), Line: n.line, Status: models.FieldRead}
	switch s.Type {
	case "apiKey":
		location := "location"
		if inner.has("in") {
			location = "in"
		}
		place := r.text(inner, location, want{field: field + ".location", noun: "where the key is sent", most: 100})
		s.Detail = strings.TrimSpace(place + " " + r.text(inner, "name", want{field: field + ".name", noun: "the name under which the key is sent", most: 200}))
		if place == "query" {
			r.warn(inner, "The key is sent as part of the address, where logs keep it. Ask the agent's maker for a header instead.")
		}
	case "http":
		s.Detail = r.text(inner, "scheme", want{field: field + ".scheme", noun: "the way to sign in", most: 100})
		if inner.has("bearerFormat") {
			s.Detail = strings.TrimSpace(s.Detail + " " + r.text(inner, "bearerFormat", want{field: field + ".format", noun: "the kind of token", most: 100}))
		}
	case "openIdConnect":
		s.URLs = r.addresses(inner, field, "openIdConnectUrl")
	case "oauth2":
		s.URLs = r.addresses(inner, field, "oauth2MetadataUrl")
		readFlows(r, inner, field, &s)
	case "unknown":
		f.Status, f.Note = models.FieldOdd, "The standard knows no such way to prove who is calling. Ask the agent's maker."
		r.warn(n, f.Note)
	}
	f.Value = strings.TrimSpace(s.Name + ": " + s.Type + " " + s.Detail)
	r.note(f)
	return s
}

// readFlows reads the flows of OAuth 2: where tokens come from, and for which scopes.
func readFlows(r *reading, n *node, field string, s *models.ImportedScheme) {
	flows := r.object(n, "flows", want{field: field + ".flows", noun: "how a caller gets a token", ask: "Ask the agent's maker."})
	if flows == nil {
		return
	}
	known := []string{"authorizationCode", "clientCredentials", "deviceCode", "implicit", "password"}
	r.unread(flows, known, nil)
	for _, key := range known {
		flow := flows.get(key)
		if flow == nil || flow.kind != object {
			continue
		}
		if key == "implicit" || key == "password" {
			r.warn(flow, "This way to get a token is no longer held to be safe (RFC 9700). Ask the agent's maker for another.")
		}
		s.Detail = strings.TrimSpace(s.Detail + " " + key)
		s.URLs = append(s.URLs, r.addresses(flow, field, "authorizationUrl", "deviceAuthorizationUrl", "tokenUrl", "refreshUrl")...)
		scopes := flow.get("scopes")
		if scopes == nil {
			continue
		}
		for _, scope := range scopes.keys {
			if len(s.Scopes) == maxScopes {
				r.warn(scopes, fmt.Sprintf("Only the first %d scopes were read.", maxScopes))
				break
			}
			if scope = r.name(scopes.members[scope]); scope != "" && !slices.Contains(s.Scopes, scope) {
				s.Scopes = append(s.Scopes, scope)
			}
		}
	}
}

// addresses reads those of the members keys that are there, as web addresses.
func (r *reading) addresses(n *node, field string, keys ...string) []string {
	var found []string
	for _, key := range keys {
		if !n.has(key) {
			continue
		}
		if u := r.text(n, key, webAddress(field+"."+key, "the address for signing in", "")); u != "" {
			found = append(found, u)
		}
	}
	return found
}

// name is the key of n as a name for the draft; "" for a placeholder.
func (r *reading) name(n *node) string {
	shown := safeKey(n.key)
	switch {
	case isPlaceholder(shown):
		r.warn(n, fmt.Sprintf("The name %s is a placeholder that nobody has filled in. It was not taken over.", quote(shown)))
		return ""
	case shown != n.key:
		r.warn(n, "This name is too long or holds something that is not shown. It was shortened to what can be shown.")
	}
	return shown
}

// readRequirements reads the alternatives, each {"schemes":{name:{"list":[scope]}}} (1.0) or
// {name:[scope]} (0.3, and early 1.0). before is how many the draft has already.
func readRequirements(r *reading, in *node, key, field string, before int) []models.ImportedRequirement {
	var all []models.ImportedRequirement
	w := want{field: field, noun: "what callers must prove"}
	for _, n := range r.objects(in, key, w, maxSchemes) {
		alternative := n
		if n.has("schemes", object) {
			alternative = n.get("schemes")
		}
		var req models.ImportedRequirement
		var shown []string
		if len(alternative.keys) > maxSchemes {
			r.warn(n, fmt.Sprintf("Only the first %d ways to prove who is calling were read here.", maxSchemes))
		}
		for _, name := range alternative.keys[:min(len(alternative.keys), maxSchemes)] {
			use := models.ImportedSchemeUse{Scheme: r.name(alternative.get(name)), Scopes: scopesOf(r, alternative.get(name), field)}
			req.Schemes = append(req.Schemes, use)
			shown = append(shown, strings.TrimSpace(use.Scheme+" "+strings.Join(use.Scopes, " ")))
		}
		f := models.ImportedField{Field: fmt.Sprintf("%s[%d]", field, before+len(all)), Value: strings.Join(shown, " and "), Pointer: n.pointer(), Line: n.line, Status: models.FieldRead}
		if len(req.Schemes) == 0 {
			f.Status, f.Note = models.FieldOdd, "This lets anybody call the agent without proving who they are. Ask the agent's maker whether that is meant."
			r.warn(n, f.Note)
		}
		r.note(f)
		all = append(all, req)
	}
	return all
}

// scopesOf reads a list of scopes, bare or as {"list":[…]}.
func scopesOf(r *reading, n *node, field string) []string {
	if n.has("list") {
		n = n.get("list")
	}
	if n.kind == null || n.kind == object && len(n.keys) == 0 {
		return nil
	}
	var scopes []string
	w := want{field: field, noun: "a scope", most: 200, whole: true}
	for _, item := range r.items(n, w, maxScopes) {
		if scope, _, _, _ := r.take(item, w); scope != "" {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// readAuthentication reads {"schemes":["Bearer"]} of cards before 0.3.
func readAuthentication(r *reading, root *node, s *models.ImportedSecurity) {
	n := r.object(root, "authentication", want{field: "security", noun: "how callers prove who they are"})
	if n == nil {
		return
	}
	for _, name := range r.texts(n, "schemes", want{field: "security.schemes", noun: "a way to prove who is calling", most: 100}, maxSchemes) {
		s.Schemes = append(s.Schemes, models.ImportedScheme{Name: name, Type: "unknown", Detail: "named only"})
	}
	r.unread(n, []string{"schemes"}, []string{"credentials"})
}

// doubtUndefined warns of requirements that name a scheme that the card does not define.
func doubtUndefined(r *reading, root *node, s models.ImportedSecurity) {
	for _, req := range s.Requirements {
		for _, use := range req.Schemes {
			if use.Scheme == "" || slices.ContainsFunc(s.Schemes, func(d models.ImportedScheme) bool { return d.Name == use.Scheme }) {
				continue
			}
			key := "security"
			if root.has("securityRequirements") {
				key = "securityRequirements"
			}
			r.warn(root.get(key), fmt.Sprintf("Callers must use %s, which the card does not define. Ask the agent's maker for a complete card.", quote(use.Scheme)))
		}
	}
}
