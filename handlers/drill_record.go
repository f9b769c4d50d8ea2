package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// drillsOnRecord adds to the record of a capability how its people answered drills,
// and when stopping it was last exercised.
func drillsOnRecord(r *Request, c store.CapabilityRead, page *views.CapabilityPage) error {
	d, err := r.App.Store.DrillsOf(r.Ctx(), r.Viewer, c.Capability.ID, c.Agent.ID)
	if err != nil {
		return err
	}
	notes := map[string]string{}
	for id, x := range d.Answered {
		notes["/people/"+id] = drillNote(r, x)
	}
	for _, seat := range page.Seats {
		for i, p := range seat.People {
			if note := notes[p.Href]; note != "" {
				seat.People[i].Note = joinNotes(p.Note, note)
			}
		}
	}
	if c.Mandate == nil {
		return nil
	}
	page.Stopped = "Stopping it was never exercised."
	if last := d.Stopped; last != nil {
		page.Stopped = "Stopping was last exercised " + views.WhenText(r.Local(last.At), r.Now())
		if last.Stop != nil {
			page.Stopped += ": a real stop."
		} else {
			took, _ := last.Drill.StoppedIn()
			page.Stopped += ", by a kill drill: it said no after " + strconv.FormatInt(int64(took/1000), 10) + " ms."
		}
	}
	if d.Planned != nil {
		page.Drill = "A kill drill is planned " + views.WhenText(r.Local(d.Planned.PlannedAt), r.Now()) + "."
	}
	return nil
}

func drillNote(r *Request, d models.Drill) string {
	took, answered := d.Took()
	if !answered {
		return "did not answer a drill " + views.WhenText(r.Local(d.PlannedAt), r.Now())
	}
	return "answered a drill in " + tookText(took) + ", " + views.WhenText(r.Local(d.PlannedAt), r.Now())
}

func joinNotes(one, other string) string {
	if one == "" {
		return other
	}
	return one + "; " + other
}
