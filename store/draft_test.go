package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		capability, version := h.reviewed("read")
		shown := h.shown(version)
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.AskForChanges(shown, models.Signing{Comment: "Say more about the outcomes"})
		})
		next, err := h.OpenVersion(ctx, h.party("carl"), capability)
		require.NoError(t, err)
		_, err = h.OpenVersion(ctx, h.party("olga"), capability)
		require.Equal(t, models.NotFound, models.CodeOf(err))

		d, err := h.Draft(ctx, h.party("anna"), next, Lookup{})
		require.NoError(t, err)
		require.Equal(t, "Say more about the outcomes", d.SentBack.Reason)
		require.Equal(t, "xena", d.People[*d.SentBack.EndedBy].Person.Name)
		_, err = h.Draft(ctx, h.party("olga"), next, Lookup{})
		require.Equal(t, models.NotFound, models.CodeOf(err))
		d, err = h.Draft(ctx, h.party("anna"), version, Lookup{})
		require.NoError(t, err)
		require.Nil(t, d.SentBack)
		require.NotSame(t, d.Open, d.Asked)
	})
}

func TestRoleHolders(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		names := func(found []models.Party, more bool, err error) []string {
			require.NoError(t, err)
			require.False(t, more)
			out := []string{}
			for _, p := range found {
				out = append(out, p.Person.Name)
			}
			return out
		}
		require.Equal(t, []string{"paul", "pete"}, names(h.RoleHolders(ctx, models.Provisioner, "")))
		require.Equal(t, []string{"pete"}, names(h.RoleHolders(ctx, models.Provisioner, "PLAT ete")), "by name and team, whatever the case")
		require.Empty(t, names(h.RoleHolders(ctx, models.Provisioner, "%")), "what is typed is no pattern")
		require.Equal(t, []string{"pete"}, names(h.RoleHolders(ctx, models.Provisioner, "nobody", h.people["pete"], h.people["anna"])), "who is chosen already stays, unless they do not hold the role")
	})
}

func TestFindOperations(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		titles := func(found []CatalogueHit, more bool, err error) []string {
			require.NoError(t, err)
			require.False(t, more)
			out := []string{}
			for _, x := range found {
				require.Equal(t, "HR desk", x.System.Name)
				out = append(out, x.Operation.Title)
			}
			return out
		}
		require.Len(t, titles(h.FindOperations(ctx, "", "")), 4)
		require.Equal(t, []string{"Answer tickets", "Read tickets"}, titles(h.FindOperations(ctx, "hr TICKETS", "")), "every word, anywhere")
		require.Equal(t, []string{"Pay out"}, titles(h.FindOperations(ctx, "payroll.pay", "saas")))
		require.Empty(t, titles(h.FindOperations(ctx, "payroll.pay", "cloud")))
		for _, wild := range []string{"%", "_", `\`, "'"} {
			require.Empty(t, titles(h.FindOperations(ctx, wild, "")), wild)
		}

		sys := h.catalogue(CatalogueLookup{}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.SaveSystem(models.System{Name: "Ärzteportal", Kind: "cloud", Sensitivity: "internal", CustodianTeamID: h.teams["Platform"]}, 0)
		}).Subject
		for i := range MaxOperationsFound + 1 {
			name := fmt.Sprintf("op.%02d", i)
			h.catalogue(CatalogueLookup{System: sys, OperationName: name}, func(f models.CatalogueFacts) (models.Change, error) {
				return f.SaveOperation(models.Operation{Name: name, Title: "Do " + name, Access: "read"}, nil, 0)
			})
		}
		found, more, err := h.FindOperations(ctx, "Ärzte", "")
		require.NoError(t, err)
		require.Len(t, found, MaxOperationsFound)
		require.True(t, more)

		secret := h.catalogue(CatalogueLookup{System: sys}, func(f models.CatalogueFacts) (models.Change, error) {
			return f.AddSecret(models.SecretRef{Name: "Portal key", Reference: "vault/portal"})
		}).Subject
		secrets, err := h.SecretsOf(ctx, []string{sys})
		require.NoError(t, err)
		require.Equal(t, secret, secrets[0].ID)
		secrets, err = h.SecretsOf(ctx, nil)
		require.NoError(t, err)
		require.Empty(t, secrets)
	})
}

func TestSkillsOfImport(t *testing.T) {
	require.Equal(t, []ImportedSkill{{0, "Invoices", ""}, {2, "Refunds", "Sends money back"}}, skills([]models.Origin{
		{Field: "name", Value: "Agent", Status: models.FieldRead},
		{Field: "skills[0].name", Value: "Invoices", Status: models.FieldRead},
		{Field: "skills[0].description", Value: "", Status: models.FieldMissing},
		{Field: "skills[1].name", Value: "${NAME}", Status: models.FieldPlaceholder},
		{Field: "skills[2].name", Value: "Refunds", Status: models.FieldOdd},
		{Field: "skills[2].description", Value: "Sends money back", Status: models.FieldRead},
		{Field: "skills[99999].name", Value: "No", Status: models.FieldRead},
	}))
}
