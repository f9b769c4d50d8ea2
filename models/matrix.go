package models

import "strings"

// Hole is a bit in a matrix row's mask: an accountability gap that is shown as one.
type Hole int

const (
	HoleOwner Hole = 1 << iota
	HoleProvisioner
	HoleControlOwner
	HoleApprovers
	HoleScope
	HoleOversight
	HoleMandate // nothing signed is in force
)

// MatrixRow is the accountability matrix's line for one capability, derived from
// the governance rows in the same transaction as every change of them. Instants,
// not flags, stand for what becomes overdue by itself.
type MatrixRow struct {
	CapabilityID   string `gorm:"primaryKey"`
	AgentID        string
	AgentName      string
	Title          string
	VersionID      string // the version in force, else the newest
	VersionNo      int
	State          State
	TierRank       int // 0 low … 3 critical, -1 not known yet
	Holes          Hole
	OwnerID        string // "" where nobody accepted
	ProvisionerID  string
	ControlOwnerID string
	Approvers      string // canonical JSON array of person ids
	MandateID      string // "" where none is open
	Holds          int    // open holds on the capability itself
	ApprovedAt     *Instant
	ReviewDueAt    *Instant
	UntilAt        *Instant
	OpenVersionID  string // a version on its way beside the live one, or ""
	OpenState      State
	SortName       string // agent name and title, lower case, for order and search
	CreatedAt      Instant
}

func (MatrixRow) TableName() string { return "matrix_rows" }

// Signers are the ids of those whose sign-offs stand behind what is shown.
func (r MatrixRow) Signers() []string { return parseBody[[]string](r.Approvers) }

// Audience lists the people through whom a capability may be seen: its nominees,
// role holders and signers. Their teams see it too.
type Audience struct {
	CapabilityID string `gorm:"primaryKey"`
	PersonID     string `gorm:"primaryKey"`
}

func (Audience) TableName() string { return "audience" }

// MatrixRow derives the capability's line and the people through whom it is seen.
func (f CapabilityFacts) MatrixRow() (MatrixRow, []Audience) {
	v := f.Last
	if f.Force != nil {
		v = f.Force
	}
	body := v.Contents()
	row := MatrixRow{CapabilityID: f.Capability.ID, AgentID: f.Agent.ID, AgentName: f.Agent.Name, Title: body.Task.Title,
		VersionID: v.Version.ID, VersionNo: v.Version.No, State: v.Version.State, TierRank: v.Version.Tier.Rank(), CreatedAt: f.Capability.CreatedAt,
		SortName: strings.ToLower(f.Agent.Name + " " + body.Task.Title)}
	if v.Version.State == Draft {
		row.TierRank = -1
	}
	row.OwnerID, _ = v.Holder(BusinessOwner)
	row.ProvisionerID, _ = v.Holder(Provisioner)
	row.ControlOwnerID, _ = v.Holder(ControlOwner)
	approvers := f.signers(v)
	row.Approvers = canonical(approvers)
	if f.Open != nil && f.Open != v {
		row.OpenVersionID, row.OpenState = f.Open.Version.ID, f.Open.Version.State
	}
	if m := f.Mandate; m != nil {
		row.OwnerID, row.ProvisionerID, row.ControlOwnerID = m.OwnerID, m.ProvisionerID, m.ControlOwnerID
		row.MandateID, row.ReviewDueAt, row.UntilAt = m.ID, m.ReviewDueAt.Ref(), m.UntilAt.Ref()
	}
	row.ApprovedAt = v.Version.ApprovedAt
	for _, h := range f.Holds {
		if h.LiftedAt == nil && h.TargetKind == OnCapability {
			row.Holds++
		}
	}
	row.Holes = holes(row, len(approvers) < v.Version.Need || v != f.Force && len(v.Unspoken()) > 0 || v.Version.State == Draft, body)
	return row, f.audience()
}

func holes(row MatrixRow, unsigned bool, body Contents) Hole {
	var h Hole
	set := func(is bool, bit Hole) {
		if is {
			h |= bit
		}
	}
	set(row.OwnerID == "", HoleOwner)
	set(row.ProvisionerID == "", HoleProvisioner)
	set(row.ControlOwnerID == "", HoleControlOwner)
	set(unsigned, HoleApprovers)
	set(len(body.Scope.Grants) == 0, HoleScope)
	set(body.Oversight.StopHow == "", HoleOversight)
	set(row.MandateID == "", HoleMandate)
	return h
}

// signers are the people whose sign-offs stand behind what is shown.
func (f CapabilityFacts) signers(v *VersionFile) []string {
	out := []string{}
	if v == f.Force {
		for _, s := range f.Seats {
			out = append(out, s.SignerID)
		}
		return out
	}
	for _, s := range v.Valid() {
		out = append(out, s.SignerID)
	}
	return out
}

// audience is everybody who stands in, is nominated in or signed the version in
// force or the newest one, and the agent's owner.
func (f CapabilityFacts) audience() []Audience {
	seen := map[string]bool{}
	var out []Audience
	add := func(person string) {
		if person != "" && !seen[person] {
			seen[person] = true
			out = append(out, Audience{CapabilityID: f.Capability.ID, PersonID: person})
		}
	}
	add(f.Agent.OwnerID)
	for _, v := range []*VersionFile{f.Force, f.Open, f.Last} {
		if v == nil {
			continue
		}
		for p := range v.Standings {
			add(p)
		}
		for _, n := range v.Nominations {
			if n.State == NominationOpen || n.State == NominationAccepted {
				add(n.PersonID)
			}
		}
	}
	return out
}

// SystemUse says that a capability in force reaches a system, as of what was signed.
type SystemUse struct {
	SystemID     string `gorm:"primaryKey"`
	CapabilityID string `gorm:"primaryKey"`
}

func (SystemUse) TableName() string { return "system_uses" }

// SystemUses are the systems that the version in force reaches; none where
// nothing is in force.
func (f CapabilityFacts) SystemUses() []SystemUse {
	if f.Force == nil || f.Mandate == nil || f.Mandate.EndedAt != nil {
		return nil
	}
	seen := map[string]bool{}
	var out []SystemUse
	for _, x := range f.Force.Version.Doc().Facts {
		if !seen[x.SystemID] {
			seen[x.SystemID] = true
			out = append(out, SystemUse{SystemID: x.SystemID, CapabilityID: f.Capability.ID})
		}
	}
	return out
}
