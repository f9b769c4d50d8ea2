package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// DecideEmergency runs a rule on the capability of an emergency. f.Asked is its
// version, whatever became of it since.
func (s *Store) DecideEmergency(ctx context.Context, act models.Act, id string, rule func(models.CapabilityFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		e, err := find[models.Emergency](tx, "id = ?", id)
		if err != nil {
			return models.Change{}, err
		}
		if e == nil {
			return models.Change{}, missing("emergency")
		}
		return onCapability(tx, env, e.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			if err := askedOf(tx, &f, e.VersionID); err != nil {
				return models.Change{}, err
			}
			return rule(f)
		})
	})
}

// askedOf points f.Asked to a version: to the same one where f has it already.
func askedOf(tx *gorm.DB, f *models.CapabilityFacts, version string) error {
	for _, same := range []*models.VersionFile{f.Open, f.Force, f.Last} {
		if same != nil && same.Version.ID == version {
			f.Asked = same
			return nil
		}
	}
	v, err := find[models.Version](tx, "id = ?", version)
	if err != nil {
		return err
	}
	f.Asked, err = versionFile(tx, *v)
	return err
}

// loadEmergencies loads the capability's emergencies and whether there may be one.
func loadEmergencies(tx *gorm.DB, f *models.CapabilityFacts) (err error) {
	if f.Switch, err = find[models.EmergencySwitch](tx, "state = ?", models.SwitchOn); err != nil {
		return err
	}
	if f.Emergencies, err = all[models.Emergency](tx, "from_at DESC, id", "capability_id = ?", f.Capability.ID); err != nil {
		return err
	}
	if f.EmergencyNos, err = emergencyNos(tx, f.Emergencies); err != nil {
		return err
	}
	running := f.Running()
	if running == nil && (f.Switch == nil || f.Open == nil || f.Open.Version.State != models.InReview) {
		return nil // nothing runs, and nothing could
	}
	f.EmergencyHolds, err = emergencyHolds(tx, *f, running)
	return err
}

func emergencyNos(tx *gorm.DB, all []models.Emergency) (map[string]int, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID string
		No int
	}
	if err := tx.Raw("SELECT e.id, v.no FROM emergencies e JOIN versions v ON v.id = e.version_id WHERE e.capability_id = ?", all[0].CapabilityID).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot load the versions of emergencies: %w", err)
	}
	out := map[string]int{}
	for _, x := range rows {
		out[x.ID] = x.No
	}
	return out, nil
}

// emergencyHolds are the open holds on what runs under an emergency, or would: the
// capability, its agent, the systems that it reaches, its makers, whoever opened
// it, who vouches for its agent, the teams of its owner, and everything.
func emergencyHolds(tx *gorm.DB, f models.CapabilityFacts, e *models.Emergency) ([]models.Hold, error) {
	people, systems, owner := []string{f.By.Person.ID}, []string{""}, ""
	if e != nil {
		owner = e.OwnerID
		people = []string{e.OwnerID, e.ProvisionerID, e.ControlOwnerID, e.ApproverID}
	}
	if f.Open != nil {
		if who, held := f.Open.Holder(models.BusinessOwner); held && e == nil {
			owner = who
		}
		for _, r := range models.MakerRoles {
			if who, held := f.Open.Holder(r); held && e == nil {
				people = append(people, who)
			}
		}
		for _, x := range f.Open.Version.Doc().Facts {
			systems = append(systems, x.SystemID)
		}
	}
	issuers := []string{""} // to open an emergency binds what the manifest says
	if f.Revision != nil {
		for _, b := range f.Revision.Manifest().Bindings {
			issuers = append(issuers, b.Issuer)
		}
	}
	slices.Sort(systems)
	return all[models.Hold](tx, "placed_at, id", `lifted_at IS NULL AND (target_kind = 'capability' AND target_id = ? OR target_kind = 'agent' AND target_id = ?
		OR target_kind = 'person' AND target_id IN ? OR target_kind = 'system' AND target_id IN ? OR target_kind = 'all' OR target_kind = 'issuer' AND target_id IN ? OR `+onIssuerOrTeam+`)`,
		f.Capability.ID, f.Agent.ID, people, slices.Compact(systems), issuers, f.Agent.ID, owner)
}

