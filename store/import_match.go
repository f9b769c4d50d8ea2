package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// ImportPlan is what taking a row in would do, as of now, for the person who looks.
type ImportPlan struct {
	Matches  []models.ImportMatch // agents of theirs that it may be meant for
	Agent    *models.Agent        // the one it would update, nil for a new one or where they have to choose
	Revision *models.AgentRevision
	Same     bool                // there is nothing in it that differs
	Draft    []models.Difference // from the agent's draft
	Live     []models.Difference // from its newest revision
	Problem  string              // why there is no target yet: to be shown beside the choice

	System *models.SystemDifference // of a row that is a system
}

// ImportPlans says of each row what taking it in would do; into is what was
// chosen for the row with that index ("" for nothing). Seven queries for up to 500 rows.
func (s *Store) ImportPlans(ctx context.Context, by models.Party, rows []models.ImportRow, into []string) (plans []ImportPlan, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		for len(rows) > 0 {
			n := min(chunk, len(rows))
			some, err := importPlans(tx, by.Person.ID, rows[:n], into[:n])
			if err != nil {
				return err
			}
			plans, rows, into = append(plans, some...), rows[n:], into[n:]
		}
		return nil
	})
	return plans, err
}

func importPlans(tx *gorm.DB, person string, rows []models.ImportRow, into []string) ([]ImportPlan, error) {
	matches, err := importMatches(tx, person, rows)
	if err != nil {
		return nil, err
	}
	plans, targets, ids := make([]ImportPlan, len(rows)), make([]string, len(rows)), set{}
	for i, r := range rows {
		if r.Agent == nil {
			continue
		}
		plans[i].Matches = matches[i]
		if targets[i], err = models.ImportTarget(matches[i], into[i]); err != nil {
			plans[i].Problem = err.Error()
		}
		ids.add(targets[i])
	}
	agents, err := ownAgents(tx, person, ids.list())
	if err != nil {
		return nil, err
	}
	if err := systemPlans(tx, rows, plans); err != nil {
		return nil, err
	}
	for i, r := range rows {
		x, ok := agents[targets[i]]
		if r.Agent == nil || !ok {
			continue
		}
		p := &plans[i]
		p.Agent, p.Revision = &x.agent, x.revision
		var m models.Manifest
		if m, p.Same = r.Over(&x.agent, x.last); p.Same {
			continue
		}
		p.Draft = models.ManifestDifferences(x.agent.Manifest(), m)
		if x.revision != nil {
			p.Live = models.ManifestDifferences(x.revision.Manifest(), m)
		}
	}
	return plans, nil
}

// systemPlans compares the rows that are systems with the catalogue.
func systemPlans(tx *gorm.DB, rows []models.ImportRow, plans []ImportPlan) error {
	names := set{}
	for _, r := range rows {
		if r.System != nil {
			names.add(strings.Join(strings.Fields(r.System.Name), " "))
		}
	}
	if len(names) == 0 {
		return nil
	}
	systems, err := all[models.System](tx, "id", "name IN ?", names.list())
	if err != nil {
		return err
	}
	ids, facts := set{}, map[string]models.CatalogueFacts{}
	for i, x := range systems {
		ids.add(x.ID)
		facts[x.ID] = models.CatalogueFacts{System: &systems[i], Operations: map[string]models.Operation{}, Secrets: map[string]models.SecretRef{}}
	}
	operations, err := all[models.Operation](tx, "id", "system_id IN ?", ids.list())
	if err != nil {
		return err
	}
	for _, o := range operations {
		facts[o.SystemID].Operations[o.Name] = o
	}
	secrets, err := all[models.SecretRef](tx, "id", "system_id IN ?", ids.list())
	if err != nil {
		return err
	}
	for _, x := range secrets {
		facts[x.SystemID].Secrets[x.Name] = x
	}
	byName := map[string]models.CatalogueFacts{}
	for _, f := range facts {
		byName[f.System.Name] = f
	}
	for i, r := range rows {
		if r.System != nil {
			d := byName[strings.Join(strings.Fields(r.System.Name), " ")].Difference(*r.System)
			plans[i].System, plans[i].Same = &d, !d.Changes()
		}
	}
	return nil
}

