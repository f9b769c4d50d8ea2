package web_test

import (
	"database/sql"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/handlers"
	"countersign/web"
)

// noon is when tests with a fixed clock begin.
var noon = time.Now().UTC().Truncate(time.Second)

func encode(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// session is the session's token in the browser; "" for none.
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

// setSession puts a token into the browser, as somebody might who planted one
// or kept an old one.
func setSession(t *testing.T, a *app.App, c *app.Client, token string) {
	t.Helper()
	at, err := url.Parse(a.URL)
	require.NoError(t, err)
	c.HTTP.Jar.SetCookies(at, []*http.Cookie{{Name: "countersign_demo", Value: token, Path: "/"}})
}

func TestSignInAndOut(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, database string) {
		a := app.Start(t, database)
		ada := a.Client(t).Login(app.Admin.Subject)
		kept := session(t, a, ada)
		require.NotEmpty(t, kept)

		page := ada.Get("/nowhere", http.StatusNotFound)
		page.Want(".cs-me-name", app.Admin.Name).Want(".cs-nav", "Administration")

		page = ada.Submit(page, ".cs-me form", nil, http.StatusOK)
		page.Want("h1", "You are signed out")
		assert.Empty(t, session(t, a, ada))

		setSession(t, a, ada, kept)
		ada.Get("/nowhere", http.StatusNotFound).WantNot("body", app.Admin.Name)
	})
}

func TestUnlinkedAccountGetsNoAccess(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), app.With(web.WithRoute(whoRoute(web.SignedIn))))
	c := a.Client(t).Login(app.Stranger.Subject)
	c.Last.Want("h1", "This sign-in is not linked to anyone yet").Want("dd", a.Issuer).Want("dd", "stranger")
	require.Equal(t, http.StatusForbidden, c.Last.Status)
	require.Empty(t, session(t, a, c))

	// Somebody who signs in over their own session as a stranger keeps neither.
	ada := a.Client(t).Login(app.Admin.Subject)
	kept := session(t, a, ada)
	ada.Do(ada.Request(http.MethodGet, "/sign-in/again", nil))
	ada.Post("/sign-out", nil, http.StatusOK)
	ada.Login(app.Stranger.Subject)
	setSession(t, a, ada, kept)
	require.Equal(t, http.StatusSeeOther, ada.Do(ada.Request(http.MethodGet, "/who", nil)).Status)
}

// whoRoute answers with the viewer's name.
func whoRoute(g web.Guard) web.Route {
	return web.Route{Method: http.MethodGet, Path: "/who", Guard: g, Handler: func(r *handlers.Request) error {
		return r.String(http.StatusOK, r.Viewer.Person.Name)
	}}
}

func TestSessionIsRenewedAtSignIn(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), app.With(web.WithRoute(whoRoute(web.SignedIn))))
	c := a.Client(t)
	planted := strings.Repeat("A", 43)
	setSession(t, a, c, planted)
	c.Login(app.Admin.Subject)
	first := session(t, a, c)
	require.NotEqual(t, planted, first)
	require.NotEmpty(t, first)

	time.Sleep(1100 * time.Millisecond) // auth_time counts seconds
	c.LoginAgain(app.Admin.Subject, "/who")
	require.Equal(t, app.Admin.Name, c.Last.Body)
	require.NotEqual(t, first, session(t, a, c))

	for _, old := range []string{planted, first} {
		thief := a.Client(t)
		setSession(t, a, thief, old)
		require.Equal(t, http.StatusSeeOther, thief.Do(thief.Request(http.MethodGet, "/who", nil)).Status)
	}
}

func TestSessionsEnd(t *testing.T) {
	start := func(t *testing.T) (*app.App, *app.Client) {
		a := app.Start(t, apptest.SQLiteURL(t), app.At(noon), app.With(web.WithRoute(whoRoute(web.SignedIn))))
		return a, a.Client(t).Login(app.Admin.Subject)
	}
	who := func(c *app.Client) int { return c.Do(c.Request(http.MethodGet, "/who", nil)).Status }

	t.Run("idle", func(t *testing.T) {
		a, c := start(t)
		for range 3 { // 87 minutes, never more than 29 without a request
			a.Clock.Move(29 * time.Minute)
			require.Equal(t, http.StatusOK, who(c))
		}
		a.Clock.Move(30*time.Minute + time.Second)
		require.Equal(t, http.StatusSeeOther, who(c))
		require.Empty(t, session(t, a, c))
	})
	t.Run("absolute", func(t *testing.T) {
		a, c := start(t)
		for range 12*3 - 1 {
			a.Clock.Move(20 * time.Minute)
			require.Equal(t, http.StatusOK, who(c))
		}
		a.Clock.Move(20*time.Minute + time.Second)
		require.Equal(t, http.StatusSeeOther, who(c))
	})
	t.Run("a form is told", func(t *testing.T) {
		a := app.Start(t, apptest.SQLiteURL(t), app.At(noon), app.With(web.WithRoute(web.Route{Method: http.MethodPost, Path: "/who", Guard: web.SignedIn, Handler: whoRoute(web.SignedIn).Handler})))
		c := a.Client(t).Login(app.Admin.Subject)
		a.Clock.Move(time.Hour)
		page := c.Post("/who", nil, http.StatusUnauthorized)
		page.Want("h1", "You are signed out").Want("p", "nothing was changed")
	})
}

