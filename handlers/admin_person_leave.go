package handlers

import (
	"context"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminPersonLeaveAsk asks an administrator before a person is deactivated.
func AdminPersonLeaveAsk(r *Request) error { return r.drawLeave(redraw{}) }

// AdminPersonLeave deactivates the person in the address. Refused: oneself, somebody who is
// not active any more, and no reason.
func AdminPersonLeave(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	person, reason := r.Param("id"), r.Form("reason")
	name := ""
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{person}}, func(f models.AdminFacts) (models.Change, error) {
		name = f.People[person].Person.Name
		return f.Leave(person, reason)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawLeave(refused)
	}
	r.seeToSuccessors()
	return r.done(receipt, "/admin/people/"+person, name+" is deactivated. What they answer for is held, and waits for successors.")
}

// seeToSuccessors does at once what the clock would do about the leaver, for at most ten
// seconds; what is left by then the clock sees to. The act itself is recorded already, so this cannot fail it.
func (r *Request) seeToSuccessors() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Ctx()), 10*time.Second)
	defer cancel()
	if err := r.App.Store.SeeToSuccessors(ctx); err != nil {
		r.App.Log.WarnContext(ctx, "cannot ask everybody for successors yet", "request", r.ID, "error", err)
	}
}

func (r *Request) drawLeave(a redraw) error {
	p, seen, err := r.App.Store.Leaving(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if p.Person.Status != models.PersonActive || p.Person.ID == r.Viewer.Person.ID {
		return r.drawAdminPerson(a) // which says why there is nothing to ask
	}
	page := views.LeavePage{Person: p.Party, Answers: p.Answers, Grants: len(p.Grants), Seen: r.answerLines(seen), Reason: r.Form("reason"), Keys: r.Keys(), Errors: a.errors}
	return r.Render(a.code(), views.AdminPersonLeave(r.headAfter("Deactivate "+p.Person.Name, "Administration", a), page))
}
