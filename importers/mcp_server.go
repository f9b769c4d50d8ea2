package importers

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"countersign/models"
)

// The MCP server manifest (server.json): what the registry of the Model Context Protocol keeps
// of a server. The first versions wrote registry_name and version_detail, later ones write
// registryType and version; both give the same system. A registry answers with lists of them,
// bare or each as {"server":{…},"_meta":{…}}.

const askServer = "Ask the server's maker."

// manifestEntries are the manifests that root holds, each still as it stands in its list; nil
// when root is something else.
func manifestEntries(root *node) []*node {
	list := root
	if root.has("servers", array) {
		list = root.get("servers")
	}
	if list.kind != array {
		if looksLikeManifest(entryServer(root)) {
			return []*node{root}
		}
		return nil
	}
	for i, entry := range list.items {
		if i == 20 {
			break
		}
		if looksLikeManifest(entryServer(entry)) {
			return list.items
		}
	}
	return nil
}

// entryServer is the manifest in an entry of a registry's answer.
func entryServer(entry *node) *node {
	if entry.has("server", object) && !entry.has("name") {
		return entry.get("server")
	}
	return entry
}

func looksLikeManifest(n *node) bool {
	if n.has("$schema", text) && manifestSchema.MatchString(n.get("$schema").text) {
		return true
	}
	if !n.has("name") {
		return false
	}
	for _, key := range []string{"packages", "remotes"} {
		if list := n.get(key); n.has(key, array) && (len(list.items) == 0 || list.items[0].kind == object) {
			return true
		}
	}
	return n.has("version_detail", object) && n.has("repository")
}

var manifestSchema = regexp.MustCompile(`modelcontextprotocol.*server\.schema\.json`)

func looksLikeManifests(root *node) bool { return len(manifestEntries(root)) > 0 }

// readManifests reads one manifest or a registry's list, in which each stands for itself.
func readManifests(f *file, root *node) {
	for i, entry := range manifestEntries(root) {
		r := f.thing(entry)
		r.imported.Format, r.imported.Kind = "mcp-server", models.ImportSystem
		server := entryServer(entry)
		if server.kind != object {
			r.decline(entry.pointer(), entry.line, fmt.Sprintf("This entry of the list should be an object between { and }, and is %s.", entry.kind))
			continue
		}
		readManifest(r, entry, server)
		if more := root.get("metadata"); i == 0 && more != nil {
			doubtRestOfList(r, more)
		}
	}
}

// doubtRestOfList warns when a registry has more than this page of its list.
func doubtRestOfList(r *reading, more *node) {
	if next := more.get(more.either("nextCursor", "next_cursor")); next != nil && next.text != "" {
		r.warn(next, "This is one page of the registry's list, and there are more. Ask the registry for the others as well.")
	}
}

var (
	manifestKnown   = []string{"name", "title", "description", "version", "version_detail", "versionDetail", "repository", "websiteUrl", "website_url", "packages", "remotes", "status", "_meta"}
	manifestIgnored = []string{"$schema", "id", "icons", "license", "created_at", "updated_at"}
)

// readManifest reads server, which stands in entry.
func readManifest(r *reading, entry, server *node) {
	s := &models.ImportedSystem{
		Kind:  "mcp_server",
		Name:  r.text(server, "name", named("name", "the server's name", "Write its name into the file and import it again.")),
		Title: r.text(server, "title", want{field: "title", noun: "the server's title", most: 200}),
		Description: r.text(server, "description", want{field: "description", noun: "the server's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what it gives access to."}),
		Version: manifestVersion(r, server),
		Website: r.text(server, server.either("websiteUrl", "website_url"), webAddress("website", "the address of its website", "")),
	}
	readRepository(r, server, s)
	r.unlisted(s, server, "A manifest does not list the server's tools. Until they are listed, take it that it may do anything.")
	published := operationsOf(r, s)
	readPublished(published, entry)
	if server != entry {
		readPublished(published, server)
	}
	published.end(server)
	readPackages(r, server, s)
	readRemotes(r, server, s)
	if !server.has("packages") && !server.has("remotes") {
		r.warnAt(server.child("packages"), server.line, "The file does not say how the server is started or where it answers. "+askServer)
	}
	noteStatus(r, server)
	r.unread(server, manifestKnown, manifestIgnored)
	r.keepSystem(s, server, "name")
}

// manifestVersion reads version, or version_detail.version of the first manifests.
func manifestVersion(r *reading, server *node) string {
	w := named("version", "the server's version", "Ask the server's maker which version this is.")
	old := server.get(server.either("version_detail", "versionDetail"))
	if old == nil || old.kind != object {
		return r.text(server, "version", w)
	}
	in := old
	if server.has("version") {
		in = server
		if other := old.get("version"); other != nil && other.text != server.get("version").text {
			r.warn(other, "The file gives two different versions. The newer field “version” was read: "+strings.ToLower(askServer[:1])+askServer[1:])
		}
	}
	r.unread(old, []string{"version"}, []string{"release_date", "releaseDate", "is_latest", "isLatest"})
	return r.text(in, "version", w)
}

