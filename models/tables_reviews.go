package models

// Review is one renewal of what is in force: the three answer, an approver closes it.
type Review struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	CapabilityID string   `json:"capability_id"`
	VersionID    string   `json:"version_id"`
	Digest       string   `json:"digest"`
	MandateID    string   `json:"mandate_id"` // in force when it was opened
	Kind         string   `json:"kind"`       // periodic, change
	About        string   `json:"about"`      // canonical JSON: of a change, what changed
	OpenedAt     Instant  `json:"opened_at"`
	DueAt        Instant  `json:"due_at"`
	HoldAt       Instant  `json:"hold_at"` // while it is open then, a hold is placed
	State        string   `json:"state"`   // open, closed, moot
	Outcome      string   `json:"outcome"` // keep, narrow, revoke; "" while open or moot
	ClosedBy     *string  `json:"closed_by"`
	Side         *string  `json:"side"` // checker
	TeamID       *string  `json:"team_id"`
	ClosedAt     *Instant `json:"closed_at"`
	Finding      string   `json:"finding"`
	Method       string   `json:"method"` // see MethodSession; "" while open or moot
	SignatureID  *string  `json:"signature_id"`
	Record
}

// Kinds, states and outcomes of a review.
const (
	ReviewPeriodic = "periodic"
	ReviewOfChange = "change"

	ReviewOpen   = "open"
	ReviewClosed = "closed"
	ReviewMoot   = "moot" // what it was about is not in force any more

	ReviewKeep   = "keep"
	ReviewNarrow = "narrow"
	ReviewRevoke = "revoke"
)

func (Review) TableName() string { return "reviews" }
func (r Review) Key() string     { return r.ID }

// ReviewAnswer is what one of the three says. It is not taken back.
type ReviewAnswer struct {
	ReviewID   string  `json:"review_id" gorm:"primaryKey"`
	Role       Role    `json:"role" gorm:"primaryKey"`
	VersionID  string  `json:"version_id"`
	Digest     string  `json:"digest"`
	PersonID   string  `json:"person_id"`
	Answer     string  `json:"answer"` // right, change
	Note       string  `json:"note"`
	Body       string  `json:"body"` // canonical JSON of what the role is asked
	AnsweredAt Instant `json:"answered_at"`
	Record
}

// Answers to a review.
const (
	AnswerRight  = "right"
	AnswerChange = "change"
)

func (ReviewAnswer) TableName() string { return "review_answers" }
func (a ReviewAnswer) Key() string     { return join(a.ReviewID, string(a.Role)) }
