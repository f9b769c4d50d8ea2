package models

import "slices"

// Separation: who may hold which role, and who may sign, on one page. The same
// is in the schema (migrations), which refuses what gets past these lines; here
// it is explained, with the id of the rule that refused.
//
//	separation.sides     one person has one side in a version: maker or checker
//	separation.owner     owner and provisioner are different people
//	separation.control   provisioner and control owner are different people
//	separation.tier      owner and control owner may be one person only at low or moderate
//	separation.approver  a maker never signs: not as author, not as holder of a role
//	separation.seat      one human fills one seat
//	separation.team      at critical (or where the rules say apart) approvers are of different teams
//	separation.custodian where a system asks, one approver is of its custodian's team
//
// Who signs for another passes as both people in all of this. Nobody acts for
// somebody whom that person stands in for: there are no chains.

// MayHold says why a person cannot hold a maker's role in the version at the
// tier, or nil. others are the people named for the other two roles.
func MayHold(r Role, p Party, side string, tier Tier, others map[Role]string) error {
	name, id := p.Person.Name, p.Person.ID
	switch {
	case p.Person.Status != PersonActive:
		return forbidden("person.active", "%s is no longer active here.", name)
	case !p.Has(r):
		return forbidden("role."+string(r), "%s does not hold the role %s.", name, r.Words())
	case side == Checker:
		return forbidden("separation.sides", "%s signed this version as approver, and so cannot hold a maker's role in it.", name)
	}
	for other, who := range others {
		if other == r || who != id {
			continue
		}
		switch {
		case r == Provisioner || other == Provisioner:
			rule := "separation.owner"
			if r == ControlOwner || other == ControlOwner {
				rule = "separation.control"
			}
			return forbidden(rule, "%s is already named as %s; the %s must be another person.", name, other.Words(), r.Words())
		case tier == High || tier == Critical:
			return forbidden("separation.tier", "%s is already named as %s; at tier %s the %s must be another person.", name, other.Words(), tier, r.Words())
		}
	}
	return nil
}

// MayCheck says why a person cannot decide on the version at all, or nil: the
// refusal of one's own work. It is asked before any question of what else the
// person may do: no role is exempt.
func MayCheck(p Party, v VersionFile) error {
	name, id := p.Person.Name, p.Person.ID
	for _, c := range v.Contributions {
		if c.PersonID == id {
			return forbidden("separation.approver", "%s wrote part of this version (%s), and a maker never checks their own work.", name, c.Part)
		}
	}
	for _, a := range v.Acceptances {
		if a.PersonID == id {
			return forbidden("separation.approver", "%s holds the role %s in this version, and a maker never checks their own work.", name, a.Role.Words())
		}
	}
	for _, r := range MakerRoles {
		if n, ok := v.Nominee(r); ok && n == id {
			return forbidden("separation.approver", "%s is nominated as %s of this version, and a maker never checks their own work.", name, r.Words())
		}
	}
	if v.Standings[id] == Maker {
		return forbidden("separation.approver", "%s is a maker of this version, and a maker never checks their own work.", name)
	}
	if !p.Has(Approver) {
		return forbidden("role.approver", "Only an approver can sign off.")
	}
	return nil
}

// MaySign says why a person cannot sign the version off in their own name, or
// nil. Who may not sign for want of a seat or a team may still refuse: MayCheck.
// In their own name only their own exclusions count, whoever they stand in for.
func MaySign(p Party, v VersionFile) error { return MaySignFor(p, p, v) }

// MaySignFor says why a person cannot sign the version off for another whom they
// stand in for, or nil. They pass as both people: neither may be a maker, neither
// has a seat yet. The team is the other's. That they do stand in is not asked here.
func MaySignFor(p, principal Party, v VersionFile) error {
	if err := MayCheckFor(p, principal, v); err != nil {
		return err
	}
	for _, who := range pair(p, principal) {
		for _, s := range v.Valid() {
			if s.SignerID == who.Person.ID || s.PrincipalID == who.Person.ID {
				return forbidden("separation.seat", "%s has already signed this off in this round; one person fills one seat.", who.Person.Name)
			}
		}
	}
	if len(teamsFor(principal, v)) > 0 {
		return nil
	}
	name := principal.Person.Name
	switch {
	case len(principal.Teams) == 0:
		return forbidden("separation.team", "%s is in no team, and a sign-off is given for a team. An administrator can add them to one.", name)
	case v.onlyCustodians() && !slices.ContainsFunc(v.Unspoken(), principal.On):
		return forbidden("separation.custodian", "Only somebody of the custodian’s team is still needed, and %s is not of it.", name)
	}
	return forbidden("separation.team", "The approvers must be of different teams, and %s has already spoken.", teamsSpoken(v, principal))
}

