package store

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Two hundred last votes at once: one of them is the last, the mandate seats as
// many as it needs, and the ledger says who. Everybody else is told that it was over.
func TestTwoHundredLastVotes(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var voters []string
		for i := range 40 {
			name := fmt.Sprintf("voter-%d", i)
			h.person(name, []string{"Risk", "Finance"}[i%2], models.Approver)
			voters = append(voters, name)
		}
		capability, version := h.reviewed("write") // one approver is enough
		shown := h.shown(version)
		sign := func(f models.CapabilityFacts) (models.Change, error) { return f.SignOff(shown, models.Signing{}) }
		var tries []func() (models.Receipt, error)
		for i := range 200 { // five sessions each
			tries = append(tries, h.doing(voters[i%len(voters)], capability, sign))
		}
		won := 0
		for _, o := range atOnce(t, tries...) {
			if o.err == nil {
				won++
				require.Equal(t, string(models.Live), o.receipt.Outcome)
				require.Len(t, rows[entry](t, h, "seq", "seq = ? AND act_id = ?", o.receipt.Seq, o.receipt.ActID), 1)
			}
		}
		require.Equal(t, 1, won)
		require.Len(t, rows[models.SignOff](t, h, "id", "version_id = ?", version), 1)
		require.Len(t, rows[models.Seat](t, h, "seat", "version_id = ?", version), 1)
		require.Len(t, rows[entry](t, h, "seq", "act = 'version.signed_off' AND subject = ?", version), 1)

		// At critical: two seats, of two teams, however many of both press at once.
		capability, version = h.reviewed("pay")
		shown = h.shown(version)
		tries = nil
		for i := range 200 {
			tries = append(tries, h.doing([]string{"xena", "yuri", "zoe"}[i%3], capability, func(f models.CapabilityFacts) (models.Change, error) {
				return h.keys.SignOff(f, shown, models.Signing{})
			}))
		}
		won = 0
		for _, o := range atOnce(t, tries...) {
			if o.err == nil {
				won++
			}
		}
		require.Equal(t, 2, won)
		teams := map[string]bool{}
		for _, s := range rows[models.Seat](t, h, "seat", "version_id = ?", version) {
			teams[s.TeamID] = true
		}
		require.Len(t, teams, 2)
		whole(t, h)
	})
}

// What was approved is what goes live: who turns the agent or the people afterwards
// turns nothing of it.
func TestRetargetingAfterApproval(t *testing.T) {
	cases{
		"another manifest after the sign-off": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			before := h.version(version)
			agent := rows[models.Capability](t, h, "id", "id = ?", capability)[0].AgentID
			h.remade("anna", agent, func(m *models.Manifest) { m.Model, m.Environments = "another-model", []string{"production", "staging"} })
			require.Equal(t, before, h.version(version), "the version stands on the manifest that was shown")
			h.signs(t, "yuri", capability, version)
			live := h.version(version)
			require.Equal(t, models.Live, live.State)
			a := rows[models.Agent](t, h, "id", "id = ?", agent)[0]
			require.NotEqual(t, *a.RevisionID, *live.AgentRevisionID, "the new manifest is signed by nobody")
		},
		"an edit after the sign-off": func(t *testing.T, h *house) {
			capability, version := h.reviewed("infra")
			h.signs(t, "xena", capability, version)
			_, err := h.try("pete", capability, func(f models.CapabilityFacts) (models.Change, error) {
				return f.SavePart(models.ScopePart, models.Scope{LifetimeMinutes: 5, Grants: []models.ScopeGrant{{OperationID: h.ops["pay"]}}}, 1)
			}, h.ops["pay"])
			require.Equal(t, "version.frozen", models.RuleOf(err))
			for _, query := range []string{
				"UPDATE versions SET document = '{}', rev = rev + 1 WHERE id = ?", "UPDATE versions SET agent_revision_id = NULL, rev = rev + 1 WHERE id = ?",
				"UPDATE versions SET digest = 'x', rev = rev + 1 WHERE id = ?", "UPDATE version_parts SET body = '{}', rev = rev + 1 WHERE version_id = ?",
			} {
				require.Error(t, plain(h.Store).Exec(query, version).Error, query)
			}
		},
		"the catalogue after the sign-off": func(t *testing.T, h *house) {
			capability, version := h.reviewed("read")
			before := h.version(version)
			op := rows[models.Operation](t, h, "id", "id = ?", h.ops["read"])[0]
			h.catalogue(CatalogueLookup{System: op.SystemID, Operation: op.ID, OperationName: op.Name}, func(f models.CatalogueFacts) (models.Change, error) {
				op.Access = "permissions"
				return f.SaveOperation(op, nil, op.Rev)
			})
			require.Equal(t, before, h.version(version), "nothing moves under a signature")
			require.Equal(t, "live", h.signs(t, "xena", capability, version).Outcome)
		},
		"an owner who signs after the task was taken over": func(t *testing.T, h *house) {
			h.grant("anna", models.Approver)
			capability, version := h.reviewed("write")
			_, err := h.sign("anna", capability, version)
			require.Equal(t, "separation.approver", models.RuleOf(err))
		},
		"a maker whom a group makes an approver": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.admin("adam", AdminLookup{Mappings: true}, func(f models.AdminFacts) (models.Change, error) {
				return f.MapGroup("https://idp.example", "signers", models.Approver)
			})
			_, err := h.SignIn(t.Context(), models.Login{Issuer: "https://idp.example", Subject: "pete", Name: "pete", Groups: []string{"signers"}})
			require.NoError(t, err)
			require.True(t, h.party("pete").Has(models.Approver), "the group counts")
			_, err = h.sign("pete", capability, version)
			require.Equal(t, "separation.approver", models.RuleOf(err))
		},
		"an administrator": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			_, err := h.sign("adam", capability, version)
			require.Equal(t, models.NotFound, models.CodeOf(err), "an administrator does not even see it")
		},
		"the same person in other letters": func(t *testing.T, h *house) {
			capability, version := h.reviewed("write")
			h.grant("pete", models.Approver)
			in, err := h.SignIn(t.Context(), models.Login{Issuer: "https://idp.example", Subject: "PETE", Name: "Pete"})
			require.NoError(t, err)
			require.Nil(t, in.Person, "another subject is another account, and nobody until linked")
			_, err = h.sign("pete", capability, version)
			require.Equal(t, "separation.approver", models.RuleOf(err))
		},
	}.onBoth(t)
}
