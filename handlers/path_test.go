package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// A plan's own path: steps come, move and go without scripts, and nothing is saved before
// it is right; then it is signed, and the dry run says who would be told and when.
func TestAPlansOwnPath(t *testing.T) {
	d := newDraft(t)
	oversight := d.version + "/oversight"
	form := `form[action="` + oversight + `"]`
	page := d.carlos.Get(oversight, http.StatusOK)
	page.Want("#path", "the standard one applies").Want("#run-title", "What would happen").Want(".cs-run-list", "Hold: this agent stops")
	page.Want(".cs-run-list", "Greta Holm").Want(".cs-run-list", "nobody stands in for them just now")
	before := d.Ledger(t)

	page = d.carlos.Submit(page, form, app.Values{"signals": "Typed before", "path-do": "add"}, http.StatusOK)
	page.Want("#path legend", "Step 1").Want("#signals", "Typed before")
	page = d.carlos.Submit(page, form, app.Values{"path-1-who": "manager", "path-1-after": "2", "path-1-unit": "days", "path-do": "add"}, http.StatusOK)
	page = d.carlos.Submit(page, form, app.Values{"path-2-who": "person", "path-2-after": "x", "then": "later"}, http.StatusUnprocessableEntity)
	page.Want("#path-2-error", "as a whole number")
	page = d.carlos.Submit(page, form, app.Values{"path-2-after": "30", "path-2-unit": "hours", "then": "later"}, http.StatusUnprocessableEntity)
	page.Want("#path-2-error", "Choose the person")
	page = d.carlos.Submit(page, form, app.Values{"path-2-person": personID(t, d.Org, "yara"), "then": "later"}, http.StatusUnprocessableEntity)
	page.Want("#path-2-error", "Put the steps in the order of time")
	require.Equal(t, before, d.Ledger(t), "nothing was saved")
	page = d.carlos.Submit(page, form, app.Values{"path-do": "up-2"}, http.StatusOK)
	require.Equal(t, "30", page.Find("#path-1-after").AttrOr("value", ""))
	page.Want(".cs-run-list", "Yara")
	page = d.carlos.Submit(page, form, app.Values{"path-do": "remove-2"}, http.StatusOK)
	require.Zero(t, page.Find("#path-2").Length())
	page = d.carlos.Submit(page, form, app.Values{"run-day": "soon", "path-do": "show"}, http.StatusOK)
	page.Want("#run-day-error", "Enter a day such as")
	d.carlos.Submit(page, form, with(wholePlan, "run-day", ""), http.StatusOK)

	d.anna.Get(oversight, http.StatusOK).Want("main", "After 30 hours Yara")
	capability := d.One(t, "SELECT capability_id FROM versions WHERE id = '"+strings.TrimPrefix(d.version, "/versions/")+"'")
	page = d.anna.Get("/capabilities/"+capability+"/path?run-day=2027-03-01", http.StatusOK)
	page.Want("main", "It is the capability’s own").Want(".cs-run-list", "2 Mar 2027").Want("main", "Nothing of it is in force")
	d.anna.Get("/capabilities/"+capability+"/path?run-day=soon", http.StatusUnprocessableEntity).Want("#error-summary", "Enter a day such as")
	d.Client(t).Login("adam").Get("/capabilities/"+capability+"/path", http.StatusNotFound)
}

// A team's path counts where the plan has none; a head and a manager are told by name.
func TestATeamsPathHeadAndManagers(t *testing.T) {
	d := newDraft(t)
	adam, udo := d.Client(t).Login("adam"), d.Client(t).Login("udo")
	anna, carlos := personID(t, d.Org, "anna"), personID(t, d.Org, "carlos")
	team := d.One(t, "SELECT m.team_id FROM team_members m WHERE m.left_at IS NULL AND m.person_id = '"+anna+"'")
	path := "/admin/teams/" + team + "/path"

	adam.SubmitForm("/admin/teams/"+team+"/head", "/admin/teams/"+team+"/head", app.Values{"head": carlos}, http.StatusOK).Want(".cs-flash", "The head is set")
	adam.Post("/admin/teams/"+team+"/head", app.Values{"head": personID(t, d.Org, "adam")}, http.StatusConflict)
	adam.SubmitForm("/admin/people/"+anna+"/manager", "/admin/people/"+anna+"/manager", app.Values{"manager": anna}, http.StatusUnprocessableEntity).Want("#error-summary", "Nobody is their own manager")
	adam.SubmitForm("/admin/people/"+anna+"/manager", "/admin/people/"+anna+"/manager", app.Values{"manager": carlos}, http.StatusOK).Want("main", "Carlos")
	adam.SubmitForm("/admin/people/"+carlos+"/manager", "/admin/people/"+carlos+"/manager", app.Values{"manager": anna}, http.StatusUnprocessableEntity).Want("#error-summary", "circle")
	d.pete.Get("/people/"+anna, http.StatusOK).Want("main", "Carlos").Want("main", "Monday to Friday, 09:00 to 17:00")

	page := adam.Get(path, http.StatusOK).Want("#path", "the standard one applies").Want(".cs-run-list", "Hold")
	page = adam.Submit(page, "#team-path", app.Values{"path-do": "add"}, http.StatusOK)
	page = adam.Submit(page, "#team-path", app.Values{"path-1-who": "head", "path-1-after": "1", "path-1-unit": "days", "run-person": anna, "path-do": "show"}, http.StatusOK)
	page.Want(".cs-run-list", "Carlos")
	adam.Submit(page, "#team-path", nil, http.StatusOK).Want(".cs-flash", "The path is saved").Want("main", "After 1 day the head of the owning team")
	udo.Get(path, http.StatusOK).Want("main", "After 1 day the head").WantNot("main", "Save the path")
	d.carlos.Get(d.version+"/oversight", http.StatusOK).Want("#path", "that of the team").Want(".cs-run-list", "Step 1: the head of the owning team")
	adam.Get("/admin/people/"+anna+"/history", http.StatusOK).Want("main", "set that the manager of Anna")
}

