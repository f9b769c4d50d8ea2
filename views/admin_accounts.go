package views

import (
	"countersign/models"
	"strconv"
	"time"
)

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
