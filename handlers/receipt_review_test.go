package handlers_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
)

// The receipts of a review say in words what each of the three said and how it was closed,
// with what they wrote, and what follows from it; to who did it as to who reads it.
func TestReceiptsOfAReview(t *testing.T) {
	r := underReview(t, "moderate")
	receipts := func(act string) (paths []string) {
		for _, seq := range r.All(t, "SELECT seq || '' FROM ledger WHERE act = '"+act+"' AND subject = '"+r.id+"' ORDER BY seq") {
			paths = append(paths, "/receipts/"+seq)
		}
		return paths
	}
	owner, approver, udo := r.as(r.owner), r.as(r.approver), r.as("udo")
	owner.SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "change", "note": "It reads <more> than it should"}, http.StatusOK)
	r.as(r.provisioner).SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "right"}, http.StatusOK)
	r.as(r.controlOwner).SubmitForm(r.path, r.path+"/answer", app.Values{"answer": "right", "never": "1"}, http.StatusOK)
	answers := receipts("review.answered")
	require.Len(t, answers, 3)

	page := owner.Get(answers[0], http.StatusOK).Want("h1", "You answered the review as business owner: something should change").Want("main", "It reads <more> than it should")
	page.WantNot("main", "review.answered").WantNot("main", "the last of the three").Want("main a[href='"+r.path+"']", "To the review")
	name := r.One(t, "SELECT p.name FROM people p JOIN accounts a ON a.person_id = p.id WHERE a.subject = '"+r.owner+"'")
	udo.Get(answers[0], http.StatusOK).Want("h1", name+" answered the review as business owner: something should change")
	udo.Get(answers[1], http.StatusOK).Want("h1", "answered the review as provisioner: it is right as it is")
	udo.Get(answers[2], http.StatusOK).Want("h1", "answered the review as control owner: it is right as it is").Want("main", "the last of the three answers: approvers are asked to close the review")

	page = approver.SubmitForm(r.path, r.path+"/close", app.Values{"decision": "keep", "reason": "It does what it should"}, http.StatusOK)
	closed := receipts("review.closed")
	require.Equal(t, []string{page.URL.Path}, closed, "closing leads to its receipt")
	page.Want("h1", "You closed the review, and kept it").Want("main", "It does what it should").Want("main", "It goes on under the same sign-offs. Its next review is counted from now.").
		Want("main", "In a session of their own").WantNot("main", "review.closed")
	udo.Get(closed[0], http.StatusOK).Want("h1", "closed the review, and kept it").Want("main", "Its next review is counted from now")
	for _, path := range append(answers, closed...) {
		r.as("adam").Get(path, http.StatusNotFound)
	}
}
