package models

import (
	"fmt"
	"slices"
)

// MandateFacts are an open mandate and all that it stands on, for a reader who
// checks afterwards what the rules let through: verify. The database holds the
// separation itself; here is what it cannot hold: that the tier follows from the
// contents, the periods, the clock, and who is one human.
type MandateFacts struct {
	Mandate     Mandate
	Version     Version
	Revision    AgentRevision // that the version was signed with
	Rules       TierRulesRow  // that the version pins
	Seats       []Seat        // in order
	SignOffs    map[string]SignOff
	Recalled    map[string]bool // sign-offs taken back
	Delegations map[string]Delegation
	Grants      []Grant             // of the role approver, of those who signed and those signed for
	Standings   map[string]string   // person → side in the version
	Held        bool                // a hold stands on the capability itself
	Human       func(string) string // who a person is after every merge
}

// Misfit says in one sentence what does not follow, or "".
func (f MandateFacts) Misfit() string {
	for _, look := range []func() string{f.version, f.tier, f.seats, f.times, f.humans} {
		if says := look(); says != "" {
			return says
		}
	}
	return ""
}

func (f MandateFacts) version() string {
	m, v, d := f.Mandate, f.Version, f.Version.Doc()
	switch {
	case v.State != Live:
		return fmt.Sprintf("Its version is %s, not live.", v.State.Words())
	case m.Digest != v.Digest || m.CapabilityID != v.CapabilityID || m.Tier != v.Tier || m.Need != v.Need || m.Apart != v.Apart:
		return "It is not for what its version says."
	case m.Round > v.Round:
		return "It counts sign-offs of a round that has not begun."
	case d.CapabilityID != v.CapabilityID || d.No != v.No || d.Tier != v.Tier || d.Need != v.Need || d.Apart != (v.Apart == 1) || d.TierRules != v.TierRulesID:
		return "Its version's document does not say what the version says."
	case v.AgentRevisionID == nil || *v.AgentRevisionID != f.Revision.ID || d.AgentRevision != f.Revision.Digest || d.AgentID != f.Revision.AgentID:
		return "Its version's document is not of the agent's revision that it names."
	case !slices.Equal(v.CustodianTeams(), d.Custodians):
		return "The custodians who are asked to sign are not those of its version's document."
	}
	return ""
}

// tier asks the pinned rules again.
func (f MandateFacts) tier() string {
	d, rules, made := f.Version.Doc(), f.Rules.Rules(), f.Revision.Manifest()
	tier, reasons := rules.Assess(d.Task, d.Facts, made.Environments, made.ToolAccess)
	ask := rules.Asks[tier]
	switch {
	case f.Rules.ID != f.Version.TierRulesID:
		return "The tier rules that it pins are not there."
	case tier != d.Tier:
		return fmt.Sprintf("Its tier is %s, but %s follows from what was signed.", d.Tier, tier)
	case !slices.Equal(reasons, d.Reasons):
		return "The reasons of its tier are not those that follow from what was signed."
	case ask != d.Ask || ask.Approvers != d.Need || ask.Apart != d.Apart:
		return fmt.Sprintf("What it asks of its approvers is not what the tier %s asks.", tier)
	}
	return ""
}

