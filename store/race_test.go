package store

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// Two at once, again and again: what comes out is what one after the other could
// have made, and after it everything that must always hold does.
//
//	COUNTERSIGN_TEST_ROUNDS=500 go test ./store -race -run TestTwoAtOnce
func TestTwoAtOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.grant("paul", models.Approver)
		h.rules(func(r *models.TierRules) { r.MostPerPerson = 0 }) // the same few people answer for all of it
		h.draft("read")                                            // the agent of all of them
		t.Run("the last two approvers", h.times(t, 24, lastTwoApprovers))
		t.Run("a sign-off and the end of what it is for", h.times(t, 24, signAndWithdraw))
		t.Run("a sign-off and a stop", h.times(t, 12, signAndStop))
		t.Run("two stops", h.times(t, 12, twoStops))
		t.Run("an acceptance and another nominee", h.times(t, 12, acceptAndReplace))
		t.Run("two successors of one role", h.times(t, 12, twoSuccessors))
		t.Run("a sign-off and the end of its role", h.times(t, 16, signAndLoseTheRole))
		t.Run("a submission and looser rules", h.times(t, 12, submitAndLoosen))
		t.Run("one form from two windows", h.times(t, 24, oneFormTwice))
	})
}

// times runs the rounds on one house; the record is read once, at the end.
func (h *house) times(t *testing.T, n int, round func(t *testing.T, h *house, i int)) func(*testing.T) {
	if s := os.Getenv("COUNTERSIGN_TEST_ROUNDS"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	return func(t *testing.T) {
		for i := range n {
			round(t, h, i)
		}
		whole(t, h)
	}
}

// outcome is what one of the two got.
type outcome struct {
	receipt models.Receipt
	err     error
}

// atOnce starts all of them at the same moment.
func atOnce(t *testing.T, tries ...func() (models.Receipt, error)) []outcome {
	out := make([]outcome, len(tries))
	var ready, done sync.WaitGroup
	ready.Add(len(tries))
	start := make(chan struct{})
	for i, try := range tries {
		done.Go(func() {
			ready.Done()
			<-start
			out[i].receipt, out[i].err = try()
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	for _, o := range out {
		// Somebody who was second is refused; nobody is told that it is broken.
		require.True(t, o.err == nil || models.CodeOf(o.err) != "" && models.CodeOf(o.err) != models.Busy, "%v", o.err)
		if o.err != nil {
			require.NotContains(t, o.err.Error(), "database refused")
		}
	}
	return out
}

func (h *house) doing(by, capability string, rule onCap) func() (models.Receipt, error) {
	act := h.act(by)
	return func() (models.Receipt, error) {
		return h.DecideCapability(context.Background(), act, capability, Lookup{}, rule)
	}
}

func (h *house) signing(by, capability, version string) func() (models.Receipt, error) {
	shown, team := h.shown(version), h.teams[map[string]string{"yuri": "Finance", "paul": "Platform"}[by]]
	if team == "" {
		team = h.teams["Risk"]
	}
	return h.doing(by, capability, func(f models.CapabilityFacts) (models.Change, error) {
		return h.keys.SignOff(f, shown, models.Signing{TeamID: team})
	})
}

// draftOf, reviewedOf and liveOf are further tasks of the house's first agent.
func (h *house) draftOf(t *testing.T, op string) (capability, version string) {
	return h.another(rows[models.Agent](t, h, "created_at", "1 = 1")[0].ID, op)
}

func (h *house) reviewedOf(t *testing.T, op string) (capability, version string) {
	capability, version = h.draftOf(t, op)
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	h.accept(capability, version)
	return capability, version
}

func (h *house) liveOf(t *testing.T, op string) (capability, version string) {
	capability, version = h.reviewedOf(t, op)
	require.Equal(t, "live", h.signs(t, "xena", capability, version).Outcome)
	return capability, version
}

// won counts those that were done.
func won(out []outcome) int {
	n := 0
	for _, o := range out {
		if o.err == nil {
			n++
		}
	}
	return n
}

// lastTwoApprovers: at moderate one seat and two who want it; at critical two
// seats, of which two of one team fill one.
func lastTwoApprovers(t *testing.T, h *house, i int) {
	op, by := "write", []string{"xena", "yuri"}
	if i%2 == 1 {
		op, by = "pay", []string{"xena", "zoe", "yuri"}
	}
	capability, version := h.reviewedOf(t, op)
	var tries []func() (models.Receipt, error)
	for _, who := range by {
		tries = append(tries, h.signing(who, capability, version))
	}
	out := atOnce(t, tries...)
	v := h.version(version)
	require.Equal(t, v.Need, won(out), "as many as there are seats")
	require.EqualValues(t, "live", v.State)
	live := 0
	for _, o := range out {
		if o.receipt.Outcome == "live" {
			live++
		}
	}
	require.Equal(t, 1, live, "one of them was the last")
	require.Len(t, rows[models.SignOff](t, h, "id", "version_id = ?", version), v.Need)
	require.Len(t, rows[models.Mandate](t, h, "id", "capability_id = ?", capability), 1)
}

// signAndWithdraw: it is live or withdrawn, never both, and a sign-off never
// counts for the draft that follows.
func signAndWithdraw(t *testing.T, h *house, i int) {
	capability, version := h.reviewedOf(t, "write")
	shown := h.shown(version)
	end := func(f models.CapabilityFacts) (models.Change, error) { return f.Withdraw(version, "Not like this") }
	by := "anna"
	if i%2 == 1 {
		by, end = "zoe", func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Not like this"})
		}
	}
	out := atOnce(t, h.signing("xena", capability, version), h.doing(by, capability, end))
	require.Equal(t, 1, won(out), "the first of the two")
	signed := out[0].err == nil
	require.Equal(t, signed, h.version(version).State == "live")
	require.Len(t, rows[models.SignOff](t, h, "id", "version_id = ?", version), map[bool]int{true: 1}[signed])
	if !signed && i%2 == 1 {
		next := h.row(capability).VersionID
		require.NotEqual(t, version, next)
		require.Empty(t, rows[models.SignOff](t, h, "id", "version_id = ?", next))
	}
}

// signAndStop: the sign-off ends the restart that was asked for, and lifts the
// stop of before; the other stop stands, whichever came first of the two, unless
// it came before the question.
func signAndStop(t *testing.T, h *house, _ int) {
	capability, version := h.liveOf(t, "write")
	h.must("carl", capability, stop(models.OnCapability))
	h.must("carl", capability, askRestart)
	out := atOnce(t, h.signing("yuri", capability, version), h.doing("pete", capability, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(models.OnCapability, "Now this")
	}))
	require.Equal(t, 2, won(out))
	holds := h.holds(capability)
	require.Len(t, holds, 1)
	require.Equal(t, "Now this", holds[0].Cause)
	require.Len(t, rows[models.Mandate](t, h, "id", "capability_id = ? AND ended_at IS NULL", capability), 1)
}

func twoStops(t *testing.T, h *house, _ int) {
	capability, version := h.live("write")
	out := atOnce(t, h.doing("carl", capability, stop(models.OnCapability)), h.doing("pete", capability, stop(models.OnAgent)))
	require.Equal(t, 2, won(out))
	require.Len(t, h.holds(capability), 2, "side by side")
	require.Len(t, rows[models.Duty](t, h, "id", "kind = 'lift' AND subject = ? AND closed_at IS NULL", version), 1, "one question")
}

// acceptAndReplace: who accepted holds the role; who was replaced does not.
func acceptAndReplace(t *testing.T, h *house, _ int) {
	capability, version := h.draftOf(t, "write")
	h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
	digest, cleo := h.version(version).Digest, h.people["cleo"]
	act := h.act("anna")
	out := atOnce(t,
		h.doing("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, digest)
		}),
		func() (models.Receipt, error) {
			return h.DecideCapability(context.Background(), act, capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Nominate(version, models.ControlOwner, cleo)
			})
		})
	require.Equal(t, 1, won(out), "%v %v", out[0].err, out[1].err)
	role := rows[models.Acceptance](t, h, "role", "version_id = ?", version)
	open := rows[models.Nomination](t, h, "id", "version_id = ? AND role = 'control_owner' AND state = 'open'", version)
	if out[0].err == nil {
		require.Len(t, role, 1)
		require.Empty(t, open)
	} else {
		require.Empty(t, role)
		require.Equal(t, cleo, open[0].PersonID)
	}
}

