package handlers

import (
	"errors"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// The three choices as the form sends them.
const (
	chooseSign    = "sign"
	chooseChanges = "changes"
	chooseRefuse  = "refuse"
)

// VersionDecide records one of the three: sign off, ask for changes, refuse. An
// approver who had no part in the version does; what was shown is what counts.
func VersionDecide(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	shown := r.shownOf(id)
	rule := map[string]func(models.CapabilityFacts) (models.Change, error){
		chooseSign: func(f models.CapabilityFacts) (models.Change, error) {
			return f.SignOff(shown, r.signing())
		},
		chooseChanges: func(f models.CapabilityFacts) (models.Change, error) { return f.AskForChanges(shown, r.signing()) },
		chooseRefuse:  func(f models.CapabilityFacts) (models.Change, error) { return f.Refuse(shown, r.signing()) },
	}[r.Form("decision")]
	if rule == nil {
		return decideAgain(r, models.Refusal(models.Invalid, "input", "Choose one of the three."))
	}
	if err := r.unnamed(); err != nil {
		return decideAgain(r, err)
	}
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, id, store.Lookup{Challenge: r.Form("challenge")}, rule)
	if err == nil {
		return r.receipt(receipt)
	}
	return decideAgain(r, err)
}

// decideAgain answers a decision that was refused: the same page with what was
// typed, or what changed meanwhile.
func decideAgain(r *Request, refusal error) error {
	var rule *models.Error
	if !errors.As(refusal, &rule) {
		return refusal
	}
	moved := rule.Code == models.Conflict && (rule.Rule == "version.changed" || rule.Rule == "row.changed")
	if moved || rule.Code == models.NotFound {
		return versionMoved(r, refusal)
	}
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if rule.Code == models.Stale {
		return drawVersion(r, c, attempt{failed: 1}, true)
	}
	a, err := attempted(nil, refusal)
	if err != nil {
		return err
	}
	if a.refused != "" && rule.Code == models.Invalid {
		a.problems, a.refused = append(a.problems, views.FieldError{Field: "decision", Message: a.refused}), ""
	}
	return drawVersion(r, c, a, false)
}

// decisionOf is the form, for whoever may decide: who may not sign for want of a
// seat may still ask for changes or refuse.
func decisionOf(r *Request, c store.CapabilityRead, a attempt, stale bool, page *views.VersionPage) {
	v := c.Asked
	voices, sign := voicesOf(r, c)
	if len(voices) == 0 {
		return
	}
	restart := v.Version.State == models.Live
	d := &views.VersionDecide{Keys: r.Keys(), Errors: a.problems, Refused: a.refused, Typed: stale || a.failed != 0}
	d.Keys.Digest = v.Version.Digest
	d.Keys.More = [][2]string{{"round", strconv.Itoa(v.Version.Round)}}
	if a.failed == 0 {
		d.Keys.ActID = r.NewActID()
	}
	d.Decision = views.Decision{Legend: page.Lead, Choices: choices(c, restart), Chosen: r.Form("decision"), Error: a.problems.For("decision"),
		ReasonLabel: "Your reason", ReasonHint: "Needed when you ask for changes or refuse; a comment when you sign off. Those who made it read it.",
		Reason: r.Form("reason"), ReasonError: a.problems.For("reason"), ReasonMax: models.MaxText}
	nameVoices(r, c, voices, a, d)
	switch {
	case len(sign) == 0:
		d.Decision.Choices[0].Disabled = true
		d.Decision.Choices[0].Hint = "You cannot sign it off: " + whyNobody(r, c, voices) + "."
	case v.NeedsPasskey():
		passkeyFor(r, c, d)
	case documentOf(c, v).Ask.FreshSignIn && !r.Fresh():
		d.Fresh = "At tier " + string(v.Version.Tier) + " a sign-off is given with a sign-in of the last " + strconv.Itoa(int(models.FreshFor/models.Minute)) + " minutes. You come back to this page."
		d.FreshHref = "/sign-in/again?return=/versions/" + v.Version.ID
		d.Decision.Choices[0].Disabled = !d.Typed
		d.Decision.Choices[0].Hint = "Sign in again first: see above."
	}
	if stale {
		d.Refused = "Your sign-in is older than that by now. Sign in again as it says below, then send the decision once more."
	}
	teamsOfVoices(r, c, sign, a, d)
	d.Means = "A sign-off says three things at once: the agent is who it says, it may reach no more than it should, and it is watched and can be stopped. It is recorded under your name, on the digest below and nothing else. How long you had this open and what you opened of it is kept with your decision. It never blocks one."
	page.Decide = d
}

// passkeyFor says that a sign-off takes a passkey, and what is in the way of one.
func passkeyFor(r *Request, c store.CapabilityRead, d *views.VersionDecide) {
	d.Passkey = &views.PasskeyAsked{Href: "/versions/" + c.Asked.Version.ID + "/challenge", None: len(c.Passkeys) == 0, Typed: d.Typed, Demo: r.App.Demo,
		Why: "When you sign off, your browser asks for your passkey: its signature is on the digest below, in this round, under your name. Your browser does not show what is signed; this page does."}
	if r.App.Passkeys == nil {
		d.Passkey.Not = noPasskeys
	}
	if d.Passkey.None || d.Passkey.Not != "" {
		d.Decision.Choices[0].Disabled = !d.Typed
		d.Decision.Choices[0].Hint = "It takes a passkey: see above."
	}
}

func teamChoice(teams []models.Team, chosen, problem string) *views.Choices {
	out := &views.Choices{Name: "team", Label: "For which team do you sign?", Hint: "Only for a sign-off.", Value: chosen, Error: problem, Required: true}
	for _, t := range teams {
		out.Options = append(out.Options, views.Option{Value: t.ID, Label: t.Name})
	}
	return out
}

// choices are the three, with what each leads to.
func choices(c store.CapabilityRead, restart bool) [3]views.Option {
	v := c.Asked
	after := "It is the last sign-off that is needed: it goes live at once."
	switch left := leftAfter(c); {
	case left == 1:
		after = "One more approver is needed after you."
	case left > 1:
		after = capital(views.NumberWord(left)) + " more approvers are needed after you."
	case restart:
		after = "It is the last sign-off that is needed: the holds above are lifted at once."
	case v.Contents().Task.Starts() > c.Now:
		after = "It is the last sign-off that is needed: it goes live on its first day."
	}
	if restart {
		return [3]views.Option{
			{Value: chooseSign, Label: "Sign off", Hint: "You answer for this decision. " + after},
			{Value: chooseChanges, Label: "Ask for changes", Hint: "Not here: this version is in force and signed. Its owner can start a new version.", Disabled: true},
			{Value: chooseRefuse, Label: "Refuse", Hint: "The stop stands. Its owner is asked again what was wrong."},
		}
	}
	return [3]views.Option{
		{Value: chooseSign, Label: "Sign off", Hint: "You answer for this decision. " + after},
		{Value: chooseChanges, Label: "Ask for changes", Hint: "The makers get a new draft with your reason. This version ends."},
		{Value: chooseRefuse, Label: "Refuse", Hint: "This version ends, with your reason."},
	}
}
