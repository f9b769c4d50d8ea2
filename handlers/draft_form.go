package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// What the forms of a draft have in common: who may write, what is said of a
// refusal, and how what was typed is drawn again.

// draftTop is what the page says of the version in its head.
func draftTop(r *Request, d store.DraftPage) views.DraftTop {
	v := d.Asked.Version
	return views.DraftTop{VersionID: v.ID, CapabilityID: v.CapabilityID, AgentID: d.Agent.ID, Agent: d.Agent.Name,
		Title: d.Asked.Contents().Task.Title, No: v.No, State: v.State, Now: r.Now()}
}

// mayWritePart says whether the viewer may write the part of the version in the
// address: it is the draft, and the part is theirs.
func mayWritePart(d store.DraftPage, part models.Part) bool {
	return d.Asked == d.Open && d.MayWrite(part) == nil
}

// draftToWrite is the version for whoever writes the part; everybody else is
// refused before anything of what they sent is looked at. A version that is
// frozen by now comes back all the same, so that what was typed can be shown.
func draftToWrite(r *Request, part models.Part, also store.Lookup) (store.DraftPage, error) {
	d, err := r.App.Store.Draft(r.Ctx(), r.Viewer, r.Param("id"), also)
	if err != nil {
		return d, err
	}
	if err := d.MayWrite(part); models.CodeOf(err) == models.Forbidden {
		return d, err
	}
	return d, nil
}

// onDraft runs a rule only where the version in the address is the capability's
// open one: an address of an older version changes nothing.
func onDraft(versionID string, rule func(models.CapabilityFacts) (models.Change, error)) func(models.CapabilityFacts) (models.Change, error) {
	return func(f models.CapabilityFacts) (models.Change, error) {
		if f.Open == nil || f.Open.Version.ID != versionID {
			return models.Change{}, models.Refusal(models.Conflict, "version.changed", "This version is not open any more. Nothing was recorded; look at what became of it.")
		}
		return rule(f)
	}
}

// attempt is how a form was taken: the problems of its fields, or why nothing
// came of it. The zero attempt is a form that nobody has sent.
type attempt struct {
	failed   int // the status, 0 when nothing went wrong
	problems views.Errors
	refused  string
	stale    bool // somebody else saved it since it was opened
}

// code is the status of the answer.
func (a attempt) code() int {
	if a.failed == 0 {
		return http.StatusOK
	}
	return a.failed
}

// attempted sorts a refusal: what the form can be drawn again with, and what is
// another page's to say (err).
func attempted(problems views.Errors, refusal error) (a attempt, err error) {
	a = attempt{failed: http.StatusUnprocessableEntity, problems: problems}
	if refusal == nil {
		return a, nil
	}
	var rule *models.Error
	if !errors.As(refusal, &rule) {
		return a, refusal
	}
	switch rule.Code {
	case models.Invalid:
	case models.Conflict:
		a.failed, a.stale = http.StatusConflict, rule.Rule == "part.changed"
	case models.Busy:
		a.failed = http.StatusServiceUnavailable
	default:
		return a, refusal
	}
	if len(rule.Fields) == 0 {
		a.refused = rule.Message
	}
	for _, f := range rule.Fields {
		if a.problems.For(f.Field) == "" {
			a.problems = append(a.problems, views.FieldError{Field: f.Field, Message: f.Message})
		}
	}
	return a, nil
}

// fieldProblems are the field errors of a check, beside those already found.
func fieldProblems(found views.Errors, check error) views.Errors {
	var rule *models.Error
	if errors.As(check, &rule) {
		for _, f := range rule.Fields {
			if found.For(f.Field) == "" {
				found = append(found, views.FieldError{Field: f.Field, Message: f.Message})
			}
		}
	}
	return found
}