// importMatches are, for each row, the person's own agents that it may be meant
// for: imported from the same thing before, or of the same name; at most 500 in all.
func importMatches(tx *gorm.DB, person string, rows []models.ImportRow) ([][]models.ImportMatch, error) {
	names, things := set{}, set{}
	for _, r := range rows {
		if r.Agent != nil {
			names.add(r.Agent.Name)
			things.add(r.Thing)
		}
	}
	if len(names.list()) == 0 {
		return make([][]models.ImportMatch, len(rows)), nil
	}
	var found []struct {
		ID, Name, Lower, State, File, Thing string
		SHA256                              string `gorm:"column:sha256"`
		ImportedAt                          models.Instant
	}
	args := []any{person}
	for _, n := range names.list() {
		args = append(args, n)
	}
	lowered := strings.TrimSuffix(strings.Repeat("lower(?), ", len(names.list())), ", ")
	// The database lowers both sides: engines differ in how they lower what is not ASCII.
	const columns = `g.id, g.name, lower(g.name) AS lower, g.state, COALESCE(i.file, '') AS file, COALESCE(i.thing, '') AS thing, COALESCE(i.sha256, '') AS sha256, COALESCE(i.created_at, 0) AS imported_at`
	err := tx.Raw(`SELECT `+columns+` FROM agents g LEFT JOIN imports i ON i.id = g.import_id WHERE g.owner_id = ? AND lower(g.name) IN (`+lowered+`)
		UNION SELECT `+columns+` FROM imports i JOIN agents g ON g.import_id = i.id WHERE i.thing IN ? AND g.owner_id = ?
		ORDER BY 2, 1 LIMIT 2000`, append(args, things.list(), person)...).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for earlier imports: %w", err)
	}
	out := make([][]models.ImportMatch, len(rows))
	for i, r := range rows {
		if r.Agent == nil {
			continue
		}
		for _, x := range found {
			named := strings.EqualFold(x.Name, r.Agent.Name)
			m := models.ImportMatch{ID: x.ID, Name: x.Name, State: x.State, SameFile: x.SHA256 == r.Digest, ImportedAt: x.ImportedAt}
			m.Again = (x.Thing == r.Thing || x.Thing == "" && named) && (x.File == r.File || m.SameFile)
			if (m.Again || named && m.State != models.AgentRetired) && len(out[i]) < 10 {
				out[i] = append(out[i], m)
			}
		}
	}
	return out, nil
}

// ownedAgent is an agent with what an import of it is compared with.
type ownedAgent struct {
	agent    models.Agent
	revision *models.AgentRevision
	last     *models.Import
}

// ownAgents are the person's agents among the ids.
func ownAgents(tx *gorm.DB, person string, ids []string) (map[string]ownedAgent, error) {
	out := map[string]ownedAgent{}
	if len(ids) == 0 {
		return out, nil
	}
	agents, err := all[models.Agent](tx, "id", "id IN ? AND owner_id = ?", ids, person)
	if err != nil {
		return nil, err
	}
	imports, revisions := set{}, set{}
	for _, a := range agents {
		if a.ImportID != nil {
			imports.add(*a.ImportID)
		}
		if a.RevisionID != nil {
			revisions.add(*a.RevisionID)
		}
	}
	last, err := all[models.Import](tx, "id", "id IN ?", imports.list())
	if err != nil {
		return nil, err
	}
	newest, err := all[models.AgentRevision](tx, "id", "id IN ?", revisions.list())
	if err != nil {
		return nil, err
	}
	for _, a := range agents {
		out[a.ID] = ownedAgent{agent: a}
	}
	for i := range last {
		x := out[last[i].AgentID]
		x.last = &last[i]
		out[last[i].AgentID] = x
	}
	for i := range newest {
		x := out[newest[i].AgentID]
		x.revision = &newest[i]
		out[newest[i].AgentID] = x
	}
	return out, nil
}

// DecideImport takes an agent's row in: into is an agent's id, models.ImportNew,
// or "" for the one that was imported from the same thing before. Which one that
// is, is found under the ledger's lock, so that two at once make one agent.
func (s *Store) DecideImport(ctx context.Context, act models.Act, in models.ImportRow, into string) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		var matches []models.ImportMatch
		if into == "" {
			found, err := importMatches(tx, act.Person, []models.ImportRow{in})
			if err != nil {
				return models.Change{}, err
			}
			matches = found[0]
		}
		id, err := models.ImportTarget(matches, into)
		if err != nil {
			return models.Change{}, err
		}
		f, err := agentFacts(tx, env, id, Lookup{Names: in.Names()})
		if err != nil {
			return models.Change{}, err
		}
		if f.Agent != nil && f.Agent.ImportID != nil {
			if f.Imported, err = find[models.Import](tx, "id = ?", *f.Agent.ImportID); err != nil {
				return models.Change{}, err
			}
		}
		return f.Import(in)
	})
}
