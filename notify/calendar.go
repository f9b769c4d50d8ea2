package notify

import (
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"countersign/models"
)

// Due is one thing that somebody owes, as their calendar shows it.
type Due struct {
	UID      string // the same for as long as the duty is the same: its id
	Title    string // see DueTitle: generic
	At       models.Instant
	Link     string // absolute URL of the page
	Sequence int    // grows with each change of the duty: its row's revision
}

// mostDue is how many entries one calendar has, soonest first.
const mostDue = 500

// Calendar is a feed of what is due (RFC 5545, text/calendar; charset=utf-8). It goes to
// programs and servers of strangers under an address that may leak, so it names no
// agent, no task and no person: what it is about is behind the link, after a sign-in.
// Lines are folded at 75 octets and end with CRLF (section 3.1); texts are escaped.
func Calendar(name string, due []Due, now time.Time) []byte {
	cal := ics.NewCalendarFor("Countersign")
	cal.SetProductId("-//Countersign//Countersign//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetName(inert(name, 100)) // RFC 7986 section 5.1, and X-WR-CALNAME
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	due = slices.Clone(due)
	slices.SortStableFunc(due, func(a, b Due) int {
		if a.At != b.At {
			return int(max(-1, min(1, a.At-b.At)))
		}
		return strings.Compare(a.UID, b.UID)
	})
	for _, d := range due[:min(len(due), mostDue)] {
		event(cal, d, now)
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

// event is one VEVENT: a quarter of an hour up to the moment at which it is due, which does
// not make its owner look busy, with an alarm a day before.
func event(cal *ics.Calendar, d Due, now time.Time) {
	title := inert(d.Title, 100)
	if title == "" {
		title = dueAny
	}
	e := cal.AddEvent(Message{Key: d.UID}.ID() + "@countersign")
	e.SetDtStampTime(now)
	e.SetSequence(max(0, d.Sequence))
	e.SetStartAt(d.At.Time().Add(-15 * time.Minute))
	e.SetEndAt(d.At.Time())
	e.SetSummary(title)
	e.SetClass(ics.ClassificationPrivate)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	if link := followable(d.Link); link != "" {
		e.SetURL(link)
		e.SetDescription("Sign in to see what it is: " + link)
	}
	alarm := e.AddAlarm()
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger("-P1D")
	alarm.SetProperty(ics.ComponentPropertyDescription, title)
}

const dueAny = "Countersign: something is due"

// dueTitles are the generic titles of each kind of duty.
var dueTitles = map[string]string{
	models.DutyFill:            "Countersign: a part is to be filled in",
	models.DutySubmit:          "Countersign: a version is to be submitted",
	models.DutyAccept:          "Countersign: a role is to be accepted or declined",
	models.DutySign:            "Countersign: a decision is due",
	models.DutyNominate:        "Countersign: somebody is to be named for a role",
	models.DutySucceed:         "Countersign: a successor is to be found",
	models.DutyEdit:            "Countersign: a part is to be changed",
	models.DutyTakeOver:        "Countersign: a role is to be accepted or declined",
	models.DutyLift:            "Countersign: a stop is to be dealt with",
	models.DutyGoLive:          "Countersign: a version is to be put in force",
	models.DutyRegister:        "Countersign: a registration is to be finished",
	models.DutyConfirm:         "Countersign: a confirmation is due",
	models.DutyClaim:           "Countersign: agents are to be claimed",
	models.DutyReview:          "Countersign: a review is due",
	models.DutyCloseReview:     "Countersign: a review is to be closed",
	models.DutyNarrow:          "Countersign: a scope is to be narrowed",
	models.DutyRenew:           "Countersign: a renewal is due",
	models.DutyReviewEmergency: "Countersign: an emergency is to be reviewed",
	// Whoever sees the calendar is not warned of a drill by more than this.
	models.DutyDrill: dueAny,
}

// DueTitle is how a calendar names a duty of the kind: without saying of what.
func DueTitle(dutyKind string) string {
	if title, ok := dueTitles[dutyKind]; ok {
		return title
	}
	return dueAny
}
