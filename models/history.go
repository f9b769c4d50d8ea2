package models

// HistoryEntry is one act of the ledger as a history shows it: who did what,
// when, with the details that were kept beside the entry.
type HistoryEntry struct {
	Seq          int64
	At           Instant
	Act          string // such as "version.signed_off"
	ActorID      string // a person, or SystemActor
	Actor        HistoryPerson
	Subject      string // the id of what the act was about
	Outcome      string
	Hash         string // of the ledger entry
	CapabilityID string // the capability in whose history it is too, or ""
	Capability   string // its title
	// Details are nil when they were erased.
	Details map[string]any
	// People are those whom the details name, under the details' own keys; the
	// subject, where it is a person, is "subject".
	People map[string]HistoryPerson
}

// HistoryPerson is somebody by name and team; the zero one is not known.
type HistoryPerson struct{ ID, Name, Team string }

// Text is a detail that is text, or "".
func (e HistoryEntry) Text(key string) string {
	s, _ := e.Details[key].(string)
	return s
}

// Number is a detail that is a number, or 0.
func (e HistoryEntry) Number(key string) int {
	n, _ := e.Details[key].(float64) // what JSON reads a number as
	return int(n)
}
