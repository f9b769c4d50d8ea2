package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/views"
)

// CapabilityHistory is what the ledger says of a capability, newest first.
func CapabilityHistory(r *Request) error {
	id := r.Param("id")
	c, err := r.App.Store.CapabilityPage(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	h, err := r.readHistory(models.TouchCapability, id, "/capabilities/"+id+"/history")
	if err != nil {
		return err
	}
	page := views.CapabilityHistory{CapabilityTop: capabilityTop(r, c), History: h}
	return r.Render(http.StatusOK, views.CapabilityHistoryList(r.Head("History", page.Title), page))
}
