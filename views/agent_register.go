package views

import (
	"strconv"
	"strings"

	"countersign/models"
)

// AgentNewPage is the first step: what the agent is.
type AgentNewPage struct {
	Keys                    FormKeys
	Errors                  Errors
	Name, Purpose, Provider string
}

// AgentTasksPage is the task list of a registration.
type AgentTasksPage struct {
	ID, Name string
	Draft    models.Manifest
	Missing  map[string][]models.FieldError // by step; complete steps are not in it
	Open     map[string][]AgentOrigin       // what the imported file left open, by step
	Revision int                            // the newest; 0 before it is registered
	Pending  bool                           // the draft differs from it
	Imported bool
}

// AgentOrigin says of one field where in the file it came from.
type AgentOrigin struct {
	Field, Value, Pointer, Status, Note string
	Line                                int
}

func (p AgentTasksPage) href() string { return "/agents/" + p.ID + "/register" }

func (p AgentTasksPage) title() string {
	if p.Revision == 0 {
		return "Register " + p.Name
	}
	return "Revision " + strconv.Itoa(p.Revision+1) + " of " + p.Name
}

func (p AgentTasksPage) lead() string {
	done := len(models.ManifestSteps) - len(p.Missing)
	return "You have completed " + strconv.Itoa(done) + " of " + strconv.Itoa(len(models.ManifestSteps)) + " sections."
}

func (p AgentTasksPage) complete() bool { return len(p.Missing) == 0 }

// sections are the steps and, last, the check.
func (p AgentTasksPage) sections() []TaskSection {
	var tell []Task
	for _, s := range models.ManifestSteps {
		t := Task{Title: s.Words, Href: p.href() + "/" + s.Value, Status: p.status(s.Value)}
		if open := len(p.Open[s.Value]); open > 0 {
			t.Hint = "The file left " + plural(open, "thing") + " open here."
		}
		if t.Status == TaskProblem {
			t.Hint = strings.TrimSpace(t.Hint + " " + p.problem(s.Value))
		}
		tell = append(tell, t)
	}
	check := Task{Title: "Check your answers and register", Href: p.href() + "/check", Status: TaskNotStarted}
	switch {
	case !p.complete():
		check.Status, check.Hint = TaskCannotStart, "First complete the sections above. They are saved, and wait for you."
	case p.Revision > 0 && !p.Pending:
		check.Status, check.Hint = TaskCannotStart, "Nothing differs from revision "+strconv.Itoa(p.Revision)+"."
	}
	return []TaskSection{{Title: "Say what the agent is", Tasks: tell}, {Title: "Register it", Tasks: []Task{check}}}
}

// status: a step that holds something wrong has a problem; one that only lacks
// something is in progress.
func (p AgentTasksPage) status(step string) string {
	_, incomplete := p.Missing[step]
	switch {
	case !incomplete:
		return TaskComplete
	case p.problem(step) != "":
		return TaskProblem
	case started(p.Draft, step):
		return TaskInProgress
	}
	return TaskNotStarted
}

// problem is the first thing that is wrong and not only missing.
func (p AgentTasksPage) problem(step string) string {
	for _, e := range p.Missing[step] {
		if answered(p.Draft, e.Field) {
			return e.Message
		}
	}
	return ""
}

// answered says whether a field of the draft holds anything.
func answered(m models.Manifest, field string) bool {
	switch strings.SplitN(field, "-", 2)[0] {
	case "name":
		return m.Name != ""
	case "purpose":
		return m.Purpose != ""
	case "provider":
		return m.Provider != ""
	case "model":
		return m.Model != ""
	case "prompt_digest":
		return m.PromptDigest != ""
	case "code_version":
		return m.CodeVersion != ""
	case "source":
		return m.Source != ""
	case "interfaces":
		return len(m.Interfaces) > 0
	case "tool_access":
		return m.ToolAccess != ""
	case "tools":
		return len(m.Tools) > 0
	case "delegates":
		return len(m.Delegates) > 0
	case "issuer", "subject", "audience":
		return len(m.Bindings) > 0
	case "environments":
		return len(m.Environments) > 0
	}
	return false
}

func started(m models.Manifest, step string) bool {
	for _, f := range stepFields[step] {
		if answered(m, f) {
			return true
		}
	}
	return false
}

