package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// GatewayList shows administrators and auditors the keys of gateways.
func GatewayList(r *Request) error {
	open, ended, err := r.App.Store.Gateways(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.GatewaysPage{Open: gatewayLines(open), Ended: gatewayLines(ended), May: r.Viewer.Has(models.Administrator), Now: r.Now()}
	return r.Render(http.StatusOK, views.Gateways(r.Head("Gateways", "Administration"), page))
}

func gatewayLines(lines []store.GatewayLine) (out []views.GatewayLine) {
	for _, l := range lines {
		out = append(out, views.GatewayLine(l))
	}
	return out
}
