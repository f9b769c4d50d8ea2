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

// customerHelper has two tasks in force and a newer manifest: one task is carried
// over and waits for an approver, the other is still to be carried.
type customerHelper struct{ agent, page, waits, waiting, carry, inForce string }

func newManifestHouse(t *testing.T) (*house, customerHelper) {
	h := newHouse(t)
	c := customerHelper{agent: h.One(t, "SELECT id FROM agents WHERE name = 'Customer helper'")}
	c.page = "/agents/" + c.agent + "/manifest"
	of := func(open string) (capability, version string) {
		row := h.One(t, "SELECT capability_id || ' ' || version_id FROM matrix_rows WHERE agent_name = 'Customer helper' AND open_version_id "+open)
		capability, version, _ = strings.Cut(row, " ")
		return capability, version
	}
	c.carry, c.inForce = of("= ''")
	c.waits, _ = of("<> ''")
	c.waiting = h.One(t, "SELECT open_version_id FROM matrix_rows WHERE capability_id = '"+c.waits+"'")
	return h, c
}

func (c customerHelper) row(capability string) string { return "#task-" + capability }

// An owner carries a task over, its people accept and an approver signs, all on
// one page, row by row, without scripts.
func TestNewManifestRowByRow(t *testing.T) {
	h, c := newManifestHouse(t)
	chiara := h.as("chiara")
	chiara.Get("/agents/"+c.agent, http.StatusOK).Want("main", "2 tasks are not signed for the new manifest").Want("main a[href='"+c.page+"']", "Carry over")
	chiara.Get("/agents/"+c.agent+"/register/done", http.StatusOK).Want("main a[href='"+c.page+"']", "2 tasks are not signed")
	page := chiara.Get(c.page, http.StatusOK)
	page.Want("main", "What differs from revision 1").Want(".cs-diff", "claude-sonnet-6").Want(c.row(c.waits), "is in review for the new manifest").Want(c.row(c.carry), "Nothing but the manifest would change in it")
	require.Equal(t, 1, page.Find("input[type=checkbox][name=version]").Length())
	require.Zero(t, page.Find("input[checked]").Length(), "nothing is preselected")
	before := h.Ledger(t)
	none := chiara.Submit(page, "#carry", app.Values{}, http.StatusUnprocessableEntity)
	none.Want("#error-summary", "Choose at least one task")
	chiara.Submit(page, "#carry", app.Values{"version": c.inForce, "revision": "rev_of_before"}, http.StatusConflict).Want(c.row(c.carry)+" .cs-error", "registered again")
	chiara.Submit(page, "#carry", app.Values{"version": strings.Repeat(c.inForce+"\x00", 3) + strings.Join(many(26), "\x00")}, http.StatusUnprocessableEntity).Want("#error-summary", "at most 25")
	require.Equal(t, before, h.Ledger(t))

	done := chiara.Submit(none, "#carry", app.Values{"version": c.inForce}, http.StatusOK)
	done.Want(c.row(c.carry), "You submitted version 2").Want(c.row(c.carry), "has not answered yet").Want(c.row(c.carry)+" a[href^='/receipts/']", "Receipt")
	after := h.Ledger(t)
	chiara.Submit(none, "#carry", app.Values{"version": c.inForce}, http.StatusOK)
	require.Equal(t, after, h.Ledger(t), "the same form twice records once")

	for _, who := range []string{"chiara", "priya", "dana"} {
		client := h.as(who)
		at := client.Get(c.page, http.StatusOK)
		require.Equal(t, 1, at.Find(c.row(c.carry)+" form[action$='/accept']").Length(), who)
		accepted := client.Submit(at, "#accept-"+c.carry, app.Values{}, http.StatusOK)
		accepted.Want(c.row(c.carry), "accepted").Want(c.row(c.carry)+" a[href^='/receipts/']", "Receipt")
		require.Equal(t, "task-"+c.carry, accepted.URL.Fragment)
	}

	// High: the form asks for a passkey over just that version, where one can be used.
	version := h.One(t, "SELECT open_version_id FROM matrix_rows WHERE capability_id = '"+c.carry+"'")
	xu := h.as("xu")
	at := xu.Get(c.page, http.StatusOK)
	if form := at.Find("#sign-" + c.carry); form.Length() == 1 {
		require.Equal(t, "/versions/"+version+"/challenge", form.AttrOr("data-passkey", ""))
		for _, name := range []string{"challenge", "answer"} {
			require.Equal(t, 1, form.Find("input[type=hidden][name="+name+"][value='']").Length())
		}
		require.Equal(t, "sign", form.Find("input[name=decision]").AttrOr("value", ""))
	} else {
		at.Want(c.row(c.carry), "passkey")
	}
	before = h.Ledger(t)
	xu.Post("/agents/"+c.agent+"/manifest/"+version+"/sign", app.Values{"digest": h.digest(version), "round": "1", "decision": "sign", "reason": "The same task"}, http.StatusUnprocessableEntity).
		Want(c.row(c.carry)+" .cs-error", "passkey")
	require.Equal(t, before, h.Ledger(t))

	// Moderate: the session signs, and it is in force for the new manifest.
	signed := xu.Submit(at, "#sign-"+c.waits, app.Values{"reason": "Only the model changed"}, http.StatusOK)
	signed.Want(c.row(c.waits), "You signed off version 2").Want(c.row(c.waits), "signed for revision 2")
	require.Equal(t, "live", h.state(c.waiting))
	chiara.Get(c.page, http.StatusOK).Want("main", "One task in force is not signed for revision 2")
	chiara.Get("/capabilities/"+c.carry+"/history", http.StatusOK).Want("main", "carried over from version 1 for revision 2 of the agent")
}

