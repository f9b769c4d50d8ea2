package views

import (
	"strings"
	"time"
)

// PageHead is what the frame needs to know. Person is empty on pages that are
// seen before signing in; nav and sign-out are left out then.
type PageHead struct {
	Title   string // of this page alone; the product's name is added
	Section string // what comes between the two in the browser's title, e.g. the agent's name
	Person  string
	// PersonTeam is shown beside the name.
	PersonTeam string
	Nav        []NavItem // MainNav makes it
	CSRF       string
	Flash      *Flash // what the last act did; shown once
	DemoBanner bool
	Failed     bool // the form was sent back: "Error: " goes before the title
	Wide       bool // lists and matrices use the whole width
	Paged      []PagedEmergency
	Stopped    *StopLine // of everything, while it stands
	Keys       bool      // single keys do something, for who has not switched them off
	// SignOut is where the sign-out form posts to; "" is /sign-out.
	SignOut string
}

// PagedEmergency is an emergency that runs, told to whoever was skipped.
type PagedEmergency struct {
	Agent, Opener string
	Until         time.Time
	Href          string // "" for who may not open it
}

// NavItem is one entry of the main nav. Count is shown when above zero.
type NavItem struct {
	Label, Href string
	Active      bool
	Count       int
}

// Flash says what the last act did. Kind is one of the Callout kinds.
type Flash struct{ Kind, Text string }

// MainNav is the main nav; active is one of the hrefs, or below one of them.
// waiting is the number beside "What waits for me"; Decisions are for whoever watches what
// agents do; Stops are for whoever places, lifts or
// reads them, Reports for auditors, Administration for administrators, who find the reports
// there.
func MainNav(active string, waiting int, decisions, stops, auditor, admin bool) []NavItem {
	items := []NavItem{
		{Label: "What waits for me", Href: "/", Count: waiting},
		{Label: "Agents", Href: "/agents"},
		{Label: "Matrix", Href: "/matrix"},
		{Label: "Reviews", Href: "/reviews"},
		{Label: "Systems", Href: "/systems"},
	}
	if decisions {
		items = append(items, NavItem{Label: "Decisions", Href: "/decisions"})
	}
	if stops {
		items = append(items, NavItem{Label: "Stops", Href: "/stops"})
	}
	if auditor {
		items = append(items, NavItem{Label: "Reports", Href: ReportList})
	}
	if admin {
		items = append(items, NavItem{Label: "Administration", Href: "/admin"})
	}
	for i, item := range items {
		items[i].Active = active == item.Href || (item.Href != "/" && strings.HasPrefix(active, item.Href+"/"))
	}
	return items
}

func (h PageHead) title() string {
	parts := []string{h.Title}
	if h.Section != "" && h.Section != h.Title {
		parts = append(parts, h.Section)
	}
	title := strings.Join(append(parts, "Countersign"), " – ")
	if h.Failed {
		return "Error: " + title
	}
	return title
}

func (h PageHead) signOut() string { return or(h.SignOut, "/sign-out") }

// htmxConfig: nothing evaluated, nothing styled inline, nothing kept in the
// browser's storage, nothing asked of another origin; a form that was sent back
// (422) is swapped in like any answer.
const htmxConfig = `{"allowEval":false,"includeIndicatorStyles":false,"allowScriptTags":false,"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":true,"error":true}]}`

// Crumb is one step of the way here; the last has no Href.
type Crumb struct{ Label, Href string }

// Tab is one address of a record. Count is shown when above zero.
type Tab struct {
	Label, Href string
	Active      bool
	Count       int
}

// RecordProps is the head of a record's page. Kicker says what kind of thing it
// is ("Capability of Invoice agent"); State and Tier may be "".
type RecordProps struct {
	Kicker, Title, Lead string
	State               string
	Held                bool // adds "held" beside the state
	Tier                string
	Stop                *StopProps // nil when this person cannot stop it
}
