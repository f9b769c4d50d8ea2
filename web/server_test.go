package web_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
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
	"countersign/models"
	"countersign/static"
	"countersign/views"
	"countersign/web"
)

// echoRoutes are a form and where it is sent; the answer is what was in it.
func echoRoutes() app.Option {
	return app.With(
		web.WithRoute(web.Route{Method: http.MethodGet, Path: "/form", Guard: web.Anyone, Handler: func(r *handlers.Request) error {
			return r.Render(http.StatusOK, views.Message(r.Head("A form", ""), views.MessagePage{Title: "token=" + r.CSRF}))
		}}),
		web.WithRoute(web.Route{Method: http.MethodPost, Path: "/form", Guard: web.Anyone, Handler: func(r *handlers.Request) error {
			return r.String(http.StatusOK, "got "+r.Form("text"))
		}}),
		web.WithRoute(web.Route{Method: http.MethodPost, Path: "/upload", Guard: web.Anyone, Body: 8 << 20, Handler: func(r *handlers.Request) error {
			file, err := r.FormFile("file")
			if err != nil {
				return err
			}
			return r.String(http.StatusOK, fmt.Sprint(file.Size))
		}}),
		web.WithRoute(web.Route{Method: http.MethodPost, Path: "/machine", Guard: web.Machine, Handler: func(r *handlers.Request) error {
			body, err := io.ReadAll(r.Request().Body)
			if err != nil {
				return err
			}
			return models.Refusal(models.Invalid, "test", "%d bytes", len(body))
		}}),
	)
}

func TestHeadersAreOnEveryAnswer(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	c := a.Client(t).Login(app.Admin.Subject)
	for _, at := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/healthz", 200}, {"GET", "/readyz", 200}, {"GET", "/sign-in", 303}, {"GET", "/sign-in/callback", 400}, {"GET", "/signed-out", 303},
		{"GET", "/nowhere", 404}, {"HEAD", "/nowhere", 404}, {"POST", "/nowhere", 404}, {"DELETE", "/sign-in", 405}, {"BREW", "/sign-in", 405},
		{"GET", static.Path("app.css"), 200}, {"GET", "/static/none.css", 404}, {"POST", "/sign-out", 403}, {"GET", "/form?q=%00", 422}, {"GET", "/form", 200}, {"HEAD", "/form", 200},
		{"POST", "/machine", 422},
	} {
		page := c.Do(c.Request(at.method, at.path, nil))
		name := at.method + " " + at.path
		assert.Equal(t, at.status, page.Status, name)
		policy := page.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			assert.Contains(t, policy, part, name)
		}
		assert.NotContains(t, policy, "unsafe", name)
		assert.Equal(t, "nosniff", page.Header.Get("X-Content-Type-Options"), name)
		assert.Equal(t, "DENY", page.Header.Get("X-Frame-Options"), name)
		assert.Equal(t, "same-origin", page.Header.Get("Referrer-Policy"), name)
		assert.Equal(t, "same-origin", page.Header.Get("Cross-Origin-Opener-Policy"), name)
		assert.Equal(t, "same-origin", page.Header.Get("Cross-Origin-Resource-Policy"), name)
		assert.NotEmpty(t, page.Header.Get("Permissions-Policy"), name)
		assert.Len(t, page.Header.Get("X-Request-Id"), 16, name)
		assert.Empty(t, page.Header.Get("Server"), name)
		assert.Empty(t, page.Header.Get("Strict-Transport-Security"), "plain http has none")
		if strings.HasPrefix(at.path, "/static/app") {
			assert.Contains(t, page.Header.Get("Cache-Control"), "immutable", name)
		} else {
			assert.Equal(t, []string{"no-store"}, page.Header.Values("Cache-Control"), name)
		}
	}
}

