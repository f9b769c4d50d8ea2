package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// PasskeyList shows people their passkeys.
func PasskeyList(r *Request) error { return r.drawPasskeys("", redraw{}) }

// PasskeyAdd takes a new key of the viewer into use, with a fresh sign-in.
func PasskeyAdd(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	if r.App.Passkeys == nil {
		return r.drawPasskeys(r.Form("name"), redraw{})
	}
	name := r.Form("name")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Passkeys: true, Challenge: r.Form("challenge")}, func(f models.AdminFacts) (models.Change, error) {
		return f.AddPasskey(name, r.Form("answer"), r.App.Passkeys.Enrolled)
	})
	if err != nil {
		refused, ok := again(err, "name")
		if !ok {
			return err
		}
		return r.drawPasskeys(name, refused)
	}
	return r.done(receipt, "/me/passkeys", "Your passkey “"+name+"” was added. You can sign off with it from now on.")
}

func (r *Request) drawPasskeys(name string, a redraw) error {
	keys, err := r.App.Store.Passkeys(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.PasskeysPage{Person: r.Viewer, Keys: keys, Form: r.Keys(), Name: name, Errors: a.errors, Fresh: r.Fresh(),
		Again: "/sign-in/again?return=/me/passkeys", Full: len(keys) >= models.MostPasskeys, Demo: r.App.Demo, Now: r.Now()}
	if r.App.Passkeys == nil {
		page.Not = noPasskeys
	}
	return r.Render(a.code(), views.Passkeys(r.headAfter("Your passkeys", "", a), page))
}

// PasskeyShow is one of the viewer's keys, to rename or remove it.
func PasskeyShow(r *Request) error { return r.drawPasskey("", redraw{}) }

// PasskeyRename gives one of the viewer's keys another name.
func PasskeyRename(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	name := r.Form("name")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Passkeys: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.NamePasskey(r.Param("id"), name)
	})
	if err != nil {
		refused, ok := again(err, "name")
		if !ok {
			return err
		}
		return r.drawPasskey(name, refused)
	}
	return r.done(receipt, "/me/passkeys", "Saved.")
}

// PasskeyRemove takes one of the viewer's keys out of use for good.
func PasskeyRemove(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{Passkeys: true}, func(f models.AdminFacts) (models.Change, error) {
		return f.RemovePasskey(r.Param("id"))
	})
	if err != nil {
		return err
	}
	return r.done(receipt, "/me/passkeys", "The passkey was removed. What it signed stays signed.")
}

func (r *Request) drawPasskey(name string, a redraw) error {
	keys, err := r.App.Store.Passkeys(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.ID != r.Param("id") {
			continue
		}
		remove := views.FormKeys{CSRF: r.CSRF, ActID: r.NewActID()}
		if len(a.errors) == 0 {
			name = k.Name
		}
		page := views.PasskeyPage{Person: r.Viewer, Key: k, Form: r.Keys(), Remove: remove, Name: name, Last: len(keys) == 1, Errors: a.errors, Now: r.Now()}
		return r.Render(a.code(), views.Passkey(r.headAfter(k.Name, "Your passkeys", a), page))
	}
	return models.Refusal(models.NotFound, "not_found", "There is no such passkey, or it is not yours.")
}
