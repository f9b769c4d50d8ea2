package handlers

import (
	"countersign/models"
	"countersign/notify"
	"countersign/store"
	"countersign/views"
)

// MyHookAdd takes a hook of the viewer's own into use.
func MyHookAdd(r *Request) error { return r.addHook(false) }

// OrganisationHookAdd takes a hook of the organisation into use: an administrator does.
func OrganisationHookAdd(r *Request) error { return r.addHook(true) }

func (r *Request) addHook(organisation bool) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	form, typed := r.endpointForm(organisation)
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, func(f models.ChannelFacts) (models.Change, error) { return f.AddEndpoint(form, r.checkEndpoint) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawHooks(organisation, typed, nil, refused)
	}
	if form.Style != notify.StyleStandard || receipt.Again {
		return r.done(receipt, hooksPage(organisation), "The hook was added. Send a test to see that messages arrive.")
	}
	// The secret is on this answer and on no other one, so it is no redirect.
	return r.drawHooks(organisation, models.EndpointForm{}, &views.ShownOnce{Title: "The hook was added. Copy its secret now",
		Text:  "It is shown this one time. Your receiver checks with it that a message came from here (Standard Webhooks). If it is lost, remove the hook and add it again.",
		Label: "Signing secret", Value: form.Secret}, redraw{})
}

func (r *Request) drawHooks(organisation bool, typed models.EndpointForm, once *views.ShownOnce, a redraw) error {
	if organisation {
		return r.drawOrganisationChannels(typed, once, a)
	}
	return r.drawChannels(typed, once, a)
}

func hooksPage(organisation bool) string {
	if organisation {
		return "/admin/channels"
	}
	return "/me/channels"
}

// MyHookTest has a message sent to a hook of the viewer's.
func MyHookTest(r *Request) error { return r.testHook(false) }

// OrganisationHookTest has a message sent to a hook of the organisation.
func OrganisationHookTest(r *Request) error { return r.testHook(true) }

func (r *Request) testHook(organisation bool) error {
	return r.onHook(organisation, "A test is on its way. Load this page again in a moment to see what came of it.", models.ChannelFacts.TestEndpoint)
}

// MyHookRemove takes a hook of the viewer's out of use for good.
func MyHookRemove(r *Request) error { return r.removeHook(false) }

// OrganisationHookRemove takes a hook of the organisation out of use for good.
func OrganisationHookRemove(r *Request) error { return r.removeHook(true) }

func (r *Request) removeHook(organisation bool) error {
	return r.onHook(organisation, "The hook was removed. Nothing is sent there any more, and its address and secret are forgotten.", models.ChannelFacts.RemoveEndpoint)
}

func (r *Request) onHook(organisation bool, said string, rule func(models.ChannelFacts, string) (models.Change, error)) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, func(f models.ChannelFacts) (models.Change, error) { return rule(f, r.Param("id")) })
	if err != nil {
		return err
	}
	return r.done(receipt, hooksPage(organisation), said)
}

// MyMailTest has a message sent to the viewer's own address.
func MyMailTest(r *Request) error { return r.testMail("/me/channels") }

// OrganisationMailTest has a message sent to the administrator's own address.
func OrganisationMailTest(r *Request) error { return r.testMail("/admin/channels") }

func (r *Request) testMail(back string) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, models.ChannelFacts.TestMail)
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawHooks(back == "/admin/channels", models.EndpointForm{}, nil, refused)
	}
	return r.done(receipt, back, "A test is on its way to "+r.Viewer.Person.Email+". Load this page again in a moment to see what came of it.")
}
