package views

import (
	"time"

	"countersign/models"
)

// NomineePick asks for a person who holds a role now. Where there are too many
// for one list, a search narrows it; Find is what was searched for.
type NomineePick struct {
	Name, Label, Hint, Error string
	Value                    string // the id of who is chosen
	People                   []models.Party
	Find                     string
	Many                     bool // there are more than are listed
	Required                 bool
	None                     string         // what is said when nobody can be chosen
	Blank                    string         // the empty choice; "" is "Choose a person"
	At                       map[string]int // who answers for as much as one person may, and for how much
}

func (p NomineePick) options() []Option {
	out := make([]Option, 0, len(p.People))
	for _, x := range p.People {
		label := PartyText(x)
		if n, at := p.At[x.Person.ID]; at {
			label += ": answers for " + Count(n) + " already, and could not accept"
		}
		out = append(out, Option{Value: x.Person.ID, Label: label})
	}
	return out
}

func (p NomineePick) findHint() string {
	if p.Many {
		return "There are more people than this list shows. Search by name or team."
	}
	return "Search by name or team."
}

// PartyText is a person by name and team.
func PartyText(p models.Party) string {
	if len(p.Teams) == 0 {
		return p.Person.Name
	}
	return p.Person.Name + " (" + p.Team() + ")"
}

// DraftPeoplePage is who answers for a version, and who may be asked to.
type DraftPeoplePage struct {
	DraftTop
	Refused string
	Errors  Errors
	Roles   []DraftRole
	Live    bool // in force: what is offered is succession
}

// DraftRole is one of the three makers' roles in a version.
type DraftRole struct {
	Role     models.Role
	Answers  string // for what
	Now      *DraftNominee
	Next     *DraftNominee // a successor who was asked, beside Now
	Declined []DraftComment
	Problem  string // why Now cannot hold it
	Form     *NomineePick
	Keys     FormKeys
	Why      string // why this person cannot ask anybody, in one sentence
	HandOver bool   // it is the viewer's own role
}

// DraftNominee is who was asked.
type DraftNominee struct {
	Name, Team string
	Accepted   bool
	Left       bool      // no longer active here
	At         time.Time // asked, or accepted
	You        bool
}

func (d DraftNominee) mark() string {
	if d.Left {
		return "has left"
	}
	if d.Accepted {
		return SeatAccepted
	}
	return SeatWaiting
}

// pick is the form's question; whoever is asked already is not on the list.
func (r DraftRole) pick() NomineePick {
	p := *r.Form
	p.Label = "Who is asked to be " + r.Role.Words() + "?"
	if r.Now != nil {
		p.Label = "Who is asked to be " + r.Role.Words() + " instead?"
	}
	return p
}

func (r DraftRole) title() string { return upperFirst(r.Role.Words()) }

func (r DraftRole) button() string {
	if r.Now == nil && r.Next == nil {
		return "Nominate"
	}
	return "Nominate instead"
}

// DraftNewPage is the form for a new capability.
type DraftNewPage struct {
	AgentID, Agent string
	Keys           FormKeys
	Errors         Errors
	Refused        string
	Title, Task    string
	File           string // where Title and Task were imported from, or ""
	Skills         []DraftSkill
	Provisioner    NomineePick
	ControlOwner   NomineePick
}

// DraftSkill is a skill of an imported file that a task may begin with.
type DraftSkill struct {
	Name, Text, Href string
	Taken            bool
}

func (p DraftNewPage) imported(hint string) string {
	if p.File == "" {
		return hint
	}
	return "Imported from " + p.File + ". Nobody has checked it: make it say what you answer for."
}

// DraftCheckPage is everything that is submitted, on one page.
type DraftCheckPage struct {
	DraftTop
	Keys                   FormKeys
	Refused                string
	Missing                []DraftGaps
	Task, Scope, Oversight []SummaryRow
	People                 []SummaryRow
	Tier                   DraftTier
	Accept                 []string // who will be asked to accept, as what
	Signers                []models.Party
	SignerCount            int
	Barred                 int    // approvers who had a part in it
	MaySubmit              bool   // this person may, and nothing is missing
	Why                    string // why this person cannot submit, when nothing is missing
}

// DraftDonePage says what happens after a submission.
type DraftDonePage struct {
	DraftTop
	Digest string
	Tier   models.Tier
	By     string
	At     time.Time
	Next   []string
}

// DraftWithdrawPage asks why a version is taken back.
type DraftWithdrawPage struct {
	DraftTop
	Keys    FormKeys
	Errors  Errors
	Refused string
	Reason  string
	Effects []string // what follows from it
}

func signersText(p DraftCheckPage) string {
	text := "Once all three have accepted, it needs " + plural(p.Tier.Ask.Approvers, "approver")
	if p.Tier.Ask.Apart {
		text += " of different teams"
	}
	could := " This person could sign it"
	if p.SignerCount > 1 {
		could = " These " + Count(p.SignerCount) + " could sign it"
	}
	switch p.Barred {
	case 0:
		return text + "." + could + ":"
	case 1:
		return text + "." + could + " (one other approver had a part in it, or is in no team, and cannot):"
	}
	return text + "." + could + " (" + Count(p.Barred) + " other approvers had a part in it, or are in no team, and cannot):"
}
