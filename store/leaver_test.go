package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

func TestALeaversCapabilitiesGetSuccessors(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.live("write")
		carl := h.people["carl"]
		h.admin("adam", AdminLookup{People: []string{carl}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(carl, "Retired") })
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		duties := func() []models.Duty {
			d, err := all[models.Duty](h.read, "id", "capability_id = ? AND closed_at IS NULL AND kind <> ?", capability, models.DutyReview)
			require.NoError(t, err)
			return d
		}
		require.Len(t, duties(), 1)
		require.Equal(t, models.DutySucceed, duties()[0].Kind)
		require.Equal(t, h.people["anna"], duties()[0].Holder)

		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Len(t, duties(), 1, "asking again asks nobody twice")

		cleo := h.people["cleo"]
		_, err := h.DecideCapability(t.Context(), h.act("anna"), capability, Lookup{People: []string{cleo}}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Nominate(version, models.ControlOwner, cleo)
		})
		require.NoError(t, err)
		require.Equal(t, models.DutyTakeOver, duties()[0].Kind, "the owner's duty is done")
		h.must("cleo", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Accept(version, models.ControlOwner, f.Force.Version.Digest)
		})
		require.Empty(t, duties())
		require.Equal(t, cleo, h.row(capability).ControlOwnerID)
	})
}

func TestTheOwnerIsAskedToSubmit(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("write")
		d, err := all[models.Duty](h.read, "id", "capability_id = ? AND closed_at IS NULL", capability)
		require.NoError(t, err)
		require.Len(t, d, 1)
		require.Equal(t, models.DutySubmit, d[0].Kind)
		require.Equal(t, version, d[0].Subject)
		waiting, err := h.Waiting(t.Context(), h.party("anna"))
		require.NoError(t, err)
		require.Equal(t, 1, waiting, "and finds it among what waits")
	})
}

// What was signed by one of its own makers was never checked: its parts keep
// their authors in the next version.
func TestAMergedVersionsPartsKeepTheirAuthors(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		xena, pete := h.people["xena"], h.people["pete"]
		link := h.admin("adam", AdminLookup{People: []string{xena, pete}}, func(f models.AdminFacts) (models.Change, error) {
			return f.ProposeMerge(xena, pete, "One passport")
		}).Subject
		h.admin("eve", AdminLookup{Link: link}, models.AdminFacts.ConfirmLink)
		require.Equal(t, models.Revoked, h.row(capability).State)
		h.must("anna", capability, models.CapabilityFacts.NewDraft)
		f, err := h.ReadCapability(t.Context(), h.party("anna"), capability, Lookup{})
		require.NoError(t, err)
		require.Equal(t, models.Maker, f.Open.Standings[pete])
		require.Nil(t, f.Open.Parts[models.ScopePart].CarriedFrom)
	})
}

