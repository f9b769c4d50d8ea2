package handlers

import (
	"net/http"
	"slices"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// FoundList shows business owners, auditors and administrators what files name
// and nobody owns: what waits, unless they ask for what became of the rest.
func FoundList(r *Request) error {
	ask := store.FoundAsk{Kind: models.ImportAgent, State: models.FoundOpen, Search: firstRunes(r.Query("q"), models.MaxName),
		File: firstRunes(r.Query("file"), 1000), NameCursor: r.nameCursor()}
	if r.Query("kind") == models.ImportSystem {
		ask.Kind = models.ImportSystem
	}
	switch state := r.Query("state"); state {
	case models.FoundClaimed, models.FoundDismissed:
		ask.State = state
	case "all":
		ask.State = ""
	}
	found, err := r.App.Store.FoundList(r.Ctx(), r.Viewer, ask)
	if err != nil {
		return err
	}
	page := views.FoundPage{Kind: ask.Kind, State: ask.State, File: ask.File, Search: ask.Search, Counts: found.Counts, May: r.foundMay(), Now: r.Now()}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, r.foundRow(l))
	}
	for _, f := range found.Files {
		page.Files = append(page.Files, views.Option{Value: f.File, Label: f.File + " (" + views.Count(f.N) + ")"})
	}
	if ask.File != "" && !slices.ContainsFunc(page.Files, func(o views.Option) bool { return o.Value == ask.File }) {
		page.Files = append(page.Files, views.Option{Value: ask.File, Label: ask.File})
	}
	page.Pager = views.PagerProps{Shown: len(page.Rows), Total: found.Total, Noun: page.Noun()}
	if found.Previous != nil {
		page.Pager.Previous = page.Href("before", found.Previous.Before)
	}
	if found.Next != nil {
		page.Pager.Next = page.Href("after", found.Next.After)
	}
	if r.IsHTMX() {
		return r.Render(http.StatusOK, views.FoundResult(page))
	}
	return r.Render(http.StatusOK, views.Found(r.Head("Found, not registered", "Agents"), page))
}

func (r *Request) foundMay() views.FoundMay {
	owner, admin := r.Viewer.Has(models.BusinessOwner), r.Viewer.Has(models.Administrator)
	return views.FoundMay{Claim: owner, Dismiss: owner || admin, Add: admin}
}

// foundRow is a line with a form's fields of its own: each row has one to claim it.
func (r *Request) foundRow(l store.FoundLine) views.FoundRow {
	row := views.FoundRow{ID: l.ID, Kind: l.Kind, Name: l.Name, URL: l.URL, How: l.How, File: l.File, Pointer: l.Pointer, SeenBy: l.Seen.Name, SeenByTeam: l.Seen.Team,
		First: r.Local(l.FirstSeenAt), Last: r.Local(l.LastSeenAt), Times: int(l.Times), State: l.State, Due: r.local(l.DueAt), Reason: l.Reason,
		Decider: l.Decider.Name, DeciderTeam: l.Decider.Team, Decided: r.local(l.DecidedAt), Keys: views.FormKeys{CSRF: r.CSRF, ActID: r.NewActID()}}
	switch {
	case l.SystemID != nil:
		row.BecameName, row.BecameHref = l.Name, "/systems/"+*l.SystemID
	case l.AgentID != nil && l.AgentName != "":
		row.BecameName, row.BecameHref = l.AgentName, "/agents/"+*l.AgentID
	}
	return row
}
