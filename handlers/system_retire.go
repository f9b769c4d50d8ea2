package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SystemRetireAsk asks an administrator before a system is taken out of the catalogue.
func SystemRetireAsk(r *Request) error {
	return r.drawCatalogueRetire(store.CatalogueLookup{}, redraw{})
}

// SystemRetire takes the system in the address out of the catalogue: no new
// version can use it, what is signed is not moved.
func SystemRetire(r *Request) error { return r.retireFromCatalogue(store.CatalogueLookup{}) }

// retireFromCatalogue takes what the look-up names (the system itself, one of its operations
// or secrets) out of the catalogue.
func (r *Request) retireFromCatalogue(look store.CatalogueLookup) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	look.System = r.Param("id")
	receipt, err := r.App.Store.DecideCatalogue(r.Ctx(), act, look, models.CatalogueFacts.Retire)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawCatalogueRetire(look, refused)
	}
	return r.done(receipt, "/systems/"+look.System, "It is retired. No new version can use it; what is signed is not moved.")
}

func (r *Request) drawCatalogueRetire(look store.CatalogueLookup, a redraw) error {
	look.System = r.Param("id")
	f, err := r.App.Store.ReadCatalogue(r.Ctx(), r.Viewer, look)
	if err != nil {
		return err
	}
	page := views.RetirePage{System: *f.System, Keys: r.Keys(), Errors: a.errors, Action: "/systems/" + f.System.ID + "/retire",
		What: f.System.Name, Says: []string{
			"No new version can use the system, its operations or its secrets.",
			"Drafts that use it cannot be submitted before they are changed.",
			"What is in force keeps what was signed. To end that at once, its people stop or revoke it.",
		}}
	switch {
	case f.Operation != nil:
		page.What, page.Action = "the operation “"+f.Operation.Title+"”", "/systems/"+f.System.ID+"/operations/"+f.Operation.ID+"/retire"
		page.Says[0] = "No new version can use the operation, and its name stays taken."
	case f.Secret != nil:
		page.What, page.Action = "the reference to “"+f.Secret.Name+"”", "/systems/"+f.System.ID+"/secrets/"+f.Secret.ID+"/retire"
		page.Says[0] = "No new version can name the secret, and its name stays taken. The secret itself is not touched."
	}
	return r.Render(a.code(), views.CatalogueRetire(r.headAfter("Retire "+page.What, "Systems", a), page))
}
