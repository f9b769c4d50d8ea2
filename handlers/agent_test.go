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

func agent(org *journeys.Org, t *testing.T, name string) string {
	t.Helper()
	return "/agents/" + org.One(t, "SELECT id FROM agents WHERE name = '"+name+"'")
}

func TestAgentFromNothingToRegistered(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		anna := org.Client(t).Login("anna")

		page := anna.SubmitForm("/agents/new", "/agents/new", app.Values{"name": "Night desk", "purpose": " "}, http.StatusUnprocessableEntity)
		page.Want("#error-summary a[href='#purpose']", "Enter what the agent is for")
		require.Equal(t, "Night desk", page.Find("#name").AttrOr("value", ""), "nothing typed is lost")
		page = anna.Submit(page, "main form", app.Values{"purpose": "Answers at night."}, http.StatusOK)
		page.Want("h1", "Register Night desk").Want("li:has(a[href$='/register/about']) .cs-tag", "Complete").
			Want("li:has(a[href$='/register/made-of']) .cs-tag", "Not started").WantNot("main a", "Check your answers and register")
		at := strings.TrimSuffix(page.URL.Path, "/register")

		page = anna.Get(at+"/register/check", http.StatusOK)
		page.Want(".cs-callout a", "Enter the model")
		require.Zero(t, page.Find("main form").Length(), "what is not complete cannot be registered")
		anna.Post(at+"/register", app.Values{"revision": "1"}, http.StatusUnprocessableEntity).Want("#error-summary", "Enter the model")

		page = anna.SubmitForm(at+"/register/made-of", at+"/register/made-of", app.Values{"model": "m-1", "code_version": "v1", "tool_access": "listed",
			"tools": "read mail; sha256:" + strings.Repeat("AB", 32) + "\nbroken; xyz"}, http.StatusUnprocessableEntity)
		page.Want("#tools-error", "the tool broken")
		require.Contains(t, page.Find("#tools").Text(), "broken; xyz")
		page = anna.Submit(page, "main form", app.Values{"tools": "read mail; sha256:" + strings.Repeat("AB", 32)}, http.StatusOK)
		page.Want("li:has(a[href$='/register/made-of']) .cs-tag", "Complete")

		page = anna.Get(at+"/register/identity", http.StatusOK)
		require.Equal(t, 1, page.Find("input[name=issuer]").Length())
		page = anna.Submit(page, "main form", app.Values{"issuer": "\x00https://idp.example\x00", "add": "1"}, http.StatusOK)
		require.Equal(t, 4, page.Find("input[name=issuer]").Length())
		page = anna.Submit(page, "main form", app.Values{"issuer": "https://idp.example\x00https://idp.example\x00\x00", "subject": "night\x00\x00\x00", "audience": "countersign\x00countersign\x00\x00"}, http.StatusUnprocessableEntity)
		page.Want("#error-summary a[href='#subject-2']", "Enter the subject")
		anna.Submit(page, "main form", app.Values{"issuer": "https://idp.example", "subject": "night", "audience": "countersign"}, http.StatusOK)
		anna.SubmitForm(at+"/register/environment", at+"/register/environment", app.Values{"environments": "production"}, http.StatusOK)

		check := anna.Get(at+"/register/check", http.StatusOK)
		check.Want("main form button", "Register revision 1").Want(".cs-summary", "read mail (description abababababab)")
		done := anna.Submit(check, "main form", nil, http.StatusOK)
		done.Want("h1", "Night desk is registered").Want("main", "It may do nothing yet").Want("main a", "Write its first task")
		anna.Submit(check, "main form", nil, http.StatusOK).Want("h1", "Night desk is registered") // the same form twice
		require.Equal(t, "1", org.One(t, "SELECT COUNT(*) || '' FROM agent_revisions r JOIN agents a ON a.id = r.agent_id WHERE a.name = 'Night desk'"))

		anna.Get(at, http.StatusOK).Want(".cs-record .cs-btn", "Write a task").Want(".cs-record", "Anna Keller (Human Resources) is its business owner")
		anna.Get(at+"/revisions", http.StatusOK).Want("h2", "Revision 1").Want("main", "The first revision")
		anna.Get(at+"/history", http.StatusOK).Want(".cs-history", "registered the agent’s revision 1").Want(".cs-history", "saved “Where it runs” of the registration")

		// A second revision, and what differs.
		anna.SubmitForm(at+"/register/made-of", at+"/register/made-of", app.Values{"model": "m-2"}, http.StatusOK).Want(".cs-callout", "A run on a manifest that is not signed is denied")
		anna.Get(at, http.StatusOK).Want(".cs-record .cs-btn", "Finish revision 2").Want(".cs-summary", "m-1")
		check = anna.Get(at+"/register/check", http.StatusOK)
		check.Want(".cs-diff", "m-2 (was: m-1)")
		anna.Submit(check, "main form", nil, http.StatusOK).Want("h1", "Revision 2 of Night desk is registered")
		anna.Get(at+"/revisions", http.StatusOK).Want(".cs-diff", "m-2 (was: m-1)")

		// Retired, for good.
		anna.SubmitForm(at+"/retire", at+"/retire", nil, http.StatusUnprocessableEntity).Want("#reason-error", "a reason")
		anna.SubmitForm(at+"/retire", at+"/retire", app.Values{"reason": "Nobody calls at night."}, http.StatusOK).Want(".cs-record", "Retired")
		anna.Get(at+"/register", http.StatusConflict)
	})
}

