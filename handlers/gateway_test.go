package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/models"
	"countersign/store"
)

// A key is shown once, on the answer to the form that made it; its list and its page know
// it by its beginning; any administrator revokes it for good.
func TestGatewayKeysByPage(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		org := journeys.Organisation(t, url)
		adam, eve, udo := org.Client(t).Login("adam"), org.Client(t).Login("eve"), org.Client(t).Login("udo")
		old := "/admin/gateways/" + org.One(t, "SELECT id FROM gateways")
		adam.Submit(adam.Get(old, http.StatusOK), "#revoke", app.Values{"reason": "It is replaced"}, http.StatusOK)
		adam.Get("/admin/gateways", http.StatusOK).Want(".cs-empty", "No gateway can ask").Want(".cs-tabs a[aria-current]", "Gateways")
		udo.Get("/admin/gateways", http.StatusOK).Want(".cs-empty", "An administrator makes one").WantNot("main", "Make a key")

		before := org.Ledger(t)
		page := adam.Get("/admin/gateways/new", http.StatusOK)
		typed := app.Values{"name": "Payments <API>", "issuer": "issuer.example", "days": "400", "team": org.One(t, "SELECT id FROM teams WHERE name = 'Payments'")}
		page = adam.Submit(page, "#gateway", typed, http.StatusUnprocessableEntity).Want("#issuer-error", "whole address").Want("#days-error", "between 1 and 366").WantNot("main", models.GatewayKeyPrefix)
		require.Equal(t, "Payments <API>", page.Find("#name").AttrOr("value", ""), "what was typed stays")
		require.Equal(t, "400", page.Find("#days").AttrOr("value", ""))
		page.Want("#team option[selected]", "Payments")
		adam.Submit(page, "#gateway", app.Values{"days": "lots", "issuer": ""}, http.StatusUnprocessableEntity).Want("#days-error", "between 1 and 366")
		adam.Submit(page, "#gateway", app.Values{"days": "9", "issuer": "", "team": "tea_none"}, http.StatusUnprocessableEntity).Want("#team-error", "Choose a team")
		require.Equal(t, before, org.Ledger(t))

		form := page
		page = adam.Submit(form, "#gateway", app.Values{"days": "30", "issuer": "https://issuer.example"}, http.StatusOK).Want("h1", "Payments <API>").Want(".cs-callout", "Copy it now")
		key := page.Find("#shown-once").AttrOr("value", "")
		require.Regexp(t, regexp.MustCompile(`^csgw_[A-Za-z0-9_-]{43}$`), key)
		page.Want(".cs-summary", key[:13]+"…").Want(".cs-summary", "Agents whose owner is in Payments").Want(".cs-summary", "their subjects at https://issuer.example").Want(".cs-summary", "Adam Fischer")
		require.Contains(t, page.Header.Get("Cache-Control"), "no-store")
		path := "/admin/gateways/" + org.One(t, "SELECT id FROM gateways WHERE revoked_at IS NULL")
		require.Equal(t, models.Digest(key), org.One(t, "SELECT key_hash FROM gateways WHERE revoked_at IS NULL"))

		// The same form again, and every other page, does not show it.
		again := adam.Submit(form, "#gateway", app.Values{"days": "30", "issuer": "https://issuer.example"}, http.StatusOK).Want(".cs-flash", "This form was sent before. The key was shown then")
		require.Equal(t, path, again.URL.Path)
		require.Equal(t, "1", org.One(t, "SELECT count(*) || '' FROM gateways WHERE revoked_at IS NULL"))
		for _, p := range []*app.Page{again, adam.Get("/admin/gateways", http.StatusOK), eve.Get(path, http.StatusOK), udo.Get(path, http.StatusOK), udo.Get("/ledger", http.StatusOK), adam.Get("/admin", http.StatusOK)} {
			require.NotContains(t, p.Body, key[13:], p.URL.Path)
			require.NotContains(t, p.Body, models.Digest(key), p.URL.Path)
		}
		adam.Get("/admin", http.StatusOK).Want("main", "1 key")
		udo.Get("/ledger", http.StatusOK).Want("main", "made a key for the gateway Payments <API>")
		require.Zero(t, udo.Get(path, http.StatusOK).Find("#revoke").Length())

		// Who may not.
		act := app.Values{"name": "Mine", "days": "9", "reason": "Mine"}
		for _, who := range []string{"udo", "ben", "zoe"} {
			c := org.Client(t).Login(who)
			c.Get("/admin/gateways/new", http.StatusForbidden)
			c.Post("/admin/gateways", act, http.StatusForbidden)
			c.Post(path+"/revoke", act, http.StatusForbidden)
			if who != "udo" {
				c.Get("/admin/gateways", http.StatusForbidden)
				c.Get(path, http.StatusForbidden)
			}
		}
		eve.Get("/admin/gateways/gtw_none", http.StatusNotFound)
		eve.Post("/admin/gateways/gtw_none/revoke", act, http.StatusNotFound)

		// Revoked, once; another window that still offers it is told.
		stale, nonce := adam.Get(path, http.StatusOK), store.NewActID()
		eve.Submit(eve.Get(path, http.StatusOK), "#revoke", app.Values{"reason": " "}, http.StatusUnprocessableEntity).Want("#reason-error", "Enter a reason")
		eve.Post(path+"/revoke", app.Values{"reason": "It was in a log", "act_id": nonce}, http.StatusOK).Want(".cs-flash", "revoked").Want(".cs-summary", "It was in a log").Want(".cs-summary", "Eve Laurent").WantNot("main", "Revoke this key now")
		eve.Post(path+"/revoke", app.Values{"reason": "It was in a log", "act_id": nonce}, http.StatusOK).Want(".cs-flash", "Nothing was done twice")
		adam.Submit(stale, "#revoke", app.Values{"reason": "Me too"}, http.StatusConflict).Want("#error-summary", "revoked already")
		adam.Get("/admin/gateways", http.StatusOK).Want(".cs-empty", "No gateway can ask").Want("#ended ~ .cs-table-box", "Revoked")
		require.False(t, strings.Contains(adam.Last.Body, "<API>"))
	})
}
