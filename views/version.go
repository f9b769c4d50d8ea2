package views

import (
	"github.com/a-h/templ"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// VersionTop is what the pages of one version have in common.
type VersionTop struct {
	ID, CapabilityID, AgentID string
	Agent, Title              string // the agent's name, the task's
	No                        int
	State                     models.State
	Held                      bool // it is in force, and a hold stands
	Tier                      models.Tier
	Stop                      *StopProps
	Emergencies               []EmergencyMark // of this version: one at most
	Now                       time.Time       // at the reader's place
}

func (v VersionTop) href() string       { return "/versions/" + v.ID }
func (v VersionTop) capability() string { return "/capabilities/" + v.CapabilityID }
func (v VersionTop) version() string    { return "version " + strconv.Itoa(v.No) }
func (v VersionTop) name() string       { return or(v.Title, "A task without a name yet") }

// crumbs lead here; last is the name of this page, "" for the version itself.
func (v VersionTop) crumbs(last string) []Crumb {
	way := []Crumb{{"Agents", "/agents"}, {v.Agent, "/agents/" + v.AgentID}, {v.name(), v.capability()}}
	if last == "" {
		return append(way, Crumb{upperFirst(v.version()), ""})
	}
	return append(way, Crumb{upperFirst(v.version()), v.href()}, Crumb{last, ""})
}

func (v VersionTop) record(lead string) RecordProps {
	tier := string(v.Tier)
	return RecordProps{Kicker: upperFirst(v.version()) + " of a task of " + v.Agent, Title: v.name(), Lead: lead, State: v.State.Words(), Held: v.Held, Tier: tier, Stop: v.Stop}
}

// VersionPage is a version on one page: what is asked, one view of it, the risk,
// who has said what, what is still needed, and the decision.
type VersionPage struct {
	VersionTop
	Lead    string      // what is asked, or where it stands, in one sentence
	Next    ButtonProps // the one next act; none without a label
	GoLive  *PostButton
	Acts    []Crumb // other acts of this person
	Notice  string  // what was refused, when the page is drawn again
	Errors  Errors  // of a comment that was sent back
	Restart *VersionRestart
	Gone    *VersionGone

	View VersionView
	Risk VersionRisk

	Seats  []Seat
	Said   []HistoryItem
	Past   []string        // sign-offs that were given to something else, a sentence each
	Recall []VersionRecall // the reader's own sign-offs that still count

	Lacks  string // what is still needed, in one sentence
	Needed []Reason
	Can    []string // who could sign now
	Others int      // how many more could
	Cannot []string // approvers who cannot, with why
	WhyNot string   // why the reader cannot decide; "" where they can or nobody is asked
	Decide *VersionDecide

	Digest string
}

// PostButton is one button that posts.
type PostButton struct {
	Label, Action string
	Keys          FormKeys
}

// VersionRestart is the restart that is asked for: what was wrong, and what it lifts.
type VersionRestart struct {
	Cause, Who, Team string
	At               time.Time
	Lifts            []CapabilityHold
}

// VersionRecall is a sign-off that its signer may take back.
type VersionRecall struct {
	Href string
	At   time.Time
}

// VersionDecide is the form of the three choices.
type VersionDecide struct {
	Keys      FormKeys
	Errors    Errors
	Refused   string // why nothing was recorded, where no field is to blame
	Decision  Decision
	Names     *Choices // in whose name, where the reader stands in for others
	OnBehalf  string   // in whose name, where it can only be one and is not their own
	Teams     *Choices // where the signer is in several that may still speak
	Fresh     string   // why a fresh sign-in is asked for first; "" where it is not
	FreshHref string
	Typed     bool // what was typed is on the page, so that signing in again opens beside it
	Team      string
	Means     string        // what a sign-off here means, said beside the choices
	Passkey   *PasskeyAsked // where a sign-off takes one
}

func (d VersionDecide) attrs() templ.Attributes {
	if d.Passkey == nil || d.Passkey.None || d.Passkey.Not != "" {
		return nil
	}
	return d.Passkey.Attrs("sign")
}

// VersionCompare is two versions side by side, as sentences.
type VersionCompare struct {
	VersionTop
	With    string // "version 2"
	Others  []Crumb
	Changes []DiffLine
}

// VersionChanged is said instead of recording a decision on something else than
// what is there now.
type VersionChanged struct {
	VersionTop
	Shown    string // what was decided on: "version 3, round 1"
	Is       string // what became of it, in one sentence
	Reason   string // in the words of who did it
	Since    string // what Changes compares
	Changes  []DiffLine
	Lately   []models.HistoryEntry
	Sees     bool // the reader may open what there is now
	Newest   ButtonProps
	Typed    string // the reason that the person had typed
	Decision string // and the choice, in words
}

// NumberWord is a small number as a word, for sentences.
func NumberWord(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	if n >= 0 && n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n)
}

// And joins names: "a, b and c".
func And(names []string) string {
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// ManifestAnswers are everything in an agent's manifest.
func ManifestAnswers(m models.Manifest) []SummaryRow {
	var rows []SummaryRow
	for _, step := range models.ManifestSteps {
		rows = append(rows, manifestRows(m, step.Value, "")...)
	}
	if len(m.ImportedNotes) > 0 {
		rows = append(rows, SummaryRow{Key: "What the import found odd", Values: m.ImportedNotes})
	}
	return rows
}

// VersionGone says of a version on its way that somebody who accepted a role of it has
// left. Ask is who is asked to withdraw it, as a sentence.
type VersionGone struct {
	Who      string // who has left, in the middle of a sentence
	Ask      string
	Withdraw string // the address for whoever can; "" for others
}
