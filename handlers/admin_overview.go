package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminOverview shows administrators and auditors what waits for a second
// administrator, and how much there is of everything.
func AdminOverview(r *Request) error {
	a, err := r.App.Store.Administration(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.AdministrationPage{Now: r.Now(), Counts: []views.AdminCount{
		{Title: "People", Href: "/admin/people", Much: views.Counted(a.People, "active person", "active people"), Say: "Who they are, their roles, teams and accounts"},
		{Title: "Accounts", Href: "/admin/accounts", Much: views.Counted(a.Accounts, "is nobody yet", "are nobody yet"), Say: "Sign-ins that wait to be linked to a person"},
		{Title: "Teams", Href: "/admin/teams", Much: views.Counted(a.Teams, "team", "teams"), Say: "Who looks after what, and who signs apart from whom"},
		{Title: "Groups", Href: "/admin/groups", Much: views.Counted(a.Groups, "gives a role", "give a role"), Say: "Roles that come from the identity provider"},
		{Title: "Systems", Href: "/systems", Much: views.Counted(a.Systems, "in use", "in use"), Say: "What agents can reach, with its operations and secrets"},
		{Title: "Tier rules", Href: "/admin/tier-rules", Much: "Version " + strconv.Itoa(a.Rules.No), Say: "From what a tier follows, and what it asks"},
		{Title: "Gateways", Href: "/admin/gateways", Much: views.Counted(a.Gateways, "key", "keys"), Say: "Who asks at each request whether it is allowed"},
		{Title: "Forbids", Href: "/admin/forbids", Much: views.Counted(a.Forbids, "in force", "in force"), Say: "What no agent may do, whatever is signed"},
		{Title: "Reports", Href: views.ReportList, Much: "By person", Say: "How much people answer for, who is over the limit, and what was sent"},
	}}
	for _, l := range adminLinks(r, a.Links) {
		page.Waiting = append(page.Waiting, l.Duty(page.Now))
	}
	if row := a.Proposed; row != nil {
		loosens := row.Rules().Loosened(a.Rules.Rules())
		page.Waiting = append(page.Waiting, views.RulesDuty(*row, a.ProposedBy, len(loosens), whyNotRules(r, *row), page.Now))
	}
	for _, row := range a.Forbidden.Open {
		why := whyNotForbid(models.ForbidFacts{Env: models.Env{By: r.Viewer}, Forbid: &row})
		page.Waiting = append(page.Waiting, views.ForbidDuty(forbidLine(row, a.Forbidden.People), why, page.Now))
	}
	return r.Render(http.StatusOK, views.Administration(r.Head("Administration", ""), page))
}

// adminLinks are proposals with whom they name, and why the viewer may not
// confirm them.
func adminLinks(r *Request, links store.Links) []views.AdminLink {
	var out []views.AdminLink
	for _, l := range links.Open {
		x := views.AdminLink{AccountLink: l, Person: links.People[l.PersonID], By: links.People[l.ProposedBy], Why: whyNotLink(r, l)}
		if l.AccountID != nil {
			x.Account = links.Accounts[*l.AccountID]
		}
		if l.FromID != nil {
			x.From = links.People[*l.FromID]
		}
		if l.ConfirmedBy != nil {
			x.Decider = links.People[*l.ConfirmedBy]
		}
		out = append(out, x)
	}
	return out
}

func whyNotLink(r *Request, l models.AccountLink) string {
	_, err := models.AdminFacts{Env: models.Env{By: r.Viewer}, Link: &l}.MayConfirmLink()
	return message(err)
}

func whyNotRules(r *Request, row models.TierRulesRow) string {
	_, err := models.AdminFacts{Env: models.Env{By: r.Viewer}, Other: &row}.MayConfirmRules(row.ID)
	return message(err)
}

// message is what a rule says to the person, "" when it refuses nothing.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// readHistory is one piece of the history of a thing whose page is at the path.
func (r *Request) readHistory(kind, id, path string) (views.HistoryProps, error) {
	before, _ := strconv.ParseInt(r.Query("before"), 10, 64) // what is no number is the newest
	entries, more, err := r.App.Store.History(r.Ctx(), r.Viewer, kind, id, max(before, 0))
	if err != nil {
		return views.HistoryProps{}, err
	}
	h := views.HistoryProps{Entries: entries, Now: r.Now(), Of: kind}
	if more && len(entries) > 0 {
		h.Older = views.HrefWith(path, "before", strconv.FormatInt(entries[len(entries)-1].Seq, 10))
	}
	if before > 0 {
		h.Newest = path
	}
	return h, nil
}
