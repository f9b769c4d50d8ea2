package views

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

// fromStranger is what a stranger may put in any text.
var fromStranger = `<script>alert(1)</script>"'><img src=x onerror=alert(1)> ` + "\u202e" + strings.Repeat("W", 4000)

// agentPages are every page of agents, full of a text; "" draws them empty.
func agentPages(s string) map[string]templ.Component {
	list := func() []string {
		if s == "" {
			return nil
		}
		return []string{s, s}
	}
	m := models.Manifest{Name: s, Purpose: s, Provider: s, Model: s, PromptDigest: s, CodeVersion: s, Source: s, ToolAccess: "listed", Interfaces: list(), Delegates: list(),
		Environments: list(), ImportedNotes: list()}
	head := AgentHead{ID: "agt_1", Name: s, State: models.AgentDraft, OwnerName: s, OwnerTeam: s, Yours: true, Now: now}
	missing := map[string][]models.FieldError{}
	var row []AgentRow
	var caps []AgentCapability
	var suggestions []AgentSuggestion
	var origins []AgentOrigin
	var warnings []models.ImportWarning
	var targets []ImportTarget
	var revisions []AgentRevision
	var errs Errors
	var line *AgentImportLine
	if s != "" {
		m.Tools = []models.ManifestTool{{Name: s, Digest: s}}
		m.Bindings = []models.Identity{{Issuer: s, Subject: s, Audience: s}}
		head.Holds = []AgentHold{{Kind: models.HoldStop, Who: s, Team: s, Cause: s, At: now}}
		head.Revision, head.Pending = 2, true
		missing[models.StepAbout] = []models.FieldError{{Field: "name", Message: s}}
		row = []AgentRow{{ID: "agt_1", Name: s, State: "draft", OwnerName: s, OwnerTeam: s, Yours: true, Revision: 2, RevisionAt: now, Held: 1, Holes: 2, Expired: 3}}
		who := AgentPerson{s, s}
		caps = []AgentCapability{{ID: "cap_1", Title: s, State: "live", Tier: "high", Held: true, OpenState: "in review", Owner: who, Provisioner: who, Approvers: []AgentPerson{who}, OtherHoles: list(), Over: now},
			{ID: "cap_2", Title: s, State: "draft", MissingApprovers: true, Review: now.Add(-time.Hour)}, {ID: "cap_3", Title: s, State: "revoked", Ended: true}}
		suggestions = []AgentSuggestion{{No: 0, Name: s, Description: s}}
		for _, status := range []string{models.FieldRead, models.FieldMissing, models.FieldOdd, models.FieldPlaceholder, models.FieldDefaulted, models.FieldUnverified, models.FieldIgnored, s} {
			origins = append(origins, AgentOrigin{Field: s, Value: s, Pointer: s, Status: status, Note: s, Line: 3})
		}
		warnings = []models.ImportWarning{{Where: s, Message: s, Line: 2}, {Where: "line 2", Message: s + "!", Line: 2}}
		targets = []ImportTarget{{ID: "agt_1", Name: s, State: models.AgentRegistered, SameFile: true}, {ID: "agt_2", Name: s, State: models.AgentDraft, Again: true}}
		revisions = []AgentRevision{{No: 2, Digest: s, Who: who, At: now, Changes: []DiffLine{{Sentence: Sentence(Plain(s)), Was: s, Wider: true}}, ImportOdds: list()}, {No: 1, Digest: s, Who: who, At: now, First: true}}
		errs = Errors{{"name", s}, {"file", s}, {"into", s}, {"issuer", s}, {"", s}}
		line = &AgentImportLine{File: s, Format: s, At: now}
	}
	page := PageHead{Title: s, Person: "Anna Keller", CSRF: "token"}
	importLine := ImportLine{No: 3, Href: "/imports/iml_1/rows/3", File: s, Format: s, Kind: models.ImportAgent, Name: s, Outcome: models.ImportWarned, Digest: s, Warnings: warnings, Fields: origins, Ignored: origins,
		Further: 3, Skills: 1, Plan: "registered", Targets: targets, Into: s, IntoID: "agt_1", Revision: 2, Draft: []DiffLine{{Sentence: Sentence(Plain(s)), Was: s, Wider: true}}, Live: []DiffLine{{Sentence: Sentence(Plain(s))}},
		State: "failed", Reason: s, Error: s, ErrorField: "looked-3", Open: true}
	system := ImportLine{No: 4, File: s, Format: s, Kind: models.ImportSystem, Name: s, Outcome: models.ImportClean, Secrets: list(), Plan: "new", NewSystem: true, Operations: 2,
		System: &models.SystemDifference{New: make([]models.ImportedOperation, 2), Kept: make([]models.OperationRaised, 1)}, State: "waiting"}
	refused := ImportLine{No: 5, File: s, Outcome: models.ImportRefused, Kind: models.ImportUnknown, Warnings: warnings, Cannot: s, Plan: "none", State: "waiting"}
	whole := importLine
	whole.Open = false
	found := ImportListPage{ID: "iml_1", Label: s, Now: now, Until: now, Total: 9, Errors: errs, Lines: []ImportLine{whole, system, refused}, NewSystems: true, Ask: list(), More: true, After: 2, Outcome: "warned", Plan: "new"}
	found.Count("warned", "new", "waiting", true, 3)
	one := ImportListPage{ID: "iml_1", Label: s, Now: now, Until: now, Total: 1, Lines: []ImportLine{importLine}}
	result := ImportResultPage{ID: "iml_1", Label: s, Lines: []ImportDone{{No: 1, File: s, Name: s, Kind: models.ImportAgent, State: "failed", Reason: s}, {No: 2, File: s, Kind: models.ImportSystem, State: "created", Subject: "sys_1"}}, Next: "/imports/iml_1/result?after=2"}
	result.Count("failed", 1)
	result.Count("queued", 2)
	pages := map[string]templ.Component{
		"list":       Agents(page, AgentsPage{Now: now, Rows: row, Search: s, State: "draft", Mine: s != "", Counts: AgentsCounts{All: len(row)}, MayRegister: true, Pager: PagerProps{Shown: len(row), Total: -1}}),
		"record":     Agent(page, AgentPage{AgentHead: head, Manifest: m, Digest: s, RegisteredAt: now, Import: line, Capabilities: caps, Suggestions: suggestions, FurtherSuggested: 3, MayWrite: true}),
		"revisions":  AgentRevisions(page, AgentRevisionsPage{AgentHead: head, Revisions: revisions}),
		"history":    AgentHistory(page, AgentHistoryPage{AgentHead: head, History: HistoryProps{Now: now}}),
		"retire":     AgentRetire(page, AgentRetirePage{AgentHead: head, Errors: errs, Reason: s}),
		"new":        AgentNew(page, AgentNewPage{Errors: errs, Name: s, Purpose: s, Provider: s}),
		"tasks":      AgentTasks(page, AgentTasksPage{ID: "agt_1", Name: s, Draft: m, Missing: missing, Open: map[string][]AgentOrigin{models.StepAbout: origins}, Revision: 1, Imported: true}),
		"check":      AgentCheck(page, AgentCheckPage{ID: "agt_1", Name: s, Errors: errs, Draft: m, Missing: missing, Revision: 1, Changes: []DiffLine{{Sentence: Sentence(Plain(s))}}}),
		"registered": AgentRegistered(page, AgentRegisteredPage{ID: "agt_1", Name: s, Digest: s, Revision: 2, InForce: 1}),
		"import":     ImportAsk(page, ImportAskPage{Errors: errs, Pasted: s, Source: s, Into: &ImportTarget{ID: "agt_1", Name: s}, Refused: []ImportRefusal{{File: s, Format: s, Warnings: warnings}}, Waiting: []ImportWaiting{{Href: "/imports/iml_1", Label: s, Things: 2, At: now}}, Now: now}),
		"found":      ImportList(page, found),
		"found one":  ImportList(page, one),
		"row":        ImportRow(page, ImportRowPage{ListID: "iml_1", Label: s, Line: importLine}),
		"result":     ImportResult(page, result),
		"origins":    AgentOrigins(page, AgentOriginsPage{ID: "agt_1", Name: s, File: s, Format: s, Digest: s, At: now, Now: now, Fields: origins, Ignored: origins}),
	}
	for _, step := range models.ManifestSteps {
		pages["step "+step.Value] = AgentStep(page, AgentStepPage{ID: "agt_1", Name: s, Step: step.Value, Errors: errs, Typed: m, Lists: AgentLists{s, s, s},
			Rows: append(m.Bindings, models.Identity{}), There: &m, Open: origins})
	}
	return pages
}

