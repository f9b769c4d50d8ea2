package handlers

import (
	"net/http"
	"strings"

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
	if r.Form("try") != "" {
		return r.tryForbid(typed)
	}
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

// tryForbid says what a forbid would have refused, and changes nothing.
func (r *Request) tryForbid(typed views.ForbidForm) error {
	if strings.TrimSpace(typed.Text) == "" || len(typed.Text) > models.MaxForbidText {
		return r.drawForbidForm(typed, redraw{status: http.StatusUnprocessableEntity, errors: views.Errors{{Field: "text", Message: "Enter a policy to try out, of at most " + views.Count(models.MaxForbidText) + " characters."}}})
	}
	if err := policy.ParseForbid(typed.Text); err != nil {
		return r.drawForbidForm(typed, redraw{status: http.StatusUnprocessableEntity, errors: views.Errors{{Field: "text", Message: err.Error()}}})
	}
	var err error
	if typed.Tried, err = r.triedOut(typed.Text); err != nil {
		return err
	}
	return r.drawForbidForm(typed, redraw{})
}

func (r *Request) triedOut(text string) (*views.ForbidTried, error) {
	t, err := r.App.Store.TryForbid(r.Ctx(), r.Viewer, text)
	if err != nil {
		return nil, err
	}
	out := &views.ForbidTried{Looked: t.Looked, Fits: t.Fits, Errs: t.Errs, Unknown: t.Unknown, Agents: t.Agents, Since: r.Local(t.Since), Blind: t.Blind, Now: r.Now()}
	for _, b := range t.By {
		out.By = append(out.By, views.ForbidFit(b))
	}
	return out, nil
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
