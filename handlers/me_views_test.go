package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
)

// A person names what a list shows, finds it again on the list, and removes it.
func TestASavedView(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	ada := a.Client(t).Login(app.Admin.Subject)
	require.Empty(t, ada.Get("/matrix", 200).Find(`nav[aria-label="Your saved views"]`).Nodes, "all of the list is no view to keep")

	href, ok := ada.Get("/matrix?tier=high&sort=owner&after=x&nonsense=1", 200).Find(`nav[aria-label="Your saved views"] a`).Attr("href")
	require.True(t, ok)
	form := ada.Get(href, 200)
	long := strings.Repeat("n", 61)
	form = ada.Submit(form, "#view", app.Values{"name": long}, http.StatusUnprocessableEntity)
	require.Equal(t, long, form.Find("input[name=name]").AttrOr("value", ""))
	page := ada.Submit(form, "#view", app.Values{"name": "High <b>tier</b>"}, 200)
	require.Equal(t, "/matrix?sort=owner&tier=high", page.URL.RequestURI())
	page.Want(`nav[aria-label="Your saved views"] a[aria-current=page]`, "High <b>tier</b>")

	page = ada.Get("/agents?q=invoice", 200)
	page.WantNot(`nav[aria-label="Your saved views"]`, "High")

	page = ada.Submit(ada.Get("/me/views", 200), "#forget-0", nil, 200)
	page.Want("h2", "You have saved no view")
}

// What is no view of a list of ours is refused: no address leads elsewhere.
func TestASavedViewIsOfAListOfOurs(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	ada := a.Client(t).Login(app.Admin.Subject)
	for _, view := range []string{"list=systems&view=q%3Dx", "list=matrix&view=", "list=matrix&view=" + strings.Repeat("q", 5000), "list=//evil.example/&view=q%3Dx", "list=matrix&view=next%3Dhttps://evil.example"} {
		ada.Get("/me/views/new?"+view, http.StatusNotFound)
	}
}
