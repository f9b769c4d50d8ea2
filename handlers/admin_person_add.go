package handlers

import (
	"net/http"
	"net/url"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminPersonNew offers an administrator to add a person; where an account is
// named, with what the provider says of it.
func AdminPersonNew(r *Request) error {
	f := views.PersonForm{TimeZone: r.Viewer.Person.TimeZone, Keys: r.Keys()}
	if id := r.Query("account"); id != "" {
		a, _, _, err := r.App.Store.Account(r.Ctx(), r.Viewer, id)
		if err != nil {
			return err
		}
		f.Name, f.Email, f.Account = a.Name, a.Email, a.ID
		f.Keys.More = [][2]string{{"account", a.ID}}
	}
	return r.Render(http.StatusOK, views.AdminPersonNew(r.Head("Add a person", "Administration"), f))
}

// AdminPersonAdd adds a person, and goes on to the account that is to be linked.
func AdminPersonAdd(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	f := views.PersonForm{Name: r.Form("name"), Email: r.Form("email"), TimeZone: r.Form("time_zone"), Account: r.Form("account"), Keys: r.Keys()}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{}, func(a models.AdminFacts) (models.Change, error) {
		return a.AddPerson(f.Name, f.Email, f.TimeZone)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		if f.Account != "" {
			f.Keys.More = [][2]string{{"account", f.Account}}
		}
		f.Errors = refused.errors
		return r.Render(refused.code(), views.AdminPersonNew(r.headAfter("Add a person", "Administration", refused), f))
	}
	if f.Account != "" {
		return r.done(receipt, views.HrefWith("/admin/accounts/"+url.PathEscape(f.Account), "q", f.Name), f.Name+" was added. Now propose that the account is theirs.")
	}
	return r.done(receipt, "/admin/people/"+receipt.Subject, f.Name+" was added. Give them a team and a role; when they have tried to sign in once, link their account.")
}
