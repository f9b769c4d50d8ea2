package models

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is when a task may run: on some days of the week, between two times of the
// clock on the wall of a time zone. One that ends at or before it begins goes on past
// midnight and belongs to the day on which it begins.
type Window struct {
	Days     uint8  // bit 0 is Monday
	From, To int    // minutes after midnight; To at most 1440
	Zone     string // of the time zone database, such as Europe/Zurich
	text     string
	loc      *time.Location
}

// String is the window as it was written.
func (w Window) String() string { return w.text }

// Windows are several; the empty list is any time.
type Windows []Window

var weekdays = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

// ParseWindows reads windows such as "Mon-Fri 08:00-18:00 Europe/Zurich", or several
// with a semicolon between. Days are Mon to Sun, a range or several with commas, and
// may be left out for every day. "" is any time.
func ParseWindows(text string) (Windows, error) {
	var out Windows
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.Join(strings.Fields(part), " "); part == "" {
			continue
		}
		w, err := parseWindow(part)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	if len(out) == 0 && strings.TrimSpace(text) != "" {
		return nil, fmt.Errorf("there is no window in %q", text)
	}
	return out, nil
}

func parseWindow(text string) (Window, error) {
	w := Window{Days: 0b1111111, text: text}
	fields := strings.Fields(text)
	if len(fields) == 3 {
		days, err := parseDays(fields[0])
		if err != nil {
			return w, err
		}
		w.Days, fields = days, fields[1:]
	}
	if len(fields) != 2 {
		return w, fmt.Errorf("%q is not days, hours and a time zone", text)
	}
	from, to, ok := strings.Cut(fields[0], "-")
	var okFrom, okTo bool
	w.From, okFrom = clockTime(from)
	w.To, okTo = clockTime(to)
	if !ok || !okFrom || !okTo || w.From == 24*60 {
		return w, fmt.Errorf("%q are not hours such as 08:00-18:00", fields[0])
	}
	w.Zone = fields[1]
	loc, err := time.LoadLocation(w.Zone)
	if err != nil || w.Zone == "Local" {
		return w, fmt.Errorf("%q is not a time zone such as Europe/Zurich", w.Zone)
	}
	w.loc = loc
	return w, nil
}

func parseDays(text string) (days uint8, err error) {
	for part := range strings.SplitSeq(text, ",") {
		first, last, span := strings.Cut(part, "-")
		i, j := slices.Index(weekdays, first), slices.Index(weekdays, last)
		if !span {
			j = i
		}
		if i < 0 || j < 0 {
			return 0, fmt.Errorf("%q are not days such as Mon-Fri", text)
		}
		for ; ; i = (i + 1) % 7 {
			days |= 1 << i
			if i == j {
				break
			}
		}
	}
	return days, nil
}

// clockTime reads 00:00 to 24:00 as minutes.
func clockTime(s string) (int, bool) {
	if s == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == 5
}

// Open are those in which the moment lies, in their own words.
func (ws Windows) Open(at Instant) []string {
	var out []string
	for _, w := range ws {
		if w.contains(at.Time()) {
			out = append(out, w.text)
		}
	}
	return out
}

func (w Window) contains(at time.Time) bool {
	t := at.In(w.loc)
	minute, day := t.Hour()*60+t.Minute(), (int(t.Weekday())+6)%7
	on := func(day int) bool { return w.Days&(1<<((day+7)%7)) != 0 }
	if w.From < w.To {
		return on(day) && w.From <= minute && minute < w.To
	}
	return on(day) && minute >= w.From || on(day-1) && minute < w.To
}
