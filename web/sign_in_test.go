package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
)

// noon is when tests with a fixed clock begin.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func cookieOf(t *testing.T, page *app.Page, prefix string) *http.Cookie {
	t.Helper()
	for _, line := range page.Header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		require.NoError(t, err)
		if strings.HasPrefix(cookie.Name, prefix) {
			return cookie
		}
	}
	return nil
}

func session(t *testing.T, a *app.App, c *app.Client) string {
	t.Helper()
	at, err := url.Parse(a.URL)
	require.NoError(t, err)
	for _, cookie := range c.HTTP.Jar.Cookies(at) {
		if cookie.Name == "countersign_demo" || cookie.Name == "__Host-countersign" {
			return cookie.Value
		}
	}
	return ""
}

func TestSignInAndOut(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, database string) {
		a := app.Start(t, database)
		ada := a.Client(t).Login(app.Admin.Subject)
		require.NotEmpty(t, session(t, a, ada))

		page := ada.Get("/nowhere", http.StatusNotFound)
		page.Want(".cs-me-name", app.Admin.Name).Want(".cs-nav", "Administration")

		page = ada.Submit(page, ".cs-me form", nil, http.StatusOK)
		page.Want("h1", "You are signed out")
		assert.Empty(t, session(t, a, ada))
		ada.Get("/nowhere", http.StatusNotFound).WantNot("body", app.Admin.Name)
	})
}
