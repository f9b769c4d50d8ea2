package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// StopNew asks a stop officer, or of a system its custodians, what is to be stopped
// broadly, and says what that would do before it is done.
func StopNew(r *Request) error {
	kind, id := among(models.BroadTargets, r.Query("kind")), r.Query("id")
	if kind == models.OnAll || kind != "" && id != "" {
		return r.drawStopAsk(kind, id, redraw{})
	}
	may, err := r.mayStopSomething()
	if err != nil {
		return err
	}
	if !may || kind != "" && kind != models.OnSystem && !r.Viewer.Has(models.StopOfficer) {
		return models.Refusal(models.Forbidden, "stop.broad", "Only a stop officer, or of a system somebody of the team that looks after it, can stop something here.")
	}
	page := views.StopChoice{Kind: kind, Search: firstRunes(r.Query("q"), models.MaxName)}
	if kind == "" {
		page.Kinds = stopKinds(r.Viewer)
		return r.Render(http.StatusOK, views.StopChoose(r.Head("Stop something", "Stops"), page))
	}
	found, more, err := r.App.Store.Stoppables(r.Ctx(), r.Viewer, kind, page.Search)
	if err != nil {
		return err
	}
	page.More = more
	for _, f := range found {
		page.Found = append(page.Found, views.StopKind{Label: f.Name, Href: views.HrefWith("/stops/new", "kind", kind, "id", f.ID)})
	}
	return r.Render(http.StatusOK, views.StopChoose(r.Head("Stop something", "Stops"), page))
}

func stopKinds(p models.Party) []views.StopKind {
	kinds := []views.StopKind{{Label: "A system", Hint: "Everything in force that reaches it.", Href: "/stops/new?kind=system"}}
	if !p.Has(models.StopOfficer) {
		return kinds
	}
	return append(kinds,
		views.StopKind{Label: "An identity issuer", Hint: "Every agent that is recognised by an identity of it.", Href: "/stops/new?kind=issuer"},
		views.StopKind{Label: "A team", Hint: "Everything in force whose business owner is in the team by now.", Href: "/stops/new?kind=team"},
		views.StopKind{Label: "Everything", Hint: "Every agent, at once.", Href: "/stops/new?kind=all"})
}

// StopPlace stops something broadly, at once: a stop officer does, and on a system whoever
// is of the team that looks after it. Refused: a second stop beside one that stands.
func StopPlace(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	kind, id := r.Form("kind"), r.Form("id")
	receipt, err := r.App.Store.DecideStop(r.Ctx(), act, kind, id, func(f models.StopFacts) (models.Change, error) { return f.Place(r.Form("cause")) })
	if err == nil {
		return r.done(receipt, "/stops/"+receipt.Subject, "It is stopped: every decision from now on is “no”. The four of what is stopped and the administrators are told, and the approvers are asked to look at it.")
	}
	refused, ok := again(err, "")
	if !ok || models.CodeOf(err) == models.Forbidden || among(models.BroadTargets, kind) == "" {
		return err
	}
	return r.drawStopAsk(kind, id, refused)
}

func (r *Request) drawStopAsk(kind, id string, a redraw) error {
	f, reaches, err := r.App.Store.StopAsk(r.Ctx(), r.Viewer, kind, id)
	if err != nil {
		return err
	}
	if err := f.MayPlace(); err != nil && f.Hold == nil || models.CodeOf(err) == models.Forbidden {
		return err
	}
	page := views.StopAsk{Kind: kind, ID: f.ID, Keys: r.Keys(), Errors: a.errors, Back: "/stops", Now: r.Now(), Effects: []string{
		capital(reachWords(reaches)) + " " + isOrAre(reaches) + " stopped, and whatever runs under break glass on it. From that moment every decision about it is “no”. Nobody is asked first.",
		"The four of each and the administrators are told.",
		"An approver has to lift it, by a sign-off on the stop itself. You cannot lift it yourself.",
	}, Cause: views.Field{Name: "cause", Label: "Why are you stopping it?", Hint: "One sentence is enough. Everybody who is signed in can read it.", Value: r.Form("cause"), Error: a.errors.For("cause"),
		Required: true, Max: models.MaxText, Rows: 3, Spellcheck: true}}
	switch {
	case f.System != nil:
		page.Name, page.Back = f.System.Name, "/systems/"+f.System.ID
	case f.Team != nil:
		page.Name = f.Team.Name
	case kind == models.OnIssuer:
		page.Name = f.ID
	}
	if f.Hold != nil {
		stop, err := r.App.Store.Stop(r.Ctx(), r.Viewer, f.Hold.ID)
		if err != nil {
			return err
		}
		line := stopLine(r, stop.Stop)
		page.Stands = &line
	}
	return r.Render(a.code(), views.StopDo(r.headAfter("Stop "+views.StoppedWords(kind, page.Name), "Stops", a), page))
}

// reachWords is how much of what is in force a stop reaches.
func reachWords(n int) string {
	switch {
	case n == 0:
		return "nothing that is in force"
	case n > store.MostReached:
		return "more than " + views.Count(store.MostReached) + " tasks in force"
	}
	return views.Counted(n, "task in force", "tasks in force")
}

func isOrAre(n int) string {
	if n < 2 {
		return "is"
	}
	return "are"
}
