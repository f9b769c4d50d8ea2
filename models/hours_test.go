package models

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

func at(t *testing.T, text string) Instant {
	t.Helper()
	x, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return At(x)
}

// The day begins at nine by the clock on the wall, also where the clock was changed
// in between, and leap days are days.
func TestHoursFollowTheWallClock(t *testing.T) {
	for name, x := range map[string]struct {
		hours      Hours
		due        string
		days       int
		begins     string
		from, next string
	}{
		"an ordinary week":         {Hours{Zone: "Europe/Zurich"}, "2026-11-20T12:00:00Z", 2, "2026-11-18T08:00:00Z", "2026-11-20T20:00:00Z", "2026-11-23T08:00:00Z"},
		"a weekend before":         {Hours{Zone: "Europe/Zurich"}, "2026-11-17T12:00:00Z", 2, "2026-11-13T08:00:00Z", "2026-11-17T07:59:59Z", "2026-11-17T08:00:00Z"},
		"the clock goes forward":   {Hours{Zone: "Europe/Zurich"}, "2026-03-30T12:00:00Z", 7, "2026-03-23T08:00:00Z", "2026-03-28T12:00:00Z", "2026-03-30T07:00:00Z"},
		"the clock goes back":      {Hours{Zone: "America/New_York"}, "2026-11-02T20:00:00Z", 7, "2026-10-26T13:00:00Z", "2026-10-31T12:00:00Z", "2026-11-02T14:00:00Z"},
		"an hour that is not":      {Hours{Zone: "Europe/Zurich", Days: 0b1111111, From: 150, To: 600}, "2026-03-29T12:00:00Z", 0, "2026-03-29T01:30:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z"},
		"half an hour of change":   {Hours{Zone: "Australia/Lord_Howe"}, "2026-10-05T12:00:00Z", 0, "2026-10-04T22:00:00Z", "2026-10-03T00:00:00Z", "2026-10-04T22:00:00Z"},
		"a leap day":               {Hours{Zone: "UTC"}, "2028-03-01T12:00:00Z", 1, "2028-02-29T09:00:00Z", "2028-02-28T17:00:00Z", "2028-02-29T09:00:00Z"},
		"a leap day at work":       {Hours{Zone: "Asia/Tokyo", Days: 1 << 1}, "2028-03-07T06:00:00Z", 7, "2028-02-29T00:00:00Z", "2028-02-23T00:00:00Z", "2028-02-29T00:00:00Z"},
		"no day that was skipped":  {Hours{Zone: "Pacific/Apia", Days: 0b1111111}, "2012-01-02T00:00:00Z", 1, "2011-12-31T19:00:00Z", "2011-12-30T03:30:00Z", "2011-12-30T19:00:00Z"},
		"one day a week":           {Hours{Zone: "UTC", Days: 1 << 6, From: 600, To: 720}, "2026-11-25T00:00:00Z", 0, "2026-11-22T10:00:00Z", "2026-11-22T12:00:00Z", "2026-11-29T10:00:00Z"},
		"until midnight":           {Hours{Zone: "UTC", From: 0, To: 1440}, "2026-11-20T12:00:00Z", 0, "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z", "2026-11-20T23:59:59Z"},
		"a zone that nobody knows": {Hours{Zone: "Moon/Base"}, "2026-11-20T12:00:00Z", 0, "2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"},
		"due before the day":       {Hours{Zone: "UTC"}, "2026-11-23T08:00:00Z", 0, "2026-11-20T09:00:00Z", "2026-11-20T16:59:59Z", "2026-11-20T16:59:59Z"},
		"after the day":            {Hours{Zone: "UTC"}, "2026-11-23T17:00:00Z", 0, "2026-11-23T09:00:00Z", "2026-11-23T17:00:00Z", "2026-11-24T09:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, x.begins, x.hours.begins(at(t, x.due), x.days).String(), "begins")
			require.Equal(t, x.next, x.hours.Next(at(t, x.from)).String(), "next")
		})
	}
}

func TestHoursInWords(t *testing.T) {
	for want, h := range map[string]Hours{
		"Monday to Friday, 09:00 to 17:00":                       {},
		"Monday and Tuesday, 08:30 to 12:00":                     {Days: 0b11, From: 510, To: 720},
		"Monday, Wednesday and Friday, 00:00 to 24:00":           {Days: 0b10101, To: 1440},
		"Monday to Wednesday and Sunday, 09:00 to 17:00":         {Days: 0b1000111},
		"Monday, Wednesday to Friday and Sunday, 09:00 to 17:00": {Days: 0b1011101},
	} {
		require.Equal(t, want, h.Words())
	}
}
