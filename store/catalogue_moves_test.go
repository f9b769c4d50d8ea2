package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
	"countersign/policy"
)

// A change of the catalogue says what it would move, tells whom it concerns, and moves
// nothing under a signature; the next version takes the new facts.
func TestACatalogueEditMovesNothingThatIsSigned(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx, sys := t.Context(), h.system()
		reads, version := h.live("read")
		writes, _ := h.live("write")
		look := CatalogueLookup{System: sys, Operation: h.ops["read"]}
		ask := func(who, access string, effects ...string) CatalogueMoves {
			m, err := h.CatalogueMoves(ctx, h.viewer(who), look, func(f models.CatalogueFacts) models.CatalogueEdit { return f.EditOf(access, effects, "") })
			require.NoError(t, err)
			return m
		}
		require.Zero(t, ask("udo", "list").Total, "low stays low")
		m := ask("udo", "permissions")
		require.Equal(t, 1, m.Total)
		require.Equal(t, 1, m.Up)
		require.Equal(t, reads, m.Seen[0].CapabilityID)
		require.Equal(t, models.Critical, m.Seen[0].Would)
		m = ask("adam", "permissions")
		require.Equal(t, 1, m.Total, "how many is for the administrator to know")
		require.Empty(t, m.Seen, "which ones is not")

		signed, was := h.shown(version), h.row(reads)
		require.Equal(t, models.Low.Rank(), was.TierRank)
		var before []models.Mandate
		require.NoError(t, h.read.Order("id").Find(&before).Error)
		save := func(access string, effects ...string) models.Receipt {
			return h.catalogue(CatalogueLookup{System: sys, Operation: h.ops["read"], OperationName: "tickets.read"}, func(f models.CatalogueFacts) (models.Change, error) {
				return f.SaveOperation(models.Operation{Name: "tickets.read", Title: "Read tickets", Access: access}, effects, f.Operation.Rev)
			})
		}
		r := save("permissions")
		require.Equal(t, signed, h.shown(version), "the digest that was signed")
		require.Equal(t, was, h.row(reads), "the line of the matrix")
		var after []models.Mandate
		require.NoError(t, h.read.Order("id").Find(&after).Error)
		require.Equal(t, before, after, "and the mandates stand")
		told := func(kind string) (to []string) {
			require.NoError(t, h.read.Raw("SELECT recipient FROM outbox WHERE kind = ? AND created_at = ?", kind, r.At).Scan(&to).Error)
			return to
		}
		require.Equal(t, []string{h.people["anna"]}, told("catalogue.tier_would_rise"))

		r = save("read")
		require.Empty(t, told("catalogue.tier_would_rise"), "back where it was signed concerns nobody")
		r = save("read", "sensitive-records")
		require.Len(t, told("catalogue.tier_would_rise"), 1)

		var next string
		h.must("anna", reads, models.CapabilityFacts.NewDraft)
		h.must("anna", reads, func(f models.CapabilityFacts) (models.Change, error) {
			next = f.Open.Version.ID
			return f.Submit(next, policy.Compile)
		})
		x, err := find[models.Version](h.read, "id = ?", next)
		require.NoError(t, err)
		require.Equal(t, []string{"sensitive-records"}, x.Doc().Facts[0].Effects, "the next version takes the new facts")
		require.Equal(t, models.High, x.Doc().Tier)
		require.Equal(t, signed, h.shown(version))

		look.Operation = ""
		m, err = h.CatalogueMoves(ctx, h.viewer("udo"), look, func(f models.CatalogueFacts) models.CatalogueEdit { return f.EditOf("", nil, "restricted") })
		require.NoError(t, err)
		require.Equal(t, 2, m.Total, "more sensitive data moves both")
		require.ElementsMatch(t, []string{reads, writes}, []string{m.Seen[0].CapabilityID, m.Seen[1].CapabilityID})
		require.NoError(t, h.Verify(ctx, nil))
	})
}