// A request that began before the sign-out and ends after it.
func TestSignOutIsNotUndone(t *testing.T) {
	inside, goOn := make(chan bool), make(chan bool)
	slow := web.Route{Method: http.MethodGet, Path: "/slow", Guard: web.SignedIn, Handler: func(r *handlers.Request) error {
		inside <- true
		<-goOn
		r.Flash("info", "Late") // changes the session
		return r.String(http.StatusOK, "done")
	}}
	a := app.Start(t, apptest.SQLiteURL(t), app.With(web.WithRoute(slow), web.WithRoute(whoRoute(web.SignedIn))))
	c := a.Client(t).Login(app.Admin.Subject)
	kept := session(t, a, c)
	late := a.Client(t)
	setSession(t, a, late, kept)
	ended := make(chan int)
	go func() { ended <- late.Do(late.Request(http.MethodGet, "/slow", nil)).Status }()
	<-inside
	c.Post("/sign-out", nil, http.StatusOK)
	goOn <- true
	require.Equal(t, http.StatusOK, <-ended)

	thief := a.Client(t)
	setSession(t, a, thief, kept)
	require.Equal(t, http.StatusSeeOther, thief.Do(thief.Request(http.MethodGet, "/who", nil)).Status)
}

func TestAccessEnds(t *testing.T) {
	database := apptest.SQLiteURL(t)
	a := app.Start(t, database, app.With(web.WithRoute(whoRoute(web.SignedIn))))
	c := a.Client(t).Login(app.Admin.Subject)
	c.Get("/who", http.StatusOK)

	db, err := sql.Open("sqlite3", database)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	_, err = db.Exec("UPDATE people SET status = 'left', rev = rev + 1")
	require.NoError(t, err)

	c.Get("/who", http.StatusForbidden).Want("h1", "Your access has ended")
	require.Empty(t, session(t, a, c))
	c.Login(app.Admin.Subject)
	require.Equal(t, http.StatusForbidden, c.Last.Status)
	require.Empty(t, session(t, a, c))
}

func TestTheDatabaseHasNoToken(t *testing.T) {
	database := apptest.SQLiteURL(t)
	a := app.Start(t, database)
	c := a.Client(t).Login(app.Admin.Subject)
	db, err := sql.Open("sqlite3", database)
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	var hash string
	var data []byte
	require.NoError(t, db.QueryRow("SELECT token_hash, data FROM sessions").Scan(&hash, &data))
	require.Len(t, hash, 64)
	for _, kept := range []string{hash, string(data)} {
		require.NotContains(t, kept, session(t, a, c))
		require.NotContains(t, kept, "eyJ")
	}
	require.NotContains(t, a.Log.String(), session(t, a, c))
	require.NotContains(t, a.Log.String(), "code=")
}

func TestReturnPathStaysHere(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	for _, to := range []string{
		"https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "/%5cevil.example", "/%2fevil.example/",
		"/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "evil.example", "///evil.example", "/a\x00b", "http:/evil.example", "@evil.example", "/sign-in/again", "/sign-out",
		"/" + strings.Repeat("a", 3000),
	} {
		c := a.Client(t)
		page := c.Do(c.Request(http.MethodGet, "/sign-in?return="+url.QueryEscape(to), nil))
		if page.Status == http.StatusUnprocessableEntity {
			continue // refused outright
		}
		c.Get(page.Header.Get("Location"), http.StatusOK)
		c.Submit(c.Last, "form", app.Values{"subject": app.Admin.Subject}, http.StatusOK)
		assert.Equal(t, a.URL+"/", c.Last.URL.String(), "%q", to)
		assert.Equal(t, "/", c.Do(c.Request(http.MethodGet, "/sign-in?return="+url.QueryEscape(to), nil)).Header.Get("Location"), "%q, signed in", to)
	}
	c := a.Client(t)
	c.Get("/sign-in?return="+url.QueryEscape("/agents?tier=high&q=a%20b"), http.StatusOK)
	c.Submit(c.Last, "form", app.Values{"subject": app.Admin.Subject}, http.StatusOK)
	require.Equal(t, a.URL+"/agents?tier=high&q=a%20b", c.Last.URL.String())
}

func TestCookies(t *testing.T) {
	for _, secure := range []bool{true, false} {
		var options []app.Option
		names := []string{"countersign_demo", "countersign_demo_in_", "countersign_demo_csrf"}
		if secure {
			options = append(options, app.HTTPS())
			names = []string{"__Host-countersign", "__Host-countersign-in-", "__Host-countersign-csrf"}
		}
		a := app.Start(t, apptest.SQLiteURL(t), options...)
		c := a.Client(t)
		c.Get("/sign-in", http.StatusOK)
		begun := map[string]*http.Cookie{}
		for name, cookie := range c.Sent {
			if strings.HasPrefix(name, names[1]) {
				begun[names[1]] = cookie
			}
		}
		c.Login(app.Admin.Subject)
		begun[names[0]], begun[names[2]] = c.Sent[names[0]], c.Sent[names[2]]
		for _, name := range names {
			cookie := begun[name]
			require.NotNil(t, cookie, name)
			assert.Equal(t, secure, cookie.Secure, name)
			assert.True(t, cookie.HttpOnly, name)
			assert.Equal(t, "/", cookie.Path, name)
			assert.Empty(t, cookie.Domain, name)
			assert.Equal(t, http.SameSiteLaxMode, cookie.SameSite, name)
		}
		assert.Zero(t, begun[names[0]].MaxAge, "the session's cookie goes with the browser")
		for name, cookie := range c.Sent {
			if strings.HasPrefix(name, names[1]) {
				assert.True(t, cookie.MaxAge < 0 || cookie.MaxAge == 600, name)
			}
		}
	}
}

func TestDemoIsAtHomeUnderOneName(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	c := a.Client(t)
	other := strings.Replace(a.URL, "localhost", "127.0.0.1", 1)
	page := c.Do(c.Request(http.MethodGet, other+"/sign-in?return=/agents", nil))
	require.Equal(t, a.URL+"/sign-in?return=/agents", page.Header.Get("Location"))
}
