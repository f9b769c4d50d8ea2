package models

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func party(id string, teams []string, roles ...Role) Party {
	p := Party{Person: Person{ID: id, Name: id, Status: PersonActive}, Roles: roles}
	for _, t := range teams {
		p.Teams = append(p.Teams, Team{ID: t, Name: t})
	}
	return p
}

func refusedBy(t require.TestingT, rule string, err error) {
	if rule == "" {
		require.NoError(t, err)
		return
	}
	var e *Error
	require.True(t, errors.As(err, &e), "%s, and not %v", rule, err)
	require.Equal(t, rule, e.Rule)
	require.Equal(t, Forbidden, e.Code)
	require.NotEmpty(t, e.Message)
}

// TestMayHold tries each role at each tier for somebody who is named for another.
func TestMayHold(t *testing.T) {
	all := party("ann", nil, MakerRoles...)
	for _, tier := range Tiers {
		apart := map[bool]string{true: "separation.tier"}[tier == High || tier == Critical]
		for _, c := range []struct {
			role, other Role
			rule        string
		}{
			{BusinessOwner, Provisioner, "separation.owner"}, {Provisioner, BusinessOwner, "separation.owner"},
			{ControlOwner, Provisioner, "separation.control"}, {Provisioner, ControlOwner, "separation.control"},
			{BusinessOwner, ControlOwner, apart}, {ControlOwner, BusinessOwner, apart},
		} {
			t.Run(fmt.Sprintf("%s who is %s at %s", c.role, c.other, tier), func(t *testing.T) {
				refusedBy(t, c.rule, MayHold(c.role, all, "", tier, map[Role]string{c.other: "ann"}))
				refusedBy(t, "", MayHold(c.role, all, Maker, tier, map[Role]string{c.other: "bob", c.role: "ann"}))
				refusedBy(t, "separation.sides", MayHold(c.role, all, Checker, tier, nil))
				refusedBy(t, "role."+string(c.role), MayHold(c.role, party("ann", nil, Approver), "", tier, nil))
			})
		}
	}
	left := all
	left.Person.Status = PersonLeft
	refusedBy(t, "person.active", MayHold(Provisioner, left, "", Low, nil))
}

func inReview(need, apart int) VersionFile {
	return VersionFile{Version: Version{ID: "v", State: InReview, Digest: "d", Round: 2, Need: need, Apart: apart}, Standings: map[string]string{}}
}

func signed(id, who, team string, round int) SignOff {
	return SignOff{ID: id, VersionID: "v", Digest: "d", Round: round, SignerID: who, PrincipalID: who, TeamID: team}
}

// TestMaySign is the refusal of one's own work: no role is exempt from it.
func TestMaySign(t *testing.T) {
	for name, c := range map[string]struct {
		who  Party
		with func(*VersionFile)
		rule string
	}{
		"an approver":              {},
		"not an approver":          {who: party("ann", []string{"red"}, Auditor), rule: "role.approver"},
		"an administrator":         {who: party("ann", []string{"red"}, Administrator), rule: "role.approver"},
		"the author of a sentence": {with: func(v *VersionFile) { v.Contributions = []Contribution{{Part: ScopePart, PersonID: "ann"}} }, rule: "separation.approver"},
		"the holder of a role":     {with: func(v *VersionFile) { v.Acceptances = []Acceptance{{Role: ControlOwner, PersonID: "ann"}} }, rule: "separation.approver"},
		"a nominee": {with: func(v *VersionFile) {
			v.Nominations = []Nomination{{Role: Provisioner, PersonID: "ann", State: NominationOpen}}
		}, rule: "separation.approver"},
		"who declined": {with: func(v *VersionFile) {
			v.Nominations = []Nomination{{Role: Provisioner, PersonID: "ann", State: NominationDeclined}}
		}},
		"a maker by standing":   {with: func(v *VersionFile) { v.Standings["ann"] = Maker }, rule: "separation.approver"},
		"a checker by standing": {with: func(v *VersionFile) { v.Standings["ann"] = Checker }},
		"who signed":            {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "ann", "red", 2)} }, rule: "separation.seat"},
		"for whom a delegate signed": {with: func(v *VersionFile) {
			v.SignOffs = []SignOff{{Round: 2, Digest: "d", SignerID: "bob", PrincipalID: "ann"}}
		}, rule: "separation.seat"},
		"who signed in the round before": {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "ann", "red", 1)} }},
		"who signed and took it back": {with: func(v *VersionFile) {
			v.SignOffs, v.Recalls = []SignOff{signed("s", "ann", "red", 2)}, []Recall{{SignOffID: "s"}}
		}},
		"in no team":                           {who: party("ann", nil, Approver), rule: "separation.team"},
		"of a team that spoke":                 {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "bob", "red", 2)} }, rule: "separation.team"},
		"of another team too":                  {who: party("ann", []string{"red", "blue"}, Approver), with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "bob", "red", 2)} }},
		"of a team that spoke, where one may":  {with: func(v *VersionFile) { v.Version.Apart, v.SignOffs = 0, []SignOff{signed("s", "bob", "red", 2)} }},
		"an approver who administers and owns": {who: party("ann", []string{"red"}, Approver, Administrator, BusinessOwner), with: func(v *VersionFile) { v.Standings["ann"] = Maker }, rule: "separation.approver"},
	} {
		t.Run(name, func(t *testing.T) {
			v, who := inReview(2, 1), c.who
			if who.Person.ID == "" {
				who = party("ann", []string{"red"}, Approver)
			}
			if c.with != nil {
				c.with(&v)
			}
			refusedBy(t, c.rule, MaySign(who, v))
			who.Person.Status = PersonLeft
			require.Error(t, MaySign(who, v), "nobody who left")
		})
	}
}

