package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// importRowsShown is how many rows a page of a list has.
const importRowsShown = 25

// ImportShow is what was found in the files that the viewer uploaded: row by row,
// with what taking it in would do. Nothing of it is saved yet.
func ImportShow(r *Request) error {
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	q := r.Request().URL.Query()
	return r.drawImport(http.StatusOK, list, importAsk{outcome: q.Get("outcome"), plan: q.Get("plan"), after: rowNo(q.Get("after"))}, nil, nil)
}

// importAsk is which part of a list is shown.
type importAsk struct {
	outcome, plan string
	after         int
}

// href is the address of the part.
func (a importAsk) href(list string) string {
	q := url.Values{}
	for key, value := range map[string]string{"outcome": a.outcome, "plan": a.plan} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if a.after > 0 {
		q.Set("after", strconv.Itoa(a.after))
	}
	if len(q) == 0 {
		return "/imports/" + list
	}
	return "/imports/" + list + "?" + q.Encode()
}

// rowNo is a row's number as sent; 0 for what is none.
func rowNo(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// drawImport draws a part of a list; typed are the answers of a form that was
// sent back, by row.
func (r *Request) drawImport(status int, list store.ImportList, ask importAsk, typed map[int]store.ImportChoice, errs views.Errors) error {
	rows, more, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{Outcome: ask.outcome, Plan: ask.plan, After: ask.after, Limit: importRowsShown})
	if err != nil {
		return err
	}
	tallies, err := r.App.Store.ImportTallies(r.Ctx(), list.ID)
	if err != nil {
		return err
	}
	page := views.ImportListPage{ID: list.ID, Label: list.Label, Keys: r.Keys(), Errors: errs, Now: r.Now(), Until: r.Local(list.ExpiresAt), Total: list.Total,
		Outcome: ask.outcome, Plan: ask.plan, After: ask.after, More: more, Team: list.TeamID, Sensitivity: list.Sensitivity}
	for _, t := range tallies {
		page.Count(t.Outcome, t.Plan, t.State, t.Chosen, t.N)
	}
	for i := range rows {
		if c, ok := typed[rows[i].No]; ok {
			rows[i].Chosen, rows[i].Looked, rows[i].Target = c.Chosen, c.Looked, c.Target
		}
	}
	if page.Lines, err = r.importLines(list, rows, errs); err != nil {
		return err
	}
	for _, x := range rows {
		if x.Row.System != nil {
			page.Systems++
		}
	}
	page.ChosenElsewhere = page.Chosen - shownChosen(rows, typed)
	if page.NewSystems = slices.ContainsFunc(page.Lines, func(l views.ImportLine) bool { return l.NewSystem }); page.NewSystems {
		teams, err := r.App.Store.TeamChoices(r.Ctx())
		if err != nil {
			return err
		}
		for _, t := range teams {
			page.Teams = append(page.Teams, views.Option{Value: t.ID, Label: t.Name})
		}
	}
	if page.Systems > 0 && !r.Viewer.Has(models.Administrator) {
		if page.Ask, err = r.administrators(); err != nil {
			return err
		}
	}
	head := r.Head("What was found", "Import")
	head.Failed, head.Wide = len(errs) > 0, list.Total > 1
	return r.Render(status, views.ImportList(head, page))
}

// shownChosen are the rows of the page that are kept as chosen.
func shownChosen(rows []store.ImportListRow, typed map[int]store.ImportChoice) int {
	n := 0
	for _, x := range rows {
		if _, redrawn := typed[x.No]; x.Chosen && !redrawn {
			n++
		}
	}
	return n
}

// administrators are whom to ask, by name: at most three.
func (r *Request) administrators() ([]string, error) {
	holders, _, err := r.App.Store.RoleHolders(r.Ctx(), models.Administrator, "")
	var names []string
	for _, h := range holders[:min(3, len(holders))] {
		names = append(names, h.Person.Name)
	}
	return names, err
}

