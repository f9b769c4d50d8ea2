package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// manages has an administrator set a manager at the revision that the person has.
func (h *house) manages(by, person, manager string) error {
	id, boss := h.people[person], h.people[manager]
	return h.tryAdmin(by, AdminLookup{People: []string{id}, Manager: boss}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetManager(id, boss, f.People[id].Person.Rev)
	})
}

func (h *house) heads(by, team, person string) error {
	id, who := h.teams[team], h.people[person]
	return h.tryAdmin(by, AdminLookup{Team: id, People: []string{who}}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetHead(id, who, f.Teams[id].Rev)
	})
}

func TestManagersAndHeads(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		require.NoError(t, h.manages("adam", "anna", "olga"))
		require.NoError(t, h.manages("adam", "olga", "carl"))
		page, err := h.Person(t.Context(), h.party("pete"), h.people["anna"], "")
		require.NoError(t, err)
		require.Equal(t, "olga", page.Manager.Person.Name)

		h.leaves("yuri")
		h.refuses(t, models.Conflict, "person.left", "deactivated", func() error { return h.manages("adam", "yuri", "olga") })
		h.refuses(t, models.Invalid, "input", "", func() error { return h.manages("adam", "pete", "yuri") })
		h.refuses(t, models.Invalid, "input", "", func() error { return h.heads("adam", "Finance", "yuri") })
		h.refuses(t, models.Conflict, "manager.same", "already", func() error { return h.manages("adam", "anna", "olga") })
		h.refuses(t, models.Conflict, "head.same", "already", func() error { return h.heads("adam", "Finance", "") })
		h.refuses(t, models.Forbidden, "role.administrator", "", func() error { return h.manages("carl", "pete", "olga") })
		h.refuses(t, models.Conflict, "form.stale", "", h.staleManager)
		e := h.refuses(t, models.Invalid, "input", "", func() error { return h.manages("adam", "carl", "anna") })
		require.Contains(t, e.Fields[0].Message, "circle")
		h.refuses(t, models.Invalid, "input", "", func() error { return h.manages("adam", "anna", "anna") })
		h.refuses(t, models.Forbidden, "admin.self", "another administrator can", func() error { return h.manages("adam", "adam", "eve") })
		h.refuses(t, models.Forbidden, "admin.self", "another administrator can", func() error { return h.heads("adam", "Finance", "adam") })

		require.NoError(t, h.heads("adam", "Finance", "olga"))
		require.NoError(t, h.heads("adam", "Finance", ""), "and nobody again")
		require.NoError(t, h.heads("adam", "Finance", "olga"))
		h.leaves("olga")
		anna := rows[models.Person](t, h, "id", "id = ?", h.people["anna"])[0]
		require.Equal(t, h.people["olga"], *anna.ManagerID, "a hole that says who left")
		require.NoError(t, h.Verify(t.Context(), nil))
	})
}

func (h *house) staleManager() error {
	id, boss := h.people["anna"], h.people["carl"]
	return h.tryAdmin("adam", AdminLookup{People: []string{id}, Manager: boss}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetManager(id, boss, f.People[id].Person.Rev-1)
	})
}

func TestWorkingHours(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		set := func(days, from, to int) error {
			return h.tryAdmin("anna", AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetHours(days, from, to) })
		}
		for says, x := range map[string][3]int{
			"Choose at least one day": {0, 540, 1020}, "ends before it begins": {31, 600, 600}, "shorter than two hours": {31, 600, 719}, "Choose when your day ends": {31, 600, 1441},
			"Choose when your day begins": {31, -1, 600}, "at least one day": {128, 540, 1020},
		} {
			e := h.refuses(t, models.Invalid, "input", "", func() error { return set(x[0], x[1], x[2]) })
			require.Contains(t, e.Fields[0].Message, says)
		}
		h.refuses(t, models.Conflict, "hours.same", "already Monday to Friday, 09:00 to 17:00", func() error { return set(31, 540, 1020) })
		require.NoError(t, set(0b1000001, 1320, 1440))
		require.Equal(t, "Monday and Sunday, 22:00 to 24:00", h.party("anna").Person.Hours().Words())
	})
}
