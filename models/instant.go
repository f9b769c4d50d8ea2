package models

import "time"

// Instant is a moment in microseconds since 1970-01-01T00:00:00Z, the one form
// in which both databases keep time, so that a digest survives the round trip.
type Instant int64

// Spans of time in an Instant's unit.
const (
	Second Instant = 1_000_000
	Minute         = 60 * Second
	Hour           = 60 * Minute
	Day            = 24 * Hour
)

// At is the Instant of t, cut to the microsecond.
func At(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time is the Instant as a UTC time.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Ref is a pointer to a copy, for the columns that may be empty.
func (i Instant) Ref() *Instant { return &i }

// String is RFC 3339 in UTC, for exports and logs.
func (i Instant) String() string { return i.Time().Format(time.RFC3339Nano) }
