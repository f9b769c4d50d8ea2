package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/views"
)

// MyDrills are the viewer's own answerability drills.
func MyDrills(r *Request) error {
	before, _ := strconv.ParseInt(r.Query("before"), 10, 64) // what is no moment begins at the newest
	lines, more, err := r.App.Store.MyDrills(r.Ctx(), r.Viewer, models.Instant(before))
	if err != nil {
		return err
	}
	page := views.MyDrillsPage{Party: r.Viewer, Now: r.Now()}
	answered, missed := 0, 0
	for _, d := range lines {
		took, ok := d.Took()
		l := views.MyDrillLine{Href: "/drills/" + d.ID, Task: d.ScenarioOf().Task, Agent: d.ScenarioOf().Agent, Tier: d.Tier, Asked: r.Local(d.PlannedAt),
			State: drillState(d.Drill), Bad: d.State == models.DrillMissed}
		if ok {
			l.Took = tookText(took)
			answered++
		}
		if d.State == models.DrillMissed || d.State == models.DrillLate {
			missed++
		}
		page.Lines = append(page.Lines, l)
	}
	page.Says = "Of the " + views.Count(len(lines)) + " below you answered " + views.Count(answered) + ", and missed none."
	if missed > 0 {
		page.Says = "Of the " + views.Count(len(lines)) + " below you answered " + views.Count(answered) + ". " + views.Count(missed) + " you missed or answered late."
	}
	if before > 0 {
		page.Newest = "/me/drills"
	}
	if more {
		page.Older = "/me/drills?before=" + strconv.FormatInt(int64(lines[len(lines)-1].PlannedAt), 10)
	}
	return r.Render(http.StatusOK, views.MyDrills(r.Head("Your answerability checks", ""), page))
}
