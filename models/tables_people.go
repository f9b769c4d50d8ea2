package models

// Person is somebody who can answer for something. Accounts belong to people.
type Person struct {
	ID         string  `json:"id" gorm:"primaryKey"`
	Name       string  `json:"name"`
	Email      string  `json:"email"`
	TimeZone   string  `json:"time_zone"` // IANA name, such as "Europe/Zurich"
	Status     string  `json:"status"`    // active, left, merged
	MergedInto *string `json:"merged_into"`
	KeysOff    int     `json:"keys_off,omitempty"` // 1: single keys on the keyboard do nothing
	ManagerID  *string `json:"manager_id,omitempty"`
	WorkDays   int     `json:"work_days,omitempty"` // a bit a day, Monday is 1; 0 is Monday to Friday
	WorkFrom   int     `json:"work_from,omitempty"` // minutes of their own day; with WorkTo 0: nine to five
	WorkTo     int     `json:"work_to,omitempty"`
	Digest     int     `json:"digest,omitempty"`   // 1: what is not urgent comes once a day
	MailOff    int     `json:"mail_off,omitempty"` // 1: no mail of what is not urgent
	Record
}

// Person statuses.
const (
	PersonActive = "active"
	PersonLeft   = "left"
	PersonMerged = "merged"
)

func (Person) TableName() string { return "people" }
func (p Person) Key() string     { return p.ID }

// Account is a sign-in that an identity provider vouches for: issuer and
// subject (OpenID Connect Core 1.0, section 2). It is nobody until linked.
type Account struct {
	ID       string  `json:"id" gorm:"primaryKey"`
	Issuer   string  `json:"issuer"`
	Subject  string  `json:"subject"`
	Name     string  `json:"name"`   // as the provider last said
	Email    string  `json:"email"`  // as the provider last said
	Groups   string  `json:"groups"` // canonical JSON array, as the provider last said
	PersonID *string `json:"person_id"`
	Record
}

func (Account) TableName() string { return "accounts" }
func (a Account) Key() string     { return a.ID }

// AccountLink is the two-person act that gives an account a person, takes it
// away (split) or makes two people one (merge).
type AccountLink struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	Kind        string   `json:"kind"` // link, split, merge
	AccountID   *string  `json:"account_id"`
	PersonID    string   `json:"person_id"` // link: to whom; split: the new person; merge: who remains
	FromID      *string  `json:"from_id"`   // split: from whom; merge: who is merged away
	Reason      string   `json:"reason"`
	State       string   `json:"state"` // proposed, confirmed, withdrawn
	ProposedBy  string   `json:"proposed_by"`
	ProposedAt  Instant  `json:"proposed_at"`
	ConfirmedBy *string  `json:"confirmed_by"`
	DecidedAt   *Instant `json:"decided_at"`
	Record
}

// What an AccountLink does, and how far it is.
const (
	LinkKindLink  = "link"
	LinkKindSplit = "split"
	LinkKindMerge = "merge"

	LinkProposed  = "proposed"
	LinkConfirmed = "confirmed"
	LinkWithdrawn = "withdrawn"
)

func (AccountLink) TableName() string { return "account_links" }
func (l AccountLink) Key() string     { return l.ID }

// Team is a group of people: custodians of systems, and what "different teams" counts.
type Team struct {
	ID     string  `json:"id" gorm:"primaryKey"`
	Name   string  `json:"name"`
	HeadID *string `json:"head_id,omitempty"`
	Path   string  `json:"path,omitempty"` // canonical JSON of a Path; "" for the standard one
	Record
}

func (Team) TableName() string { return "teams" }
func (t Team) Key() string     { return t.ID }

// TeamMember is a person's membership; LeftAt nil while it lasts.
type TeamMember struct {
	TeamID   string   `json:"team_id" gorm:"primaryKey"`
	PersonID string   `json:"person_id" gorm:"primaryKey"`
	JoinedAt Instant  `json:"joined_at"`
	LeftAt   *Instant `json:"left_at"`
	Record
}

func (TeamMember) TableName() string { return "team_members" }
func (m TeamMember) Key() string     { return join(m.TeamID, m.PersonID) }

// Role is what a person may be: granted here, taken up per capability.
type Role string

const (
	BusinessOwner Role = "business_owner"
	Provisioner   Role = "provisioner"
	ControlOwner  Role = "control_owner"
	Approver      Role = "approver"
	Auditor       Role = "auditor"
	Administrator Role = "administrator"
	StopOfficer   Role = "stop_officer" // may stop a system, an issuer, a team or everything; nothing else
)

// Roles lists every role in the order in which pages show them.
var Roles = []Role{BusinessOwner, Provisioner, ControlOwner, Approver, Auditor, Administrator, StopOfficer}

// Words is the role as a person reads it.
func (r Role) Words() string {
	switch r {
	case BusinessOwner:
		return "business owner"
	case Provisioner:
		return "provisioner"
	case ControlOwner:
		return "control owner"
	case Approver:
		return "approver"
	case Auditor:
		return "auditor"
	case Administrator:
		return "administrator"
	case StopOfficer:
		return "stop officer"
	}
	return string(r)
}

// Grant gives a person a role. Nobody grants to themselves: the table refuses it.
type Grant struct {
	ID        string   `json:"id" gorm:"primaryKey"`
	PersonID  string   `json:"person_id"`
	Role      Role     `json:"role"`
	Source    string   `json:"source"`     // admin, group, bootstrap
	GrantedBy string   `json:"granted_by"` // a person, or "system" (bootstrap)
	GrantedAt Instant  `json:"granted_at"`
	EndedAt   *Instant `json:"ended_at"`
	Record
}

func (Grant) TableName() string { return "grants" }
func (g Grant) Key() string     { return g.ID }

// GroupMapping turns a group of the identity provider into a role at sign-in.
type GroupMapping struct {
	ID        string   `json:"id" gorm:"primaryKey"`
	Issuer    string   `json:"issuer"`
	GroupName string   `json:"group_name"`
	Role      Role     `json:"role"`
	CreatedBy string   `json:"created_by"`
	CreatedAt Instant  `json:"created_at"`
	EndedAt   *Instant `json:"ended_at"`
	Record
}

func (GroupMapping) TableName() string { return "group_mappings" }
func (g GroupMapping) Key() string     { return g.ID }

// Delegation lets one approver act for another for a while, on that person's
// word. It only ever ends: its people and its period never change.
type Delegation struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	DelegateID  string   `json:"delegate_id"`
	PrincipalID string   `json:"principal_id"`
	FromAt      Instant  `json:"from_at"`
	UntilAt     Instant  `json:"until_at"` // not any more
	Reason      string   `json:"reason,omitempty"`
	CreatedAt   Instant  `json:"created_at,omitempty"`
	EndedAt     *Instant `json:"ended_at,omitempty"` // before its time; nil for not
	Record
}

// Active says whether it counts at the moment.
func (d Delegation) Active(now Instant) bool {
	return d.EndedAt == nil && d.FromAt <= now && now < d.UntilAt
}

func (Delegation) TableName() string { return "delegations" }
func (d Delegation) Key() string     { return d.ID }
