package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// together is the posted confirmation of versions as they are now.
func (h *house) together(reason string, versions ...string) app.Values {
	h.t.Helper()
	out := app.Values{"version": strings.Join(versions, "\x00"), "reason": reason}
	for _, v := range versions {
		digest := h.All(h.t, "SELECT digest FROM versions WHERE id = '"+v+"'")
		out["digest-"+v], out["round-"+v] = strings.Join(digest, ""), "1"
	}
	return out
}

// offered are the versions that the page lists, with none of them chosen.
func offered(t *testing.T, page *app.Page) []string {
	t.Helper()
	var ids []string
	page.Find("#several input[name=version]").Each(func(_ int, in *goquery.Selection) {
		ids = append(ids, in.AttrOr("value", ""))
		_, checked := in.Attr("checked")
		require.False(t, checked, "nothing is preselected")
	})
	return ids
}

// An approver chooses, reads the list once more, gives one reason and signs.
func TestSeveralAtOnceByPage(t *testing.T) {
	h := newHouse(t)
	yara := h.as("yara")
	yara.Get("/", http.StatusOK).Want("main", "2 of them are of low risk and did not change").Want("main a[href='/desk/several']", "sign them off together")
	page := yara.Get("/desk/several", http.StatusOK)
	ids := offered(t, page)
	require.Len(t, ids, 2)
	require.NotContains(t, strings.ToLower(page.Text("main")), "select all")
	yara.Get("/desk/several/check", http.StatusUnprocessableEntity).Want("#error-summary a[href='#version']", "Choose at least one version")
	check := yara.Get("/desk/several/check?version="+ids[0]+"&version="+ids[1], http.StatusOK)
	for _, id := range ids {
		check.Want("main", h.digest(id))
	}
	check.Want("main", "Find pages of the handbook").Want("main", "Onboarding guide").Want("main", "submitted it").Want("main", "Last approved: version 1")
	before := h.Ledger(t)
	again := yara.Submit(check, "#sign-several", app.Values{"reason": "   "}, http.StatusUnprocessableEntity)
	again.Want("#error-summary a[href='#reason']", "Enter a reason")
	require.Equal(t, 2, again.Find("#sign-several input[name=version]").Length())
	long := yara.Submit(again, "#sign-several", app.Values{"reason": strings.Repeat("ö", 4001)}, http.StatusUnprocessableEntity)
	long.Want("#error-summary", "at most 4000 characters").Want("#reason", "ööö")
	require.Equal(t, before, h.Ledger(t))

	form := app.Values{"reason": "Read both; only their number changed."}
	done := yara.Submit(again, "#sign-several", form, http.StatusOK)
	done.Want("h1", "You signed 2 versions off")
	require.Equal(t, 2, done.Find("main a[href^='/receipts/']").Length())
	for _, id := range ids {
		require.Equal(t, "live", h.state(id))
	}
	after := h.Ledger(t)
	twice := yara.Submit(again, "#sign-several", form, http.StatusOK)
	twice.Want("main", "these are the first receipts")
	require.Equal(t, after, h.Ledger(t), "the same form twice records once")
	yara.Get(done.Find("main a[href^='/receipts/']").First().AttrOr("href", ""), http.StatusOK).Want("h1", "You signed off version 2")
	yara.Get(h.capability("Onboarding guide")+"/history", http.StatusOK).Want("main", "Read both; only their number changed.").Want("main", "together with one other")
	h.as("xu").Get("/desk/several/done?"+done.URL.RawQuery, http.StatusNotFound)
	require.Empty(t, offered(t, yara.Get("/desk/several", http.StatusOK)))
	yara.Get("/", http.StatusOK).WantNot("main", "of low risk and did not change")
}

// Whatever is smuggled into the form, nothing of it is recorded, and the page
// says which of them was in the way.
func TestSeveralAtOnceAttacked(t *testing.T) {
	h := newHouse(t)
	xu := h.as("xu")
	ids := offered(t, xu.Get("/desk/several", http.StatusOK))
	require.Len(t, ids, 2)
	high := h.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Salary explainer'")
	moderate := h.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Chat greeter'")
	draft := h.One(t, "SELECT version_id FROM matrix_rows WHERE agent_name = 'Fraud watcher'")
	before := h.Ledger(t)
	post := func(c *app.Client, values app.Values, status int) *app.Page {
		t.Helper()
		page := c.Post("/desk/several", values, status)
		require.Equal(t, before, h.Ledger(t), "nothing is recorded")
		return page
	}
	const why = "Nothing changed"
	post(xu, h.together(why, ids[0], high), http.StatusConflict).Want("main", "Nothing was recorded").Want("main", "only versions of tier low").WantNot("#sign-several", high)
	post(xu, h.together(why, ids[0], moderate), http.StatusConflict).Want("main", "It is of tier moderate")
	post(xu, h.together(why, ids[0], draft), http.StatusConflict).Want("main", "not for you to see")
	post(xu, h.together(why, ids[0], "ver_nothing"), http.StatusConflict).Want("main", "not for you to see")
	post(xu, h.together(why, append(many(9), ids...)...), http.StatusUnprocessableEntity).Want("#error-summary", "at most 10")
	post(xu, app.Values{"reason": why}, http.StatusUnprocessableEntity).Want("#error-summary", "at least one")
	post(xu, h.together(why, ids[0], ids[0]), http.StatusUnprocessableEntity).Want("#error-summary", "chosen twice")
	stale := h.together(why, ids...)
	stale["digest-"+ids[1]] = h.digest(high)
	post(xu, stale, http.StatusConflict).Want("main", "It changed since you opened the list")
	stale = h.together(why, ids...)
	stale["round-"+ids[1]] = "2"
	post(xu, stale, http.StatusConflict).Want("main", "It changed since you opened the list")
	post(xu, h.together("", ids...), http.StatusUnprocessableEntity).Want("#error-summary", "Enter a reason")

	// Its owner, and others who are no approvers.
	for _, who := range []string{"anna", "udo", "adam"} {
		c := h.as(who)
		c.Get("/desk/several", http.StatusForbidden)
		post(c, h.together(why, ids...), http.StatusForbidden)
	}
	// A guessed address lists nothing that the reader may not see.
	page := xu.Get("/desk/several/check?"+url.Values{"version": {draft, ids[0]}}.Encode(), http.StatusOK)
	page.WantNot("main", "Fraud watcher").Want("main", "not for you to see")
}
