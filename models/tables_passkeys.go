package models

// Passkey is a key with which a person signs (WebAuthn Level 3, "public key
// credential"). Binary values are base64url without padding.
type Passkey struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	PersonID     string   `json:"person_id"`
	Name         string   `json:"name"` // as its person calls it
	CredentialID string   `json:"credential_id"`
	PublicKey    string   `json:"public_key"` // COSE
	RPID         string   `json:"rp_id" gorm:"column:rp_id"`
	AAGUID       string   `json:"aaguid" gorm:"column:aaguid"` // the make of the authenticator; zeros for unsaid
	Synced       int      `json:"synced"`                      // 1: it may be copied between devices ("backup eligible")
	Transports   string   `json:"transports"`                  // canonical JSON array
	ClientData   string   `json:"client_data"`                 // of the registration
	Attestation  string   `json:"attestation"`                 // object of the registration
	SignCount    int64    `json:"sign_count"`
	AddedAt      Instant  `json:"added_at"`
	UsedAt       *Instant `json:"used_at"`
	RemovedAt    *Instant `json:"removed_at"`
	Record
}

func (Passkey) TableName() string { return "passkeys" }

// Key implements Row.
func (p Passkey) Key() string { return p.ID }

// Signature is a passkey's word on one Approval, with what an auditor needs to
// check it without the server. Binary values are base64url without padding.
type Signature struct {
	ID                string  `json:"id" gorm:"primaryKey"`
	PersonID          string  `json:"person_id"`
	PasskeyID         string  `json:"passkey_id"`
	Decision          string  `json:"decision"` // DecisionSignOff, DecisionBreakGlass
	VersionID         string  `json:"version_id"`
	Digest            string  `json:"digest"`
	Round             int     `json:"round"`
	PrincipalID       string  `json:"principal_id"`
	TeamID            string  `json:"team_id"`
	Construction      string  `json:"construction"` // how challenge follows from document and nonce: "countersign/approval/v1"
	Document          string  `json:"document"`     // the Approval, canonical JSON
	Nonce             string  `json:"nonce"`        // 32 bytes
	RPID              string  `json:"rp_id" gorm:"column:rp_id"`
	Origin            string  `json:"origin"`
	CredentialID      string  `json:"credential_id"`
	PublicKey         string  `json:"public_key"` // COSE, as of then
	ClientData        string  `json:"client_data"`
	AuthenticatorData string  `json:"authenticator_data"`
	Signature         string  `json:"signature"`
	SignedAt          Instant `json:"signed_at"`
	Record
}

func (Signature) TableName() string { return "signatures" }

// Key implements Row.
func (s Signature) Key() string { return s.ID }

// Challenge is what an authenticator was asked and has not answered: no record,
// like a session, and used once.
type Challenge struct {
	ID        string `gorm:"primaryKey"`
	PersonID  string
	Kind      string // ChallengeEnrol, ChallengeSign
	Document  string // to sign: the Approval, canonical JSON
	Nonce     string
	Session   string // what the ceremony keeps between its two halves
	CreatedAt Instant
	ExpiresAt Instant
}

// TableName names the table.
func (Challenge) TableName() string { return "challenges" }

// What a Challenge is for.
const (
	ChallengeEnrol = "enrol"
	ChallengeSign  = "sign"
)

// ChallengeFor is how long an authenticator may take.
const ChallengeFor = 5 * Minute
