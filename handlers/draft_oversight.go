package handlers

import (
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DraftOversight shows the oversight plan: its form to the control owner who
// writes it, what is there to everybody else who sees the version.
func DraftOversight(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	return drawOversight(r, d, oversightSaved(d.Asked.Contents().Oversight), attempt{})
}

// DraftOversightSave saves the oversight plan; finished, or with the other
// button as far as it is.
func DraftOversightSave(r *Request) error {
	id, typed := r.Param("id"), oversightPosted(r)
	rows, redrawOnly := pathAsked(r, typed.path)
	if typed.path = rows; redrawOnly { // with what is typed; nothing is saved
		d, err := draftToWrite(r, models.OversightPart, store.Lookup{Secrets: typed.RotateSecrets})
		if err != nil {
			return err
		}
		return drawOversight(r, d, typed, attempt{})
	}
	body, problems := typed.parse()
	also := store.Lookup{Secrets: body.RotateSecrets, People: body.Path.People()}
	d, err := draftToWrite(r, models.OversightPart, also)
	if err != nil {
		return err
	}
	check := body
	problems = fieldProblems(problems, check.Check(!r.later()))
	var refusal error
	if len(problems) == 0 {
		if refusal = saveOversight(r, id, body); refusal == nil {
			return savedPart(r, "The oversight plan", draftPath(id, "draft"))
		}
	}
	a, err := attempted(problems, refusal)
	if err != nil {
		return err
	}
	if refusal != nil {
		if d, err = draftToWrite(r, models.OversightPart, also); err != nil {
			return err
		}
	}
	return drawOversight(r, d, typed, a)
}

func saveOversight(r *Request, versionID string, body models.Oversight) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	rev := r.shownRevision()
	_, err = r.App.Store.DecideVersion(r.Ctx(), act, versionID, store.Lookup{Secrets: body.RotateSecrets, People: body.Path.People()}, onDraft(versionID, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.OversightPart, body, rev)
	}))
	return err
}

// typedOversight is the form as typed, right or wrong.
type typedOversight struct {
	models.Oversight
	steps, within string
	alerts        views.AlertFields
	path          []views.PathRow
}

func oversightSaved(o models.Oversight) typedOversight {
	t := typedOversight{Oversight: o, steps: strings.Join(o.Escalation, "\n"), path: pathSaved(o.Path)}
	a := o.Thresholds()
	t.alerts.FirstUse = a.FirstUse
	if a.Denials > 0 {
		t.alerts.Denials = strconv.Itoa(a.Denials)
	}
	if a.Volume > 0 {
		t.alerts.Volume = strconv.Itoa(a.Volume)
	}
	if o.StopWithinMinutes > 0 {
		t.within = strconv.Itoa(o.StopWithinMinutes)
	}
	return t
}

func oversightPosted(r *Request) typedOversight {
	return typedOversight{
		Oversight: models.Oversight{Signals: r.Form("signals"), AlertRoute: r.Form("alert_route"), StopHow: r.Form("stop_how"), StopBy: r.Form("stop_by"), RotateSecrets: r.FormAll("rotate_secrets")},
		steps:     r.Form("escalation"), within: r.Form("stop_within_minutes"), path: pathPosted(r),
		alerts: views.AlertFields{Denials: r.Form("alert_denials"), Volume: r.Form("alert_volume"), FirstUse: r.Form("alert_first_use")},
	}
}

func (t typedOversight) parse() (models.Oversight, views.Errors) {
	var problems views.Errors
	body := t.Oversight
	body.Escalation = lines(t.steps)
	body.Path, problems = pathFrom(t.path)
	body.StopWithinMinutes = number(&problems, "stop_within_minutes", t.within, "the minutes")
	body.Alerts = models.Alerts{Denials: number(&problems, "alert_denials", t.alerts.Denials, "the refusals"),
		Volume: number(&problems, "alert_volume", t.alerts.Volume, "the percent"), FirstUse: t.alerts.FirstUse}
	if body.RotateSecrets == nil {
		body.RotateSecrets = []string{}
	}
	return body, problems
}

func drawOversight(r *Request, d store.DraftPage, typed typedOversight, a attempt) error {
	rows := views.OversightAnswers(d.Asked.Contents().Oversight, d.Secrets, "")
	page := views.DraftOversightPage{DraftForm: draftForm(r, d, models.OversightPart, a, rows), Plan: typed.Oversight, Steps: typed.steps, Within: typed.within, Alerts: typed.alerts}
	if page.Rows == nil {
		page.Reaches = len(factsOf(d)) > 0
		var err error
		if page.Secrets, err = secretOptions(r, d, systemsOf(factsOf(d)), typed.RotateSecrets); err != nil {
			return err
		}
		if err := r.oversightPath(&page, d, typed.path, a); err != nil {
			return err
		}
	}
	return r.Render(a.code(), views.DraftOversight(formHead(r, "Oversight plan", page.DraftForm), page))
}

// oversightPath is the form of the plan's own path, and what it would do when.
func (r *Request) oversightPath(page *views.DraftOversightPage, d store.DraftPage, rows []views.PathRow, a attempt) (err error) {
	if page.Path, err = r.pathForm(rows, a.problems, page.At("oversight")); err != nil {
		return err
	}
	path, _ := pathFrom(rows)
	ask, run := r.runAsk(r.Form)
	ask.Path = &path
	found, err := r.App.Store.RunOfVersion(r.Ctx(), r.Viewer, d.Asked.Version.ID, ask)
	if err != nil {
		return err
	}
	page.Run = r.pathRun(run, found)
	page.Path.Applies = views.WhosePath(false, found.Team) + " Add a step to set another for this capability."
	return nil
}
