package models

import (
	"errors"
	"slices"
)

// Needed is what a version still lacks to be in force, and who can give it.
type Needed struct {
	Roles      []Role       // that nobody has accepted
	Seats      int          // sign-offs that are missing
	Apart      bool         // they must be of different teams
	Spoken     []string     // ids of the teams that have spoken, where they must be apart
	Custodians []string     // ids of the custodians' teams of which one has to sign and nobody has
	Can        []Party      // who could sign now
	Cannot     []CannotSign // other approvers, with why
}

// CannotSign is an approver who cannot sign a version. Why goes on from "who":
// "wrote the scope".
type CannotSign struct {
	Party
	Why string
}

// Needed looks at everybody who holds the approver's role with the very rule
// that a sign-off is asked.
func (f CapabilityFacts) Needed(v VersionFile) Needed {
	n := Needed{Custodians: v.Unspoken(), Apart: v.Version.Apart == 1}
	n.Seats = max(0, v.Version.Need-len(v.Valid()), len(n.Custodians))
	for _, r := range MakerRoles {
		if _, held := v.Holder(r); !held {
			n.Roles = append(n.Roles, r)
		}
	}
	if n.Apart {
		for _, s := range v.Valid() {
			n.Spoken = append(n.Spoken, s.TeamID)
		}
	}
	for _, p := range f.Approvers {
		if MaySign(p, v) == nil {
			n.Can = append(n.Can, p)
		} else {
			n.Cannot = append(n.Cannot, CannotSign{p, WhyNot(p, v, false)})
		}
	}
	return n
}

// WhyNot is the refusal of MaySign as the rest of a sentence, after "who" or,
// said to the person, after "you"; "" when nothing is in the way.
func WhyNot(p Party, v VersionFile, you bool) string {
	return whyNot(MaySign(p, v), p, v, you)
}

// WhyNotFor is why the reader cannot sign in the name of somebody they stand in
// for, as a sentence without its stop; "" when nothing is in the way. The first of
// the two in whose way something is, is named.
func WhyNotFor(reader, principal Party, v VersionFile) string {
	err := MaySignFor(reader, principal, v)
	if err == nil {
		return ""
	}
	// What keeps both from it as people is looked for in each; teams are the principal's.
	if MayCheck(reader, v) != nil || RuleOf(err) == "separation.seat" && v.hasSeat(reader.Person.ID) {
		return "you " + whyNot(MaySign(reader, v), reader, v, true)
	}
	return principal.Person.Name + " " + whyNot(err, principal, v, false)
}

func (v VersionFile) hasSeat(person string) bool {
	return slices.ContainsFunc(v.Valid(), func(s SignOff) bool { return s.SignerID == person || s.PrincipalID == person })
}

func whyNot(refusal error, p Party, v VersionFile, you bool) string {
	var err *Error
	if !errors.As(refusal, &err) {
		return ""
	}
	is, holds, has := "is", "holds", "has"
	if you {
		is, holds, has = "are", "hold", "have"
	}
	switch err.Rule {
	case "separation.approver":
		return whyMaker(p.Person.ID, v, is, holds)
	case "separation.seat":
		return has + " already signed in this round"
	case "separation.custodian":
		return is + " not of the custodian’s team, of which one has to sign, and nobody else is needed"
	case "separation.team":
		if len(p.Teams) == 0 {
			return is + " in no team, and a sign-off is given for a team"
		}
		return is + " of " + teamsSpoken(v, p) + ", which has already spoken"
	}
	if you {
		return "do not hold the role approver"
	}
	return "does not hold the role approver"
}

func whyMaker(id string, v VersionFile, is, holds string) string {
	if i := slices.IndexFunc(v.Contributions, func(c Contribution) bool { return c.PersonID == id }); i >= 0 {
		return "wrote the " + v.Contributions[i].Part.Words()
	}
	for _, r := range MakerRoles {
		if h, ok := v.Holder(r); ok && h == id {
			return holds + " the role " + r.Words()
		}
		if n, ok := v.Nominee(r); ok && n == id {
			return is + " nominated as " + r.Words()
		}
	}
	return "had a hand in making it"
}

// Words is the part as a person reads it.
func (p Part) Words() string {
	switch p {
	case TaskPart:
		return "task boundary"
	case ScopePart:
		return "scope"
	}
	return "oversight plan"
}
