package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityRevokeAsk asks why what is in force ends for good.
func CapabilityRevokeAsk(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if err := c.MayRevoke(); err != nil {
		return err
	}
	return drawRevoke(r, c, attempt{})
}

// CapabilityRevoke ends what is in force for good: the owner or the control owner.
func CapabilityRevoke(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideCapability(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Revoke(r.Form("reason"))
	})
	if err == nil {
		return r.receipt(receipt)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawRevoke(r, c, a)
}

func drawRevoke(r *Request, c store.CapabilityRead, a attempt) error {
	page := views.CapabilityAct{CapabilityTop: capabilityTop(r, c), Page: "Revoke", Heading: "Revoke it for good?", Warning: "This cannot be undone", Danger: true,
		Effects: []string{
			"Nothing of it is in force any more, from that moment. Its four no longer answer for what it does; that they did stays on record.",
			"It can only come back as a new version, accepted and signed from the beginning.",
			"To hold it for a while, stop it instead.",
		},
		Action: "/capabilities/" + c.Capability.ID + "/revoke", Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Button: "Revoke it for good",
		Field: views.Field{Name: "reason", Label: "Why do you revoke it?", Hint: "The people concerned read this.", Value: r.Form("reason"), Error: a.problems.For("reason"),
			Required: true, Max: models.MaxText, Rows: 4, Spellcheck: true}}
	page.Lead = page.Title + ", a task of " + page.Agent + "."
	return drawAct(r, page, a)
}
