package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// drafting is the demo's organisation with the people of one draft.
type drafting struct {
	*journeys.Org
	t                  testing.TB
	anna, pete, carlos *app.Client
	agent, version     string // the path of the agent, and of the version
}

func personID(t testing.TB, o *journeys.Org, subject string) string {
	t.Helper()
	return o.One(t, "SELECT id FROM people WHERE email = '"+subject+"@meridian.example'")
}

func operationID(t testing.TB, o *journeys.Org, name string) string {
	t.Helper()
	return o.One(t, "SELECT id FROM operations WHERE name = '"+name+"'")
}

// newDraft begins a capability of one of Anna's agents.
func newDraft(t *testing.T) *drafting {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	d := &drafting{Org: o, t: t, anna: o.Client(t).Login("anna"), pete: o.Client(t).Login("pete"), carlos: o.Client(t).Login("carlos")}
	d.agent = "/agents/" + o.One(t, "SELECT id FROM agents WHERE name = 'Leave assistant'")
	page := d.anna.SubmitForm(d.agent+"/capabilities/new", d.agent+"/capabilities/new", app.Values{
		"title": "Answer parental leave questions", "task": "Answers them", "provisioner": personID(t, o, "pete"), "control_owner": personID(t, o, "carlos")}, http.StatusOK)
	page.Want("h1", "Answer parental leave questions").Want(".cs-flash", "The draft is started")
	d.version = strings.TrimSuffix(page.URL.Path, "/draft")
	return d
}

func (d *drafting) status(title string) string {
	d.t.Helper()
	page := d.anna.Get(d.version+"/draft", http.StatusOK)
	return strings.TrimSpace(page.Find(".cs-task").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.HasPrefix(strings.TrimSpace(s.Text()), title)
	}).Find(".cs-tag").Text())
}

var wholeTask = app.Values{"title": "Answer parental leave questions", "task": "Answers them", "acceptable": "Right answers", "forbidden": "Wrong ones",
	"sensitivity": "internal", "autonomy": "asks", "volume_limit": "1,000", "end_on-day": "31", "end_on-month": "10", "end_on-year": "2027", "then": "continue"}

var wholePlan = app.Values{"signals": "Denials", "alert_route": "#oncall", "escalation": "Head of security\n\nThe CISO", "stop_how": "Press stop", "stop_by": "Any of the four", "stop_within_minutes": "5", "then": "continue"}

func (d *drafting) fill() {
	d.t.Helper()
	d.anna.SubmitForm(d.version+"/task", d.version+"/task", wholeTask, http.StatusOK)
	d.pete.SubmitForm(d.version+"/scope", d.version+"/scope", app.Values{"op": operationID(d.t, d.Org, "tickets.read"), "lifetime_minutes": "10", "then": "continue"}, http.StatusOK)
	d.carlos.SubmitForm(d.version+"/oversight", d.version+"/oversight", wholePlan, http.StatusOK)
}

func TestDraftJourney(t *testing.T) {
	d := newDraft(t)
	require.Equal(t, "In progress", d.status("Task boundary"))
	require.Equal(t, "Waits for Pete Novak", d.status("Scope"))
	require.Equal(t, "Complete", d.status("Provisioner"))
	page := d.anna.Get(d.version+"/draft", http.StatusOK)
	require.Zero(t, page.Find(`.cs-task a[href$="/scope"]`).Length(), "a link only for whoever may write it")
	page.Want("main li", "Enter the outcomes that are acceptable").Want("main li", "Choose at least one operation.").Want("main p", "Scope Waits for Pete Novak (Platform).")
	require.Zero(t, page.Find(".btn-primary").Length(), "nothing to submit yet")

	d.fill()
	for _, part := range []string{"Task boundary", "Scope", "Oversight plan"} {
		require.Equal(t, "Complete", d.status(part))
	}
	page = d.anna.Get(d.version+"/submit", http.StatusOK)
	page.Want("dd", "31 October 2027").Want("dd", "Read tickets in HR desk (read, internal data), every resource").Want("dd", "The CISO").
		Want("li", "Pete Novak (Platform), as provisioner").Want("main", "These 3 could sign it").Want("li", "Zoë Lindqvist Risk")
	page = d.anna.Submit(page, `form[action="`+d.version+`/submit"]`, nil, http.StatusOK)
	page.Want("h1", "Submitted: version 1 of Answer parental leave questions").Want("li", "Carlos Mendes (Security Operations) is asked to accept the role control owner, or to decline it, at the latest in 7 days")
	require.Equal(t, "proposed", d.One(t, "SELECT state FROM versions WHERE id = '"+strings.TrimPrefix(d.version, "/versions/")+"'"))

	// What is frozen is read by its makers, and written by nobody.
	page = d.anna.Get(d.version+"/task", http.StatusOK)
	require.Zero(t, page.Find(`form[action$="/task"]`).Length())
	page.Want("dd", "Right answers")
}

