package models

import "strconv"

// TierRulesRow is one version of the tier rules; Body is canonical JSON of TierRules.
type TierRulesRow struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	No          int      `json:"no"`
	Body        string   `json:"body"`
	Loosens     int      `json:"loosens"` // 1: loosens something, so two people
	State       string   `json:"state"`   // proposed, active, superseded, withdrawn
	Reason      string   `json:"reason"`
	ProposedBy  string   `json:"proposed_by"`
	ProposedAt  Instant  `json:"proposed_at"`
	ConfirmedBy *string  `json:"confirmed_by"`
	DecidedAt   *Instant `json:"decided_at"`
	Record
}

// Tier rules states.
const (
	RulesProposed   = "proposed"
	RulesActive     = "active"
	RulesSuperseded = "superseded"
	RulesWithdrawn  = "withdrawn"
)

func (TierRulesRow) TableName() string { return "tier_rules" }
func (t TierRulesRow) Key() string     { return t.ID }

// Duty is something a person, or a pool of people, owes by a time.
type Duty struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	Kind         string   `json:"kind"`    // see DutyFill …
	Subject      string   `json:"subject"` // the version, capability or agent it is about
	AgentID      string   `json:"agent_id"`
	CapabilityID string   `json:"capability_id"` // "" when it is about the agent alone
	Holder       string   `json:"holder"`        // the person's id, or "pool:approver"
	PersonID     *string  `json:"person_id"`
	Pool         *string  `json:"pool"`
	Detail       string   `json:"detail"` // the part or role that it is about, or ""
	OpenedAt     Instant  `json:"opened_at"`
	DueAt        Instant  `json:"due_at"`
	ClosedAt     *Instant `json:"closed_at"`
	Record
}

// Kinds of duty.
const (
	DutyFill     = "fill"     // fill a part of a draft
	DutySubmit   = "submit"   // every part is complete: submit
	DutyAccept   = "accept"   // accept or decline a role
	DutySign     = "sign"     // decide a version, or a restart
	DutyNominate = "nominate" // name somebody for a role that has nobody
	DutySucceed  = "succeed"  // find a successor for somebody who left
	DutyEdit     = "edit"     // change what an approver asked for
	DutyTakeOver = "take_over"
	DutyLift     = "lift" // a stop stands: state the cause, or revoke
	DutyGoLive   = "go_live"
	DutyRegister = "register" // finish an agent's registration
	DutyConfirm  = "confirm"  // the second administrator
	DutyClaim    = "claim"    // an agent was found that nobody owns

	DutyReview      = "review"       // answer a review; the version is the subject, the review the detail
	DutyCloseReview = "close_review" // close it
	DutyNarrow      = "narrow"       // a review says that the scope is wider than it needs to be
	DutyRenew       = "renew"        // its last day comes near
	DutyDrill       = "drill"        // answer a drill; the drill is the detail

	DutyReviewEmergency = "review_emergency" // what was done under break glass; its version is the subject

	PoolApprover      = "approver"
	PoolAdministrator = "administrator"
	PoolBusinessOwner = "business_owner"
)

func (Duty) TableName() string { return "duties" }
func (d Duty) Key() string     { return d.ID }

// Notice is what a Change asks the outbox to send, once under its key.
type Notice struct {
	Key       string `json:"key"`
	Kind      string `json:"kind"`      // such as "version.submitted"
	Recipient string `json:"recipient"` // a person, "pool:approver", or "capability:ID" to be expanded
	Subject   string `json:"subject"`   // what it is about: an id
	Detail    string `json:"detail"`    // canonical JSON of what else it says; "" for nothing
}

func itoa(n int) string { return strconv.Itoa(n) }
