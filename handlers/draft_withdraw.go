package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DraftWithdraw asks why a version that is not in force yet is taken back: its
// business owner does.
func DraftWithdraw(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	if err := d.MayWithdraw(d.Asked.Version.ID); err != nil {
		return err
	}
	return drawWithdraw(r, d, attempt{})
}

// DraftWithdrawSend takes the version back.
func DraftWithdrawSend(r *Request) error {
	id := r.Param("id")
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, id, store.Lookup{})
	if err != nil {
		return err
	}
	act, err := r.Act()
	if err == nil {
		_, err = r.App.Store.DecideVersion(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Withdraw(id, r.Form("reason"))
		})
	}
	if err == nil {
		text := "Version " + strconv.Itoa(d.Asked.Version.No) + " is withdrawn. Everybody who worked on it can read why."
		if d.Force != nil {
			text += " Version " + strconv.Itoa(d.Force.Version.No) + " stays in force."
		}
		r.Flash(views.KindSuccess, text)
		return r.Redirect("/capabilities/" + d.Capability.ID)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	return drawWithdraw(r, d, a)
}

func drawWithdraw(r *Request, d store.DraftPage, a attempt) error {
	page := views.DraftWithdrawPage{DraftTop: draftTop(r, d), Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Reason: r.Form("reason")}
	page.Effects = []string{"Nobody is asked to write, accept or sign it any more."}
	switch {
	case d.Force != nil:
		page.Effects = append(page.Effects, "Version "+strconv.Itoa(d.Force.Version.No)+" stays in force as it is.")
	case d.Asked.Version.State == models.Draft:
		page.Effects = append(page.Effects, "Nothing is in force, and nothing changes at runtime.")
	default:
		page.Effects = append(page.Effects, "What was accepted and signed so far stays in the record, and counts for nothing.")
	}
	page.Effects = append(page.Effects, "You can start a new version from it later.")
	head := r.Head("Withdraw", page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.DraftWithdraw(head, page))
}
