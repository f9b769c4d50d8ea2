package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"countersign/models"
	"countersign/policy"
	"countersign/store"
	"countersign/views"
)

// DraftCheck shows everything that a submission would freeze, who would be asked
// to accept it and who could sign it. Whoever sees the version may read it; the
// button is for its makers, and only when nothing is missing.
func DraftCheck(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	return drawCheck(r, d, attempt{})
}

// DraftSubmit freezes what was shown and asks the three to accept it: a maker
// does. What changed since it was shown is shown again instead.
func DraftSubmit(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err == nil {
		shown := r.Form("digest")
		_, err = r.App.Store.DecideVersion(r.Ctx(), act, id, store.Lookup{}, onDraft(id, func(f models.CapabilityFacts) (models.Change, error) {
			if len(f.Missing(*f.Open)) == 0 && shown != digestOf(f.Preview(*f.Open)) {
				return models.Change{}, models.Refusal(models.Conflict, "submit.shown", "Something in it changed since you opened this page. Look at it again below, then submit.")
			}
			return f.Submit(id, policy.Compile)
		}))
	}
	if err == nil {
		return r.Redirect(draftPath(id, "submitted"))
	}
	var rule *models.Error
	if !errors.As(err, &rule) {
		return err
	}
	a, other := attempted(nil, err)
	if other != nil {
		return other
	}
	if len(rule.Fields) > 0 {
		a.refused = "Something is still missing; it is listed below."
	}
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, id, store.Lookup{})
	if err != nil {
		return err
	}
	return drawCheck(r, d, a)
}

// digestOf is what ties a submission to the page that showed it.
func digestOf(d models.Document) string {
	text, err := models.Canonical(d)
	if err != nil {
		return ""
	}
	return models.Digest(text)
}

// shownSigners is how many of the people who could sign are named.
const shownSigners = 20

func drawCheck(r *Request, d store.DraftPage, a attempt) error {
	v, body := *d.Asked, d.Asked.Contents()
	doc := v.Version.Doc()
	if v.Version.Digest == "" {
		doc = d.Preview(v)
	}
	page := views.DraftCheckPage{DraftTop: draftTop(r, d), Refused: a.refused, Keys: r.Keys(), Tier: views.TierOf(doc),
		Task:      views.TaskAnswers(body.Task, changePath(d, models.TaskPart)),
		Scope:     views.ScopeAnswers(body.Scope, factsOf(d), d.Secrets, changePath(d, models.ScopePart)),
		Oversight: views.OversightAnswers(body.Oversight, d.Secrets, changePath(d, models.OversightPart)),
		People:    peopleRows(d)}
	if v.Version.State == models.Draft {
		gaps := d.Missing(v)
		page.Missing = draftGaps(d, gaps)
		page.Accept = accepters(d)
		page.Signers, page.SignerCount, page.Barred = signers(d)
		page.Keys.Digest = digestOf(doc)
		page.MaySubmit = len(gaps) == 0 && d.MaySubmit() == nil
		if len(gaps) == 0 && !page.MaySubmit {
			page.Why = "You have no part in making this version. " + submitters(d) + " can submit it."
		}
	}
	title := "All answers"
	if page.MaySubmit {
		title = "Check your answers"
	}
	head := r.Head(title, page.Title)
	head.Failed = a.failed != 0
	return r.Render(a.code(), views.DraftCheck(head, page))
}

// changePath is the address of a part's form for whoever may write it.
func changePath(d store.DraftPage, part models.Part) string {
	if !mayWritePart(d, part) {
		return ""
	}
	return draftPath(d.Asked.Version.ID, string(part))
}

func peopleRows(d store.DraftPage) []views.SummaryRow {
	var out []views.SummaryRow
	for _, role := range models.MakerRoles {
		row := views.SummaryRow{Key: upper(role.Words()), Hole: "nobody is nominated"}
		if who, ok := d.Asked.Nominee(role); ok {
			row.Value = partyName(d, who)
		}
		if d.MayNominate(d.Asked.Version.ID, role) == nil {
			row.Change = draftPath(d.Asked.Version.ID, "people")
		}
		out = append(out, row)
	}
	return out
}

func accepters(d store.DraftPage) []string {
	var out []string
	for _, role := range models.MakerRoles {
		if who, ok := d.Asked.Nominee(role); ok {
			out = append(out, partyName(d, who)+", as "+role.Words())
		} else {
			out = append(out, "Nobody yet, as "+role.Words())
		}
	}
	return out
}

// signers are the approvers who could sign the version, by name, and how many
// there are; barred is how many approvers there are beside them.
func signers(d store.DraftPage) (some []models.Party, count, barred int) {
	for _, p := range d.Approvers {
		if models.MaySign(p, *d.Asked) == nil {
			some = append(some, p)
		}
	}
	slices.SortFunc(some, func(a, b models.Party) int {
		return strings.Compare(strings.ToLower(a.Person.Name), strings.ToLower(b.Person.Name))
	})
	count = len(some)
	return some[:min(count, shownSigners)], count, len(d.Approvers) - count
}

// DraftSubmitted confirms a submission and says what happens next, by whom and
// by when. Later on, the record says it.
func DraftSubmitted(r *Request) error {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), store.Lookup{})
	if err != nil {
		return err
	}
	v := d.Asked.Version
	if v.State == models.Draft {
		return r.Redirect(draftPath(v.ID, "draft"))
	}
	if v.State != models.Proposed || v.SubmittedAt == nil || v.SubmittedBy == nil {
		return r.Redirect("/versions/" + v.ID)
	}
	page := views.DraftDonePage{DraftTop: draftTop(r, d), Digest: v.Digest, Tier: v.Tier, At: r.Local(*v.SubmittedAt)}
	page.By = "By " + partyName(d, *v.SubmittedBy) + ", " + views.WhenText(page.At, r.Now()) + ". It no longer changes."
	for _, role := range models.MakerRoles {
		page.Next = append(page.Next, awaited(r, d, role))
	}
	ask := v.Doc().Ask
	last := "Once all three have accepted, one approver who had no part in it is asked to sign."
	switch {
	case ask.Approvers > 1 && ask.Apart:
		last = "Once all three have accepted, two approvers of different teams who had no part in it are asked to sign."
	case ask.Approvers > 1:
		last = "Once all three have accepted, approvers who had no part in it are asked; two of them must sign."
	}
	page.Next = append(page.Next, strings.Replace(last, "two", numberWord(ask.Approvers), 1)+" With the last signature it goes live.")
	return r.Render(http.StatusOK, views.DraftDone(r.Head("Submitted", page.Title), page))
}

// awaited says how it stands with one of the three roles after the submission.
func awaited(r *Request, d store.DraftPage, role models.Role) string {
	if who, ok := d.Asked.Holder(role); ok {
		return partyName(d, who) + " has accepted the role " + role.Words() + "."
	}
	who, named := d.Asked.Nominee(role)
	if !named {
		return "Nobody is nominated as " + role.Words() + " now; the business owner is asked to name somebody."
	}
	text := partyName(d, who) + " is asked to accept the role " + role.Words() + ", or to decline it"
	for _, duty := range d.Duties {
		if duty.Kind == models.DutyAccept && duty.Subject == d.Asked.Version.ID && duty.Detail == string(role) {
			text += ", at the latest " + views.WhenText(r.Local(duty.DueAt), r.Now())
		}
	}
	return text + "."
}

func numberWord(n int) string {
	if words := []string{"none", "one", "two", "three", "four", "five"}; n < len(words) {
		return words[n]
	}
	return "several"
}
