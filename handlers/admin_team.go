package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminTeamList shows administrators and auditors the teams, by name.
func AdminTeamList(r *Request) error { return r.drawTeams(redraw{}) }

// AdminTeamAdd adds a team: an administrator does.
func AdminTeamAdd(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	name := r.Form("name")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Teams: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.AddTeam(name)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawTeams(refused)
	}
	return r.done(receipt, "/admin/teams", "The team "+name+" was added. Put people in it on their pages.")
}

func (r *Request) drawTeams(a redraw) error {
	page := views.AdminTeamsPage{Search: firstRunes(r.Query("q"), models.MaxName), Name: r.Form("name"), May: r.Viewer.Has(models.Administrator), Keys: r.Keys(), Errors: a.errors}
	teams, turn, err := r.App.Store.Teams(r.Ctx(), r.Viewer, page.Search, r.nameCursor())
	if err != nil {
		return err
	}
	for _, t := range teams {
		page.Teams = append(page.Teams, views.AdminTeamRow{Team: t.Team, Members: t.Members, Systems: t.Systems})
	}
	page.Previous, page.Next = turnHrefs(turn, "/admin/teams", "q", page.Search)
	return r.Render(a.code(), views.AdminTeams(r.headAfter("Teams", "Administration", a), page))
}

// AdminTeamShow shows administrators and auditors a team.
func AdminTeamShow(r *Request) error { return r.drawTeam(redraw{}) }

// drawTeam draws the page of the team in the address; after a refusal with the
// name as typed.
func (r *Request) drawTeam(a redraw) error {
	t, err := r.App.Store.Team(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.AdminTeamPage{Team: t.Team, Head: t.Head, Members: t.Members, Systems: t.Systems, Typed: t.Name,
		May: r.Viewer.Has(models.Administrator), Keys: r.revisedKeys(t.Rev), Errors: a.errors}
	if a.status != 0 {
		page.Typed = r.Form("name")
	}
	return r.Render(a.code(), views.AdminTeam(r.headAfter(t.Name, "Administration", a), page))
}
