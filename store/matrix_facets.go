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

// facetGroup is how many lines have one key.
type facetGroup struct{ K, N int }

// stored are the states that a line may have, in the order of their numbers in a
// facet's key.
var stored = []models.State{models.Live, models.Draft, models.Proposed, models.InReview, models.Approved, models.ChangesRequested, models.Rejected,
	models.Withdrawn, models.Superseded, models.Revoked, models.Expired, MatrixNone}

// facets counts each filter's values as if it were off, beside the others as they are.
func (q matrixQuery) facets(tx *gorm.DB, counts *matrixCounts) (MatrixFacets, error) {
	out := MatrixFacets{States: map[string]int{}, Tiers: map[string]int{}, Holes: map[string]int{}}
	count := q.counted
	if q.tallied() {
		count = func(tx *gorm.DB, counts *matrixCounts) ([]facetGroup, error) {
			return counts.of(tx, q.now, "tally", nil, func() ([]facetGroup, error) { return q.tally(tx) })
		}
	}
	groups, err := count(tx, counts)
	if err != nil {
		return out, err
	}
	for _, g := range groups {
		out.add(q.MatrixFilter, facetOf(g.K, g.N))
	}
	return out, nil
}

// counted counts in one pass, or says what was counted before.
func (q matrixQuery) counted(tx *gorm.DB, counts *matrixCounts) ([]facetGroup, error) {
	where := q.base
	if where.sql == "" {
		where.sql = "1 = 1"
	}
	return counts.of(tx, q.now, facetSQL+q.held.sql+" FROM "+q.from.sql+" WHERE "+where.sql, slices.Concat(q.held.args, q.from.args, where.args), func() ([]facetGroup, error) {
		return q.group(tx, q.held, where)
	})
}

// facetSQL is the number of everything that is counted of a line, but for what holds it.
// From the right: 7 bits of holes, the tier from none on, due, over, held, in force, the state.
var facetSQL = func() string {
	number := "CASE m.state"
	for i, s := range stored {
		number += fmt.Sprintf(" WHEN '%s' THEN %d", s, i)
	}
	bit := func(condition string) string { return "(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }
	return fmt.Sprintf("(((((%s ELSE %d END * 2 + %s) * 2 + %s) * 2 + %s) * 3 + CASE WHEN %s < ? THEN 2 WHEN %s < ? THEN 1 ELSE 0 END) * 5 + m.tier_rank + 1) * 128 + m.holes",
		number, len(stored), bit("m.mandate_id <> ''"), bit("%s"), bit("m.until_at <= ?"), matrixDue, matrixDue)
}()

// What one step of a part is worth in the key.
const (
	tierStep  = 128
	dueStep   = tierStep * 5
	overStep  = dueStep * 3
	heldBit   = overStep * 2
	forceStep = heldBit * 2
	stateStep = forceStep * 2
)

// facetKey is the number that facetSQL gives.
func facetKey(state string, inForce, held, over, due, tierRank int, holes models.Hole) int {
	at := slices.Index(stored, models.State(state))
	if at < 0 {
		at = len(stored)
	}
	return at*stateStep + inForce*forceStep + held*heldBit + over*overStep + due*dueStep + (tierRank+1)*tierStep + int(holes)
}

// asInTally is the key of the same line as if it were neither due nor over.
func asInTally(key int) int {
	late := key % heldBit / dueStep
	return key - late*dueStep
}

// group counts the lines for which the condition holds by one number of everything
// that is counted, which costs the database a fraction of grouping by the words;
// what follows from it is found here.
func (q matrixQuery) group(tx *gorm.DB, held, where piece) ([]facetGroup, error) {
	key := fmt.Sprintf(facetSQL, held.sql)
	args := slices.Concat(held.args, []any{q.now, q.now, q.now + MatrixSoonDays*models.Day}, q.from.args, where.args)
	var groups []facetGroup
	if err := tx.Raw(fmt.Sprintf("SELECT x.k, COUNT(*) AS n FROM (SELECT %s AS k FROM %s WHERE %s) x GROUP BY x.k", key, q.from.sql, where.sql), args...).Scan(&groups).Error; err != nil {
		return nil, fmt.Errorf("cannot count the matrix: %w", err)
	}
	return groups, nil
}

// facetOf reads a key.
func facetOf(key, n int) facet {
	take := func(of int) int {
		part := key % of
		key /= of
		return part
	}
	g := facet{N: n, Holes: models.Hole(take(128)), TierRank: take(5) - 1, Due: take(3)}
	over, held, inForce := take(2) == 1, take(2) == 1, take(2) == 1
	state := models.State("")
	if key < len(stored) {
		state = stored[key]
	}
	g.Held, g.State, g.Rank = held, string(state), 1
	if g.Holes != 0 {
		g.Rank = 0
	}
	if slices.Contains(endedStates, state) {
		g.Rank = 2
	}
	switch { // as the state's own expression has it, which filters
	case !inForce:
	case held:
		g.State = MatrixHeld
	case over:
		g.State = MatrixExpired
	default:
		g.State = MatrixLive
	}
	return g
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
