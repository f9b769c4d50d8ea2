package handlers_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/store"
)

// A forbid takes two administrators to come and two to go, and its page says at each step
// who did what and what is next.
func TestForbidsByPage(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		adam, eve, udo := org.Client(t).Login("adam"), org.Client(t).Login("eve"), org.Client(t).Login("udo")
		adam.Get("/admin/forbids", http.StatusOK).Want(".cs-empty", "Nothing is forbidden across the organisation").Want(".cs-tabs a[aria-current]", "Forbids")
		udo.Get("/admin/forbids", http.StatusOK).WantNot("main", "Propose a forbid")

		// What is wrong is said beside its field, with the line.
		page := adam.Get("/admin/forbids/new", http.StatusOK).Want("main", "context.tier").Want("main", "No payment above 10,000")
		require.Equal(t, 3, page.Find("pre.cs-code").Length())
		before := org.Ledger(t)
		example := page.Find("pre.cs-code").First().Text()
		text := "forbid (principal, action, resource)\nwhen {\n  context.tier = \"<low>\"\n};"
		page = adam.Submit(page, "#forbid", app.Values{"name": "", "why": "", "text": text}, http.StatusUnprocessableEntity).
			Want("#name-error", "Enter a name").Want("#why-error", "what it is for").Want("#text-error", "Line 3, character 18")
		require.Equal(t, text, page.Find("#text").Text(), "what was typed stays")
		page = adam.Submit(page, "#forbid", app.Values{"name": "No permissions", "why": "The audit of May.", "text": "permit (principal, action, resource);"}, http.StatusUnprocessableEntity).
			Want("#text-error", "Line 1: this permits").Want("#error-summary a[href='#text']", "Only “forbid” is taken here")
		require.Equal(t, before, org.Ledger(t))

		// Tried out, it says what it would have refused, and changes nothing.
		all := "forbid (principal, action, resource) when { resource.system == \"Helpdesk\" };"
		adam.Post("/admin/forbids", app.Values{"try": "1", "name": "Mine", "text": all}, http.StatusOK).Want("#tried", "It would have refused 52 of the 119 requests that were allowed since").
			Want("#tried", "of 1 agent").Want("#tried tbody", "cases.answer").Want("#text", "Helpdesk").Want("#tried", "Nothing was changed")
		adam.Post("/admin/forbids", app.Values{"try": "1", "text": "forbid (principal, action, resource) when { context.properties has x };"}, http.StatusOK).Want("#tried", "would have refused none").Want("#tried", "which are not kept")
		adam.Post("/admin/forbids", app.Values{"try": "1", "text": text}, http.StatusUnprocessableEntity).Want("#text-error", "Line 3, character 18")
		require.Equal(t, before, org.Ledger(t))

		form := page
		page = adam.Submit(form, "#forbid", app.Values{"text": example}, http.StatusOK).Want(".cs-flash", "It is proposed").Want("pre", "principal.environments.contains").Want("main", "You proposed this forbid; another administrator has to confirm it")
		require.Zero(t, page.Find("#confirm").Length(), "nobody confirms their own")
		path := page.URL.Path
		adam.Submit(form, "#forbid", app.Values{"text": example}, http.StatusOK).Want(".cs-flash", "Nothing was done twice")
		require.Equal(t, "1", org.One(t, "SELECT count(*) || '' FROM forbids"))
		adam.Submit(adam.Get("/admin/forbids/new", http.StatusOK), "#forbid", app.Values{"name": "No permissions", "why": "x", "text": example}, http.StatusUnprocessableEntity).Want("#name-error", "already a forbid")

		// Who may not.
		shown := app.Values{"revision": "1", "reason": "Mine"}
		acts := []string{"/confirm", "/withdraw", "/end", "/confirm-end", "/keep"}
		for _, who := range []string{"udo", "ben", "zoe"} {
			c := org.Client(t).Login(who)
			c.Get("/admin/forbids/new", http.StatusForbidden)
			c.Post("/admin/forbids", shown, http.StatusForbidden)
			for _, act := range acts {
				c.Post(path+act, shown, http.StatusForbidden)
			}
			if who != "udo" {
				c.Get("/admin/forbids", http.StatusForbidden)
				c.Get(path, http.StatusForbidden)
			}
		}
		for _, act := range acts {
			eve.Post("/admin/forbids/fbd_none"+act, shown, http.StatusNotFound)
		}
		require.Zero(t, udo.Get(path, http.StatusOK).Want("pre", "permissions").Find("main form[method=post]").Length())

		// The second administrator finds it, and confirms what was shown.
		adam.Post(path+"/confirm", shown, http.StatusForbidden).Want("#error-summary", "another administrator has to confirm it")
		home := eve.Get("/", http.StatusOK).Want(".cs-duty", "Confirm or withdraw a proposed forbid")
		require.Equal(t, 1, home.Find(".cs-duty h3 a[href='"+path+"']").Length())
		adam.Get("/", http.StatusOK).WantNot("main", "a proposed forbid")
		eve.Get("/admin", http.StatusOK).Want(".cs-duties", "Forbid “No permissions”").Want(".cs-duties", "You can confirm it")
		eve.Post(path+"/confirm", app.Values{"revision": "9"}, http.StatusConflict).Want("#error-summary", "Somebody changed this since you opened it")
		stale := eve.Get(path, http.StatusOK).Want("#tried", "would have refused none of the 119 requests")
		nonce := store.NewActID()
		eve.Post(path+"/confirm", app.Values{"revision": "1", "act_id": nonce}, http.StatusOK).Want(".cs-flash", "It is in force").Want(".cs-summary", "Confirmed by").Want("h1", "No permissions")
		eve.Post(path+"/confirm", app.Values{"revision": "1", "act_id": nonce}, http.StatusOK).Want(".cs-flash", "Nothing was done twice")
		eve.Submit(stale, "#confirm", nil, http.StatusConflict).Want("#error-summary", "no longer waiting")
		eve.Submit(stale, "#withdraw", app.Values{"reason": "Too late"}, http.StatusConflict).Want("#error-summary", "no longer waiting")
		adam.Get("/admin/forbids", http.StatusOK).Want("tbody", "Active").Want("tbody", "Eve Laurent")

		// To end it takes two again.
		page = adam.Submit(adam.Get(path, http.StatusOK), "#end", app.Values{"reason": ""}, http.StatusUnprocessableEntity).Want("#reason-error", "Enter a reason")
		page = adam.Submit(page, "#end", app.Values{"reason": "The audit is over"}, http.StatusOK).Want(".cs-flash", "stays in force").Want("main", "You proposed to end this forbid")
		require.Zero(t, page.Find("#confirm-end").Length())
		adam.Post(path+"/confirm-end", app.Values{"revision": "3"}, http.StatusForbidden).Want("#error-summary", "another administrator")
		eve.Get("/", http.StatusOK).Want(".cs-duty", "Confirm that a forbid ends, or keep it")
		eve.Get("/admin", http.StatusOK).Want(".cs-duties", "End the forbid “No permissions”")
		stale = eve.Get(path, http.StatusOK).Want(".cs-quote", "The audit is over")
		adam.Submit(page, "#keep", nil, http.StatusOK).Want(".cs-flash", "stays in force")
		eve.Submit(stale, "#confirm-end", nil, http.StatusConflict).Want("#error-summary", "no longer waiting")
		adam.Submit(adam.Get(path, http.StatusOK), "#end", app.Values{"reason": "Now it is"}, http.StatusOK)
		eve.Submit(stale, "#confirm-end", nil, http.StatusConflict).Want("#error-summary", "Somebody changed this").Want(".cs-quote", "Now it is")
		eve.Submit(eve.Get(path, http.StatusOK), "#confirm-end", nil, http.StatusOK).Want(".cs-flash", "It has ended").Want(".cs-summary", "Its end confirmed by")
		require.Zero(t, adam.Get(path, http.StatusOK).Find("main form[method=post]").Length(), "what ended stays so")
		adam.Get("/admin/forbids", http.StatusOK).Want("#ended ~ .cs-table-box", "Ended")

		// Another one is taken back by whoever proposed it.
		page = adam.Submit(adam.Get("/admin/forbids/new", http.StatusOK), "#forbid", app.Values{"name": "No permissions", "why": "Again", "text": example}, http.StatusOK)
		page = adam.Submit(page, "#withdraw", nil, http.StatusUnprocessableEntity).Want("#reason-error", "Enter a reason")
		adam.Submit(page, "#withdraw", app.Values{"reason": "A mistake"}, http.StatusOK).Want(".cs-flash", "withdrawn").Want(".cs-summary", "Withdrawn by")
		udo.Get("/ledger", http.StatusOK).Want("main", "confirmed that the forbid “No permissions” ends").Want("main", "withdrew the proposed forbid")
	})
}