func TestDraftKeepsWhatWasTyped(t *testing.T) {
	d := newDraft(t)
	before := d.Ledger(t)
	page := d.anna.SubmitForm(d.version+"/task", d.version+"/task", app.Values{"title": "  ", "task": "<script>alert(1)</script>\n\u202ekcab", "volume_limit": "many",
		"end_on-day": "31", "end_on-month": "2", "end_on-year": "2027", "autonomy": "alone", "then": "continue"}, http.StatusUnprocessableEntity)
	page.Want("title", "Error: ").Want("#error-summary a[href='#volume_limit']", "whole number").Want("#error-summary a[href='#end_on']", "Enter a real date").
		Want("#error-summary a[href='#title']", "Enter a short name").Want("#error-summary a[href='#task']", "reading direction").Want("#error-summary", "Enter the outcomes")
	require.Equal(t, "31", page.Find("#end_on").AttrOr("value", ""))
	require.Equal(t, "2", page.Find("#end_on-month").AttrOr("value", ""))
	require.Equal(t, "many", page.Find("#volume_limit").AttrOr("value", ""))
	require.Contains(t, page.Find("#task").Text(), "<script>alert(1)</script>")
	require.Equal(t, 1, page.Find("input[name=autonomy][value=alone][checked]").Length())
	page.Find("#error-summary a").Each(func(_ int, a *goquery.Selection) {
		require.Equal(t, 1, page.Find(a.AttrOr("href", "")).Length(), "%s leads to its field", a.Text())
	})
	require.Equal(t, before, d.Ledger(t), "nothing was saved")

	page = d.anna.SubmitForm(d.version+"/task", d.version+"/task", app.Values{"acceptable": "Some", "then": "later"}, http.StatusOK)
	page.Want(".cs-flash", "saved as far as it is")
	require.Equal(t, "In progress", d.status("Task boundary"))
	page = d.anna.Get(d.version+"/task", http.StatusOK)
	require.Equal(t, "Some", strings.TrimSpace(page.Find("#acceptable").Text()))
}

func TestDraftConflict(t *testing.T) {
	d := newDraft(t)
	old := d.anna.Get(d.version+"/task", http.StatusOK)
	d.anna.SubmitForm(d.version+"/task", d.version+"/task", app.Values{"acceptable": "The first", "then": "later"}, http.StatusOK)
	page := d.anna.Submit(old, `form[action="`+d.version+`/task"]`, app.Values{"acceptable": "The second", "then": "later"}, http.StatusConflict)
	page.Want("[role=alert]", "Somebody saved this part").Want("#stale-title", "What is there now").Want("dd", "The first").Want("#acceptable", "The second")
	d.anna.Submit(page, `form[action="`+d.version+`/task"]`, nil, http.StatusUnprocessableEntity) // without a button, it asks for all of it
	page = d.anna.Submit(page, `form[action="`+d.version+`/task"]`, app.Values{"then": "later"}, http.StatusOK)
	page.Want(".cs-flash", "saved")
	page = d.anna.Get(d.version+"/task", http.StatusOK)
	page.Want("#acceptable", "The second")
}

