package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// remindDuties takes the steps of duties whose moments are past: reminders and
// escalations. All of them go into few acts, since each costs the ledger's lock.
func remindDuties(s *Store, ctx context.Context, due []models.Moment) error {
	for len(due) > 0 {
		n, err := s.remindSome(ctx, due)
		if err != nil {
			return err
		}
		due = due[n:]
	}
	return nil
}

// remindSome deals with the first duties of a list in one act, and returns with how many.
func (s *Store) remindSome(ctx context.Context, due []models.Moment) (n int, err error) {
	ids := make([]string, len(due))
	for i, m := range due {
		ids[i] = m.Kind + "/" + m.ID + "/" + fmt.Sprint(int64(m.At))
	}
	act := clockAct("duties", strings.Join(ids, " "), due[0].At)
	receipt, err := s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := reminderFacts(tx, env, due)
		if err != nil {
			return models.Change{}, err
		}
		change, again, err := f.Remind()
		if err != nil {
			return change, err
		}
		n = len(again)
		if err := windAll(tx, again); err != nil {
			return change, err
		}
		if change.Act() == "" {
			return change, errNothing
		}
		return change, nil
	})
	switch {
	case err != nil && !errors.Is(err, errNothing):
		return 0, err
	case receipt.Again: // another replica recorded just these, and wound them
		return len(due), nil
	}
	return n, nil
}

func reminderFacts(tx *gorm.DB, env models.Env, due []models.Moment) (f models.ReminderFacts, err error) {
	f.Env = env
	ids := make([]string, len(due))
	for i, m := range due {
		ids[i] = m.ID
	}
	known, err := byID[models.Duty](tx, ids)
	if err != nil {
		return f, err
	}
	duties := make([]models.Duty, len(due))
	for i, id := range ids {
		if d, ok := known[id]; ok {
			duties[i] = d
		} else { // never, as duties are not deleted; its moment goes
			duties[i] = models.Duty{ID: id, ClosedAt: env.Now.Ref()}
		}
	}
	f.Duties, err = dutyFacts(tx, env.Now, duties)
	return f, err
}

// dutyFacts load what the time lines of duties follow from, in the same few queries
// whatever their number: the steps taken, who they concern, the path and who stands in.
func dutyFacts(tx *gorm.DB, now models.Instant, duties []models.Duty) ([]models.DutyFacts, error) {
	l := &dutyLoad{tx: tx, now: now}
	for _, step := range []func([]models.Duty) error{l.steps, l.capabilities, l.delegations, l.people} {
		if err := step(duties); err != nil {
			return nil, err
		}
	}
	out := make([]models.DutyFacts, len(duties))
	for i, d := range duties {
		out[i] = l.facts(d)
	}
	return out, nil
}

// dutyLoad is what is known of several duties on the way.
type dutyLoad struct {
	tx     *gorm.DB
	now    models.Instant
	taken  map[string][]models.DutyStep // by duty
	rows   map[string]models.MatrixRow  // by capability
	plans  map[string]models.Path       // by version: its oversight plan's own path
	agents map[string]models.Agent      // by id
	proxy  map[string][]string          // by principal: who stands in now
	party  map[string]models.Party      // owners, with their teams
	person map[string]models.Person     // everybody whom a step may tell
	signed map[string][]string          // by capability: who signed what is in force
}

func (l *dutyLoad) steps(duties []models.Duty) error {
	l.taken = map[string][]models.DutyStep{}
	ids := set{}
	for _, d := range duties {
		ids.add(d.ID)
	}
	return inChunks(ids.list(), func(some []string) error {
		steps, err := all[models.DutyStep](l.tx, "duty_id, planned_at, kind, step", "duty_id IN ?", some)
		for _, s := range steps {
			l.taken[s.DutyID] = append(l.taken[s.DutyID], s)
		}
		return err
	})
}

