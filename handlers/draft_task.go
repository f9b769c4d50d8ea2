package handlers

import (
	"net/http"
	"strconv"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DraftTask shows the task boundary: its form to the owner who writes it, what
// is there to everybody else who sees the version.
func DraftTask(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	return drawTask(r, d, taskSaved(d.Asked.Contents().Task), attempt{})
}

// DraftTaskSave saves the task boundary. "Save and continue" asks for all of it
// and saves nothing while something is missing; the other button saves what
// there is.
func DraftTaskSave(r *Request) error {
	id, typed := r.Param("id"), taskPosted(r)
	body, problems := typed.parse()
	d, err := draftToWrite(r, models.TaskPart, store.Lookup{})
	if err != nil {
		return err
	}
	if r.Form("show") != "" {
		return drawTask(r, d, typed, attempt{})
	}
	check := body
	problems = fieldProblems(problems, check.Check(d.Now, !r.later()))
	var refusal error
	if len(problems) == 0 {
		if refusal = saveTask(r, id, body); refusal == nil {
			next := draftPath(id, "draft")
			if !r.later() && len(unnamed(d)) > 0 {
				next = draftPath(id, "people")
			}
			return savedPart(r, "The task boundary", next)
		}
	}
	a, err := attempted(problems, refusal)
	if err != nil {
		return err
	}
	if refusal != nil {
		if d, err = draftToWrite(r, models.TaskPart, store.Lookup{}); err != nil {
			return err
		}
	}
	return drawTask(r, d, typed, a)
}

func saveTask(r *Request, versionID string, body models.Task) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	rev := r.shownRevision()
	_, err = r.App.Store.DecideVersion(r.Ctx(), act, versionID, store.Lookup{}, onDraft(versionID, func(f models.CapabilityFacts) (models.Change, error) {
		return f.SavePart(models.TaskPart, body, rev)
	}))
	return err
}

// DraftTaskAssess says which tier the task would have as it is typed just now.
// It writes nothing.
func DraftTaskAssess(r *Request) error {
	d, err := draftToWrite(r, models.TaskPart, store.Lookup{})
	if err != nil {
		return err
	}
	typed := taskPosted(r)
	if !r.IsHTMX() {
		return drawTask(r, d, typed, attempt{})
	}
	return answerTier(r, taskTier(d, typed))
}

// typedTask is the form as typed, right or wrong.
type typedTask struct {
	models.Task
	volume     string
	start, end views.DateValue
}

func taskSaved(t models.Task) typedTask {
	typed := typedTask{Task: t, start: views.DayValue(t.StartOn), end: views.DayValue(t.EndOn)}
	if t.VolumeLimit > 0 {
		typed.volume = strconv.Itoa(t.VolumeLimit)
	}
	return typed
}

func taskPosted(r *Request) typedTask {
	return typedTask{
		Task: models.Task{Title: r.Form("title"), Task: r.Form("task"), Acceptable: r.Form("acceptable"), Forbidden: r.Form("forbidden"),
			Sensitivity: r.Form("sensitivity"), Autonomy: r.Form("autonomy"), Windows: r.Form("windows")},
		volume: r.Form("volume_limit"), start: views.DateFrom(r.Form, "start_on"), end: views.DateFrom(r.Form, "end_on"),
	}
}

func (t typedTask) parse() (models.Task, views.Errors) {
	var problems views.Errors
	body := t.Task
	body.VolumeLimit = number(&problems, "volume_limit", t.volume, "the most actions in a day")
	body.StartOn, body.EndOn = day(t.start), day(t.end)
	return body, problems
}

// day is a date as it is stored; one that does not exist stays what it is, so
// that the rule can say so.
func day(d views.DateValue) string {
	if d.Empty() {
		return ""
	}
	at, ok := views.DateValue{Day: d.Day, Month: d.Month, Year: d.Year}.Date(time.UTC)
	if !ok {
		return d.Year + "-" + d.Month + "-" + d.Day + "?"
	}
	return at.Format(time.DateOnly)
}

func taskTier(d store.DraftPage, typed typedTask) views.DraftTier {
	body, _ := typed.parse()
	body.VolumeLimit = max(0, body.VolumeLimit) // what cannot be read is not said
	return views.TierOf(d.Preview(d.Asked.With(models.TaskPart, body)))
}

func drawTask(r *Request, d store.DraftPage, typed typedTask, a attempt) error {
	form := draftForm(r, d, models.TaskPart, a, views.TaskAnswers(d.Asked.Contents().Task, ""))
	page := views.DraftTaskPage{DraftForm: form, Task: typed.Task, Volume: typed.volume, Start: typed.start, End: typed.end, Tier: taskTier(d, typed)}
	return r.Render(a.code(), views.DraftTask(formHead(r, "Task boundary", form), page))
}

// answerTier fills the panel, unless it says the same already: what did not
// change is not read out again.
func answerTier(r *Request, t views.DraftTier) error {
	if r.Form("panel") == t.Mark() {
		return r.NoContent(http.StatusNoContent)
	}
	return r.Render(http.StatusOK, views.TierAnswer(t))
}
