package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// Slack app manifests: an app with a bot acts by itself, with the scopes that it is given.

// slackManifest is the manifest in root, which an export wraps; nil when root is something else.
func slackManifest(root *node) *node {
	for _, n := range []*node{root, root.get("manifest")} {
		if n.get("display_information").has("name") && (n.has("features") || n.has("oauth_config") || n.has("settings") || n.has("functions")) {
			return n
		}
	}
	return nil
}

func looksLikeSlack(root *node) bool { return slackManifest(root) != nil }

func readSlack(r *reading, root *node) {
	r.imported.Format, r.imported.Kind = "slack-manifest", models.ImportAgent
	m := slackManifest(root)
	display := m.get("display_information")
	a := &models.ImportedAgent{
		Name: r.text(display, "name", named("name", "the app's name", "Write the app's name into the manifest and import it again.")),
		Description: r.text(display, display.either("description", "long_description"), want{field: "description", noun: "the app's description", most: 4_000, lines: true,
			ask: "Say in a sentence or two what the app is for."}),
	}
	acc := accessOf(r)
	readSlackScopes(r, m, acc)
	for _, key := range []string{"bot_events", "user_events"} {
		for _, event := range m.get("settings").get("event_subscriptions").get(key).itemsOf() {
			acc.add(event, "event "+event.text)
		}
	}
	for _, domain := range m.get("outgoing_domains").itemsOf() {
		if domain.kind == text {
			r.see(domain, models.ImportSystem, domain.text, "", "its functions may send to it")
		}
	}
	s := slackReading{reading: r, agent: a}
	s.skills(m)
	s.addresses(m.get("features"))
	s.addresses(m.get("settings"))
	in, key := m, "oauth_config"
	if m.has("oauth_config", object) {
		in, key = m.get("oauth_config"), "scopes"
	}
	a.Tools = acc.end(in, key)
	r.unread(m, []string{"display_information", "features", "oauth_config", "settings", "functions", "workflows", "outgoing_domains"},
		[]string{"$schema", "_metadata", "types", "datastores", "external_auth_providers", "events", "app_directory", "metadata_events", "metadata"})
	r.keepAgent(a, display, "name")
}

// readSlackScopes adds the scopes of the bot, and those in which it acts as a person.
func readSlackScopes(r *reading, m *node, acc *access) {
	scopes := m.get("oauth_config").get("scopes")
	if scopes == nil || scopes.kind != object {
		acc.doubt(m, "The manifest does not list the scopes that the app is given.")
		return
	}
	bot := false
	for _, key := range scopes.keys {
		list := scopes.members[key]
		person := strings.HasPrefix(key, "user")
		if list.kind != array {
			acc.doubt(list, "Here a list of scopes should stand.")
			continue
		}
		for _, scope := range list.items {
			if scope.kind != text || scope.text == "*" {
				acc.doubt(scope, "Here the name of a scope should stand.")
				continue
			}
			bot = bot || !person
			if person {
				acc.add(scope, scope.text+" (as the person who installed it)")
			} else {
				acc.add(scope, scope.text)
			}
			if scope.text == "admin" || strings.HasPrefix(scope.text, "admin.") {
				r.warn(scope, fmt.Sprintf("With the scope %s the app administers the whole workspace. Ask its maker whether it needs that.", quote(scope.text)))
			}
		}
	}
	if !bot && !m.get("features").has("bot_user") {
		r.warn(m, "The app has no bot of its own: whatever it does, it does in the name of the people who install it. Confirm that it acts by itself.")
	}
}

// slackReading collects tasks and addresses of one app.
type slackReading struct {
	*reading
	agent *models.ImportedAgent
}

// skills takes commands, shortcuts, functions, workflows and suggested prompts as tasks.
func (s *slackReading) skills(m *node) {
	features := m.get("features")
	for _, n := range features.get("slash_commands").itemsOf() {
		s.skill(n, orText(n, "command"), orText(n, "command"), orText(n, "description"))
	}
	for _, n := range features.get("shortcuts").itemsOf() {
		s.skill(n, orText(n, "callback_id"), orText(n, "name"), orText(n, "description"))
	}
	for _, key := range []string{"functions", "workflows"} {
		list := m.get(key)
		for _, id := range list.keysOrNone() {
			n := list.members[id]
			s.skill(n, n.name(), orText(n, "title"), orText(n, "description"))
		}
	}
	for _, view := range []string{"assistant_view", "agent_view"} {
		for _, skill := range starters(s.reading, features.get(view), "suggested_prompts") {
			if len(s.agent.Skills) < maxSkills {
				s.agent.Skills = append(s.agent.Skills, skill)
			}
		}
	}
}

func (s *slackReading) skill(n, id, name, description *node) {
	if len(s.agent.Skills) >= maxSkills || n.kind != object {
		return
	}
	field := fmt.Sprintf("skills[%d]", len(s.agent.Skills))
	taken := func(part *node, w want) string {
		kept, shown, status, note := s.take(part, w)
		s.note(models.ImportedField{Field: w.field, Value: shown, Pointer: part.pointer(), Line: part.line, Status: status, Note: note})
		return kept
	}
	skill := models.ImportedSkill{
		ID:          taken(id, want{field: field + ".id", noun: "the task's id", most: 200, whole: true}),
		Name:        taken(name, want{field: field + ".name", noun: "the task's name", most: 200}),
		Description: taken(description, want{field: field + ".description", noun: "the task's description", most: 4_000, lines: true}),
	}
	if skill.Name == "" {
		skill.Name = skill.ID
	}
	if skill.Name != "" || skill.Description != "" {
		s.agent.Skills = append(s.agent.Skills, skill)
	}
}

// addresses adds every address at which Slack calls the app: fields whose name ends in url.
func (s *slackReading) addresses(n *node) {
	if n == nil || n.kind != object && n.kind != array {
		return
	}
	for _, key := range n.keys {
		value := n.members[key]
		if value.kind != text || key != "url" && !strings.HasSuffix(key, "_url") {
			s.addresses(value)
			continue
		}
		if len(s.agent.Interfaces) == maxInterfaces || slices.ContainsFunc(s.agent.Interfaces, func(i models.ImportedInterface) bool { return i.URL == value.text }) {
			continue
		}
		w := agentAddress(fmt.Sprintf("interfaces[%d].url", len(s.agent.Interfaces)), "the address that Slack calls", "")
		if address := s.text(n, key, w); address != "" {
			s.agent.Interfaces = append(s.agent.Interfaces, models.ImportedInterface{URL: address})
		}
	}
	for _, item := range n.items {
		s.addresses(item)
	}
}
