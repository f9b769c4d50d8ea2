package models

// Moment is when the clock next has something to do about a row (table clock).
// It follows from the rows, see Moments; At 0 means: look again.
type Moment struct {
	Kind string `gorm:"primaryKey"`
	ID   string `gorm:"primaryKey"`
	At   Instant
}

// Kinds of moment, and whose id it is.
const (
	ClockDuty     = "duty"        // a duty's next reminder or escalation
	ClockReview   = "review"      // a mandate's review is opened
	ClockHold     = "review_hold" // a review was missed: a hold
	ClockChange   = "changed"     // an agent's manifest, a system or tier rules changed: what is in force is looked at
	ClockLeaver   = "leaver"      // somebody left: who comes next is asked, a capability or an agent (whose id it is) at a time
	ClockPasskey  = "passkey"     // a capability was signed before passkeys: it is asked to be signed again
	ClockRenew    = "renew"       // a mandate's last day comes near
	ClockApproved = "approved"    // an approved version goes live, or lapses
	ClockDrill    = "drill"       // a person is asked the next time
	ClockDrillDue = "drill_due"   // a drill was missed
	ClockKill     = "kill_drill"  // a kill drill begins
	ClockDigest   = "digest"      // a person's daily message
)

func (Moment) TableName() string { return "clock" }

// DutyStep is a reminder or an escalation that was taken, once: Step is how many
// days before it was due, or the place in the path, from 1 on.
type DutyStep struct {
	DutyID     string  `json:"duty_id" gorm:"primaryKey"`
	Kind       string  `json:"kind" gorm:"primaryKey"` // reminder, escalation
	Step       int     `json:"step" gorm:"primaryKey;autoIncrement:false"`
	PlannedAt  Instant `json:"planned_at"`
	TakenAt    Instant `json:"taken_at"`
	Recipients string  `json:"recipients"` // canonical JSON array: people, or "pool:approver"; [] for nobody
	Why        string  `json:"why"`        // of an escalation: who they are, such as "manager"
	Record
}

// Kinds of step.
const (
	StepReminder   = "reminder"
	StepEscalation = "escalation"
)

func (DutyStep) TableName() string { return "duty_steps" }
func (s DutyStep) Key() string     { return join(s.DutyID, s.Kind, itoa(s.Step)) }