func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "ver_" + strings.Repeat("x", i+1)
	}
	return out
}

func (h *house) digest(version string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT digest FROM versions WHERE id = '"+strings.TrimPrefix(version, "/versions/")+"'")
}

// With scripts the answer is the row alone, with what was done and where the focus goes.
func TestNewManifestSwapsTheRow(t *testing.T) {
	h, c := newManifestHouse(t)
	zoe := h.as("zoe")
	page := zoe.Get(c.page, http.StatusOK)
	form := page.Find("#sign-" + c.waits)
	require.Equal(t, c.row(c.waits), form.AttrOr("hx-target", ""))
	require.Equal(t, form.AttrOr("action", "no"), form.AttrOr("hx-post", ""))
	values := url.Values{"reason": {"The same task"}}
	form.Find("input[type=hidden]").Each(func(_ int, in *goquery.Selection) { values.Set(in.AttrOr("name", ""), in.AttrOr("value", "")) })
	ask := func(values url.Values) *app.Page {
		req := zoe.Request(http.MethodPost, form.AttrOr("action", ""), values)
		req.Header.Set("HX-Request", "true")
		return zoe.Do(req)
	}
	stale := url.Values{}
	for k, v := range values {
		stale[k] = v
	}
	stale.Set("digest", strings.Repeat("0", 64))
	refused := ask(stale)
	require.Equal(t, http.StatusUnprocessableEntity, refused.Status)
	refused.Want("li .cs-error", "changed since you opened it").Want("#reason-"+c.waits, "The same task")
	answer := ask(values)
	require.Equal(t, http.StatusOK, answer.Status)
	require.NotContains(t, answer.Body, "<main")
	require.Equal(t, 1, answer.Find("li#task-"+c.waits+"[data-announce]").Length())
	answer.Want("[data-focus] a[href^='/receipts/']", "Receipt")
}

// Whoever may not, and what is not otherwise unchanged, gets nothing by asking here.
func TestNewManifestIsKeptToWhoMay(t *testing.T) {
	h, c := newManifestHouse(t)
	before := h.Ledger(t)
	digest := h.digest(c.waiting)
	sign := "/agents/" + c.agent + "/manifest/" + c.waiting + "/sign"
	h.as("chiara").Post(sign, app.Values{"digest": digest, "round": "1"}, http.StatusForbidden)
	h.as("udo").Post(sign, app.Values{"digest": digest, "round": "1"}, http.StatusForbidden)
	for _, who := range []string{"anna", "adam"} {
		client := h.as(who)
		client.Get(c.page, http.StatusNotFound)
		client.Post("/agents/"+c.agent+"/manifest/"+c.waiting+"/accept", app.Values{"digest": digest, "role": "business_owner"}, http.StatusNotFound)
	}
	h.as("ben").Post(c.page, app.Values{"version": c.inForce, "revision": h.One(t, "SELECT revision_id FROM agents WHERE id = '"+c.agent+"'")}, http.StatusNotFound)
	// A version of another agent, and one that is the first of its task.
	other := strings.TrimPrefix(h.version("Treasury agent"), "/versions/")
	yara := h.as("yara")
	yara.Post("/agents/"+c.agent+"/manifest/"+other+"/sign", app.Values{"digest": h.digest(other), "round": "1"}, http.StatusNotFound)
	treasury := h.One(t, "SELECT id FROM agents WHERE name = 'Treasury agent'")
	yara.Post("/agents/"+treasury+"/manifest/"+other+"/sign", app.Values{"digest": h.digest(other), "round": "1"}, http.StatusConflict)
	require.Equal(t, before, h.Ledger(t))
	udo := h.as("udo").Get(c.page, http.StatusOK)
	require.Zero(t, udo.Find("main form").Length(), "an auditor reads")
}
