package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

func personNamed(t *testing.T, org *journeys.Org, name string) string {
	return org.One(t, "SELECT id FROM people WHERE name LIKE '"+name+"%'")
}

// An account is nobody until two administrators say who it is, and neither of
// them can be both.
func TestTwoAdministratorsLinkAnAccount(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	sam := org.Client(t).Login(app.Stranger.Subject)
	adam, eve := org.Client(t).Login("adam"), org.Client(t).Login("eve")

	page := adam.Get("/admin/accounts", http.StatusOK).Want("th", app.Stranger.Email)
	account, _ := page.Find("th a").First().Attr("href")
	page = adam.Get(account, http.StatusOK).Want(".cs-callout", "Nobody found")
	page = adam.Get(page.Find(".cs-callout a").AttrOr("href", ""), http.StatusOK)
	require.Equal(t, app.Stranger.Name, page.Find("#name").AttrOr("value", ""))
	page = adam.Submit(page, "#person", app.Values{"name": "", "time_zone": "Nowhere"}, http.StatusUnprocessableEntity)
	page.Want(".cs-errors", "Enter the person's name").Want(".cs-errors", "Choose a time zone")
	page = adam.Submit(page, "#person", app.Values{"name": "Sam Stranger", "time_zone": "Europe/Zurich"}, http.StatusOK)
	page.Want(".cs-flash", "Now propose").Want("label", "Sam Stranger")

	page = adam.Submit(page, "#propose", app.Values{"person": page.Find("input[name=person]").AttrOr("value", "")}, http.StatusUnprocessableEntity)
	page.Want(".cs-errors", "Enter a reason")
	require.Equal(t, 1, page.Find("input[name=person][checked]").Length(), "who was chosen stays chosen")
	page = adam.Submit(page, "#propose", app.Values{"reason": "I called him"}, http.StatusOK).Want("main", "You cannot confirm this")
	require.Zero(t, page.Find("#confirm").Length())
	proposal := page.URL.Path
	adam.Post(proposal+"/confirm", nil, http.StatusForbidden).Want(".cs-errors", "another administrator has to confirm it").Want("main", "I called him")
	require.Equal(t, http.StatusSeeOther, sam.Do(sam.Request(http.MethodGet, "/me", nil)).Status, "still nobody: sign in first")

	eve.Get("/admin", http.StatusOK).Want(".cs-duties", "is Sam Stranger")
	eve.Submit(eve.Get(proposal, http.StatusOK), "#confirm", nil, http.StatusOK).Want(".cs-flash", "done").Want("main", "Confirmed by")
	eve.Post(proposal+"/withdraw", nil, http.StatusConflict).Want(".cs-errors", "already confirmed")
	sam.Login(app.Stranger.Subject)
	sam.Get("/me", http.StatusOK).Want("h1", "Sam Stranger").Want("main", "You have no role").Want("main", "This session")
}

// What a rule of people refuses is said on the page where it was tried.
func TestRefusalsStayOnThePersonsPage(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	self, anna, udo := personNamed(t, org, "Adam"), personNamed(t, org, "Anna"), personNamed(t, org, "Udo")

	adam.Get("/admin/people/"+self, http.StatusOK).Want("main", "This is you").WantNot("main", "Give another role")
	adam.Post("/admin/people/"+self+"/grants", app.Values{"role": "approver"}, http.StatusForbidden).
		Want("h1", "Adam Fischer").Want(".cs-errors", "Nobody grants a role to themselves")
	adam.Post("/admin/people/"+self+"/teams", app.Values{"team": org.One(t, "SELECT id FROM teams WHERE name = 'Risk'")}, http.StatusForbidden).
		Want(".cs-errors", "You cannot change your own teams")
	adam.Post("/admin/people/"+self+"/grants/"+org.One(t, "SELECT id FROM grants WHERE person_id = '"+self+"'")+"/end", nil, http.StatusForbidden).
		Want(".cs-errors", "cannot take the role administrator from yourself")
	adam.Post("/admin/people/"+self+"/leave", app.Values{"reason": "Off I go"}, http.StatusForbidden).Want(".cs-errors", "another administrator can")
	adam.Post("/admin/people/"+udo+"/grants", app.Values{"role": "approver"}, http.StatusForbidden).
		Want("h1", "Udo Brandt").Want(".cs-errors", "An auditor holds no other role")
	adam.Post("/admin/people/"+anna+"/grants", app.Values{"role": "emperor"}, http.StatusUnprocessableEntity).Want(".cs-errors", "Choose a role from the list")
	adam.Post("/admin/people/"+anna+"/teams", app.Values{"team": ""}, http.StatusUnprocessableEntity).Want(".cs-errors a[href='#team']", "Choose")
	adam.Post("/admin/people/per_none/grants", app.Values{"role": "approver"}, http.StatusNotFound)
	before := org.One(t, "SELECT COUNT(*) FROM ledger")

	page := adam.Get("/admin/people/"+anna+"/leave", http.StatusOK).Want("main", "until a successor accepts").WantNot("main table", "Leave")
	page = adam.Submit(page, "#leave", app.Values{"reason": " "}, http.StatusUnprocessableEntity).Want(".cs-errors", "Enter a reason")
	require.Equal(t, before, org.One(t, "SELECT COUNT(*) FROM ledger"), "nothing was recorded")
	adam.Submit(page, "#leave", app.Values{"reason": "Moves to another company"}, http.StatusOK).Want(".cs-flash", "is deactivated").Want(".cs-record", "Inactive")
	adam.Get("/people/"+anna, http.StatusOK).Want("main", "No longer active")
}

