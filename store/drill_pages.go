package store

import (
	"context"
	"fmt"
	"math"

	"gorm.io/gorm"

	"countersign/models"
)

// DrillRead is a drill as its page shows it.
type DrillRead struct {
	models.Drill
	Person models.Party
	Sees   bool           // the viewer sees the capability: Of has it
	Of     CapabilityRead // as it is now
	Hold   *models.Hold   // that missing it placed; nil for none
	Title  string         // of the task, as it was named when they were asked
	Agent  string
	Now    models.Instant
}

// DrillPage is one drill: for whoever was asked, at once; for everybody else who sees
// the capability, once it is over or missed. To others it is not there.
func (s *Store) DrillPage(ctx context.Context, viewer models.Party, id string) (p DrillRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		d, err := find[models.Drill](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if d == nil {
			return missing("drill")
		}
		p.Drill, p.Now = *d, s.now()
		scene := d.ScenarioOf()
		p.Title, p.Agent = scene.Task, scene.Agent
		if p.Sees, err = maySee(tx, viewer, d.CapabilityID); err != nil {
			return err
		}
		mine := d.Kind == models.DrillAnswer && d.PersonID == viewer.Person.ID
		if !mine && (!p.Sees || d.State == models.DrillOpen && d.Kind == models.DrillAnswer) {
			return missing("drill")
		}
		people, err := parties(tx, []string{d.PersonID})
		if err != nil {
			return err
		}
		p.Person = people[d.PersonID]
		if d.HoldID != nil {
			if p.Hold, err = find[models.Hold](tx, "id = ?", *d.HoldID); err != nil {
				return err
			}
		}
		if !p.Sees {
			return nil
		}
		if p.Of.CapabilityFacts, err = s.readCapability(tx, viewer, d.CapabilityID, Lookup{People: []string{d.PersonID}}); err != nil {
			return err
		}
		return p.Of.complete(tx)
	})
	return p, err
}

// KillRead is what the page of a capability's kill drills shows.
type KillRead struct {
	CapabilityRead
	Planned *models.Drill // or running; nil for none
	Past    []KillPast    // drills and real stops, newest first
}

// KillPast is a time at which stopping was exercised, or tried to be.
type KillPast struct {
	Drill *models.Drill // nil for a real stop
	Stop  *models.Hold  // nil for a drill
	At    models.Instant
	Who   Who
}

// mostPast is how many exercises of stopping a page shows.
const mostPast = 20

// always bounds nothing: what was just recorded may be later than the clock, which may
// stand still or have been set back.
const always = models.Instant(math.MaxInt64)

// KillPage is a capability with its kill drills and real stops. What the viewer may
// not see is NotFound.
func (s *Store) KillPage(ctx context.Context, viewer models.Party, capability string) (p KillRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if p.CapabilityFacts, err = s.readCapability(tx, viewer, capability, Lookup{}); err != nil {
			return err
		}
		if err := p.complete(tx); err != nil {
			return err
		}
		if p.Planned, err = plannedKill(tx, capability); err != nil {
			return err
		}
		p.Past, err = exercised(tx, capability, p.Agent.ID, always, mostPast)
		if err != nil {
			return err
		}
		if p.Planned != nil {
			more, err := parties(tx, []string{p.Planned.PersonID})
			for id, x := range more {
				p.People[id] = x
			}
			return err
		}
		return nil
	})
	return p, err
}

