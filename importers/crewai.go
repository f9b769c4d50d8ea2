package importers

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"countersign/models"
)

// CrewAI's agents.yaml: agents by their key, each with a role, a goal and a backstory, which
// together are its system prompt. Their tasks stand in tasks.yaml beside it, and much else
// (tools, who does which task) often only in the program.

const (
	maxCrew      = 1_000
	maxCrewmates = 20 // that are named, of those to whom an agent may hand work
)

func looksLikeCrewAgents(root *node) bool {
	return allObjects(root, func(n *node) bool { return n.has("role") && (n.has("goal") || n.has("backstory")) })
}

// allObjects reports whether root holds nothing but objects, at least one of them such.
func allObjects(root *node, such func(n *node) bool) bool {
	found := false
	for _, key := range root.keys {
		switch n := root.members[key]; {
		case n.kind == object:
			found = found || such(n)
		case n.kind != null:
			return false
		}
	}
	return found
}

var (
	crewKnown   = []string{"role", "goal", "backstory", "llm", "tools", "mcps", "apps", "allow_delegation", "allow_code_execution", "system_template", "prompt_template", "response_template", "knowledge_sources"}
	crewIgnored = []string{
		"verbose", "max_iter", "max_rpm", "max_execution_time", "memory", "cache", "function_calling_llm", "step_callback", "max_retry_limit", "respect_context_window",
		"reasoning", "max_reasoning_attempts", "planning", "planning_config", "embedder", "use_system_prompt", "multimodal", "inject_date", "date_format", "code_execution_mode", "guardrail", "config", "name",
	}
)

func readCrewAgents(f *file, root *node) {
	tasks := tasksBeside(f)
	for i, key := range root.keys {
		if n := root.members[key]; n.kind == object && i < maxCrew {
			readCrewAgent(f, n, tasks)
		}
	}
	if len(root.keys) > maxCrew && len(f.found) > 0 {
		f.found[0].warn(root, fmt.Sprintf("The file lists more than %d agents. The others were not read: split the file.", maxCrew))
	}
}

func readCrewAgent(f *file, n *node, tasks *crewTasks) {
	r := f.thing(n)
	r.imported.Format, r.imported.Kind = "crewai-agents", models.ImportAgent
	a := &models.ImportedAgent{Name: r.called(n, named("name", "the agent's name", ""))}
	role := r.text(n, "role", crewText("", "the agent's role", "Say in a few words what the agent is.", 400))
	goal := r.text(n, "goal", crewText("description", "the agent's goal", "Say in a sentence or two what the agent is for.", 3_000))
	a.Description = strings.TrimSpace(role + "\n" + goal)
	readCrewPrompt(r, n, a)
	readCrewModel(r, n, a)

	tools, to := accessOf(r), &delegates{r: r}
	readCrewReach(r, n, tools)
	readCrewDelegation(r, n, to)
	a.Skills = tasks.of(r, n.key, tools)
	a.Tools, a.Delegates = tools.end(n, "tools"), to.list
	r.unread(n, crewKnown, crewIgnored)
	r.imported.Name = a.Name
	if a.Name == "" {
		r.decline(n.pointer(), n.line, "The agent stands under a name that cannot be used. Give it one, and import the file again.")
		return
	}
	a.Fields = r.fields
	r.imported.Agent = a
}

// crewGap is what a crew fills in at each run: {topic}.
var crewGap = regexp.MustCompile(`\{[A-Za-z_][A-Za-z0-9_.]*\}`)

func crewText(field, noun, ask string, most int) want {
	return want{field: field, noun: noun, ask: ask, most: most, lines: true, check: checkCrew}
}

func checkCrew(w want, s string) (kept, problem string) {
	if gap := crewGap.FindString(s); gap != "" {
		return "", fmt.Sprintf("In %s there is a gap that is filled in at each run: %s. It was not taken over: say here what it may be about.", w.noun, quote(gap))
	}
	return s, ""
}

