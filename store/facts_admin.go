package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// AdminLookup names what an administrator's act looks at.
type AdminLookup struct {
	People   []string
	Accounts []string
	Teams    bool   // all of them, for a new one's name
	Team     string // one of them
	Grant    string
	Mappings bool
	Link     string // a proposal to be decided
	Rules    bool

	Emergency bool // whether the emergency path is on

	MergeFrom, MergeInto string // what a merge of the two would look at

	Manager string // somebody's manager to be, and who is above them

	Delegations bool // the actor's own, beside those of the people asked for

	Passkeys  bool   // the actor's own
	Challenge string // that an authenticator answered: used up when the act is recorded
}

// DecideAdmin runs a rule on people, teams, grants, mappings or tier rules.
func (s *Store) DecideAdmin(ctx context.Context, act models.Act, look AdminLookup, rule func(models.AdminFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := adminFacts(tx, env, look)
		if err != nil {
			return models.Change{}, err
		}
		change, err := rule(f)
		if err != nil {
			return change, err
		}
		return change, used(tx, f.Challenge)
	})
}

func adminFacts(tx *gorm.DB, env models.Env, look AdminLookup) (f models.AdminFacts, err error) {
	f.Env = env
	people := set{}
	people.add(look.People...)
	if f.Passkeys, f.Challenge, err = ceremony(tx, env, look.Passkeys, look.Challenge); err != nil {
		return f, err
	}
	if look.Grant != "" {
		g, err := find[models.Grant](tx, "id = ? AND ended_at IS NULL", look.Grant)
		if err != nil {
			return f, err
		}
		if g != nil {
			people.add(g.PersonID)
		}
	}
	if err := loadLink(tx, &f, look, people); err != nil {
		return f, err
	}
	if look.MergeFrom != "" {
		people.add(look.MergeFrom, look.MergeInto)
		if err := loadMerge(tx, &f, look.MergeFrom, look.MergeInto); err != nil {
			return f, err
		}
	}
	if look.Manager != "" {
		people.add(look.Manager)
		if f.Above, err = managersAbove(tx, look.Manager); err != nil {
			return f, err
		}
	}
	if f.Accounts == nil {
		if f.Accounts, err = byID[models.Account](tx, look.Accounts); err != nil {
			return f, err
		}
	}
	if f.People, err = parties(tx, people.list()); err != nil {
		return f, err
	}
	ids := append(people.list(), "")
	if f.Waiting, err = all[models.AccountLink](tx, "proposed_at, id", "state = 'proposed' AND (account_id IN ? OR from_id IN ? OR person_id IN ?)",
		append(look.Accounts, ""), ids, ids); err != nil {
		return f, err
	}
	if f.Grants, err = all[models.Grant](tx, "granted_at, id", "person_id IN ? AND ended_at IS NULL", ids); err != nil {
		return f, err
	}
	if look.Delegations {
		ids = append(ids, env.By.Person.ID)
	}
	if f.Delegations, err = delegationsOf(tx, env.Now, ids...); err != nil {
		return f, err
	}
	ids = append(people.list(), "")
	if f.Members, err = all[models.TeamMember](tx, "joined_at", "person_id IN ?", ids); err != nil {
		return f, err
	}
	if err := loadTeams(tx, &f, look); err != nil {
		return f, err
	}
	if look.Mappings {
		if f.Mappings, err = all[models.GroupMapping](tx, "created_at", "ended_at IS NULL"); err != nil {
			return f, err
		}
	}
	leaving := ids // of two who are merged, only the one merged away leaves
	if l := f.Link; l != nil && l.FromID != nil {
		leaving = []string{*l.FromID}
	} else if look.MergeFrom != "" {
		leaving = []string{look.MergeFrom}
	}
	if f.Answers, err = answers(tx, leaving); err != nil {
		return f, err
	}
	if f.Owed, err = all[models.Duty](tx.Limit(models.MostEnded), "due_at, id", "person_id IN ? AND closed_at IS NULL", leaving); err != nil {
		return f, err
	}
	if err := loadSwitch(tx, &f, look); err != nil {
		return f, err
	}
	return f, loadRules(tx, &f, look)
}

func loadLink(tx *gorm.DB, f *models.AdminFacts, look AdminLookup, people set) (err error) {
	if look.Link == "" {
		return nil
	}
	if f.Link, err = find[models.AccountLink](tx, "id = ?", look.Link); err != nil || f.Link == nil {
		return err
	}
	l := *f.Link
	people.add(l.PersonID)
	if f.Duties, err = all[models.Duty](tx, "id", "subject = ? AND closed_at IS NULL", l.ID); err != nil {
		return err
	}
	if l.FromID != nil {
		people.add(*l.FromID)
	}
	if l.AccountID != nil {
		f.Accounts, err = byID[models.Account](tx, []string{*l.AccountID})
		return err
	}
	return loadMerge(tx, f, *l.FromID, l.PersonID)
}