func TestMyHours(t *testing.T) {
	d := newDraft(t)
	const form = "#working-hours"
	page := d.anna.Get("/me", http.StatusOK)
	require.Equal(t, 5, page.Find("input[name=days][checked]").Length())
	d.anna.Submit(page, form, app.Values{"days": "-"}, http.StatusUnprocessableEntity).Want("#days-error", "Choose at least one day")
	page = d.anna.Submit(page, form, app.Values{"from": "600", "to": "660"}, http.StatusUnprocessableEntity).Want("#to-error", "shorter than two hours")
	require.Equal(t, "660", page.Find("#to option[selected]").AttrOr("value", ""), "what was chosen is kept")
	d.anna.Submit(page, form, app.Values{"days": "2", "from": "600", "to": "840"}, http.StatusOK).Want(".cs-flash", "Saved")
	d.pete.Get("/people/"+personID(t, d.Org, "anna"), http.StatusOK).Want("main", "Wednesday, 10:00 to 14:00")
	d.anna.Get("/me/history", http.StatusOK).Want("main", "set their working hours to Wednesday")
}

// What a leaver owned and owed goes on: who comes next is asked, sees it and accepts it.
func TestALeaversDraftGoesOn(t *testing.T) {
	d := newDraft(t)
	adam, ben := d.Client(t).Login("adam"), d.Client(t).Login("ben")
	anna := personID(t, d.Org, "anna")
	agent := d.One(t, "SELECT a.id FROM agents a WHERE a.owner_id = '"+anna+"' AND NOT EXISTS (SELECT 1 FROM capabilities c JOIN mandates m ON m.capability_id = c.id WHERE c.agent_id = a.id AND m.ended_at IS NULL) AND a.state <> 'retired' ORDER BY a.id LIMIT 1")
	adam.SubmitForm("/admin/people/"+anna+"/leave", "/admin/people/"+anna+"/leave", app.Values{"reason": "Retired"}, http.StatusOK).Want(".cs-flash", "is deactivated")
	d.anna.Do(d.anna.Request(http.MethodGet, "/me", nil))
	require.Equal(t, http.StatusSeeOther, d.anna.Do(d.anna.Request(http.MethodGet, "/me", nil)).Status, "the session is over")
	require.Equal(t, "0", d.One(t, "SELECT COUNT(*) FROM duties WHERE closed_at IS NULL AND kind NOT IN ('review', 'close_review', 'drill', 'narrow', 'renew') AND person_id = '"+anna+"'"))

	greta := d.Client(t).Login("greta") // whom anna's silence led to
	greta.Get("/", http.StatusOK).Want("main", "Name a new owner for")
	owner := "/agents/" + agent + "/owner"
	d.pete.Get(owner, http.StatusNotFound)
	greta.SubmitForm(owner, owner, app.Values{"owner": ""}, http.StatusUnprocessableEntity).Want("#owner-error", "Choose somebody")
	greta.SubmitForm(owner, owner, app.Values{"owner": personID(t, d.Org, "ben")}, http.StatusOK).Want(".cs-flash", "They are asked")
	ben.Get("/", http.StatusOK).Want("main", "as its owner, or decline")
	ben.SubmitForm(owner, owner+"/decline", app.Values{"reason": ""}, http.StatusUnprocessableEntity).Want("#reason-error", "Enter a reason")
	ben.SubmitForm(owner, owner+"/accept", nil, http.StatusOK).Want(".cs-flash", "The agent is yours now")
	require.Equal(t, personID(t, d.Org, "ben"), d.One(t, "SELECT owner_id FROM agents WHERE id = '"+agent+"'"))
}

func TestLoadReport(t *testing.T) {
	d := newDraft(t)
	adam := d.Client(t).Login("adam")
	page := adam.Get("/reports/load", http.StatusOK).Want("h1", "How much people answer for").Want("main", "50 capabilities at most")
	require.Positive(t, page.Find("tbody tr").Length())
	adam.Get("/reports/load?over=1", http.StatusOK).Want(".cs-empty", "Nobody is over the limit")
	adam.Get("/reports/load?sort=name&q=nobody-of-this-name", http.StatusOK).Want(".cs-empty", "Nobody here")
	d.pete.Get("/reports/load", http.StatusForbidden)
	d.pete.Get("/me", http.StatusOK).Want("main", "in force, of 50 at most")
}
