package handlers_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// clockTo has the clock run as of a moment, given by a query.
func (h *house) clockTo(query string) {
	h.t.Helper()
	at, err := strconv.ParseInt(h.One(h.t, query), 10, 64)
	require.NoError(h.t, err)
	h.Clock.Move(time.UnixMicro(at + 1).Sub(h.Clock.Now()))
	_, err = h.Store.Tick(context.Background())
	require.NoError(h.t, err)
}

// asked has the clock ask somebody about what they answer for, and returns the page.
func (h *house) asked(subject string) string {
	h.t.Helper()
	_, err := h.Store.Tick(context.Background())
	require.NoError(h.t, err)
	person := h.One(h.t, "SELECT person_id FROM accounts WHERE subject = '"+subject+"'")
	if h.One(h.t, "SELECT COUNT(*) || '' FROM drills WHERE person_id = '"+person+"' AND state = 'open'") == "0" { // who is at work is asked at once
		h.clockTo("SELECT at || '' FROM clock WHERE kind = 'drill' AND id = '" + person + "'")
	}
	return "/drills/" + h.One(h.t, "SELECT id FROM drills WHERE person_id = '"+person+"' AND state = 'open'")
}

// Whoever is asked finds the question in what waits for them, answers it, and reads
// what the answer shows; to everybody else it is not there before.
func TestADrillIsAnswered(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	drill := h.asked("carlos")
	ben, carlos := h.as("ben"), h.as("carlos")
	ben.Get(drill, http.StatusNotFound)
	carlos.Get("/", http.StatusOK).Want(".cs-duty h3 a[href='"+drill+"']", "yours?")
	page := carlos.Get(drill, http.StatusOK).Want("h1", "Is this yours, and would you stop it?").Want("main", "nothing has happened").WantNot("main", "boundary")
	require.Zero(t, page.Find("input[type=radio][checked]").Length(), "nothing is preselected")

	page = carlos.SubmitForm(drill, drill, app.Values{"note": "I ring the bell"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary", "Choose whether it is within what you answer for").Want("#error-summary", "Choose whether you would stop it").Want("textarea", "I ring the bell")
	page = carlos.SubmitForm(drill, drill, app.Values{"mine": "yes", "would_stop": "no", "note": "I ring the bell"}, http.StatusOK)
	page.Want("h1", "What your answer shows").Want("main", "the boundary").Want("main", "I ring the bell").Want("main", "How it is stopped for real")
	carlos.Get("/", http.StatusOK).WantNot("main", "nothing has happened")
	carlos.Get("/me/drills", http.StatusOK).Want("main table", "Answered")

	capability := "/capabilities/" + h.One(t, "SELECT capability_id FROM drills WHERE id = '"+drill[len("/drills/"):]+"'")
	carlos.Get(capability, http.StatusOK).Want(".cs-four", "answered a drill in")
	carlos.Get("/matrix?person="+h.One(t, "SELECT person_id FROM drills WHERE id = '"+drill[len("/drills/"):]+"'"), http.StatusOK).Want("main table", "minutes")
	udo := h.as("udo")
	udo.Get(drill, http.StatusOK).Want("h1", "Whether Carlos")
	udo.Get("/reports/drills", http.StatusOK).Want("main table", "Carlos").Want("h2", "Answers came most often in")
	udo.Get("/reports/drills?tier=low&missed=1&from=1999-01-01&to=1999-02-01", http.StatusOK).Want(".cs-empty", "Nobody was asked")
	udo.Get("/reports/drills?from=soon", http.StatusUnprocessableEntity).Want("#error-summary", "Enter a day")
	csv := udo.Get("/reports/drills.csv", http.StatusOK)
	require.Contains(t, csv.Body, "Carlos")
	carlos.Get("/reports/drills", http.StatusForbidden)
}

// A drill that was missed says so to the others, and answering it late lifts what it held.
func TestADrillIsMissed(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	drill := h.asked("carlos")
	h.clockTo("SELECT due_at || '' FROM drills WHERE state = 'open' AND id = '" + drill[len("/drills/"):] + "'")
	h.as("udo").Get(drill, http.StatusOK).Want("main", "it was missed").WantNot("main", "boundary")
	carlos := h.as("carlos")
	carlos.SubmitForm(drill, drill, app.Values{"mine": "no", "would_stop": "yes"}, http.StatusOK).Want("main", "Late, after")
	require.Equal(t, "late", h.One(t, "SELECT state FROM drills WHERE id = '"+drill[len("/drills/"):]+"'"))
	require.Equal(t, "0", h.One(t, "SELECT COUNT(*) || '' FROM holds h JOIN drills d ON d.hold_id = h.id WHERE h.lifted_at IS NULL AND d.id = '"+drill[len("/drills/"):]+"'"))
}

// One of the four plans a kill drill, another calls it off; the next one runs.
func TestAKillDrillIsPlanned(t *testing.T) {
	h := newHouse(t, app.At(time.Now()))
	capability := "/capabilities/" + h.One(t, "SELECT min(m.capability_id) FROM matrix_rows m JOIN accounts o ON o.person_id = m.owner_id AND o.subject = 'ben' JOIN accounts c ON c.person_id = m.control_owner_id AND c.subject = 'carlos' WHERE m.mandate_id <> '' AND m.holds = 0")
	path := capability + "/kill-drill"
	carlos, ben, udo := h.as("carlos"), h.as("ben"), h.as("udo")
	udo.Get(path, http.StatusOK).Want("main", "Only the four").WantNot("main form button", "Plan the kill drill")
	page := carlos.Get(path, http.StatusOK).Want("main", "The agent is really held for a moment").Want("h1", "Does stopping it stop it?")
	require.NotEmpty(t, page.Find("#at").AttrOr("value", ""), "a working hour is offered")
	carlos.SubmitForm(path, path, app.Values{"at": "soon", "why": "It was never tried"}, http.StatusUnprocessableEntity).Want("#error-summary", "Enter a date and a time").Want("textarea", "It was never tried")
	carlos.SubmitForm(path, path, app.Values{"at": "2020-01-01T10:00", "why": ""}, http.StatusUnprocessableEntity).Want("#error-summary", "at least 15 minutes").Want("#error-summary", "why")
	carlos.SubmitForm(path, path, app.Values{"why": "It was never tried"}, http.StatusOK).Want("main", "A kill drill is planned")
	ben.SubmitForm(path, path+"/call-off", nil, http.StatusOK).Want("main table", "Called off")
	carlos.SubmitForm(path, path, app.Values{"why": "Then on another day"}, http.StatusOK)
	h.clockTo("SELECT planned_at || '' FROM drills WHERE state = 'planned'")
	h.as("carlos").Get(path, http.StatusOK).Want("main table", "It stopped, and was let go on").Want("main table", "ms").Want("main", "Stopping was last exercised")
	h.as("ben").Get(capability, http.StatusOK).Want("main", "by a kill drill").Want("main", "Yes")
}
