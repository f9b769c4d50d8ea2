package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWindows(t *testing.T) {
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	at := func(s string) Instant {
		moment, err := time.ParseInLocation("2006-01-02 15:04", s, zurich)
		require.NoError(t, err)
		return At(moment)
	}
	for _, c := range []struct {
		text, moment string
		open         bool
	}{
		{"Mon-Fri 08:00-18:00 Europe/Zurich", "2026-11-23 08:00", true}, // a Monday
		{"Mon-Fri 08:00-18:00 Europe/Zurich", "2026-11-23 07:59", false},
		{"Mon-Fri 08:00-18:00 Europe/Zurich", "2026-11-23 18:00", false},
		{"Mon-Fri 08:00-18:00 Europe/Zurich", "2026-11-22 12:00", false},
		{"08:00-18:00 Europe/Zurich", "2026-11-22 12:00", true},
		{"Sat,Sun 00:00-24:00 Europe/Zurich", "2026-11-22 23:59", true},
		{"Fri 22:00-06:00 Europe/Zurich", "2026-11-28 05:59", true}, // still Friday's night
		{"Fri 22:00-06:00 Europe/Zurich", "2026-11-27 05:59", false},
		{"Sat-Mon 10:00-11:00 Europe/Zurich", "2026-11-22 10:30", true},
		{"Mon-Fri 08:00-18:00 Europe/Zurich", "2026-03-30 08:00", true},     // the day after clocks were set
		{"Mon-Fri 08:00-18:00 America/New_York", "2026-11-23 13:59", false}, // 07:59 there
		{"Mon-Fri 08:00-18:00 America/New_York", "2026-11-23 14:00", true},
		{"Mon 08:00-09:00 UTC; Mon 12:00-13:00 UTC", "2026-11-23 13:30", true},
	} {
		w, err := ParseWindows(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.open, len(w.Open(at(c.moment))) > 0, "%s at %s", c.text, c.moment)
	}
	none, err := ParseWindows(" ")
	require.NoError(t, err)
	require.Empty(t, none)
	for _, bad := range []string{"office hours", "Mon-Fri", "8:00-18:00 UTC", "Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00 Zurich", "Mo-Fr 08:00-18:00 UTC", "08:00-25:00 UTC", "24:00-08:00 UTC",
		"08:00-18:00 Local", ";", "Mon-Fri 08:00-18:00 ../etc/passwd"} {
		_, err := ParseWindows(bad)
		require.Error(t, err, bad)
	}
}
