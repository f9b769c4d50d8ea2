package handlers

import (
	"countersign/models"
	"countersign/store"
)

// VersionGoLive puts an approved version in force once nothing is in the way
// any more: one of its makers does.
func VersionGoLive(r *Request) error {
	id := r.Param("id")
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideVersion(r.Ctx(), act, id, store.Lookup{}, func(f models.CapabilityFacts) (models.Change, error) { return f.GoLive(id) })
	if err == nil {
		return r.receipt(receipt)
	}
	a, err := attempted(nil, err)
	if err != nil {
		return err
	}
	c, err := r.App.Store.VersionPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	return drawVersion(r, c, a, false)
}
