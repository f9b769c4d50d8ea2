package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminPeopleList shows administrators and auditors the people, by name.
func AdminPeopleList(r *Request) error {
	page := views.AdminPeoplePage{Search: firstRunes(r.Query("q"), models.MaxName), Status: r.Query("status"), May: r.Viewer.Has(models.Administrator)}
	if page.Status != models.PersonLeft && page.Status != models.PersonMerged {
		page.Status = ""
	}
	people, turn, err := r.App.Store.People(r.Ctx(), r.Viewer, store.PeopleFilter{Search: page.Search, Status: page.Status, NameCursor: r.nameCursor()})
	if err != nil {
		return err
	}
	for _, p := range people {
		page.People = append(page.People, views.AdminPersonLine{Party: p.Party, Accounts: p.Accounts})
	}
	page.Previous, page.Next = turnHrefs(turn, "/admin/people", "q", page.Search, "status", page.Status)
	return r.Render(http.StatusOK, views.AdminPeople(r.Head("People", "Administration"), page))
}

func (r *Request) nameCursor() store.NameCursor {
	return store.NameCursor{After: r.Query("after"), Before: r.Query("before")}
}

// turnHrefs are the addresses of the pages before and after, "" where there is none.
func turnHrefs(t store.NameTurn, path string, filters ...string) (previous, next string) {
	if t.Previous != nil {
		previous = views.HrefWith(path, append(filters, "before", t.Previous.Before)...)
	}
	if t.Next != nil {
		next = views.HrefWith(path, append(filters, "after", t.Next.After)...)
	}
	return previous, next
}

// pick searches for an active person; the search is the query's or the form's "q".
func (r *Request) pick(action, query, except, label string) (views.AdminPick, error) {
	p := views.AdminPick{Action: action, Query: firstRunes(query, models.MaxName), Label: label, Chosen: r.Form("person")}
	if p.Query == "" {
		return p, nil
	}
	people, turn, err := r.App.Store.People(r.Ctx(), r.Viewer, store.PeopleFilter{Search: p.Query, Except: except})
	if err != nil {
		return p, err
	}
	for _, x := range people {
		p.People = append(p.People, x.Party)
	}
	p.More = turn.Next != nil
	return p, nil
}
