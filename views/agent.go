package views

import (
	"strconv"
	"time"

	"countersign/models"
)

// AgentHead is what every page of an agent's record begins with.
type AgentHead struct {
	ID, Name, State      string
	OwnerName, OwnerTeam string
	Yours                bool // the viewer owns it and is a business owner
	Holds                []AgentHold
	Partly               []StopLine  // broad stops on some of what it has in force
	Stop                 *StopProps  // nil for who cannot stop it
	Next                 ButtonProps // the one next act; none without a label
	Revision             int         // the newest; 0 before it is registered
	Pending              bool        // the draft differs from the newest revision
	Now                  time.Time
}

// AgentHold is a hold on the whole agent.
type AgentHold struct {
	Kind, Target     string
	Href             string // of a broad stop
	Who, Team, Cause string
	At               time.Time
}

func (h AgentHold) title() string {
	switch h.Target {
	case models.OnAll:
		return "Everything is stopped, and this agent with it"
	case models.OnIssuer:
		return "Its identity issuer is stopped, and this agent with it"
	}
	switch h.Kind {
	case models.HoldStop:
		return "This agent is stopped"
	case models.HoldRecall:
		return "A sign-off was taken back"
	case models.HoldLeaver:
		return "Somebody who answered for it has left"
	case models.HoldKillDrill:
		return "A kill drill holds it for a moment"
	}
	return "This agent is held"
}

func (a AgentHead) href() string { return "/agents/" + a.ID }

func (a AgentHead) lead() string {
	owner := or(a.OwnerName, "Nobody")
	if a.OwnerTeam != "" {
		owner += " (" + a.OwnerTeam + ")"
	}
	return owner + " is its business owner."
}

func (a AgentHead) tabs(active string) []Tab {
	return []Tab{
		{Label: "Overview", Href: a.href(), Active: active == "overview"},
		{Label: "Revisions", Href: a.href() + "/revisions", Active: active == "revisions", Count: a.Revision},
		{Label: "Decisions", Href: a.href() + "/decisions", Active: active == "decisions"},
		{Label: "History", Href: a.href() + "/history", Active: active == "history"},
	}
}

// AgentPage is the overview of an agent.
type AgentPage struct {
	AgentHead
	Manifest         models.Manifest // the newest revision's, or the draft's before there is one
	Digest           string          // of the newest revision
	RegisteredAt     time.Time
	Import           *AgentImportLine
	Capabilities     []AgentCapability
	More             string // the address of further capabilities
	From             string // the address of the first ones, when these are not they
	Suggestions      []AgentSuggestion
	FurtherSuggested int // suggestions that are not shown
	MayWrite         bool
	Behind           int             // tasks in force that are not signed for the newest revision
	Emergencies      []EmergencyMark // of its tasks, newest first
}

// AgentImportLine says which file the draft came from last.
type AgentImportLine struct {
	File, Format string
	At           time.Time
}

// AgentCapability is one line of the agent's capabilities. People are "" where
// nobody accepted.
type AgentCapability struct {
	ID, Title, State, Tier           string
	Held                             bool
	OpenState                        string // of a version on its way beside the live one, or ""
	Owner, Provisioner, ControlOwner AgentPerson
	Approvers                        []AgentPerson
	MissingApprovers                 bool
	OtherHoles                       []string // "no scope yet"
	Review                           time.Time
	Over                             time.Time // when its time was up, where it is
	Ended                            bool      // nothing of it is in force or on its way
}

// AgentPerson is somebody by name and team.
type AgentPerson struct{ Name, Team string }

// AgentSuggestion is a task that the imported file suggests.
type AgentSuggestion struct {
	No                int
	Name, Description string
}

