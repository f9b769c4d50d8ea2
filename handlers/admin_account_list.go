package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminAccountList shows administrators and auditors the accounts that are nobody
// yet, and the proposals that wait for a second administrator.
func AdminAccountList(r *Request) error {
	page := views.AdminAccountsPage{Search: firstRunes(r.Query("q"), models.MaxName), Now: r.Now(), Proposed: map[string]string{}}
	found, err := r.App.Store.UnlinkedAccounts(r.Ctx(), r.Viewer, store.AccountFilter{Search: page.Search, NameCursor: r.nameCursor()})
	if err != nil {
		return err
	}
	page.Accounts, page.Links, page.Decided = found.Accounts, adminLinks(r, found.Waiting), adminLinks(r, found.Decided)
	for _, l := range page.Links {
		if l.AccountID != nil {
			page.Proposed[*l.AccountID] = "/admin/links/" + l.ID
		}
	}
	page.Previous, page.Next = turnHrefs(found.Turn, "/admin/accounts", "q", page.Search)
	return r.Render(http.StatusOK, views.AdminAccounts(r.Head("Accounts", "Administration"), page))
}