// draftForm is the common part of a form; rows tells what is in the part now.
func draftForm(r *Request, d store.DraftPage, part models.Part, a attempt, rows []views.SummaryRow) views.DraftForm {
	f := views.DraftForm{DraftTop: draftTop(r, d), Errors: a.problems, Refused: a.refused, Keys: r.Keys(), MayWrite: mayWritePart(d, part)}
	saved := d.Asked.Parts[part]
	f.Keys.Revision = strconv.FormatInt(saved.Rev, 10)
	if begun := r.Form("revision"); begun != "" && !a.stale {
		f.Keys.Revision = begun // what was typed was begun at that one
	}
	if a.stale {
		f.Stale = &views.DraftStale{Rows: rows, At: r.Local(saved.UpdatedAt)}
		if saved.UpdatedBy != nil {
			f.Stale.Who = partyName(d, *saved.UpdatedBy)
		}
	}
	if !f.MayWrite && a.failed == 0 {
		f.Rows, f.Writer = rows, writerOf(d, part)
	}
	f.Comment = sentBackBy(r, d)
	return f
}

// formHead is the frame of a form; its title says when something is wrong.
func formHead(r *Request, title string, f views.DraftForm) views.PageHead {
	head := r.Head(title, f.Title)
	head.Failed = len(f.Errors) > 0 || f.Refused != ""
	return head
}

// factsOf is what the catalogue says of the version's operations: as of its
// submission, and of a draft as of now.
func factsOf(d store.DraftPage) []models.Fact {
	if d.Asked.Version.Digest != "" {
		return d.Asked.Version.Doc().Facts
	}
	return d.Facts(d.Asked.Contents().Scope)
}

// writerOf says whose part it is, to somebody who only reads it.
func writerOf(d store.DraftPage, part models.Part) string {
	if d.Asked.Version.State != models.Draft {
		return ""
	}
	who, named := d.Asked.Nominee(part.Role())
	if !named {
		return "Nobody is nominated as " + part.Role().Words() + " yet, who writes this part."
	}
	if who == d.By.Person.ID {
		return "This part is yours, but you do not hold the role " + part.Role().Words() + " any more, or you signed this version. The business owner can name somebody else."
	}
	return partyName(d, who) + " writes this part, as " + part.Role().Words() + "."
}

func partyName(d store.DraftPage, id string) string {
	p, ok := d.People[id]
	if !ok {
		return "Somebody"
	}
	return views.PartyText(p)
}

// sentBackBy is the approver's comment on the version before, nil where there is none.
func sentBackBy(r *Request, d store.DraftPage) *views.DraftComment {
	if d.SentBack == nil || d.Asked.Version.State != models.Draft {
		return nil
	}
	c := views.DraftComment{Reason: d.SentBack.Reason, Who: "An approver"}
	if by := d.SentBack.EndedBy; by != nil {
		if p, ok := d.People[*by]; ok {
			c.Who, c.Team = p.Person.Name, p.Team()
		}
	}
	if d.SentBack.EndedAt != nil {
		c.At = r.Local(*d.SentBack.EndedAt)
	}
	return &c
}

// number reads a whole number as people type it, such as "1,000"; empty is 0.
func number(problems *views.Errors, field, typed, what string) int {
	if typed == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.NewReplacer(",", "", "’", "", "'", "", " ", "").Replace(typed))
	if err != nil || len(typed) > 20 {
		*problems = append(*problems, views.FieldError{Field: field, Message: "Enter " + what + " as a whole number, such as 30."})
		return 0
	}
	if n == 0 {
		return -1 // typed, and not a number that any of these takes
	}
	return n
}

// lines are the lines of a text area, without empty ones.
func lines(typed string) []string {
	out := []string{}
	for line := range strings.Lines(typed) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// later says that the form is saved as far as it is.
func (r *Request) later() bool { return r.Form("then") == "later" }

// savedPart leads on after a part was saved.
func savedPart(r *Request, what string, next string) error {
	text := what + " is saved and complete. The draft shows what is still missing."
	if r.later() {
		text = what + " is saved as far as it is. Come back to it from the draft; nothing is submitted yet."
	}
	r.Flash(views.KindSuccess, text)
	return r.Redirect(next)
}

func draftPath(versionID, page string) string { return "/versions/" + versionID + "/" + page }
