package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// MatrixFacets say how many lines there would be under each value of each
// filter, with the other filters as they are.
type MatrixFacets struct {
	Total  int // lines under every filter
	Seen   int // lines that the viewer sees at all under search, person, team and agent
	States map[string]int
	Tiers  map[string]int // by models.Tier, "unknown" for none
	Holes  map[string]int // by MatrixHole's value, and "any"
	// What most people look for first: under state and tier alone.
	Held, Overdue, Soon, Holed int
}

// facet is how many lines are alike in everything that is counted.
type facet struct {
	State    string
	TierRank int
	Holes    models.Hole
	Rank     int
	Held     bool
	Due      int // 2 overdue, 1 soon
	N        int
}

// facets counts in one pass. Each filter's values are counted as if it were off.
func (q matrixQuery) facets(tx *gorm.DB) (MatrixFacets, error) {
	out := MatrixFacets{States: map[string]int{}, Tiers: map[string]int{}, Holes: map[string]int{}}
	where := q.base
	if where.sql == "" {
		where.sql = "1 = 1"
	}
	query := fmt.Sprintf(`SELECT state, tier_rank, holes, rank, held, due, COUNT(*) AS n FROM (
		SELECT %s AS state, m.tier_rank, m.holes, %s AS rank, %s AS held,
			CASE WHEN %s < ? THEN 2 WHEN %s < ? THEN 1 ELSE 0 END AS due
		FROM %s WHERE %s) x GROUP BY state, tier_rank, holes, rank, held, due`, q.state.sql, matrixRank, q.held.sql, matrixDue, matrixDue, q.from.sql, where.sql)
	args := slices.Concat(q.state.args, q.held.args, []any{q.now, q.now + MatrixSoonDays*models.Day}, q.from.args, where.args)
	var groups []facet
	if err := tx.Raw(query, args...).Scan(&groups).Error; err != nil {
		return out, fmt.Errorf("cannot count the matrix: %w", err)
	}
	for _, g := range groups {
		out.add(q.MatrixFilter, g)
	}
	return out, nil
}

func (m *MatrixFacets) add(f MatrixFilter, g facet) {
	tier := "unknown"
	if g.TierRank >= 0 && g.TierRank < len(models.Tiers) {
		tier = string(models.Tiers[g.TierRank])
	}
	state := f.State == "" || f.State == g.State
	tiers := f.Tier == "" || f.Tier == tier
	hole := f.Hole == "" || g.Rank < 2 && g.Holes&holeMask(f.Hole) != 0
	held := !f.Held || g.Held
	due := f.Due == "" || f.Due == MatrixOverdue && g.Due == 2 || f.Due == MatrixSoon && g.Due == 1
	m.Seen += g.N
	if state && tiers && hole && held && due {
		m.Total += g.N
	}
	if tiers && hole && held && due {
		m.States[g.State] += g.N
	}
	if state && hole && held && due {
		m.Tiers[tier] += g.N
	}
	if state && tiers && held && due && g.Rank < 2 && g.Holes != 0 {
		m.Holes["any"] += g.N
		for _, h := range MatrixHoles {
			if g.Holes&h.Bit != 0 {
				m.Holes[h.Value] += g.N
			}
		}
	}
	if !state || !tiers {
		return
	}
	if g.Held {
		m.Held += g.N
	}
	if g.Rank < 2 && g.Holes != 0 {
		m.Holed += g.N
	}
	switch g.Due {
	case 2:
		m.Overdue += g.N
	case 1:
		m.Soon += g.N
	}
}

func jsonText(text string, to any) error { return json.Unmarshal([]byte(text), to) }
