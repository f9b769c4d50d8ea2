package handlers

import (
	"countersign/models"
	"countersign/policy"
	"countersign/views"
)

// ForbidNew offers an administrator to propose a forbid, with examples.
func ForbidNew(r *Request) error { return r.drawForbidForm(views.ForbidForm{}, redraw{}) }

// ForbidPropose proposes a forbid: an administrator does, another confirms it. Refused
// beside its field: a text that is not one policy that forbids, with the line.
func ForbidPropose(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	typed := views.ForbidForm{Name: r.Form("name"), Why: r.Form("why"), Text: r.Form("text")}
	receipt, err := r.App.Store.DecideForbid(r.Ctx(), act, "", func(f models.ForbidFacts) (models.Change, error) {
		return f.ProposeForbid(models.ForbidForm{Name: typed.Name, Why: typed.Why, Text: typed.Text}, policy.ParseForbid)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawForbidForm(typed, refused)
	}
	return r.done(receipt, "/admin/forbids/"+receipt.Subject, "It is proposed. It is in force when another administrator confirms it.")
}

func (r *Request) drawForbidForm(f views.ForbidForm, a redraw) error {
	f.Keys, f.Errors = r.Keys(), a.errors
	for _, e := range policy.ForbidExamples {
		f.Examples = append(f.Examples, views.Example(e))
	}
	for _, s := range policy.ForbidSees {
		seen := views.Seen{Variable: s.Variable, Is: s.Is}
		for _, x := range s.Attributes {
			seen.Attributes = append(seen.Attributes, models.Choice{Value: x.Name, Words: x.Is})
		}
		f.Sees = append(f.Sees, seen)
	}
	return r.Render(a.code(), views.ForbidNew(r.headAfter("Propose a forbid", "Administration", a), f))
}