// readCrewPrompt: the prompt is role, goal, backstory and, where it has them, its templates.
func readCrewPrompt(r *reading, n *node, a *models.ImportedAgent) {
	var parts []string
	for _, key := range []string{"role", "goal", "backstory", "system_template", "prompt_template", "response_template"} {
		if part := n.get(key); part != nil && part.kind == text {
			parts = append(parts, part.text)
		} else {
			parts = append(parts, "")
		}
	}
	a.PromptDigest = r.prompt(n, n.line, parts...)
	if !n.has("backstory", text) {
		r.missing(n, "backstory", want{noun: "the agent's backstory", ask: "It is a part of the system prompt: ask the agent's maker."})
	}
}

func readCrewModel(r *reading, n *node, a *models.ImportedAgent) {
	const left = "The program, or the crew's own default, says which model it is."
	if llm := n.get("llm"); llm != nil && llm.kind == object {
		a.Model = r.model(llm, "model", left)
		return
	}
	a.Model = r.model(n, "llm", left)
}

// readCrewReach: tools by name, MCP servers by address, and the right to run code. The program
// may add to all of them, so only a list that is written down counts as one.
func readCrewReach(r *reading, n *node, tools *access) {
	bad := func(item *node) {
		tools.doubt(item, fmt.Sprintf("Here the name of a tool should stand, and the file has %s.", item.kind))
	}
	words := n.get("tools").words(bad)
	if len(words) == 0 {
		tools.unsure("The file names no tools: the program gives them to the agent.")
	}
	for _, w := range words {
		if w.text == "*" {
			tools.doubt(w.at, "The tools are given as *, which is all of them.")
			continue
		}
		tools.add(w.at, w.text)
	}
	for _, key := range []string{"mcps", "apps"} {
		for _, w := range n.get(key).words(bad) {
			address, only, _ := strings.Cut(w.text, "#")
			kept, _ := checkService(want{}, address)
			r.see(w.at, models.ImportSystem, address, kept, "may use it as an MCP server")
			if only == "" {
				tools.unsure("Of a server that it names it has every tool, those that are added later too.")
			} else {
				tools.add(w.at, w.text)
			}
		}
	}
	if runs := n.get("allow_code_execution"); runs != nil && runs.text == "true" {
		tools.doubt(runs, "The agent may run code that it writes itself.")
	}
	if knows := n.get("knowledge_sources"); knows != nil && knows.kind != null {
		r.note(models.ImportedField{Value: knows.listed(), Pointer: knows.pointer(), Line: knows.line, Status: models.FieldRead, Note: "What it knows besides its prompt."})
	}
}

// readCrewDelegation: an agent that may delegate passes work to any other of its crew.
func readCrewDelegation(r *reading, n *node, to *delegates) {
	may := n.get("allow_delegation")
	if may == nil || may.text != "true" {
		return
	}
	for _, key := range n.parent.keys {
		if len(to.list) == maxCrewmates {
			break
		}
		if other := n.parent.members[key]; other != n && other.kind == object {
			to.add(may, other.name().text, "", "")
		}
	}
	message := "The agent may hand work to any other agent of its crew."
	r.warn(may, message)
	r.note(models.ImportedField{Value: "true", Pointer: may.pointer(), Line: may.line, Status: models.FieldOdd, Note: message})
}

// tasksBeside is the tasks of the crew of f, nil when its folder has none or several that fit.
func tasksBeside(f *file) *crewTasks {
	if partner := f.partner("crew-tasks", "crew-agents", "agents", "tasks"); partner != nil {
		return &crewTasks{file: partner, byAgent: tasksByAgent(partner.doc.root)}
	}
	return nil
}

// partner is the file beside f that belongs to it and joins as theirs: called alike but for the
// word (its own for theirs), or the only one of its kind where f is the only one of its own.
func (f *file) partner(theirs, own, ownWord, theirWord string) *file {
	others := f.beside(theirs)
	stem := withoutEnding(f.name)
	if i := strings.LastIndex(stem, ownWord); i >= 0 {
		wanted := stem[:i] + theirWord + stem[i+len(ownWord):]
		for _, other := range others {
			if withoutEnding(other.name) == wanted {
				return other
			}
		}
	}
	if len(others) == 1 && len(f.beside(own)) == 0 {
		return others[0]
	}
	return nil
}

func withoutEnding(name string) string {
	return strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
}