// MayCheckFor is MayCheck of a person who acts for another: of both.
func MayCheckFor(p, principal Party, v VersionFile) error {
	for _, who := range pair(p, principal) {
		if err := MayCheck(who, v); err != nil {
			return err
		}
	}
	return nil
}

// pair are the two people as whom a delegate passes; in one's own name, one.
func pair(p, principal Party) []Party {
	if p.Person.ID == principal.Person.ID {
		return []Party{p}
	}
	return []Party{p, principal}
}

// teamsFor are the teams for which the person could still sign: where only a
// custodian's word is missing, the custodians'.
func teamsFor(p Party, v VersionFile) []Team {
	var out []Team
	unspoken, only := v.Unspoken(), v.onlyCustodians()
	for _, t := range p.Teams {
		spoken := slices.ContainsFunc(v.Valid(), func(s SignOff) bool { return s.TeamID == t.ID })
		if (v.Version.Apart == 0 || !spoken) && (!only || slices.Contains(unspoken, t.ID)) {
			out = append(out, t)
		}
	}
	return out
}

func teamsSpoken(v VersionFile, p Party) string {
	for _, s := range v.Valid() {
		for _, t := range p.Teams {
			if s.TeamID == t.ID {
				return t.Name
			}
		}
	}
	return "that team"
}

// TeamsFor are the teams for which the person could sign this version now.
func TeamsFor(p Party, v VersionFile) []Team { return teamsFor(p, v) }

// Unspoken are the custodians' teams that a sign-off is asked of and that have
// not given one in this round, sorted by id.
func (v VersionFile) Unspoken() []string {
	var out []string
	for _, team := range v.Version.CustodianTeams() {
		if !slices.ContainsFunc(v.Valid(), func(s SignOff) bool { return s.TeamID == team }) {
			out = append(out, team)
		}
	}
	return out
}

// Enough says that nobody has to sign any more: as many as the tier asks, and
// one of each custodian's team where a system asks for it.
func (v VersionFile) Enough() bool {
	return len(v.Valid()) >= v.Version.Need && len(v.Unspoken()) == 0
}

// onlyCustodians says that the number is reached and only a custodian's word is missing.
func (v VersionFile) onlyCustodians() bool {
	return len(v.Unspoken()) > 0 && len(v.Valid()) >= v.Version.Need
}

// seated are the sign-offs that take a seat: as many as the tier asks, in the
// order in which they were given, and those of the custodians' teams.
func (v VersionFile) seated() []SignOff {
	asked := slices.Clone(v.Version.CustodianTeams())
	var out []SignOff
	for i, s := range v.Valid() {
		at := slices.Index(asked, s.TeamID)
		if at >= 0 {
			asked = slices.Delete(asked, at, at+1) // the first of a team is its word
		}
		if i < v.Version.Need || at >= 0 {
			out = append(out, s)
		}
	}
	return out
}

// EnoughApprovers says whether the people who may sign could fill the seats:
// where the rules say apart, each for a team of their own.
func EnoughApprovers(approvers []Party, v VersionFile, need int, apart bool) bool {
	people, filled, speaks := 0, 0, map[string]Party{}
	for _, p := range approvers {
		if MaySign(p, v) != nil {
			continue
		}
		people++
		if seat(p, speaks, map[string]bool{}) {
			filled++
		}
	}
	return people >= need && (!apart || filled >= need)
}

// CustodianMissing is the first of the teams that would stay silent, were a
// sign-off of each asked for: nobody of it may sign, or who may has to speak for
// another of them; "" for none.
func CustodianMissing(approvers []Party, v VersionFile, teams []string) string {
	filled, speaks := map[string]bool{}, map[string]Party{}
	for _, p := range approvers {
		if MaySign(p, v) != nil {
			continue
		}
		p.Teams = slices.DeleteFunc(slices.Clone(p.Teams), func(t Team) bool { return !slices.Contains(teams, t.ID) })
		seat(p, speaks, map[string]bool{})
	}
	for team := range speaks {
		filled[team] = true
	}
	for _, team := range teams {
		if !filled[team] {
			return team
		}
	}
	return ""
}

// seat finds the person a team to speak for, where others can move to another of
// theirs (an augmenting path of a matching).
func seat(p Party, speaks map[string]Party, tried map[string]bool) bool {
	for _, t := range p.Teams {
		if tried[t.ID] {
			continue
		}
		tried[t.ID] = true
		if other, taken := speaks[t.ID]; !taken || seat(other, speaks, tried) {
			speaks[t.ID] = p
			return true
		}
	}
	return false
}

// named are the people named for the three roles.
func (v VersionFile) named() map[Role]string {
	out := map[Role]string{}
	for _, r := range MakerRoles {
		if p, ok := v.Nominee(r); ok {
			out[r] = p
		}
	}
	return out
}
