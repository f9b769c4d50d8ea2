package models

// Capability is one task on one agent with its scope and oversight plan: the
// unit of accountability. Its contents are in its versions.
type Capability struct {
	ID        string  `json:"id" gorm:"primaryKey"`
	AgentID   string  `json:"agent_id"`
	CreatedBy string  `json:"created_by"`
	CreatedAt Instant `json:"created_at"`
	Record
}

func (Capability) TableName() string { return "capabilities" }
func (c Capability) Key() string     { return c.ID }

// State is a version's state (DESIGN, "Life of a version"). Held and lapsed are
// not states: they follow from holds and from the mandate's until.
type State string

const (
	Draft            State = "draft"
	Proposed         State = "proposed"
	InReview         State = "in_review"
	Approved         State = "approved"
	Live             State = "live"
	ChangesRequested State = "changes_requested"
	Rejected         State = "rejected"
	Withdrawn        State = "withdrawn"
	Superseded       State = "superseded"
	Revoked          State = "revoked"
	Expired          State = "expired"
)

// Open says whether the version is on its way to go live; a capability has at most one such.
func (s State) Open() bool {
	return s == Draft || s == Proposed || s == InReview || s == Approved
}

// Words is the state as a person reads it.
func (s State) Words() string {
	switch s {
	case InReview:
		return "in review"
	case ChangesRequested:
		return "changes requested"
	}
	return string(s)
}

// Version is one numbered state of a capability's contents. A draft has no
// digest yet; from its submission on, everything but State, Round and what
// tells its end is frozen by the database.
type Version struct {
	ID              string   `json:"id" gorm:"primaryKey"`
	CapabilityID    string   `json:"capability_id"`
	No              int      `json:"no"`
	State           State    `json:"state"`
	Digest          string   `json:"digest"`
	Tier            Tier     `json:"tier"`
	Need            int      `json:"need"`  // how many approvers
	Apart           int      `json:"apart"` // 1: they are of different teams
	TierRulesID     string   `json:"tier_rules_id"`
	AgentRevisionID *string  `json:"agent_revision_id"`
	Round           int      `json:"round"`
	Document        string   `json:"document"` // canonical JSON of what the digest covers
	BasedOn         *string  `json:"based_on"` // the version that this one was drafted from
	CreatedBy       string   `json:"created_by"`
	CreatedAt       Instant  `json:"created_at"`
	SubmittedBy     *string  `json:"submitted_by"`
	SubmittedAt     *Instant `json:"submitted_at"`
	ApprovedAt      *Instant `json:"approved_at"` // when the last needed sign-off of the round came
	EndedBy         *string  `json:"ended_by"`
	EndedAt         *Instant `json:"ended_at"`
	Reason          string   `json:"reason"`               // of the end: why withdrawn, refused, revoked, sent back
	Custodians      string   `json:"custodians,omitempty"` // canonical JSON array of the teams that a sign-off is asked of; "" for none
	Record
}

// CustodianTeams are the ids of the teams of which one has to sign, sorted.
func (v Version) CustodianTeams() []string {
	if v.Custodians == "" {
		return nil
	}
	return parseBody[[]string](v.Custodians)
}

func (Version) TableName() string { return "versions" }
func (v Version) Key() string     { return v.ID }

// Part names one of the three parts of a version.
type Part string

const (
	TaskPart      Part = "task"
	ScopePart     Part = "scope"
	OversightPart Part = "oversight"
)

// Parts lists them in the order in which they are filled.
var Parts = []Part{TaskPart, ScopePart, OversightPart}

// Role is the maker's role that writes the part.
func (p Part) Role() Role {
	switch p {
	case TaskPart:
		return BusinessOwner
	case ScopePart:
		return Provisioner
	default:
		return ControlOwner
	}
}

// VersionPart is the body of one part. Either somebody wrote it here (UpdatedBy,
// a contributor of this version), or it is carried unchanged from an approved
// version (CarriedFrom) and makes nobody a maker.
type VersionPart struct {
	VersionID   string  `json:"version_id" gorm:"primaryKey"`
	Part        Part    `json:"part" gorm:"primaryKey"`
	Body        string  `json:"body"` // canonical JSON of Task, Scope or Oversight
	UpdatedBy   *string `json:"updated_by"`
	CarriedFrom *string `json:"carried_from"`
	UpdatedAt   Instant `json:"updated_at"`
	Record
}

func (VersionPart) TableName() string { return "version_parts" }
func (p VersionPart) Key() string     { return join(p.VersionID, string(p.Part)) }

