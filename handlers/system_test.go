package handlers_test

import (
	"net/http"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

// The catalogue is an administrator's to change, and everybody's to read; a form
// that is older than somebody else's change shows both.
func TestCatalogue(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	adam, eve, priya := org.Client(t).Login("adam"), org.Client(t).Login("eve"), org.Client(t).Login("priya")

	page := adam.Submit(adam.Get("/systems/new", http.StatusOK), "#system", app.Values{"name": "Travel desk"}, http.StatusUnprocessableEntity)
	page.Want(".cs-errors a[href='#kind']", "Choose").Want(".cs-errors a[href='#custodian_team_id']", "Choose the team")
	require.Equal(t, "Travel desk", page.Find("#name").AttrOr("value", ""))
	team := org.One(t, "SELECT id FROM teams WHERE name = 'Platform'")
	whole := app.Values{"kind": "saas", "sensitivity": "internal", "custodian_team_id": team, "description": "Books trips"}
	page = adam.Submit(page, "#system", whole, http.StatusOK).Want("h1", "Travel desk").Want(".cs-flash", "Add its operations next")
	system := page.URL.Path
	adam.Submit(adam.Get("/systems/new", http.StatusOK), "#system", app.Values{"name": "Travel  desk", "kind": "saas", "sensitivity": "public", "custodian_team_id": team}, http.StatusUnprocessableEntity).
		Want(".cs-errors a[href='#name']", "already a system of this name")

	page = adam.Submit(adam.Get(system+"/operations/new", http.StatusOK), "#operation", app.Values{"title": "Book a trip", "name": "trips.book", "access": "write", "effects": "outbound-payment"}, http.StatusOK)
	page.Want("th", "Book a trip").Want("td", "Pays out")
	page = adam.Submit(adam.Get(system+"/operations/new", http.StatusOK), "#operation", app.Values{"title": "Again", "name": "trips.book", "access": "read"}, http.StatusUnprocessableEntity)
	page.Want(".cs-errors a[href='#name']", "already has an operation")
	adam.Submit(adam.Get(system+"/secrets/new", http.StatusOK), "#secret", app.Values{"name": "Travel key", "reference": "kv/travel"}, http.StatusOK).Want("code", "kv/travel")

	older := eve.Get(system+"/change", http.StatusOK)
	adam.Submit(adam.Get(system+"/change", http.StatusOK), "#system", app.Values{"sensitivity": "confidential"}, http.StatusOK).Want(".cs-flash", "what is signed is not moved")
	page = eve.Submit(older, "#system", app.Values{"description": "Books trips and hotels"}, http.StatusConflict)
	page.Want(".cs-errors", "Somebody changed this").Want(".cs-card", "Confidential").Want("textarea", "Books trips and hotels")
	eve.Submit(page, "#system", nil, http.StatusOK).Want("dd", "Books trips and hotels").Want("dd", "Internal")

	priya.Get("/systems?q=TRAVEL&kind=saas", http.StatusOK).Want("th", "Travel desk").Want(".cs-chips", "Contains “TRAVEL”")
	page = priya.Get(system, http.StatusOK).Want("th", "Book a trip").WantNot("main", "Retire")
	require.Zero(t, page.Find("main form").Length())
	priya.Get(system+"/change", http.StatusForbidden)
	priya.Post(system, whole, http.StatusForbidden)
	priya.Get(system+"/history", http.StatusOK).Want(".cs-history", "changed the system Travel desk")

	operation, _ := adam.Get(system, http.StatusOK).Find("a[href$='/retire']").FilterFunction(func(_ int, a *goquery.Selection) bool {
		return a.Text() == "Retire Book a trip"
	}).Attr("href")
	adam.Submit(adam.Get(operation, http.StatusOK).Want("main", "its name stays taken"), "#retire", nil, http.StatusOK).Want("tr", "Retired")
	adam.Post(operation, nil, http.StatusConflict).Want(".cs-errors", "already retired")
	adam.Submit(adam.Get(system+"/retire", http.StatusOK), "#retire", nil, http.StatusOK).Want(".cs-record", "Retired").WantNot("main", "Add an operation")
	adam.Post(system+"/operations", app.Values{"title": "T", "name": "n", "access": "read"}, http.StatusConflict).Want(".cs-errors", "is retired")
	priya.Get("/systems?q=travel", http.StatusOK).Want("main", "No system matches")
	priya.Get("/systems?q=travel&state=retired", http.StatusOK).Want("th", "Travel desk")
	priya.Get("/systems/sys_none", http.StatusNotFound)
}

// A colleague's page says what they answer for as far as one may see it.
func TestPeopleSeeEachOther(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	anna := personNamed(t, org, "Anna")
	all := org.Client(t).Login("udo").Get("/people/"+anna, http.StatusOK).Find("main tbody tr").Length()
	require.NotZero(t, all)
	require.Equal(t, all, org.Client(t).Login("anna").Get("/people/"+anna, http.StatusOK).Want("main", "Your own page").Find("main tbody tr").Length())
	org.Client(t).Login("eve").Get("/people/"+anna, http.StatusOK).Want("main", "Nothing in force that you may see").Want("main a", "Roles and accounts")
	org.Client(t).Login("anna").Get("/people/per_none", http.StatusNotFound)
}

func TestMyPage(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	xu := org.Client(t).Login("xu")
	page := xu.Get("/me", http.StatusOK).Want("h1", "Xu Wei").Want("td", "Granted by").Want("td", "This session").Want("dd", "Risk")
	page = xu.Submit(page, "#zone", app.Values{"time_zone": "Asia/Tokyo"}, http.StatusOK).Want(".cs-flash", "Asia/Tokyo")
	require.Equal(t, "Asia/Tokyo", page.Find("#time_zone option[selected]").AttrOr("value", ""))
	xu.Submit(page, "#zone", nil, http.StatusConflict).Want(".cs-errors a[href='#time_zone']", "already")
	xu.Submit(page, "#zone", app.Values{"time_zone": "Mars/Olympus"}, http.StatusUnprocessableEntity).Want(".cs-errors", "from the list")
	xu.Get("/me/history", http.StatusOK).Want(".cs-history", "set their time zone to Asia/Tokyo")
}