var stepFields = map[string][]string{
	models.StepAbout:       {"name", "purpose", "provider"},
	models.StepMadeOf:      {"model", "prompt_digest", "code_version", "source", "interfaces", "tool_access", "tools", "delegates"},
	models.StepIdentity:    {"issuer"},
	models.StepEnvironment: {"environments"},
}

// AgentStepPage is one step as a form, with what was typed.
type AgentStepPage struct {
	ID, Name, Step string
	Keys           FormKeys
	Errors         Errors
	Typed          models.Manifest
	Lists          AgentLists        // as typed, a line each
	Rows           []models.Identity // with empty ones to fill in
	There          *models.Manifest  // what is there now, when somebody saved in between
	Open           []AgentOrigin     // what the imported file left open in this step
	FocusRow       int               // the row that was added just now; 0 for none
}

// AgentLists are the answers that are typed a line each.
type AgentLists struct{ Interfaces, Tools, Delegates string }

// ListsOf writes a manifest's lists as they are typed.
func ListsOf(m models.Manifest) AgentLists {
	var tools []string
	for _, t := range m.Tools {
		line := t.Name
		if t.Digest != "" {
			line += "; " + t.Digest
		}
		tools = append(tools, line)
	}
	return AgentLists{strings.Join(m.Interfaces, "\n"), strings.Join(tools, "\n"), strings.Join(m.Delegates, "\n")}
}

func (p AgentStepPage) href() string { return "/agents/" + p.ID + "/register" }

func (p AgentStepPage) title() string { return models.WordsOf(models.ManifestSteps, p.Step) }

func (p AgentStepPage) number() string {
	for i, s := range models.ManifestSteps {
		if s.Value == p.Step {
			return "Section " + strconv.Itoa(i+1) + " of " + strconv.Itoa(len(models.ManifestSteps))
		}
	}
	return ""
}

func (p AgentStepPage) text(name, label, hint, value string, required bool) Field {
	return Field{Name: name, Label: label, Hint: hint, Value: value, Error: p.Errors.For(name), Required: required}
}

func (p AgentStepPage) lines(name, label, hint, value string) Field {
	f := p.text(name, label, hint, value, false)
	f.Rows = min(max(strings.Count(value, "\n")+2, 4), 20)
	return f
}

func (p AgentStepPage) row(name, label, hint, value string, i int) Field {
	f := Field{ID: rowID(name, i), Name: name, Label: label, Hint: hint, Value: value, Error: p.Errors.For(rowID(name, i)), Required: true}
	if i > 0 {
		f.Hint = ""
	}
	return f
}

func rowID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

// choices are a form's options for stored values.
func choices(of []models.Choice) []Option {
	var options []Option
	for _, c := range of {
		options = append(options, Option{Value: c.Value, Label: c.Words})
	}
	return options
}

// AgentCheckPage is "check your answers".
type AgentCheckPage struct {
	ID, Name string
	Keys     FormKeys
	Errors   Errors // of the registration itself
	Draft    models.Manifest
	Missing  map[string][]models.FieldError
	Revision int // the newest; 0 before it is registered
	Same     bool
	Changes  []DiffLine // since that revision
}

func (p AgentCheckPage) href() string { return "/agents/" + p.ID + "/register" }

func (p AgentCheckPage) next() string { return strconv.Itoa(p.Revision + 1) }

// problems link to the step in which each is mended.
func (p AgentCheckPage) problems() []Crumb {
	var links []Crumb
	for _, s := range models.ManifestSteps {
		for _, e := range p.Missing[s.Value] {
			links = append(links, Crumb{e.Message, p.href() + "/" + s.Value + "#" + e.Field})
		}
	}
	return links
}

// AgentRegisteredPage is the confirmation.
type AgentRegisteredPage struct {
	ID, Name, Digest string
	Revision         int
	Tasks            int // capabilities that are written already
	InForce          int // of which this many are in force, on an earlier revision
	Behind           int // and this many of them not signed for this one
}

// effect is what the registration changes by itself: nothing.
func (p AgentRegisteredPage) effect() string {
	if p.InForce > 0 {
		return "Nothing that is in force has changed by it."
	}
	return "It may do nothing yet."
}

func (p AgentRegisteredPage) title() string {
	if p.Revision == 1 {
		return p.Name + " is registered"
	}
	return "Revision " + strconv.Itoa(p.Revision) + " of " + p.Name + " is registered"
}
