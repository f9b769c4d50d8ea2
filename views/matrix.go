package views

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// MatrixPage is a page of the accountability matrix, as it is now or was.
type MatrixPage struct {
	Now   time.Time // its location is the reader's
	At    time.Time // the look back's moment; zero is now
	Typed string    // the moment as typed
	Error string    // what is wrong with it
	Zone  string    // said beside it

	Query          url.Values // the filters and the order as the address has them; no cursor
	Person, Team   string     // names of those that are filtered by
	Agent          string
	Teams          []Option
	Counts         MatrixCounts
	Rows           []MatrixRow
	Previous, Next string // cursors
	Saved          SavedViews
	Record         bool // the reader may read the whole record
}

// MatrixCounts are the lines under each value of each filter, the others as they are.
type MatrixCounts struct {
	Total, Seen         int
	States, Tiers       map[string]int
	Holes               map[string]int
	Held, Overdue, Soon int // like Holed: whichever of these four is on
	Holed               int
	Emergencies         int // under break glass just now
}

// MatrixRow is one capability's line.
type MatrixRow struct {
	CapabilityID, Title string
	AgentID, Agent      string
	Version             int // 0 for none
	Digest              string
	OnItsWay            string // "version 4 is in review", or ""
	State               string // "live", "held", "expired", "none", or the version's
	Held                bool
	Holds               []MatrixHold
	Tier                string
	Owner               MatrixPerson
	Provisioner         MatrixPerson
	ControlOwner        MatrixPerson
	Approvers           []MatrixPerson
	Unsigned            bool // sign-offs are missing
	NoScope, NoPlan     bool
	InForce             bool // a mandate is open
	Mine                bool // the viewer is one of the four, and can stop it
	Ended               bool // nothing in force, nothing on its way
	Approved            time.Time
	Review              time.Time
	Until               time.Time

	AnswersIn string // how quickly drills about it were answered; "" for none yet
	Silent    bool   // one was missed, and is not answered yet

	Emergency      string // the page of the emergency under which something of it runs; "" for none
	EmergencyUntil time.Time
}

// MatrixPerson is one of the four; without a name it is a hole.
type MatrixPerson struct{ ID, Name, Team string }

// MatrixHold is one reason why it may not act.
type MatrixHold struct {
	What  string // "Stop of the agent"
	Cause string
	Since time.Time
}

// MatrixHoldWords says what kind of hold it is, and on what. who is the name of
// the person that it is on.
func MatrixHoldWords(kind, target, who string) string {
	if kind == models.HoldLeaver {
		return or(who, "Somebody") + " left"
	}
	what := or(map[string]string{models.HoldStop: "Stopped", models.HoldRecall: "A sign-off was taken back", "incident": "Incident",
		"missed_review": "Review missed", "missed_drill": "Drill missed", models.HoldKillDrill: "Kill drill"}[kind], kind)
	switch target {
	case models.OnAgent:
		return what + " with the whole agent"
	case models.OnPerson:
		return what + " for " + or(who, "one of its people")
	case models.OnSystem:
		return what + " for a system that it reaches"
	case models.OnIssuer:
		return what + " with everything that its identity issuer vouches for"
	case models.OnTeam:
		return what + " with everything that its owner’s team owns"
	case models.OnAll:
		return what + " with everything"
	}
	return what
}

func (p MatrixPage) back() bool { return !p.At.IsZero() }

func (p MatrixPage) title() string {
	if p.back() {
		return "Accountability matrix, looking back"
	}
	return "Accountability matrix"
}

// Link is the address with some parameters changed; "" takes one off. It begins
// at the first page again.
func (p MatrixPage) Link(changes ...string) string { return matrixLink("/matrix", p.Query, changes...) }

func (p MatrixPage) export() string { return matrixLink("/matrix.csv", p.Query) }

func matrixLink(path string, query url.Values, changes ...string) string {
	next := url.Values{}
	for k, v := range query {
		next[k] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		next.Del(changes[i])
		if changes[i+1] != "" {
			next.Set(changes[i], changes[i+1])
		}
	}
	if len(next) == 0 {
		return path
	}
	return path + "?" + next.Encode()
}

