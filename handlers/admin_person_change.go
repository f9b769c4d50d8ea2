package handlers

import (
	"countersign/models"
	"countersign/store"
)

// The small acts on a person's page: an administrator gives and ends roles, and
// puts people in teams and takes them out; never their own. A refusal is said on
// the person's page.

// AdminRoleGive gives the person in the address a role.
func AdminRoleGive(r *Request) error {
	person, role := r.Param("id"), models.Role(r.Form("role"))
	return r.changePerson(store.AdminLookup{People: []string{person}}, "role", "The role "+role.Words()+" was given. It counts from now on.",
		func(f models.AdminFacts) (models.Change, error) { return f.Grant(person, role) })
}

// AdminRoleEnd ends a role of the person in the address.
func AdminRoleEnd(r *Request) error {
	person, grant := r.Param("id"), r.Param("grant")
	return r.changePerson(store.AdminLookup{People: []string{person}}, "", "The role was ended. What they accepted stays theirs until a successor accepts it.",
		func(f models.AdminFacts) (models.Change, error) { return f.EndGrant(grant) })
}

// AdminTeamJoin puts the person in the address in a team.
func AdminTeamJoin(r *Request) error {
	person, team := r.Param("id"), r.Form("team")
	return r.changePerson(store.AdminLookup{People: []string{person}, Team: team}, "team", "They are in the team now, and see what its members answer for.",
		func(f models.AdminFacts) (models.Change, error) { return f.SetMember(team, person, true) })
}

// AdminTeamLeave takes the person in the address out of a team.
func AdminTeamLeave(r *Request) error {
	person, team := r.Param("id"), r.Param("team")
	return r.changePerson(store.AdminLookup{People: []string{person}, Team: team}, "", "They are no longer in the team.",
		func(f models.AdminFacts) (models.Change, error) { return f.SetMember(team, person, false) })
}

func (r *Request) changePerson(look store.AdminLookup, field, said string, rule func(models.AdminFacts) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, look, rule)
	if err != nil {
		refused, ok := again(err, field)
		if !ok {
			return err
		}
		for i := range refused.errors {
			if refused.errors[i].Field == "person" { // the page's person is chosen; the team is not
				refused.errors[i].Field = field
			}
		}
		return r.drawAdminPerson(refused)
	}
	return r.done(receipt, "/admin/people/"+r.Param("id"), said)
}
