package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Bounds of what one request takes in; the page after it goes on by itself.
const (
	importTakenAtOnce = 200
	importTakenWithin = 2 * time.Second
)

// ImportChoose keeps what the viewer says of the rows that were shown, and takes
// the chosen ones in when asked to. What the form says of rows that were not
// shown to this person, or cannot be taken in, counts for nothing.
func ImportChoose(r *Request) error {
	if _, err := r.Act(); err != nil {
		return err
	}
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	ask := importAsk{outcome: r.Form("outcome"), plan: r.Form("plan"), after: rowNo(r.Form("after"))}
	rows, _, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{Outcome: ask.outcome, Plan: ask.plan, After: ask.after, Limit: importRowsShown})
	if err != nil {
		return err
	}
	choices, errs, err := r.importChoices(list, rows)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(r.FormAll("asks"), func(s string) bool { return s == "systems" }) {
		problem, err := r.keepImportSystems(&list, rows, choices)
		if err != nil {
			return err
		}
		errs = append(errs, problem...)
	}
	if len(errs) > 0 {
		return r.drawImport(http.StatusUnprocessableEntity, list, ask, choices, errs)
	}
	kept := make([]store.ImportChoice, 0, len(choices))
	for _, c := range choices {
		kept = append(kept, c)
	}
	if err := r.App.Store.ChooseImportRows(r.Ctx(), list.ID, kept); err != nil {
		return err
	}
	if r.Form("go") == "next" && len(rows) > 0 {
		ask.after = rows[len(rows)-1].No
		return r.Redirect(ask.href(list.ID))
	}
	return r.beginTaking(list, ask)
}

// importChoices are the answers about rows that wait, and what is wrong with them.
func (r *Request) importChoices(list store.ImportList, rows []store.ImportListRow) (map[int]store.ImportChoice, views.Errors, error) {
	chosen, looked := r.FormAll("row"), r.FormAll("looked")
	lines, err := r.importLines(list, rows, nil)
	if err != nil {
		return nil, nil, err
	}
	choices, errs := map[int]store.ImportChoice{}, views.Errors(nil)
	for i, x := range rows {
		no := strconv.Itoa(x.No)
		if !lines[i].Waits() || lines[i].Cannot != "" {
			continue
		}
		c := store.ImportChoice{No: x.No, Chosen: slices.Contains(chosen, no), Looked: slices.Contains(looked, no), Target: r.Form("into-" + no)}
		known := c.Target == "" || c.Target == models.ImportNew || slices.ContainsFunc(lines[i].Targets, func(t views.ImportTarget) bool { return t.ID == c.Target })
		if !known {
			c.Target = ""
		}
		choices[x.No] = c
		switch {
		case !c.Chosen:
		case lines[i].Asks() && !c.Looked:
			errs = append(errs, views.FieldError{Field: "looked-" + no, Message: "Say that you have looked at what was noticed about “" + lines[i].Title() + "”, or leave it out."})
		case c.Target == "" && lines[i].MustChoose():
			errs = append(errs, views.FieldError{Field: "into-" + no, Message: "Choose where “" + lines[i].Title() + "” should go, or leave it out."})
		}
	}
	return choices, errs, nil
}

// keepImportSystems keeps who looks after new systems; needed where one is chosen.
func (r *Request) keepImportSystems(list *store.ImportList, rows []store.ImportListRow, choices map[int]store.ImportChoice) (views.Errors, error) {
	list.TeamID, list.Sensitivity = r.Form("team"), r.Form("sensitivity")
	teams, err := r.App.Store.TeamChoices(r.Ctx())
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(teams, func(t models.Team) bool { return t.ID == list.TeamID }) {
		list.TeamID = ""
	}
	if !slices.ContainsFunc(models.Sensitivities, func(c models.Choice) bool { return c.Value == list.Sensitivity }) {
		list.Sensitivity = ""
	}
	needed := slices.ContainsFunc(rows, func(x store.ImportListRow) bool {
		return x.Row.System != nil && x.Plan == store.PlanNew && choices[x.No].Chosen
	})
	var errs views.Errors
	if needed && list.TeamID == "" {
		errs = append(errs, views.FieldError{Field: "team", Message: "Choose the team that looks after the new systems."})
	}
	if needed && list.Sensitivity == "" {
		errs = append(errs, views.FieldError{Field: "sensitivity", Message: "Choose how sensitive the data of the new systems is."})
	}
	if len(errs) > 0 {
		return errs, nil
	}
	return nil, r.App.Store.ImportSystemsFor(r.Ctx(), list.ID, list.TeamID, list.Sensitivity)
}

// beginTaking takes in the first of the chosen rows.
func (r *Request) beginTaking(list store.ImportList, ask importAsk) error {
	tallies, err := r.App.Store.ImportTallies(r.Ctx(), list.ID)
	if err != nil {
		return err
	}
	chosen, begun := 0, false
	for _, t := range tallies {
		if t.Chosen && (t.State == store.RowWaiting || t.State == store.RowFailed) {
			chosen += t.N
		}
		begun = begun || t.State != store.RowWaiting
	}
	if chosen == 0 && begun { // the form was sent twice
		return r.Redirect("/imports/" + list.ID + "/result")
	}
	if chosen == 0 {
		return r.drawImport(http.StatusUnprocessableEntity, list, ask, nil, views.Errors{{Message: "Choose at least one to save."}})
	}
	if err := r.App.Store.QueueImportRows(r.Ctx(), list.ID); err != nil {
		return err
	}
	return r.goOnTaking(list)
}