// twoSuccessors: of a role in force one is offered at a time, and one holds it.
func twoSuccessors(t *testing.T, h *house, i int) {
	capability, version := h.liveOf(t, "write")
	name := fmt.Sprintf("nora%d%s", i, h.engine)
	h.person(name, "Security", models.ControlOwner)
	require.NoError(t, h.nominate("anna", capability, version, models.ControlOwner, "cleo"))
	digest, nora := h.version(version).Digest, h.people[name]
	act := h.act("anna")
	out := atOnce(t,
		h.doing("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, digest)
		}),
		func() (models.Receipt, error) {
			return h.DecideCapability(context.Background(), act, capability, Lookup{People: []string{nora}}, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Nominate(version, models.ControlOwner, nora)
			})
		})
	require.NoError(t, out[1].err, "another may be offered it in either order")
	holder := map[bool]string{true: "cleo", false: "carl"}[out[0].err == nil]
	require.Equal(t, h.people[holder], h.row(capability).ControlOwnerID)
	open := rows[models.Nomination](t, h, "id", "version_id = ? AND state = 'open'", version)
	require.Len(t, open, 1)
	require.Equal(t, nora, open[0].PersonID)
	require.Len(t, rows[models.Mandate](t, h, "id", "capability_id = ? AND ended_at IS NULL", capability), 1)
}

