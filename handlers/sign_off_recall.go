package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SignOffRecallAsk asks why a sign-off is taken back: its signer.
func SignOffRecallAsk(r *Request) error {
	c, s, err := signOffOf(r)
	if err != nil {
		return err
	}
	return drawRecall(r, c, s, attempt{})
}

// SignOffRecall takes one's own sign-off back, with a reason.
func SignOffRecall(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id := r.Param("id")
	version, err := r.App.Store.VersionOfSignOff(r.Ctx(), id)
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, version, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Recall(id, r.Form("reason"))
	})
	if err == nil {
		return r.receipt(receipt)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	c, s, err := signOffOf(r)
	if err != nil {
		return err
	}
	return drawRecall(r, c, s, a)
}

// signOffOf is the sign-off in the address with its version; only its signer
// gets it.
func signOffOf(r *Request) (c store.CapabilityRead, s models.SignOff, err error) {
	version, err := r.App.Store.VersionOfSignOff(r.Ctx(), r.Param("id"))
	if err != nil {
		return c, s, err
	}
	if c, err = r.App.Store.VersionPage(r.Ctx(), r.Viewer, version); err != nil {
		return c, s, err
	}
	for _, x := range c.Asked.SignOffs {
		if x.ID == r.Param("id") {
			s = x
		}
	}
	if s.SignerID != r.Viewer.Person.ID && s.PrincipalID != r.Viewer.Person.ID {
		return c, s, models.Refusal(models.Forbidden, "recall.signer", "Only the person who signed can take the sign-off back.")
	}
	return c, s, nil
}

func drawRecall(r *Request, c store.CapabilityRead, s models.SignOff, a attempt) error {
	v := c.Asked.Version
	no := strconv.Itoa(v.No)
	page := views.CapabilityAct{CapabilityTop: capabilityTop(r, c), Page: "Take your sign-off back", Heading: "Take your sign-off of version " + no + " back?",
		Action: "/sign-offs/" + s.ID + "/recall", Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Button: "Take it back", Back: "/versions/" + v.ID,
		Lead: "You signed it off on " + views.DateText(r.Local(s.SignedAt), r.Now()) + ", for " + c.Teams[s.TeamID].Name + ".",
		Field: views.Field{Name: "reason", Label: "Why do you take it back?", Hint: "The four and the ledger get it.", Value: r.Form("reason"), Error: a.problems.For("reason"),
			Required: true, Max: models.MaxText, Rows: 4, Spellcheck: true}}
	switch v.State {
	case models.Live:
		page.Warning, page.Danger = "This stops it at once", true
		page.Effects = []string{
			"Version " + no + " is in force: from that moment every decision about it is “no”.",
			"It starts again only after a stated cause and a new round of sign-offs.",
		}
	case models.Approved:
		page.Effects = []string{"It goes back to review: as many sign-offs as before are needed again, without yours."}
	default:
		page.Effects = []string{"Your sign-off no longer counts. It stays on record that you gave it and took it back."}
	}
	return drawAct(r, page, a)
}
