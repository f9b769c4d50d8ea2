package importers

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// The configuration of a program that uses MCP servers (an editor, an assistant, an agent):
// by name, how each server is started or where it answers. Each is a system; whoever uses the
// configuration may reach all of them.

// clientServers are the members of root that list servers by name.
func clientServers(root *node) []*node {
	var lists []*node
	add := func(in *node, key string) {
		if list := in.get(key); in.has(key, object) && (key != "servers" || looksLikeServers(list)) {
			lists = append(lists, list)
		}
	}
	add(root, "mcpServers")
	add(root, "servers")
	add(root, "context_servers")
	add(root.get("mcp"), "servers")
	if projects := root.get("projects"); root.has("projects", object) {
		for _, key := range projects.keys {
			add(projects.members[key], "mcpServers")
		}
	}
	return lists
}

// looksLikeServers tells a list of MCP servers from other things called servers.
func looksLikeServers(list *node) bool {
	for _, key := range list.keys {
		server := list.members[key]
		for _, mark := range []string{"command", "args", "url", "httpUrl", "serverUrl"} {
			if server.has(mark) {
				return true
			}
		}
	}
	return false
}

// maxArguments is how many arguments of one program are read.
const maxArguments = 200

func looksLikeClient(root *node) bool { return len(clientServers(root)) > 0 }

func readClient(f *file, root *node) {
	asked := map[string]bool{} // inputs that are typed in as a password
	for i, input := range root.get("inputs").itemsOf() {
		if id := input.get("id"); i < 200 && id != nil && input.get("password") != nil {
			asked[id.text] = input.get("password").text == "true"
		}
	}
	for _, list := range clientServers(root) {
		for _, key := range list.keys {
			n := list.members[key]
			r := f.thing(n)
			r.imported.Format, r.imported.Kind = "mcp-client", models.ImportSystem
			readClientServer(r, list, n, asked)
		}
	}
}

// itemsOf is the items of a list, and nothing for what is none.
func (n *node) itemsOf() []*node {
	if n == nil {
		return nil
	}
	return n.items
}

var (
	clientKnown   = []string{"type", "transport", "transportType", "url", "serverUrl", "httpUrl", "command", "args", "env", "headers", "tools", "allowedTools", "includeTools", "alwaysAllow", "autoApprove", "trust"}
	clientIgnored = []string{"cwd", "disabled", "enabled", "timeout", "description", "envFile", "dev", "gallery", "version", "excludeTools", "disabledTools", "source", "note"}
)

// readClientServer reads n, one server of list; its name is its key.
func readClientServer(r *reading, list, n *node, asked map[string]bool) {
	s := &models.ImportedSystem{Kind: "mcp_server"}
	s.Name = r.called(n, named("name", "the server's name", "Write its name into the file and import it again."))
	if n.kind != object {
		r.warn(n, fmt.Sprintf("This should be an object between { and } that says how the server is reached, and is %s. It was not read.", n.kind))
		r.unlisted(s, n, "The file does not say what it is.")
		r.keepSystem(s, list, n.key)
		return
	}
	hideClientSecrets(r, n, s, asked)
	url := readClientRemote(r, n, s)
	readClientProgram(r, n, s)
	if len(s.Remotes) == 0 && len(s.Packages) == 0 {
		r.warn(n, "The file does not say how the server is started or where it answers.")
	}
	r.unlisted(s, n, "A configuration does not list all tools of a server. Take it that whoever uses it may do anything there.")
	ops := operationsOf(r, s)
	for _, key := range []string{"tools", "allowedTools", "includeTools"} {
		if n.has(key, array) {
			listTools(ops, n.get(key))
		}
	}
	ops.end(n)
	for _, key := range []string{"alwaysAllow", "autoApprove", "trust"} {
		if free := n.get(key); free != nil && (len(free.items) > 0 || free.text == "true") {
			r.warn(free, "By this setting tools are used without anybody being asked. Ask whoever uses the configuration whether that is meant.")
		}
	}
	r.unread(n, clientKnown, clientIgnored)
	r.see(n, models.ImportSystem, s.Name, url, "whoever uses this configuration may reach it")
	r.keepSystem(s, list, n.key)
}

func readClientRemote(r *reading, n *node, s *models.ImportedSystem) (url string) {
	key := n.either("url", "serverUrl", "httpUrl")
	if !n.has(key) {
		return ""
	}
	remote := models.ImportedRemote{URL: r.text(n, key, agentAddress("remotes[0].url", "the server's address", "Enter where it answers."))}
	kind := n.either("type", "transport", "transportType")
	switch {
	case n.has(kind):
		remote.Transport = r.text(n, kind, transportWant("remotes[0]"))
	case key == "httpUrl":
		remote.Transport = "streamable-http"
		r.note(models.ImportedField{Field: "remotes[0].transport", Value: "streamable-http", Pointer: n.child(kind), Line: n.line, Status: models.FieldDefaulted, Note: "The name of the field for its address says so."})
	default:
		r.note(models.ImportedField{Field: "remotes[0].transport", Pointer: n.child(kind), Line: n.line, Status: models.FieldMissing, Note: "The file does not say; programs then try one after the other."})
	}
	s.Remotes = []models.ImportedRemote{remote}
	return remote.URL
}

