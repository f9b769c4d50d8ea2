package store

import (
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// chunk is how many values one IN list carries at most.
const chunk = 500

// parties are the people of the ids with their active grants and teams, in three
// queries whatever their number (per chunk of 500).
func parties(tx *gorm.DB, ids []string) (map[string]models.Party, error) {
	out := map[string]models.Party{}
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		var people []models.Person
		if err := tx.Where("id IN ?", some).Find(&people).Error; err != nil {
			return nil, fmt.Errorf("cannot load people: %w", err)
		}
		var grants []models.Grant
		if err := tx.Where("person_id IN ? AND ended_at IS NULL", some).Order("role").Find(&grants).Error; err != nil {
			return nil, fmt.Errorf("cannot load grants: %w", err)
		}
		var teams []struct {
			models.Team
			PersonID string
		}
		err := tx.Table("team_members m").Select("t.*, m.person_id").Joins("JOIN teams t ON t.id = m.team_id").
			Where("m.person_id IN ? AND m.left_at IS NULL", some).Order("t.name").Scan(&teams).Error
		if err != nil {
			return nil, fmt.Errorf("cannot load teams: %w", err)
		}
		for _, p := range people {
			out[p.ID] = models.Party{Person: p}
		}
		for _, g := range grants {
			p := out[g.PersonID]
			if len(p.Roles) == 0 || p.Roles[len(p.Roles)-1] != g.Role {
				p.Roles = append(p.Roles, g.Role)
			}
			out[g.PersonID] = p
		}
		for _, t := range teams {
			p := out[t.PersonID]
			p.Teams = append(p.Teams, t.Team)
			out[t.PersonID] = p
		}
	}
	return out, nil
}

// holdersMost is how many holders of a role are looked at.
const holdersMost = 2000

// withRole are the active people who hold a role now, at most holdersMost.
func withRole(tx *gorm.DB, r models.Role) ([]models.Party, error) {
	ids, err := holders(tx, r, holdersMost)
	if err != nil {
		return nil, err
	}
	all, err := parties(tx, ids)
	return picked(all, ids), err
}

// picked are the parties of the ids, in their order.
func picked(all map[string]models.Party, ids []string) []models.Party {
	out := make([]models.Party, 0, len(ids))
	for _, id := range ids {
		out = append(out, all[id])
	}
	return out
}

// holders are the ids of the active people who hold a role now, at most so many.
func holders(tx *gorm.DB, r models.Role, most int) (ids []string, err error) {
	err = tx.Table("grants g").Distinct("g.person_id").Joins("JOIN people p ON p.id = g.person_id").
		Where("g.role = ? AND g.ended_at IS NULL AND p.status = ?", r, models.PersonActive).Order("g.person_id").Limit(most).Pluck("g.person_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load the holders of a role: %w", err)
	}
	return ids, nil
}

// set gathers ids without repeats and without empty ones.
type set map[string]bool

func (s set) add(ids ...string) {
	for _, id := range ids {
		if id != "" {
			s[id] = true
		}
	}
}

func (s set) list() []string {
	out := make([]string, 0, len(s))
	for id := range s {
		out = append(out, id)
	}
	return out
}

// find is the row of an id, nil where there is none.
func find[T any](tx *gorm.DB, query string, args ...any) (*T, error) {
	var rows []T
	if err := tx.Where(query, args...).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot load %T: %w", rows, err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// all are the rows that match, in an order.
func all[T any](tx *gorm.DB, order, query string, args ...any) ([]T, error) {
	var rows []T
	if err := tx.Where(query, args...).Order(order).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot load %T: %w", rows, err)
	}
	return rows, nil
}

func byID[T models.Row](tx *gorm.DB, ids []string) (map[string]T, error) {
	out := map[string]T{}
	for len(ids) > 0 {
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		rows, err := all[T](tx, "id", "id IN ?", some)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Key()] = r
		}
	}
	return out, nil
}
