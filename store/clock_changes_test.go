package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"countersign/models"
)

// raised has the operation that both capabilities of twoSystems name reach further, and the clock
// look at both systems.
func (h *house) raised() {
	h.t.Helper()
	h.catalogue(CatalogueLookup{System: h.system(), Operation: h.ops["write"], OperationName: "tickets.write"}, func(f models.CatalogueFacts) (models.Change, error) {
		op := *f.Operation
		op.Access = "permissions"
		return f.SaveOperation(op, nil, op.Rev)
	})
}

// twoSystems are two capabilities in force, each the only one that uses its system.
func (h *house) twoSystems() (one, other string) {
	h.t.Helper()
	one, _ = h.live("write")
	other, _ = h.live("write")
	h.reviewsTick()
	h.raised()
	h.unguarded(func(db *gorm.DB) error {
		require.NoError(h.t, db.Exec("INSERT INTO systems (id, name, kind, sensitivity, custodian_team_id, description, state, rev) SELECT 'sys_two', 'Two', kind, sensitivity, custodian_team_id, '', 'active', 1 FROM systems").Error)
		require.NoError(h.t, db.Exec("INSERT INTO clock (kind, id, at) VALUES ('changed', 'sys_two', 0)").Error)
		return db.Exec("UPDATE system_uses SET system_id = 'sys_two' WHERE capability_id = ?", other).Error
	})
	return one, other
}

func (h *house) changesLeft() []models.Moment {
	return rows[models.Moment](h.t, h, "id", "kind = 'changed' AND at <= ?", *h.clock)
}

func TestChangesAreLookedAtTogether(t *testing.T) {
	// Without the checks of what holds always: what these write, no act would.
	for name, check := range map[string]func(t *testing.T, h *house){
		"two systems: each capability is asked about once, and nothing is left": func(t *testing.T, h *house) {
			one, other := h.twoSystems()
			h.reviewsTick()
			require.Len(t, h.small(one), 1)
			require.Len(t, h.small(other), 1)
			require.Empty(t, h.changesLeft())
		},
		"what cannot be looked at holds up its own system only": func(t *testing.T, h *house) {
			one, other := h.twoSystems()
			h.unguarded(func(db *gorm.DB) error {
				return db.Exec("UPDATE capabilities SET agent_id = 'agt_gone' WHERE id = ?", one).Error
			})
			require.Error(t, reviewChanges(h.Store, t.Context(), nil))
			require.Len(t, h.small(other), 1)
			left := h.changesLeft()
			require.Len(t, left, 1)
			require.NotEqual(t, "sys_two", left[0].ID)
		},
		"a tier that somebody was asked about is not looked at again under the lock": func(t *testing.T, h *house) {
			one, _ := h.live("write")
			h.raised()
			beside := func() []string {
				ids, _, err := h.changedBeside(t.Context(), changes{kind: "sys", moments: []models.Moment{{ID: h.system()}}})
				require.NoError(t, err)
				return ids
			}
			require.Equal(t, []string{one}, beside())
			h.reviewsTick()
			require.Empty(t, beside())
			h.rules(func(r *models.TierRules) { // of the same tier as it was, so nothing is asked about
				r.Reach["permissions"] = map[string]models.Tier{"public": models.High, "internal": models.High, "confidential": models.High, "restricted": models.High}
				r.Reach["unknown"] = map[string]models.Tier{"public": models.High, "internal": models.High, "confidential": models.High, "restricted": models.High}
			})
			require.Equal(t, []string{one}, beside(), "another tier is another question")
		},
		"page by page": func(t *testing.T, h *house) {
			h.inForceMany(changePage + 10)
			last := rows[models.Mandate](t, h, "capability_id DESC", "ended_at IS NULL")[0]
			h.unguarded(func(db *gorm.DB) error {
				require.NoError(t, db.Exec("DELETE FROM clock").Error)
				require.NoError(t, db.Exec("INSERT INTO clock (kind, id, at) VALUES ('changed', ?, 0)", h.system()).Error)
				require.NoError(t, db.Exec("DELETE FROM system_uses").Error)
				require.NoError(t, db.Exec("INSERT INTO system_uses (system_id, capability_id) SELECT ?, capability_id FROM mandates WHERE ended_at IS NULL", h.system()).Error)
				require.NoError(t, db.Exec("UPDATE versions SET tier = 'high', need = 2 WHERE id = ?", last.VersionID).Error)
				return db.Exec("UPDATE mandates SET tier = 'high' WHERE id = ?", last.ID).Error
			})
			require.NoError(t, reviewChanges(h.Store, t.Context(), nil))
			require.Empty(t, h.small(last.CapabilityID), "it is on the second page")
			require.Len(t, h.changesLeft(), 1)
			require.NoError(t, reviewChanges(h.Store, t.Context(), nil))
			require.Len(t, h.small(last.CapabilityID), 1)
			require.Empty(t, h.changesLeft())
		},
	} {
		t.Run(name, func(t *testing.T) { eachHouse(t, check) })
	}
}
