package handlers

import (
	"net/http"
	"strconv"
	"strings"

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
	seq, err := strconv.ParseInt(r.Param("seq"), 10, 64)
	if err != nil {
		return models.Refusal(models.NotFound, "not_found", "There is no such receipt, or it is not for you to see.")
	}
	e, err := r.App.Store.Receipt(r.Ctx(), r.Viewer, seq)
	if err != nil {
		return err
	}
	page := views.ReceiptProps{Title: receiptTitle(e, r.Viewer), By: views.HistoryWho(e), Team: e.Actor.Team, At: r.Local(e.At), Now: r.Now(),
		Method: methods[e.Text("method")], Digest: e.Text("digest"), Entry: strconv.FormatInt(e.Seq, 10), Again: r.Query("again") != ""}
	if e.CapabilityID != "" {
		if err := onCapabilityReceipt(r, e, &page); err != nil {
			return err
		}
	}
	page.Links = append(page.Links, views.Crumb{Label: "What waits for me", Href: "/"})
	return r.Render(http.StatusOK, views.ReceiptPage(r.Head(page.Title, "Receipt"), page))
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
	page.What = shownVersion(c).Contents().Task.Title + ", a task of " + c.Agent.Name
	if no := e.Number("version"); no > 0 {
		page.What += ", version " + strconv.Itoa(no)
		if round := e.Number("round"); round > 1 {
			page.What += ", round " + strconv.Itoa(round)
		}
	}
	page.Next = append(outcomeLines(c, e), nextLines(r, c)...)
	page.Links = []views.Crumb{{Label: "To the task", Href: "/capabilities/" + c.Capability.ID}}
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
	case string(models.Revoked):
		return []string{"Nothing of it is in force any more, for good."}
	}
	return nil
}
