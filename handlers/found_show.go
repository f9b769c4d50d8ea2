package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/views"
)

// FoundShow is one thing that was found, with its history: business owners,
// auditors and administrators.
func FoundShow(r *Request) error { return r.drawFound(redraw{}) }

func (r *Request) foundRecord(a redraw) (views.FoundRecord, error) {
	line, err := r.App.Store.Found(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return views.FoundRecord{}, err
	}
	f := views.FoundRecord{FoundRow: r.foundRow(line), May: r.foundMay(), Errors: a.errors, Typed: r.Form("reason"), Now: r.Now()}
	f.Keys = r.Keys()
	return f, nil
}

func (r *Request) drawFound(a redraw) error {
	f, err := r.foundRecord(a)
	if err != nil {
		return err
	}
	if f.History, err = r.readHistory(models.TouchFound, f.ID, "/agents/found/"+f.ID); err != nil {
		return err
	}
	return r.Render(a.code(), views.FoundShow(r.headAfter(f.Name, "Found, not registered", a), f))
}

// FoundClaim makes the found agent a draft of the viewer's own: a business owner.
// Whoever is second is told who was first.
func FoundClaim(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideFound(r.Ctx(), act, r.Param("id"), models.FoundFacts.Claim)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawFound(refused)
	}
	return r.done(receipt, "/agents/"+receipt.Subject+"/register", "It is a draft of yours now, with what was found. Fill in the rest, then register it.")
}

// FoundDismissAsk asks why it is none of ours.
func FoundDismissAsk(r *Request) error {
	f, err := r.foundRecord(redraw{})
	if err != nil {
		return err
	}
	if f.State != models.FoundOpen {
		return r.Redirect("/agents/found/" + f.ID)
	}
	return r.Render(http.StatusOK, views.FoundDismiss(r.Head("None of ours", f.Name), f))
}

// FoundDismiss says that it is none of ours, and why: a business owner or an
// administrator.
func FoundDismiss(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, reason := r.Param("id"), r.Form("reason")
	receipt, err := r.App.Store.DecideFound(r.Ctx(), act, id, func(f models.FoundFacts) (models.Change, error) { return f.Dismiss(reason) })
	if err == nil {
		return r.done(receipt, "/agents/found/"+id, "It is dismissed, with your reason. Nobody is asked to claim it any more.")
	}
	refused, ok := again(err, "")
	if !ok {
		return err
	}
	f, err := r.foundRecord(refused)
	if err != nil {
		return err
	}
	return r.Render(refused.code(), views.FoundDismiss(r.headAfter("None of ours", f.Name, refused), f))
}

// FoundReopen takes a dismissal back: a business owner or an administrator.
func FoundReopen(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id := r.Param("id")
	receipt, err := r.App.Store.DecideFound(r.Ctx(), act, id, models.FoundFacts.Reopen)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawFound(refused)
	}
	return r.done(receipt, "/agents/found/"+id, "It is open again.")
}