func TestScopeChoosing(t *testing.T) {
	d := newDraft(t)
	read, pay, cluster := operationID(t, d.Org, "tickets.read"), operationID(t, d.Org, "payments.release"), operationID(t, d.Org, "roles.bind")
	form := `form[action="` + d.version + `/scope"]`
	before := d.Ledger(t)

	page := d.pete.Get(d.version+"/scope?q=RELEASE+payments&kind=internal_api", http.StatusOK)
	page.Want("#found", "1 operation matches").Want("#found .cs-task", "write, restricted data, cannot be undone, pays outWould raise the tier to Critical tier")
	page = d.pete.Submit(page, form, app.Values{"add": read, "lifetime_minutes": "7", "conditions": "Only open ones", "q": "tickets", "kind": ""}, http.StatusOK)
	require.Equal(t, "7", page.Find("#lifetime_minutes").AttrOr("value", ""))
	page.Want("#conditions", "Only open ones").Want("#found .cs-task", "ChosenRemove").Want("h2#operations", "Chosen operations (1)")
	page = d.pete.Submit(page, form, app.Values{"add": pay, "resources-" + read: "tickets/HR-*\ntickets/IT-*"}, http.StatusOK)
	page.Want("#tier-panel", "Critical tier").Want("#tier-panel li", "Release payments in Payments gateway pays out").Want("#tier-panel li", "2 approvers, of different teams").
		Want("#tier-panel", "too long for this tier").Want("#resources-"+read, "tickets/HR-*")
	require.Equal(t, 2, page.Find("input[name=op]").Length())
	page.Want("fieldset", "Gateway signing key")
	page = d.pete.Submit(page, form, app.Values{"find": "operations", "q": "nothing has this name"}, http.StatusOK)
	page.Want("#found", "No operation in the catalogue matches").Want("#resources-"+read, "tickets/IT-*")
	page = d.pete.Submit(page, form, app.Values{"remove": pay}, http.StatusOK)
	page.WantNot("#tier-panel", "Release payments")
	page = d.pete.Submit(page, form, app.Values{"show": "tier"}, http.StatusOK)
	page.Want("#resources-"+read, "tickets/IT-*")
	require.Equal(t, before, d.Ledger(t), "choosing saves nothing")

	page = d.pete.Submit(page, form, app.Values{"then": "continue"}, http.StatusOK)
	page.Want(".cs-flash", "The scope is saved and complete")
	page = d.pete.Get(d.version+"/scope", http.StatusOK)
	require.Equal(t, "tickets/HR-*\ntickets/IT-*", strings.TrimSpace(page.Find("#resources-"+read).Text()))
	d.carlos.Get(d.version+"/scope", http.StatusOK).Want("main", "Pete Novak (Platform) writes this part").Want("dd", "Read tickets in HR desk (read, internal data), only tickets/HR-*, tickets/IT-*")

	// An operation that the catalogue does not have is not saved, and can be removed.
	page = d.pete.Submit(page, form, app.Values{"op": read + "\x00opr_none", "then": "continue"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#operations']", "not in the catalogue").Want("main", "This is not in the catalogue any more")
	page = d.pete.Submit(page, form, app.Values{"op": read, "resources-" + read: strings.Repeat("x", 401), "lifetime_minutes": "61", "then": "continue"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#resources-"+read+"']", "at most 400").Want("#error-summary a[href='#lifetime_minutes']", "between 1 and 60")

	// Too long a lifetime is a problem of the whole, and said on the task list.
	d.pete.SubmitForm(d.version+"/scope", d.version+"/scope", app.Values{"op": cluster, "lifetime_minutes": "30", "then": "continue"}, http.StatusOK)
	require.Equal(t, "Has a problem", d.status("Scope"))
}

// Pieces for htmx: the tier while typing, what a search found, the form after a choice.
func TestScopeLive(t *testing.T) {
	d := newDraft(t)
	pay := operationID(t, d.Org, "payments.release")
	ask := func(path, target string, form url.Values, want int) *app.Page {
		form.Set("csrf", d.pete.Get(d.version+"/scope", http.StatusOK).Find("input[name=csrf]").AttrOr("value", ""))
		req := d.pete.Request(http.MethodPost, path, form)
		req.Header.Set("HX-Request", "true")
		req.Header.Set("HX-Target", target)
		page := d.pete.Do(req)
		require.Equal(t, want, page.Status, page.Body)
		return page
	}
	page := ask(d.version+"/scope/assess", "tier-panel", url.Values{"op": {pay}, "lifetime_minutes": {"9"}}, http.StatusOK)
	require.Zero(t, page.Find("h1, form").Length())
	page.Want(".cs-tier", "Critical").Want(".cs-due-soon", "9 minutes")
	mark := page.Find("input[name=panel]").AttrOr("value", "")
	ask(d.version+"/scope/assess", "tier-panel", url.Values{"op": {pay}, "lifetime_minutes": {"9"}, "panel": {mark}}, http.StatusNoContent)
	page = ask(d.version+"/scope", "found", url.Values{"q": {"release"}, "op": {pay}}, http.StatusOK)
	require.Equal(t, "found", page.Find("body > *").First().AttrOr("id", ""))
	page = ask(d.version+"/scope", "scope-fields", url.Values{"add": {pay}, "q": {"release"}}, http.StatusOK)
	require.Equal(t, "scope-fields", page.Find("body > *").First().AttrOr("id", ""))
	require.Equal(t, "Added. 1 chosen. Nothing is saved yet.", page.Find("[data-announce]").FilterFunction(func(_ int, s *goquery.Selection) bool { return s.AttrOr("id", "") == "operations" }).AttrOr("data-announce", ""))

	req := d.anna.Request(http.MethodPost, d.version+"/task/assess", url.Values{"csrf": {d.anna.Get(d.version+"/task", http.StatusOK).Find("input[name=csrf]").AttrOr("value", "")}, "sensitivity": {"public"}, "autonomy": {"asks"}})
	req.Header.Set("HX-Request", "true")
	page = d.anna.Do(req)
	page.Want(".cs-tier", "Low").Want("li", "The task handles data up to public")
}

func TestPeopleOfADraft(t *testing.T) {
	d := newDraft(t)
	priya, dana := personID(t, d.Org, "priya"), personID(t, d.Org, "dana")
	page := d.anna.Get(d.version+"/people", http.StatusOK)
	options := page.Find("select#provisioner option").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	require.Equal(t, []string{"Choose a person", "Priya Shah (Platform)"}, options, "who is nominated already is not offered")
	form := func(role string) string { return `form:has(input[name=role][value=` + role + `])` }
	d.anna.Submit(page, form("provisioner"), app.Values{"provisioner": ""}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#provisioner']", "Choose a person")
	page = d.anna.Get(d.version+"/people", http.StatusOK)
	page = d.anna.Submit(page, form("provisioner"), app.Values{"provisioner": priya}, http.StatusOK)
	page.Want(".cs-flash", "Priya Shah (Platform) is nominated as provisioner, and is asked to write their part, at the latest in 14 days")
	d.carlos.Get(d.version+"/people", http.StatusOK).Want("main", "Only Anna Keller (Human Resources), the business owner, can nominate.")
	d.carlos.Post(d.version+"/people", app.Values{"role": "provisioner", "provisioner": priya}, http.StatusForbidden)
	d.pete.Post(d.version+"/scope", app.Values{"then": "later"}, http.StatusForbidden)

	// After the submission somebody declines, and the owner asks somebody else.
	d.pete = d.Client(t).Login("priya")
	d.fill()
	d.anna.SubmitForm(d.version+"/submit", d.version+"/submit", nil, http.StatusOK)
	digest := d.One(t, "SELECT digest FROM versions WHERE id = '"+strings.TrimPrefix(d.version, "/versions/")+"'")
	require.Len(t, digest, 64)
	page = d.anna.Get(d.version+"/people", http.StatusOK)
	page = d.anna.Submit(page, form("control_owner"), app.Values{"control_owner": dana}, http.StatusOK)
	page.Want(".cs-flash", "Dana Levi (Security Operations) is asked to accept the role control owner, or to decline it, at the latest in 7 days")
}

func TestSubmitShowsWhatItSubmits(t *testing.T) {
	d := newDraft(t)
	d.anna.Get(d.version+"/submit", http.StatusOK).Want(".cs-callout", "It cannot be submitted yet").WantNot("button", "Submit")
	d.anna.Post(d.version+"/submit", nil, http.StatusUnprocessableEntity).Want("[role=alert]", "Something is still missing")
	d.fill()
	page := d.anna.Get(d.version+"/submit", http.StatusOK)
	d.carlos.SubmitForm(d.version+"/oversight", d.version+"/oversight", app.Values{"signals": "Something else", "then": "continue"}, http.StatusOK)
	page = d.anna.Submit(page, `form[action="`+d.version+`/submit"]`, nil, http.StatusConflict)
	page.Want("[role=alert]", "changed since you opened").Want("dd", "Something else")
	d.anna.Submit(page, `form[action="`+d.version+`/submit"]`, nil, http.StatusOK).Want("h1", "Submitted")
	d.anna.Get(d.version+"/draft", http.StatusOK)

	page = d.anna.SubmitForm(d.version+"/withdraw", d.version+"/withdraw", app.Values{"reason": " "}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#reason']", "Enter a reason")
	d.carlos.Get(d.version+"/withdraw", http.StatusForbidden)
	d.anna.Submit(page, `form[action="`+d.version+`/withdraw"]`, app.Values{"reason": "Not needed any more"}, http.StatusOK)
	require.Equal(t, "withdrawn", d.One(t, "SELECT state FROM versions WHERE id = '"+strings.TrimPrefix(d.version, "/versions/")+"'"))
	d.anna.Get(d.version+"/withdraw", http.StatusConflict)
}

// An address of another version of the same capability changes nothing in the draft.
func TestDraftOfAnotherVersion(t *testing.T) {
	d := newDraft(t)
	v := d.One(t, "SELECT v.id FROM versions v JOIN versions n ON n.based_on = v.id WHERE v.state = 'changes_requested' AND n.state = 'draft'")
	before := d.Ledger(t)
	ben := d.Client(t).Login("ben")
	page := ben.Post("/versions/"+v+"/task", app.Values{"title": "Changed", "then": "later", "revision": "1"}, http.StatusConflict)
	page.Want("[role=alert]", "not open any more")
	require.Equal(t, "Changed", page.Find("#title").AttrOr("value", ""))
	require.Zero(t, page.Find(`button[value=later]`).Length())
	require.Equal(t, before, d.Ledger(t))
	next := d.One(t, "SELECT n.id FROM versions v JOIN versions n ON n.based_on = v.id WHERE v.state = 'changes_requested' AND n.state = 'draft'")
	ben.Get("/versions/"+next+"/draft", http.StatusOK).Want(".cs-callout", "Name the repositories").Want(".cs-callout", "Xu Wei")
}

func TestCapabilityNew(t *testing.T) {
	d := newDraft(t)
	imported := "/agents/" + d.One(t, "SELECT i.agent_id FROM imports i JOIN agents a ON a.import_id = i.id LIMIT 1")
	page := d.anna.Get(imported+"/capabilities/new", http.StatusOK)
	href := page.Find("#skills ~ ul a").First().AttrOr("href", "")
	page = d.anna.Get(href, http.StatusOK)
	require.NotEmpty(t, page.Find("#title").AttrOr("value", ""))
	page.Want(".cs-tag", "Imported").Want("#title-hint", "Imported from")
	page.WantNot("#provisioner option", "Anna Keller")
	d.anna.Get(imported+"/capabilities/new?skill=99999999999999999999", http.StatusOK).WantNot(".cs-tag", "Imported")

	page = d.anna.SubmitForm(d.agent+"/capabilities/new", d.agent+"/capabilities/new", app.Values{"title": "", "task": "Kept", "provisioner": "prs_nobody"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#title']", "Enter a short name").Want("#task", "Kept")
	d.pete.Get(d.agent+"/capabilities/new", http.StatusForbidden)
	chiara := d.Client(t).Login("chiara")
	chiara.Get(d.agent+"/capabilities/new", http.StatusNotFound)
	chiara.Get(d.version+"/draft", http.StatusNotFound)
	chiara.Post(d.version+"/task", app.Values{"title": "Mine", "then": "later"}, http.StatusNotFound)
}

// Of what is in force, a role is offered to a successor; it stays where it is.
func TestSuccessionIsOffered(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	version := "/versions/" + o.One(t, "SELECT m.version_id FROM mandates m JOIN matrix_rows r ON r.mandate_id = m.id WHERE r.agent_name = 'Handbook search'")
	pete := o.Client(t).Login("pete")
	page := pete.Get(version+"/people", http.StatusOK)
	page.Want("main", "until then it stays with whoever holds it now")
	require.Equal(t, 1, page.Find("main form").Length(), "Pete may offer his own role alone")
	page = pete.Submit(page, `form:has(input[name=role][value=provisioner])`, app.Values{"provisioner": personID(t, o, "priya")}, http.StatusOK)
	page.Want(".cs-flash", "Priya Shah (Platform) is asked to take over as provisioner").Want("main .cs-person", "Pete Novak").Want("main .cs-badge", "Accepted").Want("main .cs-person", "Priya Shah").Want("main .cs-badge", "Waiting")
	pete.Post(version+"/people", app.Values{"role": "control_owner", "control_owner": personID(t, o, "carlos")}, http.StatusForbidden)
	pete.Post(version+"/people", app.Values{"role": "approver", "approver": personID(t, o, "xu")}, http.StatusUnprocessableEntity)
}