func loadMerge(tx *gorm.DB, f *models.AdminFacts, from, into string) error {
	f.Accounts = map[string]models.Account{}
	accounts, err := all[models.Account](tx, "id", "person_id = ?", from)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		f.Accounts[a.ID] = a
	}
	f.Merge, err = mergeFacts(tx, from, into)
	return err
}

// mergeFacts are the versions that have not ended in which either person stands.
func mergeFacts(tx *gorm.DB, from, into string) (*models.MergeFacts, error) {
	versions, err := all[models.Version](tx, "id", `state IN ('draft','proposed','in_review','approved','live')
		AND id IN (SELECT version_id FROM standings WHERE person_id IN ?)`, []string{from, into})
	if err != nil {
		return nil, err
	}
	out := &models.MergeFacts{}
	ids, capabilities := []string{""}, []string{""}
	for _, v := range versions {
		x, err := versionFile(tx, v)
		if err != nil {
			return nil, err
		}
		out.Versions = append(out.Versions, *x)
		ids, capabilities = append(ids, v.ID), append(capabilities, v.CapabilityID)
	}
	if out.Mandates, err = all[models.Mandate](tx, "from_at", "ended_at IS NULL AND version_id IN ?", ids); err != nil {
		return nil, err
	}
	if out.Seats, err = all[models.Seat](tx, "seat", "mandate_id IN (SELECT id FROM mandates WHERE ended_at IS NULL) AND version_id IN ?", ids); err != nil {
		return nil, err
	}
	if out.Restarts, err = all[models.Restart](tx, "id", "state = 'open' AND version_id IN ?", ids); err != nil {
		return nil, err
	}
	if out.Emergencies, err = all[models.Emergency](tx, "id", "ended_at IS NULL AND version_id IN ?", ids); err != nil {
		return nil, err
	}
	reviews, err := all[models.Review](tx, "opened_at, id", "state = 'open' AND capability_id IN ?", capabilities)
	if err != nil {
		return nil, err
	}
	if out.Reviews, err = reviewFiles(tx, reviews); err != nil {
		return nil, err
	}
	if out.Holds, err = all[models.Hold](tx, "placed_at, id", "lifted_at IS NULL AND kind = ? AND target_kind = ? AND target_id IN ?", models.HoldMissedReview, models.OnCapability, capabilities); err != nil {
		return nil, err
	}
	out.Duties, err = all[models.Duty](tx, "opened_at, id", "closed_at IS NULL AND subject IN ?", ids)
	return out, err
}

// deepest is how many managers one after the other are looked at.
const deepest = 100

// managersAbove are the managers above a person, nearest first; each once.
func managersAbove(tx *gorm.DB, person string) (out []string, err error) {
	for len(out) < deepest {
		var next []string
		if err := tx.Raw("SELECT manager_id FROM people WHERE id = ? AND manager_id IS NOT NULL", person).Scan(&next).Error; err != nil {
			return nil, fmt.Errorf("cannot look for managers: %w", err)
		}
		if len(next) == 0 || slices.Contains(out, next[0]) {
			return out, nil
		}
		out, person = append(out, next[0]), next[0]
	}
	return out, nil
}

func loadTeams(tx *gorm.DB, f *models.AdminFacts, look AdminLookup) error {
	f.Teams = map[string]models.Team{}
	query, args := "id = ?", []any{look.Team}
	if look.Teams {
		query, args = "1 = 1", nil
	}
	teams, err := all[models.Team](tx, "name", query, args...)
	for _, t := range teams {
		f.Teams[t.ID] = t
	}
	return err
}

