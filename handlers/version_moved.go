package handlers

import (
	"net/http"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// versionMoved answers a decision on something that is not there any more: it
// says what became of it, and shows what is there now.
func versionMoved(r *Request, refusal error) error {
	id, digest := r.Param("id"), r.Form("digest")
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, id)
	if models.CodeOf(err) == models.NotFound {
		return movedAway(r, id, digest, refusal)
	}
	if err != nil {
		return err
	}
	page := views.VersionChanged{VersionTop: versionTop(r, c), Shown: "version " + strconv.Itoa(c.Asked.Version.No), Is: movedLead(r, c), Reason: c.Asked.Version.Reason, Sees: true,
		Typed: r.Form("reason"), Decision: typedChoice(r)}
	page.Stop = nil
	if round := r.Form("round"); round != "" && round != strconv.Itoa(c.Asked.Version.Round) {
		page.Shown += ", in an earlier round of sign-offs"
	}
	if err := movedChanges(r, c, digest, &page); err != nil {
		return err
	}
	entries, _, err := r.App.Store.History(r.Ctx(), r.Viewer, models.TouchCapability, c.Capability.ID, 0)
	if err != nil {
		return err
	}
	page.Lately = entries[:min(5, len(entries))]
	return r.Render(http.StatusConflict, views.VersionMoved(failed(r.Head("This changed since you opened it", page.Title)), page))
}

func failed(head views.PageHead) views.PageHead {
	head.Failed = true
	return head
}

func movedLead(r *Request, c store.CapabilityRead) string {
	if underDecision(c) == c.Asked {
		return "It is still to be decided on, in round " + strconv.Itoa(c.Asked.Version.Round) + ". Read it again before you decide."
	}
	return versionLead(r, c)
}

func typedChoice(r *Request) string {
	switch r.Form("decision") {
	case chooseSign:
		return "You had chosen to sign off, with this comment:"
	case chooseChanges:
		return "You had chosen to ask for changes, with this reason:"
	}
	return "You had chosen to refuse, with this reason:"
}

// movedChanges compares what was shown, where the digest is one of this
// capability's, with the newest version.
func movedChanges(r *Request, c store.CapabilityRead, digest string, page *views.VersionChanged) error {
	shown, err := r.App.Store.VersionOfDigest(r.Ctx(), r.Viewer, c.Capability.ID, digest)
	if err != nil {
		return err
	}
	newest := c.Last
	if newest == nil {
		return nil
	}
	no := strconv.Itoa(newest.Version.No)
	page.Newest = views.ButtonProps{Label: "Read version " + no + " as it is now", Kind: views.ButtonPrimary, Href: "/versions/" + newest.Version.ID}
	if shown == nil || shown.ID == newest.Version.ID {
		return nil
	}
	page.Since = "from version " + strconv.Itoa(shown.No) + " to version " + no + " (" + newest.Version.State.Words() + ")"
	page.Changes = views.DiffLines(models.Differences(shown.Doc(), documentOf(c, newest)))
	return nil
}

// movedAway is for an approver who no longer sees the version: it left their
// pool while they had it open. They learn its end, and nothing of its contents.
func movedAway(r *Request, id, digest string, refusal error) error {
	line, title, err := r.App.Store.KnownVersion(r.Ctx(), r.Viewer, id, digest)
	if models.CodeOf(err) == models.NotFound {
		return refusal
	}
	if err != nil {
		return err
	}
	by := line.Ender.Name
	if line.Ender.Team != "" {
		by += " (" + line.Ender.Team + ")"
	}
	page := views.VersionChanged{VersionTop: views.VersionTop{ID: id, Title: title, No: line.No, State: line.State, Now: r.Now()}, Shown: "version " + strconv.Itoa(line.No) + " of “" + title + "”",
		Is: "It does not wait for approvers any more, so there is nothing to decide.", Reason: line.Reason, Typed: r.Form("reason"), Decision: typedChoice(r)}
	if line.EndedAt != nil && by != "" {
		page.Is = by + " ended it " + views.WhenText(r.Local(*line.EndedAt), r.Now()) + ". " + page.Is
	}
	return r.Render(http.StatusConflict, views.VersionMoved(failed(r.Head("This changed since you opened it", title)), page))
}