// loadSwitch loads whether the emergency path is on, for administrators' acts.
func loadSwitch(tx *gorm.DB, f *models.AdminFacts, look AdminLookup) (err error) {
	if !look.Emergency && f.Merge == nil {
		return nil
	}
	if f.Switch, err = find[models.EmergencySwitch](tx, "state = ?", models.SwitchOn); err != nil || !look.Emergency {
		return err
	}
	if f.SwitchProposed, err = find[models.EmergencySwitch](tx, "state = ?", models.SwitchProposed); err != nil || f.SwitchProposed == nil {
		return err
	}
	f.Duties, err = all[models.Duty](tx, "id", "subject = ? AND closed_at IS NULL", f.SwitchProposed.ID)
	return err
}

// EmergencyRead is an emergency with everything that its page says.
type EmergencyRead struct {
	CapabilityRead
	Emergency models.Emergency
	Switch    models.EmergencySwitch // under which it was opened
	Signature *models.Signature      // nil for none
}

// EmergencyPage is one emergency. What the viewer may not see is NotFound.
func (s *Store) EmergencyPage(ctx context.Context, viewer models.Party, id string) (p EmergencyRead, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		e, err := find[models.Emergency](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if e == nil {
			return missing("emergency")
		}
		p.Emergency = *e
		p.CapabilityFacts, err = s.readVersion(tx, viewer, e.VersionID, Lookup{})
		if models.CodeOf(err) == models.NotFound {
			return missing("emergency") // as if there were none
		}
		if err != nil {
			return err
		}
		if err := p.complete(tx); err != nil {
			return err
		}
		sw, err := find[models.EmergencySwitch](tx, "id = ?", e.SwitchID)
		if err != nil {
			return err
		}
		p.Switch = *sw
		if e.SignatureID != nil {
			if p.Signature, err = find[models.Signature](tx, "id = ?", *e.SignatureID); err != nil {
				return err
			}
		}
		return p.named(tx)
	})
	return p, err
}

// named adds the people and teams that the page names and no version does.
func (p *EmergencyRead) named(tx *gorm.DB) error {
	people, teams := set{}, set{}
	people.add(p.Emergency.ApproverID, p.Switch.ProposedBy)
	teams.add(p.Emergency.TeamID)
	for _, who := range []*string{p.Emergency.EndedBy, p.Emergency.ReviewerID, p.Switch.ConfirmedBy} {
		if who != nil {
			people.add(*who)
		}
	}
	return p.withNames(tx, people, teams, p.Emergency.Recipients())
}

// withNames adds people and teams, and those among the recipients of notices.
func (c *CapabilityRead) withNames(tx *gorm.DB, people, teams set, recipients []string) error {
	for _, r := range recipients {
		if kind, id, pooled := strings.Cut(r, ":"); !pooled {
			people.add(r)
		} else if kind == "team" {
			teams.add(id)
		}
	}
	more, err := parties(tx, people.list())
	if err != nil {
		return err
	}
	for id, x := range more {
		c.People[id] = x
	}
	others, err := byID[models.Team](tx, teams.list())
	for id, t := range others {
		c.Teams[id] = t
	}
	return err
}

// EmergencyAsk is a version with whoever would be told if the viewer opened an
// emergency for it. What the viewer may not see is NotFound.
func (s *Store) EmergencyAsk(ctx context.Context, viewer models.Party, version string) (c CapabilityRead, err error) {
	if c, err = s.VersionPage(ctx, viewer, version); err != nil || c.Switch == nil {
		return c, err
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error { return c.withNames(tx, set{}, set{}, c.Paged(c.Asked)) })
	return c, err
}

// EmergencyPast is one emergency as a list says it: no contents of the task.
type EmergencyPast struct {
	models.Emergency
	AgentName string
	Title     string // of the task; "" where the list has none
	VersionNo int
	Approver  Who  `gorm:"-"`
	Reviewer  Who  `gorm:"-"`
	Sees      bool `gorm:"-"` // the viewer may open its page
}

