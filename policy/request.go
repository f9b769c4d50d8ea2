package policy

import "github.com/go-json-experiment/json"

// Request asks whether an agent may do one thing now. It is the subject, action,
// resource and context of AuthZEN 1.0, with the members of the context that this
// product knows picked out.
type Request struct {
	Subject  Entity // type "agent": the id is an agent's; else it is a subject of the gateway's issuer
	Action   string // an operation's name
	Resource Entity // type: a system's name or id; id: what the scope's patterns are about
	Context  Context
}

// Entity is a subject or a resource.
type Entity struct {
	Type, ID   string
	Properties Properties
}

// Properties are a JSON object as the caller sent it, which is one; "" for none. Most requests
// meet no policy, so they are looked into only by the one that does.
type Properties string

func (p Properties) read() (out map[string]any, err error) {
	if p == "" {
		return nil, nil
	}
	return out, json.Unmarshal([]byte(p), &out)
}

// KnownContext are the members of a request's context that are picked out of it; the rest are
// its properties.
var KnownContext = []string{"capability", "task", "instance", "trace_id", "environment", "sensitivity", "manifest", "volume", "act"}

// Context is what the caller says of the circumstances. All of it is the caller's word.
type Context struct {
	Capability  string     // whose task it is; "" where the agent has only one that covers the action
	Task        string     // the run of the task, as the caller numbers them
	Instance    string     // of the agent
	Trace       string     // the caller's own trace id
	Environment string     // where it runs
	Sensitivity string     // of the data; "" counts as the system's own
	Manifest    string     // digest of the agent revision that runs; "" for not said
	Volume      int64      // how many actions this is, at least 1
	Chain       []Hop      // the agents on whose behalf it acts, the nearest first (RFC 8693, act)
	Said        Properties // the whole context
}

// Hop is one agent of a chain.
type Hop struct {
	Agent      string
	Capability string // "" for any of its own
}

// Bounds of a request.
const (
	MaxID     = 1024 // bytes of an id
	MaxChain  = 16   // hops
	MaxVolume = 1_000_000
)
