package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// DutyPage is one duty with its time line.
type DutyPage struct {
	InboxDuty
	Line   []models.TimeStep
	Path   models.Path
	Stakes models.Stakes
	People map[string]models.Party // whom the time line names, and who owes it
	Sees   bool                    // the viewer sees the capability or the agent itself, too
	Held   bool                    // the capability may not act just now
	Now    models.Instant
}

// Duty is the page of a duty, open or done: for whoever owes it, whoever was told because
// they were silent, whoever sees what it is about, and auditors. Those who were told see
// the duty and no more of the capability than its name. NotFound for everybody else.
func (s *Store) Duty(ctx context.Context, by models.Party, id string) (p DutyPage, err error) {
	p.Now = s.now()
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		d, err := find[models.Duty](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if d == nil {
			return missing("duty")
		}
		p.Duty = *d
		facts, err := dutyFacts(tx, p.Now, []models.Duty{*d})
		if err != nil {
			return err
		}
		p.Line, p.Path = facts[0].TimeLine(), facts[0].Path
		if p.Sees, err = seesAbout(tx, by, *d); err != nil {
			return err
		}
		if !p.Sees && !p.concerns(by) {
			return missing("duty")
		}
		return p.complete(tx)
	})
	return p, err
}

// seesAbout says whether the viewer sees what the duty is about.
func seesAbout(tx *gorm.DB, by models.Party, d models.Duty) (bool, error) {
	switch {
	case d.CapabilityID != "":
		return maySee(tx, by, d.CapabilityID)
	case d.AgentID != "":
		return maySeeAgent(tx, by, d.AgentID)
	}
	return by.Has(models.Auditor), nil
}

// concerns says whether the viewer owes it, or was told that nobody did it.
func (p DutyPage) concerns(by models.Party) bool {
	me := by.Person.ID
	if p.Holder == me || p.Pool != nil && by.Has(models.Role(*p.Pool)) {
		return true
	}
	return slices.ContainsFunc(p.Line, func(s models.TimeStep) bool {
		return s.TakenAt != nil && s.Kind == models.StepEscalation && slices.Contains(s.People, me)
	})
}

// complete adds the names, and what hangs on the duty.
func (p *DutyPage) complete(tx *gorm.DB) error {
	const row = `SELECT COALESCE(g.name, '') AS agent_name, COALESCE(k.title, '') AS title, COALESCE(v.no, 0) AS version_no, COALESCE(v.state, '') AS state,
		CASE WHEN v.state = 'draft' THEN '' ELSE COALESCE(v.tier, '') END AS tier, COALESCE(k.until_at, 0) AS until, COALESCE(r.hold_at, 0) AS hold_at,
		COALESCE((SELECT MAX(b.no) FROM versions b WHERE b.capability_id = w.capability_id AND b.state = 'live' AND b.no < v.no), 0) AS before
		FROM duties w LEFT JOIN versions v ON v.id = w.subject LEFT JOIN agents g ON g.id = w.agent_id LEFT JOIN matrix_rows k ON k.capability_id = w.capability_id
		LEFT JOIN reviews r ON r.id = w.detail WHERE w.id = ?`
	var about struct {
		AgentName, Title string
		VersionNo        int
		State            models.State
		Tier             models.Tier
		Until, HoldAt    models.Instant
		Before           int
	}
	if err := tx.Raw(row, p.ID).Scan(&about).Error; err != nil {
		return fmt.Errorf("cannot load what a duty is about: %w", err)
	}
	p.AgentName, p.Title, p.VersionNo, p.State, p.Tier = about.AgentName, about.Title, about.VersionNo, about.State, about.Tier
	p.Restart = p.Kind == models.DutySign && p.State == models.Live
	p.Until = about.Until
	p.Stakes = models.Stakes{Until: about.Until, HoldAt: about.HoldAt, Restart: p.Restart, Before: about.Before}
	if p.Kind == models.DutyDrill && p.Tier == models.Critical {
		p.Stakes.HoldAt = p.DueAt
	}
	if err := p.nameStopped(tx); err != nil {
		return err
	}
	if p.Kind == models.DutyClaim {
		var err error
		if p.FoundCount, p.FoundName, err = claims(tx); err != nil {
			return err
		}
	}
	ids := set{}
	if p.PersonID != nil {
		ids.add(*p.PersonID)
	}
	for _, s := range p.Line {
		ids.add(s.People...)
	}
	var err error
	if p.People, err = parties(tx, ids.list()); err != nil {
		return err
	}
	if p.CapabilityID != "" {
		p.Held, err = exists(tx, "SELECT 1 FROM holds WHERE lifted_at IS NULL AND target_kind = 'capability' AND target_id = ?", p.CapabilityID)
	}
	return err
}

// Escalated is a duty of somebody else of which the viewer was told, since nobody did it.
type Escalated struct {
	InboxDuty
	ToldAt models.Instant
	Owes   string // the name of who owes it, or "" for a pool
}

// escalatedMost is how many the home page shows, soonest told last.
const escalatedMost = 20

// EscalatedTo are the open duties of others of which the person was told because nobody
// had done them, the last told first. What they may not see else is named all the same:
// they were asked to see to it.
func (s *Store) EscalatedTo(ctx context.Context, by models.Party) (out []Escalated, err error) {
	const query = `SELECT w.*, COALESCE(g.name, '') AS agent_name, COALESCE(k.title, '') AS title, COALESCE(v.no, 0) AS version_no, COALESCE(v.state, '') AS state,
		CASE WHEN v.state = 'draft' THEN '' ELSE COALESCE(v.tier, '') END AS tier, COALESCE(p.name, '') AS owes, x.told_at
		FROM (SELECT n.subject, MAX(n.created_at) AS told_at FROM outbox n WHERE n.recipient = ? AND n.kind = 'escalation' GROUP BY n.subject) x
		JOIN duties w ON w.id = x.subject AND w.closed_at IS NULL
		LEFT JOIN people p ON p.id = w.person_id LEFT JOIN versions v ON v.id = w.subject LEFT JOIN agents g ON g.id = w.agent_id
		LEFT JOIN matrix_rows k ON k.capability_id = w.capability_id
		ORDER BY x.told_at DESC, w.id LIMIT ?`
	err = s.read.WithContext(ctx).Raw(query, by.Person.ID, escalatedMost).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load what was escalated: %w", err)
	}
	for i := range out {
		out[i].Restart = out[i].Kind == models.DutySign && out[i].State == models.Live
	}
	return out, nil
}