func TestAgentPagesShowAStrangersTextAsText(t *testing.T) {
	for _, s := range []string{fromStranger, ""} {
		for name, page := range agentPages(s) {
			doc := look(t, page)
			assert.Equal(t, 1, doc.Find("h1").Length(), name)
			assert.Zero(t, doc.Find("main script, main img").Length(), name)
			ids := map[string]bool{}
			for _, n := range doc.Find("[id]").EachIter() {
				id := n.AttrOr("id", "")
				assert.False(t, ids[id], "%s has two of %q", name, id)
				ids[id] = true
			}
			for _, n := range doc.Find("*").EachIter() {
				for _, a := range n.Nodes[0].Attr {
					assert.False(t, a.Key == "style" || strings.HasPrefix(a.Key, "on"), "%s: %s", name, a.Key)
				}
			}
			if s != "" && name != "history" && name != "registered" {
				require.Contains(t, doc.Find("main").Text(), "<script>alert(1)</script>", name)
			}
		}
	}
}

func TestAgentTaskList(t *testing.T) {
	a := models.Agent{Draft: `{"name":"Sorter","purpose":"Sorts.","model":"m-1","tool_access":"unknown"}`}
	page := AgentTasksPage{ID: "agt_1", Name: "Sorter", Draft: a.Manifest(), Missing: a.MissingSteps()}
	statuses := func() (out []string) {
		for _, s := range page.sections() {
			for _, task := range s.Tasks {
				out = append(out, task.Status)
			}
		}
		return out
	}
	assert.Equal(t, []string{TaskComplete, TaskInProgress, TaskNotStarted, TaskNotStarted, TaskCannotStart}, statuses())
	assert.Equal(t, "You have completed 1 of 4 sections.", page.lead())

	page.Draft.PromptDigest = "not a digest"
	page.Missing[models.StepMadeOf] = append(page.Missing[models.StepMadeOf], models.FieldError{Field: "prompt_digest", Message: "Enter the SHA-256."})
	assert.Equal(t, TaskProblem, statuses()[1])
	page.Missing = nil
	assert.Equal(t, TaskNotStarted, statuses()[4], "complete is not registered")
}

func TestAgentOrigins(t *testing.T) {
	assert.Equal(t, "Suggested task 3, description", originName("skills[2].description"))
	assert.Equal(t, "Address 1, address", originName("interfaces[0].url"))
	assert.Equal(t, "Program 1, version", originName("packages[0].version"))
	assert.Equal(t, "Secret 2", originName("secrets[1]"))
	assert.Equal(t, "Way to prove who calls 1, type", originName("security.schemes[0].type"))
	assert.Equal(t, "Suggested task 1, asks of its callers", originName("skills[0].requires[1]"))
	open := OpenOrigins(models.Manifest{Name: "x"}, []AgentOrigin{
		{Field: "name", Status: models.FieldMissing}, {Field: "description", Status: models.FieldMissing},
		{Field: "interfaces[0].url", Status: models.FieldPlaceholder}, {Field: "skills[0].name", Status: models.FieldMissing}, {Field: "version", Status: models.FieldRead}})
	assert.Len(t, open[models.StepAbout], 1, "a name was typed since")
	assert.Len(t, open[models.StepMadeOf], 1)
	assert.Len(t, open, 2)
}
