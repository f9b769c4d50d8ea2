package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

const glass = "#emergency-form"

// switchOn switches the emergency path on: adam proposes, eve confirms.
func (h *house) switchOn() {
	h.t.Helper()
	adam, eve := h.as("adam"), h.as("eve")
	adam.SubmitForm("/admin/emergency", "/admin/emergency", app.Values{"reason": "One approver is on call at night"}, http.StatusOK)
	eve.Submit(eve.Get("/admin/emergency", http.StatusOK), "#confirm", nil, http.StatusOK).Want("main", "The emergency path is on")
}

// The setting does something: while it is off there is no emergency, and it takes
// two administrators to switch it on.
func TestTheEmergencyPathIsASetting(t *testing.T) {
	h := newHouse(t)
	version := h.version("Treasury agent")
	zoe, adam, eve := h.as("zoe"), h.as("adam"), h.as("eve")
	zoe.Get(version, http.StatusOK).WantNot("main", "Break the glass")
	zoe.Get(version+"/emergency", http.StatusForbidden).Want("main", "The emergency path is off")
	before := h.Ledger(t)
	zoe.Post(version+"/emergency", app.Values{"reason": "Down", "minutes": "10"}, http.StatusConflict)
	require.Equal(t, before, h.Ledger(t))
	for _, who := range []string{"zoe", "ben"} {
		h.as(who).Get("/admin/emergency", http.StatusForbidden)
	}

	page := adam.Get("/admin/emergency", http.StatusOK).Want("main", "The emergency path is off").Want("main", "There has been none")
	page = adam.Submit(page, "#propose", app.Values{"reason": " "}, http.StatusUnprocessableEntity).Want("#error-summary", "Enter a reason")
	page = adam.Submit(page, "#propose", app.Values{"reason": "One approver is on call at night"}, http.StatusOK).Want("main", "another administrator has to confirm it")
	require.Zero(t, page.Find("#confirm").Length(), "nobody confirms their own")
	id := h.One(t, "SELECT id FROM emergency_switches")
	adam.Post("/admin/emergency/"+id+"/confirm", nil, http.StatusForbidden).Want(".cs-errors", "another administrator has to confirm it")
	zoe.Get(version+"/emergency", http.StatusForbidden)
	h.as("udo").Get("/admin/emergency", http.StatusOK).Want("main", "It is proposed to switch it on").WantNot("main button", "Withdraw")

	home := eve.Get("/", http.StatusOK).Want(".cs-duty", "Confirm or withdraw that the emergency path is switched on")
	require.Equal(t, 1, home.Find(".cs-duty h3 a[href='/admin/emergency']").Length())
	adam.Get("/", http.StatusOK).WantNot("main", "Confirm or withdraw that the emergency path")
	eve.Submit(eve.Get("/admin/emergency", http.StatusOK), "#confirm", nil, http.StatusOK).Want("h2", "The emergency path is on")
	zoe.Get(version, http.StatusOK).Want("main a[href='"+version+"/emergency']", "Break the glass")
	zoe.Get(version+"/emergency", http.StatusOK)

	adam.Submit(adam.Get("/admin/emergency", http.StatusOK), "#off", nil, http.StatusOK).Want("h2", "The emergency path is off").Want("main", "One approver is on call at night")
	zoe.Get(version+"/emergency", http.StatusForbidden)
}

