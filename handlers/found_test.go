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

func foundNamed(t *testing.T, org *journeys.Org, name string) string {
	t.Helper()
	return "/agents/found/" + org.One(t, "SELECT id FROM found WHERE name = '"+name+"'")
}

// Whose agent it is claims it on the list, once, and whoever comes second is told.
func TestFoundIsClaimed(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna, chiara := org.Client(t).Login("anna"), org.Client(t).Login("chiara")

	anna.Get("/", http.StatusOK).Want(".cs-duties a[href='/agents/found']", "2 agents were found that nobody owns")
	anna.Get("/agents", http.StatusOK).Want("main a[href='/agents/found']", "(2)")
	list := anna.Get("/agents/found", http.StatusOK).Want("h1", "Found, not registered").Want("tbody", "log-summariser").Want("tbody", "runbook-finder").
		Want("tbody", "May hand work to it").Want("tbody", "triage.kagent.yaml").WantNot("tbody", "leave-assistant").WantNot("tbody", "customer-notifier")
	late := chiara.Get(foundNamed(t, org, "log-summariser"), http.StatusOK).Want(".cs-history", "imported the agent from “triage.kagent.yaml”")

	claim := "form[action='" + foundNamed(t, org, "log-summariser") + "/claim']"
	page := anna.Submit(list, claim, app.Values{"owner_id": org.One(t, "SELECT id FROM people WHERE email LIKE 'ben@%'"), "name": "Mine"}, http.StatusOK)
	page.Want(".cs-flash", "a draft of yours").Want("h1", "log-summariser")
	agent := strings.TrimSuffix(page.URL.Path, "/register")
	require.Equal(t, "anna@meridian.example", org.One(t, "SELECT p.email FROM agents a JOIN people p ON p.id = a.owner_id WHERE a.id = '"+strings.TrimPrefix(agent, "/agents/")+"'"), "what else the form sends counts for nothing")
	anna.Get(agent+"/import", http.StatusOK).Want("main", "triage.kagent.yaml").Want("main", "/spec/declarative/tools/2/agent/name")
	anna.Get(agent+"/history", http.StatusOK).Want(".cs-history", "claimed the agent, which “triage.kagent.yaml” names")

	before := org.Ledger(t)
	again := anna.Submit(list, claim, nil, http.StatusOK).Want(".cs-flash", "Nothing was done twice")
	require.Equal(t, agent+"/register", again.URL.Path)
	chiara.Submit(late, "form[action$='/claim']", nil, http.StatusConflict).Want(".cs-errors", "Anna Keller (Human Resources) has claimed log-summariser already").
		Want(".cs-callout", "It is claimed").WantNot("main", "register it")
	require.Equal(t, before, org.Ledger(t))
	anna.Get("/", http.StatusOK).Want(".cs-duties a[href='/agents/found']", "runbook-finder was found, and nobody owns it")
	chiara.Get("/agents/found?state=claimed", http.StatusOK).Want("tbody", "Anna Keller").WantNot("tbody", "runbook-finder")
}

// What is none of ours is dismissed for a reason, and opened again.
func TestFoundIsDismissed(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam, ben, udo, priya := org.Client(t).Login("adam"), org.Client(t).Login("ben"), org.Client(t).Login("udo"), org.Client(t).Login("priya")
	at := foundNamed(t, org, "runbook-finder")

	page := adam.Submit(adam.Get(at+"/dismiss", http.StatusOK).Want("h1", "runbook-finder"), "form[action$='/dismiss']", app.Values{"reason": "  "}, http.StatusUnprocessableEntity)
	page.Want(".cs-errors a[href='#reason']", "none of ours")
	long := strings.Repeat("x", 4001)
	page = adam.Submit(page, "form[action$='/dismiss']", app.Values{"reason": long}, http.StatusUnprocessableEntity)
	require.Equal(t, long, strings.TrimSpace(page.Find("#reason").Text()), "what was typed stays")
	page = adam.Submit(page, "form[action$='/dismiss']", app.Values{"reason": "<b>An example</b>"}, http.StatusOK).Want(".cs-flash", "dismissed")
	require.Zero(t, page.Find("main b").Length(), "a reason is text")
	page.Want(".cs-callout", "<b>An example</b>").Want(".cs-history", "it is none of ours")
	ben.Get("/agents/found", http.StatusOK).WantNot("tbody", "runbook-finder")
	ben.Post(at+"/claim", nil, http.StatusConflict).Want(".cs-errors", "Open it again first")
	ben.Post(at+"/dismiss", app.Values{"reason": "Again"}, http.StatusConflict).Want(".cs-errors", "dismissed already")
	ben.Submit(ben.Get(at, http.StatusOK), "form[action$='/reopen']", nil, http.StatusOK).Want(".cs-flash", "open again")
	ben.Post(at+"/reopen", nil, http.StatusConflict).Want(".cs-errors", "open already")

	before := org.Ledger(t)
	require.Zero(t, udo.Get(at, http.StatusOK).Find("main form").Length(), "an auditor reads")
	receipt := adam.Get(at, http.StatusOK).Find(".cs-history a[href^='/receipts/']").AttrOr("href", "")
	adam.Get(receipt, http.StatusOK)
	priya.Get(receipt, http.StatusNotFound)
	require.Zero(t, adam.Get("/agents/found", http.StatusOK).Find("form[action$='/claim']").Length(), "an administrator claims nothing")
	adam.Post(at+"/claim", nil, http.StatusForbidden)
	udo.Post(at+"/dismiss", app.Values{"reason": "No"}, http.StatusForbidden)
	for _, to := range []string{"/agents/found", at, at + "/dismiss"} {
		priya.Get(to, http.StatusForbidden)
	}
	priya.Get("/agents", http.StatusOK).WantNot("main", "Found, not registered")
	ben.Get("/agents/found/fnd_nothing", http.StatusNotFound)
	ben.Post("/agents/found/fnd_nothing/claim", nil, http.StatusNotFound)
	ben.Do(ben.Request(http.MethodPost, at+"/claim", map[string][]string{"csrf": {ben.Token()}})).Want("main", "incomplete")
	require.Equal(t, before, org.Ledger(t))
}

// Systems that files name have their own tab; an administrator adds them.
func TestFoundSystemsComeIntoTheCatalogue(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	list := adam.Get("/agents/found?kind=system", http.StatusOK).Want("tbody", "pager-rota").WantNot("tbody", "CRM")
	add := list.Find("tbody a[href^='/systems/new']").AttrOr("href", "")
	form := adam.Get(add, http.StatusOK)
	require.Equal(t, "pager-rota", form.Find("#name").AttrOr("value", ""))
	team := org.One(t, "SELECT id FROM teams WHERE name = 'Platform'")
	adam.Submit(form, "#system", app.Values{"name": "Pager rota", "kind": "mcp_server", "sensitivity": "internal", "custodian_team_id": team}, http.StatusOK)
	adam.Get("/agents/found?kind=system", http.StatusOK).Want("main", "No system waits")
	adam.Get("/agents/found?kind=system&state=all", http.StatusOK).Want("tbody", "Added").Want("tbody a[href^='/systems/sys']", "pager-rota")
	adam.Get("/agents/found?q=RUNBOOK&file=triage.kagent.yaml", http.StatusOK).Want("tbody", "runbook-finder").Want(".cs-chips", "RUNBOOK").WantNot("tbody", "log-summariser")
	adam.Get("/agents/found?q=%25&state=nonsense&kind=nonsense&after=nonsense", http.StatusOK).Want("main", "Nothing is like that")
}
