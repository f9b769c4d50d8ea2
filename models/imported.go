package models

import "encoding/json"

// ImportOutcome says how the reading of one thing in a file ended.
type ImportOutcome = string

const (
	ImportClean   ImportOutcome = "imported" // read, with nothing to ask
	ImportWarned  ImportOutcome = "warned"   // read, and the owner has something to look at
	ImportRefused ImportOutcome = "refused"  // not read; the first warning says why
)

// ImportKind says what a file describes, as far as anybody can tell from its contents.
type ImportKind = string

const (
	ImportAgent   ImportKind = "agent"
	ImportSystem  ImportKind = "system"
	ImportUnknown ImportKind = "unknown"
)

// Imported is one thing that a file holds. A file has one or more of them, and a file that
// cannot be read has one that is refused. It is a proposal and not yet a draft: everything in
// it was written by a stranger, is plain text of bounded length, and is shown escaped.
// Its JSON form is one line of `countersign import`.
type Imported struct {
	File     string          `json:"file"`   // as the caller named it
	Format   string          `json:"format"` // "a2a-card/1.0", "a2a-card/0.3", "a2a-card/0.x", "openapi" …; "unknown"
	Kind     ImportKind      `json:"kind"`
	Name     string          `json:"name"` // "" when none could be read
	Outcome  ImportOutcome   `json:"outcome"`
	Warnings []ImportWarning `json:"warnings"`

	Digest string          `json:"-"` // "sha256:" and the hex digest of the file's bytes
	Agent  *ImportedAgent  `json:"-"` // nil when refused, and when the thing is no agent
	System *ImportedSystem `json:"-"` // nil when refused, and when the thing is no system
	Seen   []ImportedSeen  `json:"-"` // other agents and systems that the file names and does not describe
}

// ImportedSeen is an agent or system that a file names: somebody has to claim it.
type ImportedSeen struct {
	Kind    ImportKind // agent or system
	Name    string     // at most 200 runes, one line, never empty
	URL     string     // where it answers; "" when the file does not say
	How     string     // in plain words how the file names it: "hands work to it", "may use it"
	Pointer string     // where the file says so
}

// ImportWarning names one place in the file and what to do about it.
type ImportWarning struct {
	Where   string `json:"where"`          // a JSON pointer (RFC 6901), or "line 12", or "line 12, column 3"
	Message string `json:"message"`        // plain words for a business owner
	Line    int    `json:"line,omitempty"` // from 1; 0 when the format has no lines
}

// ImportFieldStatus says how far one field of the draft can be believed.
type ImportFieldStatus = string

const (
	FieldRead        ImportFieldStatus = "read"        // taken as it stands
	FieldMissing     ImportFieldStatus = "missing"     // the file does not say; the draft's field is empty
	FieldOdd         ImportFieldStatus = "odd"         // taken in part or not at all; Note says why
	FieldPlaceholder ImportFieldStatus = "placeholder" // a gap for somebody to fill, like ${URL}; the draft's field is empty
	FieldDefaulted   ImportFieldStatus = "defaulted"   // the file does not say; the standard's own default was taken
	FieldUnverified  ImportFieldStatus = "unverified"  // a claim that nobody has checked, such as a signature
	FieldIgnored     ImportFieldStatus = "ignored"     // in the file, and not used by the draft
)

// ImportedField says where one field of the draft came from.
type ImportedField struct {
	Field   string // its name in the draft: "name", "skills[0].description"; "" for what is in the file only
	Value   string // what the file says, made safe to show; for a list its items with commas between
	Pointer string // where in the file: a JSON pointer (RFC 6901)
	Line    int    // from 1; for a missing field the line of the object that should hold it
	Status  ImportFieldStatus
	Note    string // plain words; "" when there is nothing to say
}

// ImportedAgent is what a file says of an agent. A field that was missing, a placeholder or
// unusable is empty here: Fields says which of these it was.
type ImportedAgent struct {
	Name             string // at most 200 runes, one line, never empty
	Description      string // at most 4,000 runes
	Version          string
	Model            string // as the file names it; "" where it leaves the choice open
	PromptDigest     string // SHA-256 of the system prompt, hex; "" when the file holds none
	Provider         string
	ProviderURL      string // http or https only
	DocumentationURL string // http or https only
	Interfaces       []ImportedInterface
	Skills           []ImportedSkill // at most 200; ids may be empty or repeated
	InputModes       []string        // media types
	OutputModes      []string
	Extensions       []ImportedExtension
	Security         ImportedSecurity
	Tools            ImportedAccess // what the agent reaches
	Delegates        []ImportedDelegate
	Signatures       int             // how many the file carries; none of them was checked
	Fields           []ImportedField // where each field above came from, and what was missing, odd or left aside
}

