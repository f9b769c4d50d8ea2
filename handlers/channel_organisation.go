package handlers

import (
	"countersign/models"
	"countersign/views"
)

// OrganisationChannels shows administrators and auditors how the organisation is told,
// and how its mail goes.
func OrganisationChannels(r *Request) error {
	return r.drawOrganisationChannels(models.EndpointForm{}, nil, redraw{})
}

func (r *Request) drawOrganisationChannels(typed models.EndpointForm, once *views.ShownOnce, a redraw) error {
	c, err := r.App.Store.OrganisationChannels(r.Ctx())
	if err != nil {
		return err
	}
	page := views.OrganisationPage{Host: r.App.MailHost, From: r.App.MailFrom, Demo: r.App.Demo, Post: r.postState(c.Mail), Once: once, Test: r.newKeys(),
		May: r.Viewer.Has(models.Administrator), Errors: a.errors, Now: r.Now()}
	page.Hooks = r.hooks("/admin/channels", c.Hooks, typed, a)
	page.Hooks.May = page.May
	return r.Render(a.code(), views.OrganisationChannels(r.headAfter("Channels", "Administration", a), page))
}