// An approver breaks the glass, everybody sees it, and another one reviews it.
func TestBreakGlass(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	h.switchOn()
	version, capability := h.version("Treasury agent"), h.capability("Treasury agent")
	zoe, yara := h.as("zoe"), h.as("yara")
	key := zoe.AddPasskey("Blue key")
	page := zoe.Get(version+"/emergency", http.StatusOK)
	page.Want("h1", "Let it run before its sign-offs are complete?").Want("main", "Every approver").Want("main", "Adam").Want("main", "Still needed")
	require.Empty(t, page.Find("#minutes").AttrOr("value", ""), "nothing is filled in")
	before := h.Ledger(t)
	typed := app.Values{"reason": "Payments to hospitals are stuck; they are due at ten.", "minutes": "121"}
	require.Contains(t, zoe.Ask(page, glass, typed).Says, "1 to 120")
	again := zoe.Submit(page, glass, typed, http.StatusUnprocessableEntity)
	again.Want("#error-summary a[href='#minutes']", "1 to 120").Want("#reason", "Payments to hospitals")
	typed["minutes"] = "20"
	zoe.Submit(again, glass, typed, http.StatusUnprocessableEntity).Want("main", "takes your passkey")
	zoe.Submit(page, glass, app.Values{"minutes": "20"}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#reason']", "Enter what the emergency is")
	require.Equal(t, before, h.Ledger(t), "nothing was recorded")

	values := zoe.Answer(page, glass, typed, key)
	values["minutes"] = "90" // another number than was signed
	zoe.Submit(page, glass, values, http.StatusConflict).Want("main", "signed something else")
	values = zoe.Answer(page, glass, typed, key)
	shown := zoe.Submit(page, glass, values, http.StatusOK)
	shown.Want("h1", "Break glass").Want("main", "until").Want("blockquote", "Payments to hospitals are stuck").Want("main", "with a passkey").Want("main", "You opened this emergency; somebody else has to review it")
	after := h.Ledger(t)
	require.Equal(t, shown.URL.Path, zoe.Submit(page, glass, values, http.StatusOK).Want("main", "sent before").URL.Path)
	require.Equal(t, after, h.Ledger(t), "a double click opens one")
	zoe.Get(version+"/emergency", http.StatusConflict).Want("main", "has had its emergency")

	yara.Get(capability, http.StatusOK).Want(".cs-callout", "It runs under break glass").Want("#may-act + p", "Yes")
	yara.Get(version, http.StatusOK).Want(".cs-callout", "It runs under break glass").Want("main", "Still needed")
	yara.Get("/agents/"+h.One(t, "SELECT agent_id FROM matrix_rows WHERE agent_name = 'Treasury agent'"), http.StatusOK).Want(".cs-callout", "Version 1 of “Release payments” runs under break glass")
	yara.Get(capability+"/history", http.StatusOK).Want("main", "broke the glass: let version 1 run for 20 minutes")
	yara.Get("/matrix?emergency=yes", http.StatusOK).Want("main table", "Break glass").Want(".cs-tabs", "Under break glass").Want("main table", "Treasury agent")
	h.as("adam").Get("/admin/emergency", http.StatusOK).Want("main table", "Treasury agent").WantNot("main", "hospitals")
	h.as("anna").Get(shown.URL.Path, http.StatusNotFound)

	zoe.Get("/", http.StatusOK).WantNot("main", "Review the emergency")
	home := yara.Get("/", http.StatusOK).Want(".cs-duty", "Review the emergency in which version 1")
	review := home.Find(".cs-duty h3 a[href='" + shown.URL.Path + "']")
	require.Equal(t, 1, review.Length())
	form := yara.Get(shown.URL.Path, http.StatusOK)
	require.Zero(t, form.Find("#review-form input[checked]").Length(), "nothing is preselected")
	yara.Submit(form, "#review-form", app.Values{"verdict": "justified", "finding": "They were paid"}, http.StatusUnprocessableEntity).Want("#error-summary", "It still runs")
	zoe.Post(shown.URL.Path+"/review", app.Values{"verdict": "justified", "finding": "Mine"}, http.StatusForbidden)

	h.Clock.Move(time.Minute)
	yara.Get(capability+"/as-of?at="+h.Clock.Now().UTC().Format("2006-01-02T15:04:05Z"), http.StatusOK).Want("main", "Version 1 could run under break glass then: Zoë")
	h.Clock.Move(20 * time.Minute)
	yara.Get(capability, http.StatusOK).Want(".cs-callout", "It ran under break glass").Want("#may-act + p", "No")
	yara.Get("/matrix", http.StatusOK).WantNot("main table", "Break glass")
	form = yara.Get(shown.URL.Path, http.StatusOK)
	form = yara.Submit(form, "#review-form", app.Values{"verdict": "", "finding": "They were paid"}, http.StatusUnprocessableEntity)
	form.Want("#error-summary a[href='#verdict']", "Choose whether").Want("#finding", "They were paid")
	done := yara.Submit(form, "#review-form", app.Values{"verdict": "justified", "finding": "They were paid"}, http.StatusOK)
	done.Want("main", "It was justified").Want("blockquote", "They were paid").WantNot("main form", "Close the review")
	yara.Get("/", http.StatusOK).WantNot("main", "Review the emergency")
	zoe.Get(version, http.StatusOK).Want(".cs-callout", "it was justified")
	zoe.Get(version+"/emergency", http.StatusConflict)
}

// Who answers for what runs stops it from the record's own button.
func TestBreakGlassIsStopped(t *testing.T) {
	h := newHouse(t)
	h.switchOn()
	version, capability := h.version("Treasury agent"), h.capability("Treasury agent")
	zoe := h.as("zoe")
	key := zoe.AddPasskey("Blue key")
	page := zoe.Get(version+"/emergency", http.StatusOK)
	zoe.Sign(page, glass, app.Values{"reason": "Stuck", "minutes": "40"}, key, http.StatusOK)
	owner := h.One(t, "SELECT a.subject FROM accounts a JOIN emergencies e ON e.owner_id = a.person_id")
	chief := h.as(owner)
	chief.Get(capability, http.StatusOK).Want("form.cs-stop-form", "Stop")
	chief.SubmitForm(capability, capability+"/stop", app.Values{"reason": "It pays the wrong ones", "target": "capability"}, http.StatusOK).
		Want(".cs-flash", "stopped").Want(".cs-callout", "It ran under break glass").Want("#may-act + p", "No")
	chief.Get("/emergencies/"+strings.TrimSpace(h.One(t, "SELECT id FROM emergencies")), http.StatusOK).Want("main", "stopped by you: “It pays the wrong ones”")
}
