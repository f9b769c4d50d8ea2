package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminRulesChange offers an administrator the rules in force to be changed.
func AdminRulesChange(r *Request) error {
	p, err := r.App.Store.TierRules(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	if p.Proposed != nil {
		return r.drawTierRules(redraw{status: http.StatusConflict, errors: views.Errors{{Message: "Other rules are already proposed. Confirm or withdraw them first."}}})
	}
	return r.drawRulesForm(rulesTyped(p.Active.Rules()), redraw{})
}

// AdminRulesCheck says what the rules as typed would tighten and loosen, and asks
// why. It changes nothing.
func AdminRulesCheck(r *Request) error {
	return r.drawRulesPreview(redraw{})
}

// AdminRulesPropose sets the rules as typed: in force at once where they only
// tighten, else waiting for a second administrator. Refused: rules that differ
// from what was shown, and none at all.
func AdminRulesPropose(r *Request) error {
	if r.Form("back") != "" {
		return r.drawRulesForm(rulesPosted(r), redraw{})
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	rules, shown, reason := rulesFrom(rulesPosted(r)), r.Form("shown"), r.Form("reason")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Rules: true}, func(f models.AdminFacts) (models.Change, error) {
		if err := f.SameRules(shown); err != nil {
			return models.Change{}, err
		}
		return f.ProposeRules(rules, reason)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawRulesPreview(refused)
	}
	if receipt.Outcome == models.RulesProposed {
		return r.done(receipt, "/admin/tier-rules", "The rules are proposed. They come into force when another administrator confirms them.")
	}
	return r.done(receipt, "/admin/tier-rules", "The new rules are in force. What is signed keeps its own.")
}

func (r *Request) drawRulesForm(typed map[string]string, a redraw) error {
	f := views.RulesForm{Values: typed, Keys: r.Keys(), Errors: a.errors}
	return r.Render(a.code(), views.AdminTierRulesForm(r.headAfter("Change the tier rules", "Administration", a), f))
}

// drawRulesPreview compares what was typed with what is in force now; what
// cannot be rules goes back to the form.
func (r *Request) drawRulesPreview(a redraw) error {
	typed := rulesPosted(r)
	rules := rulesFrom(typed)
	if err := rules.Check(); err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawRulesForm(typed, refused)
	}
	p, err := r.App.Store.TierRules(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.RulesPreview{Rules: rules, Reason: r.Form("reason"), Keys: r.Keys(), Errors: a.errors}
	page.Tightens, page.Loosens = rules.Compare(p.Active.Rules())
	if len(page.Tightens)+len(page.Loosens) == 0 {
		return r.drawRulesForm(typed, redraw{status: http.StatusUnprocessableEntity, errors: views.Errors{{Message: "Nothing differs from the rules in force. Change something, or cancel."}}})
	}
	page.Keys.More = [][2]string{{"shown", p.Active.ID}}
	for _, field := range rulesFields() {
		page.Keys.More = append(page.Keys.More, [2]string{field, typed[field]})
	}
	return r.Render(a.code(), views.AdminTierRulesPreview(r.headAfter("What the new rules change", "Administration", a), page))
}

// rulesFields are the names of the form's fields, in their order. models'
// TierRules.Check names the same ones.
func rulesFields() []string {
	var out []string
	for _, a := range models.Accesses {
		for _, s := range models.Sensitivities {
			out = append(out, "reach-"+a.Value+"-"+s.Value)
		}
	}
	for _, e := range models.Effects {
		out = append(out, "effect-"+e.Value)
	}
	out = append(out, "alone", "spanning", "irreversible_at_scale", "most_per_person")
	for _, t := range models.Tiers {
		for _, q := range []string{"approvers", "apart", "fresh", "lifetime", "review", "grace", "drill"} {
			out = append(out, q+"-"+string(t))
		}
	}
	return out
}

func rulesPosted(r *Request) map[string]string {
	typed := map[string]string{}
	for _, field := range rulesFields() {
		typed[field] = firstRunes(r.Form(field), 40)
	}
	return typed
}

// rulesTyped are rules as their form shows them.
func rulesTyped(rules models.TierRules) map[string]string {
	typed := map[string]string{"alone": string(rules.Alone), "spanning": string(rules.Spanning), "irreversible_at_scale": strconv.Itoa(rules.IrreversibleAtScale), "most_per_person": strconv.Itoa(rules.MostPerPerson)}
	for _, a := range models.Accesses {
		for _, s := range models.Sensitivities {
			typed["reach-"+a.Value+"-"+s.Value] = string(rules.Reach[a.Value][s.Value])
		}
	}
	for _, e := range models.Effects {
		typed["effect-"+e.Value] = string(rules.Effects[e.Value])
	}
	for _, t := range models.Tiers {
		ask, at := rules.Asks[t], "-"+string(t)
		typed["approvers"+at], typed["lifetime"+at] = strconv.Itoa(ask.Approvers), strconv.Itoa(ask.LifetimeMinutes)
		typed["review"+at], typed["grace"+at], typed["drill"+at] = strconv.Itoa(ask.ReviewDays), strconv.Itoa(ask.GraceDays), strconv.Itoa(ask.DrillDays)
		typed["apart"+at], typed["fresh"+at] = ticked(ask.Apart), ticked(ask.FreshSignIn)
	}
	return typed
}

// rulesFrom reads rules back; what is no number becomes one that Check refuses.
func rulesFrom(typed map[string]string) models.TierRules {
	rules := models.TierRules{Reach: map[string]map[string]models.Tier{}, Effects: map[string]models.Tier{}, Asks: map[models.Tier]models.Ask{},
		Alone: models.Tier(typed["alone"]), Spanning: models.Tier(typed["spanning"]), IrreversibleAtScale: wholeNumber(typed["irreversible_at_scale"]),
		MostPerPerson: wholeNumber(typed["most_per_person"])}
	for _, a := range models.Accesses {
		rules.Reach[a.Value] = map[string]models.Tier{}
		for _, s := range models.Sensitivities {
			rules.Reach[a.Value][s.Value] = models.Tier(typed["reach-"+a.Value+"-"+s.Value])
		}
	}
	for _, e := range models.Effects {
		rules.Effects[e.Value] = models.Tier(typed["effect-"+e.Value])
	}
	for _, t := range models.Tiers {
		at := "-" + string(t)
		rules.Asks[t] = models.Ask{
			Approvers: wholeNumber(typed["approvers"+at]), LifetimeMinutes: wholeNumber(typed["lifetime"+at]), ReviewDays: wholeNumber(typed["review"+at]),
			GraceDays: wholeNumber(typed["grace"+at]), DrillDays: wholeNumber(typed["drill"+at]),
			Apart: typed["apart"+at] != "" || views.AskFixed("apart", t), FreshSignIn: typed["fresh"+at] != "" || views.AskFixed("fresh", t),
		}
	}
	return rules
}

func wholeNumber(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return n
}

func ticked(yes bool) string {
	if yes {
		return "yes"
	}
	return ""
}