// What a leaver owed is owed by nobody who is gone, and asked of who comes next, by the
// clock and once, whichever replica is faster.
func TestWhatALeaverOwedIsAskedOfSomebodyElse(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("write")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		live, _ := h.live("write")
		h.must("pete", live, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "Odd answers")
		})
		owed := func(person string) (out []string) {
			for _, d := range rows[models.Duty](t, h, "kind, detail", "person_id = ? AND closed_at IS NULL", h.people[person]) {
				out = append(out, d.Kind+" "+d.Detail)
			}
			return out
		}
		require.Contains(t, owed("anna"), "lift ")
		require.Contains(t, owed("pete"), "accept provisioner")

		h.leaves("pete")
		require.Empty(t, owed("pete"), "at once")
		h.leaves("anna")
		require.Empty(t, owed("anna"))
		moments := rows[models.Moment](t, h, "id", "kind = ?", models.ClockLeaver)
		require.NotEmpty(t, moments)
		require.NoError(t, seeToLeavers(h.Store, t.Context(), moments))
		require.NoError(t, seeToLeavers(h.Store, t.Context(), moments), "the same moments on another replica")
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Empty(t, rows[models.Moment](t, h, "id", "kind = ?", models.ClockLeaver))
		require.Subset(t, owed("carl"), []string{"lift ", "succeed business_owner", "succeed provisioner"})
		require.Len(t, rows[models.Duty](t, h, "id", "kind = 'lift' AND closed_at IS NULL"), 1)
		for _, n := range rows[models.Nomination](t, h, "id", "version_id = ? AND person_id IN ?", version, []string{h.people["pete"], h.people["anna"]}) {
			require.NotEqual(t, models.NominationOpen, n.State, "nobody who left is asked")
		}
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// An agent whose owner left gets another: named by the owner's manager, seen and accepted.
func TestAnAgentWithoutOwnerGetsAnother(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		require.NoError(t, h.manages("adam", "anna", "carl"))
		capability, version := h.draft("write")
		agent := rows[models.Capability](t, h, "id", "id = ?", capability)[0].AgentID
		h.leaves("anna")
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		wanted := rows[models.Duty](t, h, "id", "subject = ? AND closed_at IS NULL", agent)
		require.Len(t, wanted, 1)
		require.Equal(t, models.DutySucceed, wanted[0].Kind)
		require.Equal(t, h.people["carl"], wanted[0].Holder, "the manager is asked")

		olga := h.people["olga"]
		on := func(by string, rule func(models.AgentFacts) (models.Change, error)) error {
			_, err := h.DecideAgentOwner(t.Context(), h.act(by), agent, olga, rule)
			return err
		}
		name := func(f models.AgentFacts) (models.Change, error) { return f.NameOwner(olga) }
		h.refuses(t, models.NotFound, "not_found", "", func() error { return on("pete", name) })
		require.NoError(t, on("carl", name))
		h.refuses(t, models.Conflict, "owner.asked", "already asked", func() error { return on("adam", name) })
		require.NoError(t, on("olga", func(f models.AgentFacts) (models.Change, error) { return f.DeclineOwner("Not mine") }))
		require.Equal(t, models.DutySucceed, rows[models.Duty](t, h, "id", "subject = ? AND closed_at IS NULL", agent)[0].Kind, "whoever asked is asked again")
		require.NoError(t, on("adam", name))
		require.NoError(t, on("olga", models.AgentFacts.TakeOver))
		require.Equal(t, olga, rows[models.Agent](t, h, "id", "id = ?", agent)[0].OwnerID)

		require.NoError(t, h.SeeToSuccessors(t.Context()))
		asked := rows[models.Duty](t, h, "detail", "person_id = ? AND capability_id = ? AND closed_at IS NULL", olga, capability)
		require.Len(t, asked, 1)
		require.Equal(t, models.DutyNominate, asked[0].Kind)
		require.NoError(t, h.nominate("olga", capability, version, models.BusinessOwner, "olga"))
	})
}

// What nobody can put in force any more, since who accepted a role of it left, somebody is
// asked to withdraw, once; and withdrawing it is the end of that.
func TestAVersionWhoseMakerLeftIsWithdrawn(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.draft("write")
		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Submit(version, policy.Compile) })
		for name, role := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "carl": models.ControlOwner} {
			h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.Accept(version, role, f.Open.Version.Digest)
			})
		}
		owed := func() []models.Duty {
			return rows[models.Duty](t, h, "id", "capability_id = ? AND closed_at IS NULL AND kind = 'succeed'", capability)
		}
		h.leaves("carl")
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Len(t, owed(), 1)
		require.Equal(t, h.people["anna"], owed()[0].Holder)
		require.Equal(t, "/versions/"+version+"/withdraw", owed()[0].Page())

		h.leaves("anna")
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Len(t, owed(), 1)
		require.Equal(t, h.people["pete"], owed()[0].Holder, "who comes next, where the owner has left too")
		h.must("pete", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Withdraw(version, "Carl has left")
		})
		require.Empty(t, owed())
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

// While something of an agent is in force, its successor becomes the agent's owner; when the
// last of it ends without one, somebody is asked for another owner then.
func TestTheLastMandateOfAnOrphanEnds(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, _ := h.live("write")
		agent := rows[models.Capability](t, h, "id", "id = ?", capability)[0].AgentID
		wanted := func() []models.Duty {
			return rows[models.Duty](t, h, "id", "subject = ? AND closed_at IS NULL AND detail = ?", agent, models.AgentOwner)
		}
		h.leaves("anna")
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Empty(t, wanted())
		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("Nobody needs it") })
		require.NoError(t, h.SeeToSuccessors(t.Context()))
		require.Len(t, wanted(), 1)
		require.Equal(t, models.DutySucceed, wanted()[0].Kind)
	})
}
