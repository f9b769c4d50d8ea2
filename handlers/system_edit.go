package handlers

import (
	"strconv"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SystemNew offers an administrator to add a system; where something leads here
// that names one, with its name.
func SystemNew(r *Request) error {
	return r.drawSystemForm(views.SystemForm{Keys: r.Keys(), Typed: models.System{Name: firstRunes(r.Query("name"), models.MaxName)}}, redraw{})
}

// SystemAdd adds a system to the catalogue: an administrator does.
func SystemAdd(r *Request) error {
	typed := systemPosted(r)
	return r.saveSystem(views.SystemForm{Typed: typed, Keys: r.Keys()}, 0)
}

// SystemChange offers an administrator a system to be changed.
func SystemChange(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	return r.drawSystemForm(views.SystemForm{ID: s.ID, Was: s.Name, Typed: s, Keys: r.revisedKeys(s.Rev)}, redraw{})
}

// SystemSave changes the system in the address; what is signed keeps the facts
// of its submission. Refused: a form that is older than somebody else's change.
func SystemSave(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	f := views.SystemForm{ID: s.ID, Was: s.Name, Typed: systemPosted(r), Keys: r.revisedKeys(s.Rev)}
	rev := r.shownRevision()
	if rev != s.Rev {
		f.Now = &s
	}
	return r.saveSystem(f, rev)
}

func systemPosted(r *Request) models.System {
	asks := 0
	if r.Form("asks_custodian") == "yes" {
		asks = 1
	}
	return models.System{Name: r.Form("name"), Kind: r.Form("kind"), Description: r.Form("description"), Sensitivity: r.Form("sensitivity"), CustodianTeamID: r.Form("custodian_team_id"),
		AsksCustodian: asks}
}

func (r *Request) saveSystem(f views.SystemForm, rev int64) error {
	look := store.CatalogueLookup{System: f.ID, SystemName: singleSpaced(f.Typed.Name)}
	if f.ID != "" && f.Now == nil && among(models.Sensitivities, f.Typed.Sensitivity) != "" {
		checked, err := r.moves(&f.Moves, look, f.Typed.Sensitivity, func(c models.CatalogueFacts) models.CatalogueEdit {
			return c.EditOf("", nil, f.Typed.Sensitivity)
		})
		if err != nil {
			return err
		}
		if !checked {
			return r.drawSystemForm(f, redraw{})
		}
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideCatalogue(r.Ctx(), act, look,
		func(c models.CatalogueFacts) (models.Change, error) { return c.SaveSystem(f.Typed, rev) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawSystemForm(f, refused)
	}
	if f.ID == "" {
		return r.done(receipt, "/systems/"+receipt.Subject, f.Typed.Name+" is in the catalogue. Add its operations next.")
	}
	return r.done(receipt, "/systems/"+f.ID, "Saved. It counts from the next version on; what is signed is not moved.")
}

func (r *Request) drawSystemForm(f views.SystemForm, a redraw) (err error) {
	f.Errors = a.errors
	if f.Teams, err = r.App.Store.TeamChoices(r.Ctx()); err != nil {
		return err
	}
	title := "Add a system"
	if f.ID != "" {
		title = "Change " + f.Was
	}
	return r.Render(a.code(), views.SystemEdit(r.headAfter(title, "Systems", a), f))
}

// catalogueSystem is the system in the address, as it is now.
func (r *Request) catalogueSystem() (models.System, error) {
	f, err := r.App.Store.ReadCatalogue(r.Ctx(), r.Viewer, store.CatalogueLookup{System: r.Param("id")})
	if err != nil {
		return models.System{}, err
	}
	return *f.System, nil
}

// revisedKeys are a form's hidden fields with the revision that is there now: a
// form that was refused because it was older shows what is there, and may then
// be saved.
func (r *Request) revisedKeys(rev int64) views.FormKeys {
	keys := r.Keys()
	keys.Revision = strconv.FormatInt(rev, 10)
	return keys
}

// singleSpaced is a name as the rules keep it.
func singleSpaced(s string) string { return strings.Join(strings.Fields(s), " ") }
