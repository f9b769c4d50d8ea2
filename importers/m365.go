package importers

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// Microsoft 365 declarative agents. A capability that is not limited to certain places reaches
// everything that the person who talks to the agent may reach. What an action can do stands in
// a plug-in file beside, which is joined where both are read together.

// maxActions is how many actions of one agent are looked up among the files beside it.
const maxActions = 50

func looksLikeDeclarativeAgent(root *node) bool {
	if schemaWith("declarative-agent")(root) != nil {
		return true
	}
	return root.has("name") && root.has("instructions", text) &&
		(root.has("conversation_starters", array) || root.has("capabilities", array) || root.get("actions").itemsOf() != nil && root.get("actions").items[0].has("file"))
}

var (
	declarativeKnown   = []string{"name", "description", "instructions", "conversation_starters", "capabilities", "actions", "worker_agents"}
	declarativeIgnored = []string{"$schema", "version", "id", "behavior_overrides", "disclaimer", "sensitivity_label", "user_overrides"}

	// limits are the fields that limit a capability to certain places. Without an entry in one
	// of them it reaches all.
	limits = map[string][]string{
		"WebSearch":             {"sites"},
		"OneDriveAndSharePoint": {"items_by_url", "items_by_sharepoint_ids"},
		"GraphConnectors":       {"connections"},
		"CopilotConnectors":     {"connections"},
		"TeamsMessages":         {"urls"},
		"Email":                 {"shared_mailbox", "group_mailboxes", "folders"},
		"Dataverse":             {"knowledge_sources"},
		"Meetings":              {"items_by_id"},
		"ScenarioModels":        {"models"},
		"EmbeddedKnowledge":     {"files"},
	}
	// contained are capabilities that reach no data of anybody.
	contained = []string{"CodeInterpreter", "GraphicArt"}
)

func readDeclarativeAgent(f *file, root *node) {
	r := f.thing(root)
	r.imported.Format, r.imported.Kind = "m365-agent", models.ImportAgent
	a := &models.ImportedAgent{
		Name: r.text(root, "name", named("name", "the agent's name", "Write the agent's name into the file and import it again.")),
		Description: r.text(root, "description", want{field: "description", noun: "the agent's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the agent is for."}),
		PromptDigest: instructions(r, root),
		Skills:       starters(r, root, "conversation_starters"),
	}
	acc, del := accessOf(r), &delegates{r: r}
	list := root.get("capabilities")
	if list == nil || list.kind != array {
		acc.doubt(root, "The file does not list the agent's capabilities.")
	}
	for _, n := range list.itemsOf() {
		readCapability(r, acc, n)
	}
	for i, n := range root.get("actions").itemsOf() {
		if i == maxActions {
			acc.doubt(n, fmt.Sprintf("The file lists more than %d actions.", maxActions))
			break
		}
		readAction(f, r, acc, n)
	}
	for _, n := range root.get("worker_agents").itemsOf() {
		if id := n.get("id"); id != nil && id.kind == text {
			del.add(id, id.text, "", "hands work to it")
		}
	}
	a.Tools, a.Delegates = acc.end(root, "capabilities"), del.list
	r.unread(root, declarativeKnown, declarativeIgnored)
	r.keepAgent(a, root, "name")
}

// elsewhere is a reference to another file in place of a value.
var elsewhere = regexp.MustCompile(`^\s*\$\[file\(\s*['"]([^'"]+)['"]\s*\)\]\s*$`)

// instructions is the digest of the agent's prompt, which often stands in another file.
func instructions(r *reading, root *node) string {
	n := root.get("instructions")
	if n == nil || n.kind != text {
		return r.prompt(root, root.line)
	}
	if there := elsewhere.FindStringSubmatch(n.text); there != nil {
		message := fmt.Sprintf("The agent's instructions stand in the file %s, so this one does not say what it is told. Look at them as well.", quote(there[1]))
		r.warn(n, message)
		r.note(models.ImportedField{Field: "promptDigest", Pointer: n.pointer(), Line: n.line, Status: models.FieldPlaceholder, Note: message})
		return ""
	}
	return r.prompt(n, n.line, n.text)
}