// EmergencyPath is what administrators and auditors see of the emergency path.
type EmergencyPath struct {
	On, Proposed *models.EmergencySwitch
	Before       []models.EmergencySwitch // switched off or withdrawn, newest first
	Past         []EmergencyPast          // newest first
	People       map[string]models.Party
}

// EmergencyPath is the setting with what happened under it, for an administrator
// or auditor. Of an emergency they see when, by whom and what became of it; what it
// was about only where they see the capability.
func (s *Store) EmergencyPath(ctx context.Context, by models.Party) (p EmergencyPath, err error) {
	err = s.administered(ctx, by, func(tx *gorm.DB) error {
		rows, err := all[models.EmergencySwitch](tx.Limit(NamePage), "proposed_at DESC, id", "1 = 1")
		if err != nil {
			return err
		}
		people := set{}
		for i, x := range rows {
			people.add(x.ProposedBy)
			for _, who := range []*string{x.ConfirmedBy, x.EndedBy} {
				if who != nil {
					people.add(*who)
				}
			}
			switch x.State {
			case models.SwitchOn:
				p.On = &rows[i]
			case models.SwitchProposed:
				p.Proposed = &rows[i]
			default:
				p.Before = append(p.Before, x)
			}
		}
		if p.People, err = parties(tx, people.list()); err != nil {
			return err
		}
		return p.past(tx, by)
	})
	return p, err
}

func (p *EmergencyPath) past(tx *gorm.DB, by models.Party) error {
	err := tx.Raw(`SELECT e.*, g.name AS agent_name FROM emergencies e JOIN capabilities c ON c.id = e.capability_id JOIN agents g ON g.id = c.agent_id
		ORDER BY e.from_at DESC, e.id LIMIT ?`, NamePage).Scan(&p.Past).Error
	if err != nil {
		return fmt.Errorf("cannot load the emergencies: %w", err)
	}
	people, ids := set{}, set{}
	for _, x := range p.Past {
		people.add(x.ApproverID)
		ids.add(x.CapabilityID)
		if x.ReviewerID != nil {
			people.add(*x.ReviewerID)
		}
	}
	names, err := whoThen(tx, people.list(), nil)
	if err != nil {
		return err
	}
	cond, args := seen(by, "c.id")
	var seesIDs []string
	if err := tx.Raw("SELECT c.id FROM capabilities c WHERE c.id IN ? AND "+cond, append([]any{append(ids.list(), "")}, args...)...).Scan(&seesIDs).Error; err != nil {
		return fmt.Errorf("cannot look for what may be seen: %w", err)
	}
	for i := range p.Past {
		x := &p.Past[i]
		x.Approver, x.Sees = names[x.ApproverID], slices.Contains(seesIDs, x.CapabilityID)
		if x.ReviewerID != nil {
			x.Reviewer = names[*x.ReviewerID]
		}
	}
	return nil
}

// AgentEmergencies are the newest emergencies of an agent's tasks that the viewer sees.
func (s *Store) AgentEmergencies(ctx context.Context, viewer models.Party, agent string, most int) (past []EmergencyPast, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sees, args := seen(viewer, "e.capability_id")
		query := `SELECT e.*, m.agent_name, m.title, v.no AS version_no FROM emergencies e JOIN matrix_rows m ON m.capability_id = e.capability_id JOIN versions v ON v.id = e.version_id
			WHERE m.agent_id = ? AND ` + sees + ` ORDER BY e.from_at DESC, e.id LIMIT ?`
		if err := tx.Raw(query, append(append([]any{agent}, args...), most)...).Scan(&past).Error; err != nil {
			return fmt.Errorf("cannot load the agent's emergencies: %w", err)
		}
		people := set{}
		for _, e := range past {
			people.add(e.ApproverID)
		}
		names, err := whoThen(tx, people.list(), nil)
		for i := range past {
			past[i].Approver = names[past[i].ApproverID]
		}
		return err
	})
	return past, err
}
