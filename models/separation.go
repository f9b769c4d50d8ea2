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

// MaySign says why a person cannot sign the version off, or nil. Who may not
// sign for want of a seat or a team may still refuse: MayCheck.
func MaySign(p Party, v VersionFile) error {
	if err := MayCheck(p, v); err != nil {
		return err
	}
	name, id := p.Person.Name, p.Person.ID
	for _, s := range v.Valid() {
		if s.SignerID == id || s.PrincipalID == id {
			return forbidden("separation.seat", "%s has already signed this off in this round; one person fills one seat.", name)
		}
	}
	if len(teamsFor(p, v)) == 0 {
		if len(p.Teams) == 0 {
			return forbidden("separation.team", "%s is in no team, and a sign-off is given for a team. An administrator can add them to one.", name)
		}
		return forbidden("separation.team", "The approvers must be of different teams, and %s has already spoken.", teamsSpoken(v, p))
	}
	return nil
}

// teamsFor are the teams for which the person could still sign.
func teamsFor(p Party, v VersionFile) []Team {
	var out []Team
	for _, t := range p.Teams {
		spoken := slices.ContainsFunc(v.Valid(), func(s SignOff) bool { return s.TeamID == t.ID })
		if v.Version.Apart == 0 || !spoken {
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