// The administration is for administrators; auditors read it, and nobody else
// gets in by an address.
func TestWhoMayAdminister(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	xu, udo := org.Client(t).Login("xu"), org.Client(t).Login("udo")
	anna := personNamed(t, org, "Anna")
	for _, path := range []string{"/admin", "/admin/people", "/admin/people/" + anna, "/admin/accounts", "/admin/teams", "/admin/groups", "/admin/tier-rules", "/admin/tier-rules/1"} {
		xu.Get(path, http.StatusForbidden)
		page := udo.Get(path, http.StatusOK)
		require.Zero(t, page.Find("main form[method=post]").Length(), "an auditor changes nothing at %s", path)
	}
	for _, path := range []string{"/admin/people/new", "/systems/new", "/admin/tier-rules/change", "/admin/people/" + anna + "/leave"} {
		udo.Get(path, http.StatusForbidden)
	}
	for _, path := range []string{"/admin/people", "/admin/teams", "/admin/groups", "/admin/tier-rules", "/systems", "/admin/people/" + anna + "/leave"} {
		udo.Post(path, app.Values{"name": "x", "reason": "x"}, http.StatusForbidden)
		xu.Post(path, app.Values{"name": "x", "reason": "x"}, http.StatusForbidden)
	}
}

// Rules that only ask more are in force at once; what asks less anywhere waits
// for a second administrator, and the page says which before anything happens.
func TestTierRules(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam, eve := org.Client(t).Login("adam"), org.Client(t).Login("eve")

	form := adam.Get("/admin/tier-rules/change", http.StatusOK)
	adam.Submit(form, "#rules", nil, http.StatusUnprocessableEntity).Want(".cs-errors", "Nothing differs")
	adam.Submit(form, "#rules", app.Values{"approvers-low": "lots", "reach-unknown-public": "low"}, http.StatusUnprocessableEntity).
		Want(".cs-errors a[href='#approvers-low']", "Approvers at low: Enter a number between 1 and 5").Want(".cs-errors", "Unknown access counts as the highest").Want("h1", "Change the tier rules")
	require.Equal(t, "lots", adam.Last.Find("#approvers-low").AttrOr("value", ""), "what was typed stays")

	page := adam.Submit(form, "#rules", app.Values{"review-low": "180"}, http.StatusOK).Want("h1", "asks more").Want("main", "Low: reviewed every 180 days (was 365)")
	require.Equal(t, "1", org.One(t, "SELECT MAX(no) FROM tier_rules"), "looking changes nothing")
	adam.Submit(page, "#rules", nil, http.StatusUnprocessableEntity).Want(".cs-errors", "Enter a reason").Want("main", "180 days")
	adam.Submit(page, "#rules", app.Values{"back": "yes"}, http.StatusOK).Want("h1", "Change the tier rules")
	require.Equal(t, "180", adam.Last.Find("#review-low").AttrOr("value", ""))
	stale := eve.Submit(eve.Get("/admin/tier-rules/change", http.StatusOK), "#rules", app.Values{"review-low": "90"}, http.StatusOK)
	adam.Submit(page, "#rules", app.Values{"reason": "Twice a year"}, http.StatusOK).Want(".cs-flash", "in force").Want("h2", "In force: version 2")

	eve.Submit(stale, "#rules", app.Values{"reason": "Even closer"}, http.StatusConflict).
		Want(".cs-errors", "Other rules came into force").Want("main", "reviewed every 90 days (was 180)").Want("textarea", "Even closer")

	page = adam.Submit(adam.Get("/admin/tier-rules/change", http.StatusOK), "#rules", app.Values{"reach-read-restricted": "moderate"}, http.StatusOK).Want("h1", "asks less")
	page = adam.Submit(page, "#rules", app.Values{"reason": "It was too strict"}, http.StatusOK).Want("main", "You proposed these rules").Want("h2", "In force: version 2")
	proposed := strings.TrimSuffix(page.Find("#withdraw").AttrOr("action", ""), "/withdraw")
	adam.Post(proposed+"/confirm", nil, http.StatusForbidden).Want(".cs-errors", "another administrator has to confirm them")
	adam.Get("/admin/tier-rules/change", http.StatusConflict).Want(".cs-errors", "already proposed")
	eve.Get("/admin", http.StatusOK).Want(".cs-duties", "Tier rules 3 ask less in 1 point")
	eve.Submit(eve.Get("/admin/tier-rules", http.StatusOK), "#confirm", nil, http.StatusOK).Want("h2", "In force: version 3").Want("td", "Eve Laurent")
	eve.Post(proposed+"/withdraw", nil, http.StatusConflict).Want(".cs-errors", "no longer waiting")
	eve.Get("/admin/tier-rules/3", http.StatusOK).Want("main", "It was too strict").Want("main", "Eve Laurent")
	eve.Get("/admin/tier-rules/check", http.StatusNotFound)
}