// signAndLoseTheRole: the sign-off was given as approver, or not at all.
func signAndLoseTheRole(t *testing.T, h *house, _ int) {
	capability, version := h.reviewedOf(t, "write")
	g := rows[models.Grant](t, h, "id", "person_id = ? AND role = 'approver' AND ended_at IS NULL", h.people["paul"])[0]
	act := h.act("adam")
	out := atOnce(t, h.signing("paul", capability, version), func() (models.Receipt, error) {
		return h.DecideAdmin(context.Background(), act, AdminLookup{Grant: g.ID}, func(f models.AdminFacts) (models.Change, error) { return f.EndGrant(g.ID) })
	})
	require.NoError(t, out[1].err)
	if out[0].err == nil {
		require.Less(t, out[0].receipt.Seq, out[1].receipt.Seq, "before the role was gone")
		require.EqualValues(t, "live", h.version(version).State)
	} else {
		require.EqualValues(t, "in_review", h.version(version).State)
		require.Empty(t, rows[models.SignOff](t, h, "id", "version_id = ?", version))
	}
	h.grant("paul", models.Approver)
}

// submitAndLoosen: the version pins the rules that were in force when it was
// submitted, and needs as many as they say, before the loosening or after it.
func submitAndLoosen(t *testing.T, h *house, _ int) {
	set := func(n int) func(models.AdminFacts) (models.Change, error) {
		return func(f models.AdminFacts) (models.Change, error) {
			r := f.Rules.Rules()
			a := r.Asks[models.Moderate]
			a.Approvers = n
			r.Asks[models.Moderate] = a
			return f.ProposeRules(r, "As many")
		}
	}
	capability, version := h.draftOf(t, "write")
	strict := h.admin("adam", AdminLookup{Rules: true}, set(2)).Subject
	loose := h.admin("adam", AdminLookup{Rules: true}, set(1)).Subject
	act := h.act("eve")
	out := atOnce(t, h.doing("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) }), func() (models.Receipt, error) {
		return h.DecideAdmin(context.Background(), act, AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) { return f.ConfirmRules(loose) })
	})
	require.Equal(t, 2, won(out))
	v := h.version(version)
	if out[0].receipt.Seq < out[1].receipt.Seq {
		require.Equal(t, strict, v.TierRulesID)
		require.Equal(t, 2, v.Need)
	} else {
		require.Equal(t, loose, v.TierRulesID)
		require.Equal(t, 1, v.Need)
	}
	h.accept(capability, version)
	r := h.signs(t, "xena", capability, version)
	require.Equal(t, v.Need == 1, r.Outcome == "live", "loosening never reaches what was submitted before")
}

func oneFormTwice(t *testing.T, h *house, _ int) {
	capability, version := h.reviewedOf(t, "infra")
	try := h.signing("xena", capability, version)
	out := atOnce(t, try, try)
	require.Equal(t, 2, won(out))
	require.NotEqual(t, out[0].receipt.Again, out[1].receipt.Again, "one did it, the other is told so")
	require.Equal(t, out[0].receipt.Seq, out[1].receipt.Seq)
	require.Len(t, rows[models.SignOff](t, h, "id", "version_id = ?", version), 1)
}