// keys are the parameters that a form sends on unseen: all but its own fields.
func (p MatrixPage) keys(own ...string) (pairs [][2]string) {
next:
	for _, k := range []string{"q", "state", "tier", "hole", "held", "due", "person", "team", "agent", "sort", "dir", "at"} {
		for _, o := range own {
			if k == o {
				continue next
			}
		}
		if v := p.Query.Get(k); v != "" {
			pairs = append(pairs, [2]string{k, v})
		}
	}
	return pairs
}

// tabs are what most people look for first, with how many there are.
func (p MatrixPage) tabs() []Tab {
	due, hole, held, glass := p.Query.Get("due"), p.Query.Get("hole"), p.Query.Get("held"), p.Query.Get("emergency")
	tab := func(label string, count int, active bool, changes ...string) Tab {
		all := append([]string{"due", "", "hole", "", "held", "", "emergency", ""}, changes...)
		return Tab{Label: label, Href: p.Link(all...), Active: active, Count: count}
	}
	tabs := []Tab{
		tab("All", 0, due == "" && hole == "" && held == "" && glass == ""),
		tab("Overdue", p.Counts.Overdue, due == "overdue", "due", "overdue"),
		tab("Due within 30 days", p.Counts.Soon, due == "soon", "due", "soon"),
		tab("With a hole", p.Counts.Holed, hole == "any", "hole", "any"),
		tab("Held", p.Counts.Held, held != "", "held", "yes"),
	}
	if p.Counts.Emergencies > 0 || glass != "" {
		tabs = append(tabs, tab("Under break glass", p.Counts.Emergencies, glass != "", "emergency", "yes"))
	}
	return tabs
}

var matrixStates = []string{"live", "held", "expired", "none", "draft", "proposed", "in_review", "approved", "changes_requested", "rejected", "withdrawn", "superseded", "revoked"}

var matrixHoles = []Option{{Value: "any", Label: "Any hole"}, {Value: "owner", Label: "No business owner"}, {Value: "provisioner", Label: "No provisioner"},
	{Value: "control_owner", Label: "No control owner"}, {Value: "approvers", Label: "Sign-offs missing"}, {Value: "scope", Label: "No scope"},
	{Value: "oversight", Label: "No oversight plan"}, {Value: "mandate", Label: "Nothing signed in force"}}

// counted are the choices that have lines, and the one that is chosen.
func counted(options []Option, counts map[string]int, chosen string) (out []Option) {
	for _, o := range options {
		if n := counts[o.Value]; n > 0 || o.Value == chosen {
			o.Label += " (" + Count(n) + ")"
			out = append(out, o)
		}
	}
	return out
}

func (p MatrixPage) states() []Option {
	var all []Option
	for _, s := range matrixStates {
		all = append(all, Option{Value: s, Label: upperFirst(matrixStateWord(s))})
	}
	return counted(all, p.Counts.States, p.Query.Get("state"))
}

func (p MatrixPage) tiers() []Option {
	var all []Option
	for i := len(models.Tiers) - 1; i >= 0; i-- {
		all = append(all, Option{Value: string(models.Tiers[i]), Label: upperFirst(string(models.Tiers[i]))})
	}
	return counted(append(all, Option{Value: "unknown", Label: "Not known yet"}), p.Counts.Tiers, p.Query.Get("tier"))
}

func (p MatrixPage) holes() []Option {
	return counted(matrixHoles, p.Counts.Holes, p.Query.Get("hole"))
}

func matrixStateWord(state string) string {
	if state == "none" {
		return "not in force"
	}
	return stateWord(state)
}

var matrixSortWords = map[string]string{"name": "task", "tier": "tier", "state": "state", "review": "next review", "approved": "when it was approved", "owner": "business owner"}

// chips say which filters are on, and take them off.
func (p MatrixPage) chips() (chips []Chip) {
	add := func(key, label string) {
		if p.Query.Get(key) != "" {
			chips = append(chips, Chip{Label: label, Remove: p.Link(key, "")})
		}
	}
	label := func(options []Option, value string) string {
		for _, o := range options {
			if o.Value == value {
				return o.Label
			}
		}
		return value
	}
	add("q", "“"+p.Query.Get("q")+"”")
	add("state", "State: "+matrixStateWord(p.Query.Get("state")))
	add("tier", "Tier: "+strings.ReplaceAll(p.Query.Get("tier"), "unknown", "not known yet"))
	add("hole", label(matrixHoles, p.Query.Get("hole")))
	add("held", "Held")
	add("emergency", "Under break glass")
	add("due", map[string]string{"overdue": "Overdue", "soon": "Due within 30 days"}[p.Query.Get("due")])
	add("person", "Of "+or(p.Person, "somebody who is not known here"))
	add("team", "Team: "+or(p.Team, "one that is not known here"))
	add("agent", "Agent: "+or(p.Agent, "one that you see nothing of"))
	if key := p.Query.Get("sort"); key != "" {
		chips = append(chips, Chip{Label: "In the order of " + matrixSortWords[key], Remove: p.Link("sort", "", "dir", "")})
	}
	return chips
}

