package journeys_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// A review by its pages: the clock opens it, the three answer, and an approver keeps it
// with a passkey.
func TestAReviewInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t), app.At(time.Now()))
	_, err := org.Store.Tick(context.Background())
	require.NoError(t, err)
	mandate := org.One(t, `SELECT d.id FROM mandates d JOIN clock k ON k.kind = 'review' AND k.id = d.id WHERE d.ended_at IS NULL AND d.tier = 'high'
		AND 3 = (SELECT COUNT(*) FROM people p WHERE p.status = 'active' AND p.id IN (d.owner_id, d.provisioner_id, d.control_owner_id)) ORDER BY k.at, d.id LIMIT 1`)
	at, err := strconv.ParseInt(org.One(t, "SELECT at || '' FROM clock WHERE kind = 'review' AND id = '"+mandate+"'"), 10, 64)
	require.NoError(t, err)
	org.Clock.Move(time.UnixMicro(at + 1).Sub(org.Clock.Now()))
	_, err = org.Store.Tick(context.Background())
	require.NoError(t, err)
	review := org.One(t, "SELECT id FROM reviews WHERE state = 'open' AND kind = 'periodic' AND mandate_id = '"+mandate+"'")
	page := "/reviews/" + review
	who := func(column string) string {
		return org.One(t, "SELECT a.subject FROM mandates d JOIN accounts a ON a.person_id = d."+column+" WHERE d.id = '"+mandate+"'")
	}
	reviews := func(subject string) *browser.Tab {
		return browser.Open(t, org.App).SignIn(subject).Go(page)
	}

	reviews(who("owner_id")).Sound("review-owner").
		Press("Send my answer").Sees("#error-summary", "Choose one of the two").Sound("review-none").
		Choose("Yes, it is still the right boundary").Press("Send my answer").Sees(".cs-flash", "Your answer is recorded")
	reviews(who("provisioner_id")).Sound("review-provisioner").
		Choose("Yes, it needs all of this").Press("Send my answer").Sees(".cs-flash", "Your answer is recorded")
	reviews(who("control_owner_id")).Sound("review-control-owner").
		Choose("Yes, monitoring works").Choose("It never was, as far as I know").Press("Send my answer").Sees(".cs-flash", "approvers are asked to close")

	approver := browser.Open(t, org.App).SignIn(org.One(t, "SELECT MIN(a.subject) FROM seats s JOIN accounts a ON a.person_id = s.signer_id WHERE s.mandate_id = '"+mandate+"'"))
	key := approver.Authenticator()
	approver.Go("/me/passkeys").Fill("Name of the passkey", "Blue key").Press("Add a passkey").Sees("main table", "Blue key")
	approver.Go(page).Sees("#decide", "your browser asks for your passkey").Sound("review-approver")
	key.Verifies(false)
	approver.Choose("Keep it").Fill("What did you find?", "All is well").PressAndStay("Close the review").Sees("[data-passkey-says]", "Your passkey gave no answer")
	require.Equal(t, "open", org.One(t, "SELECT state FROM reviews WHERE id = '"+review+"'"))
	key.Verifies(true)
	approver.Press("Close the review").Sees("h1", "kept it").Sees("main", "With a passkey").Sees("main", "The signature fits").Sound("review-receipt")
	require.Equal(t, "keep passkey", org.One(t, "SELECT outcome || ' ' || method FROM reviews WHERE id = '"+review+"'"))
	approver.Go(page).Sees("#outcome", "Kept").Sound("review-kept")
}