// Sides of a version: one person has one.
const (
	Maker   = "maker"
	Checker = "checker"
)

// Standing is a person's one side in one version; everything else hangs on it.
type Standing struct {
	VersionID string `json:"version_id" gorm:"primaryKey"`
	PersonID  string `json:"person_id" gorm:"primaryKey"`
	Side      string `json:"side"`
	Record
}

func (Standing) TableName() string { return "standings" }
func (s Standing) Key() string     { return join(s.VersionID, s.PersonID) }

// Contribution says that a person wrote in a part of a version. It is never taken back.
type Contribution struct {
	VersionID string  `json:"version_id" gorm:"primaryKey"`
	Part      Part    `json:"part" gorm:"primaryKey"`
	PersonID  string  `json:"person_id" gorm:"primaryKey"`
	Side      string  `json:"side"`
	At        Instant `json:"at"`
	Record
}

func (Contribution) TableName() string { return "contributions" }
func (c Contribution) Key() string     { return join(c.VersionID, string(c.Part), c.PersonID) }

// Nomination offers a maker's role in a version to a person.
type Nomination struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	VersionID   string   `json:"version_id"`
	Role        Role     `json:"role"`
	PersonID    string   `json:"person_id"`
	NominatedBy string   `json:"nominated_by"`
	NominatedAt Instant  `json:"nominated_at"`
	State       string   `json:"state"` // open, accepted, declined, replaced
	AnsweredAt  *Instant `json:"answered_at"`
	Reason      string   `json:"reason"`
	Record
}

// Nomination states. Of one role at most one is open and at most one accepted.
const (
	NominationOpen     = "open"
	NominationAccepted = "accepted"
	NominationDeclined = "declined"
	NominationReplaced = "replaced"
)

func (Nomination) TableName() string { return "nominations" }
func (n Nomination) Key() string     { return n.ID }

// Acceptance is a taken-up role (table roles): a row means accepted, on this digest.
type Acceptance struct {
	VersionID  string  `json:"version_id" gorm:"primaryKey"`
	Role       Role    `json:"role" gorm:"primaryKey"`
	PersonID   string  `json:"person_id" gorm:"primaryKey"`
	Digest     string  `json:"digest"`
	Side       string  `json:"side"`
	AcceptedAt Instant `json:"accepted_at"`
	Record
}

func (Acceptance) TableName() string { return "roles" }
func (a Acceptance) Key() string     { return join(a.VersionID, string(a.Role), a.PersonID) }

// Methods of signing, weakest first.
const (
	MethodSession = "session"
	MethodFresh   = "fresh_sign_in"
	MethodPasskey = "passkey"
)

// SignOff is one approver's yes to one version's digest, in one round, for one team.
type SignOff struct {
	ID           string  `json:"id" gorm:"primaryKey"`
	VersionID    string  `json:"version_id"`
	Digest       string  `json:"digest"`
	Round        int     `json:"round"`
	SignerID     string  `json:"signer_id"`
	PrincipalID  string  `json:"principal_id"` // for whom: the signer, or whom they are a delegate of
	DelegationID *string `json:"delegation_id"`
	TeamID       string  `json:"team_id"`
	Side         string  `json:"side"`
	Method       string  `json:"method"`
	Comment      string  `json:"comment"`
	SignedAt     Instant `json:"signed_at"`
	SignatureID  *string `json:"signature_id,omitempty"` // a passkey's word on it; nil for none
	Record
}

// OnBehalf says that a delegate gave it for somebody else.
func (s SignOff) OnBehalf() bool { return s.SignerID != s.PrincipalID }

func (SignOff) TableName() string { return "sign_offs" }
func (s SignOff) Key() string     { return s.ID }

// Recall takes a sign-off back: it no longer counts.
type Recall struct {
	SignOffID  string  `json:"sign_off_id" gorm:"primaryKey"`
	PersonID   string  `json:"person_id"`
	Reason     string  `json:"reason"`
	RecalledAt Instant `json:"recalled_at"`
	Record
}

func (Recall) TableName() string { return "recalls" }
func (r Recall) Key() string     { return r.SignOffID }

