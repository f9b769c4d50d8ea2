package views

import (
	"time"

	"countersign/models"
)

// PersonPage is a person as any colleague may see them.
type PersonPage struct {
	models.Party
	Into    models.Party
	Manager models.Party // zero for none
	Answers []AnswerLine // what the viewer may see of it
	Next    string
	Newest  string // the first page, where this is another
	Self    bool
	Admin   bool // the viewer may manage people
}

// AnswerLine is a capability in force that a person answers for.
type AnswerLine struct {
	LiveRow
	As []models.Role
}

// LiveRow is the matrix's line of a capability in force, with the state that it
// is in just now, in words.
type LiveRow struct {
	models.MatrixRow
	State string
	Held  bool
}

// LiveState is the state of what has a mandate: when its time is over, it is not live.
func LiveState(row models.MatrixRow, now time.Time) string {
	if row.UntilAt != nil && row.UntilAt.Time().Before(now) {
		return "expired"
	}
	return row.State.Words()
}

// MePage is a person's own page.
type MePage struct {
	models.Party
	Grants   []AdminGrant
	Accounts []MyAccount
	SignedIn time.Time
	TimeZone string // as chosen
	Hours    HoursTyped
	Load     LoadRow
	Most     int          // for how many capabilities one person answers at most; 0 for any number
	Manager  models.Party // zero for none
	Keys     FormKeys
	Errors   Errors
	Now      time.Time

	SwitchKeys FormKeys // of the form about keys on the keyboard
	HourKeys   FormKeys // of the form about working hours
}

// MyAccount is an account with which the person may sign in.
type MyAccount struct {
	models.Account
	This bool // the one of this session
}

func meTabs(active string) []Tab {
	return []Tab{{Label: "Overview", Href: "/me", Active: active == ""}, {Label: "Passkeys", Href: "/me/passkeys", Active: active == "passkeys"},
		{Label: "Absence", Href: "/me/absence", Active: active == "absence"},
		{Label: "Channels", Href: "/me/channels", Active: active == "channels"},
		{Label: "Decisions", Href: "/me/decisions", Active: active == "decisions"},
		{Label: "Checks", Href: "/me/drills", Active: active == "drills"},
		{Label: "Saved views", Href: "/me/views", Active: active == "views"},
		{Label: "History", Href: "/me/history", Active: active == "history"}}
}
