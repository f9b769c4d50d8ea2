package views

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/assert"

	"countersign/models"
)

// What strangers and colleagues call themselves and their things.
var adminHostile = []string{
	"", `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "\u202Eevil\u202C", strings.Repeat("long ", 800), "javascript:alert(1)", "{{7*7}} ${x} ' OR 1=1 --",
}

// Every page of the administration, the catalogue and people takes any text,
// shows it as text, and has one h1, labels for its fields and nothing inline.
func TestAdministrationIsSound(t *testing.T) {
	for _, s := range adminHostile {
		for name, page := range adminPages(s) {
			doc := look(t, page)
			assert.Equal(t, 1, doc.Find("h1").Length(), "%s has one h1", name)
			assert.Zero(t, doc.Find("script:not([src]), img, style").Length(), name)
			doc.Find("*").Each(func(_ int, e *goquery.Selection) {
				for _, a := range e.Nodes[0].Attr {
					assert.False(t, a.Key == "style" || strings.HasPrefix(a.Key, "on"), "%s: %s", name, a.Key)
				}
				if href := e.AttrOr("href", ""); e.Is("a") {
					assert.True(t, strings.HasPrefix(href, "/") || strings.HasPrefix(href, "#"), "%s leads to %q", name, href)
				}
			})
			ids := map[string]bool{}
			doc.Find("main [id]").Each(func(_ int, e *goquery.Selection) {
				id := e.AttrOr("id", "")
				assert.False(t, ids[id], "%s has two #%s", name, id)
				ids[id] = true
			})
			doc.Find("main input:not([type=hidden]), main select, main textarea").Each(func(_ int, e *goquery.Selection) {
				labelled := doc.Find(`label[for="`+e.AttrOr("id", "")+`"]`).Length() == 1 || e.AttrOr("aria-label", "") != ""
				assert.True(t, labelled, "%s: %s has no label", name, e.AttrOr("name", "?"))
			})
			doc.Find("main form[method=post]").Each(func(_ int, f *goquery.Selection) {
				assert.Equal(t, 1, f.Find("input[name=csrf]").Length(), "%s: %s", name, f.AttrOr("action", ""))
				assert.Equal(t, 1, f.Find("input[name=act_id]").Length(), "%s: %s", name, f.AttrOr("action", ""))
			})
			if s != "" {
				assert.Contains(t, text(doc.Find("main")), strings.Join(strings.Fields(s), " "), "%s shows it", name)
			}
		}
	}
}

// adminPages are the pages, with the text wherever a person or a provider may put one.
func adminPages(s string) map[string]templ.Component {
	head := PageHead{Title: "T", CSRF: "token", Person: "Adam", Nav: MainNav("/admin", 0, false, false, false, true)}
	keys := FormKeys{CSRF: "token", ActID: "abcdefghijklmnopqrstuvwxyz"}
	p := models.Party{Person: models.Person{ID: "per_1", Name: s, Email: s, TimeZone: s, Status: models.PersonActive},
		Roles: []models.Role{models.Approver}, Teams: []models.Team{{ID: "tea_1", Name: s}}}
	gone := p
	gone.Person.Status = models.PersonMerged
	at := models.At(now)
	account := models.Account{ID: "acc_1", Issuer: s, Subject: s, Name: s, Email: s}
	id := "per_1"
	link := AdminLink{AccountLink: models.AccountLink{ID: "lnk_1", Kind: models.LinkKindSplit, AccountID: &account.ID, FromID: &id, Reason: s, State: models.LinkProposed, ProposedAt: at},
		Account: account, Person: p, From: p, By: p, Why: s}
	done := link
	done.State, done.DecidedAt, done.Decider = models.LinkConfirmed, &at, p
	errs := Errors{{"name", s}, {"reason", s}, {"", s}}
	row := models.TierRulesRow{ID: "rul_1", No: 3, Reason: s, State: models.RulesProposed, Loosens: 1, ProposedAt: at}
	typed := map[string]string{"irreversible_at_scale": s, "approvers-low": s, "alone": s}
	sys := models.System{ID: "sys_1", Name: s, Kind: "saas", Description: s, Sensitivity: "internal", State: "active"}
	op := models.Operation{ID: "opr_1", Name: s, Title: s, Access: "write", Effects: `["irreversible"]`, State: "active"}
	retired := op
	retired.State = "retired"
	line := models.MatrixRow{CapabilityID: "cap_1", AgentID: "agt_1", AgentName: s, Title: s, State: models.Live, TierRank: 3, Holds: 1, UntilAt: &at}
	live := LiveRow{MatrixRow: line, State: LiveState(line, now), Held: true}
	answer := AnswerLine{LiveRow: live, As: []models.Role{models.Approver, models.BusinessOwner}}
	pick := AdminPick{Action: "/x", Query: s, People: []models.Party{p}, More: true, Label: "Who?", Error: s}
	pages := map[string]templ.Component{
		"overview":    Administration(head, AdministrationPage{Now: now, Waiting: []Duty{link.Duty(now), RulesDuty(row, p, 2, s, now)}, Counts: []AdminCount{{"People", "/admin/people", s, s}}}),
		"people":      AdminPeople(head, AdminPeoplePage{People: []AdminPersonLine{{p, 2}}, Search: s, Status: "left", Next: "/next", May: true}),
		"person add":  AdminPersonNew(head, PersonForm{Name: s, Email: s, TimeZone: s, Keys: keys, Errors: errs}),
		"person":      AdminPerson(head, AdminPersonPage{Party: p, Grants: []AdminGrant{{Grant: models.Grant{ID: "grt_1", Role: models.Approver, GrantedAt: at}, From: s, Keys: keys}}, Teams: []AdminTeamLine{{models.Team{ID: "tea_1", Name: s}, keys}}, Accounts: []models.Account{account}, Links: []AdminLink{link}, Roles: models.Roles, Join: []models.Team{{ID: "tea_2", Name: s}}, GiveKeys: keys, JoinKeys: keys, May: true, Errors: errs, Now: now}),
		"merged":      AdminPerson(head, AdminPersonPage{Party: gone, Into: p, Now: now}),
		"leave":       AdminPersonLeave(head, LeavePage{Person: p, Answers: 3, Seen: []AnswerLine{answer}, Grants: 1, Reason: s, Keys: keys, Errors: errs}),
		"merge whom":  AdminPersonMerge(head, MergePage{From: p, Pick: pick}),
		"merge":       AdminPersonMerge(head, MergePage{From: p, Into: &p, Effects: MergeSentences(s, s, models.MergeEffects{SignOffs: 2, Mandates: 1, Reviews: 1, Held: true}), Reason: s, Keys: keys, Errors: errs}),
		"accounts":    AdminAccounts(head, AdminAccountsPage{Accounts: []models.Account{account}, Proposed: map[string]string{"acc_1": "/admin/links/lnk_1"}, Links: []AdminLink{link}, Decided: []AdminLink{done}, Search: s, Now: now}),
		"account":     AdminAccount(head, AccountPage{Account: account, Groups: []string{s}, May: true, Pick: pick, Reason: s, Keys: keys, Errors: errs, Now: now}),
		"split":       AdminAccount(head, AccountPage{Account: account, Person: p, Split: true, May: true, Pick: pick, Keys: keys, Now: now}),
		"link":        AdminLinkPage(head, LinkPage{Link: link, Effects: LinkEffects(link, models.MergeEffects{}), May: true, Confirm: keys, Retract: keys, Errors: errs, Now: now}),
		"link done":   AdminLinkPage(head, LinkPage{Link: done, May: true, Now: now}),
		"teams":       AdminTeams(head, AdminTeamsPage{Teams: []AdminTeamRow{{models.Team{ID: "tea_1", Name: s}, 1, 2}}, Search: s, Name: s, May: true, Keys: keys, Errors: errs}),
		"team":        AdminTeam(head, AdminTeamPage{Team: models.Team{ID: "tea_1", Name: s}, Members: []models.Party{p}, Systems: []models.System{sys}}),
		"groups":      AdminGroups(head, AdminGroupsPage{Mappings: []AdminMapping{{models.GroupMapping{ID: "map_1", Issuer: s, GroupName: s, Role: models.Approver, CreatedAt: at}, p, keys}}, Issuer: s, GroupName: s, Issuers: []string{"https://idp.example"}, May: true, Keys: keys, Errors: errs, Now: now}),
		"rules":       AdminTierRules(head, TierRulesPage{Row: row, Proposed: &RulesProposal{Row: row, By: p, Tightens: []string{s}, Loosens: []string{s}, Confirm: keys, Withdrawal: keys}, Versions: []RulesVersion{{row, p, p}}, May: true, Now: now}),
		"rules no":    AdminTierRulesVersion(head, RulesVersionPage{RulesVersion: RulesVersion{row, p, p}, Now: now}),
		"rules form":  AdminTierRulesForm(head, RulesForm{Values: typed, Keys: keys, Errors: Errors{{"alone", s}, {"irreversible_at_scale", s}}}),
		"rules check": AdminTierRulesPreview(head, RulesPreview{Tightens: []string{s}, Reason: s, Keys: keys, Errors: errs}),
		"systems":     Systems(head, SystemsPage{Systems: []SystemRow{{sys, s, 3}}, SystemFilter: SystemFilter{Search: s, Kind: "saas"}, May: true}),
		"catalogues": Catalogues(head, CataloguesPage{Catalogues: []CatalogueRow{{ID: s, Name: s, Says: s}}, Chosen: &CatalogueRow{ID: s, Name: s, Systems: 20}, Search: s,
			Services: []ServiceRow{{Key: s, Name: s, ID: "sys_1", Has: 1, Operations: 2}}, Matching: 1, Keys: keys, Errors: errs}),
		"taking in":   Catalogues(head, CataloguesPage{Chosen: &CatalogueRow{ID: s, Name: s}, Team: s, Level: s, Going: &CatalogueGoing{Done: 1, All: 2, Rest: []string{s}, Left: []string{s}}, Keys: keys}),
		"system":      System(head, SystemPage{System: sys, Team: models.Team{Name: s}, Custodians: []models.Party{p}, Operations: []models.Operation{op, retired}, Secrets: []models.SecretRef{{ID: "sec_1", Name: s, Reference: s, State: "active"}}, Uses: []LiveRow{live}, May: true, Now: now}),
		"system edit": SystemEdit(head, SystemForm{ID: "sys_1", Was: s, Typed: sys, Now: &sys, Teams: []models.Team{{ID: "tea_1", Name: s}}, Keys: keys, Errors: errs}),
		"operation":   OperationEdit(head, OperationForm{System: sys, ID: "opr_1", Was: s, Typed: op, Now: &op, Keys: keys, Errors: errs}),
		"secret":      SecretEdit(head, SecretForm{System: sys, Typed: models.SecretRef{Name: s, Reference: s}, Keys: keys, Errors: errs}),
		"retire":      CatalogueRetire(head, RetirePage{System: sys, What: s, Says: []string{s}, Action: "/x", Keys: keys, Errors: errs}),
		"a colleague": Person(head, PersonPage{Party: p, Answers: []AnswerLine{answer}, Self: true, Admin: true}),
		"who is gone": Person(head, PersonPage{Party: gone, Into: p}),
		"me":          Me(head, MePage{Party: p, Grants: []AdminGrant{{Grant: models.Grant{Role: models.Approver, GrantedAt: at}, From: s}}, Accounts: []MyAccount{{account, true}}, SignedIn: now, TimeZone: s, Keys: keys, SwitchKeys: keys, HourKeys: keys, Errors: errs, Now: now}),
		"absence": Absence(head, AbsencePage{Party: p, Mine: []AbsenceLine{{ID: "d1", Other: p, From: now, Until: now, Reason: s, Now: true, Keys: keys}}, Others: []AbsenceLine{{ID: "d2", Other: p, From: now, Until: now, Reason: s, Keys: keys}},
			Pick: &NomineePick{Name: "delegate", Label: "Who", People: []models.Party{p}, Required: true}, Reason: s, Zone: "UTC", Days: 90, Keys: keys, Errors: errs, Now: now}),
		"me, new here": Me(head, MePage{Party: models.Party{Person: models.Person{ID: "per_2", Name: s}}, SignedIn: now, Keys: keys, SwitchKeys: keys, HourKeys: keys, Now: now}),
	}
	return pages
}

// Nothing there is said, and says what to do.
func TestAdministrationEmpty(t *testing.T) {
	for want, page := range map[string]templ.Component{
		"Nothing. Linking an account":   Administration(galleryHead(), AdministrationPage{Now: now}),
		"Nobody matches":                AdminPeople(galleryHead(), AdminPeoplePage{}),
		"Whoever signs in for the firs": AdminAccounts(galleryHead(), AdminAccountsPage{Now: now}),
		"No team here":                  AdminTeams(galleryHead(), AdminTeamsPage{}),
		"Nobody is in this team":        AdminTeam(galleryHead(), AdminTeamPage{Team: models.Team{Name: "Risk"}}),
		"No group gives a role":         AdminGroups(galleryHead(), AdminGroupsPage{Now: now}),
		"The catalogue is empty":        Systems(galleryHead(), SystemsPage{}),
		"nothing can be asked for here": System(galleryHead(), SystemPage{System: models.System{Name: "CRM", State: "active"}, Now: now}),
		"Nothing in force that you may": Person(galleryHead(), PersonPage{Party: models.Party{Person: models.Person{Name: "Anna", Status: models.PersonActive}}}),
	} {
		assert.Contains(t, text(look(t, page).Find("main")), want)
	}
}
