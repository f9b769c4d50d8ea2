package importers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// readPackages reads the programs that run a server.
func readPackages(r *reading, server *node, s *models.ImportedSystem) {
	if !server.has("packages") {
		return
	}
	for _, n := range r.objects(server, "packages", want{field: "packages", noun: "the programs that run it"}, maxPackages) {
		s.Packages = append(s.Packages, readPackage(r, n, s))
	}
}

var (
	packageKnown = []string{
		"registryType", "registry_type", "registry_name", "identifier", "name", "version", "transport",
		"registryBaseUrl", "registry_base_url", "environmentVariables", "environment_variables",
		"runtimeArguments", "runtime_arguments", "packageArguments", "package_arguments",
	}
	packageIgnored = []string{"runtimeHint", "runtime_hint", "fileSha256", "file_sha256"}
)

func readPackage(r *reading, n *node, s *models.ImportedSystem) models.ImportedPackage {
	field := fmt.Sprintf("packages[%d]", len(s.Packages))
	p := models.ImportedPackage{
		Registry:   r.text(n, n.either("registryType", "registry_type", "registry_name"), registryWant(field)),
		Identifier: r.text(n, n.either("identifier", "name"), want{field: field + ".identifier", noun: "the name of the program", ask: askServer, most: maxAddress, whole: true, check: checkFilled}),
		Transport:  packageTransport(r, n, s, field),
	}
	if n.has("version") {
		p.Version = r.text(n, "version", named(field+".version", "the version of the program", ""))
	}
	p = canonicalPackage(p, baseHost(n))
	doubtVersion(r, n, p, field)
	doubtRegistry(r, n, p)
	for _, keys := range [][]string{{"environmentVariables", "environment_variables"}, {"runtimeArguments", "runtime_arguments"}, {"packageArguments", "package_arguments"}} {
		readVariables(r, n, s, keys...)
	}
	r.unread(n, packageKnown, packageIgnored)
	return p
}

var registries = []string{"npm", "pypi", "oci", "nuget", "mcpb", "cargo", "homebrew"}

func registryWant(field string) want {
	w := named(field+".registry", "where the program is fetched from", askServer)
	w.check = func(w want, s string) (kept, problem string) {
		name := strings.ToLower(s)
		switch {
		case name == "docker":
			return "oci", ""
		case name == "unknown":
			return "", "The file does not know where the program is fetched from. " + askServer
		case slices.Contains(registries, name):
			return name, ""
		}
		if kept, problem = checkFilled(w, s); problem != "" {
			return kept, problem
		}
		return s, fmt.Sprintf("No registry of programs called %s is known here. %s", quote(s), askServer)
	}
	return w
}

// packageTransport is how the program is spoken to; the first manifests do not say and mean
// standard input and output.
func packageTransport(r *reading, n *node, s *models.ImportedSystem, field string) string {
	transport := n.get("transport")
	if transport == nil || transport.kind == null {
		r.note(models.ImportedField{Field: field + ".transport", Value: "stdio", Pointer: n.child("transport"), Line: n.line,
			Status: models.FieldDefaulted, Note: "The file does not say; the standard then means standard input and output."})
		return "stdio"
	}
	if transport.kind == text {
		return r.text(n, "transport", transportWant(field))
	}
	if transport = r.object(n, "transport", want{field: field + ".transport", noun: "how the program is spoken to"}); transport == nil {
		return ""
	}
	readVariables(r, transport, s, "headers")
	r.unread(transport, []string{"type", "headers"}, []string{"url", "variables"})
	return r.text(transport, "type", transportWant(field))
}

func transportWant(field string) want {
	w := named(field+".transport", "how it is spoken to", askServer)
	w.check = func(w want, s string) (kept, problem string) {
		switch name := strings.ToLower(strings.ReplaceAll(s, "_", "-")); name {
		case "stdio", "sse", "streamable-http":
			return name, ""
		case "streamable", "http", "streamablehttp":
			return "streamable-http", ""
		case "local":
			return "stdio", ""
		}
		if kept, problem = checkFilled(w, s); problem != "" {
			return kept, problem
		}
		return s, fmt.Sprintf("The standard knows no transport %s: it has stdio, streamable-http and sse. %s", quote(s), askServer)
	}
	return w
}

