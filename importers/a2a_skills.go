package importers

import (
	"fmt"

	"countersign/models"
)

const maxSkills = 200

// readSkills reads what the agent says it can do. Entries with nothing to go by are left out.
func readSkills(r *reading, root *node) []models.ImportedSkill {
	var skills []models.ImportedSkill
	first := map[string]*node{}
	w := want{field: "skills", noun: "the agent's skills", ask: "Without them nobody can tell which tasks it is for: ask the agent's maker, or write the tasks here."}
	for _, n := range r.objects(root, "skills", w, maxSkills) {
		before := len(r.fields)
		s := readSkill(r, n, fmt.Sprintf("skills[%d]", len(skills)))
		if s.ID == "" && s.Name == "" && s.Description == "" {
			r.forget(before)
			r.warn(n, "This skill has no id, name or description that can be used. It was left out.")
			continue
		}
		if same, twice := first[s.ID]; twice && s.ID != "" {
			r.warn(n.get("id"), fmt.Sprintf("The skill on line %d has the same id %s. Ask the agent's maker which one is meant.", same.line, quote(s.ID)))
		} else {
			first[s.ID] = n
		}
		skills = append(skills, s)
	}
	return skills
}

func readSkill(r *reading, n *node, field string) models.ImportedSkill {
	s := models.ImportedSkill{
		ID:   r.text(n, "id", want{field: field + ".id", noun: "the skill's id", most: 200, whole: true, ask: "Ask the agent's maker for one."}),
		Name: r.text(n, "name", want{field: field + ".name", noun: "the skill's name", most: 200, ask: "Give the task a name here."}),
		Description: r.text(n, "description", want{field: field + ".description", noun: "the skill's description", most: 4_000, lines: true,
			ask: "Say in a sentence what the task is."}),
		Tags:     r.texts(n, "tags", want{field: field + ".tags", noun: "the skill's tags", most: 100, ask: "The standard wants at least one."}, 50),
		Examples: r.texts(n, "examples", want{field: field + ".examples", noun: "an example of the skill", most: 1_000, lines: true}, 20),
	}
	if n.has("inputModes") { // the agent's own otherwise
		s.InputModes = r.texts(n, "inputModes", modes(field+".inputModes", "the kinds of input that the skill takes", ""), maxModes)
	}
	if n.has("outputModes") {
		s.OutputModes = r.texts(n, "outputModes", modes(field+".outputModes", "the kinds of output that the skill gives", ""), maxModes)
	}
	for _, key := range []string{"securityRequirements", "security"} {
		if n.has(key) {
			s.Requires = append(s.Requires, readRequirements(r, n, key, field+".requires", len(s.Requires))...)
		}
	}
	r.unread(n, []string{"id", "name", "description", "tags", "examples", "inputModes", "outputModes", "securityRequirements", "security"}, nil)
	return s
}
