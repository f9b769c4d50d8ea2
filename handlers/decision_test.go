package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/models"
	"countersign/policy"
)

// subjectOf is how a person signs in.
func (h *house) subjectOf(person string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT subject FROM accounts WHERE person_id = '"+person+"'")
}

// asks has a gateway ask, and returns the log's id.
func (c *caller) evaluates(req policy.Request) string {
	c.t.Helper()
	a := c.ask(evaluationOf(req))
	require.NotEmpty(c.t, a.Context.ID)
	return a.Context.ID
}

func evaluationOf(req policy.Request) string {
	return strings.Replace(evaluation(req.Subject.ID, req.Action, req.Resource.Type, `{"capability":"`+req.Context.Capability+`","sensitivity":"public","task":"run-9"}`), `"id":"x"`, `"id":`+quoted(req.Resource.ID), 1)
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

const hostileName = `"><script>alert(1)</script><img src=x onerror=alert(2)>`

func TestDecisionPages(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	udo := h.as("udo")
	empty := h.as("greta").Get("/decisions", http.StatusOK) // who answers for nothing
	empty.Want("main", "There is no decision for you to see yet")
	empty.Want("main pre", h.URL+"/access/v1/evaluation")

	gw := h.gateway("csgw_frontdoor", nil)
	agent, capability, operation, system := h.granted()
	req := policy.Request{Subject: policy.Entity{Type: "agent", ID: agent}, Action: operation, Resource: policy.Entity{Type: system, ID: "x"}, Context: policy.Context{Capability: capability}}
	yes := gw.evaluates(req)
	refused := req
	refused.Action = "nothing.such"
	refused.Resource.ID = hostileName
	no := gw.evaluates(refused)
	unknown := req
	unknown.Subject.ID = "agt_nobody"
	nobody := gw.evaluates(unknown)

	ours := "/decisions?gateway=" + gw.id // and not what the demo's asked before
	page := udo.Get(ours, http.StatusOK)
	page.Want("main tbody", hostileName) // as text
	require.Zero(t, page.Find("main tbody script, main tbody img").Length())
	require.Equal(t, 3, page.Find("main tbody tr").Length())
	require.Equal(t, "/decisions/"+nobody, page.Find("main tbody tr a").First().AttrOr("href", ""), "the newest first")
	page.Want(".cs-nav", "Decisions")

	t.Run("filters", func(t *testing.T) {
		for filter, want := range map[string]int{"answer=yes": 1, "answer=no": 2, "rule=scope": 1, "rule=agent": 1, "agent=" + agent: 2, "task=" + capability: 2, "": 3,
			"answer=maybe": 3, "rule=%27": 3, "from=2020-01-01": 3, "to=2020-01-01": 0, "from=2099-01-01T10:00": 0, "before=%27": 3, "agent=" + url.QueryEscape(hostileName): 0} {
			page := udo.Get(ours+"&"+filter, http.StatusOK)
			require.Equal(t, want, page.Find("main tbody tr").Length(), filter)
			require.Zero(t, page.Find("main script").Length())
		}
		require.Zero(t, udo.Get("/decisions?gateway=gtw_none", http.StatusOK).Find("main tbody tr").Length())
		udo.Get("/decisions?from=yesterday", http.StatusUnprocessableEntity).Want("#error-summary", "Enter a day")
	})

	t.Run("one", func(t *testing.T) {
		page := udo.Get("/decisions/"+no, http.StatusOK)
		page.Want("h1", "No: nothing.such")
		page.Want("main", "The operation was not in the scope of the task.")
		page.Want("main", hostileName)
		require.Zero(t, page.Find("main script, main img").Length())
		provisioner := h.One(t, "SELECT p.name FROM people p JOIN mandates m ON m.provisioner_id = p.id WHERE m.ended_at IS NULL AND m.capability_id = '"+capability+"'")
		page.Want(".cs-four", provisioner)
		page.Want("main", "Who can: "+provisioner)
		page.Want("main", "run-9")
		page.Want("main", "will be sealed")
		version := h.One(t, "SELECT version_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")
		require.NotZero(t, page.Find("main a[href='/versions/"+version+"']").Length())
		h.Clock.Move(60 * 1e9)
		_, err := h.Store.SealDecisions(t.Context())
		require.NoError(t, err)
		sealed := udo.Get("/decisions/"+no, http.StatusOK)
		seq := h.One(t, "SELECT max(seq) || '' FROM ledger WHERE act = 'decisions.sealed'")
		entry := sealed.Find("main a[href*='#entry-"+seq+"']").AttrOr("href", "")
		require.NotEmpty(t, entry)
		udo.Get(entry, http.StatusOK).Want("#entry-"+seq, "decisions.sealed")
	})

	t.Run("wrong ids", func(t *testing.T) {
		for _, id := range []string{"0", "7", "-1", "nothing", "99999999999999999999999", yes + "1", "%27", strings.Repeat("9", 300)} {
			udo.Get("/decisions/"+id, http.StatusNotFound)
		}
	})

	t.Run("who sees them", func(t *testing.T) {
		owner := h.subjectOf(h.One(t, "SELECT owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'"))
		mine := h.as(owner)
		mine.Get("/decisions/"+yes, http.StatusOK)
		mine.Get("/decisions/"+nobody, http.StatusNotFound)
		adam := h.as("adam")
		adam.Get("/decisions/"+yes, http.StatusNotFound)
		require.Equal(t, 1, adam.Get(ours, http.StatusOK).Find("main tbody tr").Length())
		adam.Get("/decisions/"+nobody, http.StatusOK).Want("main", "no task that is signed off covered the request")
		adam.Get("/agents/"+agent+"/decisions", http.StatusNotFound)
		adam.Get("/what-if?agent="+agent, http.StatusNotFound)
	})

	t.Run("follow", func(t *testing.T) {
		page := udo.Get("/decisions?follow=1&answer=yes", http.StatusOK)
		row := page.Find("#decisions-follow")
		require.Equal(t, "every 2s", row.AttrOr("hx-trigger", ""))
		look := row.AttrOr("hx-get", "")
		page.Want("main", "Pause")
		ask := func(path string) (int, string) {
			r := udo.Request(http.MethodGet, path, nil)
			r.Header.Set("HX-Request", "true")
			p := udo.Do(r)
			return p.Status, p.Body
		}
		status, _ := ask(look)
		require.Equal(t, http.StatusNoContent, status, "nothing came")
		gw.evaluates(refused)
		status, _ = ask(look)
		require.Equal(t, http.StatusNoContent, status, "the filters hold")
		came := gw.evaluates(req)
		status, text := ask(look)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, text, "/decisions/"+came)
		require.Contains(t, text, "1 new decision.")
		require.NotContains(t, text, "/decisions/"+yes)
		require.Zero(t, udo.Get("/decisions?before="+url.QueryEscape("a_1.1")+"&follow=1", http.StatusOK).Find("#decisions-follow").Length(), "only what is newest goes on")
		status, _ = ask("/decisions/newer?had=nonsense")
		require.Equal(t, http.StatusOK, status)
	})

	t.Run("of an agent", func(t *testing.T) {
		page := udo.Get("/agents/"+agent+"/decisions", http.StatusOK)
		page.Want("main", "The log is counted up to")
		require.NotZero(t, page.Find("a[href='/decisions/"+yes+"']").Length())
		require.Zero(t, page.Find("a[href='/decisions/"+nobody+"']").Length())
		page.Want("main table", operation)
		udo.Get("/agents/"+agent+"/decisions?answer=no", http.StatusOK)
		udo.Get("/agents/agt_x/decisions", http.StatusNotFound)
	})
}