// baseHost is the host of the registry that a package names; "" when it names none.
func baseHost(n *node) string {
	base := n.get(n.either("registryBaseUrl", "registry_base_url"))
	if base == nil || base.kind != text {
		return ""
	}
	host := strings.TrimPrefix(strings.TrimPrefix(base.text, "https://"), "http://")
	host, _, _ = strings.Cut(host, "/")
	return strings.ToLower(host)
}

// usualHosts are where the programs of a registry come from when nothing is said.
var usualHosts = map[string][]string{
	"npm":   {"registry.npmjs.org"},
	"pypi":  {"pypi.org"},
	"nuget": {"api.nuget.org"},
	"oci":   {"docker.io", "ghcr.io", "quay.io", "mcr.microsoft.com", "public.ecr.aws", "gcr.io"},
	"mcpb":  {"github.com", "gitlab.com"},
}

// doubtRegistry asks to confirm a registry that is not the usual one: a program of the same
// name may be another program there.
func doubtRegistry(r *reading, n *node, p models.ImportedPackage) {
	if host := baseHost(n); host != "" && !slices.Contains(usualHosts[p.Registry], host) {
		base := n.get(n.either("registryBaseUrl", "registry_base_url"))
		r.warn(base, fmt.Sprintf("The program is fetched from %s, which is not the usual place. Confirm that it is meant.", quote(host)))
	}
}

// canonicalPackage writes the name of a container image in full, with its tag as the version:
// older manifests keep the tag apart, newer ones do not.
func canonicalPackage(p models.ImportedPackage, host string) models.ImportedPackage {
	if p.Registry != "oci" || p.Identifier == "" {
		return p
	}
	name, tag := p.Identifier, ""
	if before, sum, found := strings.Cut(name, "@"); found {
		name, tag = before, sum
	} else if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, tag = name[:colon], name[colon+1:]
	}
	if p.Version == "" || strings.Contains(tag, ":") {
		p.Version = cut(tag, 200)
	}
	first, _, deep := strings.Cut(name, "/")
	if !deep || !strings.ContainsAny(first, ".:") && first != "localhost" {
		if host == "" {
			host = "docker.io"
		}
		name = host + "/" + name
	}
	if checked, _ := checkFilled(want{}, name); checked != "" {
		p.Identifier = cut(name, maxAddress)
	}
	return p
}

var openVersion = regexp.MustCompile(`(?i)^$|^(latest|stable|main|master|edge|nightly)$|[*^~<>=|]|\.x\b`)

// doubtVersion warns of a program whose version is left open: what runs tomorrow is not what
// was signed today.
func doubtVersion(r *reading, n *node, p models.ImportedPackage, field string) {
	for _, f := range r.fields {
		if f.Field == field+".version" && f.Status == models.FieldPlaceholder || f.Field == field+".identifier" && f.Status == models.FieldPlaceholder {
			return // warned of already
		}
	}
	if !openVersion.MatchString(p.Version) || p.Identifier == "" || strings.HasPrefix(p.Version, "sha256:") {
		return
	}
	where, line := n.child("version"), n.line
	if version := n.get("version"); version != nil {
		line = version.line
	}
	message := "The file fixes no version of the program: whatever is newest is run, unseen. Ask the server's maker which version to use."
	r.warnAt(where, line, message)
	if n.has("version") {
		r.doubt(field+".version", message)
	} else {
		r.note(models.ImportedField{Field: field + ".version", Pointer: where, Line: line, Status: models.FieldMissing, Note: message})
	}
}

// readRemotes reads where a server answers.
func readRemotes(r *reading, server *node, s *models.ImportedSystem) {
	if !server.has("remotes") {
		return
	}
	for _, n := range r.objects(server, "remotes", want{field: "remotes", noun: "the addresses where it answers"}, maxRemotes) {
		field := fmt.Sprintf("remotes[%d]", len(s.Remotes))
		s.Remotes = append(s.Remotes, models.ImportedRemote{
			Transport: r.text(n, n.either("type", "transport_type", "transportType"), transportWant(field)),
			URL:       r.text(n, "url", agentAddress(field+".url", "the server's address", "Ask the server's maker where it runs.")),
		})
		readVariables(r, n, s, "headers")
		readVariables(r, n, s, "variables")
		r.unread(n, []string{"type", "transport_type", "transportType", "url", "headers", "variables"}, []string{"description"})
	}
}