// capabilities loads the matrix's lines, whose people are those of what is in force,
// or of what is newest; the path that its oversight plan names; and the agents.
func (l *dutyLoad) capabilities(duties []models.Duty) error {
	l.rows, l.plans, l.signed = map[string]models.MatrixRow{}, map[string]models.Path{}, map[string][]string{}
	ids, agents, versions := set{}, set{}, set{}
	for _, d := range duties {
		ids.add(d.CapabilityID)
		agents.add(d.AgentID)
	}
	err := inChunks(ids.list(), func(some []string) error {
		rows, err := all[models.MatrixRow](l.tx, "capability_id", "capability_id IN ?", some)
		for _, r := range rows {
			l.rows[r.CapabilityID] = r
			versions.add(r.VersionID)
			l.signed[r.CapabilityID] = r.Signers()
		}
		return err
	})
	if err != nil {
		return err
	}
	err = inChunks(versions.list(), func(some []string) error {
		parts, err := all[models.VersionPart](l.tx, "version_id", "part = ? AND version_id IN ?", models.OversightPart, some)
		for _, p := range parts {
			l.plans[p.VersionID] = models.VersionFile{Parts: map[models.Part]models.VersionPart{models.OversightPart: p}}.Contents().Oversight.Path
		}
		return err
	})
	if err != nil {
		return err
	}
	l.agents, err = byID[models.Agent](l.tx, agents.list())
	return err
}

func (l *dutyLoad) delegations(duties []models.Duty) error {
	l.proxy = map[string][]string{}
	holders := set{}
	for _, d := range duties {
		if d.PersonID != nil {
			holders.add(*d.PersonID)
		}
	}
	return inChunks(holders.list(), func(some []string) error {
		given, err := all[models.Delegation](l.tx, "from_at, id", "principal_id IN ? AND ended_at IS NULL AND from_at <= ? AND until_at > ?", some, l.now, l.now)
		for _, d := range given {
			l.proxy[d.PrincipalID] = append(l.proxy[d.PrincipalID], d.DelegateID)
		}
		return err
	})
}

// people loads the owners with their teams, and then everybody who may be told.
func (l *dutyLoad) people(duties []models.Duty) (err error) {
	owners, tell := set{}, set{}
	for _, d := range duties {
		owners.add(l.owner(d))
	}
	if l.party, err = parties(l.tx, owners.list()); err != nil {
		return err
	}
	for _, d := range duties {
		if d.PersonID != nil {
			tell.add(*d.PersonID)
			tell.add(l.proxy[*d.PersonID]...)
		}
		tell.add(l.accountable(d)...)
		tell.add(l.heads(d)...)
		for _, s := range l.path(d) {
			tell.add(s.Person)
		}
	}
	if l.person, err = byID[models.Person](l.tx, tell.list()); err != nil {
		return err
	}
	managers := set{}
	for _, d := range duties {
		if d.PersonID == nil {
			continue
		}
		if m := l.person[*d.PersonID].ManagerID; m != nil {
			managers.add(*m)
		}
	}
	more, err := byID[models.Person](l.tx, managers.list())
	for id, p := range more {
		l.person[id] = p
	}
	return err
}

// owner is whose teams are asked for a path and a head: the business owner of what is
// in force or newest, else the agent's.
func (l *dutyLoad) owner(d models.Duty) string {
	if row, ok := l.rows[d.CapabilityID]; ok && row.OwnerID != "" {
		return row.OwnerID
	}
	return l.agents[d.AgentID].OwnerID
}

func (l *dutyLoad) path(d models.Duty) models.Path {
	return models.PathFor(l.plans[l.rows[d.CapabilityID].VersionID], l.party[l.owner(d)].Teams)
}

func (l *dutyLoad) accountable(d models.Duty) []string {
	row, ok := l.rows[d.CapabilityID]
	if !ok {
		return nil
	}
	out := slices.Concat([]string{row.OwnerID, row.ProvisionerID, row.ControlOwnerID}, l.signed[d.CapabilityID])
	return slices.DeleteFunc(out, func(id string) bool { return id == "" })
}

func (l *dutyLoad) heads(d models.Duty) (out []string) {
	for _, t := range l.party[l.owner(d)].Teams {
		if t.HeadID != nil {
			out = append(out, *t.HeadID)
		}
	}
	return out
}

func (l *dutyLoad) facts(d models.Duty) models.DutyFacts {
	f := models.DutyFacts{Duty: d, Taken: l.taken[d.ID], Path: l.path(d),
		Around: models.Around{Accountable: l.accountable(d), Heads: l.heads(d), People: l.person}}
	if d.PersonID != nil {
		f.Hours = l.person[*d.PersonID].Hours()
		f.Around.Delegates = l.proxy[*d.PersonID]
	}
	return f
}

// inChunks gives a list in pieces that one statement takes.
func inChunks(ids []string, each func([]string) error) error {
	for some := range slices.Chunk(ids, chunk) {
		if err := each(some); err != nil {
			return err
		}
	}
	return nil
}
