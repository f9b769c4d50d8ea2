package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// CapabilityRestartAsk asks what was wrong, and why it may start again.
func CapabilityRestartAsk(r *Request) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if err := c.MayAskRestart(); err != nil {
		return err
	}
	return drawRestart(r, c, attempt{})
}

// CapabilityRestart opens a new round of sign-offs on the same version: the
// owner, the provisioner or the control owner does, with a cause.
func CapabilityRestart(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideCapability(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
		return f.AskRestart(r.Form("cause"))
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
	return drawRestart(r, c, a)
}

// askForPasskeys words the page for what is in force and was signed before passkeys.
func askForPasskeys(c store.CapabilityRead, page *views.CapabilityAct) {
	page.Page, page.Heading, page.Button = "Sign again", "Have it signed again with passkeys", "Ask for new sign-offs"
	page.Field.Label, page.Field.Hint = "What should the approvers know?", "It was signed before sign-offs at its tier took a passkey. Say whether anything changed since."
	page.Effects = []string{
		"A new round begins: " + strconv.Itoa(c.Force.Version.Need) + " of the approvers decide again, with their passkeys, on exactly the version in force (version " + strconv.Itoa(c.Force.Version.No) + ").",
		"Until they have signed, it goes on. If they refuse, it goes on as well: stop it, or revoke it, if it should not.",
	}
}

func drawRestart(r *Request, c store.CapabilityRead, a attempt) error {
	page := views.CapabilityAct{CapabilityTop: capabilityTop(r, c), Page: "Restart", Heading: "Ask for a restart",
		Action: "/capabilities/" + c.Capability.ID + "/restart", Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Button: "Ask for a restart",
		Lifts: holdsOf(r, c, c.Liftable()),
		Field: views.Field{Name: "cause", Label: "What was wrong, and why may it start again?", Hint: "The approvers decide on this. Say what caused it, what was mended, and how you know.", Value: r.Form("cause"),
			Error: a.problems.For("cause"), Required: true, Max: models.MaxText, Rows: 6, Spellcheck: true}}
	page.Lead = page.Title + ", a task of " + page.Agent + "."
	if c.SignedWithoutPasskey() && len(page.Lifts) == 0 {
		askForPasskeys(c, &page)
	} else if c.Force != nil {
		need := strconv.Itoa(c.Force.Version.Need)
		page.Effects = []string{
			"A new round begins: " + need + " of the approvers decide again, on exactly the version in force (version " + strconv.Itoa(c.Force.Version.No) + ").",
			"Until they have signed, it stays held. What is stopped after this stays stopped.",
		}
		for _, h := range c.Holds {
			if h.TargetKind == models.OnAgent && len(c.Siblings) > 0 {
				page.Effects = append(page.Effects, "The whole agent was stopped: that hold is lifted with the restart of the last of its tasks in force.")
				break
			}
		}
	}
	return drawAct(r, page, a)
}
