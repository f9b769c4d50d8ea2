package views

import (
	"net/url"
	"strings"
	"time"
)

// DecisionRow is one answer in a list.
type DecisionRow struct {
	ID                  string
	At                  time.Time
	Allow               bool
	Rule                string
	Agent, AgentID      string // the name is "" where no agent is known
	Subject             string // as the request named it, where that was no agent's id
	Title, CapabilityID string
	Operation, System   string
	Resource            string
	Gateway, GatewayID  string
	Answers             []string // who answers for it
}

// DecisionsPage is a list of decisions, newest first.
type DecisionsPage struct {
	Path    string // without filters
	Now     time.Time
	Query   url.Values // the filters as the address has them; no cursor
	Errors  Errors
	Rows    []DecisionRow
	Follow  bool   // what comes is added
	Had     string // the newest that the page knows of
	More    bool   // more came than is shown
	Older   string // where the next page begins
	First   bool   // this is the newest page
	Left    time.Time
	Looked  int // rows, where they were not all
	Agent   string
	Title   string
	Gateway string
	Ask     string // the address that gateways ask at
	WhatIf  bool   // the viewer may ask what if
}

// Link is the address with some parameters changed; "" takes one off.
func (p DecisionsPage) Link(changes ...string) string {
	return matrixLink(p.Path, p.Query, changes...)
}

func (p DecisionsPage) keys() (pairs [][2]string) {
	for _, k := range []string{"agent", "task", "gateway", "follow"} {
		if v := p.Query.Get(k); v != "" {
			pairs = append(pairs, [2]string{k, v})
		}
	}
	return pairs
}

func (p DecisionsPage) filtered() bool {
	for _, k := range []string{"agent", "task", "gateway", "answer", "rule", "from", "to"} {
		if p.Query.Get(k) != "" {
			return true
		}
	}
	return false
}

// clear is the address without filters; who follows goes on following.
func (p DecisionsPage) clear() string {
	return HrefWith(p.Path, "follow", p.Query.Get("follow"))
}

func (p DecisionsPage) chips() (chips []Chip) {
	add := func(key, label string) {
		if p.Query.Get(key) != "" {
			chips = append(chips, Chip{Label: label, Remove: p.Link(key, "")})
		}
	}
	add("agent", "Agent: "+or(p.Agent, "one that is not known here"))
	add("task", "Task: "+or(p.Title, "one that is not known here"))
	add("gateway", "Gateway: "+or(p.Gateway, "one that is not known here"))
	add("answer", "Answer: "+p.Query.Get("answer"))
	for _, o := range ruleFamilies() {
		if o.Value == p.Query.Get("rule") {
			add("rule", "Why: "+o.Label)
		}
	}
	add("from", "From "+p.Query.Get("from"))
	add("to", "Up to "+p.Query.Get("to"))
	return chips
}

func (p DecisionsPage) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Rows), Total: -1, Noun: "decisions"}
	if !p.First {
		turn.Previous = p.Link()
	}
	if p.Older != "" && p.Left.IsZero() {
		turn.Next = p.Link("before", p.Older, "follow", "")
	}
	return turn
}

func (p DecisionsPage) mayFollow() bool { return p.First && p.Query.Get("to") == "" }

// newer is what the list asks for by itself.
func (p DecisionsPage) newer() string {
	return matrixLink("/decisions/newer", p.Query, "had", p.Had, "follow", "")
}

// said is read out after a look that found something.
func (p DecisionsPage) said() string {
	switch n := len(p.Rows); {
	case p.More:
		return "More decisions came than are shown. Load the list again."
	case n == 0:
		return ""
	default:
		return Counted(n, "new decision", "new decisions") + "."
	}
}

func (r DecisionRow) href() string { return "/decisions/" + r.ID }

// clock is the time to the second: a list of answers moves faster than its minutes.
func (r DecisionRow) clock(now time.Time) string {
	if r.At.Format(time.DateOnly) == now.In(r.At.Location()).Format(time.DateOnly) {
		return r.At.Format("15:04:05")
	}
	return r.At.Format("Mon 2 Jan, 15:04:05")
}

func (r DecisionRow) why() string {
	says, _, _ := RuleWords(r.Rule)
	return says
}

// GatewayName is the gateway's name, or that it has none here.
func (r DecisionRow) GatewayName() string { return or(r.Gateway, "one that is not known here") }

func (r DecisionRow) stopped() bool { return !r.Allow && strings.HasPrefix(r.Rule, "hold.") }

// nothing says why a list is empty, and whether that is all.
func (p DecisionsPage) nothing() string {
	if !p.Left.IsZero() {
		return "None in what was looked at so far; see below."
	}
	return "Take a filter off, or clear them all."
}

