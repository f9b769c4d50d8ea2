package views

import (
	"countersign/models"
	"time"
)

// AdminPeoplePage is the list of people.
type AdminPeoplePage struct {
	People         []AdminPersonLine
	Search, Status string
	Previous, Next string
	May            bool
}

// AdminPersonLine is one of them.
type AdminPersonLine struct {
	models.Party
	Accounts int
}

// personStatuses are what the list may be asked for.
var personStatuses = []Option{
	{Value: "", Label: "Active"}, {Value: models.PersonLeft, Label: "Deactivated"}, {Value: models.PersonMerged, Label: "Merged with another"},
}

func (p AdminPeoplePage) chips() []Chip {
	var out []Chip
	if p.Search != "" {
		out = append(out, Chip{"Contains “" + p.Search + "”", HrefWith("/admin/people", "status", p.Status)})
	}
	for _, o := range personStatuses[1:] {
		if p.Status == o.Value {
			out = append(out, Chip{o.Label, HrefWith("/admin/people", "q", p.Search)})
		}
	}
	return out
}

// PersonForm adds a person, or changes the name and e-mail of the one with ID.
type PersonForm struct {
	ID, Was               string // of the person who is changed; the name as it is
	Name, Email, TimeZone string
	Account               string // the account that is to be linked afterwards, or ""
	Keys                  FormKeys
	Errors                Errors
}

// AdminPersonPage is a person as an administrator manages them. The keys are of
// a form each; a form without keys is not drawn.
type AdminPersonPage struct {
	models.Party
	Into     models.Party
	Manager  models.Party // zero for none
	Grants   []AdminGrant
	Teams    []AdminTeamLine
	Accounts []models.Account
	Links    []AdminLink
	Answers  int
	Post     PostState     // of mail to them
	Roles    []models.Role // that may be given
	Join     []models.Team // that may be joined
	Role     string        // as chosen
	Team     string        // as chosen
	GiveKeys FormKeys
	JoinKeys FormKeys
	May      bool // the viewer is an administrator, and the person active
	Self     bool // the viewer's own page
	Errors   Errors
	Now      time.Time
}

// AdminGrant is a role with where it comes from. Keep says why it cannot be
// ended here.
type AdminGrant struct {
	models.Grant
	From, Keep string
	Keys       FormKeys
}

// AdminTeamLine is a team of a person with the form that takes them out.
type AdminTeamLine struct {
	models.Team
	Keys FormKeys
}

func (p AdminPersonPage) href(more string) string { return "/admin/people/" + p.Person.ID + more }

func (p AdminPersonPage) tabs(active string) []Tab {
	return []Tab{{Label: "Overview", Href: p.href(""), Active: active == ""}, {Label: "History", Href: p.href("/history"), Active: active == "history"}}
}

func (p AdminPersonPage) auditorHint() string {
	switch {
	case p.Has(models.Auditor):
		return "An auditor holds no other role. End that role before you give another."
	case len(p.Party.Roles) > 0:
		return "An auditor holds no other role, so “auditor” is not offered while the person has one."
	}
	return ""
}

// LeavePage asks before a person is deactivated.
type LeavePage struct {
	Person  models.Party
	Answers int          // capabilities in force that they answer for
	Seen    []AnswerLine // those of them that the viewer may see
	Grants  int
	Reason  string
	Keys    FormKeys
	Errors  Errors
}

// AdminPick is the search for a person and what it found.
type AdminPick struct {
	Action string // of the search
	Keys   [][2]string
	Query  string
	People []models.Party
	More   bool
	Chosen string
	Error  string
	Label  string
	AddURL string // where a person is added who is not found
}

func (p AdminPick) options() []Option {
	out := make([]Option, len(p.People))
	for i, x := range p.People {
		hint := x.Person.Email
		if roles := roleWords(x.Roles); roles != "" {
			if hint != "" {
				hint += ", "
			}
			hint += roles
		}
		out[i] = Option{Value: x.Person.ID, Label: partyLabel(x), Hint: hint}
	}
	return out
}

// MergePage proposes that two people are one.
type MergePage struct {
	From    models.Party
	Into    *models.Party // nil before somebody was chosen
	Effects []string
	Pick    AdminPick
	Reason  string
	Keys    FormKeys
	Errors  Errors
}
