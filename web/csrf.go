package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

const csrfKey = "csrf" // the hidden input, and echo's name for the token

// errForged is the answer to a form that did not come from a page of ours, or
// whose token is gone. Nothing was changed.
var errForged = errors.New("a form without a valid token, or from another site")

// csrfMiddleware refuses forms that another site sent. Browsers that say where
// a request comes from (Sec-Fetch-Site) are believed; for the others the form's
// token must be the cookie's. A page of a neighbouring host is another site too.
func csrfMiddleware(secure bool) echo.MiddlewareFunc {
	const length = 32
	name := "countersign_demo_csrf"
	if secure {
		name = "__Host-countersign-csrf"
	}
	check := middleware.CSRFWithConfig(middleware.CSRFConfig{
		TokenLength:           length,
		TokenLookup:           "form:" + csrfKey + ",header:" + echo.HeaderXCSRFToken,
		ContextKey:            csrfKey,
		CookieName:            name,
		CookiePath:            "/",
		CookieSecure:          secure,
		CookieHTTPOnly:        true,
		CookieSameSite:        http.SameSiteLaxMode,
		ErrorHandler:          func(error, echo.Context) error { return errForged },
		AllowSecFetchSiteFunc: func(echo.Context) (bool, error) { return false, errForged },
	})
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		checked := check(next)
		return func(c echo.Context) error {
			// An empty cookie would equal an empty token.
			if cookie, err := c.Cookie(name); err == nil && len(cookie.Value) != length {
				dropCookie(c.Request(), name)
			}
			return checked(c)
		}
	}
}

// dropCookie takes a cookie out of a request, as if it had not been sent.
func dropCookie(req *http.Request, name string) {
	all := req.Cookies()
	req.Header.Del("Cookie")
	for _, cookie := range all {
		if cookie.Name != name {
			req.AddCookie(cookie)
		}
	}
}
