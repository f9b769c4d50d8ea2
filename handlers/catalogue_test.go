package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// Published catalogues are taken in part by part, and once.
func TestPublishedCatalogues(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	team := org.One(t, "SELECT id FROM teams WHERE name = 'Platform'")

	adam.Get("/systems/catalogues?catalogue=none", http.StatusNotFound)
	adam.Get("/systems/catalogues", http.StatusOK).Want("th", "Amazon Web Services").WantNot("main", "Take in what is ticked")
	page := adam.Get("/systems/catalogues?catalogue=aws&q=S3", http.StatusOK).Want("label", "AWS S3")
	require.Equal(t, "restricted", page.Find("input[name='sensitivity'][checked]").AttrOr("value", ""), "the careful default")
	adam.Submit(page, "#take", app.Values{"custodian_team_id": team}, http.StatusUnprocessableEntity).Want(".cs-errors", "Tick at least one")
	adam.Submit(page, "#take", app.Values{"service": "aws/s3"}, http.StatusUnprocessableEntity).Want(".cs-errors", "Choose the team")
	adam.Submit(page, "#take", app.Values{"service": "aws/s3", "custodian_team_id": team}, http.StatusOK).Want(".cs-flash", "1 system is in your catalogue").
		Want("td", "There")
	id := org.One(t, "SELECT id FROM systems WHERE name = 'AWS S3'")
	require.Equal(t, "permissions", org.One(t, "SELECT access FROM operations WHERE name = 's3:PutBucketPolicy' AND system_id = '"+id+"'"))

	seq := org.One(t, "SELECT MAX(seq) FROM ledger")
	adam.Submit(adam.Get("/systems/catalogues?catalogue=aws&q=S3", http.StatusOK), "#take", app.Values{"service": "aws/s3"}, http.StatusOK).Want(".cs-flash", "in your catalogue")
	require.Equal(t, seq, org.One(t, "SELECT MAX(seq) FROM ledger"), "the same again changes nothing")

	page = adam.Submit(adam.Get("/systems/catalogues?catalogue=gcp", http.StatusOK), "#take", app.Values{"all": "1", "custodian_team_id": team}, http.StatusOK)
	page.Want(".cs-flash", "16 systems are in your catalogue")

	// A large one goes on by its own form, one part after the other.
	page = adam.Submit(adam.Get("/systems/catalogues?catalogue=aws", http.StatusOK), "#take", app.Values{"all": "1", "custodian_team_id": team}, http.StatusOK)
	parts := 1
	for page.Find("#go-on").Length() > 0 && parts < 50 {
		page.Want(".cs-progress", "of 433")
		page = adam.Submit(page, "#go-on", nil, http.StatusOK)
		parts++
	}
	page.Want(".cs-flash", "433 systems are in your catalogue")
	require.Greater(t, parts, 5)
	require.Equal(t, "1", org.One(t, "SELECT COUNT(*) FROM systems WHERE name = 'AWS S3'"))

	list := adam.Get("/systems?kind=cloud&access=permissions&effect=irreversible&team="+team, http.StatusOK)
	list.Want("th", "AWS").Want("#kind option[value='cloud']", "Cloud account (").Want(".cs-pager", "of")
	require.Equal(t, 4, list.Find(".cs-chip").Length())
	adam.Get("/systems?state=retired&effect=nonsense", http.StatusOK).Want("main", "No system matches")

	ec2 := "/systems/" + org.One(t, "SELECT id FROM systems WHERE name = 'AWS EC2'")
	page = adam.Get(ec2, http.StatusOK).Want(".cs-pager", "50 of 807 operations")
	require.Equal(t, 50, page.Find("#operations").Parent().Find("tbody tr").Length())
	next, _ := page.Find("a[rel='next']").Attr("href")
	require.NotContains(t, adam.Get(next, http.StatusOK).Find("tbody").First().Text(), strings.TrimSpace(page.Find("tbody code").First().Text()))
	adam.Get(ec2+"?q=instances+TERMINATE&access=write", http.StatusOK).Want("code", "ec2:TerminateInstances").Want(".cs-pager", "1 of 1 operation")
	adam.Get(ec2+"?q=nothing+of+it", http.StatusOK).Want("main", "No operation matches")
	org.Client(t).Login("priya").Get("/systems/catalogues", http.StatusForbidden)
}

// Before a change is saved, it says what would come out at another tier.
func TestACatalogueEditIsCheckedFirst(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam := org.Client(t).Login("adam")
	use := org.One(t, `SELECT '/systems/' || o.system_id || '/operations/' || o.id FROM operations o JOIN system_uses u ON u.system_id = o.system_id
		JOIN mandates m ON m.capability_id = u.capability_id AND m.ended_at IS NULL JOIN versions v ON v.id = m.version_id
		WHERE v.document LIKE '%' || o.id || '%' AND m.tier IN ('low', 'moderate') ORDER BY o.id LIMIT 1`)
	mandates := org.One(t, "SELECT COUNT(*) || ' ' || SUM(rev) || ' ' || MAX(digest) FROM mandates")
	seq := org.One(t, "SELECT MAX(seq) FROM ledger")

	page := adam.Submit(adam.Get(use, http.StatusOK), "#operation", app.Values{"access": "permissions"}, http.StatusOK)
	page.Want("#moves", "would come out at another tier").Want("#operation button", "Save it all the same")
	page.WantNot("#moves", " 0 ")
	require.Equal(t, seq, org.One(t, "SELECT MAX(seq) FROM ledger"), "nothing is saved before it was seen")
	require.Equal(t, "permissions", page.Find("#operation input[name='access'][checked]").AttrOr("value", ""), "what was typed is kept")
	page = adam.Submit(page, "#operation", app.Values{"access": "unknown"}, http.StatusOK).Want("#moves", "another tier")
	require.Equal(t, seq, org.One(t, "SELECT MAX(seq) FROM ledger"), "another answer is another question")
	adam.Submit(page, "#operation", nil, http.StatusOK).Want(".cs-flash", "what is signed is not moved")
	require.NotEqual(t, seq, org.One(t, "SELECT MAX(seq) FROM ledger"))
	require.Equal(t, mandates, org.One(t, "SELECT COUNT(*) || ' ' || SUM(rev) || ' ' || MAX(digest) FROM mandates"))
	require.NotEqual(t, "0", org.One(t, "SELECT COUNT(*) FROM outbox WHERE kind = 'catalogue.tier_would_rise'"))

	system := use[:strings.Index(use, "/operations")]
	page = adam.Submit(adam.Get(system+"/change", http.StatusOK), "#system", app.Values{"description": "Only words"}, http.StatusOK)
	page.Want(".cs-flash", "Saved")
}
