package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// SystemLine is a system in the catalogue's list.
type SystemLine struct {
	models.System
	Team       string // the custodians'
	Operations int    // in use
}

// SystemFilter is what the catalogue's list may be asked for; empty fields ask
// for everything. Retired systems are left out unless State asks for them. Access
// and Effect ask for systems with an operation in use that has it.
type SystemFilter struct {
	Search, Kind, Sensitivity, Team, Access, Effect, State string
	NameCursor
}

// Systems is a page of the catalogue, in the order of names. Every signed-in
// person may see it.
func (s *Store) Systems(ctx context.Context, f SystemFilter) ([]SystemLine, NameTurn, error) {
	q := byName(s.read.WithContext(ctx), "systems", f.NameCursor).
		Select("x.*, t.name AS team, (SELECT COUNT(*) FROM operations o WHERE o.system_id = x.id AND o.state = 'active') AS operations").
		Joins("JOIN teams t ON t.id = x.custodian_team_id")
	q = anywhere(q, f.Search, "x.name", "x.description")
	for column, value := range map[string]string{"kind": f.Kind, "sensitivity": f.Sensitivity, "custodian_team_id": f.Team} {
		if value != "" {
			q = q.Where("x."+column+" = ?", value)
		}
	}
	const some = "EXISTS (SELECT 1 FROM operations o WHERE o.system_id = x.id AND o.state = 'active' AND "
	if f.Access != "" {
		q = q.Where(some+"o.access = ?)", f.Access)
	}
	if f.Effect != "" {
		q = q.Where(some+"o.effects LIKE ?)", hasEffect(f.Effect))
	}
	if f.State == "" {
		f.State = "active"
	}
	var rows []SystemLine
	if err := q.Where("x.state = ?", f.State).Find(&rows).Error; err != nil {
		return nil, NameTurn{}, fmt.Errorf("cannot load the systems: %w", err)
	}
	rows, turn := turned(rows, f.NameCursor, func(l SystemLine) string { return l.ID })
	return rows, turn, nil
}

// hasEffect matches the effects of an operation, a canonical JSON array.
func hasEffect(effect string) string { return `%"` + strings.ReplaceAll(effect, "%", "") + `"%` }

// SystemPage is a system with everything that is known of it. Of its operations it
// has one page.
type SystemPage struct {
	models.System
	Team       models.Team
	Custodians []models.Party // active members of the team, at most 50
	Operations []models.Operation
	Turn       NameTurn
	Counts     OperationCounts
	Secrets    []models.SecretRef // at most 200
	Uses       []LiveRow          // in force and visible to the viewer, at most 50
	UsesMore   bool
}

// OperationFilter is what a system's operations may be asked for.
type OperationFilter struct {
	Search, Access, Effect, State string
	NameCursor
}

// System is a system's page; NotFound where there is none. Of the capabilities
// that use it, it has what the viewer may see.
func (s *Store) System(ctx context.Context, by models.Party, id string, f OperationFilter) (p SystemPage, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		sys, err := find[models.System](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if sys == nil {
			return missing("system")
		}
		p.System = *sys
		if p.Team, p.Custodians, err = custodians(tx, sys.CustodianTeamID); err != nil {
			return err
		}
		if err := s.systemOperations(tx, &p, f); err != nil {
			return err
		}
		if p.Secrets, err = all[models.SecretRef](tx.Limit(maxSecrets), "state, name, id", "system_id = ?", id); err != nil {
			return err
		}
		q, err := liveRows(tx, by)
		if err != nil {
			return err
		}
		err = q.Joins("JOIN system_uses u ON u.capability_id = m.capability_id").Where("u.system_id = ?", id).Scan(&p.Uses).Error
		if err != nil {
			return fmt.Errorf("cannot load what uses a system: %w", err)
		}
		if p.UsesMore = len(p.Uses) > NamePage; p.UsesMore {
			p.Uses = p.Uses[:NamePage]
		}
		return nil
	})
	return p, err
}

func custodians(tx *gorm.DB, team string) (t models.Team, people []models.Party, err error) {
	found, err := find[models.Team](tx, "id = ?", team)
	if err != nil || found == nil {
		return t, nil, err
	}
	people, err = members(tx, team, 50)
	return *found, people, err
}

// members are the active people of a team, in the order of their names.
func members(tx *gorm.DB, team string, most int) ([]models.Party, error) {
	var ids []string
	err := tx.Table("team_members m").Joins("JOIN people p ON p.id = m.person_id").
		Where("m.team_id = ? AND m.left_at IS NULL AND p.status = ?", team, models.PersonActive).
		Order("p.name, p.id").Limit(most).Pluck("p.id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load a team: %w", err)
	}
	people, err := parties(tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]models.Party, 0, len(ids))
	for _, id := range ids {
		out = append(out, people[id])
	}
	return out, nil
}

// ReadCatalogue is what an act on the catalogue would look at just now, for the
// page that leads to it: f.By is the viewer.
func (s *Store) ReadCatalogue(ctx context.Context, by models.Party, look CatalogueLookup) (f models.CatalogueFacts, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f, err = catalogueFacts(tx, models.Env{Act: models.Act{Person: by.Person.ID}, By: by, Now: s.now()}, look)
		return err
	})
	return f, err
}
