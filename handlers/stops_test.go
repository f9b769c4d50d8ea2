package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// A stop officer stops everything, everybody sees it wherever they are, and an approver
// lifts it: by pages.
func TestEverythingIsStoppedByPage(t *testing.T) {
	h := newHouse(t)
	dana, xu, yara, anna := h.as("dana"), h.as("xu"), h.as("yara"), h.as("anna")
	capability := "/capabilities/" + h.One(t, "SELECT min(m.capability_id) FROM matrix_rows m JOIN accounts c ON c.person_id = m.owner_id AND c.subject = 'anna' WHERE m.mandate_id <> '' AND m.holds = 0 AND m.open_version_id = '' AND NOT EXISTS (SELECT 1 FROM duties d WHERE d.capability_id = m.capability_id AND d.closed_at IS NULL)")
	agent := "/agents/" + h.One(t, "SELECT agent_id FROM capabilities WHERE id = '"+strings.TrimPrefix(capability, "/capabilities/")+"'")
	anna.Get(capability, http.StatusOK).Want("#may-act + p", "Yes")
	dana.Get("/stops", http.StatusOK).Want("main", "Nothing is stopped broadly").Want("main", "None was lifted yet").Want(".cs-nav", "Stops")
	dana.Get("/stops/new", http.StatusOK).Want("main a[href='/stops/new?kind=all']", "Everything").Want("main", "An identity issuer")
	page := dana.Get("/stops/new?kind=all", http.StatusOK)
	page.Want("h1", "Stop everything?").Want(".cs-callout", "takes effect at once").Want(".cs-callout", h.One(t, "SELECT count(*) || ' tasks in force' FROM mandates WHERE ended_at IS NULL"))
	require.Empty(t, page.Find("#cause").Text(), "nothing is filled in")
	before := h.Ledger(t)
	page = dana.Submit(page, "#stop", app.Values{"cause": " "}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#cause']", "why it is stopped")
	require.Equal(t, before, h.Ledger(t))
	shown := dana.Submit(page, "#stop", app.Values{"cause": "An agent pays out on its own"}, http.StatusOK)
	shown.Want("h1", "Everything is stopped").Want(".cs-flash", "It is stopped").Want("blockquote", "pays out on its own").Want("main", "You placed this stop").Want("main", "Dana Levi")
	require.Zero(t, shown.Find("#lift-form").Length())
	after, stop := h.Ledger(t), shown.URL.Path
	require.Equal(t, stop, dana.Submit(page, "#stop", app.Values{"cause": "An agent pays out on its own"}, http.StatusOK).Want(".cs-flash", "sent before").URL.Path)
	require.Equal(t, after, h.Ledger(t), "a double click places one")
	dana.Get("/stops/new?kind=all", http.StatusOK).Want("main", "It is stopped already").WantNot("main button", "Stop everything")
	dana.Post("/stops", app.Values{"kind": "all", "cause": "Once more"}, http.StatusConflict).Want("#error-summary", "stopped already")
	dana.Post(stop+"/lift", app.Values{"cause": "Mine"}, http.StatusForbidden)
	require.Equal(t, after, h.Ledger(t))

	for who, path := range map[string]string{"anna": "/", "udo": "/matrix", "adam": "/admin", "greta": "/me", "pete": "/systems", "xu": "/stops"} {
		h.as(who).Get(path, http.StatusOK).Want(".cs-paged", "Everything is stopped: no agent may act. Dana Levi stopped it")
	}
	h.as("ben").Get("/agents/nothing", http.StatusNotFound).Want(".cs-paged a[href='"+stop+"']", "See why")
	h.Client(t).Get("/signed-out", http.StatusOK).WantNot("body", "Everything is stopped")
	anna.Get(capability, http.StatusOK).Want("#may-act + p", "No").Want(".cs-callout", "Stopped, with everything else").Want(".cs-callout", "pays out on its own").
		Want(".cs-callout a[href='"+stop+"']", "See the stop").Want("main", "It stays held until an approver lifts the stop").WantNot("main", "Ask for a restart")
	anna.Get(agent, http.StatusOK).Want(".cs-callout", "Everything is stopped, and this agent with it").Want(".cs-callout a[href='"+stop+"']", "See the stop")
	anna.Get("/matrix", http.StatusOK).Want("main table", "Stopped with everything")
	anna.Get(stop, http.StatusOK).Want("main", "Only an approver who did not place it")

	home := xu.Get("/", http.StatusOK)
	require.Equal(t, "Decide whether the stop of everything is lifted", strings.TrimSpace(home.Find(".cs-duty h3 a").First().Text()), "at the top")
	home.Want(".cs-duty", "it stays stopped")
	dana.Get("/", http.StatusOK).WantNot("main", "Decide whether the stop")
	stale := yara.Get(stop, http.StatusOK).Want("h2", "Lift it")
	page = xu.Submit(xu.Get(stop, http.StatusOK), "#lift-form", app.Values{"cause": ""}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#cause']", "why it may go on")
	page = xu.Submit(page, "#lift-form", app.Values{"cause": "The agent is revoked"}, http.StatusOK)
	page.Want("h1", "Everything was stopped").Want("main", "The agent is revoked").Want("main", "Xu Wei").WantNot("body", "Everything is stopped:")
	after = h.Ledger(t)
	yara.Submit(stale, "#lift-form", app.Values{"cause": "Mine as well"}, http.StatusConflict).Want("#error-summary", "lifted meanwhile")
	require.Equal(t, after, h.Ledger(t))
	yara.Get("/", http.StatusOK).WantNot("main", "Decide whether the stop")
	anna.Get(capability, http.StatusOK).Want("#may-act + p", "Yes").WantNot("main", "with everything else")
	h.as("udo").Get("/stops", http.StatusOK).Want("main", "Nothing is stopped broadly").Want("main table", "pays out on its own").Want("main table", "The agent is revoked")
}

// A system is stopped by who looks after it, and by nobody else without the role.
func TestASystemIsStoppedByItsCustodians(t *testing.T) {
	h := newHouse(t)
	pete, dana := h.as("pete"), h.as("dana")
	of := func(team, not string) string {
		return h.One(t, "SELECT min(s.id) FROM systems s JOIN teams t ON t.id = s.custodian_team_id WHERE t.name "+not+"= '"+team+"' AND s.id IN (SELECT u.system_id FROM system_uses u)")
	}
	mine, other := of("Platform", ""), of("Platform", "!")
	pete.Get("/systems/"+mine, http.StatusOK).Want("main a.cs-stop-link", "Stop this system")
	h.as("anna").Get("/systems/"+mine, http.StatusOK).WantNot("main", "Stop this system")
	require.Zero(t, pete.Get("/systems/"+other, http.StatusOK).Find("main a.cs-stop-link").Length())
	pete.Get("/stops/new?kind=system&id="+other, http.StatusForbidden).Want("main", "the team that looks after the system")
	for _, kind := range []string{"all", "team", "issuer"} {
		pete.Get("/stops/new?kind="+kind, http.StatusForbidden)
		pete.Post("/stops", app.Values{"kind": kind, "id": h.One(t, "SELECT min(id) FROM teams"), "cause": "x"}, http.StatusForbidden)
	}
	pete.Get("/stops/new", http.StatusOK).WantNot("main", "An identity issuer")
	pete.Get("/stops/new?kind=system", http.StatusOK).Want("main", h.One(t, "SELECT name FROM systems WHERE id = '"+mine+"'")).WantNot("main ul", h.One(t, "SELECT name FROM systems WHERE id = '"+other+"'"))
	for _, who := range []string{"anna", "adam", "udo", "xu"} {
		h.as(who).Get("/stops/new?kind=all", http.StatusForbidden)
		h.as(who).Post("/stops", app.Values{"kind": "system", "id": mine, "cause": "x"}, http.StatusForbidden)
	}
	dana.Get("/stops/new?kind=team&q=pay", http.StatusOK).Want("main ul", "Payments").WantNot("main ul", "Identity")
	dana.Get("/stops/new?kind=team&id=tea_nothing", http.StatusNotFound)
	dana.Get("/stops/new?kind=issuer", http.StatusOK).Want("main ul a", "https://")
	dana.Post("/stops", app.Values{"kind": "nonsense", "cause": "x"}, http.StatusUnprocessableEntity)
	h.as("xu").Get("/stops/hld_nothing", http.StatusNotFound)

	stale := dana.Get("/stops/new?kind=system&id="+mine, http.StatusOK)
	stop := pete.Submit(pete.Get("/stops/new?kind=system&id="+mine, http.StatusOK), "#stop", app.Values{"cause": "It answers with other people’s data"}, http.StatusOK).URL.Path
	before := h.Ledger(t)
	dana.Submit(stale, "#stop", app.Values{"cause": "I saw it too"}, http.StatusConflict).Want("#error-summary", "stopped already").Want("main a[href='"+stop+"']", "See the stop")
	require.Equal(t, before, h.Ledger(t), "one stop is enough")
	pete.Get("/systems/"+mine, http.StatusOK).Want(".cs-callout", "This system is stopped").WantNot("main", "Stop this system")
	pete.Get("/systems/"+mine+"/history", http.StatusOK).Want("main", "stopped the system")
	capability := h.One(t, "SELECT min(u.capability_id) FROM system_uses u JOIN matrix_rows m ON m.capability_id = u.capability_id WHERE m.holds = 0 AND u.system_id = '"+mine+"'")
	h.as("udo").Get("/capabilities/"+capability, http.StatusOK).Want("#may-act + p", "No").Want(".cs-callout", "with everything that reaches the system")
	h.as("udo").Get("/agents/"+h.One(t, "SELECT agent_id FROM capabilities WHERE id = '"+capability+"'"), http.StatusOK).Want(".cs-callout", "Some of its tasks are stopped: the system")
	pete.Get("/", http.StatusOK).WantNot(".cs-paged", "Everything is stopped")

	zoe := h.as("zoe")
	zoe.Submit(zoe.Get(stop, http.StatusOK), "#lift-form", app.Values{"cause": "It was mended"}, http.StatusOK).Want("h1", "was stopped")
	h.as("udo").Get("/capabilities/"+capability, http.StatusOK).WantNot("main", "with everything that reaches the system")
}

// The role is given like others: by an administrator, not to themselves, not to an auditor.
func TestTheRoleOfAStopOfficer(t *testing.T) {
	h := newHouse(t)
	adam := h.as("adam")
	person := func(subject string) string {
		return "/admin/people/" + h.One(t, "SELECT person_id FROM accounts WHERE subject = '"+subject+"'")
	}
	before := h.Ledger(t)
	adam.Post(person("adam")+"/grants", app.Values{"role": "stop_officer"}, http.StatusForbidden)
	adam.Post(person("udo")+"/grants", app.Values{"role": "stop_officer"}, http.StatusForbidden)
	h.as("dana").Post(person("anna")+"/grants", app.Values{"role": "stop_officer"}, http.StatusForbidden)
	require.Equal(t, before, h.Ledger(t))
	zoe := h.as("zoe")
	zoe.Get("/stops/new?kind=all", http.StatusForbidden)
	adam.SubmitForm(person("zoe"), person("zoe")+"/grants", app.Values{"role": "stop_officer"}, http.StatusOK).Want("main", "Stop officer")
	// An approver who is a stop officer as well does not lift their own.
	stop := zoe.Submit(zoe.Get("/stops/new?kind=all", http.StatusOK), "#stop", app.Values{"cause": "Something is wrong"}, http.StatusOK).URL.Path
	zoe.Post(stop+"/lift", app.Values{"cause": "Nothing was"}, http.StatusForbidden).Want("#error-summary", "You placed this stop")
	zoe.Get("/", http.StatusOK).WantNot("main", "Decide whether the stop")
	h.as("yara").Get("/", http.StatusOK).Want("main", "Decide whether the stop of everything is lifted")
}