// answers says whether any of the people holds or signed something that is in
// force, or that is on its way and would be in force with them in it.
func answers(tx *gorm.DB, ids []string) (bool, error) {
	var n int64
	err := tx.Raw(`SELECT COUNT(*) FROM (
		SELECT 1 FROM mandates WHERE ended_at IS NULL AND (owner_id IN ? OR provisioner_id IN ? OR control_owner_id IN ?)
		UNION ALL SELECT 1 FROM seat_people s JOIN mandates m ON m.id = s.mandate_id WHERE m.ended_at IS NULL AND s.person_id IN ?
		UNION ALL SELECT 1 FROM emergencies WHERE ended_at IS NULL AND approver_id IN ?
		UNION ALL SELECT 1 FROM nominations n JOIN versions v ON v.id = n.version_id WHERE v.state IN ('proposed', 'in_review', 'approved', 'live') AND n.state = 'accepted' AND n.person_id IN ?
		UNION ALL SELECT 1 FROM sign_offs s JOIN versions v ON v.id = s.version_id WHERE v.state IN ('in_review', 'approved', 'live') AND s.round = v.round
			AND (s.signer_id IN ? OR s.principal_id IN ?) AND NOT EXISTS (SELECT 1 FROM recalls c WHERE c.sign_off_id = s.id)) x`,
		ids, ids, ids, ids, ids, ids, ids, ids).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("cannot look for what they answer for: %w", err)
	}
	return n > 0, nil
}

func loadRules(tx *gorm.DB, f *models.AdminFacts, look AdminLookup) (err error) {
	if !look.Rules {
		return nil
	}
	if err := activeRules(tx, &f.Rules); err != nil {
		return err
	}
	if f.Other, err = find[models.TierRulesRow](tx, "state = ?", models.RulesProposed); err != nil {
		return err
	}
	if f.Other != nil {
		if f.Duties, err = all[models.Duty](tx, "id", "subject = ? AND closed_at IS NULL", f.Other.ID); err != nil {
			return err
		}
	}
	return tx.Raw("SELECT COALESCE(MAX(no), 0) FROM tier_rules").Scan(&f.LastNo).Error
}

// CatalogueLookup names what an act on the catalogue looks at, by id, and the
// name that a system, or an operation or secret of the system, is to take. Import is the
// name of a system that is taken in: the facts are then the system of that name, where the
// catalogue has it, with all its operations and secrets.
type CatalogueLookup struct {
	System, Operation, Secret             string
	SystemName, OperationName, SecretName string
	Import                                string
}

// DecideCatalogue runs a rule on a system, its operations or its secrets.
func (s *Store) DecideCatalogue(ctx context.Context, act models.Act, look CatalogueLookup, rule func(models.CatalogueFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f, err := catalogueFacts(tx, env, look)
		if err != nil {
			return models.Change{}, err
		}
		if look.Operation != "" || look.System != "" && look.SystemName != "" { // something is changed that may be in use
			if err := loadUses(tx, &f, look); err != nil {
				return models.Change{}, err
			}
		}
		return rule(f)
	})
}

func catalogueFacts(tx *gorm.DB, env models.Env, look CatalogueLookup) (f models.CatalogueFacts, err error) {
	f.Env = env
	teams, err := all[models.Team](tx, "name", "1 = 1")
	if err != nil {
		return f, err
	}
	f.Teams = map[string]models.Team{}
	for _, t := range teams {
		f.Teams[t.ID] = t
	}
	if look.System != "" {
		if f.System, err = find[models.System](tx, "id = ?", look.System); err != nil {
			return f, err
		}
		if f.System == nil {
			return f, missing("system")
		}
	}
	if look.Operation != "" {
		if f.Operation, err = find[models.Operation](tx, "id = ? AND system_id = ?", look.Operation, look.System); err != nil {
			return f, err
		}
		if f.Operation == nil {
			return f, missing("operation")
		}
	}
	if look.Secret != "" {
		if f.Secret, err = find[models.SecretRef](tx, "id = ? AND system_id = ?", look.Secret, look.System); err != nil {
			return f, err
		}
		if f.Secret == nil {
			return f, missing("secret")
		}
	}
	if name := look.SystemName + look.Import; name != "" { // one of the two
		if f.Sightings, err = sightings(tx, []models.Named{{Kind: models.ImportSystem, Name: name}}); err != nil {
			return f, err
		}
	}
	switch {
	case look.Import != "":
		if err = loadTaken(tx, &f, look.Import); err == nil && f.System != nil {
			err = loadUses(tx, &f, CatalogueLookup{System: f.System.ID})
		}
	case look.SystemName != "":
		err = tx.Raw("SELECT id FROM systems WHERE name = ? AND id <> ? LIMIT 1", look.SystemName, look.System).Scan(&f.SameName).Error
	case look.OperationName != "":
		err = tx.Raw("SELECT id FROM operations WHERE name = ? AND system_id = ? AND id <> ? LIMIT 1", look.OperationName, look.System, look.Operation).Scan(&f.SameName).Error
	case look.SecretName != "":
		err = tx.Raw("SELECT id FROM secret_refs WHERE name = ? AND system_id = ? LIMIT 1", look.SecretName, look.System).Scan(&f.SameName).Error
	}
	return f, err
}