func TestHeadAnswersAsGet(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	c := a.Client(t)
	get, head := c.Do(c.Request("GET", "/signed-out", nil)), c.Do(c.Request("HEAD", "/signed-out", nil))
	require.Equal(t, get.Status, head.Status)
	require.Empty(t, head.Body)
	require.Equal(t, get.Header.Get("Content-Type"), head.Header.Get("Content-Type"))
	wrong := c.Do(c.Request("DELETE", "/sign-out", nil))
	require.Equal(t, http.StatusMethodNotAllowed, wrong.Status)
	require.Contains(t, wrong.Header.Get("Allow"), "POST")
}

func TestPagesAreCompressed(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	for _, path := range []string{"/signed-out", "/nowhere", static.Path("app.css")} {
		c := a.Client(t)
		req := c.Request("GET", path, nil)
		req.Header.Set("Accept-Encoding", "gzip")
		page := c.Do(req)
		if path != "/nowhere" { // an error is drawn outside of it, and is short
			assert.Equal(t, "gzip", page.Header.Get("Content-Encoding"), path)
		}
		assert.Contains(t, page.Header.Values("Vary"), "Accept-Encoding", path)
	}
}

// The two ways in which a form proves where it comes from, and every way in
// which it does not.
func TestForgedForms(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	send := func(c *app.Client, site, token string) *app.Page {
		form := url.Values{"text": {"x"}}
		if token != "" {
			form.Set("csrf", token)
		}
		req := c.Request(http.MethodPost, "/form", form)
		if site != "" {
			req.Header.Set("Sec-Fetch-Site", site)
		}
		return c.Do(req)
	}
	c := a.Client(t)
	page := c.Get("/form", http.StatusOK)
	token := strings.TrimPrefix(page.Text("h1"), "token=")
	require.Len(t, token, 32)

	t.Run("a browser that says where from", func(t *testing.T) {
		assert.Equal(t, 200, send(c, "same-origin", "").Status)
		assert.Equal(t, 403, send(c, "cross-site", token).Status, "even with the token")
		assert.Equal(t, 403, send(c, "same-site", token).Status, "a neighbour is another site")
		assert.Equal(t, 403, send(c, "nonsense", token).Status)
	})
	t.Run("a browser that does not", func(t *testing.T) {
		assert.Equal(t, 200, send(c, "", token).Status)
		assert.Equal(t, 403, send(c, "", "").Status)
		assert.Equal(t, 403, send(c, "", strings.Repeat("a", 32)).Status)
		assert.Equal(t, 403, send(a.Client(t), "", token).Status, "somebody else's token")
		assert.Equal(t, 403, send(c, "", "_echo_csrf_using_sec_fetch_site_").Status, "the word that stands for no token")
	})
	t.Run("an empty cookie equals no empty token", func(t *testing.T) {
		d := a.Client(t)
		req := d.Request(http.MethodPost, "/form", url.Values{"text": {"x"}, "csrf": {""}})
		req.Header.Set("Cookie", "countersign_demo_csrf=")
		assert.Equal(t, 403, d.Do(req).Status)
	})
	t.Run("the page says what to do", func(t *testing.T) {
		req := c.Request(http.MethodPost, "/form", url.Values{"text": {"x"}})
		req.Header.Set("Referer", a.URL+"/form?a=b")
		page := c.Do(req)
		page.Want("h1", "could not be checked").Want("p", "Nothing was changed")
		assert.Equal(t, "/form?a=b", page.Find("a.btn").AttrOr("href", ""))
	})
	t.Run("signing out", func(t *testing.T) {
		ada := a.Client(t).Login(app.Admin.Subject)
		req := ada.Request(http.MethodPost, "/sign-out", url.Values{})
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		assert.Equal(t, 403, ada.Do(req).Status)
		assert.NotEmpty(t, session(t, a, ada))
	})
}

