package models

import (
	"encoding/json"
	"fmt"
)

// EmergencyFacts are an emergency and all that it stands on, for a reader who
// checks afterwards what got past the rules and the tables: verify.
type EmergencyFacts struct {
	Emergency Emergency
	Version   Version
	Switch    EmergencySwitch   // under which it was opened
	Signature *Signature        // nil for none
	Grants    []Grant           // of the role approver, of whoever opened or reviewed it
	Standings map[string]string // person → side in the version
	Human     func(string) string
}

// Misfit says in one sentence what does not follow, or "".
func (f EmergencyFacts) Misfit() string {
	for _, look := range []func() string{f.path, f.times, f.signed, f.people, f.version} {
		if says := look(); says != "" {
			return says
		}
	}
	return ""
}

func (f EmergencyFacts) path() string {
	s, at := f.Switch, f.Emergency.FromAt
	if s.ConfirmedAt == nil || s.ConfirmedBy == nil || *s.ConfirmedBy == s.ProposedBy || *s.ConfirmedAt > at || s.EndedAt != nil && *s.EndedAt < at {
		return "The emergency path was not switched on by two when it began."
	}
	return ""
}

func (f EmergencyFacts) times() string {
	e := f.Emergency
	switch {
	case e.UntilAt <= e.FromAt || e.UntilAt > e.FromAt+EmergencyMost:
		return "It lasts longer than two hours."
	case e.ReviewDueAt > e.FromAt+EmergencyReviewDue:
		return "Its review is due later than two days after it began."
	case e.EndedAt != nil && (*e.EndedAt < e.FromAt || *e.EndedAt > e.UntilAt):
		return "It ended at another time than it can."
	case e.ReviewedAt != nil && e.EndedAt == nil:
		return "It was reviewed, and has not ended."
	}
	return ""
}

// signed holds it against what the passkey signed: the statement and the minutes too.
func (f EmergencyFacts) signed() string {
	e, s := f.Emergency, f.Signature
	if s == nil {
		if e.Tier.Rank() >= High.Rank() {
			return fmt.Sprintf("It was opened without a passkey, at tier %s.", e.Tier)
		}
		return ""
	}
	var says Approval
	if err := json.Unmarshal([]byte(s.Document), &says); err != nil || s.Decision != DecisionBreakGlass || s.PersonID != e.ApproverID || s.VersionID != e.VersionID ||
		s.Digest != e.Digest || s.Round != e.Round || s.TeamID != e.TeamID || says.Reason != e.Emergency || Instant(says.Minutes)*Minute != e.UntilAt-e.FromAt {
		return "It is not what its approver's passkey signed."
	}
	return ""
}

func (f EmergencyFacts) people() string {
	e := f.Emergency
	was := func(person string, at Instant) bool { return MandateFacts{Grants: f.Grants}.approver(person, at) }
	switch {
	case !was(e.ApproverID, e.FromAt):
		return "Who opened it was no approver then."
	case f.Standings[e.ApproverID] != Checker:
		return "Who opened it does not stand on the checkers' side of its version."
	case e.ReviewerID != nil && !was(*e.ReviewerID, *e.ReviewedAt):
		return "Who reviewed it was no approver then."
	case e.ReviewerID != nil && (*e.ReviewerID == e.ApproverID || f.Standings[*e.ReviewerID] != Checker):
		return "Who reviewed it opened it, or is one of its makers."
	}
	if e.EndedAt != nil {
		return "" // who turned out to be one person later does not undo what was
	}
	opened := f.Human(e.ApproverID)
	for p, side := range f.Standings {
		if side == Maker && f.Human(p) == opened {
			return "Who opened it is one of its makers."
		}
	}
	return ""
}

func (f EmergencyFacts) version() string {
	e, v := f.Emergency, f.Version
	switch {
	case e.Digest != v.Digest || e.CapabilityID != v.CapabilityID || e.Tier != v.Tier || e.Need != v.Need || e.Apart != v.Apart:
		return "It is not for what its version says."
	case e.EndedAt == nil && v.State != InReview && v.State != Approved:
		return fmt.Sprintf("Nothing has ended it, and its version is %s.", v.State.Words())
	}
	return ""
}
