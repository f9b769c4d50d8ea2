package web

import (
	"crypto/rand"
	"maps"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// contentPolicy: everything from here, nothing inline, nobody's frame. Forms go
// to this host alone: to sign in, one follows a link.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// securityHeaders are on every answer, errors too.
func securityHeaders(secure bool) echo.MiddlewareFunc {
	h := http.Header{}
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	// Same-origin, so that a form's page can be found again after signing in.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store") // the static files say otherwise
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	// Decisions are read by gateways, and there are thousands a second: what tells a
	// browser how to treat a page is left out.
	answers := http.Header{}
	for _, name := range []string{"X-Content-Type-Options", "Cache-Control"} {
		answers.Set(name, h.Get(name))
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			of := h
			if strings.HasPrefix(c.Path(), "/access/v1/") {
				of = answers
			}
			maps.Copy(c.Response().Header(), of) // the lists are shared: Set puts another in their place
			return next(c)
		}
	}
}

// requestID numbers each request, for the log and for error pages. What a
// client sends under that name is not believed.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, strings.ToLower(rand.Text()[:16]))
		return next(c)
	}
}
