package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// SystemCounts say how many systems there would be under each value of each filter, with the
// other filters as they are.
type SystemCounts struct {
	Total                                                  int
	Kinds, Sensitivities, Teams, Accesses, Effects, States map[string]int
}

// systemFacet is how many systems are alike in everything that is counted. Mask has a bit for
// each access and effect that one of their operations in use has.
type systemFacet struct {
	Kind, Sensitivity, Team, State string
	Mask, N                        int
}

// maskOf is the sum of what an operation's columns say, as bits.
func maskOf() string {
	var bits []string
	for i, a := range models.Accesses {
		bits = append(bits, fmt.Sprintf("%d * MAX(CASE WHEN access = '%s' THEN 1 ELSE 0 END)", 1<<i, a.Value))
	}
	for i, e := range models.Effects {
		bits = append(bits, fmt.Sprintf("%d * MAX(CASE WHEN effects <> '[]' AND effects LIKE '%s' THEN 1 ELSE 0 END)", 1<<(len(models.Accesses)+i), hasEffect(e.Value)))
	}
	return strings.Join(bits, " + ")
}

// SystemCounts counts in one pass over what the search leaves. Each filter's values are
// counted as if it were off.
func (s *Store) SystemCounts(ctx context.Context, f SystemFilter) (SystemCounts, error) {
	c := SystemCounts{Kinds: map[string]int{}, Sensitivities: map[string]int{}, Teams: map[string]int{}, Accesses: map[string]int{}, Effects: map[string]int{}, States: map[string]int{}}
	var groups []systemFacet
	q := s.read.WithContext(ctx).Table("systems x").
		Select("x.kind, x.sensitivity, x.custodian_team_id AS team, x.state, COALESCE(o.mask, 0) AS mask, COUNT(*) AS n").
		Joins("LEFT JOIN (SELECT system_id, " + maskOf() + " AS mask FROM operations WHERE state = 'active' GROUP BY system_id) o ON o.system_id = x.id")
	err := anywhere(q, f.Search, "x.name", "x.description").Group("x.kind, x.sensitivity, x.custodian_team_id, x.state, COALESCE(o.mask, 0)").Scan(&groups).Error
	if err != nil {
		return c, fmt.Errorf("cannot count the systems: %w", err)
	}
	if f.State == "" {
		f.State = "active"
	}
	for _, g := range groups {
		c.add(f, g)
	}
	return c, nil
}

func (c *SystemCounts) add(f SystemFilter, g systemFacet) {
	bit := func(among []models.Choice, value string, from int) bool {
		for i, x := range among {
			if x.Value == value {
				return g.Mask&(1<<(from+i)) != 0
			}
		}
		return true // not asked for
	}
	is := func(asked, value string) bool { return asked == "" || asked == value }
	on := []bool{is(f.Kind, g.Kind), is(f.Sensitivity, g.Sensitivity), is(f.Team, g.Team), is(f.State, g.State), bit(models.Accesses, f.Access, 0), bit(models.Effects, f.Effect, len(models.Accesses))}
	but := func(skip int) bool {
		for i, ok := range on {
			if !ok && i != skip {
				return false
			}
		}
		return true
	}
	if but(-1) {
		c.Total += g.N
	}
	for i, to := range []struct {
		counts map[string]int
		value  string
	}{{c.Kinds, g.Kind}, {c.Sensitivities, g.Sensitivity}, {c.Teams, g.Team}, {c.States, g.State}} {
		if but(i) {
			to.counts[to.value] += g.N
		}
	}
	for i, a := range models.Accesses {
		if but(4) && g.Mask&(1<<i) != 0 {
			c.Accesses[a.Value] += g.N
		}
	}
	for i, e := range models.Effects {
		if but(5) && g.Mask&(1<<(len(models.Accesses)+i)) != 0 {
			c.Effects[e.Value] += g.N
		}
	}
}

// OperationCounts say how many of a system's operations there would be under each value.
type OperationCounts struct {
	Total, All                int // under every filter, and without any
	Accesses, Effects, States map[string]int
}

// systemOperations is one page of a system's operations, and how many there are.
func (s *Store) systemOperations(tx *gorm.DB, p *SystemPage, f OperationFilter) error {
	words := models.SearchWords(f.Search)
	q := byName(tx, "operations", f.NameCursor).Where("x.system_id = ?", p.ID)
	if f.Access != "" {
		q = q.Where("x.access = ?", f.Access)
	}
	if f.Effect != "" {
		q = q.Where("x.effects LIKE ?", hasEffect(f.Effect))
	}
	if f.State != "" {
		q = q.Where("x.state = ?", f.State)
	}
	if err := s.operationsHaving(q, words).Find(&p.Operations).Error; err != nil {
		return fmt.Errorf("cannot load a system's operations: %w", err)
	}
	p.Operations, p.Turn = turned(p.Operations, f.NameCursor, func(o models.Operation) string { return o.ID })

	c := OperationCounts{Accesses: map[string]int{}, Effects: map[string]int{}, States: map[string]int{}}
	var groups []struct {
		Access, Effects, State string
		N                      int
	}
	q = s.operationsHaving(tx.Table("operations x").Select("x.access, x.effects, x.state, COUNT(*) AS n").Where("x.system_id = ?", p.ID), words)
	if err := q.Group("x.access, x.effects, x.state").Scan(&groups).Error; err != nil {
		return fmt.Errorf("cannot count a system's operations: %w", err)
	}
	for _, g := range groups {
		effects := models.Operation{Effects: g.Effects}.EffectList()
		access, state, effect := f.Access == "" || f.Access == g.Access, f.State == "" || f.State == g.State, f.Effect == ""
		for _, e := range effects {
			effect = effect || e == f.Effect
			if access && state {
				c.Effects[e] += g.N
			}
		}
		c.All += g.N
		if access && state && effect {
			c.Total += g.N
		}
		if state && effect {
			c.Accesses[g.Access] += g.N
		}
		if access && effect {
			c.States[g.State] += g.N
		}
	}
	p.Counts = c
	return nil
}

// operationsHaving narrows operations x to those in whose words all of these occur.
func (s *Store) operationsHaving(q *gorm.DB, words []string) *gorm.DB {
	if len(words) == 0 {
		return q
	}
	return s.having(q.Joins("JOIN operation_search w ON w.operation_id = x.id"), "", words)
}

// SystemsNamed are the systems of the names, by name, with how many operations of each are in
// use: what an administrator has of a published catalogue.
func (s *Store) SystemsNamed(ctx context.Context, names []string) (map[string]SystemLine, error) {
	out := map[string]SystemLine{}
	for len(names) > 0 {
		some := names[:min(chunk, len(names))]
		names = names[len(some):]
		var rows []SystemLine
		err := s.read.WithContext(ctx).Table("systems x").
			Select("x.*, (SELECT COUNT(*) FROM operations o WHERE o.system_id = x.id AND o.state = 'active') AS operations").Where("x.name IN ?", some).Scan(&rows).Error
		if err != nil {
			return nil, fmt.Errorf("cannot look for systems: %w", err)
		}
		for _, r := range rows {
			out[r.Name] = r
		}
	}
	return out, nil
}
