package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/ledger/passkey"
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// receipt leads to the receipt of an act.
func (r *Request) receipt(x models.Receipt) error {
	to := "/receipts/" + strconv.FormatInt(x.Seq, 10)
	if x.Again {
		to += "?again=1"
	}
	return r.Redirect(to)
}

// ReceiptShow is the receipt of one act, by its number in the ledger: for whoever
// did it, and for whoever may see what it was about.
func ReceiptShow(r *Request) error {
	p, err := receiptAsked(r)
	if err != nil {
		return err
	}
	e := p.HistoryEntry
	number := strconv.FormatInt(e.Seq, 10)
	page := views.ReceiptFull{ReceiptProps: views.ReceiptProps{Title: receiptTitle(e, r.Viewer), By: views.HistoryWho(e), Team: e.Actor.Team, At: r.Local(e.At), Now: r.Now(),
		Method: methods[e.Text("method")], Digest: e.Text("digest"), Entry: number, Again: r.Query("again") != ""}, File: "/receipts/" + number + "/file"}
	if r.Viewer.Has(models.Auditor) {
		page.EntryHref = "/ledger?before=" + strconv.FormatInt(e.Seq+1, 10) + "#entry-" + number
	}
	if e.CapabilityID != "" {
		if err := onCapabilityReceipt(r, e, &page.ReceiptProps); err != nil {
			return err
		}
	}
	page.Links = append(page.Links, views.Crumb{Label: "What waits for me", Href: "/"})
	howGiven(p, &page)
	page.CameAbout = cameAbout(p)
	whatWasShown(p, &page)
	page.Place = []views.SummaryRow{{Key: "Entry", Value: number}, {Key: "Its hash", Value: e.Hash}, {Key: "The hash of the entry before", Value: p.Said.Prev}}
	return r.Render(http.StatusOK, views.ReceiptPage(r.Head(page.Title, "Receipt"), page))
}

// receiptAsked is the receipt in the address; what is not for the viewer is not there.
func receiptAsked(r *Request) (store.Proof, error) {
	seq, err := strconv.ParseInt(r.Param("seq"), 10, 64)
	if err != nil {
		return store.Proof{}, models.Refusal(models.NotFound, "not_found", "There is no such receipt, or it is not for you to see.")
	}
	return r.App.Store.Proof(r.Ctx(), r.Viewer, seq)
}

// howGiven says for whom and by which key, and checks the key's signature anew.
func howGiven(p store.Proof, page *views.ReceiptFull) {
	add := func(key, value string) {
		if value != "" {
			page.How = append(page.How, views.SummaryRow{Key: key, Value: value})
		}
	}
	if p.Said.Principal != p.Said.Actor {
		add("On behalf of", p.Names[p.Said.Principal])
	}
	if s := p.SignOff; s != nil {
		add("For the team", p.Teams[s.TeamID])
		add("In round", strconv.Itoa(s.Round))
	}
	if x := p.Review; x != nil {
		add("For the team", p.Teams[*x.TeamID])
	}
	if p.Signature == nil {
		return
	}
	add("With the passkey", p.Text("passkey"))
	add("At the address", p.Signature.Origin)
	if err := passkey.Check(*p.Signature); err != nil {
		page.Signed, page.SignedBad = "It was checked just now: "+err.Error()+". Tell an auditor: somebody changed what is kept of it.", true
		return
	}
	page.Signed = "It was checked just now: the passkey signed this decision, on this digest, in this round, and had verified the person before it did."
}

// cameAbout says what was opened before the decision, and how quickly it followed:
// to whoever decided, and to auditors.
func cameAbout(p store.Proof) []string {
	d, ok := models.Evidence(p.HistoryEntry)
	if !p.Mine || !ok {
		return nil
	}
	out := []string{"The version had not been opened on its page before the decision."}
	if d.OpenedAt != nil {
		times := "once"
		if d.Opens > 1 {
			times = views.Count(d.Opens) + " times"
		}
		out[0] = "First opened " + views.SpanText(time.Duration(d.DecidedAt-*d.OpenedAt)*time.Microsecond) + " before the decision, and " + times + " in all: " +
			views.LooksText(models.Look{Parts: d.Parts}.Opened()) + "."
	}
	if d.InARow > 1 {
		out = append(out, "It was the "+ordinal(d.InARow)+" decision in a row with less than two minutes between.")
	}
	return out
}

