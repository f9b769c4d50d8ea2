package handlers_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/models"
	"countersign/policy"
)

// What came of a task at runtime is on its control owner's home page, on the task's and on
// the agent's, and from each of them it can be stopped. Nobody sees it who may not see the task.
func TestAlertPages(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	gw := h.gateway("csgw_frontdoor", nil)
	agent, capability, operation, system := h.granted()
	carl := h.as(h.subjectOf(h.One(t, "SELECT control_owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")))
	title := h.One(t, "SELECT title FROM matrix_rows WHERE capability_id = '"+capability+"'")
	tell := func() (told int) {
		h.Clock.Move(60 * 1e9)
		_, err := h.Store.SealDecisions(t.Context())
		require.NoError(t, err)
		_, err = h.Store.FoldDecisions(t.Context())
		require.NoError(t, err)
		told, err = h.Store.TellAlerts(t.Context())
		require.NoError(t, err)
		return told
	}
	tell() // what the organisation has behind it
	carl.Get("/", http.StatusOK).WantNot("main", "refused twice")

	req := policy.Request{Subject: policy.Entity{Type: "agent", ID: agent}, Action: operation, Resource: policy.Entity{Type: system, ID: "x"}, Context: policy.Context{Capability: capability}}
	gw.evaluates(req)
	req.Action = "nothing.such"
	gw.evaluates(req)
	gw.evaluates(req)
	req.Context.Capability = "cap_none"
	gw.evaluates(req)
	require.Equal(t, 3, tell())

	home := carl.Get("/", http.StatusOK)
	home.Want("section[aria-labelledby=alerts-title]", title).Want("main", "it was refused twice. A reason: not in the scope").Want("main", "Used for the first time: "+operation)
	require.NotZero(t, home.Find("section[aria-labelledby=alerts-title] a[href='/capabilities/"+capability+"/stop']").Length(), "it can be stopped from there")
	require.NotZero(t, home.Find("section[aria-labelledby=alerts-title] a[href='/agents/"+agent+"/decisions']").Length(), "what was of no task leads to the agent")

	page := carl.Get("/capabilities/"+capability, http.StatusOK)
	page.Want("main", "Alerts of the last 30 days").Want("main", "refused twice").WantNot("main", "refused once")
	refused := page.Find("main a[href*='answer=no']").AttrOr("href", "")
	require.Equal(t, 2, carl.Get(refused, http.StatusOK).Find("main tbody tr").Length())
	page = carl.Get("/agents/"+agent+"/decisions", http.StatusOK)
	page.Want("main", "refused twice").Want("main", "refused once").Want(".cs-stop", "Stop this agent")
	carl.Get("/capabilities/"+capability+"/history", http.StatusOK).Want("main", "alerted whoever watches it: 2 refusals, first use of an operation")

	owner := h.as(h.subjectOf(h.One(t, "SELECT owner_id FROM mandates WHERE ended_at IS NULL AND capability_id = '"+capability+"'")))
	owner.Get("/", http.StatusOK).WantNot("main", "Alerts of the last seven days")
	owner.Get("/capabilities/"+capability, http.StatusOK).Want("main", "refused twice")
	h.as("adam").Get("/capabilities/"+capability, http.StatusNotFound)

	_, err := h.Store.Relay(t.Context(), true)
	require.NoError(t, err)
	require.Equal(t, "1", h.One(t, "SELECT COUNT(DISTINCT o.id) || '' FROM outbox o JOIN deliveries d ON d.outbox_id = o.id WHERE o.kind = '"+models.NoticeAlert+"' AND d.person_id = o.recipient AND o.subject = '"+capability+"'"))
}
