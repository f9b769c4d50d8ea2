package handlers

import (
	"net/http"
	"slices"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

var agentStates = []string{models.AgentDraft, models.AgentRegistered, models.AgentRetired}

// AgentList shows the agents that the viewer may see, by name. While somebody
// types, htmx asks for the list alone.
func AgentList(r *Request) error {
	page := views.AgentsPage{Now: r.Now(), Search: firstRunes(r.Query("q"), 200), State: r.Query("state"), Mine: r.Query("owner") == "mine",
		MayRegister: r.Viewer.Has(models.BusinessOwner)}
	if !slices.Contains(agentStates, page.State) {
		page.State = ""
	}
	found, err := r.App.Store.Agents(r.Ctx(), r.Viewer, store.AgentsAsk{State: page.State, Mine: page.Mine, Search: page.Search,
		NameCursor: store.NameCursor{After: r.Query("after"), Before: r.Query("before")}})
	if err != nil {
		return err
	}
	if page.MaySeeFound = models.MaySeeFound(r.Viewer); page.MaySeeFound {
		if page.Found, err = r.App.Store.FoundWaiting(r.Ctx(), r.Viewer); err != nil {
			return err
		}
	}
	page.Counts = views.AgentsCounts{All: found.Counts.All, Mine: found.Counts.Mine, Draft: found.Counts.State[models.AgentDraft],
		Registered: found.Counts.State[models.AgentRegistered], Retired: found.Counts.State[models.AgentRetired]}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, r.agentRow(l))
	}
	page.Pager = views.PagerProps{Shown: len(page.Rows), Total: found.Total, Noun: "agents"}
	if found.Previous != nil {
		page.Pager.Previous = page.Turn("before", found.Previous.Before)
	}
	if found.Next != nil {
		page.Pager.Next = page.Turn("after", found.Next.After)
	}
	if page.Saved, err = r.saved("agents", page.Query()); err != nil {
		return err
	}
	if r.IsHTMX() {
		return r.Render(http.StatusOK, views.AgentsResult(page))
	}
	return r.Render(http.StatusOK, views.Agents(r.Head("Agents", ""), page))
}

func (r *Request) agentRow(l store.AgentLine) views.AgentRow {
	row := views.AgentRow{ID: l.ID, Name: l.Name, State: l.State, OwnerName: l.OwnerName, OwnerTeam: l.OwnerTeam, Yours: l.OwnerID == r.Viewer.Person.ID,
		Revision: l.RevisionNo, Live: l.Live, Held: l.Held, Expired: l.Expired, Open: l.Open, Holes: l.Holes}
	if l.RevisionNo > 0 {
		row.RevisionAt = r.Local(l.RevisionAt)
	}
	return row
}

// local is an instant that may be missing at the viewer's place.
func (r *Request) local(at *models.Instant) time.Time {
	if at == nil {
		return time.Time{}
	}
	return r.Local(*at)
}

// firstRunes is the beginning of a text.
func firstRunes(s string, most int) string {
	if n := []rune(s); len(n) > most {
		return string(n[:most])
	}
	return s
}
