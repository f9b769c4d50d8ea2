package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminLinkShow shows administrators and auditors a proposal about an account or two
// people, with what confirming it does.
func AdminLinkShow(r *Request) error { return r.drawLink(redraw{}) }

// AdminLinkConfirm carries a proposal out. Refused: whoever proposed it and whom it
// concerns.
func AdminLinkConfirm(r *Request) error {
	return r.decideLink(models.AdminFacts.ConfirmLink, "It is confirmed and done.")
}

// AdminLinkWithdraw takes a proposal back: any administrator does.
func AdminLinkWithdraw(r *Request) error {
	return r.decideLink(models.AdminFacts.WithdrawLink, "The proposal is withdrawn. Nothing was changed by it.")
}

func (r *Request) decideLink(rule func(models.AdminFacts) (models.Change, error), said string) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id := r.Param("id")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Link: id}, rule)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawLink(refused)
	}
	r.seeToSuccessors() // of a person who was merged away
	return r.done(receipt, "/admin/links/"+id, said)
}

func (r *Request) drawLink(a redraw) error {
	links, effects, err := r.App.Store.Link(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	l := adminLinks(r, links)[0]
	page := views.LinkPage{Link: l, Effects: views.LinkEffects(l, effects), May: r.Viewer.Has(models.Administrator), Confirm: r.newKeys(), Retract: r.newKeys(), Errors: a.errors, Now: r.Now()}
	return r.Render(a.code(), views.AdminLinkPage(r.headAfter(l.Title(), "Administration", a), page))
}