func TestBodiesThatAreRefused(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	c := a.Client(t)
	post := func(path, kind, body string) *app.Page {
		req := c.Request(http.MethodPost, path, url.Values{})
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		return c.Do(req)
	}
	const form = "application/x-www-form-urlencoded"
	assert.Equal(t, 200, post("/form", form, "text=hello").Status)
	assert.Equal(t, 200, post("/form", form, "text=Z%C3%BCrich%0Aline+2").Status)
	assert.Equal(t, 200, post("/form", form, "text="+strings.Repeat("a", 2<<20-100)).Status)
	post("/form", form, "text=a%00b").Want("p", "so nothing was changed")
	for body, status := range map[string]int{
		"text=a%00b": 422, "a%00b=x": 422, "text=%ff%fe": 422, "%ff=x": 422, "text=%zz": 400, "text=" + strings.Repeat("a", 3<<20): 413,
	} {
		assert.Equal(t, status, post("/form", form, body).Status, "%.20q", body)
	}
	assert.Equal(t, 422, post("/form?q=%00", form, "text=x").Status)
	assert.Equal(t, 422, post("/form?q=%ff", form, "text=x").Status)
	assert.Equal(t, 415, post("/form", "application/json", `{"text":"x"}`).Status)
	assert.Equal(t, 415, post("/form", "text/plain", "text=x").Status)
	assert.Equal(t, 400, post("/form", "multipart/form-data", "text=x").Status)

	upload := func(size int, name string) *app.Page {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormFile("file", "agents.json")
		require.NoError(t, err)
		_, err = part.Write(bytes.Repeat([]byte("a"), size))
		require.NoError(t, err)
		require.NoError(t, w.WriteField("name", name))
		require.NoError(t, w.Close())
		return post("/upload", w.FormDataContentType(), body.String())
	}
	assert.Equal(t, "5242880", upload(5<<20, "x").Body)
	assert.Equal(t, 413, upload(9<<20, "x").Status)
	assert.Equal(t, 422, upload(10, "a\x00b").Status)

	page := post("/machine", "application/json", strings.Repeat("a", 3<<20))
	assert.Equal(t, 413, page.Status)
	page = post("/machine", "application/json", "{}")
	assert.Equal(t, http.StatusUnprocessableEntity, page.Status)
	assert.Equal(t, "application/problem+json", page.Header.Get("Content-Type"))
	assert.Contains(t, page.Body, `"detail":"2 bytes"`)
}

// Who reads nothing before all was sent, as browsers do, is told that it was too much: what is
// sent here is more than waits in between, so a server that stops taking it breaks off the sending.
func TestTooLargeIsAnsweredToWhoSendsFirst(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	body := strings.Repeat("a", 24<<20)
	_, err = fmt.Fprintf(conn, "POST /machine HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", strings.TrimPrefix(a.URL, "http://"), len(body), body)
	require.NoError(t, err, "all of it is taken")
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
}

