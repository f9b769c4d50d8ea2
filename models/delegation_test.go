package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInWhoseName: by the rule alone, whatever the facts were loaded with.
func TestInWhoseName(t *testing.T) {
	ann, bob := party("ann", []string{"red"}, Approver), party("bob", []string{"blue"}, Approver)
	given := Delegation{ID: "d", DelegateID: "ann", PrincipalID: "bob", FromAt: 10, UntilAt: 20}
	for name, c := range map[string]struct {
		who    string
		now    Instant
		change func(d *Delegation)
		rule   string
	}{
		"their own":              {who: "ann", now: 15},
		"their own, unsaid":      {now: 15},
		"the other's":            {who: "bob", now: 15},
		"at its first moment":    {who: "bob", now: 10},
		"before it":              {who: "bob", now: 9, rule: "delegation.none"},
		"at its end":             {who: "bob", now: 20, rule: "delegation.none"},
		"after it was ended":     {who: "bob", now: 15, change: func(d *Delegation) { d.EndedAt = Instant(12).Ref() }, rule: "delegation.none"},
		"given to somebody else": {who: "bob", now: 15, change: func(d *Delegation) { d.DelegateID = "cy" }, rule: "delegation.none"},
		"given by somebody else": {who: "bob", now: 15, change: func(d *Delegation) { d.PrincipalID = "cy" }, rule: "delegation.none"},
		"a third person's":       {who: "cy", now: 15, rule: "delegation.none"},
		"in other letters":       {who: "BOB", now: 15, rule: "delegation.none"},
		"one's own in others":    {who: "ANN", now: 15, rule: "delegation.none"},
	} {
		t.Run(name, func(t *testing.T) {
			d := given
			if c.change != nil {
				c.change(&d)
			}
			f := CapabilityFacts{Env: Env{By: ann, Now: c.now}, StandsFor: []Standin{{Principal: bob, Delegation: &d}}}
			who, err := f.inNameOf(Signing{For: c.who})
			refusedBy(t, c.rule, err)
			if c.rule == "" {
				require.Equal(t, c.who == "bob", who.Delegation != nil)
			}
		})
	}
}

// What a version asks of custodians is among what it differs in.
func TestCustodiansAreInTheDifference(t *testing.T) {
	line := func(was, is []string) (out string, wider bool) {
		for _, d := range Differences(Document{Custodians: was}, Document{Custodians: is}) {
			for _, p := range d.Text {
				if d.Kind == DiffChanged {
					out, wider = out+p.Text, wider || d.Wider
				}
			}
		}
		return out, wider
	}
	says, wider := line(nil, []string{"red"})
	require.Equal(t, "of those who look after its systems it asks for a sign-off of one team", says)
	require.False(t, wider)
	says, wider = line([]string{"red"}, []string{"blue", "grey"})
	require.Equal(t, "of those who look after its systems it asks for a sign-off of each of 2 teams", says)
	require.True(t, wider, "one who was asked is not any more")
}