// TestEnoughApprovers holds the matching against every choice of people and teams.
func TestEnoughApprovers(t *testing.T) {
	var every func(who []Party, need int, apart bool, taken []string) bool
	every = func(who []Party, need int, apart bool, taken []string) bool {
		if need == 0 {
			return true
		}
		for i, p := range who {
			for _, team := range p.Teams {
				if !(apart && slices.Contains(taken, team.ID)) && every(who[i+1:], need-1, apart, append(slices.Clone(taken), team.ID)) {
					return true
				}
			}
		}
		return false
	}
	teams := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"red", "blue", "green", "grey"}), rapid.ID[string])
	rapid.Check(t, func(r *rapid.T) {
		var who []Party
		for i := range rapid.IntRange(0, 5).Draw(r, "people") {
			who = append(who, party(fmt.Sprint("p", i), teams.Draw(r, "teams"), Approver))
		}
		need, apart := rapid.IntRange(1, 4).Draw(r, "need"), rapid.Bool().Draw(r, "apart")
		require.Equal(r, every(who, need, apart, nil), EnoughApprovers(who, inReview(need, toInt(apart)), need, apart))
	})
}

// TestMaySignForAnother: a delegate passes as both, and the team is the other's.
func TestMaySignForAnother(t *testing.T) {
	ann, bob := party("ann", []string{"red"}, Approver), party("bob", []string{"blue"}, Approver)
	for name, c := range map[string]struct {
		with       func(*VersionFile)
		ann, bob   *Party
		rule, says string
	}{
		"nothing in the way":   {},
		"the other is a maker": {with: func(v *VersionFile) { v.Standings["bob"] = Maker }, rule: "separation.approver", says: "bob had a hand in making it"},
		"they are a maker":     {with: func(v *VersionFile) { v.Standings["ann"] = Maker }, rule: "separation.approver", says: "you had a hand in making it"},
		"the other signed":     {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "bob", "grey", 2)} }, rule: "separation.seat", says: "bob has already signed in this round"},
		"they signed":          {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "ann", "red", 2)} }, rule: "separation.seat", says: "you have already signed in this round"},
		"they signed for a third": {with: func(v *VersionFile) {
			v.SignOffs = []SignOff{{Round: 2, Digest: "d", SignerID: "ann", PrincipalID: "cy", TeamID: "grey"}}
		}, rule: "separation.seat", says: "you have already signed in this round"},
		"a third signed for the other": {with: func(v *VersionFile) {
			v.SignOffs = []SignOff{{Round: 2, Digest: "d", SignerID: "cy", PrincipalID: "bob", TeamID: "grey"}}
		}, rule: "separation.seat", says: "bob has already signed in this round"},
		"the other's team has spoken": {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "cy", "blue", 2)} }, rule: "separation.team", says: "bob is of blue, which has already spoken"},
		"their own team has spoken":   {with: func(v *VersionFile) { v.SignOffs = []SignOff{signed("s", "cy", "red", 2)} }},
		"the other is in no team":     {bob: &Party{Person: bob.Person, Roles: bob.Roles}, rule: "separation.team", says: "bob is in no team, and a sign-off is given for a team"},
		"they are in no team":         {ann: &Party{Person: ann.Person, Roles: ann.Roles}},
		"the other is no approver":    {bob: &Party{Person: bob.Person, Teams: bob.Teams}, rule: "role.approver", says: "bob does not hold the role approver"},
		"they are no approver":        {ann: &Party{Person: ann.Person, Teams: ann.Teams}, rule: "role.approver", says: "you do not hold the role approver"},
		"the other is the custodian's": {with: func(v *VersionFile) {
			v.Version.Need, v.Version.Custodians, v.SignOffs = 1, `["blue"]`, []SignOff{signed("s", "cy", "grey", 2)}
		}},
		"only they are the custodian's": {with: func(v *VersionFile) {
			v.Version.Need, v.Version.Custodians, v.SignOffs = 1, `["red"]`, []SignOff{signed("s", "cy", "grey", 2)}
		}, rule: "separation.custodian", says: "bob is not of the custodian’s team, of which one has to sign, and nobody else is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			v, a, b := inReview(2, 1), ann, bob
			if c.ann != nil {
				a = *c.ann
			}
			if c.bob != nil {
				b = *c.bob
			}
			if c.with != nil {
				c.with(&v)
			}
			refusedBy(t, c.rule, MaySignFor(a, b, v))
			require.Equal(t, c.says, WhyNotFor(a, b, v))
		})
	}
}

