// Package handlers parses what people and machines send, makes one call, and
// answers. One feature a file, named noun_verb.go; web/routes.go says which
// address leads here and who may come.
package handlers

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"countersign/ledger/passkey"
	"countersign/models"
	"countersign/notify"
	"countersign/store"
	"countersign/views"
)

// Handler answers one request. What it returns is drawn by web, in one place;
// people see only the message of a models.Error.
type Handler = func(*Request) error

// App is what every handler may use. web makes it, once.
type App struct {
	Store    *store.Store
	Sessions *scs.SessionManager
	Provider *Provider // the identity provider
	Log      *slog.Logger
	Now      func() time.Time
	Ready    func(context.Context) error // nil when requests may come
	Waiting  func(context.Context, models.Party) (int, error)

	Passkeys *passkey.Party // nil where browsers allow none

	MailHost, MailFrom string       // of the mail server; "" for none
	Allow              notify.Allow // what hooks may lead to besides the public internet

	PublicURL   string // scheme and host
	Demo        bool   // says so on every page
	Secure      bool   // cookies for https only
	IdleTimeout time.Duration
	FullTimeout time.Duration // of a session, idle or not
}

// Request is one request with what is always asked about it. The form and the
// query were checked before: valid UTF-8, no NUL, of bounded size.
type Request struct {
	echo.Context
	App       *App
	Viewer    models.Party   // zero when nobody is signed in
	AccountID string         // the account that Viewer signed in with
	AuthAt    models.Instant // when the viewer last signed in at the identity provider
	CSRF      string         // for the hidden input "csrf"
	ID        string         // of this request, in the log and on error pages

	located *time.Location // the viewer's, once it was looked up: its file is read each time

	waits int // how much waits for the viewer, where the page has counted it; 0 where it has not
}

// Ctx is the request's context, for calls to the store.
func (r *Request) Ctx() context.Context { return r.Request().Context() }

// SignedIn says whether somebody is.
func (r *Request) SignedIn() bool { return r.Viewer.Person.ID != "" }

// Form is an answer of the posted form, without spaces around it.
func (r *Request) Form(key string) string {
	return strings.TrimSpace(r.Request().PostForm.Get(key))
}

// FormAll is every answer under a key, such as ticked boxes, without empty ones.
func (r *Request) FormAll(key string) []string {
	var all []string
	for _, v := range r.Request().PostForm[key] {
		if v = strings.TrimSpace(v); v != "" {
			all = append(all, v)
		}
	}
	return all
}

// Query is a parameter of the address, without spaces around it.
func (r *Request) Query(key string) string { return strings.TrimSpace(r.QueryParam(key)) }

// Act is the attempt that this form makes: its nonce, and who sent it. Refused
// as Invalid: a nonce that is missing or not of the form that NewActID gives.
func (r *Request) Act() (models.Act, error) {
	id := r.Form("act_id")
	if !models.ValidActID(id) {
		return models.Act{}, models.Refusal(models.Invalid, "act.nonce",
			"This form is incomplete, so nothing was changed. Load the page again and send the form once more.")
	}
	return models.Act{ID: id, Person: r.Viewer.Person.ID, AuthAt: r.AuthAt}, nil
}

const nonceText = "0123456789abcdefghijklmnopqrstuv"

// NewActID is a nonce for a form: 26 letters and digits, 130 bits.
func (r *Request) NewActID() string {
	b := make([]byte, 26)
	_, _ = rand.Read(b) // never fails: it ends the program rather than give less
	for i := range b {
		b[i] = nonceText[b[i]&31]
	}
	return string(b)
}

// Keys are a form's hidden fields. A form that is drawn again after a refusal
// keeps its nonce, so that sending it twice is still one act.
func (r *Request) Keys() views.FormKeys {
	keys := views.FormKeys{CSRF: r.CSRF, ActID: r.Form("act_id")}
	if !models.ValidActID(keys.ActID) {
		keys.ActID = r.NewActID()
	}
	return keys
}

// Fresh says whether the viewer signed in just now, as high and critical
// sign-offs ask. A page that leads to such an act offers FreshHref first.
func (r *Request) Fresh() bool {
	return r.SignedIn() && models.At(r.App.Now())-r.AuthAt <= models.FreshFor
}

// FreshHref is a fresh sign-in that comes back to this very page.
func (r *Request) FreshHref() string {
	return "/sign-in/again?return=" + url.QueryEscape(r.Here())
}

// Here is where to come back to: this page, or for a posted form or a part that
// htmx asks for the page that it was on.
func (r *Request) Here() string {
	if m := r.Request().Method; (m == http.MethodGet || m == http.MethodHead) && !r.IsHTMX() {
		return SafeReturn(r.Request().URL.RequestURI())
	}
	for _, header := range []string{"HX-Current-URL", "Referer"} {
		from, err := url.Parse(r.Request().Header.Get(header))
		if err == nil && from.Host != "" && from.Host == r.Request().Host {
			return SafeReturn(from.RequestURI())
		}
	}
	return "/"
}

// Now is the time at the viewer's place, for pages.
func (r *Request) Now() time.Time { return r.App.Now().In(r.zone()) }

// Local is an instant at the viewer's place, for pages.
func (r *Request) Local(at models.Instant) time.Time { return at.Time().In(r.zone()) }

func (r *Request) zone() *time.Location {
	name := r.Viewer.Person.TimeZone
	if name == "" {
		return time.UTC
	}
	if r.located == nil || r.located.String() != name {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return time.UTC
		}
		r.located = zone
	}
	return r.located
}

