package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminManagerAsk asks an administrator who the manager of the person in the address is.
func AdminManagerAsk(r *Request) error { return r.drawManager(redraw{}) }

// AdminManagerSet sets the manager of the person in the address: an administrator does,
// never of themselves. A search of a long list draws the page again and sets nothing.
func AdminManagerSet(r *Request) error {
	if r.Form("find") != "" {
		return r.drawManager(redraw{status: http.StatusOK})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	person, manager, rev := r.Param("id"), r.Form("manager"), r.shownRevision()
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{person}, Manager: manager}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetManager(person, manager, rev)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawManager(refused)
	}
	return r.done(receipt, "/admin/people/"+person, "The manager is set. They are told when something that this person owes is overdue.")
}

func (r *Request) drawManager(a redraw) error {
	p, err := r.App.Store.AdminPerson(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if p.Person.Status != models.PersonActive || p.Person.ID == r.Viewer.Person.ID {
		return r.drawAdminPerson(a) // which says why there is nothing to set
	}
	page := views.SomebodyForm{Crumbs: views.PersonCrumbs(p.Person, "Manager"), Title: "Who is the manager of " + p.Person.Name + "?",
		Lead:   "Where an escalation path says so, the manager is told when something that " + p.Person.Name + " owes is overdue. It gives them no power here.",
		Action: "/admin/people/" + p.Person.ID + "/manager", Back: "/admin/people/" + p.Person.ID, Keys: r.revisedKeys(p.Person.Rev), Errors: a.errors}
	now := ""
	if p.Person.ManagerID != nil {
		now = *p.Person.ManagerID
	}
	if page.Pick, err = r.somebody("manager", "The manager", now, a, p.Person.ID); err != nil {
		return err
	}
	return r.Render(a.code(), views.Somebody(r.headAfter("Manager of "+p.Person.Name, "Administration", a), page))
}

// somebody is the choice of an active person or nobody, under a field's name; after the
// form was sent with what was chosen.
func (r *Request) somebody(field, label, now string, a redraw, except string) (views.NomineePick, error) {
	pick := views.NomineePick{Name: field, Label: label, Find: firstRunes(r.Form("find-"+field), models.MaxName), Value: now, Error: a.errors.For(field),
		Blank: "Nobody", Required: true, None: "There is nobody else here yet."}
	if a.status != 0 {
		pick.Value = r.Form(field)
	}
	people, many, err := r.App.Store.PeopleChoices(r.Ctx(), pick.Find, pick.Value)
	for _, p := range people {
		if p.Person.ID != except {
			pick.People = append(pick.People, p)
		}
	}
	pick.Many = many
	return pick, err
}
