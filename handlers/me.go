package handlers

import (
	"net/http"

	"countersign/models"
	"countersign/store"
	"countersign/views"
)

// MeShow shows people who they are here: roles and where they come from, teams,
// accounts, and when they signed in.
func MeShow(r *Request) error {
	return r.drawMe(r.Viewer.Person.TimeZone, hoursShown(r.Viewer.Person), redraw{})
}

// MeTimeZone sets the zone in which pages tell the viewer the time. It moves no
// deadline.
func MeTimeZone(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	zone := r.Form("time_zone")
	receipt, err := r.App.Store.DecideAdmin(r.Ctx(), act, store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone(zone) })
	if err != nil {
		refused, ok := again(err, "time_zone")
		if !ok {
			return err
		}
		return r.drawMe(zone, hoursShown(r.Viewer.Person), refused)
	}
	return r.done(receipt, "/me", "Saved. Pages tell you the time of "+models.WordsOf(models.TimeZones, zone)+" from now on.")
}

func (r *Request) drawMe(zone string, hours views.HoursTyped, a redraw) error {
	me, err := r.App.Store.Me(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page := views.MePage{Party: r.Viewer, SignedIn: r.Local(r.AuthAt), TimeZone: zone, Hours: hours, Manager: me.Manager, Keys: r.Keys(), SwitchKeys: r.newKeys(), HourKeys: r.newKeys(), Errors: a.errors, Now: r.Now()}
	mine, most, err := r.App.Store.MyLoad(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	page.Load, page.Most = loadRow(mine), most
	for _, g := range me.Grants {
		page.Grants = append(page.Grants, views.AdminGrant{Grant: g, From: views.GrantFrom(g, me.Granters[g.GrantedBy])})
	}
	for _, x := range me.Accounts {
		page.Accounts = append(page.Accounts, views.MyAccount{Account: x, This: x.ID == r.AccountID})
	}
	return r.Render(a.code(), views.Me(r.headAfter("You", "", a), page))
}

// MeHistory shows people what the ledger says of themselves.
func MeHistory(r *Request) error {
	h, err := r.readHistory(models.TouchPerson, r.Viewer.Person.ID, "/me/history")
	if err != nil {
		return err
	}
	return r.Render(http.StatusOK, views.MeHistory(r.Head("Your history", ""), r.Viewer, h))
}
