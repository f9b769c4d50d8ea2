package handlers

import (
	"net/http"
	"net/url"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// reportDays is how far back the report goes where no day is chosen.
const reportDays = 90

// Approvers is the report on how approvers decided in a period: for auditors.
// Days are those of the auditor's time zone; "to" is counted in.
func Approvers(r *Request) error {
	page, ask := approversAsk(r)
	ask.After = r.Query("after")
	found, next, err := r.App.Store.ApproverFigures(r.Ctx(), r.Viewer, ask)
	if err != nil {
		return err
	}
	page.Next, page.Newest = next, ask.After == ""
	for _, f := range found {
		page.Rows = append(page.Rows, deskFigures(f))
	}
	head, status := r.Head("How approvers decided", ""), http.StatusOK
	head.Wide = true
	if len(page.Errors) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.Approvers(head, page))
}

// ApproversExport is the whole report of a period as CSV: for auditors.
func ApproversExport(r *Request) error {
	page, ask := approversAsk(r)
	if len(page.Errors) > 0 {
		return &models.Error{Code: models.Invalid, Rule: "input", Message: "There is a problem with the period.", Fields: []models.FieldError{{Field: page.Errors[0].Field, Message: page.Errors[0].Message}}}
	}
	out := &download{r: r, kind: "text/csv; charset=utf-8; header=present", name: "countersign-approvers-" + page.From + "-to-" + page.To + ".csv"}
	return out.done(r.App.Store.FiguresCSV(r.Ctx(), r.Viewer, ask, out))
}

// approversAsk reads the period and the order from the address. A day that is
// none is said beside its field, and the report is that of the last days.
func approversAsk(r *Request) (views.ApproverReport, store.FiguresAsk) {
	page := views.ApproverReport{Now: r.Now(), Query: url.Values{}, Sort: r.Query("sort"), Down: r.Query("down") != ""}
	if _, ok := store.FiguresOrder[page.Sort]; !ok {
		page.Sort, page.Down = "name", false
	} else {
		page.Query.Set("sort", page.Sort)
		if page.Down {
			page.Query.Set("down", "1")
		}
	}
	today := time.Date(page.Now.Year(), page.Now.Month(), page.Now.Day(), 0, 0, 0, 0, page.Now.Location())
	day := func(key string, none time.Time, shown *string) time.Time {
		*shown = none.Format(time.DateOnly)
		typed := firstRunes(r.Query(key), 40)
		if typed == "" {
			return none
		}
		at, err := time.ParseInLocation(time.DateOnly, typed, r.zone())
		if err != nil {
			*shown, page.Errors = typed, append(page.Errors, views.FieldError{Field: key, Message: "Enter a day such as 2026-11-26."})
			return none
		}
		page.Query.Set(key, typed)
		*shown = typed
		return at
	}
	to := day("to", today, &page.To)
	from := day("from", to.AddDate(0, 0, -reportDays), &page.From)
	if from.After(to) {
		page.Errors = append(page.Errors, views.FieldError{Field: "from", Message: "The first day is after the last one. Choose an earlier one."})
	}
	return page, store.FiguresAsk{In: store.Period{From: models.At(from), To: models.At(to.AddDate(0, 0, 1))}, Sort: page.Sort, Down: page.Down}
}
