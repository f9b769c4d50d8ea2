package handlers_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/ledger/receipt"
)

const closing = "#close-form"

// reviewed is a review that the clock has opened, with whom it asks.
type reviewed struct {
	*house
	id, path               string
	capability             string
	owner, provisioner     string // subjects
	controlOwner, approver string // the approver signed it
}

// underReview has the clock open the review of something in force at the tier.
func underReview(t *testing.T, tier string) reviewed {
	t.Helper()
	h := newHouse(t, app.At(time.Now()))
	_, err := h.Store.Tick(context.Background())
	require.NoError(t, err)
	mandate := h.One(t, `SELECT d.id FROM mandates d JOIN clock k ON k.kind = 'review' AND k.id = d.id WHERE d.ended_at IS NULL AND d.tier = '`+tier+`'
		AND 3 = (SELECT COUNT(*) FROM people p WHERE p.status = 'active' AND p.id IN (d.owner_id, d.provisioner_id, d.control_owner_id))
		AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.capability_id = d.capability_id AND r.state = 'open') ORDER BY k.at, d.id LIMIT 1`)
	h.clockTo("SELECT at || '' FROM clock WHERE kind = 'review' AND id = '" + mandate + "'")
	r := reviewed{house: h, id: h.One(t, "SELECT id FROM reviews WHERE state = 'open' AND kind = 'periodic' AND mandate_id = '"+mandate+"'")}
	who := func(column string) string {
		return h.One(t, "SELECT a.subject FROM mandates d JOIN accounts a ON a.person_id = d."+column+" WHERE d.id = '"+mandate+"'")
	}
	r.path, r.owner, r.provisioner, r.controlOwner = "/reviews/"+r.id, who("owner_id"), who("provisioner_id"), who("control_owner_id")
	r.capability = "/capabilities/" + h.One(t, "SELECT capability_id FROM mandates WHERE id = '"+mandate+"'")
	r.approver = h.One(t, "SELECT MIN(a.subject) FROM seats s JOIN accounts a ON a.person_id = s.signer_id WHERE s.mandate_id = '"+mandate+"'")
	return r
}

// answers has the three say that it is right as it is.
func (r reviewed) answers() {
	r.t.Helper()
	r.as(r.owner).SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "right"}, http.StatusOK).Want(".cs-flash", "Your answer is recorded")
	r.as(r.provisioner).SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "right"}, http.StatusOK)
	r.as(r.controlOwner).SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "right", "never": "1"}, http.StatusOK).Want(".cs-flash", "approvers are asked to close")
}

func (r reviewed) outcome() string {
	return r.One(r.t, "SELECT state || ' ' || outcome FROM reviews WHERE id = '"+r.id+"'")
}