// shortened is the beginning of a long text.
func shortened(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

func (p AgentPage) suggestionHref(s AgentSuggestion) string {
	return p.href() + "/capabilities/new?skill=" + strconv.Itoa(s.No)
}

// summary is what the agent is made of, for the record.
func (p AgentPage) summary() []SummaryRow {
	return append(manifestRows(p.Manifest, models.StepAbout, ""), manifestRows(p.Manifest, models.StepMadeOf, "")...)
}

// manifestRows are the answers of one step; change is the address that changes
// them, or "".
func manifestRows(m models.Manifest, step, change string) []SummaryRow {
	row := func(key, field, value string) SummaryRow {
		return SummaryRow{Key: key, Value: value, Change: anchored(change, field)}
	}
	optional := func(key, field, value, none string) SummaryRow {
		return row(key, field, or(value, none))
	}
	list := func(key, field string, values []string, none string) SummaryRow {
		r := SummaryRow{Key: key, Values: values, Change: anchored(change, field)}
		if len(values) == 0 {
			r.Value = none
		}
		return r
	}
	switch step {
	case models.StepAbout:
		return []SummaryRow{row("Name", "name", m.Name), row("What it is for", "purpose", m.Purpose), optional("Provider", "provider", m.Provider, "not said")}
	case models.StepMadeOf:
		rows := []SummaryRow{
			row("Model", "model", m.Model), row("Version of its code", "code_version", m.CodeVersion),
			{Key: "System prompt", Body: promptDigest(m.PromptDigest), Change: anchored(change, "prompt_digest")},
			optional("Where its definition comes from", "source", m.Source, "not said"),
			list("Reached at", "interfaces", m.Interfaces, "no address given"),
			row("Tools", "tool_access", models.WordsOf(models.ToolAccesses, m.ToolAccess)),
		}
		if m.ToolAccess == "listed" {
			rows = append(rows, SummaryRow{Key: "Its tools", Values: toolLines(m.Tools), Change: anchored(change, "tools")})
		}
		return append(rows, list("Hands work to", "delegates", m.Delegates, "no other agent"))
	case models.StepIdentity:
		var rows []SummaryRow
		for i, b := range m.Bindings {
			rows = append(rows, SummaryRow{Key: "Identity " + strconv.Itoa(i+1), Values: []string{"Issuer: " + b.Issuer, "Subject: " + b.Subject, "Audience: " + b.Audience}, Change: change})
		}
		if len(rows) == 0 {
			rows = append(rows, SummaryRow{Key: "Identities", Hole: "none yet: nobody can tell that it is this agent", Change: change})
		}
		return rows
	}
	r := list("Runs in", "environments", EnvironmentWords(m.Environments), "")
	r.Hole = "not said yet"
	return []SummaryRow{r}
}

func anchored(href, field string) string {
	if href == "" {
		return ""
	}
	return href + "#" + field
}

func toolLines(tools []models.ManifestTool) []string {
	var lines []string
	for _, t := range tools {
		line := t.Name
		if t.Digest != "" {
			line += " (description " + ShortDigest(t.Digest) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// EnvironmentWords are environments as a person reads them.
func EnvironmentWords(values []string) []string {
	var words []string
	for _, v := range values {
		words = append(words, models.WordsOf(models.Environments, v))
	}
	return words
}

// AgentRevisionsPage is the tab of what was registered.
type AgentRevisionsPage struct {
	AgentHead
	Revisions []AgentRevision
	Older     string
	Newest    string
}

// AgentRevision is one of them, with how it differs from the one before.
type AgentRevision struct {
	No         int
	Digest     string
	Who        AgentPerson
	At         time.Time
	First      bool
	Changes    []DiffLine
	ImportOdds []string // what the import found odd, kept for the signers
}

func (r AgentRevision) title() string { return "Revision " + strconv.Itoa(r.No) }

// DiffLines are the rules' sentences about what differs, to be drawn.
func DiffLines(differences []models.Difference) []DiffLine {
	var lines []DiffLine
	for _, d := range differences {
		line := DiffLine{Kind: d.Kind, Was: d.Was, Wider: d.Wider}
		for _, p := range d.Text {
			line.Sentence = append(line.Sentence, Piece{p.Text, p.Strong})
		}
		lines = append(lines, line)
	}
	return lines
}

// AgentHistoryPage is the tab of what happened.
type AgentHistoryPage struct {
	AgentHead
	History HistoryProps
}

// AgentRetirePage asks why an agent is retired, for good.
type AgentRetirePage struct {
	AgentHead
	Keys    FormKeys
	Errors  Errors
	Reason  string
	InForce int // capabilities that have to be revoked first
}
