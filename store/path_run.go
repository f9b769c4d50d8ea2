package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// PathAsk is what a dry run of an escalation path is asked.
type PathAsk struct {
	Due    models.Instant // of a review that nobody does; 0: the next one
	Person string         // who is silent; "": the business owner, or the team's first
	Tier   models.Tier    // of a team's run
	Path   *models.Path   // as typed; nil: as it is saved
}

// PathRun is what would happen when, if a review were missed: nothing of it is recorded.
type PathRun struct {
	Path   models.Path
	Own    bool        // it is the oversight plan's
	Team   models.Team // whose it is else; zero for the standard one
	Due    models.Instant
	Opens  models.Instant
	Stops  models.Instant // when the agent stops
	Steps  []models.TimeStep
	Silent string                  // whose silence it is
	Among  []models.Party          // who could be asked for instead
	People map[string]models.Party // everybody mentioned
	Live   bool                    // something is in force
}

// RunOfCapability is the dry run of what is in force, or of the newest version where
// nothing is; with the facts of the capability. What the viewer may not see is NotFound.
func (s *Store) RunOfCapability(ctx context.Context, viewer models.Party, id string, ask PathAsk) (f models.CapabilityFacts, run PathRun, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if f, err = s.readCapability(tx, viewer, id, Lookup{}); err != nil {
			return err
		}
		v := f.Force
		if v == nil {
			v = f.Last
		}
		if v == nil {
			return missing("capability")
		}
		run, err = pathRun(tx, f, *v, ask)
		return err
	})
	return f, run, err
}

// RunOfVersion is the dry run of a version, with the path as typed.
func (s *Store) RunOfVersion(ctx context.Context, viewer models.Party, id string, ask PathAsk) (run PathRun, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f, err := s.readVersion(tx, viewer, id, Lookup{})
		if err != nil {
			return err
		}
		run, err = pathRun(tx, f, *f.Asked, ask)
		return err
	})
	return run, err
}

func pathRun(tx *gorm.DB, f models.CapabilityFacts, v models.VersionFile, ask PathAsk) (run PathRun, err error) {
	path := v.Contents().Oversight.Path
	if ask.Path != nil {
		path = *ask.Path
	}
	owner, named := v.Nominee(models.BusinessOwner)
	if !named {
		owner = f.Agent.OwnerID
	}
	for _, r := range models.MakerRoles {
		if who, ok := v.Nominee(r); ok && !slices.ContainsFunc(run.Among, func(p models.Party) bool { return p.Person.ID == who }) {
			run.Among = append(run.Among, f.People[who])
		}
	}
	if len(run.Among) == 0 {
		run.Among = []models.Party{f.People[owner]}
	}
	teams := f.People[owner].Teams
	run.Own, run.Team = models.PathIsOf(path, teams)
	run.Path, run.Live = models.PathFor(path, teams), f.Mandate != nil
	var every models.Instant
	run.Due, every, run.Stops = f.NextReview(v, ask.Due)
	run.Silent = silentOf(run.Among, ask.Person)
	d := models.MissedReview(f.Capability, v.Version.ID, run.Silent, run.Due, every)
	around, err := dutyFacts(tx, f.Now, []models.Duty{d})
	if err != nil {
		return run, err
	}
	return run, run.walk(tx, d, around[0], nil)
}

// silentOf is the person of the id among some, else the first.
func silentOf(among []models.Party, id string) string {
	for _, p := range among {
		if p.Person.ID == id {
			return id
		}
	}
	return among[0].Person.ID
}

// RunOfTeam is the dry run of a team's path: the silence of one of its people about
// something of a tier. Steps is nil for a team without people.
func (s *Store) RunOfTeam(ctx context.Context, viewer models.Party, id string, ask PathAsk) (t TeamPage, run PathRun, err error) {
	if t, err = s.Team(ctx, viewer, id); err != nil {
		return t, run, err
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		path := t.PathOf()
		if ask.Path != nil {
			path = *ask.Path
		}
		run.Team, run.Path, run.Among = t.Team, path, t.Members
		if len(path) == 0 {
			run.Team, run.Path = models.Team{}, models.StandardPath
		}
		if len(t.Members) == 0 {
			return nil
		}
		var rules models.TierRulesRow
		if err := activeRules(tx, &rules); err != nil {
			return err
		}
		now, asks := s.now(), rules.Rules().Asks[ask.Tier]
		every := models.Instant(asks.ReviewDays) * models.Day
		if run.Due = ask.Due; run.Due == 0 {
			run.Due = now + every
		}
		run.Stops = run.Due + models.Instant(asks.GraceDays)*models.Day
		run.Silent = silentOf(t.Members, ask.Person)
		d := models.MissedReview(models.Capability{}, "", run.Silent, run.Due, every)
		around, err := dutyFacts(tx, now, []models.Duty{d})
		if err != nil {
			return err
		}
		var heads []string
		if t.HeadID != nil {
			heads = []string{*t.HeadID}
		}
		return run.walk(tx, d, around[0], heads)
	})
	return t, run, err
}

// walk lays the path along time; heads are those of a team's run.
func (run *PathRun) walk(tx *gorm.DB, d models.Duty, f models.DutyFacts, heads []string) error {
	f.Path = run.Path
	if heads != nil {
		f.Around.Heads = heads
	}
	more, err := byID[models.Person](tx, slices.Concat(run.Path.People(), heads))
	if err != nil {
		return err
	}
	for id, p := range more {
		f.Around.People[id] = p
	}
	run.Steps, run.Opens = f.TimeLine(), d.OpenedAt
	ids := set{}
	ids.add(run.Silent)
	for _, s := range run.Steps {
		ids.add(s.People...)
	}
	run.People, err = parties(tx, ids.list())
	return err
}
