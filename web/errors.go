package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"countersign/handlers"
	"countersign/models"
	"countersign/views"
)

// statuses is the one table from what a rule says to what HTTP says.
var statuses = map[models.Code]int{
	models.Invalid:   http.StatusUnprocessableEntity,
	models.Forbidden: http.StatusForbidden,
	models.NotFound:  http.StatusNotFound,
	models.Conflict:  http.StatusConflict,
	models.Stale:     http.StatusUnauthorized,
	models.Busy:      http.StatusServiceUnavailable,
}

var titles = map[models.Code]string{
	models.Invalid:   "There is a problem with what was entered",
	models.Forbidden: "You may not do this",
	models.NotFound:  "There is nothing here",
	models.Conflict:  "This cannot be done now",
	models.Stale:     "Sign in again first",
	models.Busy:      "Too much is going on at once",
}

// drawError answers what a handler returned: a page with the message of the
// rule, or for what is our fault one that says so with the request's number.
// The log gets the error, once; the page never gets its text.
func (s *Server) drawError(err error, c echo.Context) {
	if c.Get(requestKey) == nil {
		s.recognise(c)
	}
	r := s.request(c)
	if c.Response().Committed {
		s.logError(r, "an answer broke off", err)
		return
	}
	if err := s.answerError(r, err); err != nil {
		s.logError(r, "cannot draw an error", err)
		if !c.Response().Committed {
			_ = c.NoContent(http.StatusInternalServerError) // nothing more can be done
		}
	}
}

// recognise finds the viewer of an address that does not exist, so that the
// page about it has the frame that the other pages have.
func (s *Server) recognise(c echo.Context) {
	if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead || s.loadSession(c) != nil {
		return
	}
	_ = s.csrf(func(c echo.Context) error { // without a viewer the page is still right
		r := s.request(c)
		r.CSRF, _ = c.Get(csrfKey).(string)
		return r.Recognise()
	})(c)
}

func (s *Server) answerError(r *handlers.Request, err error) error {
	for _, name := range []string{echo.HeaderContentType, echo.HeaderContentLength, "Content-Disposition"} {
		r.Response().Header().Del(name) // of the answer that did not come about
	}
	if errors.Is(err, errSignInFirst) {
		return s.signInFirst(r)
	}
	status, page := s.errorPage(r, err)
	switch status {
	case http.StatusServiceUnavailable:
		r.Response().Header().Set("Retry-After", "2")
	case http.StatusRequestEntityTooLarge:
		r.Response().Header().Set("Connection", "close")
		linger(r.Context)
	}
	if r.Get(machineKey) != nil {
		return problem(r, status, page)
	}
	if r.IsHTMX() {
		// On top of the page, so that nothing typed is lost.
		r.Response().Header().Set("HX-Retarget", "#main")
		r.Response().Header().Set("HX-Reswap", "afterbegin")
		return r.Render(status, views.MessageFragment(page))
	}
	return r.Render(status, views.Message(r.Head(page.Title, ""), page))
}

// problem tells a machine (RFC 9457).
func problem(r *handlers.Request, status int, page views.MessagePage) error {
	r.Response().Header().Set(echo.HeaderContentType, "application/problem+json")
	return r.JSON(status, struct {
		Title   string `json:"title"`
		Status  int    `json:"status"`
		Detail  string `json:"detail"`
		Request string `json:"request"`
	}{page.Title, status, strings.Join(page.Says, " "), r.ID})
}