// IsHTMX says whether htmx asks for a part of the page rather than the browser
// for the whole: not when it follows a link or restores the history.
func (r *Request) IsHTMX() bool {
	h := r.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" && h.Get("HX-History-Restore-Request") != "true"
}

// Head is what the frame needs: the nav of the viewer's roles, the token for
// its form, and the flash, which is shown once.
func (r *Request) Head(title, section string) views.PageHead {
	head := views.PageHead{Title: title, Section: section, CSRF: r.CSRF, DemoBanner: r.App.Demo, Flash: r.takeFlash()}
	if !r.SignedIn() {
		return head
	}
	head.Person, head.Keys = r.Viewer.Person.Name, r.Viewer.Person.KeysOff == 0
	if len(r.Viewer.Teams) > 0 {
		head.PersonTeam = r.Viewer.Team()
	}
	waiting := r.waits
	if waiting == 0 && r.App.Waiting != nil {
		var err error
		if waiting, err = r.App.Waiting(r.Ctx(), r.Viewer); err != nil {
			r.App.Log.WarnContext(r.Ctx(), "cannot count what waits", "request", r.ID, "error", err)
		}
	}
	head.Paged, head.Stopped = r.paged(), r.stoppedAll()
	stops := r.Viewer.Has(models.StopOfficer) || r.Viewer.Has(models.Approver) || r.Viewer.Has(models.Auditor) || r.Viewer.Has(models.Administrator)
	decisions := r.Viewer.Has(models.Auditor) || r.Viewer.Has(models.ControlOwner) || r.Viewer.Has(models.BusinessOwner) || r.Viewer.Has(models.Administrator)
	head.Nav = views.MainNav(navSection(r.Request().URL.Path), waiting, decisions, stops, r.Viewer.Has(models.Auditor), r.Viewer.Has(models.Administrator))
	return head
}

// paged are the emergencies of which the viewer is told wherever they are.
func (r *Request) paged() (out []views.PagedEmergency) {
	running, err := r.App.Store.Paged(r.Ctx(), r.Viewer)
	if err != nil {
		r.App.Log.WarnContext(r.Ctx(), "cannot look for emergencies", "request", r.ID, "error", err)
	}
	for _, e := range running {
		told := views.PagedEmergency{Agent: e.AgentName, Opener: e.Opener, Until: r.Local(e.UntilAt)}
		if e.Sees {
			told.Href = "/emergencies/" + e.ID
		}
		out = append(out, told)
	}
	return out
}

// stoppedAll is the stop of everything while it stands: everybody is told wherever they are.
func (r *Request) stoppedAll() *views.StopLine {
	stop, err := r.App.Store.StoppedAll(r.Ctx())
	if err != nil {
		r.App.Log.WarnContext(r.Ctx(), "cannot look whether everything is stopped", "request", r.ID, "error", err)
	}
	if stop == nil {
		return nil
	}
	line := stopLine(r, *stop)
	return &line
}

// navSection: capabilities, versions and imports belong to agents, the record to the reports,
// what if to the decisions.
func navSection(path string) string {
	switch path {
	case "/ledger":
		return views.ReportList
	case "/what-if":
		return "/decisions"
	}
	for _, below := range []string{"/capabilities", "/versions", "/imports"} {
		if path == below || strings.HasPrefix(path, below+"/") {
			return "/agents"
		}
	}
	return path
}

// Render draws the page whole before the first byte is sent, so that a mistake
// in it is still an error page.
func (r *Request) Render(status int, page templ.Component) error {
	var body bytes.Buffer
	if err := page.Render(r.Ctx(), &body); err != nil {
		return err
	}
	return r.HTMLBlob(status, body.Bytes())
}

// Redirect leads on with 303 See Other; htmx is told to load the page.
func (r *Request) Redirect(to string) error {
	if r.IsHTMX() {
		r.Response().Header().Set("HX-Redirect", to)
		return r.NoContent(http.StatusNoContent)
	}
	return r.Context.Redirect(http.StatusSeeOther, to)
}

// Flash is said on the next page that is drawn for this session. Kind is one of
// the views' Callout kinds. Before signing in there is no session to keep it.
func (r *Request) Flash(kind, text string) {
	if r.SignedIn() {
		r.App.Sessions.Put(r.Ctx(), flashKey, kind+"\n"+text)
	}
}

func (r *Request) takeFlash() *views.Flash {
	if !r.SignedIn() {
		return nil
	}
	kind, text, ok := strings.Cut(r.App.Sessions.GetString(r.Ctx(), flashKey), "\n")
	if !ok {
		return nil
	}
	r.App.Sessions.Remove(r.Ctx(), flashKey)
	return &views.Flash{Kind: kind, Text: text}
}

// SafeReturn is a path of our own to come back to, or "/". Refused: other
// hosts, whatever the way they are written, control characters, the sign-in
// pages themselves, and anything too long for an address bar.
func SafeReturn(to string) string {
	if len(to) == 0 || len(to) > 2000 || to[0] != '/' || strings.ContainsAny(to, "\\\x7f") {
		return "/"
	}
	for _, c := range []byte(to) {
		if c < ' ' {
			return "/"
		}
	}
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, "\\") {
		return "/"
	}
	if u.Path == "/signed-out" || u.Path == "/sign-out" || u.Path == "/sign-in" || strings.HasPrefix(u.Path, "/sign-in/") {
		return "/"
	}
	u.Fragment = ""
	return u.RequestURI()
}