func TestAgentStepKeepsWhatTwoPeopleTyped(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	at := agent(org, t, "Leave assistant") + "/register/about"
	one, two := org.Client(t).Login("anna"), org.Client(t).Login("anna")
	first, second := one.Get(at, http.StatusOK), two.Get(at, http.StatusOK)
	one.Submit(first, "main form", app.Values{"provider": "First"}, http.StatusOK)
	page := two.Submit(second, "main form", app.Values{"provider": "Second"}, http.StatusConflict)
	page.Want(".cs-callout", "First").Want("#error-summary", "Somebody saved this agent")
	require.Equal(t, "Second", page.Find("#provider").AttrOr("value", ""))
	two.Submit(page, "main form", nil, http.StatusOK) // seen, and saved all the same
	two.Get(at, http.StatusOK)
	require.Equal(t, "Second", two.Last.Find("#provider").AttrOr("value", ""))

	// A registration of what was not shown is refused too.
	check := one.Get(agent(org, t, "Leave assistant")+"/register/check", http.StatusOK)
	two.SubmitForm(at, at, app.Values{"provider": "Third"}, http.StatusOK)
	one.Submit(check, "main form", nil, http.StatusConflict).Want("#error-summary", "Nothing was registered").Want(".cs-summary", "Third")
}

func TestAgentStop(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		at := "/agents/" + org.One(t, `SELECT c.agent_id FROM mandates m JOIN capabilities c ON c.id = m.capability_id JOIN people p ON p.id = m.control_owner_id
			JOIN matrix_rows r ON r.capability_id = c.id WHERE m.ended_at IS NULL AND r.holds = 0 AND p.name = 'Carlos Mendes' ORDER BY m.until_at DESC LIMIT 1`)
		carlos := org.Client(t).Login("carlos")
		page := carlos.Get(at, http.StatusOK)
		page = carlos.Submit(page, "form.cs-stop-form", nil, http.StatusUnprocessableEntity)
		page.Want("#stop-reason-error", "why it is stopped")
		_, open := page.Find("details.cs-stop").Attr("open")
		require.True(t, open)
		page = carlos.Submit(page, "form.cs-stop-form", app.Values{"reason": "It pays twice."}, http.StatusOK)
		page.Want(".cs-callout", "This agent is stopped").Want("blockquote", "It pays twice.").Want("tbody", "Held")
		carlos.Get(at+"/history", http.StatusOK).Want(".cs-history", "stopped the whole agent").Want("blockquote", "It pays twice.")

		// Who sees it and is not one of the four has no stop, and cannot take one.
		udo := org.Client(t).Login("udo")
		require.Zero(t, udo.Get(at, http.StatusOK).Find(".cs-stop").Length())
		udo.Post(at+"/stop", app.Values{"reason": "I want to."}, http.StatusForbidden)
		org.Client(t).Login("adam").Get(at, http.StatusNotFound)
	})
}

// What is not theirs, nobody opens or changes, whatever the address.
func TestAgentIsItsOwnersToChange(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	at := agent(org, t, "Leave assistant")
	ledger := org.Ledger(t)
	ben := org.Client(t).Login("ben") // a business owner of other agents
	for _, path := range []string{"", "/revisions", "/history", "/import", "/register", "/register/about", "/register/check", "/register/done", "/retire"} {
		ben.Get(at+path, http.StatusNotFound)
	}
	ben.Post(at+"/register/about", app.Values{"name": "Mine", "purpose": "Mine", "revision": "6"}, http.StatusNotFound)
	ben.Post(at+"/register", app.Values{"revision": "6"}, http.StatusNotFound)
	ben.Post(at+"/retire", app.Values{"reason": "Mine"}, http.StatusNotFound)
	ben.Post(at+"/stop", app.Values{"reason": "Mine"}, http.StatusNotFound)
	pete := org.Client(t).Login("pete") // sees it, and is no business owner
	pete.Get(at, http.StatusOK).WantNot("main a", "Write a task").WantNot("main a", "Retire")
	pete.Get(at+"/register", http.StatusForbidden)
	pete.Post(at+"/retire", app.Values{"reason": "Mine"}, http.StatusForbidden)
	pete.Get("/agents/new", http.StatusForbidden)
	require.Equal(t, ledger, org.Ledger(t))
}

func TestAgentsListFilters(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := org.Client(t).Login("anna")
	anna.Get("/agents?q=LEAVE+assist", http.StatusOK).Want("tbody th", "Leave assistant").WantNot("tbody th", "Policy finder").Want(".cs-chips", "Has “LEAVE assist”")
	anna.Get("/agents?state=draft&owner=mine", http.StatusOK).WantNot("tbody", "Registered").Want(".cs-chips", "Mine").Want(".cs-chips", "Clear all")
	anna.Get("/agents?q=%3Cscript%3E", http.StatusOK).Want(".cs-empty", "No agent is like that")
	anna.Get("/agents?state=nonsense&after=agt_none", http.StatusOK)
	req := anna.Request(http.MethodGet, "/agents?q=leave", nil)
	req.Header.Set("HX-Request", "true")
	part := anna.Do(req)
	require.True(t, strings.HasPrefix(part.Body, `<div id="agents"`), "htmx gets the list alone")
	adam := org.Client(t).Login("adam")
	adam.Get("/agents", http.StatusOK).Want(".cs-empty", "no agent here for you to see").WantNot("main a", "Register an agent")
}
