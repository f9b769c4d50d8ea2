package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A plan without a path of its own has the digest that it had before there were any.
func TestAPathThatIsNotThereMovesNoDigest(t *testing.T) {
	const before = `{"alert_route":"desk","escalation":["the head"],"rotate_secrets":[],"signals":"denials","stop_by":"the four","stop_how":"press stop","stop_within_minutes":5}`
	plan := Oversight{Signals: "denials", AlertRoute: "desk", Escalation: []string{"the head"}, StopHow: "press stop", StopBy: "the four", StopWithinMinutes: 5, RotateSecrets: []string{}}
	require.Equal(t, before, canonical(plan))
	require.Equal(t, before, canonical(parseBody[Oversight](before)), "also when it is read again")
	plan.Path = Path{{Who: ToManager, Hours: 48}}
	require.NotEqual(t, before, canonical(plan), "and one that is there is signed")
	require.Contains(t, canonical(plan), `"path":[{"hours":48,"who":"manager"}]`)
}

func TestPathDifferences(t *testing.T) {
	manager, head := PathStep{Who: ToManager, Hours: 96}, PathStep{Who: ToHead, Hours: 120}
	maya := PathStep{Who: ToPerson, Person: "per_1", Name: "Maya Rossi", Hours: 6}
	sooner, renamed := manager, maya
	sooner.Hours, renamed.Name = 48, "Maya Stein"
	others := PathStep{Who: ToAccountable, Hours: 120}
	for name, x := range map[string]struct {
		was, is Path
		want    []string
		wider   bool
	}{
		"none":           {nil, nil, nil, false},
		"the same":       {Path{manager}, Path{manager}, nil, false},
		"its own":        {nil, Path{maya, head}, []string{"after 6 hours Maya Rossi is told", "after 5 days the head of the owning team is told"}, false},
		"the team's":     {Path{maya}, nil, []string{"the capability’s own escalation path: the team’s applies (was: after 6 hours Maya Rossi)"}, true},
		"sooner":         {Path{manager, head}, Path{sooner, head}, []string{"after 2 days the manager is told (was: 4 days)"}, false},
		"later":          {Path{sooner}, Path{manager}, []string{"after 4 days the manager is told (was: 2 days)"}, true},
		"one more":       {Path{manager}, Path{manager, others}, []string{"after 5 days the others who answer for it are told"}, false},
		"one less":       {Path{manager, head}, Path{manager}, []string{"after 5 days the head of the owning team is told"}, true},
		"another name":   {Path{maya}, Path{renamed}, []string{"after 6 hours Maya Stein is told (was: Maya Rossi after 6 hours)"}, false},
		"another order":  {Path{others, head}, Path{head, others}, []string{"who is told when nobody answers: after 5 days the head of the owning team, then after 5 days the others who answer for it (was: after 5 days the others who answer for it, then after 5 days the head of the owning team)"}, false},
		"one step twice": {Path{manager}, Path{sooner, manager}, []string{"after 2 days the manager is told (was: 4 days)", "after 4 days the manager is told"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := Differences(Document{Oversight: Oversight{Path: x.was}}, Document{Oversight: Oversight{Path: x.is}})
			var said []string
			wider := false
			for _, d := range got {
				said = append(said, d.String())
				wider = wider || d.Wider
			}
			require.ElementsMatch(t, x.want, said)
			require.Equal(t, x.wider, wider, "whether somebody is told later, or not at all")
		})
	}
}

func TestPathIsChecked(t *testing.T) {
	for name, x := range map[string]struct {
		path  Path
		field string
		says  string
	}{
		"nobody":       {Path{{Hours: 5}}, "path-1", "Choose who is told"},
		"no person":    {Path{{Who: ToManager, Hours: 5}, {Who: ToPerson, Hours: 5}}, "path-2", "Choose the person"},
		"no time":      {Path{{Who: ToManager}}, "path-1", "a whole number from 1"},
		"too late":     {Path{{Who: ToManager, Hours: 90*24 + 1}}, "path-1", "90 days"},
		"out of order": {Path{{Who: ToHead, Hours: 48}, {Who: ToManager, Hours: 24}}, "path-2", "order of time"},
		"too many":     {make(Path, 11), "path", "at most 10"},
	} {
		t.Run(name, func(t *testing.T) {
			var p problems
			x.path.check(&p, "path")
			require.Equal(t, x.field, p[0].Field)
			require.Contains(t, p[0].Message, x.says)
		})
	}
	var p problems
	StandardPath.check(&p, "path")
	require.Empty(t, p)
}

func TestWhosePathItIs(t *testing.T) {
	own := canonical(Path{{Who: ToHead, Hours: 3}})
	teams := []Team{{Name: "Zurich", Path: canonical(Path{{Who: ToManager, Hours: 9}})}, {Name: "Berne", Path: own}, {Name: "Aarau"}}
	require.Equal(t, 3, PathFor(nil, teams)[0].Hours, "the first team by name that has one")
	require.Equal(t, StandardPath, PathFor(nil, teams[2:]))
	require.Equal(t, 7, PathFor(Path{{Who: ToManager, Hours: 7}}, teams)[0].Hours)
}