// starters takes the examples that a person is offered as tasks; those of one title are one task.
func starters(r *reading, in *node, key string) []models.ImportedSkill {
	var skills []models.ImportedSkill
	for _, n := range in.get(key).itemsOf() {
		if n.kind != object {
			continue
		}
		example, _, _, _ := r.take(orText(n, "text", "message"), want{noun: "an example of a task", most: 1_000, lines: true})
		title, _, _, _ := r.take(orText(n, "title"), want{noun: "the title of a task", most: 200})
		if title == "" {
			title = firstWords(example)
		}
		at := slices.IndexFunc(skills, func(s models.ImportedSkill) bool { return s.Name == title })
		switch {
		case title == "" || at < 0 && len(skills) == maxSkills:
			continue
		case at < 0:
			r.note(models.ImportedField{Field: fmt.Sprintf("skills[%d].name", len(skills)), Value: title, Pointer: n.pointer(), Line: n.line, Status: models.FieldRead,
				Note: "An example that people are offered, taken as a task."})
			skills = append(skills, models.ImportedSkill{Name: title})
			at = len(skills) - 1
		}
		if example != "" && len(skills[at].Examples) < 20 {
			skills[at].Examples = append(skills[at].Examples, example)
		}
	}
	return skills
}

// orText is the first of keys that n has, or an empty text in its place.
func orText(n *node, keys ...string) *node {
	if member := n.get(n.either(keys...)); member != nil && member.kind != null {
		return member
	}
	return &node{kind: text, line: n.line, parent: n, key: keys[0]}
}

// readCapability adds what one capability reaches.
func readCapability(r *reading, acc *access, n *node) {
	name := n.get("name")
	if name == nil || name.kind != text || name.text == "" {
		acc.doubt(n, "A capability has no name.")
		return
	}
	keys, known := limits[name.text]
	switch {
	case slices.Contains(contained, name.text):
		acc.add(name, name.text)
		return
	case !known:
		acc.doubt(n, fmt.Sprintf("The capability %s cannot be limited to certain places, or is not known here: it reaches all that the person who talks to the agent may.", quote(name.text)))
		return
	}
	places := 0
	for _, key := range keys {
		places += readPlaces(r, acc, name.text, n.get(key))
	}
	if places == 0 {
		acc.doubt(n, fmt.Sprintf("The capability %s is not limited to certain places, so it reaches all that the person who talks to the agent may.", quote(name.text)))
	}
}

// readPlaces adds the places to which a capability is limited, and counts them.
func readPlaces(r *reading, acc *access, capability string, n *node) int {
	items := n.itemsOf()
	if n != nil && n.kind == text && n.text != "" {
		items = []*node{n}
	}
	for _, item := range items {
		place := item
		for _, key := range []string{"url", "connection_id", "host_name", "file", "id", "folder_id", "web_id", "site_id"} {
			if member := item.get(key); place == item && member != nil && member.kind == text {
				place = member
			}
		}
		if place.kind != text {
			acc.doubt(item, fmt.Sprintf("One place of the capability %s could not be read.", quote(capability)))
			continue
		}
		acc.add(place, cut(capability+": "+place.text, 200))
		r.see(place, models.ImportSystem, place.text, "", "reads from it ("+capability+")")
	}
	return len(items)
}

// readAction adds the functions of an action's plug-in file where it was read together with the
// agent. Alone, what the action can do is not known.
func readAction(f *file, r *reading, acc *access, n *node) {
	ref := n.get("file")
	if ref == nil || ref.kind != text || ref.text == "" {
		acc.doubt(n, "An action does not say in which file it is described.")
		return
	}
	name := ref.text
	if there := elsewhere.FindStringSubmatch(name); there != nil {
		name = there[1]
	}
	plugin := pluginBeside(f, name)
	if plugin == nil {
		acc.doubt(ref, fmt.Sprintf("What the action in %s can do stands in that file. Import both files together.", quote(name)))
		return
	}
	functions := plugin.get("functions").itemsOf()
	if len(functions) == 0 || openRuntime(plugin) != nil {
		acc.doubt(ref, fmt.Sprintf("The plug-in file %s does not list all that it can do.", quote(name)))
	}
	for _, function := range functions {
		if called := function.get("name"); called != nil && called.kind == text {
			clean, _ := withoutSecrets(called.text)
			acc.add(ref, clean)
			acc.describe(clean, function.get("description"))
		} else {
			acc.doubt(ref, fmt.Sprintf("A function in %s has no name.", quote(name)))
		}
	}
	if called := plugin.get("name_for_human"); called != nil && called.kind == text {
		clean, _ := withoutSecrets(called.text)
		r.see(ref, models.ImportSystem, clean, "", "uses it as an action")
	}
}

// pluginBeside is the plug-in in the file called name in the folder of f; nil when it was not
// read together with f.
func pluginBeside(f *file, name string) *node {
	for _, other := range f.beside("m365-plugin") {
		if filepath.Base(other.name) != path.Base(strings.ReplaceAll(name, `\`, "/")) {
			continue
		}
		for _, root := range other.doc.docs {
			if looksLikePlugin(root) {
				return root
			}
		}
	}
	return nil
}
