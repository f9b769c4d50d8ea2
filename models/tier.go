package models

// Tier is a risk tier.
type Tier string

const (
	Low      Tier = "low"
	Moderate Tier = "moderate"
	High     Tier = "high"
	Critical Tier = "critical"
)

// Tiers lists them, lowest first.
var Tiers = []Tier{Low, Moderate, High, Critical}

// Rank is 0 for low … 3 for critical, -1 for none.
func (t Tier) Rank() int {
	for i, x := range Tiers {
		if x == t {
			return i
		}
	}
	return -1
}

func (t Tier) max(o Tier) Tier {
	if o.Rank() > t.Rank() {
		return o
	}
	return t
}