// ImportContinue goes on with a list that takes more than one request.
func ImportContinue(r *Request) error {
	if _, err := r.Act(); err != nil {
		return err
	}
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	return r.goOnTaking(list)
}

// goOnTaking takes in what waits for it, each row in an act of its own so that
// other acts, such as a stop, come in between; and leads to what became of it.
func (r *Request) goOnTaking(list store.ImportList) error {
	began, taken := time.Now(), 0
	for taken < importTakenAtOnce && time.Since(began) < importTakenWithin {
		rows, _, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{State: store.RowQueued, Limit: 20})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, x := range rows {
			if err := r.takeRow(list, x); err != nil {
				return err
			}
			if taken++; time.Since(began) > importTakenWithin {
				break
			}
		}
	}
	if list.Total == 1 {
		rows, _, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{Limit: 1})
		if err != nil {
			return err
		}
		if len(rows) == 1 && rows[0].Row.Agent != nil && (rows[0].State == store.RowCreated || rows[0].State == store.RowUpdated) {
			r.Flash(views.KindSuccess, "“"+rows[0].Row.Name+"” is saved as a draft. Fill in what the file does not say, then register it.")
			return r.Redirect("/agents/" + rows[0].Subject + "/register")
		}
	}
	return r.Redirect("/imports/" + list.ID + "/result")
}

// takeRow takes one row in and keeps what became of it. What a rule refuses
// becomes the row's reason; what cannot be done now ends the request.
func (r *Request) takeRow(list store.ImportList, x store.ImportListRow) error {
	act := models.Act{ID: importActID(list.ID, x.No), Person: r.Viewer.Person.ID, AuthAt: r.AuthAt}
	var receipt models.Receipt
	var err error
	state := store.RowUpdated
	switch {
	case x.Row.System != nil:
		receipt, err = r.takeSystem(act, list, x)
		if x.Plan == store.PlanNew {
			state = store.RowCreated
		}
	default:
		receipt, err = r.App.Store.DecideImport(r.Ctx(), act, x.Row, x.Target)
		if receipt.Outcome == models.ImportedNew {
			state = store.RowCreated
		}
	}
	if err == nil {
		return r.App.Store.EndImportRow(r.Ctx(), list.ID, x.No, state, "", receipt.Subject)
	}
	var rule *models.Error
	if !errors.As(err, &rule) || rule.Code == models.Busy {
		return err
	}
	if rule.Rule == "import.same" || rule.Rule == "catalogue.same" {
		return r.App.Store.EndImportRow(r.Ctx(), list.ID, x.No, store.RowSame, "", "")
	}
	reason := rule.Message
	if len(rule.Fields) > 0 {
		reason = rule.Fields[0].Message
	}
	return r.App.Store.EndImportRow(r.Ctx(), list.ID, x.No, store.RowFailed, reason, "")
}

func (r *Request) takeSystem(act models.Act, list store.ImportList, x store.ImportListRow) (models.Receipt, error) {
	return r.App.Store.ImportSystem(r.Ctx(), act, x.Row.Imported, list.TeamID, list.Sensitivity)
}

// importActID is the act of one row: the same whenever it is tried, so that the
// second of two gives the first one's receipt.
func importActID(list string, no int) string {
	sum := sha256.Sum256([]byte(fmt.Sprint(list, "/", no)))
	return hex.EncodeToString(sum[:16])
}

// ImportResult says what became of each row, and goes on while there are more.
func ImportResult(r *Request) error {
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	tallies, err := r.App.Store.ImportTallies(r.Ctx(), list.ID)
	if err != nil {
		return err
	}
	state := r.Query("state")
	page := views.ImportResultPage{ID: list.ID, Label: list.Label, Keys: r.Keys(), State: state}
	for _, t := range tallies {
		page.Count(t.State, t.N)
	}
	rows, more, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{State: state, After: rowNo(r.Query("after")), Limit: 100})
	if err != nil {
		return err
	}
	for _, x := range rows {
		page.Lines = append(page.Lines, views.ImportDone{No: x.No, File: x.Row.File, Name: x.Row.Name, Kind: x.Row.Kind, State: x.State, Reason: x.Reason, Subject: x.Subject})
	}
	if more {
		page.Next = "/imports/" + list.ID + "/result?" + url.Values{"state": {state}, "after": {strconv.Itoa(rows[len(rows)-1].No)}}.Encode()
	}
	return r.Render(http.StatusOK, views.ImportResult(r.Head(page.Title(), "Import"), page))
}

// ImportForget removes what the viewer uploaded before its day is over.
func ImportForget(r *Request) error {
	if _, err := r.Act(); err != nil {
		return err
	}
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	if err := r.App.Store.ForgetImport(r.Ctx(), r.Viewer, list.ID); err != nil {
		return err
	}
	r.Flash(views.KindSuccess, "What was uploaded is removed. What was saved from it stays.")
	return r.Redirect("/agents/import")
}
