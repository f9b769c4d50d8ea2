package views

import (
	"net/url"
	"strconv"
	"time"
)

// AgentsPage is the list of the agents that the viewer may see.
type AgentsPage struct {
	Now         time.Time
	Rows        []AgentRow
	Search      string
	State       string // "draft", "registered", "retired", or ""
	Mine        bool
	Counts      AgentsCounts
	Saved       SavedViews
	MayRegister bool // a business owner
	MaySeeFound bool
	Found       int // agents that were found and that nobody owns
	Pager       PagerProps
}

// AgentsCounts are how many agents each filter would show.
type AgentsCounts struct{ All, Mine, Draft, Registered, Retired int }

// AgentRow is one of them. The numbers are of its capabilities.
type AgentRow struct {
	ID, Name, State                  string
	OwnerName, OwnerTeam             string
	Yours                            bool
	Revision                         int // 0 before it is registered
	RevisionAt                       time.Time
	Live, Held, Open, Holes, Expired int
}

func (p AgentsPage) states() []Option {
	return []Option{
		{Value: "draft", Label: "Draft (" + Count(p.Counts.Draft) + ")"},
		{Value: "registered", Label: "Registered (" + Count(p.Counts.Registered) + ")"},
		{Value: "retired", Label: "Retired (" + Count(p.Counts.Retired) + ")"},
	}
}

func (p AgentsPage) owner() string {
	if p.Mine {
		return "mine"
	}
	return ""
}

// href is the address of the list with these filters.
func (p AgentsPage) href(search, state string, mine bool) string {
	p.Search, p.State, p.Mine = search, state, mine
	q := p.Query()
	if len(q) == 0 {
		return "/agents"
	}
	return "/agents?" + q.Encode()
}

// Query is the filters as the address has them.
func (p AgentsPage) Query() url.Values {
	q := url.Values{}
	if p.Search != "" {
		q.Set("q", p.Search)
	}
	if p.State != "" {
		q.Set("state", p.State)
	}
	if p.Mine {
		q.Set("owner", "mine")
	}
	return q
}

// Turn is the address of a neighbouring page of the same list.
func (p AgentsPage) Turn(key, id string) string {
	at := p.href(p.Search, p.State, p.Mine)
	if at == "/agents" {
		return at + "?" + key + "=" + url.QueryEscape(id)
	}
	return at + "&" + key + "=" + url.QueryEscape(id)
}

func (p AgentsPage) chips() []Chip {
	var chips []Chip
	if p.Search != "" {
		chips = append(chips, Chip{"Has “" + p.Search + "”", p.href("", p.State, p.Mine)})
	}
	if p.State != "" {
		chips = append(chips, Chip{"State: " + p.State, p.href(p.Search, "", p.Mine)})
	}
	if p.Mine {
		chips = append(chips, Chip{"Mine", p.href(p.Search, p.State, false)})
	}
	return chips
}

func (p AgentsPage) filtered() bool { return p.Search != "" || p.State != "" || p.Mine }

// clear is the address without filters, where there is more than one to clear.
func (p AgentsPage) clear() string {
	if len(p.chips()) > 1 {
		return "/agents"
	}
	return ""
}

// said is what is read out when the list was searched again.
func (p AgentsPage) said() string {
	if len(p.Rows) == 0 {
		return "No agents found"
	}
	return p.Pager.text()
}

// empty says why the list is empty, and what to do next.
func (p AgentsPage) empty() EmptyProps {
	switch {
	case p.filtered():
		return EmptyProps{Title: "No agent is like that", Text: "None of the " + Count(p.Counts.All) + " agents that you may see fits the filter.", Href: "/agents", Action: "Show all agents"}
	case p.MayRegister:
		return EmptyProps{Title: "There is no agent yet", Text: "Register an agent by saying what it is, or import its agent card and fill in what the card does not say. Then write its tasks: each needs four people before it may run."}
	}
	return EmptyProps{Title: "There is no agent here for you to see",
		Text: "You see an agent when you or your team answer for one of its tasks, or when a version of it waits for approvers. A business owner registers agents."}
}

func (r AgentRow) href() string { return "/agents/" + r.ID }

func (r AgentRow) revision() string {
	if r.Revision == 0 {
		return ""
	}
	return "Revision " + strconv.Itoa(r.Revision)
}
