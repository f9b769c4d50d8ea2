package handlers

import (
	"net/http"
	"slices"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// DraftShow is the task list of a draft. A version that was submitted has its
// record instead.
func DraftShow(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	if d.Asked.Version.State != models.Draft {
		return r.Redirect("/versions/" + d.Asked.Version.ID)
	}
	gaps := d.Missing(*d.Asked)
	page := views.DraftPage{DraftTop: draftTop(r, d), SentBack: sentBackBy(r, d), Tier: views.TierOf(d.Preview(*d.Asked)),
		Sections: []views.TaskSection{{Title: "The three parts", Tasks: partTasks(r, d, gaps)}, {Title: "The people", Tasks: peopleTasks(d, gaps)}},
		Missing:  draftGaps(d, gaps),
		Submit:   len(gaps) == 0 && d.MaySubmit() == nil,
		Waits:    submitters(d),
		Withdraw: d.MayWithdraw(d.Asked.Version.ID) == nil,
	}
	return r.Render(http.StatusOK, views.Draft(r.Head("Draft of version", page.Title), page))
}

var partTitles = map[models.Part]string{models.TaskPart: "Task boundary", models.ScopePart: "Scope", models.OversightPart: "Oversight plan"}

// partTasks are the three parts, each with whose it is and how far.
func partTasks(r *Request, d store.DraftPage, gaps []models.Gap) []views.Task {
	var out []views.Task
	for _, part := range models.Parts {
		t := views.Task{Title: partTitles[part], Status: partStatus(d, part, gaps)}
		who, named := d.Asked.Nominee(part.Role())
		switch {
		case mayWritePart(d, part):
			t.Href = draftPath(d.Asked.Version.ID, string(part))
			t.Who = "You write this, as " + part.Role().Words() + "."
		case !named:
			t.Status, t.Hint = views.TaskCannotStart, "Nobody is nominated as "+part.Role().Words()+" yet."
		default:
			t.Who = partyName(d, who) + " writes this, as " + part.Role().Words() + "."
			if t.Status != views.TaskComplete && t.Status != views.TaskProblem {
				t.Status = "Waits for " + short(d.People[who].Person.Name)
			}
		}
		if due, ok := fillDue(d, part); ok {
			t.Who += " Due " + views.WhenText(r.Local(due), r.Now()) + "."
		}
		out = append(out, t)
	}
	return out
}

// partStatus is how far a part is. It has a problem where it is complete and
// something else keeps it from being submitted, such as a retired operation.
func partStatus(d store.DraftPage, part models.Part, gaps []models.Gap) string {
	missing := slices.ContainsFunc(gaps, func(g models.Gap) bool { return g.Where == string(part) })
	_, begun := d.Asked.Parts[part]
	body := d.Asked.Contents()
	var err error
	switch part {
	case models.TaskPart:
		err = body.Task.Check(d.Now, true)
	case models.ScopePart:
		err = body.Scope.Check(true)
	default:
		err = body.Oversight.Check(true)
	}
	switch {
	case !begun:
		return views.TaskNotStarted
	case err != nil:
		return views.TaskInProgress
	case missing:
		return views.TaskProblem
	}
	return views.TaskComplete
}

func fillDue(d store.DraftPage, part models.Part) (models.Instant, bool) {
	for _, duty := range d.Duties {
		if duty.Subject == d.Asked.Version.ID && duty.Detail == string(part) && (duty.Kind == models.DutyFill || duty.Kind == models.DutyEdit) {
			return duty.DueAt, true
		}
	}
	return 0, false
}

// peopleTasks are the three roles, each with who is nominated.
func peopleTasks(d store.DraftPage, gaps []models.Gap) []views.Task {
	var out []views.Task
	for _, role := range models.MakerRoles {
		t := views.Task{Title: upper(role.Words()), Status: views.TaskNotStarted}
		if d.MayNominate(d.Asked.Version.ID, role) == nil {
			t.Href = draftPath(d.Asked.Version.ID, "people")
		}
		if who, named := d.Asked.Nominee(role); named {
			t.Status, t.Who = views.TaskComplete, partyName(d, who)+" is nominated."
			if i := slices.IndexFunc(gaps, func(g models.Gap) bool { return g.Where == string(role) }); i >= 0 {
				t.Status, t.Hint = views.TaskProblem, gaps[i].Text
			}
		} else if declined := lastDeclined(d, role); declined != nil {
			t.Hint = partyName(d, declined.PersonID) + " declined: " + declined.Reason
		}
		out = append(out, t)
	}
	return out
}

func lastDeclined(d store.DraftPage, role models.Role) *models.Nomination {
	for _, n := range slices.Backward(d.Asked.Nominations) {
		if n.Role == role && n.State == models.NominationDeclined {
			return &n
		}
	}
	return nil
}

// draftGaps are what is missing, section by section, with the way to it for
// whoever can go it.
func draftGaps(d store.DraftPage, gaps []models.Gap) []views.DraftGaps {
	var out []views.DraftGaps
	for _, g := range gaps {
		title, href, who := gapWay(d, g.Where)
		if len(out) == 0 || out[len(out)-1].Title != title {
			out = append(out, views.DraftGaps{Title: title, Who: who})
		}
		last := &out[len(out)-1]
		last.Gaps = append(last.Gaps, views.DraftGap{Text: g.Text, Href: href})
	}
	return out
}

// gapWay is the section that something is missing in, and the way there, or who
// can go it.
func gapWay(d store.DraftPage, where string) (title, href, who string) {
	waits := func(r models.Role) string {
		if id, named := d.Asked.Nominee(r); named {
			return "Waits for " + partyName(d, id) + "."
		}
		return "Waits until somebody is nominated as " + r.Words() + "."
	}
	switch part := models.Part(where); {
	case where == "agent" && d.Agent.OwnerID == d.By.Person.ID:
		return "The agent", "/agents/" + d.Agent.ID, ""
	case where == "agent":
		return "The agent", "", "Waits for " + partyName(d, d.Agent.OwnerID) + "."
	case where == "approver":
		return "Approvers", "", "An administrator can give more people the role."
	case slices.Contains(models.Parts, part) && mayWritePart(d, part):
		return partTitles[part], draftPath(d.Asked.Version.ID, where), ""
	case slices.Contains(models.Parts, part):
		return partTitles[part], "", waits(part.Role())
	case d.MayNominate(d.Asked.Version.ID, models.Role(where)) == nil:
		return "The people", draftPath(d.Asked.Version.ID, "people"), ""
	}
	return "The people", "", waits(models.BusinessOwner)
}

// submitters are the people who may submit, as the beginning of a sentence.
func submitters(d store.DraftPage) string {
	var names []string
	for _, role := range models.MakerRoles {
		if who, ok := d.Asked.Nominee(role); ok && d.People[who].Has(role) {
			if name := partyName(d, who); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	switch len(names) {
	case 0:
		return "its business owner"
	case 1:
		return names[0]
	}
	text := names[0]
	for _, n := range names[1 : len(names)-1] {
		text += ", " + n
	}
	return text + " or " + names[len(names)-1]
}

// unnamed are the roles for which nobody is nominated.
func unnamed(d store.DraftPage) []models.Role {
	return slices.DeleteFunc(slices.Clone(models.MakerRoles), func(role models.Role) bool {
		_, named := d.Asked.Nominee(role)
		return named
	})
}

// short cuts a name for a tag.
func short(name string) string {
	r := []rune(name)
	if len(r) <= 24 {
		return name
	}
	return string(r[:23]) + "…"
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
