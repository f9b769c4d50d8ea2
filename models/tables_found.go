package models

import "strings"

// Found is an agent or system that a file names and that is not registered, or
// not in the catalogue: one row a name, whatever how often it is seen.
type Found struct {
	ID          string   `json:"id" gorm:"primaryKey"`
	Kind        string   `json:"kind"`     // ImportAgent or ImportSystem
	Name        string   `json:"name"`     // as it was first written
	NameKey     string   `json:"name_key"` // NameKey of it
	URL         string   `json:"url"`      // where it answers; "" when nobody said
	URLKey      string   `json:"url_key"`  // AddressKey of it
	How         string   `json:"how"`      // in plain words how it was named last: "hands work to it"
	File        string   `json:"file"`     // in which it was seen last
	Pointer     string   `json:"pointer"`  // where in the file
	ImportID    *string  `json:"import_id"`
	SeenBy      string   `json:"seen_by"` // who brought the file, or SystemActor
	FirstSeenAt Instant  `json:"first_seen_at"`
	LastSeenAt  Instant  `json:"last_seen_at"`
	Times       int64    `json:"times"` // in how many imports it was seen
	State       string   `json:"state"`
	OpenedAt    Instant  `json:"opened_at"` // since when it waits: first seen, or opened again
	AgentID     *string  `json:"agent_id"`  // what it is registered as, while claimed
	SystemID    *string  `json:"system_id"` // likewise in the catalogue
	Reason      string   `json:"reason"`    // why it was dismissed; "" otherwise
	DecidedBy   *string  `json:"decided_by"`
	DecidedAt   *Instant `json:"decided_at"`
	Record
}

// States of what was found.
const (
	FoundOpen      = "open"      // nobody owns it
	FoundClaimed   = "claimed"   // it is somebody's agent, or in the catalogue
	FoundDismissed = "dismissed" // it is none of ours; the reason says why
)

func (Found) TableName() string { return "found" }
func (r Found) Key() string     { return r.ID }

// AgentAddress is an address at which an agent that is not retired answers:
// derived from its draft, so that an agent is found by it.
type AgentAddress struct {
	AgentID string `gorm:"primaryKey"`
	URLKey  string `gorm:"primaryKey"`
}

func (AgentAddress) TableName() string { return "agent_addresses" }

// NameKey is a name as names are compared: one line, in small letters, and what
// files write with - or _ for a space is that space. "code-reviewer" is "Code reviewer".
func NameKey(name string) string {
	return strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(oneLine(name)))
}

// AddressKey is an address as addresses are compared: in small ASCII letters,
// without the slashes at its end.
func AddressKey(url string) string {
	return strings.TrimRight(strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, oneLine(url)), "/")
}

// Addresses are the keys of the addresses at which the agent answers; none once
// it is retired.
func (a Agent) Addresses() []string {
	if a.State == AgentRetired {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	for _, i := range a.Manifest().Interfaces {
		if k := AddressKey(i); k != "" && !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}
