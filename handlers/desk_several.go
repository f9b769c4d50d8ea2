package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// Several at once, where that is honest: an approver chooses, reads the list once
// more, and signs. Nothing is chosen beforehand, and there is no way to choose all.

// Several lists what the viewer could sign off together.
func Several(r *Request) error { return drawSeveral(r, nil, nil) }

func drawSeveral(r *Request, chosen []string, problems views.Errors) error {
	list, err := r.App.Store.Several(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.SeveralPage{Chosen: chosen, Errors: problems, Most: models.MostTogether, Now: r.Now()}
	for _, x := range list {
		page.Lines = append(page.Lines, severalLine(r, x))
	}
	head, status := r.Head("Several at once", ""), http.StatusOK
	if len(problems) > 0 {
		head.Failed, status = true, http.StatusUnprocessableEntity
	}
	return r.Render(status, views.Several(head, page))
}

func severalLine(r *Request, x store.Several) views.SeveralLine {
	v := x.File.Version
	l := views.SeveralLine{ID: v.ID, Href: "/versions/" + v.ID, Title: v.Doc().Task.Title, Agent: x.Agent.Name, No: v.No, Round: v.Round, Digest: v.Digest,
		By: x.Submitter.Person.Name, Restart: x.Restart != nil, Approved: "never", DigestKey: "digest-" + v.ID, RoundKey: "round-" + v.ID}
	if len(x.Submitter.Teams) > 0 {
		l.Team = x.Submitter.Team()
	}
	no := "version " + strconv.Itoa(v.No)
	l.Why = capital(no) + " waits for an approver; its contents are those that were last approved."
	if x.Restart != nil {
		l.Why = capital(no) + " was stopped, and waits for an approver to start again; it is the very same version. What was wrong: " + x.Restart.Cause
		if !strings.HasSuffix(l.Why, ".") {
			l.Why += "."
		}
	}
	if a := x.Approved; a != nil {
		l.Approved = "version " + strconv.Itoa(a.No)
		if a.ApprovedAt != nil {
			l.Approved += ", on " + views.DateText(r.Local(*a.ApprovedAt), r.Now())
		}
	}
	if x.Why != nil {
		l.Refused = x.Why.Error()
	}
	return l
}

// SeveralCheck lists what was chosen, once more, with the button that signs.
func SeveralCheck(r *Request) error {
	var chosen []string
	for _, id := range r.QueryParams()["version"] {
		if id != "" && !slices.Contains(chosen, id) {
			chosen = append(chosen, id)
		}
	}
	if err := models.CheckTogether(chosen); err != nil {
		return drawSeveral(r, chosen, fieldProblems(nil, err))
	}
	return drawSeveralCheck(r, severalSaid{chosen: chosen})
}

// severalSaid is what a confirmation says beside what is there.
type severalSaid struct {
	chosen   []string
	shown    map[string]models.Shown // what a form that was refused had listed
	problems views.Errors
	refused  string // why nothing was recorded
	status   int
}

// drawSeveralCheck draws the confirmation: what may be signed, and apart from it
// what may not, with why.
func drawSeveralCheck(r *Request, said severalSaid) error {
	list, err := r.App.Store.SeveralChosen(r.Ctx(), r.Viewer, said.chosen)
	if err != nil {
		return err
	}
	page := views.SeveralConfirmPage{Keys: r.Keys(), Errors: said.problems, Refused: said.refused, Reason: r.Form("reason"), MaxChars: models.MaxText, Now: r.Now()}
	found := map[string]bool{}
	var teams []models.Team
	for _, x := range list {
		l := severalLine(r, x)
		found[l.ID] = true
		was, sent := said.shown[l.ID]
		switch {
		case l.Refused != "":
			page.Left = append(page.Left, l)
		case sent && (was.Digest != l.Digest || was.Round != l.Round):
			l.Refused = "It changed since you opened the list. Read it, and choose it again."
			page.Left = append(page.Left, l)
		default:
			page.Lines = append(page.Lines, l)
			teams = models.TeamsFor(r.Viewer, *x.File)
		}
	}
	for _, id := range said.chosen {
		if !found[id] {
			page.Left = append(page.Left, views.SeveralLine{Refused: "One that you chose does not wait for approvers any more, or is not for you to see."})
		}
	}
	if len(said.shown) > 0 && len(page.Left) > 0 {
		page.Keys.ActID = r.NewActID() // what is sent next is another choice
	}
	if len(teams) == 1 {
		page.Team = teams[0].Name
	} else {
		page.Teams = teamChoice(teams, r.Form("team"), said.problems.For("team"))
		page.Teams.Hint = ""
	}
	head := r.Head("Check each, then sign", "Several at once")
	head.Failed = said.status != 0
	return r.Render(max(said.status, http.StatusOK), views.SeveralConfirm(head, page))
}

// SeveralSign signs the listed versions off, each as it was shown: all of them,
// or none where one is refused.
func SeveralSign(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	chosen := r.FormAll("version")
	if err := models.CheckTogether(chosen); err != nil {
		return drawSeveral(r, nil, fieldProblems(nil, err))
	}
	was := map[string]models.Shown{}
	var shown []models.Shown
	for _, id := range chosen {
		round, _ := strconv.Atoi(r.Form("round-" + id)) // what is no number is no round that there is
		was[id] = models.Shown{VersionID: id, Digest: r.Form("digest-" + id), Round: round}
		shown = append(shown, was[id])
	}
	receipts, err := r.App.Store.SignTogether(r.Ctx(), act, shown, models.Signing{TeamID: r.Form("team"), Comment: r.Form("reason")})
	if err != nil {
		return severalRefused(r, chosen, was, err)
	}
	var done []string
	again := ""
	for _, x := range receipts {
		done = append(done, strconv.FormatInt(x.Seq, 10))
		if x.Again {
			again = "&again=1"
		}
	}
	return r.Redirect("/desk/several/done?receipts=" + strings.Join(done, ".") + again)
}

// severalRefused draws the confirmation again with what changed, or beside the
// field what is wrong with it.
func severalRefused(r *Request, chosen []string, was map[string]models.Shown, refusal error) error {
	var rule *models.Error
	if !errors.As(refusal, &rule) {
		return refusal
	}
	said := severalSaid{chosen: chosen, shown: was, problems: fieldProblems(nil, refusal), refused: rule.Message, status: http.StatusConflict}
	var which *store.RefusedTogether
	switch {
	case len(said.problems) > 0:
		said.refused, said.status = "", http.StatusUnprocessableEntity
	case rule.Code == models.Busy:
		said.status = http.StatusServiceUnavailable
	case errors.As(refusal, &which):
		said.refused = "One of what you chose is not to be signed with the others any more, so none of them was signed. It says below which, and why."
	}
	return drawSeveralCheck(r, said)
}

// SeveralDone lists the receipts of what the viewer signed off together.
func SeveralDone(r *Request) error {
	page := views.SeveralDonePage{Again: r.Query("again") != ""}
	for i, text := range strings.Split(r.Query("receipts"), ".") {
		seq, err := strconv.ParseInt(text, 10, 64)
		if err != nil || i >= models.MostTogether {
			break
		}
		e, err := r.App.Store.Receipt(r.Ctx(), r.Viewer, seq)
		if models.CodeOf(err) == models.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		if e.ActorID == r.Viewer.Person.ID && e.Number("together") > 0 {
			page.Receipts = append(page.Receipts, views.SeveralReceipt{Title: e.Capability, Text: receiptTitle(e, r.Viewer), Href: "/receipts/" + strconv.FormatInt(seq, 10)})
		}
	}
	if len(page.Receipts) == 0 {
		return models.Refusal(models.NotFound, "not_found", "There is no such receipt, or it is not for you to see.")
	}
	return r.Render(http.StatusOK, views.SeveralDone(r.Head("Signed off together", ""), page))
}
