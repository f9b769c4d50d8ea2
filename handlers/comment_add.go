package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// said is a comment that was sent back, or one that was just added.
type said struct {
	attempt
	view, part, answers, text string
	added                     string // its id
}

// CommentAdd records a comment on a part of a version, or an answer to one: its
// people do, and approvers who could decide on it or have decided. Where htmx asks,
// the thread alone comes back, so that nothing else on the page moves.
func CommentAdd(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	back := said{view: r.Form("view"), part: r.Form("part"), answers: r.Form("answers"), text: r.Form("text")}
	receipt, err := r.App.Store.DecideComment(r.Ctx(), act, id, back.answers, func(f models.CommentFacts) (models.Change, error) {
		return f.Comment(back.part, back.text)
	})
	if err == nil {
		return commentAdded(r, id, back, receipt)
	}
	if back.attempt, err = attempted(nil, err); err != nil {
		return err
	}
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	if !models.CommentOn(back.part) { // no form of ours sends it
		back.part, back.answers = models.CommentOnWhole, ""
	}
	if r.IsHTMX() {
		return drawThread(r, c, back)
	}
	form := views.CommentForm{Part: back.part, Answers: back.answers}
	for i, x := range back.problems {
		if x.Field == "text" {
			back.problems[i].Field = form.ID()
		}
	}
	if !threadIn(back.view, back.part) {
		back.view = models.LookComments
	}
	return drawVersionWith(r, c, attempt{}, false, back)
}

func commentAdded(r *Request, id string, back said, receipt models.Receipt) error {
	if !r.IsHTMX() {
		if receipt.Again {
			r.Flash(views.KindWarning, "This comment was sent before. It is here once.")
		}
		view := models.LookComments
		if threadIn(back.view, back.part) {
			view = back.view
		}
		return r.Redirect("/versions/" + id + "?view=" + view + "#comment-" + receipt.Subject)
	}
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawThread(r, c, said{view: back.view, part: back.part, added: receipt.Subject})
}

// drawThread answers with one thread.
func drawThread(r *Request, c store.CapabilityRead, back said) error {
	talk, err := r.App.Store.Comments(r.Ctx(), r.Viewer, c.Asked.Version.ID, "")
	if err != nil {
		return err
	}
	v := viewing{Request: r, c: c, name: viewAsked(c, back.view)}
	status := http.StatusOK
	if back.failed != 0 {
		status = back.failed
	}
	return r.Render(status, views.CommentThread(v.thread(back.part, talk, back), r.Now()))
}
