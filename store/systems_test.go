package store

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func (h *house) system() string {
	h.t.Helper()
	var ids []string
	require.NoError(h.t, h.read.Model(&models.System{}).Pluck("id", &ids).Error)
	require.Len(h.t, ids, 1)
	return ids[0]
}

func TestSystemSaysWhoReachesIt(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		sys := h.system()
		capability, _ := h.live("read", "write")
		h.reviewed("read") // not in force
		uses := func(who string) []LiveRow {
			p, err := h.System(ctx, h.party(who), sys, OperationFilter{})
			require.NoError(t, err)
			return p.Uses
		}
		require.Len(t, uses("anna"), 1)
		require.Equal(t, capability, uses("udo")[0].CapabilityID)
		require.Empty(t, uses("adam"), "an administrator sees no capability by that role")
		require.Empty(t, uses("olga"), "nor does a stranger to it")

		h.must("anna", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Revoke("No longer needed") })
		require.Empty(t, uses("udo"), "what was revoked reaches nothing")
	})
}

func TestWhatAPersonAnswersFor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		capability, _ := h.live("write")
		answers := func(who, of string) []Answer {
			p, err := h.Person(ctx, h.party(who), h.people[of], "")
			require.NoError(t, err)
			return p.Answers
		}
		for of, as := range map[string]models.Role{"anna": models.BusinessOwner, "pete": models.Provisioner, "carl": models.ControlOwner} {
			got := answers("udo", of)
			require.Len(t, got, 1, of)
			require.Equal(t, capability, got[0].CapabilityID)
			require.Equal(t, []models.Role{as}, got[0].As)
		}
		signers := append(answers("udo", "xena"), answers("udo", "yuri")...)
		require.Len(t, signers, 1)
		require.Equal(t, []models.Role{models.Approver}, signers[0].As)
		require.Empty(t, answers("udo", "paul"))
		require.Empty(t, answers("olga", "anna"), "what the viewer may not see is not there")
		require.Len(t, answers("cleo", "anna"), 1, "of carl's team")

		require.False(t, answers("udo", "anna")[0].Held)
		p, seen, err := h.Leaving(ctx, h.party("adam"), h.people["anna"])
		require.NoError(t, err)
		require.Equal(t, 1, p.Answers, "the number is for the administrator to know")
		require.Empty(t, seen, "which ones is not")
		carl := h.people["carl"]
		h.admin("adam", AdminLookup{People: []string{carl}}, func(f models.AdminFacts) (models.Change, error) { return f.Leave(carl, "Gone") })
		require.True(t, answers("udo", "anna")[0].Held, "somebody beside her left")
		_, err = h.Person(ctx, h.party("udo"), "per_none", "")
		require.Equal(t, models.NotFound, models.CodeOf(err))
	})
}

func TestTheCatalogueKeepsWhatIsRetired(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		sys := h.system()
		add := func(name string) (models.Receipt, error) {
			return h.DecideCatalogue(ctx, h.act("adam"), CatalogueLookup{System: sys, SecretName: name}, func(f models.CatalogueFacts) (models.Change, error) {
				return f.AddSecret(models.SecretRef{Name: name, Reference: "kv/desk"})
			})
		}
		secret, err := add("Desk key")
		require.NoError(t, err)
		_, err = add("Desk key")
		require.Equal(t, models.Invalid, models.CodeOf(err), "one of a name, and it says where")
		retire := func(look CatalogueLookup) error {
			look.System = sys
			_, err := h.DecideCatalogue(ctx, h.act("adam"), look, models.CatalogueFacts.Retire)
			return err
		}
		require.NoError(t, retire(CatalogueLookup{Secret: secret.Subject}))
		require.Equal(t, "catalogue.retired", refusedBy(retire(CatalogueLookup{Secret: secret.Subject})))
		require.NoError(t, retire(CatalogueLookup{}))
		_, err = h.DecideCatalogue(ctx, h.act("adam"), CatalogueLookup{System: sys, Operation: h.ops["read"], OperationName: "tickets.read"}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveOperation(models.Operation{Name: "tickets.read", Title: "Read", Access: "list"}, nil, f.Operation.Rev)
		})
		require.Equal(t, "catalogue.retired", refusedBy(err), "nothing in a retired system changes")

		rows, _, err := h.Systems(ctx, SystemFilter{})
		require.NoError(t, err)
		require.Empty(t, rows)
		rows, _, err = h.Systems(ctx, SystemFilter{State: "retired", Search: "hr DESK", Kind: "saas", Sensitivity: "internal"})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.Equal(t, 4, rows[0].Operations)
		require.Equal(t, "Platform", rows[0].Team)
	})
}