// errorPage is the status and the words for an error.
func (s *Server) errorPage(r *handlers.Request, err error) (int, views.MessagePage) {
	var rule *models.Error
	var plain *echo.HTTPError
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, handlers.ErrAccessEnded):
		return http.StatusForbidden, views.MessagePage{Title: "Your access has ended", Says: []string{handlers.ErrAccessEnded.Message},
			Next: views.ButtonProps{Label: "Sign in with another account", Kind: views.ButtonSecondary, Href: "/sign-in/again"}}
	case errors.As(err, &rule):
		s.logRefusal(r, rule, err)
		return rulePage(r, rule)
	case errors.Is(err, errForged):
		s.App.Log.LogAttrs(r.Ctx(), slog.LevelWarn, "form refused", slog.String("request", r.ID), slog.String("error", err.Error()))
		return http.StatusForbidden, views.MessagePage{
			Title: "This form could not be checked",
			Says:  []string{"It was open for too long, or it was not sent from this site. Nothing was changed. Load the page again and send the form once more."},
			Next:  views.ButtonProps{Label: "Load the page again", Kind: views.ButtonPrimary, Href: r.Here()},
		}
	case errors.As(err, &plain) && plain.Code < 500:
		return plain.Code, plainPage(plain.Code)
	case errors.As(err, &large):
		return errTooLarge.Code, plainPage(errTooLarge.Code)
	case errors.Is(err, context.Canceled) && r.Ctx().Err() != nil:
		return 499, views.MessagePage{Title: "The request was broken off"} // nobody is there to read it
	}
	s.logError(r, "cannot answer", err)
	return http.StatusInternalServerError, views.MessagePage{
		Title:     "Something went wrong here",
		Says:      []string{"This is our fault, not yours. If you were changing something, look whether it was recorded before you try again. If it happens again, give an administrator the number below."},
		RequestID: r.ID,
	}
}

// logRefusal keeps which rule refused whom, and what stood behind it where that
// is more than the rule's own words: a constraint of the database.
func (s *Server) logRefusal(r *handlers.Request, rule *models.Error, err error) {
	attrs := []slog.Attr{slog.String("request", r.ID), slog.String("rule", rule.Rule), slog.String("person", r.Viewer.Person.ID)}
	if whole := err.Error(); whole != rule.Error() {
		attrs = append(attrs, slog.String("error", whole))
	}
	s.App.Log.LogAttrs(r.Ctx(), slog.LevelInfo, "refused", attrs...)
}

// rulePage says what a rule said. A stale sign-in gets the way to a fresh one.
func rulePage(r *handlers.Request, rule *models.Error) (int, views.MessagePage) {
	status, ok := statuses[rule.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	page := views.MessagePage{Title: titles[rule.Code], Says: []string{rule.Message}}
	for _, f := range rule.Fields {
		page.Problems = append(page.Problems, views.FieldError{Field: f.Field, Message: f.Message})
	}
	switch rule.Code {
	case models.Stale:
		page.Next = views.ButtonProps{Label: "Sign in again and come back", Kind: views.ButtonPrimary, Href: r.FreshHref()}
	case models.Conflict, models.Busy:
		page.Next = views.ButtonProps{Label: "Back to the page", Kind: views.ButtonSecondary, Href: r.Here()}
	}
	return status, page
}

// plainPage is for what the router and the form reader refuse.
func plainPage(status int) views.MessagePage {
	say := func(title, text string) views.MessagePage {
		return views.MessagePage{Title: title, Says: []string{text}}
	}
	switch status {
	case http.StatusNotFound:
		return say("There is nothing here", "The address may be mistyped, or what was here may not be for you to see.")
	case http.StatusMethodNotAllowed:
		return say("That cannot be done at this address", "The page exists, but it does not take this kind of request. Nothing was changed.")
	case http.StatusRequestEntityTooLarge:
		return say("That is too large", "What was sent is larger than this page takes, so nothing was changed. Send less, or in parts.")
	case http.StatusUnsupportedMediaType:
		return say("That is not a form", "This address takes a form of its own page and nothing else. Nothing was changed.")
	}
	return say("That could not be understood", "The request was not complete or not well formed. Nothing was changed.")
}

func (s *Server) logError(r *handlers.Request, what string, err error) {
	attrs := []slog.Attr{slog.String("request", r.ID), slog.String("error", fmt.Sprint(err))}
	var p stopped
	if errors.As(err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	s.App.Log.LogAttrs(r.Ctx(), slog.LevelError, what, attrs...)
}