func (f MandateFacts) seats() string {
	if len(f.Seats) < f.Mandate.Need {
		return fmt.Sprintf("It has %d of the %d approvers that it needs.", len(f.Seats), f.Mandate.Need)
	}
	ask, custodians := f.Version.Doc().Ask, f.Version.CustodianTeams()
	for _, team := range custodians {
		if !slices.ContainsFunc(f.Seats, func(s Seat) bool { return s.TeamID == team }) {
			return "A custodian's team that has to sign has no seat in it."
		}
	}
	for i, seat := range f.Seats {
		s, ok := f.SignOffs[seat.SignOffID]
		d := Delegation{}
		if s.DelegationID != nil {
			d = f.Delegations[*s.DelegationID]
		}
		switch {
		case seat.Seat != i+1:
			return fmt.Sprintf("Its seat %d is not filled.", i+1)
		case !ok || s.Digest != f.Mandate.Digest || s.Round != f.Mandate.Round || s.VersionID != f.Mandate.VersionID:
			return fmt.Sprintf("Its seat %d is filled by a sign-off of something else.", i+1)
		case f.Recalled[s.ID] && !f.Held:
			return fmt.Sprintf("The sign-off in its seat %d was taken back, and nothing holds it.", i+1)
		case s.SignedAt > f.Mandate.FromAt:
			return fmt.Sprintf("The sign-off in its seat %d was given after it began.", i+1)
		case ask.FreshSignIn && s.Method == MethodSession:
			return fmt.Sprintf("The sign-off in its seat %d was not given with a fresh sign-in.", i+1)
		case len(custodians) > 0 && s.Method != MethodPasskey:
			return fmt.Sprintf("The sign-off in its seat %d was not given with a passkey, as a custodian's team asks.", i+1)
		case s.OnBehalf() != (s.DelegationID != nil) || s.OnBehalf() && (d.DelegateID != s.SignerID || d.PrincipalID != s.PrincipalID):
			return fmt.Sprintf("The sign-off in its seat %d was given for somebody else without their word.", i+1)
		case s.OnBehalf() && (s.SignedAt < d.FromAt || s.SignedAt >= d.UntilAt || d.EndedAt != nil && s.SignedAt > *d.EndedAt):
			return fmt.Sprintf("The sign-off in its seat %d was given for somebody else outside of the time agreed.", i+1)
		case !f.approver(s.PrincipalID, s.SignedAt) || !f.approver(s.SignerID, s.SignedAt):
			return fmt.Sprintf("Who signed for its seat %d was no approver then.", i+1)
		}
	}
	return ""
}

func (f MandateFacts) approver(person string, at Instant) bool {
	return slices.ContainsFunc(f.Grants, func(g Grant) bool {
		return g.PersonID == person && g.Role == Approver && g.GrantedAt <= at && (g.EndedAt == nil || *g.EndedAt >= at)
	})
}

func (f MandateFacts) times() string {
	m, d := f.Mandate, f.Version.Doc()
	switch {
	case m.FromAt < d.Task.Starts():
		return "It began before its first day."
	case m.ReviewDueAt > m.FromAt+Instant(d.Ask.ReviewDays)*Day:
		return "Its review is due later than its tier allows."
	case m.UntilAt > m.ReviewDueAt+Instant(d.Ask.GraceDays)*Day:
		return "It lasts longer after a missed review than its tier allows."
	case d.Task.Ends() != 0 && m.UntilAt > d.Task.Ends():
		return "It lasts longer than its last day."
	}
	return ""
}

// humans looks at the people again, each as the human they turned out to be.
func (f MandateFacts) humans() string {
	m := f.Mandate
	owner, provisioner, control := f.Human(m.OwnerID), f.Human(m.ProvisionerID), f.Human(m.ControlOwnerID)
	switch {
	case owner == provisioner:
		return "Its owner and its provisioner are one person."
	case provisioner == control:
		return "Its provisioner and its control owner are one person."
	case owner == control && m.Tier.Rank() >= High.Rank():
		return fmt.Sprintf("Its owner and its control owner are one person, at tier %s.", m.Tier)
	}
	makers := map[string]bool{owner: true, provisioner: true, control: true}
	for p, side := range f.Standings {
		if side == Maker {
			makers[f.Human(p)] = true
		}
	}
	seated := map[string]int{}
	for _, s := range f.Seats {
		for _, p := range []string{f.Human(s.SignerID), f.Human(s.PrincipalID)} {
			switch {
			case makers[p]:
				return fmt.Sprintf("Who signed in its seat %d is one of its makers.", s.Seat)
			case seated[p] != 0 && seated[p] != s.Seat:
				return fmt.Sprintf("Its seats %d and %d are filled by one person.", seated[p], s.Seat)
			}
			seated[p] = s.Seat
		}
	}
	return ""
}
