package handlers

import (
	"net/url"
	"strings"

	"countersign/models"
	"countersign/notify"
	"countersign/store"
	"countersign/views"
)

// MyChannels shows people how they are told, and lets them choose.
func MyChannels(r *Request) error { return r.drawChannels(models.EndpointForm{}, nil, redraw{}) }

// MyChannelsChoose chooses whether mail comes, and whether once a day.
func MyChannelsChoose(r *Request) error {
	act, err := r.Act()
	if err != nil {
		return err
	}
	mail, digest := r.Form("mail") == "on", r.Form("digest") == "on"
	receipt, err := r.App.Store.DecideChannels(r.Ctx(), act, store.ChannelLookup{}, func(f models.ChannelFacts) (models.Change, error) { return f.SetChannels(mail, digest) })
	if err != nil {
		refused, ok := again(err, "")
		if !ok {
			return err
		}
		return r.drawChannels(models.EndpointForm{}, nil, refused)
	}
	return r.done(receipt, "/me/channels", "Saved. It counts for what comes from now on.")
}

func (r *Request) drawChannels(typed models.EndpointForm, once *views.ShownOnce, a redraw) error {
	c, err := r.App.Store.Channels(r.Ctx(), r.Viewer)
	if err != nil {
		return err
	}
	me := r.Viewer.Person
	page := views.ChannelsPage{Party: r.Viewer, Mail: me.MailOff == 0, Digest: me.Digest == 1, Server: r.App.MailHost != "", Post: r.postState(c.Mail), Calendar: c.Calendar, Once: once,
		Choose: r.newKeys(), Test: r.newKeys(), Make: r.newKeys(), Revoke: r.newKeys(), Morning: r.Local(me.Hours().Morning(models.At(r.App.Now()))), Errors: a.errors, Now: r.Now()}
	page.Hooks = r.hooks("/me/channels", c.Hooks, typed, a)
	page.Hooks.May = true
	return r.Render(a.code(), views.Channels(r.headAfter("Channels", "You", a), page))
}

// hooks are hooks beneath an address, with the form that adds one as it was typed.
func (r *Request) hooks(base string, hooks []store.Hook, typed models.EndpointForm, a redraw) views.HooksProps {
	p := views.HooksProps{Base: base, Styles: notify.Styles, Typed: typed, Keys: r.newKeys(), Errors: a.errors, Now: r.Now()}
	for _, h := range hooks {
		line := views.HookLine{Endpoint: h.Endpoint, Style: models.WordsOf(notify.Styles, h.Style), Said: h.Said, Test: r.newKeys(), Remove: r.newKeys()}
		if h.PersonID == nil {
			line.Creator = h.Creator
		}
		if h.Last != nil {
			at := h.Last.CreatedAt
			if h.Last.EndedAt != nil {
				at = *h.Last.EndedAt
			}
			last := r.Local(at)
			line.Last, line.LastState = &last, h.Last.State
		}
		p.Lines = append(p.Lines, line)
	}
	return p
}

func (r *Request) postState(m store.MailState) (s views.PostState) {
	s.Said, s.Refused = m.Said, m.Refused
	if m.Delivered != nil {
		at := r.Local(*m.Delivered)
		s.Delivered = &at
	}
	if m.Failed != nil {
		at := r.Local(*m.Failed)
		s.Failed = &at
	}
	return s
}

// endpointForm is a hook as it was typed; to sign with, a fresh secret is made here.
func (r *Request) endpointForm(organisation bool) (form models.EndpointForm, typed models.EndpointForm) {
	form = models.EndpointForm{Name: r.Form("name"), Style: r.Form("style"), URL: r.Form("url"), Secret: r.Form("secret"), Urgent: r.Form("urgent") == "on", Organisation: organisation}
	typed = form
	if form.Style == notify.StyleStandard {
		form.Secret = notify.NewSecret()
	}
	return form, typed
}

// checkEndpoint is models.CheckEndpoint, with what the installation opened on purpose.
func (r *Request) checkEndpoint(style, address, secret string) (string, []models.FieldError) {
	wrong := notify.Endpoint{URL: address, Secret: secret, Style: style}.Check(r.App.Allow)
	u, err := url.Parse(address)
	if err != nil {
		return "", wrong
	}
	return strings.ToLower(u.Host), wrong
}