// TestCustodiansSeats: who is seated, and when nobody is needed any more.
func TestCustodiansSeats(t *testing.T) {
	ids := func(all []SignOff) string {
		out := ""
		for _, s := range all {
			out += s.ID
		}
		return out
	}
	for name, c := range map[string]struct {
		need       int
		custodians string
		signs      []SignOff
		enough     bool
		seated     string
	}{
		"nobody asked":              {2, "", []SignOff{signed("a", "a", "red", 2), signed("b", "b", "blue", 2), signed("c", "c", "grey", 2)}, true, "ab"},
		"asked and silent":          {1, `["red"]`, []SignOff{signed("a", "a", "blue", 2)}, false, "a"},
		"spoke first":               {1, `["red"]`, []SignOff{signed("a", "a", "red", 2)}, true, "a"},
		"spoke last":                {2, `["red"]`, []SignOff{signed("a", "a", "blue", 2), signed("b", "b", "grey", 2), signed("c", "c", "red", 2)}, true, "abc"},
		"two asked, one silent":     {1, `["blue","red"]`, []SignOff{signed("a", "a", "red", 2), signed("b", "b", "red", 2)}, false, "a"},
		"two asked, both spoke":     {1, `["blue","red"]`, []SignOff{signed("a", "a", "red", 2), signed("b", "b", "blue", 2)}, true, "ab"},
		"spoke in the round before": {1, `["red"]`, []SignOff{signed("a", "a", "red", 1), signed("b", "b", "blue", 2)}, false, "b"},
		"spoke, and too few did":    {2, `["red"]`, []SignOff{signed("a", "a", "red", 2)}, false, "a"},
		"a second of the team":      {2, `["red"]`, []SignOff{signed("a", "a", "red", 2), signed("b", "b", "red", 2), signed("c", "c", "red", 2)}, true, "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			v := inReview(c.need, 0)
			v.Version.Custodians, v.SignOffs = c.custodians, c.signs
			require.Equal(t, c.enough, v.Enough())
			require.Equal(t, c.seated, ids(v.seated()))
		})
	}
}

// TestCustodianMissing holds the matching against every choice of people: each of
// the teams needs somebody of its own.
func TestCustodianMissing(t *testing.T) {
	var every func(who []Party, teams []string) bool
	every = func(who []Party, teams []string) bool {
		if len(teams) == 0 {
			return true
		}
		for i, p := range who {
			if p.On(teams[0]) && every(append(slices.Clone(who[:i]), who[i+1:]...), teams[1:]) {
				return true
			}
		}
		return false
	}
	some := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"red", "blue", "green", "grey"}), rapid.ID[string])
	rapid.Check(t, func(r *rapid.T) {
		var who []Party
		for i := range rapid.IntRange(0, 4).Draw(r, "people") {
			who = append(who, party(fmt.Sprint("p", i), some.Draw(r, "teams"), Approver))
		}
		asked := some.Draw(r, "asked")
		require.Equal(r, every(who, asked), CustodianMissing(who, inReview(1, 0), asked) == "")
	})
}
