package models

// Gateway is the key with which a gateway asks for decisions: what it may ask about, and
// until when. The key itself is nowhere; only its hash is kept.
type Gateway struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	Name         string   `json:"name"`
	KeyHash      string   `json:"key_hash"` // SHA-256 of the whole key, hex
	Hint         string   `json:"hint"`     // the first 8 characters after its prefix, to know it again
	TeamID       *string  `json:"team_id"`  // only agents whose owner is in this team; nil for every agent
	Issuer       string   `json:"issuer"`   // whose subjects it may name instead of agents' ids; "" for none
	CreatedBy    string   `json:"created_by"`
	CreatedAt    Instant  `json:"created_at"`
	ExpiresAt    Instant  `json:"expires_at"`
	RevokedAt    *Instant `json:"revoked_at"`
	RevokedBy    *string  `json:"revoked_by"`
	RevokeReason string   `json:"revoke_reason"`
	Record
}

// Open says whether the key counts at the moment.
func (g Gateway) Open(now Instant) bool { return g.RevokedAt == nil && now < g.ExpiresAt }

func (Gateway) TableName() string { return "gateways" }
func (g Gateway) Key() string     { return g.ID }

// Forbid is one rule of the organisation that refuses whatever is signed. It is in force
// from its confirmation by a second administrator until two of them end it.
type Forbid struct {
	ID            string   `json:"id" gorm:"primaryKey"`
	Name          string   `json:"name"`
	Why           string   `json:"why"`
	Text          string   `json:"text"`  // one Cedar policy that forbids
	State         string   `json:"state"` // proposed, active, withdrawn
	ProposedBy    string   `json:"proposed_by"`
	ProposedAt    Instant  `json:"proposed_at"`
	ConfirmedBy   *string  `json:"confirmed_by"` // nil: it was never in force
	ConfirmedAt   *Instant `json:"confirmed_at"`
	EndProposedBy *string  `json:"end_proposed_by"`
	EndProposedAt *Instant `json:"end_proposed_at"`
	EndReason     string   `json:"end_reason"`
	EndedBy       *string  `json:"ended_by"`
	EndedAt       *Instant `json:"ended_at"`
	Record
}

// States of a forbid. One that ended, and one that never came into force, are both withdrawn.
const (
	ForbidProposed  = "proposed"
	ForbidActive    = "active"
	ForbidWithdrawn = "withdrawn"
)

func (Forbid) TableName() string { return "forbids" }
func (f Forbid) Key() string     { return f.ID }
