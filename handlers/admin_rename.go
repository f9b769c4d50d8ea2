package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminPersonRenameAsk asks an administrator for another name or e-mail of the
// person in the address.
func AdminPersonRenameAsk(r *Request) error {
	p, err := r.App.Store.AdminPerson(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	f := views.PersonForm{ID: p.Person.ID, Was: p.Person.Name, Name: p.Person.Name, Email: p.Person.Email, Keys: r.revisedKeys(p.Person.Rev)}
	return r.Render(http.StatusOK, views.AdminPersonRename(r.Head("Change "+p.Person.Name, "Administration"), f))
}

// AdminPersonRename changes how the person in the address is called: an
// administrator does, never of themselves.
func AdminPersonRename(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, name, email, rev := r.Param("id"), r.Form("name"), r.Form("email"), r.shownRevision()
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{id}}, func(f models.AdminFacts) (models.Change, error) {
		return f.RenamePerson(id, name, email, rev)
	})
	if err == nil {
		return r.done(receipt, "/admin/people/"+id, "The change is saved, and counts on every page.")
	}
	refused, ok := again(err, "")
	if !ok {
		return err
	}
	p, err := r.App.Store.AdminPerson(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	f := views.PersonForm{ID: id, Was: p.Person.Name, Name: name, Email: email, Keys: r.revisedKeys(p.Person.Rev), Errors: refused.errors}
	return r.Render(refused.code(), views.AdminPersonRename(r.headAfter("Change "+p.Person.Name, "Administration", refused), f))
}

// AdminTeamRename changes how the team in the address is called: an
// administrator does.
func AdminTeamRename(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, name, rev := r.Param("id"), r.Form("name"), r.shownRevision()
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.RenameTeam(id, name, rev)
	})
	if err == nil {
		return r.done(receipt, "/admin/teams/"+id, "The team is called that now, on every page.")
	}
	refused, ok := again(err, "")
	if !ok {
		return err
	}
	return r.drawTeam(refused)
}
