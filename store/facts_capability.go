package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// Lookup names what a rule needs beside the capability or agent itself: what the
// form chose.
type Lookup struct {
	People     []string
	Operations []string
	Secrets    []string
	Names      []models.Named // agents and systems that the act names; the agent's own are looked up anyway
	Challenge  string         // that an authenticator answered: used up when the act is recorded
}

// DecideVersion runs a rule on the capability that a version belongs to.
func (s *Store) DecideVersion(ctx context.Context, act models.Act, versionID string, also Lookup, rule func(models.CapabilityFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		v, err := find[models.Version](tx, "id = ?", versionID)
		if err != nil {
			return models.Change{}, err
		}
		if v == nil {
			return models.Change{}, missing("version")
		}
		return onCapability(tx, env, v.CapabilityID, also, rule)
	})
}

// DecideCapability runs a rule on a capability.
func (s *Store) DecideCapability(ctx context.Context, act models.Act, capabilityID string, also Lookup, rule func(models.CapabilityFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		return onCapability(tx, env, capabilityID, also, rule)
	})
}

// onCapability loads the facts, refuses who may not even see the capability, and
// calls the rule.
func onCapability(tx *gorm.DB, env models.Env, id string, also Lookup, rule func(models.CapabilityFacts) (models.Change, error)) (models.Change, error) {
	if env.Act.Person != models.SystemActor {
		sees, err := maySee(tx, env.By, id)
		if err != nil {
			return models.Change{}, err
		}
		if !sees {
			return models.Change{}, missing("capability")
		}
	}
	f, err := capabilityFacts(tx, env, id, also)
	if err != nil {
		return models.Change{}, err
	}
	// Whoever could sign is asked for where a draft is submitted, and nowhere else.
	if f.Open != nil && f.Open.Version.State == models.Draft {
		if f.Approvers, err = withRole(tx, models.Approver); err != nil {
			return models.Change{}, err
		}
	}
	if f.Passkeys, f.Challenge, err = ceremony(tx, env, env.By.Has(models.Approver), also.Challenge); err != nil {
		return models.Change{}, err
	}
	if env.By.Has(models.Approver) {
		if err := loadLooks(tx, &f); err != nil {
			return models.Change{}, err
		}
	}
	change, err := rule(f)
	if err != nil {
		return change, err
	}
	return change, used(tx, f.Challenge)
}

func missing(what string) error {
	return models.Refusal(models.NotFound, "not_found", "There is no such %s, or it is not for you to see.", what)
}

// capabilityFacts loads everything that an act on a capability may look at.
func capabilityFacts(tx *gorm.DB, env models.Env, id string, also Lookup) (f models.CapabilityFacts, err error) {
	if f, err = standing(tx, env, id); err != nil {
		return f, err
	}
	if err := loadIdentity(tx, &f); err != nil {
		return f, err
	}
	if err := loadEmergencies(tx, &f); err != nil {
		return f, err
	}
	if f.Restart, err = find[models.Restart](tx, "capability_id = ? AND state = 'open'", id); err != nil {
		return f, err
	}
	if err := loadReviews(tx, &f); err != nil {
		return f, err
	}
	if f.Duties, err = all[models.Duty](tx, "opened_at, id", "capability_id = ? AND closed_at IS NULL", id); err != nil {
		return f, err
	}
	if err := activeRules(tx, &f.Rules); err != nil {
		return f, err
	}
	if err := loadCatalogue(tx, &f, also); err != nil {
		return f, err
	}
	if err := loadPeople(tx, &f, also); err != nil {
		return f, err
	}
	if env.By.Has(models.Approver) {
		if f.StandsFor, err = standsFor(tx, env.By.Person.ID, env.Now); err != nil {
			return f, err
		}
	}
	if offeredTo(f, env.By.Person.ID) {
		if f.Load, err = loadBeside(tx, env.By.Person.ID, id); err != nil {
			return f, err
		}
	}
	f.Siblings, err = siblings(tx, f.Agent.ID, id)
	return f, err
}

// standing loads how a capability stands: what its line in the matrix says.
func standing(tx *gorm.DB, env models.Env, id string) (f models.CapabilityFacts, err error) {
	f.Env = env
	c, err := find[models.Capability](tx, "id = ?", id)
	if err != nil {
		return f, err
	}
	if c == nil {
		return f, missing("capability")
	}
	f.Capability = *c
	a, err := find[models.Agent](tx, "id = ?", c.AgentID)
	if err != nil {
		return f, err
	}
	if a == nil {
		return f, missing("agent")
	}
	f.Agent = *a
	if f.Mandate, err = find[models.Mandate](tx, "capability_id = ? AND ended_at IS NULL", id); err != nil {
		return f, err
	}
	if f.Mandate != nil {
		if f.Seats, err = all[models.Seat](tx, "seat", "mandate_id = ?", f.Mandate.ID); err != nil {
			return f, err
		}
	}
	if err := loadVersions(tx, &f); err != nil {
		return f, err
	}
	f.Holds, err = holdsOn(tx, f)
	return f, err
}

