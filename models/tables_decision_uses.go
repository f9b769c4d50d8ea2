package models

// What came of the log of decisions, folded from its sealed parts (store/decision_fold.go).
// A day is the instant of its beginning in UTC.

// DecisionUse is how often an operation of a task was allowed on a day.
type DecisionUse struct {
	CapabilityID string  `gorm:"primaryKey"`
	OperationID  string  `gorm:"primaryKey"`
	Day          Instant `gorm:"primaryKey;autoIncrement:false"`
	Allowed      int64
	FirstAt      Instant
	LastAt       Instant
}

func (DecisionUse) TableName() string { return "decision_uses" }

// DecisionRefusal is how often a rule said no on a day. Where the request was of no task,
// or of no operation that is known, that is "".
type DecisionRefusal struct {
	AgentID      string  `gorm:"primaryKey"`
	CapabilityID string  `gorm:"primaryKey"`
	OperationID  string  `gorm:"primaryKey"`
	Rule         string  `gorm:"primaryKey"`
	Day          Instant `gorm:"primaryKey;autoIncrement:false"`
	Refused      int64
	LastAt       Instant
}

func (DecisionRefusal) TableName() string { return "decision_refusals" }

// DecisionVolume is how much of a task's volume was used on the newest day that it was.
type DecisionVolume struct {
	CapabilityID string `gorm:"primaryKey"`
	Day          Instant
	Volume       int64
}

func (DecisionVolume) TableName() string { return "decision_volumes" }

// DayOf is the beginning of a moment's day in UTC.
func DayOf(at Instant) Instant { return at - at%Day }
