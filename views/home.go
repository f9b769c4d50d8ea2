package views

import (
	"time"

	"countersign/models"
)

// HomePage is what waits for one person, and what they answer for.
type HomePage struct {
	HomeList
	Mine      []HomeMine
	MineNext  string
	MineFirst string
	Escalated []HomeEscalated
	Alerts    []AlertLine // of what the person watches, newest first
	Several   int         // versions that may be signed off together; shown where there are two
}

// HomeList is the part of the page that looks for itself whether it is still right.
type HomeList struct {
	Duties  []Duty
	Count   int    // of all that waits
	Found   int    // of what is asked for
	Next    string // the next page of duties
	First   string // back to the first, "" when this is it
	After   string // where this page begins, "" for the first
	Handled []HomeHandled
	Coming  string // what comes next and when, where nothing waits
	Begin   string // where to begin, for somebody who answers for nothing
	Action  string
	Now     time.Time

	Kind, Tier   string         // what is asked for; "" for all
	Kinds, Tiers map[string]int // how many there are of each

	Sum string // a digest of what it says
	Had string // what the list sends when it looks whether it is still right
}

// HomeHandled is one thing that left the list by another's hand.
type HomeHandled struct {
	Title, Agent, Href string
	Who, Team, What    string
	State, Then        string
	At                 time.Time
}

// HandledState is the state that an act led to, in words; "" for none.
func HandledState(e models.HistoryEntry) string { return historyState(e) }

// HomeEscalated is one duty of somebody else of which the person was told.
type HomeEscalated struct {
	Title, Agent, Href string
	Owes               string // who owes it, at the beginning of a sentence
	Told               time.Time
}

// HomeMine is one capability that the person answers for.
type HomeMine struct {
	Title, Agent, Href, StopHref string
	Roles                        string
	Held, Over                   bool
	Tier                         models.Tier
	Review, Until                time.Time
}

func (m HomeMine) state() string {
	if m.Over {
		return "expired"
	}
	return "live"
}

// InboxTiers are the tiers by which the list can be filtered, highest first; the
// last is what has none yet.
var InboxTiers = []string{string(models.Critical), string(models.High), string(models.Moderate), string(models.Low), "unknown"}

var dutyKinds = []models.Choice{
	{Value: models.DutySign, Words: "decide on a version"},
	{Value: models.DutyReviewEmergency, Words: "review an emergency"},
	{Value: models.DutyDrill, Words: "answer a check"},
	{Value: models.DutyReview, Words: "answer a review"},
	{Value: models.DutyCloseReview, Words: "close a review"},
	{Value: models.DutyNarrow, Words: "narrow a scope"},
	{Value: models.DutyRenew, Words: "renew what ends"},
	{Value: models.DutyAccept, Words: "accept a role"},
	{Value: models.DutyTakeOver, Words: "take over a role"},
	{Value: models.DutyLift, Words: "deal with a stop"},
	{Value: models.DutySucceed, Words: "find a successor"},
	{Value: models.DutyNominate, Words: "name somebody"},
	{Value: models.DutyFill, Words: "fill in a part"},
	{Value: models.DutyEdit, Words: "change a part"},
	{Value: models.DutySubmit, Words: "check and submit"},
	{Value: models.DutyGoLive, Words: "put in force"},
	{Value: models.DutyRegister, Words: "finish a registration"},
	{Value: models.DutyClaim, Words: "claim an agent"},
	{Value: models.DutyConfirm, Words: "confirm as the second administrator"},
	{Value: models.DutyReviewEmergency, Words: "review an emergency"},
}

// DutyKind is a kind of duty in words, "" for one that does not exist.
func DutyKind(kind string) string {
	for _, k := range dutyKinds {
		if k.Value == kind {
			return k.Words
		}
	}
	return ""
}

func (p HomeList) lead() string {
	switch {
	case p.Count == 0:
		return ""
	case p.filtered():
		return Count(p.Found) + " of the " + Count(p.Count) + " things that wait for you: highest risk first, then what is due soonest."
	case p.Count == 1:
		return "One thing waits for you."
	}
	return Count(p.Count) + " things wait for you: highest risk first, then what is due soonest."
}

func (p HomeList) filtered() bool { return p.Kind != "" || p.Tier != "" }

// filters says whether there is anything to choose among.
func (p HomeList) filters() bool { return p.filtered() || len(p.Kinds) > 1 || len(p.Tiers) > 1 }

// Href is this list beginning at a row.
func (p HomeList) Href(after string) string {
	return HrefWith("/", "kind", p.Kind, "tier", p.Tier, "after", after)
}

// again is where the list looks whether it is still right.
func (p HomeList) again() string {
	return HrefWith("/", "part", "list", "kind", p.Kind, "tier", p.Tier, "after", p.After, "had", p.Had)
}

func (p HomeList) kindOptions() []Option { return counted(choiceOptions(dutyKinds), p.Kinds, p.Kind) }

func (p HomeList) tierOptions() []Option {
	var all []Option
	for _, t := range InboxTiers {
		all = append(all, Option{Value: t, Label: tierWords(t)})
	}
	return counted(all, p.Tiers, p.Tier)
}

func tierWords(t string) string {
	if t == "unknown" {
		return "Not known yet"
	}
	return upperFirst(t)
}

func (p HomeList) chips() []Chip {
	var out []Chip
	if p.Kind != "" {
		out = append(out, Chip{upperFirst(DutyKind(p.Kind)), HrefWith("/", "tier", p.Tier)})
	}
	if p.Tier != "" {
		out = append(out, Chip{"Tier: " + tierWords(p.Tier), HrefWith("/", "kind", p.Kind)})
	}
	return out
}
