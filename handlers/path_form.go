package handlers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// What the two forms of an escalation path have in common: an oversight plan's and a
// team's. Its buttons add, remove and move steps without scripts: the form comes back
// changed, and nothing is saved.

// pathSaved are the rows of a path as it is saved.
func pathSaved(p models.Path) []views.PathRow {
	rows := make([]views.PathRow, len(p))
	for i, s := range p {
		rows[i] = views.PathRow{Who: s.Who, Person: s.Person, After: strconv.Itoa(s.Hours), Unit: "hours"}
		if s.Hours%24 == 0 {
			rows[i].After, rows[i].Unit = strconv.Itoa(s.Hours/24), "days"
		}
	}
	return rows
}

// pathPosted are the rows as typed, without those in which nothing was said.
func pathPosted(r *Request) []views.PathRow {
	var rows []views.PathRow
	for i := range models.MostSteps + 1 {
		at := "path-" + strconv.Itoa(i+1) + "-"
		row := views.PathRow{Who: r.Form(at + "who"), Person: r.Form(at + "person"), After: firstRunes(r.Form(at+"after"), 20), Unit: r.Form(at + "unit")}
		if row.Who != "" || row.Person != "" || row.After != "" {
			rows = append(rows, row)
		}
	}
	return rows
}

// pathAsked does what one of the path's own buttons asks of the rows; asked says that
// one was pressed, so that nothing is to be saved.
func pathAsked(r *Request, rows []views.PathRow) (out []views.PathRow, asked bool) {
	do, place, _ := strings.Cut(r.Form("path-do"), "-")
	at, err := strconv.Atoi(place)
	at--
	if err != nil || at < 0 || at >= len(rows) {
		at = -1
	}
	switch {
	case do == "add" && len(rows) < models.MostSteps:
		rows = append(rows, views.PathRow{Unit: "days"})
	case do == "remove" && at >= 0:
		rows = slices.Delete(rows, at, at+1)
	case do == "up" && at > 0:
		rows[at-1], rows[at] = rows[at], rows[at-1]
	case do == "down" && at >= 0 && at+1 < len(rows):
		rows[at+1], rows[at] = rows[at], rows[at+1]
	}
	return rows, do != ""
}

// pathFrom reads the rows; what is no number is said beside its row.
func pathFrom(rows []views.PathRow) (models.Path, views.Errors) {
	var path models.Path
	var problems views.Errors
	for i, row := range rows {
		s := models.PathStep{Who: row.Who}
		if row.Who == models.ToPerson {
			s.Person = row.Person
		}
		s.Hours = number(&problems, "path-"+strconv.Itoa(i+1), row.After, "after how long")
		if row.Unit == "days" {
			s.Hours *= 24
		}
		path = append(path, s)
	}
	return path, problems
}

// pathForm is the form of the rows, with the people whom it offers by name.
func (r *Request) pathForm(rows []views.PathRow, errs views.Errors, action string) (views.PathForm, error) {
	form := views.PathForm{Rows: rows, Errors: errs, Action: action, Find: firstRunes(r.Form("path-find"), models.MaxName)}
	var named []string
	for _, row := range rows {
		named = append(named, row.Person)
	}
	var err error
	form.People, form.Many, err = r.App.Store.PeopleChoices(r.Ctx(), form.Find, named...)
	return form, err
}

// runAsk reads what a dry run is asked: from the address, or from a form that is drawn
// again. A day that is none is said beside its field, and the run is of the next review.
func (r *Request) runAsk(get func(string) string) (store.PathAsk, views.PathRun) {
	page := views.PathRun{Day: firstRunes(get("run-day"), 40), Tier: get("run-tier")}
	ask := store.PathAsk{Person: get("run-person"), Tier: models.Moderate}
	if t := models.Tier(page.Tier); t.Rank() >= 0 {
		ask.Tier = t
	}
	page.Tier = string(ask.Tier)
	if page.Day != "" {
		at, err := time.ParseInLocation(time.DateOnly, page.Day, r.zone())
		if err != nil || at.Year() < 2000 || at.Year() > 2200 {
			page.Errors = views.Errors{{Field: "run-day", Message: "Enter a day such as " + r.Now().AddDate(0, 1, 0).Format(time.DateOnly) + "."}}
		} else {
			ask.Due = models.At(at.Add(12 * time.Hour))
		}
	}
	return ask, page
}

// pathRun is the dry run as its page and the forms draw it.
func (r *Request) pathRun(page views.PathRun, run store.PathRun) views.PathRun {
	page.Now = r.Now()
	page.Person, page.Due = run.Silent, r.Local(run.Due)
	if page.Day == "" && run.Due != 0 {
		page.Day = page.Due.Format(time.DateOnly)
	}
	for _, p := range run.Among {
		page.Among = append(page.Among, views.Option{Value: p.Person.ID, Label: views.PartyText(p)})
	}
	if run.Steps == nil {
		return page
	}
	page.Lines = append(page.Lines, views.RunLine{Kind: views.RunOpens, At: r.Local(run.Opens)})
	for _, s := range run.Steps {
		line := views.RunLine{Kind: s.Kind, At: r.Local(s.At), Step: s.Step, To: s.To}
		for _, id := range s.People {
			line.People = append(line.People, run.People[id])
		}
		if len(s.People) == 0 {
			line.Hole = s.Why
		}
		page.Lines = append(page.Lines, line)
	}
	stops := views.RunLine{Kind: views.RunStops, At: r.Local(run.Stops)}
	if run.Stops < run.Due {
		stops.Kind = views.RunEnds
	}
	page.Lines = append(page.Lines, views.RunLine{Kind: views.RunDue, At: page.Due}, stops)
	slices.SortStableFunc(page.Lines, func(a, b views.RunLine) int { return a.At.Compare(b.At) })
	return page
}
