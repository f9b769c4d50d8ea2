package models

// Drill tests that somebody answers (kind answer), or that stopping stops (kind kill).
type Drill struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	Kind         string   `json:"kind"` // answer, kill
	CapabilityID string   `json:"capability_id"`
	MandateID    string   `json:"mandate_id"`
	Tier         Tier     `json:"tier"`
	PersonID     string   `json:"person_id"` // answer: who is asked; kill: who planned it
	Scenario     string   `json:"scenario"`  // answer: what is asked about, canonical JSON; kill: why
	PlannedAt    Instant  `json:"planned_at"`
	BegunAt      *Instant `json:"begun_at"`
	DueAt        *Instant `json:"due_at"` // of an answer
	EndedAt      *Instant `json:"ended_at"`
	State        string   `json:"state"`      // planned, open, missed, done, late, called_off, failed
	Mine         string   `json:"mine"`       // yes, no; "" for no answer
	WouldStop    string   `json:"would_stop"` // yes, no; "" for no answer
	Note         string   `json:"note"`
	HoldID       *string  `json:"hold_id"`    // kill: its own; answer: what a missed one placed
	StoppedAt    *Instant `json:"stopped_at"` // kill: when the answer was no for the first time
	Record
}

// Kinds and states of a drill.
const (
	DrillAnswer = "answer"
	DrillKill   = "kill"

	DrillPlanned   = "planned"
	DrillOpen      = "open"
	DrillMissed    = "missed" // not answered in time, and not answered yet
	DrillDone      = "done"
	DrillLate      = "late" // answered after it was due
	DrillCalledOff = "called_off"
	DrillFailed    = "failed" // of a kill drill: the answer did not become no
)

func (Drill) TableName() string { return "drills" }
func (d Drill) Key() string     { return d.ID }
