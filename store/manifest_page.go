package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// ManifestRows is how many capabilities the page of a new manifest shows at once.
const ManifestRows = 50

// ManifestPage is an agent with those of its capabilities in force that the
// viewer may see: which revision each is signed for, and what each still takes
// for the newest. A fixed number of queries, whatever it shows.
type ManifestPage struct {
	AgentRecord
	Rows   []ManifestRow
	Signed map[string]models.AgentRevision // that the rows are signed for, by id
	Teams  map[string]models.Team          // for which sign-offs were given
	Behind int                             // of all that the viewer may see, how many are not signed for the newest
	Next   string                          // the capability after which the next page begins, "" at the end
}

// ManifestRow is one capability in force: the facts on which its acts decide,
// with the viewer as the one who would act.
type ManifestRow struct{ models.CapabilityFacts }

// ManifestPage shows the capabilities by title, from after the one named. An
// agent that the viewer may not see is NotFound.
func (s *Store) ManifestPage(ctx context.Context, viewer models.Party, agent, after string) (p ManifestPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		cond, args := "", []any{}
		if after != "" {
			cond, args = " AND (m.sort_name, m.capability_id) > (SELECT x.sort_name, x.capability_id FROM matrix_rows x WHERE x.capability_id = ?)", []any{after}
		}
		p, err = s.manifestPage(tx, viewer, agent, cond, args)
		return err
	})
	return p, err
}

// ManifestRow is the page with one row alone: the capability that the version
// belongs to, while it is in force and the viewer sees it. Otherwise it has none.
func (s *Store) ManifestRow(ctx context.Context, viewer models.Party, agent, version string) (p ManifestPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		p, err = s.manifestPage(tx, viewer, agent, " AND m.capability_id = (SELECT v.capability_id FROM versions v WHERE v.id = ?)", []any{version})
		return err
	})
	return p, err
}

// ManifestBehind is how many of the agent's capabilities in force that the viewer
// may see are not signed for its newest revision.
func (s *Store) ManifestBehind(ctx context.Context, viewer models.Party, agent string) (int, error) {
	return manifestBehind(s.read.WithContext(ctx), viewer, agent)
}

func manifestBehind(tx *gorm.DB, viewer models.Party, agent string) (n int, err error) {
	cond, args := seen(viewer, "k.id")
	err = tx.Raw(`SELECT COUNT(*) FROM capabilities k JOIN mandates d ON d.capability_id = k.id AND d.ended_at IS NULL
		JOIN versions v ON v.id = d.version_id JOIN agents g ON g.id = k.agent_id
		WHERE k.agent_id = ? AND v.agent_revision_id <> g.revision_id AND `+cond, append([]any{agent}, args...)...).Scan(&n).Error
	if err != nil {
		return 0, fmt.Errorf("cannot count what is signed for another manifest: %w", err)
	}
	return n, nil
}

func (s *Store) manifestPage(tx *gorm.DB, viewer models.Party, agent, cond string, args []any) (p ManifestPage, err error) {
	if p.AgentRecord, err = agentRecord(tx, viewer, agent); err != nil {
		return p, err
	}
	if p.Behind, err = manifestBehind(tx, viewer, agent); err != nil {
		return p, err
	}
	sees, who := seen(viewer, "m.capability_id")
	var ids []string
	err = tx.Raw("SELECT m.capability_id FROM matrix_rows m WHERE m.agent_id = ? AND m.mandate_id <> ''"+cond+" AND "+sees+" ORDER BY m.sort_name, m.capability_id LIMIT ?",
		append(append(append([]any{agent}, args...), who...), ManifestRows+1)...).Scan(&ids).Error
	if err != nil {
		return p, fmt.Errorf("cannot list what is in force: %w", err)
	}
	if len(ids) > ManifestRows {
		ids = ids[:ManifestRows]
		p.Next = ids[ManifestRows-1]
	}
	return p, p.load(tx, models.Env{Act: models.Act{Person: viewer.Person.ID}, By: viewer, Now: s.now()}, ids)
}

// load fills in the rows: each table once.
func (p *ManifestPage) load(tx *gorm.DB, env models.Env, ids []string) error {
	shared := models.CapabilityFacts{Env: env, Agent: p.Agent, Revision: p.Revision}
	files, mandates, err := inForceAndOpen(tx, ids)
	if err != nil {
		return err
	}
	if err := activeRules(tx, &shared.Rules); err != nil {
		return err
	}
	if err := cataloguesOf(tx, &shared, files); err != nil {
		return err
	}
	people, revisions, teams := set{}, set{}, set{}
	people.add(p.Agent.OwnerID)
	for _, v := range files {
		people.add(peopleOf(*v)...)
		if r := v.Version.AgentRevisionID; r != nil {
			revisions.add(*r)
		}
		teams.add(v.Version.CustodianTeams()...)
		for _, x := range v.SignOffs {
			teams.add(x.TeamID)
		}
	}
	if shared.People, err = parties(tx, people.list()); err != nil {
		return err
	}
	if shared.Approvers, err = withRole(tx, models.Approver); err != nil {
		return err
	}
	if shared.Passkeys, _, err = ceremony(tx, env, env.By.Has(models.Approver), ""); err != nil {
		return err
	}
	if p.Teams, err = byID[models.Team](tx, teams.list()); err != nil {
		return err
	}
	if p.Signed, err = byID[models.AgentRevision](tx, revisions.list()); err != nil {
		return err
	}
	capabilities, err := byID[models.Capability](tx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		f := shared
		f.Capability = capabilities[id]
		m, ok := mandates[id]
		if !ok {
			continue
		}
		f.Mandate, f.Force = &m, files[m.VersionID]
		for _, v := range files {
			if v.Version.CapabilityID != id {
				continue
			}
			if v.Version.State.Open() {
				f.Open = v
			}
			if f.Last == nil || f.Last.Version.No < v.Version.No {
				f.Last = v
			}
		}
		p.Rows = append(p.Rows, ManifestRow{f})
	}
	return nil
}

