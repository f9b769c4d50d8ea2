package models

// Manifest is what an agent is made of and how it is known at runtime: the
// contents of an agent's revision.
type Manifest struct {
	Name          string         `json:"name"`
	Purpose       string         `json:"purpose"`
	Provider      string         `json:"provider"`
	Model         string         `json:"model"`          // such as "claude-sonnet-5"
	PromptDigest  string         `json:"prompt_digest"`  // SHA-256 of the system prompt, hex; the prompt stays where it is
	CodeVersion   string         `json:"code_version"`   // tag or commit
	Source        string         `json:"source"`         // where its definition comes from: an address or a file
	Interfaces    []string       `json:"interfaces"`     // addresses at which it is reached
	ToolAccess    string         `json:"tool_access"`    // listed, none, unknown
	Tools         []ManifestTool `json:"tools"`          // where listed
	Delegates     []string       `json:"delegates"`      // other agents that it hands work to
	Environments  []string       `json:"environments"`   // of Environments
	Bindings      []Identity     `json:"bindings"`       // how it is recognised
	ImportedNotes []string       `json:"imported_notes"` // what the import found odd, kept for the signers
}

// ManifestTool is a tool with the digest of its description, so that a changed description is seen.
type ManifestTool struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Identity is an identity binding: tokens of this issuer whose subject matches
// the pattern, for this audience, are this agent.
type Identity struct {
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"` // a pattern; * stands for one path segment
	Audience string `json:"audience"`
}

// ToolAccesses is three-valued: what is absent is unknown, never none.
var ToolAccesses = []Choice{{"listed", "The tools are listed below"}, {"none", "It uses no tools"}, {"unknown", "Unknown, or all tools"}}

// Steps of an agent's registration form.
const (
	StepAbout       = "about"
	StepMadeOf      = "made-of"
	StepIdentity    = "identity"
	StepEnvironment = "environment"
)

// ManifestSteps lists the steps in the order of the task list.
var ManifestSteps = []Choice{
	{StepAbout, "What it is"}, {StepMadeOf, "What it is made of"},
	{StepIdentity, "How it is recognised"}, {StepEnvironment, "Where it runs"},
}

// Check is what is wrong with one step of the manifest as typed; step "" checks all.
func (m *Manifest) Check(step string) error {
	var p problems
	all := step == ""
	if all || step == StepAbout {
		m.Name, m.Purpose, m.Provider = oneLine(m.Name), tidy(m.Purpose), oneLine(m.Provider)
		p.needText("name", m.Name, MaxName, "a name for the agent")
		p.needText("purpose", m.Purpose, MaxText, "what the agent is for")
		p.text("provider", m.Provider, MaxName)
	}
	if all || step == StepMadeOf {
		m.Model, m.CodeVersion, m.Source, m.PromptDigest = oneLine(m.Model), oneLine(m.CodeVersion), oneLine(m.Source), oneLine(m.PromptDigest)
		p.needText("model", m.Model, MaxName, "the model that it runs on")
		p.needText("code_version", m.CodeVersion, MaxName, "the version of its code, such as a tag or a commit")
		p.text("source", m.Source, MaxLine)
		if m.PromptDigest != "" && !isHex64(m.PromptDigest) {
			p.add("prompt_digest", "Enter the SHA-256 of the system prompt: 64 characters of 0-9 and a-f.")
		}
		p.choice("tool_access", m.ToolAccess, ToolAccesses, "what is known of its tools")
		if m.ToolAccess == "listed" && len(m.Tools) == 0 {
			p.add("tools", "List its tools, or say that it uses none.")
		}
		if len(m.Tools) > 500 {
			p.add("tools", "List at most 500 tools.")
		}
		for _, t := range m.Tools {
			p.needText("tools", t.Name, MaxName, "the name of each tool")
			if t.Digest != "" && !isHex64(t.Digest) {
				p.add("tools", "What follows the name of the tool %s is not the SHA-256 of its description: 64 characters of 0-9 and a-f.", cut(t.Name, 60))
			}
		}
		if len(m.Interfaces) > 20 {
			p.add("interfaces", "Enter at most 20 addresses.")
		}
		for _, a := range m.Interfaces {
			p.text("interfaces", a, MaxLine)
		}
		if len(m.Delegates) > 50 {
			p.add("delegates", "Enter at most 50 agents.")
		}
		for _, a := range m.Delegates {
			p.text("delegates", a, MaxLine)
		}
	}
	if all || step == StepIdentity {
		if len(m.Bindings) == 0 {
			p.add("issuer", "Enter at least one identity: without it nobody can tell that it is this agent.")
		}
		if len(m.Bindings) > 20 {
			p.add("issuer", "Enter at most 20 identities.")
		}
		for i := range m.Bindings {
			b := &m.Bindings[i]
			b.Issuer, b.Subject, b.Audience = oneLine(b.Issuer), oneLine(b.Subject), oneLine(b.Audience)
			p.needText(rowField("issuer", i), b.Issuer, MaxLine, "the issuer of its tokens, such as https://token.actions.githubusercontent.com")
			p.needText(rowField("subject", i), b.Subject, MaxLine, "the subject of its tokens")
			p.needText(rowField("audience", i), b.Audience, MaxLine, "the audience of its tokens")
			if b.Subject == "*" {
				p.add(rowField("subject", i), "A subject that matches everything would make every workload of this issuer this agent. Enter a narrower one.")
			}
		}
	}
	if all || step == StepEnvironment {
		if len(m.Environments) == 0 {
			p.add("environments", "Choose at least one environment.")
		}
		for _, e := range m.Environments {
			if !has(Environments, e) {
				p.add("environments", "Choose environments from the list.")
			}
		}
	}
	return p.err()
}

// rowField names a field of the i-th of several rows alike: issuer, issuer-2, …
func rowField(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + itoa(i+1)
}

func isHex64(s string) bool {
	if len(s) != 64 {
		return false
	}
	for _, r := range s {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}

// Manifest is the draft that is being filled in.
func (a Agent) Manifest() Manifest { return parseBody[Manifest](a.Draft) }

// Manifest is the registered contents.
func (r AgentRevision) Manifest() Manifest { return parseBody[Manifest](r.Document) }
