package models

import "strings"

// Decision is one answer to a gateway, as the log has it. It is written once, before the
// answer is given, and never changed. What is in it is all that is kept of a request: no
// body, no header, no property of subject, resource or context.
type Decision struct {
	ID           int64   `gorm:"primaryKey;autoIncrement:false" json:"id"` // the replica's number in the upper bits
	At           Instant `json:"at"`
	Allow        bool    `json:"allow"`
	Rule         string  `json:"rule"` // what said no, or "allow"
	GatewayID    string  `json:"gateway_id"`
	Subject      string  `json:"subject"` // as the request named it, where that was not an agent's id
	AgentID      string  `json:"agent_id"`
	CapabilityID string  `json:"capability_id"`
	MandateID    string  `json:"mandate_id"` // or the emergency's id
	VersionID    string  `json:"version_id"`
	Digest       string  `json:"digest"`
	OperationID  string  `json:"operation_id"`
	Operation    string  `json:"operation"`
	System       string  `json:"system"`
	Resource     string  `json:"resource"`
	Sensitivity  string  `json:"sensitivity"`
	Volume       int64   `json:"volume"`
	Manifest     string  `json:"manifest"`
	Attested     string  `json:"attested"`
	TaskRun      string  `json:"task_run"`
	Instance     string  `json:"instance"`
	Trace        string  `json:"trace"`
	Environment  string  `json:"environment"`
	Chain        string  `json:"chain"`    // canonical JSON of []ChainLink; "" for none
	Policies     string  `json:"policies"` // ids, with commas
	RequestID    string  `json:"request_id"`
}

func (Decision) TableName() string { return "decisions" }

// subjectType keeps a colon in a subject's type apart from the one before its id.
var subjectType, plainType = strings.NewReplacer("%", "%25", ":", "%3A"), strings.NewReplacer("%25", "%", "%3A", ":")

// NamedSubject is what Subject has of a subject of this type and id.
func NamedSubject(kind, id string) string { return subjectType.Replace(kind) + ":" + id }

// SubjectNamed is a subject's type and id as the request had them; false where the request
// named an agent that is known by its id.
func (d Decision) SubjectNamed() (kind, id string, named bool) {
	kind, id, named = strings.Cut(d.Subject, ":")
	return plainType.Replace(kind), id, named
}

// ChainLink is what one agent of a chain acted under.
type ChainLink struct {
	AgentID      string `json:"agent_id"`
	CapabilityID string `json:"capability_id"`
	MandateID    string `json:"mandate_id"`
}

// ReplicaBits are the lower bits of a decision's id; above them is the number of the
// replica's start.
const ReplicaBits = 40

// Replica is the number of the start of the process that wrote it.
func (d Decision) Replica() int64 { return d.ID >> ReplicaBits }

// DecisionPart is a sealed part of the log: the ledger commits to its root.
type DecisionPart struct {
	ID       string  `json:"id" gorm:"primaryKey"`
	Replica  int64   `json:"replica"`
	FromID   int64   `json:"from_id"`
	ToID     int64   `json:"to_id"`
	N        int64   `json:"n"`
	FromAt   Instant `json:"from_at"`
	ToAt     Instant `json:"to_at"`
	Root     string  `json:"root"` // of the Merkle tree over the rows' canonical JSON (RFC 6962), hex
	SealedAt Instant `json:"sealed_at"`
	Record
}

func (DecisionPart) TableName() string { return "decision_parts" }
func (p DecisionPart) Key() string     { return p.ID }
