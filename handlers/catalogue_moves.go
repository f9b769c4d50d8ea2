package handlers

import (
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// moves looks at what a change of the catalogue would move to another tier if it were signed
// anew. It says whether the change may be saved: nothing would move, or the form says that
// this very answer was shown (what is asked for, and how much it moves).
func (r *Request) moves(to *views.CatalogueMoves, look store.CatalogueLookup, asked string, edit func(models.CatalogueFacts) models.CatalogueEdit) (bool, error) {
	m, err := r.App.Store.CatalogueMoves(r.Ctx(), r.Viewer, look, edit)
	if err != nil || m.Total == 0 {
		return err == nil, err
	}
	*to = views.CatalogueMoves{Total: m.Total, Up: m.Up, More: m.More, Seal: asked + " " + strconv.Itoa(m.Total) + " " + strconv.Itoa(m.Up)}
	for _, row := range m.Seen {
		to.Seen = append(to.Seen, views.MovedRow{LiveRow: r.liveRow(row.LiveRow), Would: row.Would})
	}
	return r.Form("checked") == to.Seal, nil
}
