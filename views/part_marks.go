package views

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tones of Tag and of the marks. Red is for stopped, overdue and irreversible
// only; amber for what is about to lapse.
const (
	ToneNeutral = "neutral"
	ToneQuiet   = "quiet"
	ToneAccent  = "accent"
	ToneSolid   = "solid"
	ToneAmber   = "amber"
	ToneRed     = "red"
)

type mark struct{ tone, shape string }

// states gives each state its tone and its shape, the same on every page.
var states = map[string]mark{
	"draft":             {ToneQuiet, "dashed"},
	"proposed":          {ToneNeutral, "ring"},
	"in review":         {ToneAccent, "half"},
	"approved":          {ToneAccent, "check"},
	"live":              {ToneSolid, "disc"},
	"held":              {ToneRed, "square"},
	"changes requested": {ToneNeutral, "back"},
	"rejected":          {ToneNeutral, "cross"},
	"withdrawn":         {ToneQuiet, "dash"},
	"superseded":        {ToneQuiet, "double"},
	"revoked":           {ToneRed, "cross"},
	"expired":           {ToneQuiet, "glass"},
	// Of agents, seats, duties and holds.
	"registered": {ToneAccent, "disc"},
	"claimed":    {ToneAccent, "check"},
	"dismissed":  {ToneQuiet, "dash"},
	"added":      {ToneAccent, "check"},
	"retired":    {ToneQuiet, "dash"},
	"active":     {ToneAccent, "disc"},
	"inactive":   {ToneQuiet, "dash"},
	"accepted":   {ToneAccent, "check"},
	"signed":     {ToneAccent, "check"},
	"signed off": {ToneAccent, "check"},
	"waiting":    {ToneNeutral, "ring"},
	"declined":   {ToneNeutral, "cross"},
	"absent":     {ToneAmber, "dash"},
	"has left":   {ToneAmber, "dash"},
	"hole":       {ToneAmber, "dashed"},
	"open":       {ToneNeutral, "ring"},
	"done":       {ToneQuiet, "check"},
	"lifted":     {ToneQuiet, "check"},
	"due soon":   {ToneAmber, "glass"},
	"overdue":    {ToneRed, "glass"},
	"stopped":    {ToneRed, "square"},
	// Of what was sent, and of hooks. Given up is not red: nothing stopped but a message.
	"delivered":            {ToneQuiet, "check"},
	"in the day’s message": {ToneNeutral, "half"},
	"given up":             {ToneAmber, "cross"},
	"not sent":             {ToneQuiet, "dash"},
	"gone":                 {ToneAmber, "dash"},
}

// stateMark takes "in_review" and "In review" as well as "in review".
func stateMark(state string) mark {
	if m, ok := states[strings.ToLower(stateWord(state))]; ok {
		return m
	}
	return mark{ToneNeutral, "ring"}
}

func stateWord(state string) string { return strings.ReplaceAll(state, "_", " ") }

func upperFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// tierBars is how many of the four bars are filled; 0 for a tier not known yet.
func tierBars(tier string) int {
	switch strings.ToLower(tier) {
	case "low":
		return 1
	case "moderate":
		return 2
	case "high":
		return 3
	case "critical":
		return 4
	}
	return 0
}

func tierClass(tier string) string {
	if tierBars(tier) == 0 {
		return "cs-tier"
	}
	return "cs-tier cs-tier-" + strings.ToLower(tier)
}

// Marks of a seat.
const (
	SeatAccepted = "accepted"
	SeatWaiting  = "waiting"
	SeatDeclined = "declined"
	SeatSigned   = "signed"
	SeatAbsent   = "absent"
)

// Seat is one of the four roles. A seat without people is drawn as a hole;
// Missing adds that many holes more ("one more approver").
type Seat struct {
	Role    string // "Business owner", "Provisioner", "Control owner", "Approvers"
	Answers string // what the role answers for, in a few words; may be ""
	People  []SeatPerson
	Missing int
	Hole    string // what the hole says; "" is "nobody yet"
}

// SeatPerson is who fills it. Note is a short sentence: "signed on Thu 26 Nov".
type SeatPerson struct {
	Name, Team, Href string
	Mark             string // SeatAccepted …
	Note             string
	You              bool
}

// class draws a hole before what only waits.
func (s Seat) class() string {
	if len(s.holes()) > 0 {
		return "cs-seat-hole"
	}
	for _, p := range s.People {
		if p.Mark != SeatAccepted && p.Mark != SeatSigned {
			return "cs-seat-waiting"
		}
	}
	return ""
}

func (s Seat) holes() []int {
	n := s.Missing
	if len(s.People) == 0 && n == 0 {
		n = 1
	}
	return make([]int, n)
}

// Reason is one line of why. Raises is the tier that this line asks for; Met
// draws a tick instead of a bullet (what is still needed and what is done).
type Reason struct {
	Text   string
	Raises string
	Met    *bool
}

// Met and Unmet are for Reason.Met.
func Met(yes bool) *bool { return &yes }

// Piece is a run of text in a sentence.
type Piece struct {
	Text   string
	Strong bool
}

// Plain and Strong make the pieces of a sentence.
func Plain(text string) Piece { return Piece{Text: text} }

func Strong(text string) Piece { return Piece{Text: text, Strong: true} }

// Sentence puts pieces in a row.
func Sentence(pieces ...Piece) []Piece { return pieces }

// Kinds of a DiffLine.
const (
	DiffAdded   = "added"
	DiffRemoved = "removed"
	DiffChanged = "changed"
	DiffSame    = "same"
)

// DiffLine is one change as a sentence. Was is what it was before ("" when
// nothing was); Wider marks a change that lets the agent do more.
type DiffLine struct {
	Kind     string
	Sentence []Piece
	Was      string
	Wider    bool
}

func (d DiffLine) word() string {
	switch d.Kind {
	case DiffAdded:
		return "New"
	case DiffRemoved:
		return "Gone"
	case DiffSame:
		return "Unchanged"
	}
	return "Changed"
}

// ShortDigest is the beginning of a digest, enough to compare by eye.
func ShortDigest(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	if len(digest) > 12 {
		return digest[:12]
	}
	return digest
}
