package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminTeamPath shows administrators and auditors a team's escalation path, with what
// would happen when; administrators in a form.
func AdminTeamPath(r *Request) error {
	ask, page := r.runAsk(r.Query)
	return r.drawTeamPath(nil, ask, page, redraw{})
}

// AdminTeamPathSave saves a team's escalation path: an administrator does. The buttons
// of its steps change the form and save nothing.
func AdminTeamPathSave(r *Request) error {
	rows, redrawOnly := pathAsked(r, pathPosted(r))
	path, problems := pathFrom(rows)
	ask, page := r.runAsk(r.Form)
	ask.Path = &path
	if redrawOnly {
		return r.drawTeamPath(rows, ask, page, redraw{status: http.StatusOK})
	}
	if len(problems) > 0 {
		return r.drawTeamPath(rows, ask, page, redraw{status: http.StatusUnprocessableEntity, errors: problems})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	team, rev := r.Param("id"), r.shownRevision()
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Team: team, People: path.People()}, func(f models.AdminFacts) (models.Change, error) {
		return f.SetPath(team, path, rev)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawTeamPath(rows, ask, page, refused)
	}
	said := "The path is saved. It counts from now on, also for what is open."
	if len(path) == 0 {
		said = "The team has no path of its own any more, so the standard one applies."
	}
	return r.done(receipt, "/admin/teams/"+team, said)
}

// drawTeamPath draws the page of a team's path; rows nil is the path as it is saved.
func (r *Request) drawTeamPath(rows []views.PathRow, ask store.PathAsk, run views.PathRun, a redraw) error {
	t, found, err := r.App.Store.RunOfTeam(r.Ctx(), r.Viewer, r.Param("id"), ask)
	if err != nil {
		return err
	}
	if a.status == 0 {
		rows = pathSaved(t.PathOf())
	}
	run.AskTier = true
	page := views.TeamPathPage{Team: t.Team, May: r.Viewer.Has(models.Administrator), Steps: t.PathOf().Words(), Run: r.pathRun(run, found), Keys: r.revisedKeys(t.Rev),
		Errors: append(a.errors, run.Errors...)}
	if a.status == 0 && len(run.Errors) > 0 {
		a.status = http.StatusUnprocessableEntity
	}
	if page.Form, err = r.pathForm(rows, a.errors, "/admin/teams/"+t.ID+"/path"); err != nil {
		return err
	}
	page.Form.Applies = "The team has none of its own, so the standard one applies. Add a step to set another."
	return r.Render(a.code(), views.TeamPath(r.headAfter("Escalation path of "+t.Name, "Administration", redraw{errors: page.Errors}), page))
}
