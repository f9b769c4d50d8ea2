package views

import (
	"time"

	"countersign/models"
)

// ForbidLine is a forbid with whom it names.
type ForbidLine struct {
	models.Forbid
	Proposer, Confirmer, EndProposer, Ender models.Party
}

// ForbidsPage is what the organisation forbids.
type ForbidsPage struct {
	Open, Ended []ForbidLine
	May         bool // the viewer is an administrator
	Now         time.Time
}

// ForbidForm proposes a forbid.
type ForbidForm struct {
	Name, Why, Text string
	Examples        []Example
	Sees            []Seen
	Tried           *ForbidTried // what a try-out found; nil where there was none
	Keys            FormKeys
	Errors          Errors
}

// ForbidTried is what a forbid would have refused of what was allowed lately.
type ForbidTried struct {
	Looked, Fits, Errs, Unknown, Agents int

	Since time.Time
	By    []ForbidFit
	Blind bool // it asks for properties, which are not kept
	Now   time.Time
}

// ForbidFit is how many requests for an operation would have been refused.
type ForbidFit struct {
	Operation, System string
	N                 int
}

func (t ForbidTried) sum() string {
	of := Counted(t.Looked, "request that was allowed", "requests that were allowed") + " since " + WhenText(t.Since, t.Now)
	switch {
	case t.Looked == 0:
		return "Nothing was allowed in the last 30 days, so there is nothing to try it out on."
	case t.Fits == 0:
		return "It would have refused none of the " + of + "."
	}
	return "It would have refused " + Count(t.Fits) + " of the " + of + ", of " + Counted(t.Agents, "agent", "agents") + "."
}

// Example is a text to be copied.
type Example struct{ Title, Text string }

// Seen is one variable of a policy, and what it has.
type Seen struct {
	Variable, Is string
	Attributes   []models.Choice
}

// ForbidPage is one forbid, with what the viewer may do about it.
type ForbidPage struct {
	Line   ForbidLine
	May    bool   // the viewer is an administrator
	Why    string // why they may not confirm what waits
	Reason string
	Tried  *ForbidTried // of a proposed one

	Confirm, Withdraw, End, Keep FormKeys

	Errors Errors
	Now    time.Time
}

func (l ForbidLine) href(act string) string { return "/admin/forbids/" + l.ID + act }

// state is how far it is, in the words of a state: what was once in force ended.
func (l ForbidLine) state() string {
	if l.Forbid.State == models.ForbidWithdrawn && l.ConfirmedAt != nil {
		return "ended"
	}
	return l.Forbid.State
}

func (l ForbidLine) endOpen() bool {
	return l.Forbid.State == models.ForbidActive && l.EndProposedAt != nil
}

// ForbidDuty is a forbid that waits for a second administrator, to come or to go.
func ForbidDuty(l ForbidLine, why string, now time.Time) Duty {
	d := Duty{ID: l.ID, Title: "Forbid “" + l.Name + "”", Href: l.href(""), Why: proposedBy(l.Proposer, l.ProposedAt, l.Forbid.Why, now), Lapse: or(why, "You can confirm it.")}
	if l.endOpen() {
		d.Title, d.Why = "End the forbid “"+l.Name+"”", proposedBy(l.EndProposer, *l.EndProposedAt, l.EndReason, now)
	}
	return d
}

func forbidFacts(p ForbidPage) []SummaryRow {
	l := p.Line
	rows := []SummaryRow{{Key: "What it is for", Value: l.Forbid.Why}, {Key: "Proposed by", Body: whoWhen(l.Proposer, l.ProposedAt, p.Now)}}
	if l.ConfirmedAt != nil {
		rows = append(rows, SummaryRow{Key: "Confirmed by", Body: whoWhen(l.Confirmer, *l.ConfirmedAt, p.Now)})
	}
	if l.EndProposedAt != nil {
		rows = append(rows, SummaryRow{Key: "Its end proposed by", Body: whoWhen(l.EndProposer, *l.EndProposedAt, p.Now)})
	}
	if l.EndedAt != nil {
		key := "Withdrawn by"
		if l.ConfirmedAt != nil {
			key = "Its end confirmed by"
		}
		rows = append(rows, SummaryRow{Key: key, Body: whoWhen(l.Ender, *l.EndedAt, p.Now)})
	}
	if l.EndReason != "" {
		rows = append(rows, SummaryRow{Key: "Why it ends", Value: l.EndReason})
	}
	return rows
}