// loadIdentity loads the agent's newest revision and what it is recognised by.
func loadIdentity(tx *gorm.DB, f *models.CapabilityFacts) (err error) {
	if id := f.Agent.RevisionID; id != nil {
		if f.Revision, err = find[models.AgentRevision](tx, "id = ?", *id); err != nil {
			return err
		}
	}
	f.Bindings, err = bindings(tx, f.Agent, f.Revision)
	return err
}

// bindings are the agent's open ones and those that others hold of the
// identities in its manifests, registered and draft.
func bindings(tx *gorm.DB, a models.Agent, r *models.AgentRevision) ([]models.Binding, error) {
	subjects := set{}
	for _, b := range a.Manifest().Bindings {
		subjects.add(b.Subject)
	}
	if r != nil {
		for _, b := range r.Manifest().Bindings {
			subjects.add(b.Subject)
		}
	}
	return all[models.Binding](tx, "bound_at, id", "ended_at IS NULL AND (agent_id = ? OR subject IN ?)", a.ID, append(subjects.list(), ""))
}

// loadVersions loads the version in force, the one on its way and the newest
// one; where two of these are one, both point to the same file.
func loadVersions(tx *gorm.DB, f *models.CapabilityFacts) error {
	last, err := newest(tx, f.Capability.ID)
	if err != nil || last == nil {
		return err
	}
	if f.Last, err = versionFile(tx, *last); err != nil {
		return err
	}
	if last.State.Open() {
		f.Open = f.Last
	} else if open, err := find[models.Version](tx, "capability_id = ? AND state IN ('draft','proposed','in_review','approved')", f.Capability.ID); err != nil {
		return err
	} else if open != nil {
		if f.Open, err = versionFile(tx, *open); err != nil {
			return err
		}
	}
	if f.Mandate == nil {
		return nil
	}
	for _, v := range []*models.VersionFile{f.Last, f.Open} {
		if v != nil && v.Version.ID == f.Mandate.VersionID {
			f.Force = v
			return nil
		}
	}
	in, err := find[models.Version](tx, "id = ?", f.Mandate.VersionID)
	if err != nil {
		return err
	}
	f.Force, err = versionFile(tx, *in)
	return err
}

