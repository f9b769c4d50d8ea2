package importers

import (
	"fmt"
	"path/filepath"
	"strings"

	"countersign/models"
)

// CrewAI's tasks.yaml: tasks by their key, of which each may name the agent that does it.
// Beside an agents.yaml they become tasks of its agents, and alone agents of whom only the
// tasks are known.

func looksLikeCrewTasks(root *node) bool {
	return allObjects(root, func(n *node) bool {
		return n.has("description") && (n.has("expected_output") || n.has("agent", text)) && !n.has("role")
	})
}

var (
	taskKnown   = []string{"description", "expected_output", "agent", "tools", "name"}
	taskIgnored = []string{"context", "async_execution", "output_file", "output_json", "output_pydantic", "human_input", "markdown", "callback", "guardrail", "guardrails", "guardrail_max_retries", "create_directory", "config", "input_files", "converter_cls", "max_retries"}
)

// crewTasks is a file of tasks that is read for the agents beside it.
type crewTasks struct {
	file    *file
	byAgent map[string][]*node
}

// of is the tasks of the agent called key, with their tools added to those of the agent. They
// are noted in r as from the other file, which itself says what is odd about them.
func (c *crewTasks) of(r *reading, key string, tools *access) []models.ImportedSkill {
	if c == nil {
		return nil
	}
	aside := newReading(c.file.name, c.file.digest)
	var skills []models.ImportedSkill
	for _, n := range c.byAgent[key] {
		if len(skills) == maxSkills {
			break
		}
		aside.hideSecrets(n)
		skills = append(skills, readTask(aside, n, len(skills)))
		for _, w := range n.get("tools").words(func(*node) {}) {
			tools.also(w.text)
		}
	}
	from, _ := show(filepath.Base(c.file.name), false)
	for _, f := range aside.fields {
		f.Pointer = cut(from, 200) + "#" + f.Pointer
		r.note(f)
	}
	return skills
}

// tasksByAgent is the tasks of root by the key of the agent that they name.
func tasksByAgent(root *node) map[string][]*node {
	tasks := map[string][]*node{}
	for _, name := range root.keys {
		if n := root.members[name]; n.has("agent", text) {
			agent := strings.TrimSpace(n.get("agent").text)
			tasks[agent] = append(tasks[agent], n)
		}
	}
	return tasks
}

func readTask(r *reading, n *node, i int) models.ImportedSkill {
	field := fmt.Sprintf("skills[%d]", i)
	id := r.called(n, named(field+".id", "the task's name", ""))
	s := models.ImportedSkill{
		ID:          id,
		Name:        strings.ReplaceAll(id, "_", " "),
		Description: r.text(n, "description", crewText(field+".description", "the task's description", "Say in a sentence what the task is.", 4_000)),
	}
	r.unread(n, taskKnown, taskIgnored)
	return s
}

func readCrewTasks(f *file, root *node) {
	if agents := f.partner("crew-agents", "crew-tasks", "tasks", "agents"); agents != nil {
		readTasksFor(f, root, agents)
		return
	}
	first, done, tasks := len(f.found), map[string]bool{}, tasksByAgent(root)
	for _, key := range root.keys {
		agent := root.members[key].get("agent")
		if agent == nil || agent.kind != text || done[strings.TrimSpace(agent.text)] || len(done) == maxCrew {
			continue
		}
		name := strings.TrimSpace(agent.text)
		done[name] = true
		readTasksOf(f, tasks[name])
	}
	if len(f.found) == first {
		r := f.thing(root)
		r.imported.Format = "crewai-tasks"
		r.decline(fmt.Sprintf("line %d", root.line), root.line, "These are the tasks of a CrewAI crew, and none says which agent does it: the program decides. Import the crew's agents.yaml, and give the tasks to its agents by hand.")
		return
	}
	noteUnassigned(f.found[first], root)
}

// readTasksOf is an agent of whom only its tasks are known.
func readTasksOf(f *file, tasks []*node) {
	r := f.thing(tasks[0])
	r.imported.Format, r.imported.Kind = "crewai-tasks", models.ImportAgent
	r.warn(tasks[0].get("agent"), "Of this agent the file gives only the tasks. Import the crew's agents.yaml together with it, to read what the agent is.")
	a := &models.ImportedAgent{Name: r.text(tasks[0], "agent", named("name", "the agent's name", ""))}
	r.missing(tasks[0], "goal", want{field: "description", noun: "the agent's goal"})
	r.prompt(tasks[0], tasks[0].line)
	tools := accessOf(r)
	tools.unsure("The file names no tools of the agent itself.")
	for i, n := range tasks {
		if i > 0 {
			r.reportPart(f.doc, n)
		}
		if i == maxSkills {
			r.warn(n, fmt.Sprintf("The file gives this agent more than %d tasks. The others were not read.", maxSkills))
			break
		}
		a.Skills = append(a.Skills, readTask(r, n, i))
		for _, w := range n.get("tools").words(func(*node) {}) {
			tools.also(w.text)
		}
	}
	a.Tools = tools.end(tasks[0], "tools")
	r.keepAgent(a, tasks[0], "agent")
}

// readTasksFor accounts for a file of tasks that went to the agents of another. It is no agent
// and no system itself.
func readTasksFor(f *file, root *node, agents *file) {
	r := f.thing(root)
	name, _ := show(filepath.Base(agents.name), false)
	r.imported.Format, r.imported.Name = "crewai-tasks", "Tasks for "+cut(name, 150)
	for i, key := range root.keys {
		n := root.members[key]
		if n.kind != object {
			continue
		}
		readTask(r, n, i)
		if agent := n.get("agent"); agent != nil && agent.kind == text && agents.doc.root.get(strings.TrimSpace(agent.text)) == nil {
			r.warn(agent, fmt.Sprintf("The task names the agent %s, which %s does not have. It was given to nobody.", quote(agent.text), quote(name)))
		}
	}
	noteUnassigned(r, root)
}

// noteUnassigned warns of tasks that do not say who does them.
func noteUnassigned(r *reading, root *node) {
	var names []string
	for _, key := range root.keys {
		if n := root.members[key]; n.kind == object && !n.has("agent", text) {
			names = append(names, quote(key))
		}
	}
	if len(names) > 0 {
		r.warn(root, fmt.Sprintf("Nothing says which agent does these tasks: %s. The program decides: give them to an agent by hand.", cut(strings.Join(names, ", "), 600)))
	}
}