// Groups and teams: what is wrong is said beside the field, and what was typed stays.
func TestGroupsAndTeams(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	page := adam.Get("/admin/groups", http.StatusOK).Want("main", "Nobody gets a role from a mapping that they made themselves")
	page = adam.Submit(page, "#group", app.Values{"group_name": "  risk   people ", "role": ""}, http.StatusUnprocessableEntity).Want(".cs-errors a[href='#role']", "Choose a role")
	require.Equal(t, "risk   people", page.Find("#group_name").AttrOr("value", ""))
	page = adam.Submit(page, "#group", app.Values{"role": "approver"}, http.StatusOK).Want("th", "risk people").Want(".cs-flash", "at their next sign-in")
	adam.Submit(page, "#group", app.Values{"group_name": "risk people", "role": "approver"}, http.StatusUnprocessableEntity).Want(".cs-errors", "already gives this role")
	end, _ := page.Find("main form[action$='/end']").Last().Attr("action")
	adam.Submit(adam.Get("/admin/groups", http.StatusOK), "form[action='"+end+"']", nil, http.StatusOK).Want(".cs-flash", "ended")
	adam.Post(end, nil, http.StatusNotFound)

	page = adam.Get("/admin/teams", http.StatusOK).Want("th", "Risk")
	page = adam.Submit(page, "#team", app.Values{"name": "Risk"}, http.StatusUnprocessableEntity).Want(".cs-errors a[href='#name']", "already a team")
	adam.Submit(page, "#team", app.Values{"name": "<b>Night shift</b>"}, http.StatusOK).Want("th", "<b>Night shift</b>")
}

func TestRenaming(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	path := "/admin/people/" + org.One(t, "SELECT id FROM people WHERE name LIKE 'Anna%'")
	page := adam.Get(path+"/change", http.StatusOK)
	stale := adam.Get(path+"/change", http.StatusOK)
	page = adam.Submit(page, "#person", app.Values{"name": " ", "email": "anna.new@example.com"}, http.StatusUnprocessableEntity).Want(".cs-errors a[href='#name']", "Enter the person")
	require.Equal(t, "anna.new@example.com", page.Find("#email").AttrOr("value", ""), "what was typed is kept")
	adam.Submit(page, "#person", app.Values{"name": "Anna <b>Kern</b>", "email": "anna.kern@example.com"}, http.StatusOK).Want("h1", "Anna <b>Kern</b>").Want(".cs-flash", "saved")
	adam.Submit(stale, "#person", app.Values{"name": "Anna Old"}, http.StatusConflict).Want(".cs-errors", "Somebody changed this")
	adam.Get(path+"/history", http.StatusOK).Want("main", "to Anna <b>Kern</b>")
	adam.Get(path, http.StatusOK).Want("h1", "Anna <b>Kern</b>")

	own := "/admin/people/" + org.One(t, "SELECT id FROM people WHERE name LIKE 'Adam%'")
	adam.Submit(adam.Get(own+"/change", http.StatusOK), "#person", app.Values{"name": "Boss"}, http.StatusForbidden).Want(".cs-errors", "another administrator can")

	teams := adam.Get("/admin/teams", http.StatusOK)
	team, _ := teams.Find("th a").First().Attr("href")
	adam.Submit(adam.Get(team, http.StatusOK), "#team", app.Values{"name": "Risk"}, http.StatusUnprocessableEntity).Want(".cs-errors a[href='#name']", "already a team")
	adam.Submit(adam.Get(team, http.StatusOK), "#team", app.Values{"name": "Wing"}, http.StatusOK).Want("h1", "Wing").Want(".cs-flash", "called that now")
}