func newest(tx *gorm.DB, capability string) (*models.Version, error) {
	rows, err := all[models.Version](tx.Limit(1), "no DESC", "capability_id = ?", capability)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// versionFile loads what hangs on a version.
func versionFile(tx *gorm.DB, v models.Version) (*models.VersionFile, error) {
	x := &models.VersionFile{Version: v, Parts: map[models.Part]models.VersionPart{}, Standings: map[string]string{}}
	parts, err := all[models.VersionPart](tx, "part", "version_id = ?", v.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		x.Parts[p.Part] = p
	}
	standings, err := all[models.Standing](tx, "person_id", "version_id = ?", v.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range standings {
		x.Standings[s.PersonID] = s.Side
	}
	if x.Contributions, err = all[models.Contribution](tx, "at, person_id", "version_id = ?", v.ID); err != nil {
		return nil, err
	}
	if x.Nominations, err = all[models.Nomination](tx, "nominated_at, id", "version_id = ?", v.ID); err != nil {
		return nil, err
	}
	if x.Acceptances, err = all[models.Acceptance](tx, "accepted_at, role", "version_id = ?", v.ID); err != nil {
		return nil, err
	}
	if x.SignOffs, err = all[models.SignOff](tx, "signed_at, id", "version_id = ?", v.ID); err != nil {
		return nil, err
	}
	if x.Recalls, err = all[models.Recall](tx, "recalled_at", "sign_off_id IN (SELECT id FROM sign_offs WHERE version_id = ?)", v.ID); err != nil {
		return nil, err
	}
	var n int64
	if err := tx.Model(&models.Mandate{}).Where("version_id = ? AND end_reason <> 'merged'", v.ID).Limit(1).Count(&n).Error; err != nil {
		return nil, fmt.Errorf("cannot look for mandates: %w", err)
	}
	x.HadMandate = n > 0
	return x, nil
}

func activeRules(tx *gorm.DB, to *models.TierRulesRow) error {
	r, err := find[models.TierRulesRow](tx, "state = ?", models.RulesActive)
	if err != nil {
		return err
	}
	if r != nil {
		*to = *r
	}
	return nil
}

// loadCatalogue loads the operations and secrets that the open version and the
// one in force name, and those that the form chose.
func loadCatalogue(tx *gorm.DB, f *models.CapabilityFacts, also Lookup) (err error) {
	ops, secrets := set{}, set{}
	ops.add(also.Operations...)
	secrets.add(also.Secrets...)
	for _, v := range []*models.VersionFile{f.Open, f.Force, f.Last} {
		if v == nil {
			continue
		}
		body := v.Contents()
		for _, g := range body.Scope.Grants {
			ops.add(g.OperationID)
		}
		secrets.add(body.Scope.Secrets...)
		secrets.add(body.Oversight.RotateSecrets...)
	}
	if f.Operations, err = byID[models.Operation](tx, ops.list()); err != nil {
		return err
	}
	systems := set{}
	for _, o := range f.Operations {
		systems.add(o.SystemID)
	}
	if f.Secrets, err = byID[models.SecretRef](tx, secrets.list()); err != nil {
		return err
	}
	for _, x := range f.Secrets {
		systems.add(x.SystemID)
	}
	f.Systems, err = byID[models.System](tx, systems.list())
	return err
}

func loadPeople(tx *gorm.DB, f *models.CapabilityFacts, also Lookup) (err error) {
	ids := set{}
	ids.add(also.People...)
	ids.add(f.Agent.OwnerID)
	for _, e := range f.Emergencies {
		ids.add(e.ApproverID, e.OwnerID, e.ProvisionerID, e.ControlOwnerID)
	}
	for _, v := range []*models.VersionFile{f.Open, f.Force, f.Last} {
		if v != nil {
			ids.add(peopleOf(*v)...)
			ids.add(v.Contents().Oversight.Path.People()...)
		}
	}
	f.People, err = parties(tx, ids.list())
	return err
}

// peopleOf is everybody who stands in a version or is nominated in it.
func peopleOf(v models.VersionFile) []string {
	ids := set{}
	ids.add(v.Version.CreatedBy)
	for p := range v.Standings {
		ids.add(p)
	}
	for _, n := range v.Nominations {
		ids.add(n.PersonID, n.NominatedBy)
	}
	for _, x := range v.SignOffs {
		ids.add(x.SignerID, x.PrincipalID)
	}
	if v.Version.EndedBy != nil {
		ids.add(*v.Version.EndedBy)
	}
	return ids.list()
}

// onIssuerOrTeam is the condition that a hold is on an issuer of the agent's open bindings,
// or on a team that the owner of what runs is a member of by now. Whose team it is follows
// from the owner alone: they answer for the task; see docs/adr/0018-broad-stops.md.
const onIssuerOrTeam = `(target_kind = 'issuer' AND target_id IN (SELECT b.issuer FROM bindings b WHERE b.agent_id = ? AND b.ended_at IS NULL)
	OR target_kind = 'team' AND target_id IN (SELECT tm.team_id FROM team_members tm WHERE tm.person_id = ? AND tm.left_at IS NULL))`

// holdsOn are the open holds on the capability, its agent, the people of its
// mandate, the systems that it reaches, who vouches for its agent, the teams of its
// owner, and everything.
func holdsOn(tx *gorm.DB, f models.CapabilityFacts) ([]models.Hold, error) {
	people, owner := []string{""}, ""
	if f.Mandate != nil {
		owner = f.Mandate.OwnerID
		people = append(people, f.Mandate.OwnerID, f.Mandate.ProvisionerID, f.Mandate.ControlOwnerID)
		for _, s := range f.Seats { // not those of a round before: they answer no longer
			people = append(people, s.SignerID, s.PrincipalID)
		}
	}
	systems := []string{""}
	if f.Force != nil {
		for _, x := range f.Force.Version.Doc().Facts {
			systems = append(systems, x.SystemID)
		}
	}
	slices.Sort(people)
	return all[models.Hold](tx, "placed_at, id", `lifted_at IS NULL AND (target_kind = 'capability' AND target_id = ? OR target_kind = 'agent' AND target_id = ?
		OR target_kind = 'person' AND target_id IN ? OR target_kind = 'system' AND target_id IN ? OR target_kind = 'all' OR `+onIssuerOrTeam+`)`,
		f.Capability.ID, f.Agent.ID, slices.Compact(people), systems, f.Agent.ID, owner)
}

func siblings(tx *gorm.DB, agent, except string) ([]models.Sibling, error) {
	var out []models.Sibling
	err := tx.Raw(`SELECT m.capability_id, m.version_id,
			COALESCE((SELECT p.id FROM people p WHERE p.status = ? AND p.id IN (m.owner_id, m.provisioner_id, m.control_owner_id)
				ORDER BY CASE p.id WHEN m.owner_id THEN 1 WHEN m.provisioner_id THEN 2 ELSE 3 END LIMIT 1), '') AS steward_id,
			EXISTS (SELECT 1 FROM duties d WHERE d.kind = ? AND d.subject = m.version_id AND d.closed_at IS NULL)
				OR EXISTS (SELECT 1 FROM restarts r WHERE r.capability_id = m.capability_id AND r.state = 'open') AS lift_owed,
			COALESCE((SELECT MAX(r.asked_at) FROM restarts r WHERE r.capability_id = m.capability_id AND r.state = 'done'), 0) AS restarted_at
		FROM mandates m JOIN capabilities c ON c.id = m.capability_id
		WHERE c.agent_id = ? AND m.ended_at IS NULL AND m.capability_id <> ?
		ORDER BY m.capability_id`, models.PersonActive, models.DutyLift, agent, except).Scan(&out).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the agent's other capabilities: %w", err)
	}
	return out, nil
}
