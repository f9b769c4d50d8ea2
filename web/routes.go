package web

import (
	"net/http"

	"countersign/handlers"
	"countersign/static"
)

// Route is one address: who may come is said on its line.
type Route struct {
	Method  string // a GET answers HEAD as well
	Path    string
	Guard   Guard
	Handler handlers.Handler
	Body    int64 // the largest body in bytes; 0 is 2 MiB
}

// Routes is every address that the product answers.
func Routes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, "/healthz", machine, health, 0},
		{get, "/readyz", machine, ready, 0},
		{get, static.Prefix + "*", machine, files, 0},

		{get, "/sign-in", anyone, handlers.SignIn, 0},
		{get, "/sign-in/again", anyone, handlers.SignInAgain, 0},
		{get, "/sign-in/callback", anyone, handlers.SignInCallback, 0},
		{post, "/sign-out", anyone, handlers.SignOut, 0},
		{get, "/signed-out", anyone, handlers.SignedOut, 0},
	}
}
