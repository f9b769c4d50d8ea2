package handlers

import (
	"net/http"
	"slices"

	"countersign/models"
	"countersign/views"
)

// AdminPersonShow shows administrators and auditors a person with their roles,
// teams and accounts.
func AdminPersonShow(r *Request) error { return r.drawAdminPerson(redraw{}) }

// drawAdminPerson draws the page of the person in the address; after a refusal
// with what was chosen.
func (r *Request) drawAdminPerson(a redraw) error {
	page, err := r.adminPerson()
	if err != nil {
		return err
	}
	page.Errors = a.errors
	return r.Render(a.code(), views.AdminPerson(r.headAfter(page.Person.Name, "Administration", a), page))
}

// AdminPersonHistory shows what the ledger says of a person.
func AdminPersonHistory(r *Request) error {
	page, err := r.adminPerson()
	if err != nil {
		return err
	}
	h, err := r.readHistory(models.TouchPerson, page.Person.ID, "/admin/people/"+page.Person.ID+"/history")
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.AdminPersonHistory(r.Head("History of "+page.Person.Name, "Administration"), page, h))
}

func (r *Request) adminPerson() (views.AdminPersonPage, error) {
	p, err := r.App.Store.AdminPerson(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return views.AdminPersonPage{}, err
	}
	mail, err := r.App.Store.MailRefused(r.Ctx(), p.Person.ID)
	if err != nil {
		return views.AdminPersonPage{}, err
	}
	teams, err := r.App.Store.TeamChoices(r.Ctx())
	if err != nil {
		return views.AdminPersonPage{}, err
	}
	page := views.AdminPersonPage{
		Party: p.Party, Into: p.Into, Manager: p.Manager, Accounts: p.Accounts, Links: adminLinks(r, p.Links), Answers: p.Answers, Post: r.postState(mail),
		Roles: givable(p.Party), Role: r.Form("role"), Team: r.Form("team"), GiveKeys: r.newKeys(), JoinKeys: r.newKeys(), Now: r.Now(),
		May: r.Viewer.Has(models.Administrator) && p.Person.Status == models.PersonActive, Self: p.Person.ID == r.Viewer.Person.ID,
	}
	for _, g := range p.Grants {
		page.Grants = append(page.Grants, r.adminGrant(g, p.Granters[g.GrantedBy]))
	}
	for _, t := range p.Party.Teams {
		page.Teams = append(page.Teams, views.AdminTeamLine{Team: t, Keys: r.newKeys()})
	}
	for _, t := range teams {
		if !p.On(t.ID) {
			page.Join = append(page.Join, t)
		}
	}
	return page, nil
}

// adminGrant is a role with where it comes from, and why it cannot be ended here.
func (r *Request) adminGrant(g models.Grant, by models.Party) views.AdminGrant {
	out := views.AdminGrant{Grant: g, From: views.GrantFrom(g, by), Keys: r.newKeys()}
	switch {
	case g.Source == "group":
		out.Keep = "Ends with the group or its mapping"
	case g.Role == models.Administrator && g.PersonID == r.Viewer.Person.ID:
		out.Keep = "Another administrator can end it"
	}
	return out
}

// givable are the roles that a person may be given beside those that they have.
func givable(p models.Party) []models.Role {
	var out []models.Role
	for _, role := range models.Roles {
		other := len(p.Roles) > 0
		if slices.Contains(p.Roles, role) || p.Has(models.Auditor) || role == models.Auditor && other {
			continue
		}
		out = append(out, role)
	}
	return out
}