// clear takes every filter off, and keeps the moment.
func (p MatrixPage) clear() string {
	return matrixLink("/matrix", url.Values{}, "at", p.Query.Get("at"))
}

func (p MatrixPage) columns() []Column {
	column := func(label, key string) Column {
		c := Column{Label: label, Sort: p.Link("sort", key, "dir", "")}
		if p.Query.Get("sort") == key {
			c.Direction = SortUp
			if p.Query.Get("dir") == "desc" {
				c.Direction = SortDown
			} else {
				c.Sort = p.Link("sort", key, "dir", "desc")
			}
		}
		return c
	}
	return []Column{column("Task and agent", "name"), column("State", "state"), column("Tier", "tier"), column("Business owner", "owner"),
		{Label: "Provisioner"}, {Label: "Control owner"}, {Label: "Approvers"}, column("Approved", "approved"), column("Next review", "review"), {Label: "Answers in"}}
}

func (p MatrixPage) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Rows), Total: p.Counts.Total, Noun: "capabilities"}
	if p.Previous != "" {
		turn.Previous = p.Link("before", p.Previous)
	}
	if p.Next != "" {
		turn.Next = p.Link("after", p.Next)
	}
	return turn
}

// said is read out when the list was filtered.
func (p MatrixPage) said() string {
	if p.Counts.Total == 1 {
		return "1 capability of " + Count(p.Counts.Seen)
	}
	return Count(p.Counts.Total) + " capabilities of " + Count(p.Counts.Seen)
}

func (p MatrixPage) empty() EmptyProps {
	switch {
	case len(p.chips()) > 0:
		return EmptyProps{Title: "No capability matches these filters", Text: "Take a filter off, or clear them all.", Href: p.clear(), Action: "Clear all filters"}
	case p.back():
		return EmptyProps{Title: "There was nothing then that you may see", Text: "No capability existed at that moment, or none that is for you to see.", Href: "/matrix", Action: "Back to now"}
	}
	return EmptyProps{Title: "There is nothing here for you yet", Text: "You see the capabilities that you or your team answer for, and as an approver those that wait for a sign-off. Register an agent and describe its first task, and it appears here.",
		Href: "/agents", Action: "Go to the agents"}
}

func (r MatrixRow) href() string { return "/capabilities/" + r.CapabilityID }

func (r MatrixRow) title() string { return or(r.Title, "A task without a title yet") }

func (r MatrixRow) version() string {
	if r.Version == 0 {
		return ""
	}
	return "Version " + strconv.Itoa(r.Version)
}

// What is said where there is nothing; of a look back, which knows only what was in force.
func (r MatrixRow) past() bool { return r.State == "none" }

func (r MatrixRow) noTier() string {
	if r.past() {
		return "none"
	}
	return "not known yet"
}

func (r MatrixRow) nobody() string {
	if r.past() {
		return "nobody"
	}
	return "nobody yet"
}

func (r MatrixRow) unsigned() string {
	switch {
	case r.past():
		return "nobody"
	case len(r.Approvers) > 0:
		return "more to sign"
	}
	return "not signed yet"
}

func (r MatrixRow) notApproved() string {
	if r.past() {
		return "nothing in force"
	}
	return "not approved"
}

func (r MatrixRow) noReview() string {
	if r.past() || r.Ended {
		return "nothing in force"
	}
	return "not in force yet"
}

// lapses says that it ends before the next review.
func (r MatrixRow) lapses() bool { return r.InForce && !r.Until.IsZero() && r.Until.Before(r.Review) }

// asOf is from when on it is told what is due: the look back's moment, or now.
func (p MatrixPage) asOf() time.Time {
	if p.back() {
		return p.At
	}
	return p.Now
}
