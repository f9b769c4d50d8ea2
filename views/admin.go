package views

import (
	"net/url"
	"strconv"
	"time"

	"countersign/models"
)

// adminTabs are the sections of the administration.
func adminTabs(active string) []Tab {
	tabs := []Tab{
		{Label: "Overview", Href: "/admin"}, {Label: "People", Href: "/admin/people"}, {Label: "Accounts", Href: "/admin/accounts"},
		{Label: "Teams", Href: "/admin/teams"}, {Label: "Groups", Href: "/admin/groups"}, {Label: "Tier rules", Href: "/admin/tier-rules"},
		{Label: "Gateways", Href: "/admin/gateways"}, {Label: "Forbids", Href: "/admin/forbids"},
		{Label: "Emergency path", Href: "/admin/emergency"}, {Label: "Channels", Href: "/admin/channels"}, {Label: "What was sent", Href: "/admin/notices"},
	}
	for i := range tabs {
		tabs[i].Active = tabs[i].Href == active
	}
	return tabs
}

func adminCrumbs(section, href, here string) []Crumb {
	return []Crumb{{"Administration", "/admin"}, {section, href}, {here, ""}}
}

// HrefWith is a path with those of the pairs (name, value, name, value …) whose
// value is not empty.
func HrefWith(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// AdministrationPage is the overview.
type AdministrationPage struct {
	Waiting []Duty // what waits for a second administrator
	Counts  []AdminCount
	Now     time.Time
}

// AdminCount is a section of the administration and how much is in it.
type AdminCount struct {
	Title, Href, Much, Say string
}

// RulesDuty is a version of the tier rules that waits.
func RulesDuty(row models.TierRulesRow, by models.Party, loosens int, why string, now time.Time) Duty {
	return Duty{ID: row.ID, Title: "Tier rules " + strconv.Itoa(row.No) + " ask less in " + plural(loosens, "point"), Href: "/admin/tier-rules",
		Why: proposedBy(by, row.ProposedAt, row.Reason, now), Lapse: or(why, "You can confirm them.")}
}

func proposedBy(by models.Party, at models.Instant, reason string, now time.Time) string {
	return partyLabel(by) + " proposed it " + WhenText(localTime(at, now), now) + ": “" + reason + "”"
}
