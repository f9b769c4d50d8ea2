package store

import (
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// alike is one row of matrix_tally, which the database keeps with every change of a
// line: how many lines are alike in what does not change by itself.
type alike struct {
	State    string
	TierRank int
	Holes    models.Hole
	InForce  bool
	OwnHold  bool
	N        int
}

// tallied says that the counts can be had from the tally: of everything, as it is
// now, while nothing holds everything.
func (q matrixQuery) tallied() bool {
	return q.everything && q.At == nil && !slices.Contains(q.kinds, models.OnAll)
}

// tally counts what facets counts in one pass, from the tally of all lines: those
// that are due within the time that is asked for, and those that something else than
// a hold of their own holds, are taken out of where the tally has them. What it costs
// follows these.
func (q matrixQuery) tally(tx *gorm.DB) ([]facetGroup, error) {
	var rows []alike
	if err := tx.Raw("SELECT state, tier_rank, holes, in_force, own_hold, n FROM matrix_tally WHERE n > 0").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("cannot read the tally: %w", err)
	}
	counts := map[int]int{}
	for _, r := range rows {
		counts[facetKey(r.State, bitOf(r.InForce), bitOf(r.OwnHold), 0, 0, r.TierRank, r.Holes)] += r.N
	}
	// The hold bit of these is the line's own, as in the tally.
	due, err := q.group(tx, sqlOf("m.holds > 0"), sqlOf("m.mandate_id <> '' AND "+matrixDue+" < ?", q.now+MatrixSoonDays*models.Day))
	if err != nil {
		return nil, err
	}
	for _, g := range due {
		counts[asInTally(g.K)] -= g.N
		counts[g.K] += g.N
	}
	if broad := broadlyHeld(q.kinds); broad != "" {
		lines := q
		lines.from = sqlOf("(" + broad + ") m")
		held, err := lines.group(tx, sqlOf("1 = 0"), sqlOf("m.holds = 0"))
		if err != nil {
			return nil, err
		}
		for _, g := range held {
			counts[g.K] -= g.N
			counts[g.K+heldBit] += g.N
		}
	}
	out := make([]facetGroup, 0, len(counts))
	for k, n := range counts {
		if n != 0 {
			out = append(out, facetGroup{K: k, N: n})
		}
	}
	return out, nil
}

func bitOf(is bool) int {
	if is {
		return 1
	}
	return 0
}

// broadlyHeld are the lines, with what is counted of them, that a hold on an agent, a person,
// a system, an issuer or a team holds, found by index from the hold on; "" where there is no
// such hold. A line that several hold is one.
func broadlyHeld(kinds []string) string {
	sql := ""
	add := func(rest string) {
		if sql != "" {
			sql += " UNION "
		}
		sql += "SELECT x.capability_id, x.state, x.tier_rank, x.holes, x.holds, x.mandate_id, x.until_at, x.review_due_at FROM " + rest
	}
	for _, kind := range kinds {
		on := "(SELECT h.target_id FROM holds h WHERE h.target_kind = '" + kind + "' AND h.lifted_at IS NULL)"
		switch kind {
		case models.OnAgent:
			add("matrix_rows x WHERE x.agent_id IN " + on)
		case models.OnPerson:
			add("matrix_rows x WHERE x.owner_id IN " + on)
			add("matrix_rows x WHERE x.provisioner_id IN " + on)
			add("matrix_rows x WHERE x.control_owner_id IN " + on)
			add("matrix_rows x JOIN mandates d ON d.capability_id = x.capability_id JOIN seat_people sp ON sp.mandate_id = d.id WHERE d.ended_at IS NULL AND sp.person_id IN " + on)
		case models.OnSystem:
			add("matrix_rows x JOIN system_uses u ON u.capability_id = x.capability_id WHERE u.system_id IN " + on)
		case models.OnIssuer:
			add("matrix_rows x JOIN bindings b ON b.agent_id = x.agent_id WHERE b.ended_at IS NULL AND b.issuer IN " + on)
		case models.OnTeam:
			add("matrix_rows x JOIN team_members tm ON tm.person_id = x.owner_id WHERE tm.left_at IS NULL AND tm.team_id IN " + on)
		}
	}
	return sql
}

// tallyFollows checks that the tally says what follows from the lines.
func tallyFollows(tx *gorm.DB) error {
	const have = "SELECT state, tier_rank, holes, in_force, own_hold, n FROM matrix_tally WHERE n > 0"
	const want = "SELECT m.state, m.tier_rank, m.holes, CASE WHEN m.mandate_id <> '' THEN 1 ELSE 0 END AS in_force, CASE WHEN m.holds > 0 THEN 1 ELSE 0 END AS own_hold, COUNT(*) AS n FROM matrix_rows m GROUP BY 1, 2, 3, 4, 5"
	var states []string
	if err := tx.Raw("SELECT state FROM (SELECT * FROM (" + have + ") h EXCEPT SELECT * FROM (" + want + ") w) x UNION SELECT state FROM (SELECT * FROM (" + want + ") w EXCEPT SELECT * FROM (" + have + ") h) y LIMIT 1").Scan(&states).Error; err != nil {
		return fmt.Errorf("cannot check the tally: %w", err)
	}
	if len(states) > 0 {
		return misfit("matrix_tally", states[0], 0, "The tally of the matrix does not count the lines of state %s as they are.", states[0])
	}
	return nil
}