// readClientProgram reads which program runs the server on the computer of whoever uses it.
func readClientProgram(r *reading, n *node, s *models.ImportedSystem) {
	if !n.has("command") {
		return
	}
	command := n.get("command")
	if command.kind == object { // {"path":…,"args":…} of one editor
		n, command = command, command.get("path")
	}
	if command == nil || command.kind != text {
		r.warn(n, "The program that runs the server should stand here as text.")
		return
	}
	var args []string
	for _, item := range n.get("args").itemsOf() {
		if item.kind == text && len(args) < maxArguments {
			args = append(args, item.text)
		}
	}
	p := packageOf(strings.TrimSpace(command.text), args)
	line := command.line
	if n.has("args") && p.Registry != "" {
		line = n.get("args").line
	}
	w := want{field: "packages[0].identifier", noun: "the program that runs it", most: maxAddress, whole: true, check: checkFilled, ask: "Enter which program runs it."}
	kept, shown, status, note := r.take(&node{kind: text, text: p.Identifier, line: line, parent: command.parent, key: command.key}, w)
	r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: command.pointer(), Line: line, Status: status, Note: note})
	p.Identifier = kept
	if v, _ := show(p.Version, false); isAddressPlaceholder(v) || strings.Contains(v, secretRemoved) {
		p.Version = ""
	} else {
		p.Version = cut(v, 200)
	}
	p.Transport = "stdio"
	if p = canonicalPackage(p, ""); p.Registry != "" && p.Identifier != "" && openVersion.MatchString(p.Version) {
		r.warn(command, fmt.Sprintf("The configuration fixes no version of %s: whatever is newest is run, unseen. Name a version.", quote(p.Identifier)))
	}
	s.Packages = []models.ImportedPackage{p}
	if p.Identifier == "mcp-remote" { // passes everything on to an address
		for _, arg := range args {
			if kept, _ := checkService(want{}, arg); kept != "" && strings.Contains(kept, "://") && len(kept) <= maxAddress {
				kept, _ = show(kept, false)
				s.Remotes = []models.ImportedRemote{{URL: kept}}
				r.see(command, models.ImportSystem, kept, kept, "the program passes everything on to it")
				break
			}
		}
	}
}

// hideClientSecrets removes what should not stand in a configuration, and keeps the names.
func hideClientSecrets(r *reading, n *node, s *models.ImportedSystem, asked map[string]bool) {
	for _, key := range []string{"env", "headers"} {
		set := n.get(key)
		if set == nil || set.kind != object {
			continue
		}
		for _, name := range set.keys {
			value := set.members[name]
			marked := false
			if input := askedFor.FindStringSubmatch(value.text); input != nil {
				marked = asked[input[1]]
			}
			if marked || value.odd != "" || namesSecret(name) {
				r.noteSecret(s, value, name, true, marked)
				r.hideValue(value)
			}
			if len(s.Secrets) == maxSecrets {
				break // no value of them is read
			}
		}
	}
	args := n.get("args").itemsOf()
	args = args[:min(len(args), maxArguments)]
	for i, arg := range args {
		if arg.kind != text {
			continue
		}
		name, value, found := splitArgument(arg.text)
		if header := headerArgument.FindStringSubmatch(arg.text); header != nil {
			name, value, found = header[1], header[2], true
		}
		if !found || !namesSecret(name) {
			continue
		}
		r.noteSecret(s, arg, name, true, false)
		switch {
		case value != "" && !isGap(value):
			r.hideValue(arg)
		case value == "" && strings.HasPrefix(arg.text, "-") && i+1 < len(args) && !strings.HasPrefix(args[i+1].text, "-"):
			r.hideValue(args[i+1])
		}
	}
}

var (
	askedFor       = regexp.MustCompile(`\$\{input:([^}]+)\}`)
	headerArgument = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*): ?(\S.*)$`)
)

// optionsWithValue are options of container programs and runners after which a value comes.
var optionsWithValue = []string{
	"-e", "--env", "--env-file", "-v", "--volume", "--mount", "-p", "--publish", "--name", "--network", "--net", "-w", "--workdir", "-u", "--user",
	"--entrypoint", "--add-host", "--platform", "-l", "--label", "-m", "--memory", "--cpus", "--pull", "--hostname", "-h", "--with", "--python", "--index-url", "--registry", "-c",
}

// runners fetch a program from a registry and run it.
var runners = map[string]string{
	"npx": "npm", "bunx": "npm", "pnpx": "npm", "uvx": "pypi", "pipx": "pypi", "dnx": "nuget", "docker": "oci", "podman": "oci",
}

// packageOf is the program that a command runs: what a runner fetches, or the command itself.
func packageOf(command string, args []string) models.ImportedPackage {
	base := strings.TrimSuffix(path.Base(strings.ReplaceAll(command, `\`, "/")), ".exe")
	base = strings.TrimSuffix(base, ".cmd")
	if base == "cmd" && len(args) > 1 && strings.EqualFold(args[0], "/c") { // Windows
		return packageOf(args[1], args[2:])
	}
	registry := runners[base]
	if registry == "" {
		return models.ImportedPackage{Identifier: command}
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--package" || arg == "--from" || arg == "-p" && registry == "npm":
			if i+1 < len(args) {
				return splitVersion(registry, args[i+1])
			}
		case slices.Contains(optionsWithValue, arg):
			i++
		case strings.HasPrefix(arg, "-"), strings.Contains(arg, secretRemoved):
		case (arg == "run" || arg == "container") && (registry == "oci" || base == "pipx"):
		case arg != "":
			return splitVersion(registry, arg)
		}
	}
	return models.ImportedPackage{Identifier: command}
}

// splitVersion parts name@1.0.0 and name==1.0.0. The tag of an image stays with it.
func splitVersion(registry, s string) models.ImportedPackage {
	p := models.ImportedPackage{Registry: registry, Identifier: s}
	if registry == "oci" || strings.Contains(s, "://") {
		return p
	}
	if name, version, found := strings.Cut(s, "=="); found {
		p.Identifier, p.Version = name, version
	} else if cut := strings.LastIndexByte(s, '@'); cut > 0 {
		p.Identifier, p.Version = s[:cut], s[cut+1:]
	}
	return p
}