// ImportedInterface is one address at which the agent answers. URL is empty where it was unusable.
type ImportedInterface struct {
	URL             string
	Protocol        string // "JSONRPC", "GRPC", "HTTP+JSON" or the URL of a custom binding
	ProtocolVersion string
	Tenant          string
}

// ImportedSkill is something that the agent says it can do: a task to propose, not a permission.
type ImportedSkill struct {
	ID          string
	Name        string
	Description string
	Tags        []string
	Examples    []string
	InputModes  []string
	OutputModes []string
	Requires    []ImportedRequirement // in addition to the agent's own
}

// ImportedExtension is an addition to the protocol that the agent speaks.
type ImportedExtension struct {
	URI      string
	Required bool // callers that do not know it cannot use the agent
}

// ImportedSecurity is how the agent says that its callers prove who they are.
// With Stated false the file says nothing, which does not mean that anybody may call.
type ImportedSecurity struct {
	Stated       bool
	Schemes      []ImportedScheme
	Requirements []ImportedRequirement // alternatives: any one of them is enough
}

// ImportedScheme is one way to prove who is calling. Name is empty where it was a placeholder.
type ImportedScheme struct {
	Name   string
	Type   string // "apiKey", "http", "oauth2", "openIdConnect", "mutualTLS" or "unknown"
	Detail string // "header X-Key", "bearer"; "" when there is nothing to add
	URLs   []string
	Scopes []string
}

// ImportedRequirement is a set of schemes that are all needed together.
// An empty one lets anybody call.
type ImportedRequirement struct {
	Schemes []ImportedSchemeUse
}

// ImportedSchemeUse is one scheme of a requirement with the scopes it asks for. Scheme is
// empty where its name was a placeholder: something is asked for all the same.
type ImportedSchemeUse struct {
	Scheme string
	Scopes []string
}

// ImportAccess is three-valued: what a file leaves out, writes as * or works out while it
// runs is unknown, and is never taken for none.
type ImportAccess = string

const (
	AccessUnknown ImportAccess = "unknown" // or all
	AccessNone    ImportAccess = "none"    // the file says in so many words that there is none
	AccessListed  ImportAccess = "listed"
)

// ImportedAccess is what an agent reaches, as far as its file says.
type ImportedAccess struct {
	Access ImportAccess
	Listed []string // only with AccessListed
	Note   string   // plain words

	Digests map[string]string // of a listed tool: SHA-256, hex, of its description where the file has one
}

// ImportedSystem is what a file says of a system that agents reach, such as an MCP server.
// Its operations and their annotations are the word of an untrusted party.
type ImportedSystem struct {
	Name        string // at most 200 runes, one line, never empty
	Title       string // for people; "" when the file gives none
	Description string // at most 4,000 runes
	Version     string
	Kind        string // a system's kind in the catalogue, such as "mcp_server"
	Repository  string // http or https only
	Website     string // http or https only
	Remotes     []ImportedRemote
	Packages    []ImportedPackage
	Access      ImportAccess        // whether Operations is all that it offers
	Operations  []ImportedOperation // at most 5,000, each name once
	Secrets     []ImportedSecret    // standing secrets that it wants; names only
	Network     []string            // hosts it may reach; {"*"} where the file allows all
	Fields      []ImportedField
}

// ImportedRemote is an address at which a system answers.
type ImportedRemote struct {
	Transport string // "streamable-http", "sse" …
	URL       string // "" where it was unusable or a placeholder
}

// ImportedPackage is a program that runs the system.
type ImportedPackage struct {
	Registry   string // "npm", "pypi", "oci" …
	Identifier string
	Version    string
	Transport  string
}

// ImportedOperation is one thing that can be done on a system, as the system says.
type ImportedOperation struct {
	Name              string // as the system calls it
	Title             string // in words: its title, or the beginning of its description
	DescriptionDigest string // SHA-256, hex, of the description; "" when there is none
	Access            string // one of Accesses: "unknown" unless something raises it
	Effects           []string
	Why               string // in plain words what Access and Effects were taken from
}

// ImportedSecret names a standing secret that a system asks for, never its value.
type ImportedSecret struct {
	Name     string
	Required bool
	Marked   bool // the file itself calls it a secret; otherwise its name gives it away
}

// ImportedDelegate is another agent to which this one passes work on.
type ImportedDelegate struct {
	Name    string
	URL     string
	Pointer string // where the file says so
}

// Refused reports whether the thing was not read. Its first warning says why.
func (i Imported) Refused() bool { return i.Outcome == ImportRefused }

// JSONLine is the thing as one line of `countersign import`, ending in a line feed, with
// warnings always a list.
func (i Imported) JSONLine() ([]byte, error) {
	if i.Warnings == nil {
		i.Warnings = []ImportWarning{}
	}
	line, err := json.Marshal(i)
	return append(line, '\n'), err
}
