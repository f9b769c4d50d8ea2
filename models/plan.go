package models

import (
	"slices"
	"sync"
	"time"
)

// Hours are somebody's days and hours at work, in their own time zone. The zero
// value is Monday to Friday, nine to five, UTC.
type Hours struct {
	Zone     string // IANA name
	Days     int    // a bit a day, Monday is 1; 0: Monday to Friday
	From, To int    // minutes of the day; To 0: nine to five
}

// Hours are when the person is at work.
func (p Person) Hours() Hours {
	return Hours{Zone: p.TimeZone, Days: p.WorkDays, From: p.WorkFrom, To: p.WorkTo}
}

// Location is their time zone; UTC where it is not known.
func (h Hours) Location() *time.Location {
	if l, ok := zones.Load(h.Zone); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(h.Zone)
	if err != nil {
		return time.UTC
	}
	zones.Store(h.Zone, l)
	return l
}

// zones are the time zones that were asked for, since each is read from a file: no more than there are.
var zones sync.Map

// Planned is one step of a duty's way through time.
type Planned struct {
	Kind string // reminder, escalation
	Step int    // of a reminder: how many days before it is due; else the place in the path, from 1 on
	At   Instant
	To   PathStep // of an escalation
}

// Reminders are how many days before it is due somebody is reminded; 0 is the day itself.
var Reminders = []int{14, 7, 2, 0}

// PlanOf is what happens about a duty while it stays open, in the order of time:
// reminders at the beginning of a working day of whoever owes it, on that day or
// the last working day before it, never before it was opened; and after it was due
// the steps of the path. A drill is not reminded of, and an hour of its path is a
// minute: as when something happens.
func PlanOf(d Duty, h Hours, path Path) []Planned {
	var out []Planned
	reminders, unit := Reminders, Hour
	if d.Kind == DutyDrill {
		reminders, unit = nil, Minute
	}
	for _, days := range reminders {
		at := h.begins(d.DueAt, days)
		if at <= d.OpenedAt || at > d.DueAt || slices.ContainsFunc(out, func(p Planned) bool { return p.At == at }) {
			continue
		}
		out = append(out, Planned{Kind: StepReminder, Step: days, At: at})
	}
	for i, s := range path {
		out = append(out, Planned{Kind: StepEscalation, Step: i + 1, At: d.DueAt + Instant(s.Hours)*unit, To: s})
	}
	return out
}

// begins is the beginning of their working day that many days of the calendar before
// the moment, or of the last working day before that; never after the moment.
func (h Hours) begins(due Instant, days int) Instant {
	loc := h.Location()
	day := due.Time().In(loc)
	for back := days; back < days+8; back++ {
		y, m, d := day.Date()
		from := time.Date(y, m, d-back, 0, h.from(), 0, 0, loc)
		if h.works(from.Weekday()) && At(from) <= due {
			return At(from)
		}
	}
	return due // nobody who works on no day is reminded any better
}

func (h Hours) from() int {
	if h.To == 0 {
		return 9 * 60
	}
	return h.From
}

func (h Hours) works(d time.Weekday) bool {
	days := h.Days
	if days == 0 {
		days = 0b11111
	}
	return days&(1<<((int(d)+6)%7)) != 0
}
