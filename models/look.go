package models

import (
	"maps"
	"slices"
	"strings"
)

// Look is what a person opened of a version in a round before deciding on it. It
// is no governance row: it never blocks, and nothing follows from it but what
// is kept with their decision. A changed version is another version, so a look
// never counts for contents that were not seen.
type Look struct {
	PersonID  string  `gorm:"primaryKey"`
	VersionID string  `gorm:"primaryKey"`
	Round     int     `gorm:"primaryKey;autoIncrement:false"`
	FirstAt   Instant // when it was first opened
	LastAt    Instant
	Opens     int    // how many times any of it was opened
	Parts     string // which views, in the order in which they were first opened, comma separated
}

// TableName names the table.
func (Look) TableName() string { return "looks" }

// Opened are the views that were opened.
func (l Look) Opened() []string { return split(l.Parts) }

func split(parts string) []string {
	if parts == "" {
		return []string{}
	}
	return strings.Split(parts, ",")
}

// The views of a version that a look tells apart.
const (
	LookChanges  = "changes"  // what changed since it was last approved
	LookMine     = "mine"     // since the reader last signed
	LookWhole    = "whole"    // everything
	LookAgent    = "agent"    // the agent's manifest
	LookPolicy   = "policy"   // the compiled Cedar text
	LookComments = "comments" // what was asked and answered
)

// Looks are all of them.
var Looks = []string{LookChanges, LookMine, LookWhole, LookAgent, LookPolicy, LookComments}

// QuickBetween is how little time lies between two decisions that count as made
// in a row.
const QuickBetween = 2 * Minute

// Decided is one decision and how it came about: derived from the ledger's entry
// and its details (DecidedFrom), in the act's own transaction.
type Decided struct {
	Seq          int64 `gorm:"primaryKey;autoIncrement:false"`
	PersonID     string
	VersionID    string
	CapabilityID string
	Tier         Tier
	Decision     string   // DecidedSignOff, DecidedChanges, DecidedRefusal
	OpenedAt     *Instant // nil: it was never opened on its page
	DecidedAt    Instant
	Opens        int
	Parts        string
	InARow       int // decisions up to this one with less than QuickBetween between; 1 for none before
}

// TableName names the table.
func (Decided) TableName() string { return "decisions_made" }

// What was decided, as figures count it.
const (
	DecidedSignOff = "sign_off"
	DecidedChanges = "changes"
	DecidedRefusal = "refusal"
)

// decisions are the acts that decide on a version.
var decisions = map[string]string{
	"version.signed_off": DecidedSignOff, "version.sent_back": DecidedChanges,
	"version.refused": DecidedRefusal, "restart.refused": DecidedRefusal,
}

// Decides says whether the ledger action is a decision on a version, and which.
func Decides(act string) (decision string, ok bool) {
	decision, ok = decisions[act]
	return decision, ok
}

// DecisionActs are the ledger's actions that decide on a version.
func DecisionActs() []string { return slices.Sorted(maps.Keys(decisions)) }

// The details under which a decision says how it came about.
const (
	detailOpenedAt = "opened_at"    // microseconds since 1970 UTC; absent where it was never opened
	detailOpenFor  = "open_seconds" // whole seconds from the first opening to the decision
	detailOpens    = "opens"
	detailOpened   = "opened" // the views
	detailInARow   = "in_a_row"
)

// evidence notes on what a decision was made and how it came about: since when the person had the version
// open, what of it they opened, and how many they decided in a row. It never blocks.
func (f CapabilityFacts) evidence(c *Change, v *VersionFile) {
	row := 1
	if last := f.LastDecided; last != nil && f.Now-last.DecidedAt < QuickBetween {
		row = last.InARow + 1
	}
	c.note("version", v.Version.No)
	c.note("digest", v.Version.Digest)
	c.note("round", v.Version.Round)
	c.note(detailInARow, row)
	i := slices.IndexFunc(f.Looks, func(l Look) bool { return l.VersionID == v.Version.ID && l.Round == v.Version.Round })
	if i < 0 {
		c.note(detailOpens, 0)
		return
	}
	l := f.Looks[i]
	c.note(detailOpenedAt, int64(l.FirstAt))
	c.note(detailOpenFor, int64((f.Now-l.FirstAt)/Second))
	c.note(detailOpens, l.Opens)
	c.note(detailOpened, l.Opened())
}

// DecidedFrom reads how a decision came about from its entry's details, as they
// are noted and as they come back from the record: numbers of either kind.
func DecidedFrom(seq int64, at Instant, act, actor string, v Version, details map[string]any) (Decided, bool) {
	decision, ok := Decides(act)
	if !ok {
		return Decided{}, false
	}
	d := Decided{Seq: seq, PersonID: actor, VersionID: v.ID, CapabilityID: v.CapabilityID, Tier: v.Tier, Decision: decision, DecidedAt: at,
		Opens: int(whole(details[detailOpens])), Parts: list(details[detailOpened]), InARow: max(1, int(whole(details[detailInARow])))}
	if opened := whole(details[detailOpenedAt]); opened > 0 {
		d.OpenedAt = Instant(opened).Ref()
	}
	return d, true
}

func whole(v any) int64 {
	switch n := v.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case float64: // JSON's; an instant in microseconds is exact until the year 2255
		return int64(n)
	}
	return 0
}

func list(v any) string {
	switch l := v.(type) {
	case []string:
		return strings.Join(l, ",")
	case []any:
		var out []string
		for _, x := range l {
			if s, ok := x.(string); ok {
				out = append(out, s)
			}
		}
		return strings.Join(out, ",")
	}
	return ""
}

// WithoutEvidence are an act's details without how it came about, for those whom
// that is not for.
func WithoutEvidence(details map[string]any) map[string]any {
	out := maps.Clone(details)
	for _, key := range []string{detailOpenedAt, detailOpenFor, detailOpens, detailOpened, detailInARow} {
		delete(out, key)
	}
	return out
}

// Evidence is how a decision came about, from its entry's details; not ok where
// there is none.
func Evidence(e HistoryEntry) (d Decided, ok bool) {
	if _, ok := e.Details[detailInARow]; !ok {
		return Decided{}, false
	}
	return DecidedFrom(e.Seq, e.At, e.Act, e.ActorID, Version{ID: e.Subject, CapabilityID: e.CapabilityID}, e.Details)
}
