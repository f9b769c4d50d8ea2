package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// PersonShow shows everybody who is signed in a person: name, teams, roles, and
// what they answer for as far as the viewer may see it.
func PersonShow(r *Request) error {
	after := r.Query("after")
	p, err := r.App.Store.Person(r.Ctx(), r.Viewer, r.Param("id"), after)
	if err != nil {
		return err
	}
	here := "/people/" + p.Person.ID
	page := views.PersonPage{Party: p.Party, Into: p.Into, Manager: p.Manager, Answers: r.answerLines(p.Answers), Self: p.Person.ID == r.Viewer.Person.ID,
		Admin: r.Viewer.Has(models.Administrator) || r.Viewer.Has(models.Auditor)}
	if p.Next != "" {
		page.Next = views.HrefWith(here, "after", p.Next)
	}
	if after != "" {
		page.Newest = here
	}
	return r.Render(http.StatusOK, views.Person(r.Head(p.Person.Name, ""), page))
}

func (r *Request) answerLines(answers []store.Answer) []views.AnswerLine {
	var out []views.AnswerLine
	for _, a := range answers {
		out = append(out, views.AnswerLine{LiveRow: r.liveRow(a.LiveRow), As: a.As})
	}
	return out
}

func (r *Request) liveRow(row store.LiveRow) views.LiveRow {
	return views.LiveRow{MatrixRow: row.MatrixRow, State: views.LiveState(row.MatrixRow, r.Now()), Held: row.Held}
}
