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
