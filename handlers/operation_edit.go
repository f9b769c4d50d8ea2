package handlers

import (
	"slices"
	"strings"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// OperationNew offers an administrator to add an operation to a system.
func OperationNew(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	return r.drawOperationForm(views.OperationForm{System: s, Keys: r.Keys()}, redraw{})
}

// OperationAdd adds an operation to the system in the address: an administrator does.
func OperationAdd(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	return r.saveOperation(views.OperationForm{System: s, Typed: operationPosted(r), Effects: r.FormAll("effects"), Keys: r.Keys()}, 0)
}

// OperationChange offers an administrator an operation to be changed.
func OperationChange(r *Request) error {
	s, o, err := r.catalogueOperation()
	if err != nil {
		return err
	}
	return r.drawOperationForm(views.OperationForm{System: s, ID: o.ID, Was: o.Title, Typed: o, Effects: o.EffectList(), Keys: r.revisedKeys(o.Rev)}, redraw{})
}

// OperationSave changes the operation in the address; what is signed keeps the
// facts of its submission. Refused: a form that is older than somebody else's change.
func OperationSave(r *Request) error {
	s, o, err := r.catalogueOperation()
	if err != nil {
		return err
	}
	f := views.OperationForm{System: s, ID: o.ID, Was: o.Title, Typed: operationPosted(r), Effects: r.FormAll("effects"), Keys: r.revisedKeys(o.Rev)}
	rev := r.shownRevision()
	if rev != o.Rev {
		f.Now = &o
	}
	return r.saveOperation(f, rev)
}

func operationPosted(r *Request) models.Operation {
	return models.Operation{Name: r.Form("name"), Title: r.Form("title"), Access: r.Form("access")}
}

func (r *Request) saveOperation(f views.OperationForm, rev int64) error {
	look := store.CatalogueLookup{System: f.System.ID, Operation: f.ID, OperationName: singleSpaced(f.Typed.Name)}
	if f.ID != "" && f.Now == nil && among(models.Accesses, f.Typed.Access) != "" {
		effects := slices.Sorted(slices.Values(f.Effects))
		checked, err := r.moves(&f.Moves, look, strings.Join(append([]string{f.Typed.Access}, effects...), " "), func(c models.CatalogueFacts) models.CatalogueEdit {
			return c.EditOf(f.Typed.Access, effects, "")
		})
		if err != nil {
			return err
		}
		if !checked {
			return r.drawOperationForm(f, redraw{})
		}
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideCatalogue(r.Ctx(), act, look, func(c models.CatalogueFacts) (models.Change, error) {
		return c.SaveOperation(f.Typed, append([]string(nil), f.Effects...), rev)
	})
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawOperationForm(f, refused)
	}
	said := "The operation was added. Scopes can name it from now on."
	if f.ID != "" {
		said = "Saved. It counts from the next version on; what is signed is not moved."
	}
	return r.done(receipt, "/systems/"+f.System.ID, said)
}

func (r *Request) drawOperationForm(f views.OperationForm, a redraw) error {
	f.Errors = a.errors
	title := "Add an operation"
	if f.ID != "" {
		title = "Change " + f.Was
	}
	return r.Render(a.code(), views.OperationEdit(r.headAfter(title, f.System.Name, a), f))
}

// catalogueOperation is the operation in the address and its system, as they are now.
func (r *Request) catalogueOperation() (models.System, models.Operation, error) {
	f, err := r.App.Store.ReadCatalogue(r.Ctx(), r.Viewer, store.CatalogueLookup{System: r.Param("id"), Operation: r.Param("operation")})
	if err != nil {
		return models.System{}, models.Operation{}, err
	}
	return *f.System, *f.Operation, nil
}

// OperationRetireAsk asks an administrator before an operation is taken out of the catalogue.
func OperationRetireAsk(r *Request) error {
	return r.drawCatalogueRetire(store.CatalogueLookup{Operation: r.Param("operation")}, redraw{})
}

// OperationRetire takes the operation in the address out of the catalogue.
func OperationRetire(r *Request) error {
	return r.retireFromCatalogue(store.CatalogueLookup{Operation: r.Param("operation")})
}