// Each of the three answers on their page; an approver keeps it with their passkey. What
// is missing is said beside its field, what was typed stays, and nothing is recorded.
func TestAReviewIsKept(t *testing.T) {
	r := underReview(t, "high")
	owner, provisioner, control, approver := r.as(r.owner), r.as(r.provisioner), r.as(r.controlOwner), r.as(r.approver)
	answer := r.path + "/answer"
	before := r.Ledger(t)

	page := owner.Get(r.path, http.StatusOK).Want("main", "What happened since").Want("#answer-business_owner-title", "As business owner").WantNot("main", "Close the review")
	require.Zero(t, page.Find("#answer-business_owner input[checked]").Length(), "nothing is preselected")
	page = owner.SubmitForm(r.path, answer, app.Values{"note": "It grew"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#business_owner-answer']", "Choose one of the two").Want("textarea", "It grew")
	owner.SubmitForm(r.path, answer, app.Values{"answer": "change", "note": " "}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#business_owner-note']", "Enter what should change").
		Want("input[value='change'][checked]", "")
	page = provisioner.Get(r.path, http.StatusOK)
	op := page.Find("input[name=unneeded]").First().AttrOr("value", "")
	require.NotEmpty(t, op)
	page = provisioner.Submit(page, "#answer-provisioner", app.Values{"answer": "right", "unneeded": op}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href='#provisioner-answer']", "needs less than it has").Want("input[value='"+op+"'][checked]", "")
	page = control.SubmitForm(r.path, answer, app.Values{"answer": "right"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary", "Enter the day on which stopping was last exercised")
	page = control.SubmitForm(r.path, answer, app.Values{"answer": "right", "stopped-day": "3", "stopped-month": "13", "stopped-year": "2026"}, http.StatusUnprocessableEntity)
	page.Want("#error-summary a[href^='#control_owner-stopped']", "").Want("input[name='stopped-month'][value='13']", "")
	approver.Get(r.path, http.StatusOK).Want("main", "has not answered yet")
	owner.Post(r.path+"/close", app.Values{"decision": "keep"}, http.StatusForbidden)
	r.as("adam").Get(r.path, http.StatusNotFound)
	r.as("adam").Post(answer, app.Values{"role": "business_owner", "answer": "right"}, http.StatusNotFound)
	approver.Post(answer, app.Values{"role": "business_owner", "answer": "right"}, http.StatusForbidden)
	require.Equal(t, before, r.Ledger(t), "nothing was recorded")

	stale := approver.Get(r.path, http.StatusOK)
	r.answers()
	approver.Get("/reviews?whose=close", http.StatusOK).Want("main table a[href='"+r.path+"']", "").Want("main table", "You may close it")
	key := approver.AddPasskey("Blue key")
	page = approver.Get(r.path, http.StatusOK)
	before = r.Ledger(t)
	approver.Submit(page, closing, app.Values{"reason": "Read"}, http.StatusUnprocessableEntity).Want("#error-summary", "Choose how the review ends").Want("#reason", "Read")
	approver.Submit(page, closing, app.Values{"decision": "narrow"}, http.StatusUnprocessableEntity).Want("#error-summary a[href='#reason']", "Enter a reason")
	approver.Submit(page, closing, app.Values{"decision": "keep", "reason": "Read"}, http.StatusUnprocessableEntity).Want("main", "takes your passkey")
	values := approver.Answer(page, closing, app.Values{"decision": "keep", "reason": "All is well"}, key)
	values["reason"] = "Other words than were signed"
	approver.Submit(page, closing, values, http.StatusConflict).Want("main", "signed something else")
	require.Equal(t, before, r.Ledger(t), "nothing was recorded")
	values = approver.Answer(page, closing, app.Values{"decision": "keep", "reason": "All is well"}, key)
	shown := approver.Submit(page, closing, values, http.StatusOK)
	shown.Want("h1", "kept it").Want("main", "The signature fits").Want("main", "Blue key").Want("main", "All is well")
	require.Equal(t, "closed keep", r.outcome())
	after := r.Ledger(t)
	again := approver.Submit(page, closing, values, http.StatusOK).Want("main", "sent before")
	require.Equal(t, shown.URL.Path, again.URL.Path)
	require.Equal(t, after, r.Ledger(t), "a double click closes once")
	approver.Submit(stale, closing, app.Values{"decision": "revoke", "reason": "Late"}, http.StatusConflict).Want("main", "This review is over")
	require.Equal(t, after, r.Ledger(t))

	f, _ := file(t, approver, shown.URL.Path)
	require.Equal(t, "review.closed", f.Entry.Act)
	require.NotNil(t, f.Version)
	require.NotNil(t, f.Passkey)
	_, lines := file(t, r.as("udo"), shown.URL.Path)
	require.Contains(t, lines, receipt.Line{Verdict: receipt.Fits, Says: "It is on keeping what this review was about, for this team, with these words."})
	approver.Get(r.path, http.StatusOK).Want("#outcome", "Kept").Want("blockquote", "All is well").WantNot("main button", "Close the review")
	approver.Get(r.capability+"/reviews", http.StatusOK).Want("main table", "Kept")
	approver.Get("/reviews?state=closed", http.StatusOK).Want("main table a[href='"+r.path+"']", "")
}

// Narrowed, the provisioner is asked for less; the receipt holds without a passkey.
func TestAReviewNarrows(t *testing.T) {
	r := underReview(t, "moderate")
	r.answers()
	approver := r.as(r.approver)
	shown := approver.SubmitForm(r.path, r.path+"/close", app.Values{"decision": "narrow", "reason": "It reads more than it needs"}, http.StatusOK)
	shown.Want("h1", "it is to be narrowed").Want("main", "asked to propose less")
	require.Equal(t, "closed narrow", r.outcome())
	file(t, approver, shown.URL.Path)
	r.as(r.provisioner).Get("/", http.StatusOK).Want(".cs-duty", "arrow")
	r.as(r.provisioner).Get(r.path, http.StatusOK).Want("main a.btn", "Open the draft in which it is narrowed")
}

// Revoked, it ends at once, whoever has answered.
func TestAReviewRevokes(t *testing.T) {
	r := underReview(t, "moderate")
	approver := r.as(r.approver)
	page := approver.Get(r.path, http.StatusOK)
	approver.Submit(page, closing, app.Values{"decision": "keep"}, http.StatusConflict).Want("main", "has not answered yet")
	shown := approver.Submit(page, closing, app.Values{"decision": "revoke", "reason": "Nobody needs it"}, http.StatusOK)
	shown.Want("h1", "revoked it").Want("main", "Nothing of it is in force any more")
	require.Equal(t, "closed revoke", r.outcome())
	file(t, approver, shown.URL.Path)
	approver.Get(r.capability, http.StatusOK).Want("#may-act + p", "No")
}

// Where there is nothing, the list says what comes next.
func TestNoReviewIsOpen(t *testing.T) {
	h := newHouse(t)
	adam := h.as("adam")
	adam.Get("/reviews", http.StatusOK).Want(".cs-empty", "A review is opened by itself").Want(".cs-empty a[href='/matrix']", "Open the matrix")
	adam.Get("/reviews?whose=mine", http.StatusOK).Want(".cs-empty", "waits for your answer")
	adam.Get("/reviews?whose=close", http.StatusOK).Want(".cs-empty", "to be closed by you")
	adam.Get("/reviews?kind=change&tier=low", http.StatusOK).Want(".cs-empty a", "Show them all")
}

// The list is there as a file too, under the filters that it shows.
func TestReviewsAreExported(t *testing.T) {
	r := underReview(t, "moderate")
	udo := r.as("udo")
	page := udo.Get("/reviews?tier=moderate&kind=periodic", http.StatusOK)
	href := page.Find("main a[download]").AttrOr("href", "")
	require.Equal(t, "/reviews.csv?kind=periodic&tier=moderate", href)
	file := udo.Get(href, http.StatusOK)
	require.Equal(t, "text/csv; charset=utf-8; header=present", file.Header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="countersign-reviews-\d{4}-\d\d-\d\d\.csv"$`, file.Header.Get("Content-Disposition"))
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "review id", rows[0][6])
	var ids []string
	for _, row := range rows[1:] {
		ids = append(ids, row[6])
		require.Equal(t, "moderate", row[5])
	}
	require.Contains(t, ids, r.id)
	require.Len(t, ids, len(r.All(t, "SELECT r.id FROM reviews r JOIN versions v ON v.id = r.version_id WHERE r.state = 'open' AND r.kind = 'periodic' AND v.tier = 'moderate'")))
	other := udo.Get("/reviews.csv?tier=low", http.StatusOK)
	require.NotContains(t, other.Body, r.id)
	adam := r.as("adam").Get("/reviews.csv", http.StatusOK)
	require.Equal(t, 1, strings.Count(adam.Body, "\n"), "the header alone: an administrator sees none of them")
	r.as("adam").Get("/reviews", http.StatusOK).WantNot("main", "CSV")
}
