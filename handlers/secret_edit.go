package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// SecretNew offers an administrator to add a reference to a standing secret.
func SecretNew(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	return r.drawSecretForm(views.SecretForm{System: s, Keys: r.Keys()}, redraw{})
}

// SecretAdd adds a reference to a standing secret that reaches the system in the
// address, never the secret: an administrator does.
func SecretAdd(r *Request) error {
	s, err := r.catalogueSystem()
	if err != nil {
		return err
	}
	act, err := r.Act()
	if err != nil {
		return err
	}
	f := views.SecretForm{System: s, Typed: models.SecretRef{Name: r.Form("name"), Reference: r.Form("reference")}, Keys: r.Keys()}
	look := store.CatalogueLookup{System: s.ID, SecretName: singleSpaced(f.Typed.Name)}
	receipt, err := r.App.Store.DecideCatalogue(r.Ctx(), act, look, func(c models.CatalogueFacts) (models.Change, error) { return c.AddSecret(f.Typed) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawSecretForm(f, refused)
	}
	return r.done(receipt, "/systems/"+s.ID, "The reference was added. Scopes and oversight plans can name it from now on.")
}

func (r *Request) drawSecretForm(f views.SecretForm, a redraw) error {
	f.Errors = a.errors
	return r.Render(a.code(), views.SecretEdit(r.headAfter("Add a secret’s reference", f.System.Name, a), f))
}

// SecretRetireAsk asks an administrator before a reference is taken out of the catalogue.
func SecretRetireAsk(r *Request) error {
	return r.drawCatalogueRetire(store.CatalogueLookup{Secret: r.Param("secret")}, redraw{})
}

// SecretRetire takes the reference in the address out of the catalogue.
func SecretRetire(r *Request) error {
	return r.retireFromCatalogue(store.CatalogueLookup{Secret: r.Param("secret")})
}
