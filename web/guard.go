package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"countersign/handlers"
	"countersign/models"
	"countersign/views"
)

// Guard says who may come to a route. The zero Guard lets nobody in.
type Guard struct {
	kind  string
	roles []models.Role
}

var (
	// machine: no session is looked at and none is kept; what is sent is
	// checked by the handler itself (a token, or nothing at all).
	machine = Guard{kind: "machine"}
	// anyone: signed in or not.
	anyone = Guard{kind: "anyone"}
	// signedIn: any active person, whatever the roles.
	signedIn = Guard{kind: "signed in"}
)

// role lets active people in who hold any of the roles now.
func role(any ...models.Role) Guard { return Guard{kind: "role", roles: any} }

// String is the guard in words, such as "approver or auditor".
func (g Guard) String() string {
	if g.kind != "role" {
		return g.kind
	}
	var words []string
	for _, r := range g.roles {
		words = append(words, r.Words())
	}
	return strings.Join(words, " or ")
}

// Machine says whether the route is for machines: no session, no CSRF token.
func (g Guard) Machine() bool { return g.kind == "machine" }

// Lets says whether the guard lets this person in; the zero Party is nobody.
func (g Guard) Lets(viewer models.Party) bool {
	active := viewer.Person.ID != "" && viewer.Person.Status == models.PersonActive
	switch g.kind {
	case "machine", "anyone":
		return true
	case "signed in":
		return active
	case "role":
		return active && slices.ContainsFunc(g.roles, viewer.Has)
	}
	return false
}

// errSignInFirst is the guard's answer to nobody; it is drawn as the way to sign in.
var errSignInFirst = errors.New("sign in first")

func (g Guard) check(viewer models.Party) error {
	switch {
	case g.Lets(viewer):
		return nil
	case viewer.Person.ID == "":
		return errSignInFirst
	}
	return models.Refusal(models.Forbidden, "route.role", "Only a person with the role %s can open this.", g)
}

// guarded is a route's handler as echo calls it: the body bounded and read, the
// form's token checked, the viewer found, the guard asked, and only then the
// handler.
func (s *Server) guarded(route Route) echo.HandlerFunc {
	if route.Guard.Machine() {
		return func(c echo.Context) error {
			c.Set(machineKey, true)
			boundBody(c, route.Body)
			return route.Handler(s.request(c))
		}
	}
	enter := s.csrf(func(c echo.Context) error {
		r := s.request(c)
		r.CSRF, _ = c.Get(csrfKey).(string)
		if err := r.Recognise(); err != nil && !(errors.Is(err, handlers.ErrAccessEnded) && route.Guard.kind == "anyone") {
			return err
		}
		if err := route.Guard.check(r.Viewer); err != nil {
			return err
		}
		return route.Handler(r)
	})
	return func(c echo.Context) error {
		if err := s.loadSession(c); err != nil {
			return err
		}
		boundBody(c, route.Body)
		if err := readForm(c); err != nil {
			return err
		}
		return enter(c)
	}
}

// request is the one handlers.Request of an echo context.
func (s *Server) request(c echo.Context) *handlers.Request {
	if r, ok := c.Get(requestKey).(*handlers.Request); ok {
		return r
	}
	r := &handlers.Request{Context: c, App: s.App, ID: c.Response().Header().Get(echo.HeaderXRequestID)}
	c.Set(requestKey, r)
	return r
}

const (
	requestKey = "countersign.request"
	machineKey = "countersign.machine" // errors are told as JSON
)

// signInFirst answers nobody at a door that asks for somebody: a page is asked
// for again after signing in; a form was not taken, and says so.
func (s *Server) signInFirst(r *handlers.Request) error {
	href := "/sign-in?return=" + url.QueryEscape(r.Here())
	get := r.Request().Method == http.MethodGet || r.Request().Method == http.MethodHead
	if get || r.IsHTMX() {
		return r.Redirect(href)
	}
	return r.Render(http.StatusUnauthorized, views.Message(r.Head("You are signed out", ""), views.MessagePage{
		Title: "You are signed out",
		Says:  []string{"Your session has ended, so what you sent was not taken and nothing was changed. Sign in and send it again; your browser’s back button may still have what you typed."},
		Next:  views.ButtonProps{Label: "Sign in", Kind: views.ButtonPrimary, Href: href},
	}))
}
