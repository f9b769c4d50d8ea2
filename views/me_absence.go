package views

import (
	"time"

	"countersign/models"
)

// AbsencePage is who stands in for a person, and for whom they stand in.
type AbsencePage struct {
	models.Party
	Mine, Others []AbsenceLine
	Pick         *NomineePick // nil for who is no approver
	From, Until  DateValue
	Reason       string
	Zone         string
	Days         int // at most
	Keys         FormKeys
	Errors       Errors
	Now          time.Time
}

// AbsenceLine is one delegation, seen from one of its two sides.
type AbsenceLine struct {
	ID          string
	Other       models.Party
	From, Until time.Time
	Reason      string
	Now         bool // it counts just now
	Keys        FormKeys
}

// lastDay is the day after which it no longer counts.
func (l AbsenceLine) lastDay() time.Time { return l.Until.Add(-time.Microsecond) }

func wholeDay(at time.Time) string { return at.Format("Mon 2 Jan 2006") }