// Mandate says: these people, this version, this digest, from–until. Go-live
// inserts it; the database refuses one whose roles are not accepted or whose
// approvers are too few, on another digest or round, or makers.
type Mandate struct {
	ID              string   `json:"id" gorm:"primaryKey"`
	CapabilityID    string   `json:"capability_id"`
	VersionID       string   `json:"version_id"`
	Digest          string   `json:"digest"`
	Tier            Tier     `json:"tier"`
	Need            int      `json:"need"`
	Apart           int      `json:"apart"`
	Round           int      `json:"round"`
	OwnerID         string   `json:"owner_id"`
	ProvisionerID   string   `json:"provisioner_id"`
	ControlOwnerID  string   `json:"control_owner_id"`
	OwnerRole       Role     `json:"owner_role"`       // constant, for the foreign key into roles
	ProvisionerRole Role     `json:"provisioner_role"` // constant
	ControlRole     Role     `json:"control_role"`     // constant
	FromAt          Instant  `json:"from_at"`
	ReviewDueAt     Instant  `json:"review_due_at"`
	UntilAt         Instant  `json:"until_at"` // the least of end date and review lapse
	EndedAt         *Instant `json:"ended_at"`
	EndReason       string   `json:"end_reason"` // superseded, succession, renewed, restarted, revoked, merged
	Record
}

func (Mandate) TableName() string { return "mandates" }
func (m Mandate) Key() string     { return m.ID }

// Seat is one approver's place in a mandate; seat n leans on seat n-1.
type Seat struct {
	MandateID   string `json:"mandate_id" gorm:"primaryKey"`
	Seat        int    `json:"seat" gorm:"primaryKey;autoIncrement:false"`
	Prev        *int   `json:"prev"`
	SignOffID   string `json:"sign_off_id"`
	VersionID   string `json:"version_id"`
	Round       int    `json:"round"`
	Digest      string `json:"digest"`
	Apart       int    `json:"apart"`
	ApartKey    string `json:"apart_key"` // the team where apart, else the sign-off
	TeamID      string `json:"team_id"`
	SignerID    string `json:"signer_id"`
	PrincipalID string `json:"principal_id"`
	Record
}

func (Seat) TableName() string { return "seats" }
func (s Seat) Key() string     { return join(s.MandateID, itoa(s.Seat)) }

// SeatPerson gives one human one seat in a mandate.
type SeatPerson struct {
	MandateID string `json:"mandate_id" gorm:"primaryKey"`
	PersonID  string `json:"person_id" gorm:"primaryKey"`
	Seat      int    `json:"seat"`
	Record
}

func (SeatPerson) TableName() string { return "seat_people" }
func (s SeatPerson) Key() string     { return join(s.MandateID, s.PersonID) }

// Hold is a reason not to act. Several stand side by side; each is lifted on its own terms.
type Hold struct {
	ID         string   `json:"id" gorm:"primaryKey"`
	TargetKind string   `json:"target_kind"` // capability, agent, person, system, issuer, team, all
	TargetID   string   `json:"target_id"`
	Kind       string   `json:"kind"` // stop, incident, recall, missed_review, missed_drill, kill_drill, leaver
	Cause      string   `json:"cause"`
	PlacedBy   string   `json:"placed_by"` // a person, or "system"
	PlacedAt   Instant  `json:"placed_at"`
	LiftedBy   *string  `json:"lifted_by"`
	LiftedAt   *Instant `json:"lifted_at"`
	LiftCause  string   `json:"lift_cause"`
	Record
}

// What a hold is on, and why.
const (
	OnCapability = "capability"
	OnAgent      = "agent"
	OnPerson     = "person"
	OnSystem     = "system"
	OnIssuer     = "issuer"
	OnTeam       = "team"
	OnAll        = "all"

	HoldStop   = "stop"
	HoldRecall = "recall"
	HoldLeaver = "leaver"

	HoldMissedReview = "missed_review"
	HoldMissedDrill  = "missed_drill"
	HoldKillDrill    = "kill_drill"
)

func (Hold) TableName() string { return "holds" }
func (h Hold) Key() string     { return h.ID }

// Restart is the stated cause and the new round of sign-offs that a stop asks
// for before the capability may act again.
type Restart struct {
	ID           string   `json:"id" gorm:"primaryKey"`
	CapabilityID string   `json:"capability_id"`
	VersionID    string   `json:"version_id"`
	Round        int      `json:"round"`
	Cause        string   `json:"cause"`
	AskedBy      string   `json:"asked_by"`
	AskedAt      Instant  `json:"asked_at"`
	State        string   `json:"state"` // open, done, refused
	EndedBy      *string  `json:"ended_by"`
	EndedAt      *Instant `json:"ended_at"`
	Reason       string   `json:"reason"`
	Record
}

// Restart states.
const (
	RestartOpen    = "open"
	RestartDone    = "done"
	RestartRefused = "refused"
)

func (Restart) TableName() string { return "restarts" }
func (r Restart) Key() string     { return r.ID }
