package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// stopReaches are the open mandates that a broad stop is on, by what it is on: of everything,
// of a system by what the version in force names, of an issuer by the open bindings of the
// agent, of a team by who is a member of it now and owns what is in force.
var stopReaches = map[string]string{
	models.OnAll:    "SELECT d.id FROM mandates d WHERE d.ended_at IS NULL",
	models.OnSystem: "SELECT d.id FROM system_uses u JOIN mandates d ON d.capability_id = u.capability_id WHERE d.ended_at IS NULL AND u.system_id = @id",
	models.OnIssuer: "SELECT d.id FROM bindings b JOIN capabilities c ON c.agent_id = b.agent_id JOIN mandates d ON d.capability_id = c.id WHERE d.ended_at IS NULL AND b.ended_at IS NULL AND b.issuer = @id",
	models.OnTeam:   "SELECT d.id FROM team_members tm JOIN mandates d ON d.owner_id = tm.person_id WHERE d.ended_at IS NULL AND tm.left_at IS NULL AND tm.team_id = @id",
}

// MostReached is where counting what a stop reaches ends.
const MostReached = 10_000

// DecideStop runs a rule on what is to be stopped: kind and id of the target.
func (s *Store) DecideStop(ctx context.Context, act models.Act, kind, id string, rule func(models.StopFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := stopFacts(tx, env, kind, id)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

// DecideLift runs a rule on a broad stop that was placed.
func (s *Store) DecideLift(ctx context.Context, act models.Act, hold string, rule func(models.StopFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := liftFacts(tx, env, hold)
		if err != nil {
			return models.Change{}, err
		}
		return rule(f)
	})
}

func stopFacts(tx *gorm.DB, env models.Env, kind, id string) (f models.StopFacts, err error) {
	f = models.StopFacts{Env: env, Kind: kind, ID: id}
	if kind == models.OnAll {
		f.ID = ""
	}
	if err := loadTarget(tx, &f); err != nil {
		return f, err
	}
	f.Hold, err = find[models.Hold](tx, "target_kind = ? AND target_id = ? AND lifted_at IS NULL", f.Kind, f.ID)
	return f, err
}

func loadTarget(tx *gorm.DB, f *models.StopFacts) (err error) {
	switch f.Kind {
	case models.OnSystem:
		f.System, err = find[models.System](tx, "id = ?", f.ID)
	case models.OnTeam:
		f.Team, err = find[models.Team](tx, "id = ?", f.ID)
	case models.OnIssuer:
		f.Bound, err = exists(tx, "SELECT 1 FROM bindings WHERE issuer = ? AND ended_at IS NULL", f.ID)
	}
	return err
}

func liftFacts(tx *gorm.DB, env models.Env, id string) (f models.StopFacts, err error) {
	h, err := find[models.Hold](tx, "id = ?", id)
	if err != nil {
		return f, err
	}
	if h == nil || !h.Broad() {
		return f, missing("stop")
	}
	f = models.StopFacts{Env: env, Kind: h.TargetKind, ID: h.TargetID, Hold: h}
	if err := loadTarget(tx, &f); err != nil {
		return f, err
	}
	if f.Placers, err = knownAs(tx, h.PlacedBy); err != nil {
		return f, err
	}
	if f.StandsFor, err = standsFor(tx, env.By.Person.ID, env.Now); err != nil {
		return f, err
	}
	f.Duties, err = all[models.Duty](tx, "opened_at, id", "subject = ? AND kind = ? AND closed_at IS NULL", h.ID, models.DutyLift)
	return f, err
}

// knownAs are a person and those into whom they were merged, one after the other.
func knownAs(tx *gorm.DB, person string) (out []string, err error) {
	for person != "" && len(out) < deepest {
		out = append(out, person)
		var next []string
		if err := tx.Raw("SELECT merged_into FROM people WHERE id = ? AND merged_into IS NOT NULL", person).Scan(&next).Error; err != nil {
			return nil, fmt.Errorf("cannot look for who somebody was found to be: %w", err)
		}
		if person = ""; len(next) > 0 {
			person = next[0]
		}
	}
	return out, nil
}

// stoppedName is what a broad stop is on, in a sentence.
func stoppedName(tx *gorm.DB, h models.Hold) (string, error) {
	f := models.StopFacts{Kind: h.TargetKind, ID: h.TargetID}
	if err := loadTarget(tx, &f); err != nil {
		return "", err
	}
	switch {
	case f.System != nil:
		return "the system " + f.System.Name, nil
	case f.Team != nil:
		return "the team " + f.Team.Name, nil
	case f.Kind == models.OnIssuer:
		return "the identity issuer " + f.ID, nil
	}
	return "everything", nil
}

// nameStopped says what it is on, of a duty to look at a broad stop.
func (d *InboxDuty) nameStopped(tx *gorm.DB) error {
	if d.Kind != models.DutyLift || d.Detail != models.ToLiftBroad {
		return nil
	}
	h, err := find[models.Hold](tx, "id = ?", d.Subject)
	if err != nil || h == nil {
		return err
	}
	d.Stopped, err = stoppedName(tx, *h)
	return err
}

// BroadStop is a broad stop as its pages show it.
type BroadStop struct {
	models.Hold
	Name   string // of the system or team, or the issuer; "" for everything
	Placed models.Party
	Lifted models.Party // zero while it stands
}

// BroadStops are the stops that stand, newest first, and a page of those that were lifted.
type BroadStops struct {
	Open []BroadStop
	Past []BroadStop
	Next *StopCursor // nil at the end
}

// StopCursor is where a page of past stops begins: after this one.
type StopCursor struct {
	PlacedAt models.Instant
	ID       string
}

// StopsPage is how many past stops a page shows; mostOpen how many that stand.
const (
	StopsPage = 50
	mostOpen  = 500
)

const isBroad = "target_kind IN ('system', 'issuer', 'team', 'all')"

// Stops lists what is stopped broadly, and was. Everybody who is signed in may read it.
func (s *Store) Stops(ctx context.Context, after *StopCursor) (out BroadStops, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		open, err := all[models.Hold](tx.Limit(mostOpen), "placed_at DESC, id DESC", isBroad+" AND lifted_at IS NULL")
		if err != nil {
			return err
		}
		where, args := isBroad+" AND lifted_at IS NOT NULL", []any{}
		if after != nil {
			where, args = where+" AND (placed_at, id) < (?, ?)", []any{after.PlacedAt, after.ID}
		}
		past, err := all[models.Hold](tx.Limit(StopsPage+1), "placed_at DESC, id DESC", where, args...)
		if err != nil {
			return err
		}
		if len(past) > StopsPage {
			past = past[:StopsPage]
			out.Next = &StopCursor{past[StopsPage-1].PlacedAt, past[StopsPage-1].ID}
		}
		if out.Open, err = stopLines(tx, open); err != nil {
			return err
		}
		out.Past, err = stopLines(tx, past)
		return err
	})
	return out, err
}