// inForceAndOpen are, of capabilities in force, the open mandates by capability
// and the versions, by id, that are in force, on their way, or the newest.
func inForceAndOpen(tx *gorm.DB, ids []string) (map[string]*models.VersionFile, map[string]models.Mandate, error) {
	mandates := map[string]models.Mandate{}
	if len(ids) == 0 {
		return nil, mandates, nil
	}
	rows, err := all[models.Mandate](tx, "capability_id", "capability_id IN ? AND ended_at IS NULL", ids)
	if err != nil {
		return nil, nil, err
	}
	var force []string
	for _, m := range rows {
		mandates[m.CapabilityID] = m
		force = append(force, m.VersionID)
	}
	var versions []string
	err = tx.Raw(`SELECT v.id FROM versions v WHERE v.id IN ? OR v.capability_id IN ? AND (v.state IN ('draft','proposed','in_review','approved')
		OR v.no = (SELECT MAX(x.no) FROM versions x WHERE x.capability_id = v.capability_id))`, append(force, ""), ids).Scan(&versions).Error
	if err != nil {
		return nil, nil, fmt.Errorf("cannot look for versions: %w", err)
	}
	files, err := wholeFiles(tx, versions)
	return files, mandates, err
}

// wholeFiles are versions with everything that hangs on them, as versionFile has
// one of them.
func wholeFiles(tx *gorm.DB, ids []string) (map[string]*models.VersionFile, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	files, err := inboxFiles(tx, ids)
	if err != nil {
		return nil, err
	}
	parts, err := all[models.VersionPart](tx, "version_id, part", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range parts {
		f := files[x.VersionID]
		if f.Parts == nil {
			f.Parts = map[models.Part]models.VersionPart{}
		}
		f.Parts[x.Part] = x
	}
	contributions, err := all[models.Contribution](tx, "at, person_id", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range contributions {
		files[x.VersionID].Contributions = append(files[x.VersionID].Contributions, x)
	}
	acceptances, err := all[models.Acceptance](tx, "accepted_at, role", "version_id IN ?", ids)
	if err != nil {
		return nil, err
	}
	for _, x := range acceptances {
		files[x.VersionID].Acceptances = append(files[x.VersionID].Acceptances, x)
	}
	var had []string
	if err := tx.Model(&models.Mandate{}).Distinct().Where("version_id IN ? AND end_reason <> 'merged'", ids).Pluck("version_id", &had).Error; err != nil {
		return nil, fmt.Errorf("cannot look for mandates: %w", err)
	}
	for _, id := range had {
		files[id].HadMandate = true
	}
	return files, nil
}

// cataloguesOf loads the operations and secrets that the versions name.
func cataloguesOf(tx *gorm.DB, f *models.CapabilityFacts, files map[string]*models.VersionFile) (err error) {
	ops, secrets, systems := set{}, set{}, set{}
	for _, v := range files {
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
	if f.Secrets, err = byID[models.SecretRef](tx, secrets.list()); err != nil {
		return err
	}
	for _, o := range f.Operations {
		systems.add(o.SystemID)
	}
	for _, x := range f.Secrets {
		systems.add(x.SystemID)
	}
	f.Systems, err = byID[models.System](tx, systems.list())
	return err
}

// CarryOver starts and submits a version for the agent's newest manifest of the
// capability of the version in force: two acts, each with its own entry, and
// both or none. Posted again under the same act it gives the first receipt.
func (s *Store) CarryOver(ctx context.Context, act models.Act, agent, inForce, revision string, compile models.Compile) (receipt models.Receipt, err error) {
	err = s.Together(ctx, func(in *Store) error {
		drafted, err := in.DecideVersion(ctx, within(act, "draft", inForce), inForce, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			if f.Agent.ID != agent {
				return models.Change{}, missing("version")
			}
			return f.Carry(inForce, revision)
		})
		if err != nil {
			return err
		}
		receipt, err = in.DecideVersion(ctx, within(act, "submit", inForce), drafted.Subject, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Submit(drafted.Subject, compile)
		})
		return err
	})
	return receipt, err
}

// within is one of several acts that a form's one number stands for: the same
// form again makes the same numbers.
func within(act models.Act, words ...string) models.Act {
	id := act.ID
	for _, w := range words {
		id = models.Digest(id + "/" + w)[:32]
	}
	if !models.ValidActID(act.ID) {
		id = "" // as decide refuses it
	}
	act.ID = id
	return act
}