// exercised are the newest times at which the stop path of a capability was walked up
// to a moment: kill drills that were over by then, and real stops of it or of its agent.
func exercised(tx *gorm.DB, capability, agent string, until models.Instant, most int) ([]KillPast, error) {
	drills, err := all[models.Drill](tx.Limit(most), "planned_at DESC, id", "capability_id = ? AND kind = 'kill' AND ended_at <= ?", capability, until)
	if err != nil {
		return nil, err
	}
	stops, err := all[models.Hold](tx.Limit(most), "placed_at DESC, id", "kind = 'stop' AND placed_at <= ? AND (target_kind = 'capability' AND target_id = ? OR target_kind = 'agent' AND target_id = ?)", until, capability, agent)
	if err != nil {
		return nil, err
	}
	people := set{}
	for _, d := range drills {
		people.add(d.PersonID)
	}
	for _, h := range stops {
		people.add(h.PlacedBy)
	}
	names, err := whoThen(tx, people.list(), nil)
	var out []KillPast
	for len(out) < most && len(drills)+len(stops) > 0 {
		if len(stops) == 0 || len(drills) > 0 && drills[0].PlannedAt > stops[0].PlacedAt {
			d := drills[0]
			out, drills = append(out, KillPast{Drill: &d, At: d.PlannedAt, Who: names[d.PersonID]}), drills[1:]
			continue
		}
		h := stops[0]
		out, stops = append(out, KillPast{Stop: &h, At: h.PlacedAt, Who: names[h.PlacedBy]}), stops[1:]
	}
	return out, err
}

// LastStopped is when stopping a capability was last exercised, by a kill drill that
// saw it stop or by a real stop; nil for never.
func LastStopped(past []KillPast) *KillPast {
	for i, p := range past {
		if p.Stop != nil || p.Drill.State == models.DrillDone {
			return &past[i]
		}
	}
	return nil
}

// CapabilityDrills is what the record of a capability says of drills: the last answer
// of each person, by id, and when stopping it was last exercised. The caller has seen
// the capability.
type CapabilityDrills struct {
	Answered map[string]models.Drill
	Stopped  *KillPast
	Planned  *models.Drill
}

// DrillsOf are the drills of a capability for its record.
func (s *Store) DrillsOf(ctx context.Context, viewer models.Party, capability, agent string) (c CapabilityDrills, err error) {
	c.Answered = map[string]models.Drill{}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if sees, err := maySee(tx, viewer, capability); err != nil || !sees {
			return err
		}
		done, err := all[models.Drill](tx.Limit(200), "planned_at DESC, id", "capability_id = ? AND kind = 'answer' AND state IN ('done', 'late', 'missed')", capability)
		if err != nil {
			return err
		}
		for _, d := range done {
			if _, later := c.Answered[d.PersonID]; !later {
				c.Answered[d.PersonID] = d
			}
		}
		past, err := exercised(tx, capability, agent, always, mostPast)
		if err != nil {
			return err
		}
		c.Stopped = LastStopped(past)
		c.Planned, err = plannedKill(tx, capability)
		return err
	})
	return c, err
}

// MyDrill is one of a person's own drills.
type MyDrill struct {
	models.Drill
	Sees bool // the person sees the capability still
}

// MyDrillsPage is how many a list shows at once.
const MyDrillsPage = 50

// MyDrills are the viewer's own answerability drills, newest first, those before a
// moment (0 for the newest), and whether there are more.
func (s *Store) MyDrills(ctx context.Context, viewer models.Party, before models.Instant) (lines []MyDrill, more bool, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		cond, args := seen(viewer, "d.capability_id")
		query := "SELECT d.*, CASE WHEN " + cond + " THEN 1 ELSE 0 END AS sees FROM drills d WHERE d.kind = 'answer' AND d.person_id = ?"
		args = append(append([]any{}, args...), viewer.Person.ID)
		if before > 0 {
			query, args = query+" AND d.planned_at < ?", append(args, before)
		}
		if err := tx.Raw(query+" ORDER BY d.planned_at DESC LIMIT ?", append(args, MyDrillsPage+1)...).Scan(&lines).Error; err != nil {
			return fmt.Errorf("cannot load the drills: %w", err)
		}
		if len(lines) > MyDrillsPage {
			lines, more = lines[:MyDrillsPage], true
		}
		return nil
	})
	return lines, more, err
}
