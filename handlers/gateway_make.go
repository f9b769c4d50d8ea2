package handlers

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// GatewayNew offers an administrator to make a key.
func GatewayNew(r *Request) error { return r.drawGatewayForm(views.GatewayForm{Days: "90"}, redraw{}) }

// GatewayMake makes a key for a gateway: an administrator does. The key is on this answer
// and on no other one, and is not kept.
func GatewayMake(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	typed := views.GatewayForm{Name: r.Form("name"), Team: r.Form("team"), Issuer: r.Form("issuer"), Days: r.Form("days")}
	days, err := strconv.Atoi(typed.Days)
	if err != nil {
		days = 0 // which the rule refuses beside its field
	}
	key := newGatewayKey()
	form := models.GatewayForm{Name: typed.Name, Team: typed.Team, Issuer: typed.Issuer, Days: days}
	form.Hash, form.Hint = models.GatewayKeyOf(key)
	receipt, err := r.App.Store.DecideGateway(r.Ctx(), act, store.GatewayLookup{Team: typed.Team}, func(f models.GatewayFacts) (models.Change, error) { return f.MakeGateway(form) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawGatewayForm(typed, refused)
	}
	if receipt.Again { // the key of the first time is not known here any more, and this one was not taken
		r.Flash(views.KindInfo, "This form was sent before. The key was shown then; if it was lost, revoke it and make another.")
		return r.Redirect("/admin/gateways/" + receipt.Subject)
	}
	return r.drawGateway(receipt.Subject, &views.ShownOnce{Title: "The key was made. Copy it now",
		Text:  "It is shown this one time, and only its hash is kept. Put it where the gateway reads its secrets; it sends it with each request, as “Authorization: Bearer”. If it is lost, revoke it and make another.",
		Label: "Key", Value: key}, redraw{})
}

// newGatewayKey is a key of 256 random bits: its prefix and 43 characters of base64url
// (RFC 4648, section 5).
func newGatewayKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program rather than give less
	return models.GatewayKeyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func (r *Request) drawGatewayForm(f views.GatewayForm, a redraw) error {
	var err error
	if f.Teams, err = r.App.Store.TeamChoices(r.Ctx()); err != nil {
		return err
	}
	f.Keys, f.Errors = r.Keys(), a.errors
	return r.Render(a.code(), views.GatewayNew(r.headAfter("Make a key", "Administration", a), f))
}
