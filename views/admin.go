package views

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"countersign/models"
)

// adminTabs are the sections of the administration.
func adminTabs(active string) []Tab {
	tabs := []Tab{
		{Label: "Overview", Href: "/admin"}, {Label: "People", Href: "/admin/people"}, {Label: "Accounts", Href: "/admin/accounts"},
		{Label: "Teams", Href: "/admin/teams"}, {Label: "Groups", Href: "/admin/groups"}, {Label: "Tier rules", Href: "/admin/tier-rules"},
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

// localTime is an instant at the place of now, the reader's.
func localTime(at models.Instant, now time.Time) time.Time { return at.Time().In(now.Location()) }

func partyTeam(p models.Party) string {
	if len(p.Teams) == 0 {
		return ""
	}
	return p.Team()
}

func partyLabel(p models.Party) string {
	if team := partyTeam(p); team != "" {
		return p.Person.Name + " (" + team + ")"
	}
	return p.Person.Name
}

func teamNames(p models.Party) string {
	names := make([]string, len(p.Teams))
	for i, t := range p.Teams {
		names[i] = t.Name
	}
	return strings.Join(names, ", ")
}

// roleWords lists roles in the order in which pages show them.
func roleWords(roles []models.Role) string {
	var words []string
	for _, r := range models.Roles {
		for _, x := range roles {
			if x == r {
				words = append(words, r.Words())
				break
			}
		}
	}
	return strings.Join(words, ", ")
}

// personState is a person's status in the words of a state.
func personState(p models.Person) string {
	if p.Status == models.PersonActive {
		return "active"
	}
	return "inactive"
}

// GrantFrom says where a role comes from.
func GrantFrom(g models.Grant, by models.Party) string {
	switch g.Source {
	case "group":
		return "from a group of the identity provider, mapped by " + or(by.Person.Name, "an administrator")
	case "bootstrap":
		return "from the operator’s configuration"
	}
	return "granted by " + or(by.Person.Name, "an administrator")
}

func roleOptions(roles []models.Role) []Option {
	out := make([]Option, len(roles))
	for i, r := range roles {
		out[i] = Option{Value: string(r), Label: upperFirst(r.Words())}
	}
	return out
}

func choiceOptions(choices []models.Choice) []Option {
	out := make([]Option, len(choices))
	for i, c := range choices {
		out[i] = Option{Value: c.Value, Label: upperFirst(c.Words)}
	}
	return out
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

// noun is the one that fits the number.
func noun(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Counted is a number with its noun.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// AdminLink is a proposal about an account or two people. Why says why the
// viewer may not confirm it; "" when they may.
type AdminLink struct {
	models.AccountLink
	Account                   models.Account
	Person, From, By, Decider models.Party
	Why                       string
}

// Title is what the proposal says.
func (l AdminLink) Title() string {
	switch l.Kind {
	case models.LinkKindMerge:
		return l.From.Person.Name + " and " + l.Person.Person.Name + " are one person"
	case models.LinkKindSplit:
		return "The account “" + AccountLabel(l.Account) + "” is " + l.Person.Person.Name + ", not " + l.From.Person.Name
	}
	return "The account “" + AccountLabel(l.Account) + "” is " + l.Person.Person.Name
}

func (l AdminLink) href() string { return "/admin/links/" + l.ID }

func (l AdminLink) stateWord() string {
	switch l.State {
	case models.LinkConfirmed:
		return "done"
	case models.LinkWithdrawn:
		return "withdrawn"
	}
	return "waiting"
}

// Duty is the proposal as something that waits.
func (l AdminLink) Duty(now time.Time) Duty {
	return Duty{ID: l.ID, Title: l.Title(), Href: l.href(), Why: proposedBy(l.By, l.ProposedAt, l.Reason, now), Lapse: or(l.Why, "You can confirm it.")}
}

// RulesDuty is a version of the tier rules that waits.
func RulesDuty(row models.TierRulesRow, by models.Party, loosens int, why string, now time.Time) Duty {
	return Duty{ID: row.ID, Title: "Tier rules " + strconv.Itoa(row.No) + " ask less in " + plural(loosens, "point"), Href: "/admin/tier-rules",
		Why: proposedBy(by, row.ProposedAt, row.Reason, now), Lapse: or(why, "You can confirm them.")}
}

func proposedBy(by models.Party, at models.Instant, reason string, now time.Time) string {
	return partyLabel(by) + " proposed it " + WhenText(localTime(at, now), now) + ": “" + reason + "”"
}

// AccountLabel is how people call an account.
func AccountLabel(a models.Account) string {
	switch {
	case a.Name != "" && a.Email != "":
		return a.Name + ", " + a.Email
	case a.Name != "" || a.Email != "":
		return a.Name + a.Email
	}
	return a.Subject
}

// LinkPage is one proposal, to be decided or read.
type LinkPage struct {
	Link    AdminLink
	Effects []string // what confirming does, a sentence each
	May     bool     // the viewer is an administrator
	Confirm FormKeys
	Retract FormKeys
	Errors  Errors
	Now     time.Time
}

func (p LinkPage) open() bool { return p.Link.State == models.LinkProposed }

// AdminPeoplePage is the list of people.
type AdminPeoplePage struct {
	People         []AdminPersonLine
	Search, Status string
	Previous, Next string
	May            bool
}

// AdminPersonLine is one of them.
type AdminPersonLine struct {
	models.Party
	Accounts int
}

// personStatuses are what the list may be asked for.
var personStatuses = []Option{
	{Value: "", Label: "Active"}, {Value: models.PersonLeft, Label: "Deactivated"}, {Value: models.PersonMerged, Label: "Merged with another"},
}

func (p AdminPeoplePage) chips() []Chip {
	var out []Chip
	if p.Search != "" {
		out = append(out, Chip{"Contains “" + p.Search + "”", HrefWith("/admin/people", "status", p.Status)})
	}
	for _, o := range personStatuses[1:] {
		if p.Status == o.Value {
			out = append(out, Chip{o.Label, HrefWith("/admin/people", "q", p.Search)})
		}
	}
	return out
}

// PersonForm adds a person.
type PersonForm struct {
	Name, Email, TimeZone string
	Account               string // the account that is to be linked afterwards, or ""
	Keys                  FormKeys
	Errors                Errors
}

// AdminPersonPage is a person as an administrator manages them. The keys are of
// a form each; a form without keys is not drawn.
type AdminPersonPage struct {
	models.Party
	Into     models.Party
	Grants   []AdminGrant
	Teams    []AdminTeamLine
	Accounts []models.Account
	Links    []AdminLink
	Answers  int
	Roles    []models.Role // that may be given
	Join     []models.Team // that may be joined
	Role     string        // as chosen
	Team     string        // as chosen
	GiveKeys FormKeys
	JoinKeys FormKeys
	May      bool // the viewer is an administrator, and the person active
	Self     bool // the viewer's own page
	Errors   Errors
	Now      time.Time
}

// AdminGrant is a role with where it comes from. Keep says why it cannot be
// ended here.
type AdminGrant struct {
	models.Grant
	From, Keep string
	Keys       FormKeys
}

// AdminTeamLine is a team of a person with the form that takes them out.
type AdminTeamLine struct {
	models.Team
	Keys FormKeys
}

func (p AdminPersonPage) href(more string) string { return "/admin/people/" + p.Person.ID + more }

func (p AdminPersonPage) tabs(active string) []Tab {
	return []Tab{{Label: "Overview", Href: p.href(""), Active: active == ""}, {Label: "History", Href: p.href("/history"), Active: active == "history"}}
}

func (p AdminPersonPage) auditorHint() string {
	switch {
	case p.Has(models.Auditor):
		return "An auditor holds no other role. End that role before you give another."
	case len(p.Party.Roles) > 0:
		return "An auditor holds no other role, so “auditor” is not offered while the person has one."
	}
	return ""
}

// LeavePage asks before a person is deactivated.
type LeavePage struct {
	Person  models.Party
	Answers int          // capabilities in force that they answer for
	Seen    []AnswerLine // those of them that the viewer may see
	Grants  int
	Reason  string
	Keys    FormKeys
	Errors  Errors
}

// AdminPick is the search for a person and what it found.
type AdminPick struct {
	Action string // of the search
	Keys   [][2]string
	Query  string
	People []models.Party
	More   bool
	Chosen string
	Error  string
	Label  string
	AddURL string // where a person is added who is not found
}

func (p AdminPick) options() []Option {
	out := make([]Option, len(p.People))
	for i, x := range p.People {
		hint := x.Person.Email
		if roles := roleWords(x.Roles); roles != "" {
			if hint != "" {
				hint += ", "
			}
			hint += roles
		}
		out[i] = Option{Value: x.Person.ID, Label: partyLabel(x), Hint: hint}
	}
	return out
}

// MergePage proposes that two people are one.
type MergePage struct {
	From    models.Party
	Into    *models.Party // nil before somebody was chosen
	Effects []string
	Pick    AdminPick
	Reason  string
	Keys    FormKeys
	Errors  Errors
}

// AdminAccountsPage is the accounts that are nobody yet, and what is proposed.
type AdminAccountsPage struct {
	Accounts       []models.Account
	Proposed       map[string]string // account → the proposal's address
	Links          []AdminLink       // that wait
	Decided        []AdminLink       // last
	Search         string
	Previous, Next string
	Now            time.Time
}

// AccountPage is one account; a link or a split may be proposed on it.
type AccountPage struct {
	Account models.Account
	Groups  []string
	Person  models.Party // zero: it is nobody yet
	Links   []AdminLink  // open ones
	Split   bool         // the form says that it is somebody else
	May     bool
	Pick    AdminPick
	Reason  string
	Keys    FormKeys
	Errors  Errors
	Now     time.Time
}

func (p AccountPage) title() string { return AccountLabel(p.Account) }

func (p AccountPage) action() string {
	if p.Split {
		return "/admin/accounts/" + p.Account.ID + "/split"
	}
	return "/admin/accounts/" + p.Account.ID + "/link"
}

// AdminTeamsPage is the list of teams, with the form that adds one.
type AdminTeamsPage struct {
	Teams          []AdminTeamRow
	Search         string
	Previous, Next string
	Name           string // as typed
	May            bool
	Keys           FormKeys
	Errors         Errors
}

// AdminTeamRow is one of them.
type AdminTeamRow struct {
	models.Team
	Members, Systems int
}

// AdminTeamPage is one team.
type AdminTeamPage struct {
	models.Team
	Members []models.Party
	Systems []models.System
}

// AdminGroupsPage is the group mappings, with the form that adds one.
type AdminGroupsPage struct {
	Mappings                []AdminMapping
	Issuer, GroupName, Role string // as typed
	Issuers                 []string
	May                     bool
	Keys                    FormKeys
	Errors                  Errors
	Now                     time.Time
}

// AdminMapping is one of them, with the form that ends it.
type AdminMapping struct {
	models.GroupMapping
	By   models.Party
	Keys FormKeys
}

// LinkEffects says, a sentence each, what confirming a proposal does.
func LinkEffects(l AdminLink, e models.MergeEffects) []string {
	who := l.Person.Person.Name
	switch l.Kind {
	case models.LinkKindMerge:
		return MergeSentences(l.From.Person.Name, who, e)
	case models.LinkKindSplit:
		return []string{
			"Whoever signs in with this account is " + who + " from then on, also in sessions that are open now.",
			l.From.Person.Name + " keeps their roles and what they answer for, and their other accounts.",
			"Roles that come from the account’s groups follow it at the next sign-in.",
		}
	}
	out := []string{"Whoever signs in with this account is " + who + " from then on."}
	if roles := roleWords(l.Person.Roles); roles != "" {
		return append(out, "They can do at once what "+who+" may do: "+roles+".")
	}
	return append(out, who+" has no role yet, so they can read what their teams see and change nothing.")
}

// MergeSentences says, a sentence each, what merging two people does.
func MergeSentences(from, into string, e models.MergeEffects) []string {
	out := []string{
		"Whoever signs in as " + from + " is " + into + " from then on: " + Counted(e.Accounts, "account moves", "accounts move") + ".",
		from + " is deactivated: " + plural(e.Grants, "role") + " and their teams end, and nobody can be nominated under that name again.",
	}
	say := func(n int, one, many string) {
		switch {
		case n == 1:
			out = append(out, "1 "+one)
		case n > 1:
			out = append(out, strconv.Itoa(n)+" "+many)
		}
	}
	say(e.SignOffs, "sign-off no longer counts, since the signer turns out to be on the other side of the version, or its other signer.",
		"sign-offs no longer count, since the signer turns out to be on the other side of the version, or its other signer.")
	say(e.Mandates, "capability that is in force is revoked at once, since two who have to be different people are one.",
		"capabilities that are in force are revoked at once, since two who have to be different people are one.")
	say(e.Reviews, "approved version goes back into review.", "approved versions go back into review.")
	if e.Held {
		out = append(out, "What "+from+" answers for is held until a successor accepts it.")
	} else {
		out = append(out, from+" answers for nothing that is in force, so nothing is held.")
	}
	return out
}
