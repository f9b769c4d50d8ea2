package handlers

import (
	"encoding/json"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// AdminAccountShow shows administrators and auditors an account: what the provider
// says of it, and whose it is. An administrator proposes whose it should be.
func AdminAccountShow(r *Request) error { return r.drawAccount(redraw{}) }

// AdminAccountLink proposes that the account in the address, which is nobody yet, is a
// person; a second administrator has to confirm it.
func AdminAccountLink(r *Request) error {
	return r.proposeAccount(func(f models.AdminFacts, account, person, reason string) (models.Change, error) {
		return f.ProposeLink(account, person, reason)
	})
}

// AdminAccountSplit proposes that the account in the address is another person than
// the one whom it belongs to; a second administrator has to confirm it.
func AdminAccountSplit(r *Request) error {
	return r.proposeAccount(func(f models.AdminFacts, account, person, reason string) (models.Change, error) {
		return f.ProposeSplit(account, person, reason)
	})
}

func (r *Request) proposeAccount(rule func(f models.AdminFacts, account, person, reason string) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	account, person := r.Param("id"), r.Form("person")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{People: []string{person}, Accounts: []string{account}},
		func(f models.AdminFacts) (models.Change, error) { return rule(f, account, person, r.Form("reason")) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawAccount(refused)
	}
	return r.done(receipt, "/admin/links/"+receipt.Subject, "It is proposed. Nothing changes until another administrator confirms it.")
}

func (r *Request) drawAccount(a redraw) error {
	account, person, links, err := r.App.Store.Account(r.Ctx(), r.Viewer, r.Param("id"))
	if err != nil {
		return err
	}
	page := views.AccountPage{Account: account, Person: person, Split: person.Person.ID != "", Links: adminLinks(r, links), May: r.Viewer.Has(models.Administrator),
		Reason: r.Form("reason"), Keys: r.Keys(), Errors: a.errors, Now: r.Now()}
	// Written by us from what the provider sent; what does not parse is shown as none.
	_ = json.Unmarshal([]byte(account.Groups), &page.Groups)
	if page.Pick, err = r.pickFor(account, person.Person.ID); err != nil {
		return err
	}
	page.Pick.Error = a.errorFor("person")
	page.Keys.More = [][2]string{{"q", page.Pick.Query}}
	if !page.Split {
		page.Pick.AddURL = views.HrefWith("/admin/people/new", "account", account.ID)
	}
	return r.Render(a.code(), views.AdminAccount(r.headAfter(views.AccountLabel(account), "Administration", a), page))
}

func (a redraw) errorFor(field string) string { return a.errors.For(field) }

// pickFor searches as asked, or for the account's own e-mail, else its name. An
// account that belongs to somebody is searched for only when asked.
func (r *Request) pickFor(account models.Account, except string) (views.AdminPick, error) {
	path, label := "/admin/accounts/"+account.ID, "Who is it?"
	query := or(r.Query("q"), r.Form("q"))
	if query != "" || except != "" {
		return r.pick(path, query, except, label)
	}
	name, _, _ := strings.Cut(account.Name, " ")
	for _, guess := range []string{account.Email, account.Name, name} {
		if found, err := r.pick(path, guess, except, label); err != nil || len(found.People) > 0 {
			return found, err
		}
	}
	return r.pick(path, or(account.Name, account.Email), except, label)
}