// readVariables takes from the first of keys that n has which secrets are wanted: variables,
// headers and arguments, each with its own variables inside.
func readVariables(r *reading, n *node, s *models.ImportedSystem, keys ...string) {
	list := n.get(n.either(keys...))
	switch {
	case list == nil || list.kind == null:
	case list.kind == object: // by name
		for _, name := range list.keys {
			readVariable(r, list.members[name], s, name, false)
		}
	default:
		arguments := strings.Contains(list.key, "rguments")
		for _, item := range r.items(list, want{noun: "what it is started with"}, maxSecrets) {
			name := item.get(item.either("name", "valueHint", "value_hint"))
			if item.kind == object && name != nil && name.kind == text {
				readVariable(r, item, s, name.text, arguments)
			} else if item.kind == object {
				readVariable(r, item, s, "", arguments)
			}
		}
	}
}

// readVariable reads one thing that the server is started with.
func readVariable(r *reading, n *node, s *models.ImportedSystem, name string, argument bool) {
	value := n.get("value")
	if argument {
		name, _, _ = splitArgument(name)
		if value != nil && value.kind == text {
			if inside, _, found := splitArgument(value.text); found {
				name = inside
			}
		}
	}
	required := readRequired(r, n)
	secret, _ := r.flag(n, true, "isSecret", "is_secret")
	inner := n.get("variables")
	if inner != nil && len(inner.keys) == 1 && name != "" { // Authorization: Bearer {token}
		only := inner.members[inner.keys[0]]
		marked, _ := r.flag(only, true, "isSecret", "is_secret")
		secret, required = secret || marked, required || readRequired(r, only)
		inner = nil
	}
	if secret || namesSecret(name) {
		r.wantSecret(s, n, name, required, secret)
		for _, key := range []string{"value", "default", "placeholder"} {
			if held := n.get(key); held != nil && !(argument && harmlessArgument(held)) {
				r.hideValue(held)
			}
		}
	}
	if inner != nil && inner.kind == object {
		for _, key := range inner.keys {
			readVariable(r, inner.members[key], s, key, false)
		}
	}
}

var (
	setsVariable = regexp.MustCompile(`^(?:-e|--env)[ =]([A-Za-z_]\w*)(?:=(.*))?$|^([A-Za-z_]\w*)=(.*)$|^([A-Z][A-Z0-9]*_[A-Z0-9_]+)$`)
	setsOption   = regexp.MustCompile(`^--?([A-Za-z][\w-]*)(?:[ =](.*))?$`)
)

// splitArgument is the name and the value in an argument: -e TOKEN=x, --token x. An argument
// without a name is its own.
func splitArgument(s string) (name, value string, found bool) {
	if len(s) > 10_000 {
		return s, s, false
	}
	if m := setsVariable.FindStringSubmatch(s); m != nil {
		return m[1] + m[3] + m[5], m[2] + m[4], true
	}
	if m := setsOption.FindStringSubmatch(s); m != nil && m[1] != "e" && m[1] != "env" {
		return m[1], m[2], true
	}
	return s, s, false
}

// harmlessArgument reports whether an argument only names what is given elsewhere.
func harmlessArgument(n *node) bool {
	_, value, _ := splitArgument(n.text)
	return value == "" || isGap(value)
}

// readRequired takes required for isRequired, with a warning: programs that go by the standard
// do not see it.
func readRequired(r *reading, n *node) bool {
	if wrong := n.get("required"); wrong != nil && !n.has(n.either("isRequired", "is_required")) {
		r.warn(wrong, "The standard writes this field “isRequired”, and the file has “required”. It was read all the same: correct its name.")
		yes, _ := r.flag(n, false, "required")
		return yes
	}
	yes, _ := r.flag(n, false, "isRequired", "is_required")
	return yes
}
