package journeys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// Hours, the path of a team and of an oversight plan, and the dry run, as one does them in a
// browser. (handlers: TestAPlansOwnPath does the same without scripts.)
func TestHoursAndPathsInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := browser.Open(t, org.App).SignIn("anna")
	anna.Go("/me").Choose("Saturday").Select("Your day begins", "10:00").Select("Your day ends", "11:00").Press("Save the hours")
	anna.Sees("#to-error", "shorter than two hours").Select("Your day ends", "16:00").Press("Save the hours").Sees(".cs-flash", "Saved").Sound("hours")

	team := org.One(t, "SELECT m.team_id FROM team_members m JOIN people p ON p.id = m.person_id WHERE m.left_at IS NULL AND p.name = 'Anna Keller'")
	adam := browser.Open(t, org.App).SignIn("adam")
	adam.Go("/admin/teams/"+team+"/path").Sees("#path", "the standard one applies").Sees(".cs-run-list", "Hold").Sound("team-path-none")
	adam.Press("Add a step").Select("Who is told", "the manager").Fill("After", "3").Press("Add a step")
	adam.Within("#path fieldset:nth-of-type(2)").Select("Who is told", "the head of the owning team").Fill("After", "1")
	adam.Within("").Press("Save the path").Sees("#error-summary", "Put the steps in the order of time").Sound("team-path-refused")
	adam.Press("Move up step 2").Press("Save the path").Sees(".cs-flash", "The path is saved").Sees("main", "After 1 day the head of the owning team")
	adam.Go("/admin/teams/" + team + "/path").Sound("team-path")

	draft := strings.Fields(org.All(t, "SELECT v.id || ' ' || p.email FROM versions v JOIN nominations n ON n.version_id = v.id AND n.role = 'control_owner' AND n.state <> 'replaced' JOIN people p ON p.id = n.person_id WHERE v.state = 'draft' ORDER BY v.id")[0])
	writer := browser.Open(t, org.App).SignIn(strings.TrimSuffix(draft[1], "@meridian.example"))
	writer.Go("/versions/"+draft[0]+"/oversight").Sees(".cs-run-list", "Hold").Press("Add a step")
	before := org.Ledger(t)
	writer.Select("Who is told", "the manager").Fill("After", "2").Press("Show what would happen when").Sees(".cs-run-list", "Step 1: the manager").Sound("oversight-path")
	require.Equal(t, before, org.Ledger(t), "nothing was saved")

	anna.Clean()
	id := org.One(t, "SELECT id FROM people WHERE name = 'Anna Keller'")
	orphan := org.All(t, "SELECT a.id FROM agents a WHERE a.owner_id = '"+id+"' AND a.state <> 'retired' AND NOT EXISTS (SELECT 1 FROM capabilities c JOIN mandates m ON m.capability_id = c.id WHERE c.agent_id = a.id AND m.ended_at IS NULL) ORDER BY a.id")[0]
	org.Client(t).Login("eve").SubmitForm("/admin/people/"+id+"/leave", "/admin/people/"+id+"/leave", app.Values{"reason": "Retired"}, http.StatusOK)
	adam.Go("/agents/"+orphan+"/owner").Sees("main", "Who takes it over?").Sound("agent-owner")
}

// A leaver, from the administrator's form to the successor's word.
func TestALeaverEndToEnd(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		person := func(name string) string { return org.One(t, "SELECT id FROM people WHERE name = '"+name+"'") }
		dana, carlos := person("Dana Levi"), person("Carlos Mendes")
		live := strings.Fields(org.All(t, `SELECT m.capability_id || ' ' || v.id || ' ' || o.email FROM mandates m JOIN versions v ON v.id = m.version_id JOIN people o ON o.id = m.owner_id
			WHERE m.ended_at IS NULL AND m.control_owner_id = '`+dana+`' AND v.tier IN ('low', 'moderate') AND m.owner_id <> '`+carlos+`' AND m.provisioner_id <> '`+carlos+`'
			AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND h.target_id IN (m.capability_id, m.owner_id, m.provisioner_id)) ORDER BY v.id`)[0])
		capability, version := live[0], live[1]
		leaver, adam := org.Client(t).Login("dana"), org.Client(t).Login("adam")
		owner, next := org.Client(t).Login(strings.TrimSuffix(live[2], "@meridian.example")), org.Client(t).Login("carlos")
		leaver.Get("/me", http.StatusOK)

		leave := "/admin/people/" + dana + "/leave"
		adam.Submit(adam.Get(leave, http.StatusOK), `form[action="`+leave+`"]`, app.Values{"reason": ""}, http.StatusUnprocessableEntity).Want("#reason-error", "Enter")
		adam.SubmitForm(leave, leave, app.Values{"reason": "Retired"}, http.StatusOK).Want(".cs-flash", "is deactivated")
		leaver.Get("/me", http.StatusForbidden)
		require.Equal(t, http.StatusSeeOther, leaver.Do(leaver.Request(http.MethodGet, "/me", nil)).Status, "the session ended with the request before")
		owner.Get("/capabilities/"+capability, http.StatusOK).Want("main", "held")

		page := owner.Get("/capabilities/"+capability+"/succession", http.StatusOK)
		const form = "section[aria-labelledby=role-control_owner] form"
		field := page.Find(form+" select").AttrOr("name", "")
		owner.Submit(page, form, app.Values{field: carlos}, http.StatusOK)
		next.Get("/", http.StatusOK).Want("main", "Take over as control owner")
		page = next.Get("/versions/"+version+"/roles/control_owner", http.StatusOK)
		page.Want("main", "What must never happen")
		next.Submit(page, `form[action$="/accept"]`, nil, http.StatusOK)
		require.Equal(t, carlos, org.One(t, "SELECT control_owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'"))
		owner.Get("/capabilities/"+capability, http.StatusOK).Want("main", "Carlos Mendes")
	})
}
