package models

import "slices"

// VersionFile is a version with everything that hangs on it.
type VersionFile struct {
	Version       Version
	Parts         map[Part]VersionPart
	Contributions []Contribution
	Nominations   []Nomination
	Standings     map[string]string // person → side
	Acceptances   []Acceptance
	SignOffs      []SignOff // of every round, oldest first
	Recalls       []Recall
	HadMandate    bool // it was once in force, and not found to be one person's work: its parts may be carried
}

// CapabilityFacts are the facts for every act on a capability and its versions,
// read after the lock.
type CapabilityFacts struct {
	Env
	Capability Capability
	Agent      Agent
	Revision   *AgentRevision // the agent's newest, nil before it is registered
	Open       *VersionFile   // draft, proposed, in review or approved
	Force      *VersionFile   // the version of the open mandate
	Last       *VersionFile   // the newest version, whatever its state
	Asked      *VersionFile   // the version that a page shows, whatever its state; nil for acts
	Mandate    *Mandate       // open
	Seats      []Seat         // of the open mandate
	Holds      []Hold         // open, on the capability, its agent or one of its people
	Restart    *Restart       // open
	Reviews    []ReviewFile   // open, and those of changes of the version in force
	Duties     []Duty         // open, of this capability
	Rules      TierRulesRow   // active
	Operations map[string]Operation
	Systems    map[string]System
	Secrets    map[string]SecretRef
	People     map[string]Party // everybody mentioned here or asked for
	Approvers  []Party          // who holds the role now; of acts, only those on a draft
	Bindings   []Binding        // open ones of this agent, and others' with an identity of its manifest
	Siblings   []Sibling        // the agent's other capabilities with an open mandate
	Passkeys   []Passkey        // the actor's, in use; of acts, only where a challenge is answered
	Challenge  *Challenge       // that is answered, nil for none
	Looks      []Look           // what the actor opened of the versions here; of acts by approvers only

	LastDecided *Decided // the actor's last decision on any version, nil for none; of acts by approvers only

	// For how many other capabilities, in force or on their way, the actor holds one of the
	// three roles; only where one of this is offered to them.
	Load int

	StandsFor []Standin // for whom the actor stands in just now, where they are an approver

	Switch         *EmergencySwitch // the emergency path, while it is on
	Emergencies    []Emergency      // of the capability, newest first
	EmergencyNos   map[string]int   // the numbers of their versions
	EmergencyHolds []Hold           // open, on what runs or would run under an emergency
}

// Sibling is another capability of the same agent that is in force.
type Sibling struct {
	CapabilityID string
	VersionID    string  // in force
	StewardID    string  // its owner, or the next of its makers who is still here; "" for nobody
	LiftOwed     bool    // somebody is asked to state a cause and a restart, or has
	RestartedAt  Instant // when the last restart of it that was signed was asked for; 0 for never
}

// Contents are the parsed parts.
func (v VersionFile) Contents() Contents {
	return Contents{
		Task:      parseBody[Task](v.Parts[TaskPart].Body),
		Scope:     parseBody[Scope](v.Parts[ScopePart].Body),
		Oversight: parseBody[Oversight](v.Parts[OversightPart].Body),
	}
}

// Nominee is the person nominated for the role just now: offered or accepted. Of
// two, the offer to a successor is not yet the answer, so accepted wins.
func (v VersionFile) Nominee(r Role) (string, bool) {
	if n, ok := v.nomination(r, NominationAccepted); ok {
		return n.PersonID, true
	}
	n, ok := v.nomination(r, NominationOpen)
	return n.PersonID, ok
}

// Holder is the person who accepted the role on this version, last.
func (v VersionFile) Holder(r Role) (string, bool) {
	n, ok := v.nomination(r, NominationAccepted)
	return n.PersonID, ok
}

// Offered is the open nomination for the role.
func (v VersionFile) Offered(r Role) (Nomination, bool) { return v.nomination(r, NominationOpen) }

func (v VersionFile) nomination(r Role, state string) (Nomination, bool) {
	for _, n := range v.Nominations {
		if n.Role == r && n.State == state {
			return n, true
		}
	}
	return Nomination{}, false
}

// Valid are the sign-offs that count: of this round, not recalled.
func (v VersionFile) Valid() []SignOff {
	var out []SignOff
	for _, s := range v.SignOffs {
		recalled := slices.ContainsFunc(v.Recalls, func(r Recall) bool { return r.SignOffID == s.ID })
		if s.Round == v.Version.Round && s.Digest == v.Version.Digest && !recalled {
			out = append(out, s)
		}
	}
	return out
}

// MakerRoles are the three roles that are nominated and accepted.
var MakerRoles = []Role{BusinessOwner, Provisioner, ControlOwner}

// file is the version among the facts, or a conflict: it is not the one that
// counts any more.
func (f CapabilityFacts) file(versionID string) (*VersionFile, error) {
	for _, v := range []*VersionFile{f.Open, f.Force, f.Last} {
		if v != nil && v.Version.ID == versionID {
			return v, nil
		}
	}
	return nil, changed()
}

func changed() error {
	return conflict("version.changed", "This changed since you opened it. Nothing was recorded; look at what it is now.")
}

// draft is the open version while it may be edited.
func (f CapabilityFacts) draft() (*VersionFile, error) {
	if f.Open == nil || f.Open.Version.State != Draft {
		return nil, conflict("version.frozen", "This version was submitted and cannot change. Withdraw it, or start a new version.")
	}
	return f.Open, nil
}

