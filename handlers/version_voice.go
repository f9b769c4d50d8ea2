package handlers

import (
	"slices"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Who stands in for others says on the form in whose name a decision is: their own
// or one of the others'. Nothing is chosen for them.

// voicesOf are those in whose name the viewer may decide on the version, and of
// them those in whose name they may sign it off.
func voicesOf(r *Request, c store.CapabilityRead) (all, sign []models.Standin) {
	all = c.Voices(*c.Asked)
	for _, x := range all {
		if models.MaySignFor(r.Viewer, x.Principal, *c.Asked) == nil {
			sign = append(sign, x)
		}
	}
	return all, sign
}

// mayDecide says whether the viewer may decide in any name.
func mayDecide(c store.CapabilityRead, v *models.VersionFile) bool { return len(c.Voices(*v)) > 0 }

// unnamed is the refusal of a form that asked in whose name, and got no answer.
func (r *Request) unnamed() error {
	if r.Form("names") == "" || r.Form("for") != "" {
		return nil
	}
	return &models.Error{Code: models.Invalid, Rule: "input", Message: "There is a problem with what was entered.",
		Fields: []models.FieldError{{Field: "for", Message: "Say in whose name you decide."}}}
}

// nameVoices puts the question on the form, or says whose name it is where there
// is only one and it is not the viewer's own.
func nameVoices(r *Request, c store.CapabilityRead, voices []models.Standin, a attempt, d *views.VersionDecide) {
	if len(voices) == 1 {
		if x := voices[0]; x.Delegation != nil {
			d.Keys.More = append(d.Keys.More, [2]string{"for", x.Principal.Person.ID})
			d.OnBehalf = "You decide on behalf of " + views.PartyText(x.Principal) + ", for whom you stand in until " + lastDay(r, *x.Delegation) + ". In your own name you cannot: you " + models.WhyNot(r.Viewer, *c.Asked, true) + "."
		}
		return
	}
	d.Keys.More = append(d.Keys.More, [2]string{"names", "asked"})
	d.Names = &views.Choices{Name: "for", Label: "In whose name do you decide?", Hint: "It is recorded as yours; on behalf of another, you both answer for it.", Value: r.Form("for"), Error: a.problems.For("for"), Required: true}
	for _, x := range voices {
		o := views.Option{Value: x.Principal.Person.ID, Label: "In my own name"}
		if x.Delegation != nil {
			o.Label, o.Hint = "On behalf of "+views.PartyText(x.Principal), "You stand in until "+lastDay(r, *x.Delegation)+"."
		}
		if why := whyNotInName(r, c, x); why != "" {
			o.Hint = strings.TrimSpace(o.Hint + " Not for a sign-off: " + why + ".")
		}
		d.Names.Options = append(d.Names.Options, o)
	}
}

// whyNotInName is why the viewer cannot sign it off in that name, as a sentence
// without its stop; "" when nothing is in the way.
func whyNotInName(r *Request, c store.CapabilityRead, x models.Standin) string {
	if x.Delegation != nil {
		return models.WhyNotFor(r.Viewer, x.Principal, *c.Asked)
	}
	if why := models.WhyNot(r.Viewer, *c.Asked, true); why != "" {
		return "you " + why
	}
	return ""
}

// whyNobody is why the viewer cannot sign it off in any of the names.
func whyNobody(r *Request, c store.CapabilityRead, voices []models.Standin) string {
	var out []string
	for _, x := range voices {
		out = append(out, whyNotInName(r, c, x))
	}
	return strings.Join(out, "; ")
}

// leftAfter is how many sign-offs would be needed after the viewer's: of the
// custodians' teams that are asked, theirs counts for one that it can be given for.
func leftAfter(c store.CapabilityRead) int {
	v := c.Asked
	unspoken := v.Unspoken()
	custodians := len(unspoken)
	for _, x := range c.Voices(*v) {
		if slices.ContainsFunc(unspoken, x.Principal.On) {
			custodians = len(unspoken) - 1
		}
	}
	return max(v.Version.Need-len(v.Valid())-1, custodians)
}

// onBehalf goes on after who signed: for whom else, or "".
func onBehalf(c store.CapabilityRead, s models.SignOff) string {
	if !s.OnBehalf() {
		return ""
	}
	return ", on behalf of " + text(named(c, s.PrincipalID))
}

func lastDay(r *Request, d models.Delegation) string {
	return r.Local(d.UntilAt - 1).Format("Mon 2 Jan")
}

// teamsOfVoices asks for which team the sign-off is, where there is any choice:
// of several names each team says whose it is.
func teamsOfVoices(r *Request, c store.CapabilityRead, sign []models.Standin, a attempt, d *views.VersionDecide) {
	choice := false
	out := teamChoice(nil, r.Form("team"), a.problems.For("team"))
	for _, x := range sign {
		teams := models.TeamsFor(x.Principal, *c.Asked)
		choice = choice || len(teams) > 1
		for _, t := range teams {
			o := views.Option{Value: t.ID, Label: t.Name}
			if len(sign) > 1 && x.Delegation != nil {
				o.Hint = "On behalf of " + x.Principal.Person.Name + "."
			} else if len(sign) > 1 {
				o.Hint = "In your own name."
			}
			out.Options = append(out.Options, o)
			d.Team = t.Name
		}
	}
	if choice {
		d.Teams, d.Team = once(out), ""
	} else if len(sign) > 1 {
		d.Team = "" // whose name it is says the team
	}
}

// once leaves each team once, with whose it may be.
func once(c *views.Choices) *views.Choices {
	at := map[string]int{}
	var kept []views.Option
	for _, o := range c.Options {
		if i, ok := at[o.Value]; ok {
			kept[i].Hint = strings.TrimSpace(kept[i].Hint + " " + o.Hint)
			continue
		}
		at[o.Value] = len(kept)
		kept = append(kept, o)
	}
	c.Options = kept
	return c
}