func TestWhatIf(t *testing.T) {
	h := newHouse(t)
	agent, capability, operation, system := h.granted()
	udo := h.as("udo")
	newest := udo.Get("/decisions", http.StatusOK).Find("main tbody tr a").First().AttrOr("href", "")
	name := h.One(t, "SELECT name FROM agents WHERE id = '"+agent+"'")
	udo.Get("/what-if?q="+url.QueryEscape(name), http.StatusOK).Want("main li", name)
	ask := func(change ...string) string {
		v := url.Values{"agent": {agent}, "task": {capability}, "operation": {operation}, "system": {system}, "resource": {"x"}, "sensitivity": {"public"}, "ask": {"1"}}
		for i := 0; i < len(change); i += 2 {
			v.Set(change[i], change[i+1])
		}
		return "/what-if?" + v.Encode()
	}
	before, head := h.One(t, "SELECT count(*) || '' FROM ledger"), "#whatif-answer"
	page := udo.Get(ask(), http.StatusOK)
	page.Want(head, "Yes, it would be allowed now")
	page.Want("pre", "permit")
	page = udo.Get(ask("operation", hostileName), http.StatusOK)
	page.Want(head, "No, it would not be allowed now").Want("main", "Who can:")
	require.Zero(t, page.Find("main script, main img").Length())
	for field, value := range map[string]string{"volume": "-1", "properties": `{"a":1,"a":2}`, "resource": "", "operation": strings.Repeat("x", 2000)} {
		page := udo.Get(ask(field, value), http.StatusUnprocessableEntity)
		require.NotZero(t, page.Find("#error-summary a[href='#"+field+"']").Length(), field)
		require.Zero(t, page.Find(head).Length(), field)
	}
	udo.Get(ask("properties", strings.Repeat("[", 2000)), http.StatusUnprocessableEntity)
	udo.Get(ask("task", "cap_none"), http.StatusUnprocessableEntity).Want("#error-summary", "no such task")
	udo.Get(ask("agent", "agt_none"), http.StatusNotFound)
	d, err := h.Store.Decisions(t.Context())
	require.NoError(t, err)
	require.Zero(t, d.Logged(), "nothing is logged")
	require.Equal(t, before, h.One(t, "SELECT count(*) || '' FROM ledger"))
	require.Equal(t, newest, udo.Get("/decisions", http.StatusOK).Find("main tbody tr a").First().AttrOr("href", ""))
	outsider := h.All(t, "SELECT a.subject FROM accounts a JOIN grants g ON g.person_id = a.person_id WHERE g.role = '"+string(models.Administrator)+"' AND g.ended_at IS NULL ORDER BY 1")[0]
	h.as(outsider).Get(ask(), http.StatusNotFound)
}
