package handlers

import (
	"countersign/models"
	"countersign/store"
)

// MeKeys switches single keys on the keyboard on or off, for the viewer alone.
func MeKeys(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	var on bool
	switch r.Form("keys") {
	case "on":
		on = true
	case "off":
	default:
		return models.Refusal(models.Invalid, "keys.choice", "This form is incomplete, so nothing was changed. Load the page again and send the form once more.")
	}
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SwitchKeys(on) })
	if err != nil {
		return err
	}
	said := "Switched off. Single keys do nothing on your pages from now on."
	if on {
		said = "Switched on. Press ? on any page to see what the keys do."
	}
	return r.done(receipt, "/me", said)
}