func readRepository(r *reading, server *node, s *models.ImportedSystem) {
	repository := r.object(server, "repository", want{field: "repository", noun: "where its source is kept"})
	if repository == nil {
		return
	}
	s.Repository = r.text(repository, "url", webAddress("repository", "the address of its source", ""))
	if s.Repository != "" {
		doubtOrigin(r, repository, s)
	}
	r.unread(repository, []string{"url", "source"}, []string{"id", "subfolder"})
}

var githubName = regexp.MustCompile(`(?i)^io\.github\.([^/]+)/`)

// doubtOrigin asks to confirm a name that claims another origin than the source has. Names
// that begin with io.github.OWNER are given out to whoever owns that account.
func doubtOrigin(r *reading, repository *node, s *models.ImportedSystem) {
	u, err := url.Parse(s.Repository)
	if err != nil {
		return
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	owner, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	ask := func(n *node, message string) {
		r.warn(n, message)
		r.doubt("repository", message)
	}
	if claim := githubName.FindStringSubmatch(s.Name); claim != nil && (host != "github.com" || !strings.EqualFold(owner, claim[1])) {
		ask(repository.get("url"), fmt.Sprintf("By its name the server comes from %s on GitHub, and its source is kept at %s. Confirm that both belong to its maker before anybody uses it.", quote(claim[1]), quote(host+"/"+owner)))
	}
	source := repository.get("source")
	if source != nil && (source.text == "github" || source.text == "gitlab") && (host == "github.com" || host == "gitlab.com") && host != source.text+".com" {
		ask(source, fmt.Sprintf("The file says that the source is kept at %s, and its address leads to %s. %s", quote(source.text), quote(host), askServer))
	}
}

// noteStatus warns of a server that its maker or its registry has given up.
func noteStatus(r *reading, n *node) {
	if status := n.get("status"); status != nil && status.kind == text && status.text != "" && status.text != "active" {
		r.warn(status, fmt.Sprintf("The file calls the server %s. Ask its maker what to use in its place.", quote(status.text)))
	}
}

// readPublished reads what a registry and a publisher add under _meta: whether the server is
// still offered, its tools, and what it may reach. Who wrote it is not checked.
func readPublished(ops *operations, n *node) {
	r, meta := ops.r, n.get("_meta")
	for _, key := range meta.keysOrNone() {
		part := meta.members[key]
		if strings.HasSuffix(key, "/official") {
			noteStatus(r, part)
			if latest := part.get(part.either("isLatest", "is_latest")); latest != nil && latest.text == "false" {
				r.warn(latest, "The registry has a newer version of this server.")
			}
			continue
		}
		readExtras(ops, part, 0)
	}
}

// readExtras looks in n, and up to three objects further down, for tools and permissions.
func readExtras(ops *operations, n *node, deep int) {
	if n.kind != object || deep > 3 {
		return
	}
	if tools := n.get("tools"); n.has("tools", array) {
		listTools(ops, tools)
	}
	if outbound := n.get("permissions").get("network").get("outbound"); outbound != nil && len(ops.s.Network) == 0 {
		readOutbound(ops.r, outbound, ops.s)
	}
	for _, key := range n.keys {
		if key != "tools" && key != "permissions" {
			readExtras(ops, n.members[key], deep+1)
		}
	}
}

// listTools takes a list of names as operations. A * among them means all.
func listTools(ops *operations, list *node) {
	r := ops.r
	for _, n := range list.items {
		before := len(r.fields)
		w := named(ops.field("name"), "the name of a tool", "")
		name, shown, status, note := r.take(n, w)
		r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: n.pointer(), Line: n.line, Status: status, Note: note})
		ops.add(n, models.ImportedOperation{Name: name, Why: "The file only names it, so it counts as the highest."}, before)
	}
}

// readOutbound reads which hosts a server may reach.
func readOutbound(r *reading, outbound *node, s *models.ImportedSystem) {
	if all, _ := r.flag(outbound, true, "insecure_allow_all", "insecureAllowAll"); all {
		n := outbound.get(outbound.either("insecure_allow_all", "insecureAllowAll"))
		s.Network = []string{"*"}
		r.warn(n, "The server may reach every host on the network. Ask its maker which ones it needs.")
		r.note(models.ImportedField{Field: "network", Value: "*", Pointer: n.pointer(), Line: n.line, Status: models.FieldRead})
		return
	}
	if key := outbound.either("allow_host", "allowHost"); outbound.has(key) {
		s.Network = r.texts(outbound, key, named("network", "the hosts that it may reach", ""), 200)
	}
}
