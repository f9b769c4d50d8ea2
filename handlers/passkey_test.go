package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/store"
)

const decision = "form[action$='/decide']"

// At high and critical a sign-off takes a passkey; asking for changes and refusing
// do not.
func TestASignOffTakesAPasskey(t *testing.T) {
	h := newHouse(t)
	version := h.version("Salary explainer") // high; Zoë has signed
	yara := h.as("yara")
	key := yara.AddPasskey("Blue key")
	page := yara.Get(version, http.StatusOK)
	page.Want("#decide", "your browser asks for your passkey")
	bare := yara.Submit(page, decision, app.Values{"decision": "sign", "reason": "A comment that took long"}, http.StatusUnprocessableEntity)
	bare.Want("#error-summary", "takes your passkey").Want("#reason", "A comment that took long")
	require.Equal(t, "in_review", h.state(version))

	values := yara.Answer(page, decision, app.Values{"decision": "sign", "reason": "All of it"}, key)
	receipt := yara.Submit(page, decision, values, http.StatusOK)
	receipt.Want("h1", "You signed off version 1").Want("main", "With a passkey").Want(".cs-receipt", "All of it")
	require.Equal(t, "live", h.state(version))
	again := yara.Submit(page, decision, values, http.StatusOK) // the same form twice
	require.Equal(t, receipt.URL.Path, again.URL.Path)
	require.Equal(t, "1", h.One(t, "SELECT count(*) FROM signatures WHERE version_id = '"+strings.TrimPrefix(version, "/versions/")+"' AND document LIKE '%All of it%'"))
	require.Equal(t, "0", h.One(t, "SELECT count(*) FROM challenges"))

	version = h.version("Treasury agent") // critical
	yara.Submit(yara.Get(version, http.StatusOK), decision, app.Values{"decision": "refuse", "reason": "Not with real money"}, http.StatusOK).Want("h1", "You refused version 1")
	require.Equal(t, "rejected", h.state(version))
}

// What a passkey signed counts for what was on the page, once, and for nobody else.
func TestAPasskeysWordIsNotTurned(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	version := h.version("Salary explainer") // high; Zoë has signed
	yara, xu := h.as("yara"), h.as("xu")
	key, other := yara.AddPasskey("Blue key"), xu.AddPasskey("Blue key")
	page, theirs := yara.Get(version, http.StatusOK), xu.Get(version, http.StatusOK)
	sign := app.Values{"decision": "sign", "reason": "Read it"}
	nothing := func(p *app.Page, says string) {
		t.Helper()
		p.Want("main", says)
		require.Equal(t, "1", h.One(t, "SELECT count(*) FROM sign_offs WHERE version_id = '"+strings.TrimPrefix(version, "/versions/")+"'"))
	}
	turn := func(change func(app.Values)) app.Values {
		v := yara.Answer(page, decision, sign, key)
		change(v)
		return v
	}
	nothing(yara.Submit(page, decision, turn(func(v app.Values) { v["reason"] = "Another reason" }), http.StatusConflict), "signed something else")
	nothing(yara.Submit(page, decision, turn(func(v app.Values) { v["challenge"] = "cha_none" }), http.StatusConflict), "a question that is over")
	nothing(yara.Submit(page, decision, turn(func(v app.Values) { v["answer"] = "{}" }), http.StatusForbidden), "cannot be read")
	nothing(yara.Submit(page, decision, yara.Answer(page, decision, sign, other), http.StatusForbidden), "not one of yours")
	nothing(yara.Submit(page, decision, yara.Answer(page, decision, sign, key.Unverified()), http.StatusForbidden), "did not check that it is you")
	nothing(yara.Submit(page, decision, yara.Answer(page, decision, sign, key.At("localhost", "https://evil.example")), http.StatusForbidden), "another address")
	nothing(xu.Submit(theirs, decision, turn(func(v app.Values) {}), http.StatusConflict), "a question that is over") // yara's answer in xu's form
	late := yara.Answer(page, decision, sign, key)
	h.Clock.Move(6 * time.Minute)
	nothing(yara.Submit(page, decision, late, http.StatusConflict), "a question that is over")

	good := yara.Answer(page, decision, sign, key)
	yara.Submit(page, decision, good, http.StatusOK).Want("h1", "You signed off")
	replayed := app.Values{"act_id": store.NewActID()}
	for k, v := range good {
		replayed[k] = v
	}
	yara.Submit(page, decision, replayed, http.StatusConflict).Want("h1", "This changed since you opened it")
	require.Equal(t, "2", h.One(t, "SELECT count(*) FROM sign_offs WHERE version_id = '"+strings.TrimPrefix(version, "/versions/")+"'"))
}

// Adding a key asks for a fresh sign-in; a key that was removed signs no more, and
// what it signed stands.
func TestPasskeysComeAndGo(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	yara := h.as("yara")
	key := yara.AddPasskey("Blue key")
	list := yara.Get("/me/passkeys", http.StatusOK)
	yara.Submit(list, "#passkey-new", app.Values{"name": "Blue key", "answer": "{}"}, http.StatusUnprocessableEntity).Want("#error-summary", "You have a passkey of this name")
	h.Clock.Move(6 * time.Minute)
	yara.Get("/me/passkeys", http.StatusOK).Want("main", "asks for a fresh sign-in").WantNot("main form", "Name of the passkey")
	yara.Post("/me/passkeys", app.Values{"name": "Found session", "answer": "{}"}, http.StatusUnauthorized)
	yara.LoginAgain("yara", "/me/passkeys").Want("main form", "Name of the passkey")

	version := h.version("Salary explainer")
	page := yara.Get(version, http.StatusOK)
	yara.Sign(page, decision, app.Values{"decision": "sign"}, key, http.StatusOK).Want("h1", "You signed off")
	id := h.One(t, "SELECT id FROM passkeys WHERE name = 'Blue key'")
	h.as("xu").Get("/me/passkeys/"+id, http.StatusNotFound)
	h.as("xu").Post("/me/passkeys/"+id+"/remove", nil, http.StatusNotFound)
	yara.SubmitForm("/me/passkeys/"+id, "/me/passkeys/"+id, app.Values{"name": ""}, http.StatusUnprocessableEntity).Want("#error-summary", "Enter")
	yara.SubmitForm("/me/passkeys/"+id, "/me/passkeys/"+id, app.Values{"name": "Old key"}, http.StatusOK).Want("main", "Old key")

	critical := yara.Get(h.version("Treasury agent"), http.StatusOK)
	values := yara.Answer(critical, decision, app.Values{"decision": "sign"}, key)
	yara.SubmitForm("/me/passkeys/"+id, "/me/passkeys/"+id+"/remove", nil, http.StatusOK).WantNot("main table", "Old key")
	yara.Submit(critical, decision, values, http.StatusForbidden).Want("main", "not one of yours")
	require.Equal(t, "live", h.state(version))
	require.Equal(t, "1", h.One(t, "SELECT count(*) FROM signatures WHERE passkey_id = '"+id+"'"))
	yara.Get("/me/history", http.StatusOK).Want("main", "removed the passkey")
}