// Every kind of refusal, as a page and as a fragment; what is our fault says
// nothing of why.
func TestErrors(t *testing.T) {
	fails := web.Route{Method: http.MethodGet, Path: "/fails/:how", Guard: web.SignedIn, Handler: func(r *handlers.Request) error {
		switch how := r.Param("how"); how {
		case "panic":
			panic("a secret in a panic")
		case "plain":
			return errors.New("a secret in an error")
		case "wrapped":
			return fmt.Errorf("cannot sign off: %w", models.Refusal(models.Forbidden, "separation.approver", "You wrote a part of this."))
		case "fields":
			return &models.Error{Code: models.Invalid, Message: "There is a problem.", Fields: []models.FieldError{{Field: "name", Message: "Give it a name."}}}
		default:
			r.Response().Header().Set("Content-Type", "text/csv")
			return models.Refusal(models.Code(how), "test", "The <b>reason</b>.")
		}
	}}
	a := app.Start(t, apptest.SQLiteURL(t), app.With(web.WithRoute(fails)))
	c := a.Client(t).Login(app.Admin.Subject)
	for how, status := range map[string]int{"invalid": 422, "forbidden": 403, "not_found": 404, "conflict": 409, "stale": 401, "busy": 503} {
		page := c.Get("/fails/"+how, status)
		page.Want("main p", "The <b>reason</b>.").Want(".cs-me-name", app.Admin.Name)
		assert.Contains(t, page.Header.Get("Content-Type"), "text/html", how)

		req := c.Request(http.MethodGet, "/fails/"+how, nil)
		req.Header.Set("HX-Request", "true")
		part := c.Do(req)
		assert.Equal(t, status, part.Status)
		part.Want("[role=alert]", "The <b>reason</b>.")
		assert.Zero(t, part.Find("header").Length(), "a fragment, not a page")
		assert.Equal(t, "#main", part.Header.Get("HX-Retarget"))
	}
	assert.Equal(t, "/sign-in/again?return=%2Ffails%2Fstale%3Fa%3Db", c.Get("/fails/stale?a=b", 401).Find("a.btn").AttrOr("href", ""))
	assert.Equal(t, "2", c.Get("/fails/busy", 503).Header.Get("Retry-After"))
	c.Get("/fails/wrapped", 403).Want("main", "You wrote a part of this.").WantNot("main", "cannot sign off")
	c.Get("/fails/fields", 422).Want("main li", "Give it a name.")
	for _, how := range []string{"panic", "plain"} {
		page := c.Get("/fails/"+how, 500)
		page.WantNot("html", "secret").Want("code", page.Header.Get("X-Request-Id"))
		assert.Equal(t, 1, strings.Count(a.Log.String(), "a secret in a"+map[string]string{"panic": " panic", "plain": "n error"}[how]), "said once")
	}
	assert.Contains(t, a.Log.String(), "server_test.go", "the log has the panic's stack")
}

func TestGuards(t *testing.T) {
	routes := []web.Option{
		web.WithRoute(web.Route{Method: http.MethodGet, Path: "/for/approvers", Guard: web.Role(models.Approver), Handler: ok}),
		web.WithRoute(web.Route{Method: http.MethodGet, Path: "/for/admins", Guard: web.Role(models.Auditor, models.Administrator), Handler: ok}),
		web.WithRoute(web.Route{Method: http.MethodGet, Path: "/for/nobody", Handler: ok}),
		web.WithRoute(whoRoute(web.SignedIn)),
	}
	a := app.Start(t, apptest.SQLiteURL(t), app.With(routes...))
	c := a.Client(t).Login(app.Admin.Subject)
	c.Get("/for/admins", 200)
	c.Get("/who", 200)
	c.Get("/for/approvers", 403).Want("main", "Only a person with the role approver")
	c.Get("/for/nobody", 403)

	nobody := a.Client(t)
	page := nobody.Do(nobody.Request(http.MethodGet, "/for/admins?q=a", nil))
	assert.Equal(t, "/sign-in?return=%2Ffor%2Fadmins%3Fq%3Da", page.Header.Get("Location"))
	req := nobody.Request(http.MethodGet, "/for/admins", nil)
	req.Header.Set("HX-Request", "true")
	req.Header.Set("HX-Current-URL", a.URL+"/agents")
	page = nobody.Do(req)
	assert.Equal(t, http.StatusNoContent, page.Status)
	assert.Equal(t, "/sign-in?return=%2Fagents", page.Header.Get("HX-Redirect"))
}

func ok(r *handlers.Request) error { return r.String(http.StatusOK, "ok") }

// Nobody gets past any door that is not meant for anyone.
func TestEveryRouteIsGuarded(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	seen := map[string]bool{}
	for _, route := range web.Routes() {
		name := route.Method + " " + route.Path
		assert.False(t, seen[name], "%s is there twice", name)
		seen[name] = true
		assert.NotNil(t, route.Handler, name)
		assert.NotEmpty(t, route.Guard.String(), "%s has no guard", name)
		if route.Guard.Machine() || route.Guard.String() == "anyone" {
			continue
		}
		assert.False(t, route.Guard.Lets(models.Party{}), name)
		c := a.Client(t)
		req := c.Request(route.Method, strings.NewReplacer(":", "x", "*", "x").Replace(route.Path), nil)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		page := c.Do(req)
		if route.Method == http.MethodGet {
			assert.Equal(t, http.StatusSeeOther, page.Status, name)
			assert.Contains(t, page.Header.Get("Location"), "/sign-in?return=", name)
		} else {
			assert.Equal(t, http.StatusUnauthorized, page.Status, name)
		}
	}
}