// Four says whether the person answers for what is in force, or signed it.
func (f CapabilityFacts) Four(person string) bool {
	for _, v := range []*VersionFile{f.Force, f.Open} {
		if v == nil {
			continue
		}
		for _, r := range MakerRoles {
			if h, ok := v.Nominee(r); ok && h == person {
				return true
			}
		}
		for _, s := range v.Valid() {
			if s.SignerID == person || s.PrincipalID == person {
				return true
			}
		}
	}
	return false
}

// Facts are the catalogue's facts of the operations in a scope, as of now.
func (f CapabilityFacts) Facts(s Scope) []Fact {
	var out []Fact
	for _, g := range s.Grants {
		op, ok := f.Operations[g.OperationID]
		if !ok {
			continue
		}
		out = append(out, FactOf(op, f.Systems[op.SystemID], g.Resources))
	}
	return out
}

// FactOf is one operation's facts.
func FactOf(op Operation, sys System, resources []string) Fact {
	effects := op.EffectList()
	if effects == nil {
		effects = []string{}
	}
	if resources == nil {
		resources = []string{}
	}
	return Fact{OperationID: op.ID, Operation: op.Name, Title: op.Title, Access: op.Access, Effects: effects,
		SystemID: sys.ID, System: sys.Name, SystemKind: sys.Kind, Sensitivity: sys.Sensitivity, Resources: resources}
}

// capabilityChange starts a Change that the histories of the capability and its agent show.
func (f CapabilityFacts) capabilityChange(act, subject string) *Change {
	c := f.change(act, subject)
	c.touch(TouchCapability, f.Capability.ID)
	c.touch(TouchAgent, f.Capability.AgentID)
	return c
}

// Spans within which a duty is due.
var dutyDue = map[string]Instant{
	DutyFill: 14 * Day, DutySubmit: 14 * Day, DutyEdit: 14 * Day, DutyAccept: 7 * Day, DutySign: 7 * Day,
	DutyNominate: 7 * Day, DutySucceed: 7 * Day, DutyTakeOver: 7 * Day, DutyLift: 30 * Day, DutyGoLive: 30 * Day,
	DutyRegister: 30 * Day, DutyConfirm: 14 * Day, DutyClaim: 14 * Day, DutyReviewEmergency: EmergencyReviewDue,
	DutyNarrow: 14 * Day, DutyRenew: RenewBefore,
}

// owe opens a duty of one person.
func (f CapabilityFacts) owe(c *Change, kind, subject, person, detail string) {
	c.oweTo(kind, subject, f.Capability.AgentID, f.Capability.ID, person, "", detail, f.Now)
}

// owePool opens a duty of a pool.
func (f CapabilityFacts) owePool(c *Change, kind, subject, pool, detail string) {
	c.oweTo(kind, subject, f.Capability.AgentID, f.Capability.ID, "", pool, detail, f.Now)
}

func (c *Change) oweTo(kind, subject, agent, capability, person, pool, detail string, now Instant) {
	c.oweBy(kind, subject, agent, capability, person, pool, detail, now, now+dutyDue[kind])
}

// oweBy opens a duty that is due at a moment of its own.
func (c *Change) oweBy(kind, subject, agent, capability, person, pool, detail string, now, due Instant) {
	d := &Duty{ID: c.id("dty"), Kind: kind, Subject: subject, AgentID: agent, CapabilityID: capability,
		Detail: detail, OpenedAt: now, DueAt: due}
	recipient := person
	if pool != "" {
		d.Pool, d.Holder, recipient = &pool, "pool:"+pool, "pool:"+pool
	} else {
		d.PersonID, d.Holder = &person, person
	}
	// Two duties of one kind to one holder at one moment are told apart by a microsecond.
	for c.owed(*d) {
		d.DueAt++
	}
	c.insert(d)
	c.notify("duty."+kind, recipient, d.ID)
}

func (c *Change) owed(d Duty) bool {
	for _, w := range c.writes {
		if o, ok := w.Row.(*Duty); ok && w.Expect == 0 && o.Kind == d.Kind && o.Subject == d.Subject && o.Holder == d.Holder && o.DueAt == d.DueAt {
			return true
		}
	}
	return false
}

// done closes the open duties that match.
func (f CapabilityFacts) done(c *Change, match func(Duty) bool) {
	for i := range f.Duties {
		if d := f.Duties[i]; d.ClosedAt == nil && match(d) {
			d.ClosedAt = f.Now.Ref()
			c.update(&d)
			f.Duties[i] = d
		}
	}
}

// about are the duties that end with the version; the review of its emergency is owed all the same.
func about(versionID string) func(Duty) bool {
	return func(d Duty) bool { return d.Subject == versionID && d.Kind != DutyReviewEmergency }
}

// stand gives a person a side in a version, unless they already have it.
func (v *VersionFile) stand(c *Change, person, side string) {
	if _, ok := v.Standings[person]; ok {
		return
	}
	if v.Standings == nil {
		v.Standings = map[string]string{}
	}
	v.Standings[person] = side
	c.insert(&Standing{VersionID: v.Version.ID, PersonID: person, Side: side})
}

func (f CapabilityFacts) name(person string) string {
	if p, ok := f.People[person]; ok {
		return p.Person.Name
	}
	return "somebody"
}
