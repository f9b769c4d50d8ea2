package models

import "encoding/json"

// EmergencySwitch is one time that the emergency path is switched on: proposed by
// one administrator, confirmed by another, switched off by any one.
type EmergencySwitch struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	State       string   `json:"state"` // proposed, on, off, withdrawn
	Reason      string   `json:"reason"`
	ProposedBy  string   `json:"proposed_by"`
	ProposedAt  Instant  `json:"proposed_at"`
	ConfirmedBy *string  `json:"confirmed_by"`
	ConfirmedAt *Instant `json:"confirmed_at"`
	EndedBy     *string  `json:"ended_by"` // who switched it off, or withdrew the proposal
	EndedAt     *Instant `json:"ended_at"`
	Record
}

// How far an EmergencySwitch is.
const (
	SwitchProposed  = "proposed"
	SwitchOn        = "on"
	SwitchOff       = "off"
	SwitchWithdrawn = "withdrawn"
)

func (EmergencySwitch) TableName() string { return "emergency_switches" }

// Key implements Row.
func (s EmergencySwitch) Key() string { return s.ID }

// Emergency is one approver's word that a version in review may run before its
// sign-offs are complete ("break glass"): for a stated emergency, until a time. It
// stays on record for ever. A version has one at most.
type Emergency struct {
	ID              string   `json:"id" gorm:"primaryKey"`
	CapabilityID    string   `json:"capability_id"`
	VersionID       string   `json:"version_id"`
	Digest          string   `json:"digest"`
	Tier            Tier     `json:"tier"`
	Need            int      `json:"need"`
	Apart           int      `json:"apart"`
	Round           int      `json:"round"`
	ApproverID      string   `json:"approver_id"`
	TeamID          string   `json:"team_id"`
	Side            string   `json:"side"`
	Method          string   `json:"method"`
	SignatureID     *string  `json:"signature_id"` // a passkey's word on it; nil for none
	OwnerID         string   `json:"owner_id"`
	ProvisionerID   string   `json:"provisioner_id"`
	ControlOwnerID  string   `json:"control_owner_id"`
	OwnerRole       Role     `json:"owner_role"`       // constant, for the foreign key into roles
	ProvisionerRole Role     `json:"provisioner_role"` // constant
	ControlRole     Role     `json:"control_role"`     // constant
	SwitchID        string   `json:"switch_id"`        // under which the path was on
	Emergency       string   `json:"emergency"`        // as stated: what it is, and what happens if it waits
	Paged           string   `json:"paged"`            // canonical JSON array of recipients
	FromAt          Instant  `json:"from_at"`
	UntilAt         Instant  `json:"until_at"`
	ReviewDueAt     Instant  `json:"review_due_at"`
	EndedBy         *string  `json:"ended_by"` // a person, or "system" where its time was over
	EndedAt         *Instant `json:"ended_at"`
	EndReason       string   `json:"end_reason"`
	EndCause        string   `json:"end_cause"` // as whoever stopped it wrote
	ReviewerID      *string  `json:"reviewer_id"`
	ReviewSide      *string  `json:"review_side"`
	ReviewedAt      *Instant `json:"reviewed_at"`
	Verdict         string   `json:"verdict"`
	Finding         string   `json:"finding"`
	Record
}

// Why an Emergency ended.
const (
	EmergencyOver         = "over"          // its time was over
	EmergencyLive         = "live"          // the version went live with all its sign-offs
	EmergencyVersion      = "version"       // the version was withdrawn, refused, sent back or lapsed
	EmergencyStopped      = "stopped"       // somebody who answers for it stopped it
	EmergencyNotJustified = "not_justified" // its reviewer found that it should not be
	EmergencyMerged       = "merged"        // two who answer for it are one person
)

// What a review finds.
const (
	Justified    = "justified"
	NotJustified = "not_justified"
)

// Verdicts are the two, in words; neither is preselected.
var Verdicts = []Choice{{Justified, "It was justified"}, {NotJustified, "It was not justified"}}

// How long an emergency lasts at most, and when its review is due at the latest.
const (
	EmergencyMost      = 2 * Hour
	EmergencyReviewDue = 2 * Day
)

func (Emergency) TableName() string { return "emergencies" }

// Key implements Row.
func (e Emergency) Key() string { return e.ID }

// Over is when it ended or will: its time, or sooner.
func (e Emergency) Over() Instant {
	if e.EndedAt != nil {
		return *e.EndedAt
	}
	return e.UntilAt
}

// Runs says whether the version may run under it now, holds aside.
func (e Emergency) Runs(now Instant) bool { return e.EndedAt == nil && now < e.UntilAt }

// Recipients are whoever was paged: people by id, "pool:…" and "team:…".
func (e Emergency) Recipients() []string {
	var out []string
	_ = json.Unmarshal([]byte(e.Paged), &out) // written by BreakGlass
	return out
}
