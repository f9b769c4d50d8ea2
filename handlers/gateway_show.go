package handlers

import (
	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// GatewayShow shows administrators and auditors one key: whose, for what, until when.
func GatewayShow(r *Request) error { return r.drawGateway(r.Param("id"), nil, redraw{}) }

// GatewayRevoke ends a key at once and for good: any administrator does, with a reason.
func GatewayRevoke(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	id, reason := r.Param("id"), r.Form("reason")
	receipt, err := r.App.Store.DecideGateway(r.Ctx(), act, store.GatewayLookup{Gateway: id}, func(f models.GatewayFacts) (models.Change, error) { return f.RevokeGateway(reason) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawGateway(id, nil, refused)
	}
	return r.done(receipt, "/admin/gateways/"+id, "The key is revoked. Nothing that is asked with it is allowed any more.")
}

func (r *Request) drawGateway(id string, once *views.ShownOnce, a redraw) error {
	line, err := r.App.Store.Gateway(r.Ctx(), r.Viewer, id)
	if err != nil {
		return err
	}
	may := models.GatewayFacts{Env: models.Env{By: r.Viewer, Now: models.At(r.App.Now())}, Gateway: &line.Gateway}.MayRevoke()
	page := views.GatewayPage{Line: views.GatewayLine(line), Once: once, Why: message(may), May: r.Viewer.Has(models.Administrator), Reason: r.Form("reason"), Keys: r.newKeys(), Errors: a.errors, Now: r.Now()}
	if len(a.errors) > 0 {
		page.Keys = r.Keys()
	}
	return r.Render(a.code(), views.GatewayShow(r.headAfter(line.Name, "Administration", a), page))
}
