package views

import (
	"net/url"
	"time"

	"countersign/models"
)

// CapabilityTop is the head of every page of a capability's record.
type CapabilityTop struct {
	ID, AgentID  string
	Agent, Title string
	State        string // of what is shown: live, expired, in review …
	Held         bool
	Tier         models.Tier
	Lead         string
	Stop         *StopProps
	Next         ButtonProps // the one next act of this person; none without a label
	NextPost     *PostButton
	Seats        []Seat
	Holds        []CapabilityHold
	Restart      *VersionRestart
	RestartHref  string
	Emergencies  []EmergencyMark // newest first
	Now          time.Time       // at the reader's place
}

func (c CapabilityTop) href() string { return "/capabilities/" + c.ID }
func (c CapabilityTop) name() string { return or(c.Title, "A task without a name yet") }

func (c CapabilityTop) crumbs(last string) []Crumb {
	way := []Crumb{{"Agents", "/agents"}, {c.Agent, "/agents/" + c.AgentID}}
	if last == "" {
		return append(way, Crumb{c.name(), ""})
	}
	return append(way, Crumb{c.name(), c.href()}, Crumb{last, ""})
}

func (c CapabilityTop) tabs(active string) []Tab {
	tab := func(label, name, path string) Tab {
		return Tab{Label: label, Href: c.href() + path, Active: active == name}
	}
	return []Tab{tab("Overview", "overview", ""), tab("Versions", "versions", "/versions"), tab("Reviews", "reviews", "/reviews"), tab("Who answered when", "as-of", "/as-of"), tab("History", "history", "/history")}
}

func (c CapabilityTop) record() RecordProps {
	return RecordProps{Kicker: "A task of " + c.Agent, Title: c.name(), Lead: c.Lead, State: c.State, Held: c.Held, Tier: string(c.Tier), Stop: c.Stop}
}

// CapabilityHold is a reason not to act. What says on what it is: "the whole
// agent". Lift says on what terms it is lifted.
type CapabilityHold struct {
	Title     string
	Cause     string
	Who, Team string
	At        time.Time
	Lift      string
	Lifted    time.Time // zero while it stands
	Href      string    // of a broad stop
}

// CapabilityPage is the overview.
type CapabilityPage struct {
	CapabilityTop
	MayAct    bool
	Why       string // why it may not
	Mandate   []SummaryRow
	Shown     string // which version is below: "version 2, in force", with its address
	ShownHref string
	Task      []SummaryRow
	Scope     []SummaryRow
	Oversight []SummaryRow
	Risk      DraftTier
	Alerts    AlertsCard
	OnTheWay  *CapabilityVersion
	Acts      []Crumb // other acts of this person
	Stopped   string  // when stopping it was last exercised, in a sentence; "" where nothing is in force
	Drill     string  // what is planned, in a sentence; "" for nothing
	Next      []string
}

// CapabilityVersion is a version in a list.
type CapabilityVersion struct {
	No                   int
	Href                 string
	State                models.State
	Tier                 models.Tier // "" while it is a draft
	Digest               string
	Submitted            time.Time // zero while it is a draft
	Submitter, Team      string
	Ended                time.Time // zero while it has not
	Ender                string
	Reason               string
	InForce              bool // it was once
	CompareHref, Compare string
	Says                 string // where it stands, in one sentence
}

// CapabilityVersions is the tab of versions.
type CapabilityVersions struct {
	CapabilityTop
	Versions []CapabilityVersion
	Older    string
	Newest   string
}

// CapabilityHistory is the tab of what happened.
type CapabilityHistory struct {
	CapabilityTop
	History HistoryProps
}

// CapabilityAsOf is the tab of who answered when.
type CapabilityAsOf struct {
	CapabilityTop
	At          string // as typed, or the moment in the field's form
	Error       string
	Asked       bool
	AtTime      time.Time
	Answer      string // in one sentence
	MayAct      bool
	Why         string
	Seats       []Seat
	Holds       []CapabilityHold
	Version     string
	VersionHref string
	Mandates    []CapabilityMandate
	Zone        string
}

// CapabilityMandate is one line of who answered when.
type CapabilityMandate struct {
	From, To                         time.Time // To zero while it is open
	EndReason                        string
	Version                          string
	VersionHref                      string
	Owner, Provisioner, ControlOwner SeatPerson
	Approvers                        []SeatPerson
}

// from is the look-up of the first whole minute of a mandate.
func (c CapabilityAsOf) from(m CapabilityMandate) string {
	return c.href() + "/as-of?at=" + url.QueryEscape(m.From.Add(time.Minute-1).Format("2006-01-02T15:04"))
}

// CapabilityAct is a page that asks for one act on a capability.
type CapabilityAct struct {
	CapabilityTop
	Page    string // the last crumb
	Heading string
	Lead    string
	Effects []string
	Action  string
	Keys    FormKeys
	Errors  Errors
	Refused string
	Field   Field    // the reason or cause; Value is as typed
	Choice  *Choices // what is stopped
	Button  string
	Danger  bool
	Warning string // what cannot be undone
	Lifts   []CapabilityHold
	Back    string // where the person comes from
}
