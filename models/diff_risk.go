package models

// RiskMove is how the risk stands after a change, and the reasons that moved it.
type RiskMove struct {
	Was, Is Tier     // Was is "" where nothing was before
	New     []Reason // that were not there, the gravest first
	Gone    []Reason // that no longer hold
	Other   []Reason // that were there and now ask for another tier (other tier rules)
}

// Moved says whether anything is to be said.
func (m RiskMove) Moved() bool {
	return m.Was != m.Is || len(m.New)+len(m.Gone)+len(m.Other) > 0
}

// RiskMoves compares the tiers of two documents and their reasons.
func RiskMoves(was, is Document) RiskMove {
	m := RiskMove{Was: was.Tier, Is: is.Tier}
	old := make(map[string]Tier, len(was.Reasons))
	for _, r := range was.Reasons {
		old[r.Text] = r.Tier
	}
	still := make(map[string]bool, len(is.Reasons))
	for _, r := range is.Reasons {
		still[r.Text] = true
		switch before, had := old[r.Text]; {
		case !had:
			m.New = append(m.New, r)
		case before != r.Tier:
			m.Other = append(m.Other, r)
		}
	}
	for _, r := range was.Reasons {
		if !still[r.Text] {
			m.Gone = append(m.Gone, r)
		}
	}
	return m
}
