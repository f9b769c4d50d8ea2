package models

import "strings"

// Alert is something that came of a task at runtime and that its oversight plan has its
// control owner told of. There is one of a kind a day and level; of a first use one for ever.
// It follows from the log and its plan, so it is no governed row: that it was told is.
type Alert struct {
	ID           string `gorm:"primaryKey"`
	CapabilityID string // "" where the requests were of no task of the agent
	AgentID      string
	Kind         string
	What         string  // the operation's id, of a first use
	Day          Instant // of which it tells; 0 of a first use
	Level        int     // how often the threshold is passed: once, ten times, a hundred times
	Count        int64   // refusals, or actions that were used
	Most         int64   // actions a day, of a volume
	Rule         string  // one that refused; a hold's only where nothing else did
	At           Instant // the last that it counts
	MadeAt       Instant
	ToldAt       *Instant
}

func (Alert) TableName() string { return "alerts" }

// Kinds of Alert.
const (
	AlertDenials  = "denials"
	AlertManifest = "manifest"
	AlertVolume   = "volume"
	AlertFirstUse = "first_use"
)

// Urgent says whether it is told at once, whatever its recipient chose. What is refused
// because it is held was told when it was held, and a first use was allowed.
func (a Alert) Urgent() bool {
	return a.Kind != AlertFirstUse && !strings.HasPrefix(a.Rule, "hold.")
}
