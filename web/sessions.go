package web

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"countersign/store"
)

// newSessions keeps sessions in the database. The cookie lasts as long as the
// browser is open; how long the session lasts is for the server to say.
func newSessions(cfg Config, st *store.Store) *scs.SessionManager {
	m := scs.New()
	m.Store = st.Sessions()
	m.Lifetime = cfg.AbsoluteTimeout
	m.Cookie = scs.SessionCookie{
		Name: "countersign_demo", Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: cfg.Secure(),
	}
	if cfg.Secure() {
		m.Cookie.Name = "__Host-countersign"
	}
	return m
}

// loadSession finds the session of the browser's cookie, and sees to it that
// what changes in it is written before the first byte of the answer.
func (s *Server) loadSession(c echo.Context) error {
	sessions := s.App.Sessions
	token := ""
	if cookie, err := c.Cookie(sessions.Cookie.Name); err == nil {
		token = cookie.Value
	}
	ctx, err := sessions.Load(c.Request().Context(), token)
	if err != nil {
		return err
	}
	c.SetRequest(c.Request().WithContext(ctx))
	h := c.Response().Header()
	h.Add("Vary", "Cookie")
	c.Response().Before(func() {
		switch sessions.Status(ctx) {
		case scs.Modified:
			// A reader that went away ends neither this nor its deadline.
			within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			token, until, err := sessions.Commit(within)
			if err != nil {
				s.App.Log.ErrorContext(ctx, "cannot keep the session", "request", h.Get(echo.HeaderXRequestID), "error", err)
				return
			}
			sessions.WriteSessionCookie(ctx, c.Response(), token, until)
		case scs.Destroyed:
			sessions.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
		}
		h.Set("Cache-Control", "no-store") // the library adds a weaker one beside its cookie
	})
	return nil
}