// curlExample is a request that a gateway may send.
func curlExample(ask string) string {
	return "curl " + ask + `/access/v1/evaluation \
  -H 'Authorization: Bearer csgw_…' -H 'Content-Type: application/json' \
  -d '{"subject": {"type": "agent", "id": "agt_…"},
       "action": {"name": "invoices.read"},
       "resource": {"type": "Accounting", "id": "invoice-42"},
       "context": {"capability": "cap_…", "task": "run-1"}}'`
}

func (p DecisionPage) title() string {
	return answerWord(p.Row.Allow) + ": " + p.Row.Operation + " on " + p.Row.System
}

func (p DecisionPage) lead() string {
	return or(p.Row.Agent, "An agent that is not known here") + " asked for " + shortened(p.Row.Resource, 120) + " on " + p.Row.At.Format("Mon 2 Jan 2006, 15:04:05") + "."
}

func answerWord(allow bool) string {
	if allow {
		return "Yes"
	}
	return "No"
}

// DecisionPage is one decision with what was in force at its moment.
type DecisionPage struct {
	Row      DecisionRow
	Now      time.Time
	Remedy   string
	Can      []string // who can do something about it
	Asked    []SummaryRow
	Force    []SummaryRow
	Context  []SummaryRow
	Seats    []Seat // nobody where nothing was in force
	Chain    []DecisionHop
	Forbids  []DecisionForbid
	Holds    []DecisionHold
	Sealed   []SummaryRow
	Unsealed bool
	WhatIf   string // the same question now; "" for who may not ask it
}

// DecisionHop is one agent of the chain.
type DecisionHop struct {
	Agent, Title, Href string
	Seats              []Seat
}

// DecisionForbid is a policy of the organisation that spoke; Href is "" for who may not read it.
type DecisionForbid struct{ Name, Why, Href string }

// DecisionHold is a hold that stood at the moment.
type DecisionHold struct {
	Words, Href, Cause string
	At                 time.Time
}

// AgentUsePage is what an agent did, was refused and never used.
type AgentUsePage struct {
	AgentHead
	List   DecisionsPage
	Alerts AlertsCard
	Grants []GrantUse
	More   bool
	Known  time.Time // up to when the log is counted; zero: no gateway asked yet
}

// GrantUse is one operation that is granted.
type GrantUse struct {
	CapabilityID, Title, Operation, System string

	Allowed, Refused int
	Last             time.Time // when it was allowed last
}

func (p AgentUsePage) never() (n int) {
	for _, g := range p.Grants {
		if g.Last.IsZero() {
			n++
		}
	}
	return n
}

func (p AgentUsePage) sum() string {
	switch n := p.never(); {
	case n == 0:
		return "Each of its " + Counted(len(p.Grants), "operation was", "operations was") + " used."
	case n == len(p.Grants):
		return "None of its " + Counted(n, "operation was", "operations was") + " used."
	default:
		were := " operations were never used."
		if n == 1 {
			were = " operations was never used."
		}
		return Count(n) + " of its " + Count(len(p.Grants)) + were
	}
}

func (p AgentUsePage) span() string {
	if p.Known.IsZero() {
		return "No gateway has asked for a decision yet."
	}
	return "The log is counted up to " + WhenText(p.Known, p.Now) + "; a count is a minute behind what happens."
}

// WhatIfPage asks whether something would be allowed now.
type WhatIfPage struct {
	Search        string
	Found         []StopKind // agents to choose from
	More          bool
	AgentID       string // "" before one is chosen
	Agent         string
	Tasks         []Option
	Actions       []string // operations that are granted, to choose from
	Systems       []string
	Sensitivities []Option
	Values        map[string]string
	Errors        Errors
	Now           time.Time
	Answer        *WhatIfAnswer
}

// WhatIfAnswer is what a gateway would be told.
type WhatIfAnswer struct {
	Allow          bool
	Rule, Says     string
	Remedy         string
	Who            []string
	Task, TaskHref string
	Version        string
	VersionHref    string
	Digest         string
	Until          time.Time
	Cedar          string
}

func (p WhatIfPage) example() string {
	if len(p.Actions) > 0 {
		return p.Actions[0]
	}
	return "invoices.read"
}

// stated says whether anything of the circumstances was filled in, or is wrong.
func (p WhatIfPage) stated() bool {
	for _, k := range []string{"sensitivity", "environment", "manifest", "volume", "properties"} {
		if p.Values[k] != "" || p.Errors.For(k) != "" {
			return true
		}
	}
	return false
}