// importLines are rows as a page shows them.
func (r *Request) importLines(list store.ImportList, rows []store.ImportListRow, errs views.Errors) ([]views.ImportLine, error) {
	things, into := make([]models.ImportRow, len(rows)), make([]string, len(rows))
	for i, x := range rows {
		things[i], into[i] = x.Row, x.Target
	}
	plans, err := r.App.Store.ImportPlans(r.Ctx(), r.Viewer, things, into)
	if err != nil {
		return nil, err
	}
	asked, err := r.importInto(list.IntoID)
	if err != nil {
		asked = nil // it was retired or handed over since
	}
	var lines []views.ImportLine
	for i, x := range rows {
		line := r.importLine(list, x, plans[i], asked)
		line.Open = list.Total == 1
		for _, e := range errs {
			if strings.HasSuffix(e.Field, "-"+strconv.Itoa(x.No)) {
				line.Error, line.ErrorField = e.Message, e.Field
			}
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func (r *Request) importLine(list store.ImportList, x store.ImportListRow, p store.ImportPlan, asked *views.ImportTarget) views.ImportLine {
	row := x.Row
	line := views.ImportLine{No: x.No, Href: "/imports/" + list.ID + "/rows/" + strconv.Itoa(x.No), File: row.File, Format: row.Format, Kind: row.Kind, Name: row.Name,
		Outcome: row.Outcome, Digest: row.Digest, Warnings: row.Warnings, Chosen: x.Chosen, Looked: x.Looked, Target: x.Target, State: x.State, Reason: x.Reason, Subject: x.Subject,
		Cannot: r.cannotTake(row), Plan: r.planOf(row, p)}
	switch {
	case row.Agent != nil:
		line.Fields, line.Ignored, line.Further = views.SplitOrigins(importOrigins(row.Agent.Fields))
		line.Skills = len(row.Agent.Skills)
	case row.System != nil:
		line.Fields, line.Ignored, line.Further = views.SplitOrigins(importOrigins(row.System.Fields))
		line.Operations = len(row.System.Operations)
		for _, s := range row.System.Secrets {
			line.Secrets = append(line.Secrets, s.Name)
		}
	}
	for _, m := range p.Matches {
		if m.State != models.AgentRetired {
			line.Targets = append(line.Targets, views.ImportTarget{ID: m.ID, Name: m.Name, State: m.State, SameFile: m.SameFile, Again: m.Again})
		}
	}
	if asked != nil && row.Agent != nil && !slices.ContainsFunc(line.Targets, func(t views.ImportTarget) bool { return t.ID == asked.ID }) {
		line.Targets = append(line.Targets, *asked)
	}
	if p.Agent != nil {
		line.Into, line.IntoID = p.Agent.Name, p.Agent.ID
	}
	if p.Revision != nil {
		line.Revision = p.Revision.No
		line.Live = views.DiffLines(p.Live)
	}
	if p.Agent != nil {
		line.Draft = views.DiffLines(p.Draft)
	}
	if p.System != nil {
		line.System = p.System
		line.NewSystem = p.System.System == nil && line.Cannot == ""
		if p.System.System != nil {
			line.Into, line.IntoID = p.System.System.Name, p.System.System.ID
		}
	}
	return line
}

func importOrigins(fields []models.ImportedField) []views.AgentOrigin {
	var out []views.AgentOrigin
	for _, f := range fields {
		out = append(out, views.AgentOrigin{Field: f.Field, Value: f.Value, Pointer: f.Pointer, Line: f.Line, Status: f.Status, Note: f.Note})
	}
	return out
}

// ImportRowShow is everything that a file says of one thing.
func ImportRowShow(r *Request) error {
	list, err := r.App.Store.ImportList(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	no := rowNo(r.Param("no"))
	rows, _, err := r.App.Store.ImportRowsOf(r.Ctx(), list.ID, store.ImportFilter{After: no - 1, Limit: 1})
	if err != nil {
		return err
	}
	if no == 0 || len(rows) == 0 || rows[0].No != no {
		return models.Refusal(models.NotFound, "not_found", "There is no such row in this import.")
	}
	lines, err := r.importLines(list, rows, nil)
	if err != nil {
		return err
	}
	page := views.ImportRowPage{ListID: list.ID, Label: list.Label, Line: lines[0]}
	return r.Render(http.StatusOK, views.ImportRow(r.Head("What “"+lines[0].Name+"” says", "Import"), page))
}