// stopLines adds the names, in a fixed number of queries.
func stopLines(tx *gorm.DB, holds []models.Hold) ([]BroadStop, error) {
	people, systems, teams := set{}, set{}, set{}
	for _, h := range holds {
		people.add(h.PlacedBy)
		if h.LiftedBy != nil {
			people.add(*h.LiftedBy)
		}
		switch h.TargetKind {
		case models.OnSystem:
			systems.add(h.TargetID)
		case models.OnTeam:
			teams.add(h.TargetID)
		}
	}
	who, err := parties(tx, people.list())
	if err != nil {
		return nil, err
	}
	system, err := byID[models.System](tx, systems.list())
	if err != nil {
		return nil, err
	}
	team, err := byID[models.Team](tx, teams.list())
	if err != nil {
		return nil, err
	}
	out := make([]BroadStop, len(holds))
	for i, h := range holds {
		out[i] = BroadStop{Hold: h, Placed: who[h.PlacedBy], Name: h.TargetID}
		switch h.TargetKind {
		case models.OnSystem:
			out[i].Name = system[h.TargetID].Name
		case models.OnTeam:
			out[i].Name = team[h.TargetID].Name
		}
		if h.LiftedBy != nil {
			out[i].Lifted = who[*h.LiftedBy]
		}
	}
	return out, nil
}

// StopRead is one stop with what its page says: what it is on, how much of what is in
// force it reaches now, and as facts whether the viewer may lift it.
type StopRead struct {
	models.StopFacts
	Stop    BroadStop
	Reaches int // at most MostReached + 1
}

