package models

import (
	"fmt"
	"slices"
	"strings"
)

// Agent is a high-risk workload identity.
type Agent struct {
	ID          string  `json:"id" gorm:"primaryKey"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	State       string  `json:"state"`       // draft, registered, retired
	OwnerID     string  `json:"owner_id"`    // the business owner who registers it
	Draft       string  `json:"draft"`       // canonical JSON of the Manifest being filled in
	RevisionID  *string `json:"revision_id"` // the newest registered revision
	ImportID    *string `json:"import_id"`
	CreatedAt   Instant `json:"created_at"`
	Record
}

// Agent states.
const (
	AgentDraft      = "draft"
	AgentRegistered = "registered"
	AgentRetired    = "retired"
)

func (Agent) TableName() string { return "agents" }
func (a Agent) Key() string     { return a.ID }

// AgentRevision is an agent's manifest as registered: immutable, with its digest.
type AgentRevision struct {
	ID        string  `json:"id" gorm:"primaryKey"`
	AgentID   string  `json:"agent_id"`
	No        int     `json:"no"`
	Document  string  `json:"document"` // canonical JSON of the Manifest
	Digest    string  `json:"digest"`   // SHA-256 of Document, hex
	CreatedBy string  `json:"created_by"`
	CreatedAt Instant `json:"created_at"`
	Record
}

func (AgentRevision) TableName() string { return "agent_revisions" }
func (r AgentRevision) Key() string     { return r.ID }

// Binding ties an issuer's subject pattern and audience to one agent; go-live
// inserts it, and no two agents hold the same open one.
type Binding struct {
	ID       string   `json:"id" gorm:"primaryKey"`
	AgentID  string   `json:"agent_id"`
	Issuer   string   `json:"issuer"`
	Subject  string   `json:"subject"`
	Audience string   `json:"audience"`
	BoundAt  Instant  `json:"bound_at"`
	EndedAt  *Instant `json:"ended_at"`
	Record
}

func (Binding) TableName() string { return "bindings" }
func (b Binding) Key() string     { return b.ID }

// System is what an agent can reach.
type System struct {
	ID              string `json:"id" gorm:"primaryKey"`
	Name            string `json:"name"`
	Kind            string `json:"kind"` // saas, cloud, infrastructure, data_store, mcp_server, internal_api
	Description     string `json:"description"`
	Sensitivity     string `json:"sensitivity"`
	CustodianTeamID string `json:"custodian_team_id"`
	State           string `json:"state"`                    // active, retired
	Source          string `json:"source,omitempty"`         // the format of the file or published catalogue that made it; "" for a person
	AsksCustodian   int    `json:"asks_custodian,omitempty"` // 1: what reaches it takes a sign-off of the custodian team
	Record
}

// System kinds, in the order of the form.
var SystemKinds = []Choice{
	{"saas", "Software as a service"}, {"cloud", "Cloud account"}, {"infrastructure", "Infrastructure"},
	{"data_store", "Data store"}, {"mcp_server", "MCP server"}, {"internal_api", "Internal API"},
}

func (System) TableName() string { return "systems" }
func (s System) Key() string     { return s.ID }

// Operation is one thing that can be done on a system.
type Operation struct {
	ID       string `json:"id" gorm:"primaryKey"`
	SystemID string `json:"system_id"`
	Name     string `json:"name"`             // as the system calls it, such as "issues.write"
	Title    string `json:"title"`            // in words
	Access   string `json:"access"`           // list, read, write, permissions, unknown
	Effects  string `json:"effects"`          // canonical JSON array, sorted
	State    string `json:"state"`            // active, retired
	Source   string `json:"source,omitempty"` // canonical JSON of what a file last said of it; "" for none
	Record
}

func (Operation) TableName() string { return "operations" }
func (o Operation) Key() string     { return o.ID }

// SecretRef names a standing secret that reaches a system: a reference, never the secret.
type SecretRef struct {
	ID        string `json:"id" gorm:"primaryKey"`
	SystemID  string `json:"system_id"`
	Name      string `json:"name"`
	Reference string `json:"reference"` // where it is kept, such as a vault path; "" while nobody has said
	State     string `json:"state"`     // active, retired
	Record
}

func (SecretRef) TableName() string { return "secret_refs" }
func (s SecretRef) Key() string     { return s.ID }

// Import is one file that made or updated an agent's draft.
type Import struct {
	ID      string `json:"id" gorm:"primaryKey"`
	AgentID string `json:"agent_id"`
	File    string `json:"file"`
	Format  string `json:"format"`
	SHA256  string `json:"sha256" gorm:"column:sha256"`
	Outcome string `json:"outcome"`
	Fields  string `json:"fields"` // canonical JSON of []Origin
	// Which of the things in the file it was, and what the file says of the manifest
	// (canonical JSON of Manifest): what the next import of it is compared with. Both
	// are "" in what was imported before they were kept.
	Thing     string  `json:"thing,omitempty"`
	Took      string  `json:"took,omitempty"`
	CreatedBy string  `json:"created_by"`
	CreatedAt Instant `json:"created_at"`
	Record
}

func (Import) TableName() string { return "imports" }
func (i Import) Key() string     { return i.ID }

// Origin says of one field of a draft where in the file it came from.
type Origin struct {
	Field   string `json:"field"`   // in the draft; "" for what is only in the file
	Value   string `json:"value"`   // as the file has it
	Pointer string `json:"pointer"` // RFC 6901
	Status  string `json:"status"`  // an ImportFieldStatus
	Note    string `json:"note"`
}

// Origins are where the fields of the draft came from, in the draft's order.
func (i Import) Origins() []Origin { return parseBody[[]Origin](i.Fields) }

// Manifest is what the file said of the agent.
func (i Import) Manifest() Manifest { return parseBody[Manifest](i.Took) }

// Suggestion is a task that a file says the agent can do: a proposal from a
// stranger, and no permission.
type Suggestion struct {
	No          int // its place in the file, from 0
	Name        string
	Description string
}

// Suggestions are the tasks that the file suggests, in its order. What is a
// placeholder there is left out.
func (i Import) Suggestions() []Suggestion {
	var out []Suggestion
	for _, o := range i.Origins() {
		var no int
		var what string
		if n, _ := fmt.Sscanf(strings.Replace(o.Field, "].", "] ", 1), "skills[%d] %s", &no, &what); n != 2 || o.Value == "" || o.Status == FieldPlaceholder {
			continue
		}
		if len(out) == 0 || out[len(out)-1].No != no {
			out = append(out, Suggestion{No: no})
		}
		switch s := &out[len(out)-1]; what {
		case "name":
			s.Name = o.Value
		case "description":
			s.Description = o.Value
		case "id":
			if s.Name == "" {
				s.Name = o.Value
			}
		}
	}
	return slices.DeleteFunc(out, func(s Suggestion) bool { return s.Name == "" && s.Description == "" })
}
