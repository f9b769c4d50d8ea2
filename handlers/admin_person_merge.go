package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminPersonMergeAsk finds whom the person in the address is as well, and says what
// merging the two would do.
func AdminPersonMergeAsk(r *Request) error { return r.drawMerge(r.Query("into"), redraw{}) }

// AdminPersonMerge proposes that the person in the address is another; a second
// administrator has to confirm it. Refused: the same person, somebody who is not
// active, and whoever it concerns.
func AdminPersonMerge(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	from, into, reason := r.Param("id"), r.Form("into"), r.Form("reason")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{from, into}}, func(f models.AdminFacts) (models.Change, error) {
		return f.ProposeMerge(from, into, reason)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawMerge(into, refused)
	}
	return r.done(receipt, "/admin/links/"+receipt.Subject, "The merge is proposed. Nothing changes until another administrator confirms it.")
}

func (r *Request) drawMerge(into string, a redraw) error {
	from := r.Param("id")
	f, err := r.App.Store.ReadAdmin(r.Ctx(), r.Viewer, store.AdminLookup{People: []string{from, into}})
	if err != nil {
		return err
	}
	goes, ok := f.People[from]
	if !ok {
		return models.Refusal(models.NotFound, "not_found", "There is no such person.")
	}
	if goes.Person.Status != models.PersonActive || from == r.Viewer.Person.ID {
		return r.drawAdminPerson(a)
	}
	page := views.MergePage{From: goes, Reason: r.Form("reason"), Keys: r.Keys(), Errors: a.errors}
	path := "/admin/people/" + from + "/merge"
	if page.Pick, err = r.pick(path, or(r.Query("q"), goes.Person.Name), from, ""); err != nil {
		return err
	}
	if stays, ok := f.People[into]; ok && into != from && stays.Person.Status == models.PersonActive {
		page.Into = &stays
		page.Keys.More = [][2]string{{"into", into}}
		effects, err := r.App.Store.ReadAdmin(r.Ctx(), r.Viewer, store.AdminLookup{MergeFrom: from, MergeInto: into})
		if err != nil {
			return err
		}
		page.Effects = views.MergeSentences(goes.Person.Name, stays.Person.Name, effects.MergeEffects(from, into))
	}
	return r.Render(a.code(), views.AdminPersonMerge(r.headAfter("Merge "+goes.Person.Name, "Administration", a), page))
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
