package views

import (
	"strconv"
	"time"
)

// EmergencyMark says on the pages of a capability, a version or an agent that
// something runs, or ran, under break glass. It is never taken away.
type EmergencyMark struct {
	Href    string // of the emergency's own page
	Version int
	Task    string // its title, where the page is about several; else ""
	Who     string // who opened it, with the team
	From    time.Time
	Over    time.Time // when it ended, or ends by itself
	Runs    bool      // just now
	Held    bool      // a hold stops it
	Verdict string    // of its review, in words; "" while it waits for one
}

// text is the mark as one sentence.
func (m EmergencyMark) text(now time.Time) string {
	t := "Version " + strconv.Itoa(m.Version)
	if m.Task != "" {
		t += " of “" + m.Task + "”"
	}
	if m.Runs {
		return t + " runs under break glass until " + m.Over.Format("15:04") + ", opened by " + m.Who + " on " + DateText(m.From, now) + "."
	}
	return t + " ran under break glass on " + DateText(m.From, now) + " until " + m.Over.Format("15:04") + ", opened by " + m.Who + ". " + or(m.Verdict, "Its review is still owed.")
}

// EmergencyAsk is the page on which an approver opens an emergency.
type EmergencyAsk struct {
	VersionTop
	Needed  string // what is still needed, in a sentence
	Paged   []string
	Keys    FormKeys
	Errors  Errors
	Refused string
	Reason  Field
	Minutes Field
	Teams   *Choices
	Team    string
	Passkey *PasskeyAsked
	Fresh   string // where to sign in again first; "" where that is not asked
	Digest  string
}

func (p EmergencyAsk) form() FormProps {
	f := FormProps{Action: p.href() + "/emergency", ID: "emergency-form", Keys: p.Keys}
	if p.Passkey != nil && !p.Passkey.None && p.Passkey.Not == "" {
		f.Attrs = p.Passkey.Attrs("emergency")
	}
	return f
}

// EmergencyPage is one emergency: what was stated, by whom, who was told, how it
// ended, and what its review found.
type EmergencyPage struct {
	VersionTop
	Mark    EmergencyMark
	Stated  string
	Facts   []SummaryRow
	Paged   []string
	After   string // what becomes of the version
	Due     time.Time
	Review  *EmergencyReview // the form, for who may review it
	WhyNot  string           // why the reader may not; "" where they may or it is done
	Verdict string           // "" while nobody has
	Finding string
	By      SeatPerson
	At      time.Time
}

// EmergencyReview is the form that closes an emergency.
type EmergencyReview struct {
	Action  string
	Keys    FormKeys
	Errors  Errors
	Refused string
	Verdict Choices
	Finding Field
}
