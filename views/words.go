package views

import (
	"strconv"
	"time"
)

// Count writes a number in groups of three: 12,345.
func Count(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// WhenText is an instant as people say it: "in 3 days (Thu 26 Nov, 17:00)". It
// is told in at's own location.
func WhenText(at, now time.Time) string {
	if at.IsZero() {
		return "not set"
	}
	return relative(at, now) + " (" + DateText(at, now) + ")"
}

// DateText is "Thu 26 Nov, 17:00", with the year when it is not this one.
func DateText(at, now time.Time) string {
	layout := "Mon 2 Jan, 15:04"
	if at.Year() != now.In(at.Location()).Year() {
		layout = "Mon 2 Jan 2006, 15:04"
	}
	return at.Format(layout)
}

func relative(at, now time.Time) string {
	gap := at.Sub(now)
	past := gap < 0
	if past {
		gap = -gap
	}
	var n int
	var unit string
	switch {
	case gap < time.Minute:
		return "now"
	case gap < 90*time.Minute:
		n, unit = int(gap.Round(time.Minute)/time.Minute), "minute"
	case gap < 36*time.Hour:
		n, unit = int(gap.Round(time.Hour)/time.Hour), "hour"
	case gap < 60*24*time.Hour:
		n, unit = days(at, now), "day"
	case gap < 700*24*time.Hour:
		n, unit = int(gap/(24*time.Hour)/30), "month"
	default:
		n, unit = int(gap/(24*time.Hour)/365), "year"
	}
	text := plural(n, unit)
	if past {
		return text + " ago"
	}
	return "in " + text
}

// days counts calendar days in at's location, so that "in 3 days" on Monday is
// Thursday at whatever hour.
func days(at, now time.Time) int {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	gap := midnight(at).Sub(midnight(now.In(at.Location()))) / (24 * time.Hour)
	if gap < 0 {
		gap = -gap
	}
	return int(gap)
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.Itoa(n) + " " + unit + "s"
}

func exact(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05 UTC") }

// dueClass: red once it is past, amber within two days of it.
func dueClass(at, now time.Time) string {
	switch {
	case at.IsZero():
		return "cs-due"
	case at.Before(now):
		return "cs-due cs-due-over"
	case at.Sub(now) <= 48*time.Hour:
		return "cs-due cs-due-soon"
	}
	return "cs-due"
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
