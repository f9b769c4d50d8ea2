package web

// WithRoute adds a route that only a test has.
func WithRoute(r Route) Option {
	return func(s *Server) { s.add(r) }
}

// The guards, for routes that only a test has.
var (
	Machine  = machine
	Anyone   = anyone
	SignedIn = signedIn
	Role     = role
)
