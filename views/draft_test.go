package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

// drafts are the pages of a draft, with this text wherever a person typed.
func drafts(typed string) map[string]templ.Component {
	head := PageHead{Title: "Draft", Section: typed, Person: typed}
	top := DraftTop{VersionID: "ver_1", CapabilityID: "cap_1", AgentID: "agt_1", Agent: typed, Title: typed, No: 1, State: models.Draft, Now: now}
	form := DraftForm{DraftTop: top, MayWrite: true, Keys: FormKeys{CSRF: "t", ActID: "a", Revision: "1"}}
	rules := models.StandardRules()
	tier := DraftTier{Tier: models.Critical, Ask: rules.Asks[models.Critical], Lifetime: 60}
	var people []models.Party
	var gaps []DraftGaps
	var chosen []ScopeOperation
	var found []ScopeHit
	var comment *DraftComment
	task, plan := models.Task{}, models.Oversight{}
	if typed != "" {
		tier.Reasons = []models.Reason{{Tier: models.High, Text: typed}}
		people = []models.Party{{Person: models.Person{ID: "prs_1", Name: typed}, Teams: []models.Team{{Name: typed}}}}
		gaps = []DraftGaps{{Title: "Scope", Who: typed, Gaps: []DraftGap{{Text: typed}}}}
		fact := models.Fact{OperationID: "opr_1", Operation: typed, Title: typed, System: typed, Access: "write", Sensitivity: "internal"}
		chosen = []ScopeOperation{{Fact: fact, Typed: typed, Error: typed}, {Fact: models.Fact{OperationID: "opr_2"}, Gone: true}}
		found = []ScopeHit{{Fact: fact, Tier: models.Critical, Raises: true}, {Fact: fact, Chosen: true}}
		comment = &DraftComment{Reason: typed, Who: typed, Team: typed, At: now}
		form.Errors, form.Refused, form.Comment = Errors{{"title", typed}}, typed, comment
		task = models.Task{Title: typed, Task: typed, Acceptable: typed, Forbidden: typed, Windows: typed}
		plan = models.Oversight{Signals: typed, AlertRoute: typed, Escalation: []string{typed}, StopHow: typed, StopBy: typed}
		form.Stale = &DraftStale{Who: typed, At: now, Rows: TaskAnswers(task, "/x")}
	}
	pick := NomineePick{Name: "provisioner", Label: "Provisioner", People: people, Find: typed, Many: true, None: "Nobody"}
	read := form
	read.MayWrite, read.Rows, read.Writer = false, OversightAnswers(plan, nil, ""), typed
	return map[string]templ.Component{
		"list":      Draft(head, DraftPage{DraftTop: top, SentBack: comment, Missing: gaps, Tier: tier, Waits: typed, Withdraw: true, Sections: []TaskSection{{Title: "Parts", Tasks: []Task{{Title: "Scope", Who: typed, Hint: typed}}}}}),
		"task":      DraftTask(head, DraftTaskPage{DraftForm: form, Task: task, Volume: typed, Start: DateValue{Day: typed}, Tier: tier}),
		"scope":     DraftScope(head, DraftScopePage{DraftForm: form, Chosen: chosen, Lifetime: typed, Conditions: typed, Search: ScopeSearch{Query: typed, Found: found}, Tier: tier, Secrets: []Option{{Value: "sec_1", Label: typed, Hint: typed}}}),
		"oversight": DraftOversight(head, DraftOversightPage{DraftForm: form, Plan: plan, Steps: typed, Within: typed}),
		"read":      DraftOversight(head, DraftOversightPage{DraftForm: read}),
		"people": DraftPeople(head, DraftPeoplePage{DraftTop: top, Roles: []DraftRole{{Role: models.Provisioner, Form: &pick}, {Role: models.ControlOwner, Why: typed, Problem: typed, Now: &DraftNominee{Name: typed, Team: typed, At: now}}, {
			Role: models.BusinessOwner, Declined: []DraftComment{{Reason: typed, Who: typed, At: now}}}}}),
		"new":      DraftNew(head, DraftNewPage{AgentID: "agt_1", Agent: typed, Title: typed, Task: typed, File: typed, Provisioner: pick, ControlOwner: NomineePick{Name: "control_owner", None: "Nobody"}, Skills: []DraftSkill{{Name: typed, Text: typed, Href: "/x"}}}),
		"check":    DraftCheck(head, DraftCheckPage{DraftTop: top, Refused: typed, Missing: gaps, Task: TaskAnswers(task, "/x"), Oversight: OversightAnswers(plan, nil, ""), Tier: tier, Accept: []string{typed}, Signers: people, SignerCount: 30, Why: typed}),
		"done":     DraftDone(head, DraftDonePage{DraftTop: top, Digest: strings.Repeat("a", 64), Tier: models.Low, By: typed, Next: []string{typed}}),
		"withdraw": DraftWithdraw(head, DraftWithdrawPage{DraftTop: top, Reason: typed, Effects: []string{typed}}),
	}
}

func TestDraftPagesEscape(t *testing.T) {
	for _, typed := range []string{hostile, strings.Repeat(hostile, 100), ""} {
		for name, page := range drafts(typed) {
			html := render(t, page)
			require.NotContains(t, html, "<script>alert", name)
			doc := look(t, page)
			require.Equal(t, 1, doc.Find("h1").Length(), name)
			require.Zero(t, doc.Find("form form").Length(), name)
			require.Equal(t, 2, doc.Find("script").Length(), "only ours in %s", name)
		}
	}
}

func TestTierPanel(t *testing.T) {
	tier := DraftTier{Tier: models.Critical, Ask: models.StandardRules().Asks[models.Critical], Reasons: []models.Reason{{Tier: models.Critical, Text: "Pays out"}}}
	doc := look(t, LiveTier(tier, "/versions/v/scope/assess"))
	require.Equal(t, "polite", doc.Find("#tier-panel").AttrOr("aria-live", ""))
	require.Equal(t, "Pays out Critical tier", text(doc.Find(".cs-reasons li")))
	require.Equal(t, []string{"2 approvers, of different teams", "A passkey's signature for each sign-off", "A credential lives at most 5 minutes", "A review every 30 days"},
		doc.Find(".cs-next li").Map(func(_ int, s *goquery.Selection) string { return text(s) }))
	longer := tier
	longer.Lifetime = 6
	require.NotEqual(t, tier.Mark(), longer.Mark(), "what says something else is drawn again")
	require.Contains(t, text(look(t, TierPanel(longer)).Selection), "lives 6 minutes. That is too long")
}

// A form whose button is called "remove" has no remove() any more: htmx must not
// be told to replace it.
func TestScopeSwapsNoForm(t *testing.T) {
	doc := look(t, drafts(hostile)["scope"])
	require.Equal(t, "div", doc.Find("#scope-fields").Nodes[0].Data)
	require.Equal(t, "find", doc.Find("form:has(#scope-fields) button[type=submit]").First().AttrOr("name", ""), "Enter searches and never saves")
	require.Equal(t, 2, doc.Find("input[name=op]").Length())
	for _, target := range []string{"#scope-fields", "#found"} {
		require.NotZero(t, doc.Find(`[hx-target="`+target+`"]`).Length())
	}
}
