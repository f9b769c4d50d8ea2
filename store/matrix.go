package store

// The states of a line of the matrix beside those of a version: what is in
// force may act (live), or a hold or the time stands in its way.
const (
	MatrixLive    = "live"
	MatrixHeld    = "held"
	MatrixExpired = "expired"
	MatrixNone    = "none" // nothing signed was in force, in a look back
)