// ordinal is "2nd", "3rd", "11th".
func ordinal(n int) string {
	end := "th"
	if n%100/10 != 1 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return views.Count(n) + end
}

// whatWasShown is the tier with its reasons and what had changed, as of the act.
func whatWasShown(p store.Proof, page *views.ReceiptFull) {
	if p.Version == nil {
		return
	}
	doc := p.Version.Doc()
	risk := views.TierOf(doc)
	page.Risk, page.Rules = &risk, doc.TierRules
	if page.Digest == "" {
		page.Digest = p.Version.Digest
	}
	switch {
	case p.Restarted:
		page.Since = "it was signed"
		page.Unchanged = "Nothing: it was in force already, and the same digest was decided on again."
	case p.Before != nil:
		page.Since = "version " + strconv.Itoa(p.Before.Version.No) + ", which was in force before"
		page.Changes = differences(*p.Before, doc, p.Registered)
	default:
		page.Changes = views.DiffLines(models.Firsts(doc))
	}
}

var methods = map[string]string{
	models.MethodSession: "In a session of their own", models.MethodFresh: "With a fresh sign-in", models.MethodPasskey: "With a passkey",
}

// receiptTitle is the act as a sentence: "You signed off version 3".
func receiptTitle(e models.HistoryEntry, viewer models.Party) string {
	what, _, _ := strings.Cut(views.HistoryWhat(e), "; ")
	if e.ActorID == viewer.Person.ID {
		return "You " + strings.Replace(what, "their", "your", 1)
	}
	return views.HistoryWho(e) + " " + what
}

// onCapabilityReceipt says what the act was about and what happens next, as far
// as the reader may still see it: a reader whose part is over may not.
func onCapabilityReceipt(r *Request, e models.HistoryEntry, page *views.ReceiptProps) error {
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, e.CapabilityID)
	if models.CodeOf(err) == models.NotFound {
		page.What = e.Capability
		page.Next = []string{"What follows is for those who answer for it. You hear of it again if your decision is asked for."}
		return nil
	}
	if err != nil {
		return err
	}
	page.Reason = e.Text("reason")
	page.What = shownVersion(c).Contents().Task.Title + ", a task of " + c.Agent.Name
	if no := e.Number("version"); no > 0 {
		page.What += ", version " + strconv.Itoa(no)
		if round := e.Number("round"); round > 1 {
			page.What += ", round " + strconv.Itoa(round)
		}
	}
	page.Next = append(outcomeLines(c, e), nextLines(r, c)...)
	page.Links = []views.Crumb{{Label: "To the task", Href: "/capabilities/" + c.Capability.ID}}
	if strings.HasPrefix(e.Subject, "rvw_") {
		page.Links = append(page.Links, views.Crumb{Label: "To the review", Href: "/reviews/" + e.Subject})
	}
	if strings.HasPrefix(e.Subject, "ver_") {
		page.Links = append(page.Links, views.Crumb{Label: "To the version", Href: "/versions/" + e.Subject})
	}
	return nil
}

// outcomeLines are what followed from the act at once, where it is still so.
func outcomeLines(c store.CapabilityRead, e models.HistoryEntry) []string {
	switch e.Outcome {
	case string(models.Live):
		if c.Mandate != nil {
			return []string{"It was the last word that was needed: version " + strconv.Itoa(e.Number("version")) + " is in force."}
		}
	case "succeeded":
		return []string{"The role is taken over: the mandate names the successor from that moment on."}
	case "answered":
		return []string{"It was the last of the three answers: approvers are asked to close the review."}
	case models.ReviewKeep:
		return []string{"It goes on under the same sign-offs. Its next review is counted from now."}
	case models.ReviewNarrow:
		return []string{"It goes on as it is for now. Its provisioner is asked to propose less; when that is signed, it replaces what is in force."}
	case string(models.Revoked), models.ReviewRevoke:
		return []string{"Nothing of it is in force any more, for good."}
	}
	return nil
}
