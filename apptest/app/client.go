package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"countersign/store"
)

// Client is a browser without scripts, of one person. It is not for several
// goroutines at once: make one for each.
type Client struct {
	HTTP *http.Client            // does not follow redirects; its Jar holds the cookies
	Sent map[string]*http.Cookie // the cookies as the server last set them, with their attributes
	Last *Page

	app *App
	t   testing.TB
}

// Values are answers to a form. A key with several values: join them by "\x00"
// (no form of ours can hold that character).
type Values map[string]string

// Client makes a browser that nobody is signed in with.
func (a *App) Client(t testing.TB) *Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: a.tls}
	t.Cleanup(transport.CloseIdleConnections)
	return &Client{app: a, t: t, Sent: map[string]*http.Cookie{}, HTTP: &http.Client{Jar: jar, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Login signs in at the provider as the person with this subject, through every
// redirect, and stays on the page that the sign-in ends at.
func (c *Client) Login(subject string) *Client {
	c.t.Helper()
	c.choose(c.follow(c.Do(c.request(http.MethodGet, "/sign-in", nil))), subject)
	return c
}

// LoginAgain signs in afresh, for acts that ask for it, and comes back to the
// path. With a fixed clock, move it a second first.
func (c *Client) LoginAgain(subject, path string) *Page {
	c.t.Helper()
	return c.choose(c.follow(c.Do(c.request(http.MethodGet, "/sign-in/again?return="+url.QueryEscape(path), nil))), subject)
}

// choose takes the person's button on the provider's page.
func (c *Client) choose(page *Page, subject string) *Page {
	c.t.Helper()
	button := page.Find("button[name=subject]").FilterFunction(func(_ int, b *goquery.Selection) bool { return b.AttrOr("value", "") == subject })
	if button.Length() != 1 {
		c.t.Fatalf("the provider does not offer %q at %s:\n%s", subject, page.URL, page.Body)
	}
	return c.send(page, button.Closest("form"), Values{"subject": subject})
}

// Get opens a page, follows redirects, and wants the status at their end.
func (c *Client) Get(path string, want int) *Page {
	c.t.Helper()
	return c.want(c.follow(c.Do(c.request(http.MethodGet, path, nil))), want)
}

// Submit sends a form of the page: every field as the page fills it in (token
// and act id too), changed by the values; a value "-" leaves a field out. It
// follows redirects and wants the status at their end.
func (c *Client) Submit(page *Page, selector string, values Values, want int) *Page {
	c.t.Helper()
	form := page.Find(selector)
	if form.Length() != 1 || !form.Is("form") {
		c.t.Fatalf("%d forms match %q at %s:\n%s", form.Length(), selector, page.URL, page.Body)
	}
	return c.want(c.send(page, form, values), want)
}

// SubmitForm opens a page and sends the form on it that has this action.
func (c *Client) SubmitForm(path, action string, values Values, want int) *Page {
	c.t.Helper()
	return c.Submit(c.Get(path, http.StatusOK), `form[action="`+action+`"]`, values, want)
}

// Post sends values to a path with the token of the page that the client is on
// and an act id of its own (unless the values have one), follows redirects, and
// wants the status at their end. For what no page offers this person.
func (c *Client) Post(path string, values Values, want int) *Page {
	c.t.Helper()
	form := url.Values{"act_id": {store.NewActID()}, "csrf": {c.Token()}}
	values.into(form)
	return c.want(c.follow(c.Do(c.request(http.MethodPost, path, form))), want)
}

// Token is a token for a form: of the page that the client is on, or of a page
// that anyone may open.
func (c *Client) Token() string {
	c.t.Helper()
	if c.Last != nil && c.Last.Document != nil {
		if token := c.Last.Find("input[name=csrf]").First().AttrOr("value", ""); token != "" {
			return token
		}
	}
	c.Do(c.request(http.MethodGet, "/signed-out", nil)) // sets the cookie
	at, _ := url.Parse(c.app.URL)
	for _, cookie := range c.HTTP.Jar.Cookies(at) {
		if strings.HasSuffix(cookie.Name, "csrf") {
			return cookie.Value
		}
	}
	return ""
}

// Do sends one request and follows nothing.
func (c *Client) Do(req *http.Request) *Page {
	c.t.Helper()
	res, err := c.HTTP.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	for _, cookie := range res.Cookies() {
		c.Sent[cookie.Name] = cookie
	}
	c.Last = newPage(c.t, req.URL, res, string(body))
	return c.Last
}

// Request makes a request to the app, for Do; the form may be nil.
func (c *Client) Request(method, path string, form url.Values) *http.Request {
	c.t.Helper()
	return c.request(method, path, form)
}

func (c *Client) request(method, path string, form url.Values) *http.Request {
	c.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = c.app.URL + path
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req
}

func (c *Client) follow(page *Page) *Page {
	c.t.Helper()
	for range 10 {
		to := page.Header.Get("Location")
		if page.Status < 300 || page.Status > 399 || to == "" {
			return page
		}
		next, err := page.URL.Parse(to)
		if err != nil {
			c.t.Fatalf("%s leads to %q: %v", page.URL, to, err)
		}
		page = c.Do(c.request(http.MethodGet, next.String(), nil))
	}
	c.t.Fatalf("too many redirects, the last to %s", page.URL)
	return nil
}

func (c *Client) want(page *Page, status int) *Page {
	c.t.Helper()
	if page.Status != status {
		c.t.Fatalf("%s answered %d, want %d:\n%s", page.URL, page.Status, status, page.Body)
	}
	return page
}

// send sends a form as the page fills it in, changed by the values.
func (c *Client) send(page *Page, form *goquery.Selection, values Values) *Page {
	c.t.Helper()
	to, err := page.URL.Parse(form.AttrOr("action", ""))
	if err != nil {
		c.t.Fatal(err)
	}
	filled := fields(form)
	values.into(filled)
	if strings.EqualFold(form.AttrOr("method", "get"), http.MethodPost) {
		return c.follow(c.Do(c.request(http.MethodPost, to.String(), filled)))
	}
	to.RawQuery = filled.Encode()
	return c.follow(c.Do(c.request(http.MethodGet, to.String(), nil)))
}

// into changes a form's fields.
func (v Values) into(form url.Values) {
	for key, value := range v {
		if value == "-" {
			form.Del(key)
			continue
		}
		form[key] = strings.Split(value, "\x00")
	}
}

// fields are a form's fields as a browser would send them without a press on a
// button that has a name.
func fields(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		name := f.AttrOr("name", "")
		if _, off := f.Attr("disabled"); off {
			return
		}
		switch {
		case f.Is("textarea"):
			out.Add(name, f.Text())
		case f.Is("select"):
			f.Find("option[selected]").Each(func(_ int, o *goquery.Selection) { out.Add(name, o.AttrOr("value", o.Text())) })
			if _, multiple := f.Attr("multiple"); !multiple && !out.Has(name) && f.Find("option").Length() > 0 {
				first := f.Find("option").First()
				out.Add(name, first.AttrOr("value", first.Text()))
			}
		case f.AttrOr("type", "text") == "checkbox" || f.AttrOr("type", "text") == "radio":
			if _, checked := f.Attr("checked"); checked {
				out.Add(name, f.AttrOr("value", "on"))
			}
		case f.AttrOr("type", "text") == "submit", f.AttrOr("type", "text") == "file":
		default:
			out.Add(name, f.AttrOr("value", ""))
		}
	})
	return out
}