// Stop is a broad stop; NotFound is every other hold.
func (s *Store) Stop(ctx context.Context, viewer models.Party, id string) (p StopRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if p.StopFacts, err = liftFacts(tx, models.Env{Act: models.Act{Person: viewer.Person.ID}, By: viewer, Now: s.now()}, id); err != nil {
			return err
		}
		lines, err := stopLines(tx, []models.Hold{*p.Hold})
		if err != nil {
			return err
		}
		p.Stop = lines[0]
		p.Reaches, err = reached(tx, p.Kind, p.ID)
		return err
	})
	return p, err
}

// StopAsk is what placing a stop would look at just now, and how much of what is in force
// it would stop.
func (s *Store) StopAsk(ctx context.Context, viewer models.Party, kind, id string) (f models.StopFacts, reaches int, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if f, err = stopFacts(tx, models.Env{Act: models.Act{Person: viewer.Person.ID}, By: viewer, Now: s.now()}, kind, id); err != nil {
			return err
		}
		reaches, err = reached(tx, kind, f.ID)
		return err
	})
	return f, reaches, err
}

// reached counts the capabilities in force that a stop is on, to one more than MostReached.
func reached(tx *gorm.DB, kind, id string) (n int, err error) {
	if stopReaches[kind] == "" {
		return 0, nil
	}
	err = tx.Raw("SELECT COUNT(*) FROM (SELECT DISTINCT x.id FROM ("+stopReaches[kind]+") x LIMIT @most) y", map[string]any{"id": id, "most": MostReached + 1}).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("cannot count what a stop reaches: %w", err)
	}
	return n, nil
}

// Stoppable is something that could be stopped, for the page that asks what.
type Stoppable struct{ ID, Name string }

// MostStoppable is how many the page offers; words find the others.
const MostStoppable = 50

// Stoppables are systems, issuers or teams by their names, those that the words occur in:
// of systems whoever is no stop officer gets those that their teams look after.
func (s *Store) Stoppables(ctx context.Context, viewer models.Party, kind, words string) (out []Stoppable, more bool, err error) {
	tx := s.read.WithContext(ctx)
	var q *gorm.DB
	switch kind {
	case models.OnSystem:
		q = anywhere(tx.Table("systems x").Select("x.id, x.name").Order("x.name, x.id"), words, "x.name")
		if !viewer.Has(models.StopOfficer) {
			q = q.Where("x.custodian_team_id IN ?", append(teamIDs(viewer), ""))
		}
	case models.OnTeam:
		q = anywhere(tx.Table("teams x").Select("x.id, x.name").Order("x.name, x.id"), words, "x.name")
	case models.OnIssuer:
		q = anywhere(tx.Table("bindings x").Distinct("x.issuer AS id, x.issuer AS name").Where("x.ended_at IS NULL").Order("x.issuer"), words, "x.issuer")
	default:
		return nil, false, nil
	}
	if err := q.Limit(MostStoppable + 1).Scan(&out).Error; err != nil {
		return nil, false, fmt.Errorf("cannot look for what could be stopped: %w", err)
	}
	if more = len(out) > MostStoppable; more {
		out = out[:MostStoppable]
	}
	return out, more, nil
}

// LooksAfter says whether a team of the person looks after any system.
func (s *Store) LooksAfter(ctx context.Context, p models.Party) (bool, error) {
	return exists(s.read.WithContext(ctx), "SELECT 1 FROM systems WHERE custodian_team_id IN ?", append(teamIDs(p), ""))
}

// StoppedAll is the stop of everything that stands, nil for none: asked on every page, by
// one look at an index.
func (s *Store) StoppedAll(ctx context.Context) (*BroadStop, error) {
	return s.standing(ctx, models.OnAll, "")
}

// StoppedSystem is the stop of a system that stands, nil for none.
func (s *Store) StoppedSystem(ctx context.Context, id string) (*BroadStop, error) {
	return s.standing(ctx, models.OnSystem, id)
}

func (s *Store) standing(ctx context.Context, kind, id string) (*BroadStop, error) {
	tx := s.read.WithContext(ctx)
	h, err := find[models.Hold](tx, "target_kind = ? AND target_id = ? AND lifted_at IS NULL", kind, id)
	if err != nil || h == nil {
		return nil, err
	}
	lines, err := stopLines(tx, []models.Hold{*h})
	if err != nil {
		return nil, err
	}
	return &lines[0], nil
}
