package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminTeamHeadAsk asks an administrator who heads the team in the address.
func AdminTeamHeadAsk(r *Request) error { return r.drawHead(redraw{}) }

// AdminTeamHeadSet sets who heads the team in the address: an administrator does, never
// themselves. A search of a long list draws the page again and sets nothing.
func AdminTeamHeadSet(r *Request) error {
	if r.Form("find") != "" {
		return r.drawHead(redraw{status: http.StatusOK})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	team, head, rev := r.Param("id"), r.Form("head"), r.shownRevision()
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Team: team, People: []string{head}}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetHead(team, head, rev)
	})
	if err != nil {
		refused, ok := again(err, "head")
		if !ok {
			return err
		}
		return r.drawHead(refused)
	}
	return r.done(receipt, "/admin/teams/"+team, "The head is set. They are told where an escalation path says so.")
}

func (r *Request) drawHead(a redraw) error {
	t, err := r.App.Store.Team(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.SomebodyForm{Crumbs: views.TeamCrumbs(t.Team, "Head"), Title: "Who heads " + t.Name + "?",
		Lead:   "Where an escalation path says so, the head is told when something that the team’s people owe is overdue. It gives them no power here.",
		Action: "/admin/teams/" + t.ID + "/head", Back: "/admin/teams/" + t.ID, Keys: r.revisedKeys(t.Rev), Errors: a.errors}
	now := ""
	if t.HeadID != nil {
		now = *t.HeadID
	}
	if page.Pick, err = r.somebody("head", "The head of the team", now, a, r.Viewer.Person.ID); err != nil {
		return err
	}
	return r.Render(a.code(), views.Somebody(r.headAfter("Head of "+t.Name, "Administration", a), page))
}
