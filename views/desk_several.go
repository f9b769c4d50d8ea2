package views

import (
	"strconv"
	"time"

	"countersign/models"
)

// SeveralPage is where versions of low risk that did not change are chosen, to be
// signed off together.
type SeveralPage struct {
	Lines  []SeveralLine
	Chosen []string
	Errors Errors
	Most   int
	Now    time.Time
}

// SeveralLine is one version in a sentence or two.
type SeveralLine struct {
	ID, Href            string
	Title, Agent        string
	No, Round           int
	Digest              string
	Why                 string // it waits
	By, Team            string // who made it, or asked for the restart
	Restart             bool
	Approved            string // "version 2, approved on Mon 2 Nov"
	Due                 time.Time
	Refused             string // why it is not signed with the others
	Changed             bool   // it changed since it was listed
	DigestKey, RoundKey string // names of the form's fields
}

func (l SeveralLine) made() string {
	if l.Restart {
		return "asked for the restart"
	}
	return "submitted it"
}

// SeveralConfirmPage lists what was chosen before it is signed.
type SeveralConfirmPage struct {
	Lines    []SeveralLine // that would be signed
	Left     []SeveralLine // that cannot be, with why
	Keys     FormKeys
	Errors   Errors
	Refused  string // why nothing was recorded
	Reason   string
	Team     string
	Teams    *Choices
	MaxChars int
	Now      time.Time
}

func (p SeveralConfirmPage) button() string {
	if len(p.Lines) == 1 {
		return "Sign this one off"
	}
	return "Sign these " + strconv.Itoa(len(p.Lines)) + " off"
}

// SeveralDonePage is what was recorded.
type SeveralDonePage struct {
	Receipts []SeveralReceipt
	Again    bool
}

// SeveralReceipt is one of the sign-offs.
type SeveralReceipt struct{ Title, Text, Href string }

func (p SeveralDonePage) title() string {
	if len(p.Receipts) == 1 {
		return "You signed one version off"
	}
	return "You signed " + strconv.Itoa(len(p.Receipts)) + " versions off"
}

// SeveralText is the line on the home page that leads here.
func SeveralText(n int) string {
	many := Count(n)
	if n > models.MostTogether {
		many = "More than " + Count(models.MostTogether)
	}
	return many + " of them are of low risk and did not change since they were last approved."
}