func TestFlashIsSaidOnce(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), app.With(web.WithRoute(web.Route{Method: http.MethodPost, Path: "/act", Guard: web.SignedIn, Handler: func(r *handlers.Request) error {
		act, err := r.Act()
		if err != nil {
			return err
		}
		r.Flash(views.KindSuccess, "Recorded as "+act.Person)
		return r.Redirect("/nowhere")
	}})))
	c := a.Client(t).Login(app.Admin.Subject)
	c.Post("/act", nil, 404).Want("[role=status]", "Recorded as ")
	c.Get("/nowhere", 404).WantNot("[role=status]", "Recorded")
	for _, bad := range []string{"-", "", "short", "UPPER" + strings.Repeat("a", 20), strings.Repeat("a", 41)} {
		c.Post("/act", app.Values{"act_id": bad}, 422).Want("p", "nothing was changed")
	}
}

func TestHealth(t *testing.T) {
	t.Run("all is well", func(t *testing.T) {
		c := app.Start(t, apptest.SQLiteURL(t)).Client(t)
		require.Equal(t, "ok\n", c.Get("/healthz", 200).Body)
		require.Equal(t, "ready\n", c.Get("/readyz", 200).Body)
		require.Empty(t, c.Sent, "a probe gets no cookies")
	})
	t.Run("not migrated", func(t *testing.T) {
		a := app.Start(t, apptest.SQLiteURL(t), app.Unmigrated())
		c := a.Client(t)
		c.Get("/healthz", 200)
		require.Regexp(t, `^not ready: the database lacks \d+ migrations`, c.Get("/readyz", 503).Body)
		require.NoError(t, a.Store.Migrate(t.Context()))
		c.Get("/readyz", 200)
	})
	t.Run("no database", func(t *testing.T) {
		a := app.Start(t, apptest.SQLiteURL(t))
		require.NoError(t, a.Store.Close())
		c := a.Client(t)
		c.Get("/healthz", 200)
		require.Equal(t, "not ready: the database cannot be reached\n", c.Get("/readyz", 503).Body)
	})
}

// A form that is half sent when the server is told to stop is still answered.
func TestStopLetsRequestsEnd(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), echoRoutes())
	address := strings.TrimPrefix(a.URL, "http://")
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "POST /form HTTP/1.1\r\nHost: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\ntext", address)
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond) // until it is being read

	a.BeginStop()
	require.Eventually(t, func() bool {
		other, err := net.Dial("tcp", address)
		if err == nil {
			_ = other.Close()
		}
		return err != nil
	}, 5*time.Second, 10*time.Millisecond, "no new connections")

	_, err = conn.Write([]byte("=end"))
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "got end", string(body))
	require.NoError(t, a.Stop())
}

// The address of the log is the connection's own, unless a named proxy says otherwise.
func TestWhoseAddress(t *testing.T) {
	from := func(proxies ...string) string {
		a := app.Start(t, apptest.SQLiteURL(t), app.Configure(func(c *web.Config) { c.TrustedProxies = proxies }), app.With(web.WithRoute(
			web.Route{Method: http.MethodGet, Path: "/from", Guard: web.Anyone, Handler: func(r *handlers.Request) error { return r.String(200, r.RealIP()) }})))
		c := a.Client(t)
		req := c.Request(http.MethodGet, "/from", nil)
		req.Header.Set("X-Forwarded-For", "6.6.6.6, 203.0.113.9")
		req.Header.Set("X-Real-Ip", "6.6.6.6")
		return c.Do(req).Body
	}
	assert.Equal(t, "127.0.0.1", from())
	assert.Equal(t, "203.0.113.9", from("127.0.0.1"))
	assert.Equal(t, "127.0.0.1", from("10.0.0.0/8"))
}
