package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityStopAsk is the stop as a page of its own, for links from lists: any
// of the four of what is in force.
func CapabilityStopAsk(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if !c.Answers(r.Viewer) {
		return models.Refusal(models.Forbidden, "stop.four", "Only the four who answer for what is in force here can stop it.")
	}
	return drawStop(r, c, attempt{})
}

// CapabilityStop stops the capability, or its whole agent, at once: any one of
// the four does, with a cause. The record's form calls the cause "reason".
func CapabilityStop(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	target, cause := r.Form("target"), r.Form("cause")
	short := cause == "" && r.Request().PostForm.Has("reason")
	if short {
		cause = r.Form("reason")
	}
	if target == "" {
		target = models.OnCapability
	}
	receipt, err := r.App.Store.DecideCapability(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.Stop(target, cause)
	})
	if err == nil {
		return stopped(r, id, target, receipt)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	if short && a.problems.For("cause") != "" && c.Answers(r.Viewer) {
		return drawCapability(r, c, a.code(), cause, a.problems.For("cause"))
	}
	return drawStop(r, c, a)
}

func stopped(r *Request, id, target string, receipt models.Receipt) error {
	if receipt.Again {
		r.Flash(views.KindWarning, "This form was sent before, as entry "+strconv.FormatInt(receipt.Seq, 10)+" of the ledger. Look below whether it is held now; if not, stop it again.")
		return r.Redirect("/capabilities/" + id)
	}
	what := "It is stopped"
	if target == models.OnAgent {
		what = "The whole agent is stopped"
	}
	r.Flash(views.KindSuccess, what+": every decision from now on is “no”. The business owner is asked to say what was wrong; it starts again only after a new round of sign-offs.")
	return r.Redirect("/capabilities/" + id)
}

func drawStop(r *Request, c store.CapabilityRead, a attempt) error {
	target := r.Form("target")
	if target == "" {
		target = r.Query("target")
	}
	if target != models.OnAgent {
		target = models.OnCapability
	}
	choice := stopTargets(c, target)
	choice.Error = a.problems.For("target")
	page := views.CapabilityAct{CapabilityTop: capabilityTop(r, c), Page: "Stop", Heading: "Stop it now?",
		Effects: []string{
			"From that moment every decision about it is “no”. Nobody is asked first.",
			"The business owner is asked to say what was wrong. It starts again only after a new round of sign-offs on the same version, or it is revoked.",
		},
		Action: "/capabilities/" + c.Capability.ID + "/stop", Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Choice: &choice, Danger: true, Button: "Stop it now",
		Field: views.Field{Name: "cause", Label: "Why are you stopping it?", Hint: "One sentence is enough. The four and the ledger get it.", Value: r.Form("cause"), Error: a.problems.For("cause"), Required: true, Rows: 3, Spellcheck: true}}
	page.Lead = page.Title + ", a task of " + page.Agent + "."
	if len(c.Holds) > 0 {
		page.Effects = append(page.Effects, "It is held already. Yours comes beside what stands, and is lifted on its own terms.")
	}
	return drawAct(r, page, a)
}

func drawAct(r *Request, page views.CapabilityAct, a attempt) error {
	head := r.Head(page.Page, page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.CapabilityDo(head, page))
}
