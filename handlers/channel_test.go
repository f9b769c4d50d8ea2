package handlers_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/apptest/journeys"
	"countersign/web"
)

// mailServer is a mail server as pages know of it.
func mailServer(c *web.Config) {
	c.Channels.MailHost, c.Channels.MailFrom = "mail.example", "countersign@example.com"
}

const routingKey = "abcdefghijklmnopqrstuvwxyz012345"

// hookOf is the id of the hook of a name that is in use.
func (h *house) hookOf(name string) string {
	h.t.Helper()
	return h.One(h.t, "SELECT id FROM endpoints WHERE state = 'on' AND name = '"+name+"'")
}

// What is wrong with a hook is said beside its field, what was typed stays, and nothing is
// recorded: a private address above all, in whatever writing.
func TestAHookIsRefusedBesideItsField(t *testing.T) {
	h := newHouse(t)
	anna, adam := h.as("anna"), h.as("adam")
	before := h.Ledger(t)
	for who, base := range map[*app.Client]string{anna: "/me/channels", adam: "/admin/channels"} {
		page := who.SubmitForm(base, base+"/hooks", nil, http.StatusUnprocessableEntity)
		page.Want("#error-summary a[href='#name']", "Enter a name").Want("#error-summary a[href='#style']", "Choose what the receiver is").Want("#error-summary a[href='#url']", "Enter the URL")
		for url, says := range map[string]string{
			"https://10.1.2.3/services/T0KEN":       "Nothing is sent there unless whoever runs this installation allows it",
			"https://127.0.0.1:8443/":               "Nothing is sent there",
			"https://[::ffff:192.168.0.1]/":         "Nothing is sent there",
			"https://169.254.169.254/latest":        "Nothing is sent there",
			"https://localhost/":                    "is this machine itself",
			"https://2130706433/":                   "Write the address as a host name",
			"http://hooks.example.com/plain":        "has to begin with https://",
			"https://me:password@hooks.example.com": "Leave out the user name",
		} {
			page = who.SubmitForm(base, base+"/hooks", app.Values{"name": "My <chat>", "style": "slack", "url": url, "urgent": "on"}, http.StatusUnprocessableEntity)
			page.Want("#error-summary a[href='#url']", says).Want("#url-error", says)
			require.Equal(t, 1, page.Find("#error-summary a").Length(), "nothing else is wrong with %s", url)
			require.Equal(t, url, page.Find("#url").AttrOr("value", ""), "what was typed stays")
			require.Equal(t, "My <chat>", page.Find("#name").AttrOr("value", ""))
			require.Equal(t, "slack", page.Find("input[name=style][checked]").AttrOr("value", ""))
			require.Equal(t, 1, page.Find("input[name=urgent][checked]").Length())
		}
		page = who.SubmitForm(base, base+"/hooks", app.Values{"name": "Pager", "style": "pagerduty", "url": "https://events.pagerduty.com/v2/enqueue", "secret": "too short"}, http.StatusUnprocessableEntity)
		page.Want("#secret-error", "integration key")
		require.Equal(t, "too short", page.Find("#secret").AttrOr("value", ""))
		who.SubmitForm(base, base+"/hooks", app.Values{"name": "Chat", "style": "teams", "url": "https://hooks.example.com/x", "secret": "a key"}, http.StatusUnprocessableEntity).
			Want("#secret-error", "the URL itself is the secret")
		who.SubmitForm(base, base+"/hooks", app.Values{"name": "Chat", "style": "carrier pigeon", "url": "https://hooks.example.com/x"}, http.StatusUnprocessableEntity).
			Want("#style-error", "Choose what the receiver is")
	}
	require.Equal(t, before, h.Ledger(t), "nothing was recorded")
	require.Equal(t, "0", h.One(t, "SELECT COUNT(*) || '' FROM endpoints"))
}

// A signed hook's secret is on the answer that made it and nowhere else; what is sent can
// be checked with it.
func TestAHooksSecretIsShownOnce(t *testing.T) {
	h := newHouse(t, journeys.HooksHere())
	anna, receiver := h.as("anna"), journeys.NewReceiver(t)
	form := anna.Get("/me/channels", http.StatusOK).Want("main", "Your hooks")
	values := app.Values{"name": "My program", "style": "standard", "url": receiver.URL + "/in/T0KEN"}
	made := anna.Submit(form, "#hook", values, http.StatusOK).Want(".cs-callout", "Copy its secret now")
	secret := made.Find("#shown-once").AttrOr("value", "")
	require.Regexp(t, `^whsec_[A-Za-z0-9+/]{43}=$`, secret)
	require.Equal(t, "no-store", made.Header.Get("Cache-Control"), "no cache keeps it")

	again := anna.Submit(form, "#hook", values, http.StatusOK).Want(".cs-flash", "sent before")
	require.Equal(t, "1", h.One(t, "SELECT COUNT(*) || '' FROM endpoints"), "the same form makes one hook")
	for _, page := range []*app.Page{again, anna.Get("/me/channels", http.StatusOK), anna.Get("/me/notices", http.StatusOK),
		h.as("udo").Get("/ledger", http.StatusOK), h.as("udo").Get("/admin/notices", http.StatusOK)} {
		require.NotContains(t, page.Body, secret)
		require.NotContains(t, page.Body, "T0KEN", "nor the way to it")
	}
	require.NotContains(t, h.Log.String(), secret)
	require.NotContains(t, h.Log.String(), "T0KEN")

	id := h.hookOf("My program")
	anna.SubmitForm("/me/channels", "/me/channels/hooks/"+id+"/test", nil, http.StatusOK).Want(".cs-flash", "A test is on its way")
	h.Send(t)
	got := receiver.Got()
	require.Len(t, got, 1)
	check, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, check.Verify([]byte(got[0].Body), got[0].Header))
	require.Equal(t, "/in/T0KEN", got[0].Path)
	anna.Get("/me/channels", http.StatusOK).Want("main tbody", "Delivered").Want("main tbody", "answered 200")
	require.NotContains(t, anna.Last.Body, "T0KEN")
}

// Each kind of receiver gets a body of its own kind.
func TestHooksOfEachKind(t *testing.T) {
	h := newHouse(t, journeys.HooksHere())
	adam := h.as("adam")
	for style, c := range map[string]struct {
		secret string
		has    func(body map[string]any) bool
	}{
		"slack":     {"", func(b map[string]any) bool { return b["blocks"] != nil && b["text"] != nil }},
		"teams":     {"", func(b map[string]any) bool { return b["type"] == "message" && b["attachments"] != nil }},
		"pagerduty": {routingKey, func(b map[string]any) bool { return b["routing_key"] == routingKey && b["event_action"] == "trigger" }},
	} {
		t.Run(style, func(t *testing.T) {
			receiver := journeys.NewReceiver(t)
			page := adam.SubmitForm("/admin/channels", "/admin/channels/hooks", app.Values{"name": "To " + style, "style": style, "url": receiver.URL + "/T0KEN", "secret": c.secret}, http.StatusOK)
			page.Want(".cs-flash", "The hook was added").Want("main tbody th", "To "+style).Want("main tbody th", "added by Adam")
			require.Zero(t, page.Find("#shown-once").Length(), "there is no secret of ours")
			require.NotContains(t, page.Body, "T0KEN")
			require.NotContains(t, page.Body, routingKey)
			page = adam.SubmitForm("/admin/channels", "/admin/channels/hooks/"+h.hookOf("To "+style)+"/test", nil, http.StatusOK)
			page.Want(".cs-flash", "A test is on its way")
			h.Send(t)
			got := receiver.Got()
			require.Len(t, got, 1)
			var body map[string]any
			require.NoError(t, json.Unmarshal([]byte(got[0].Body), &body))
			require.True(t, c.has(body), got[0].Body)
			require.Contains(t, got[0].Body, "A test from Countersign")
			require.Empty(t, got[0].Header.Get("webhook-signature"))
		})
	}
}

// The organisation's hooks are an administrator's to keep; one's own are nobody else's,
// whatever the address.
func TestWhoMayKeepHooks(t *testing.T) {
	h := newHouse(t, journeys.HooksHere())
	anna, ben, adam, udo, xu := h.as("anna"), h.as("ben"), h.as("adam"), h.as("udo"), h.as("xu")
	receiver := journeys.NewReceiver(t)
	hook := func(name string) app.Values {
		return app.Values{"name": name, "style": "slack", "url": receiver.URL + "/hook"}
	}
	anna.SubmitForm("/me/channels", "/me/channels/hooks", hook("Mine"), http.StatusOK)
	adam.SubmitForm("/admin/channels", "/admin/channels/hooks", hook("All of us"), http.StatusOK)
	mine, ours, before := h.hookOf("Mine"), h.hookOf("All of us"), h.Ledger(t)

	page := udo.Get("/admin/channels", http.StatusOK).Want("main tbody th", "All of us")
	require.Zero(t, page.Find("main form[method=post]").Length(), "an auditor changes nothing")
	for _, c := range []*app.Client{anna, xu} {
		c.Get("/admin/channels", http.StatusForbidden)
	}
	for _, c := range []*app.Client{anna, udo, xu} {
		c.Post("/admin/channels/hooks", hook("Theirs"), http.StatusForbidden)
		c.Post("/admin/channels/test", nil, http.StatusForbidden)
		for _, id := range []string{mine, ours} {
			c.Post("/admin/channels/hooks/"+id+"/test", nil, http.StatusForbidden)
			c.Post("/admin/channels/hooks/"+id+"/remove", nil, http.StatusForbidden)
		}
		c.Post("/me/channels/hooks/"+ours+"/test", nil, http.StatusNotFound)
		c.Post("/me/channels/hooks/"+ours+"/remove", nil, http.StatusNotFound)
	}
	for _, c := range []*app.Client{ben, adam} { // an administrator neither
		c.Get("/me/channels", http.StatusOK).WantNot("main", "Mine")
		c.Post("/me/channels/hooks/"+mine+"/test", nil, http.StatusNotFound)
		c.Post("/me/channels/hooks/"+mine+"/remove", nil, http.StatusNotFound)
	}
	adam.Post("/admin/channels/hooks/"+mine+"/remove", nil, http.StatusNotFound)
	adam.Post("/admin/channels/hooks/hok_none/remove", nil, http.StatusNotFound)
	require.Equal(t, before, h.Ledger(t), "nothing was recorded")
	h.Send(t)
	require.Empty(t, receiver.Got(), "nothing was sent")
}

// A hook that is removed is sent nothing any more, not even what waited for it; its
// address and secret are forgotten, and its name can be used again.
func TestAHookIsRemoved(t *testing.T) {
	h := newHouse(t, journeys.HooksHere())
	anna, receiver := h.as("anna"), journeys.NewReceiver(t)
	add := app.Values{"name": "Chat", "style": "slack", "url": receiver.URL + "/T0KEN"}
	anna.SubmitForm("/me/channels", "/me/channels/hooks", add, http.StatusOK)
	anna.SubmitForm("/me/channels", "/me/channels/hooks", add, http.StatusUnprocessableEntity).Want("#name-error", "already a hook of this name")
	id := h.hookOf("Chat")
	page := anna.Get("/me/channels", http.StatusOK)
	anna.Submit(page, "#test-"+id, nil, http.StatusOK)
	anna.Submit(page, "#remove-"+id, nil, http.StatusOK).Want(".cs-flash", "The hook was removed").WantNot("main tbody", "Chat")
	h.Send(t)
	require.Empty(t, receiver.Got(), "what waited is not sent either")
	require.Equal(t, "off ", h.One(t, "SELECT state || ' ' || url || secret FROM endpoints WHERE id = '"+id+"'"))
	require.Equal(t, "none", h.One(t, "SELECT MAX(state) FROM deliveries WHERE kind = 'channel.test'"))
	anna.Post("/me/channels/hooks/"+id+"/remove", nil, http.StatusNotFound)
	anna.Submit(page, "#remove-"+id, nil, http.StatusOK).Want(".cs-flash", "sent before")
	anna.SubmitForm("/me/channels", "/me/channels/hooks", add, http.StatusOK).Want("main tbody", "Chat")
	require.Equal(t, "2", h.One(t, "SELECT COUNT(*) || '' FROM ledger WHERE act = 'channel.added'"))
	require.Equal(t, "1", h.One(t, "SELECT COUNT(*) || '' FROM ledger WHERE act = 'channel.removed'"))
}

// What people choose is kept, and is only theirs; where nothing differs nothing is recorded.
func TestChannelsAreChosen(t *testing.T) {
	h := newHouse(t, app.Configure(mailServer))
	anna := h.as("anna")
	page := anna.SubmitForm("/me/channels", "/me/channels", app.Values{"mail": "-", "digest": "on"}, http.StatusOK).Want(".cs-flash", "Saved")
	require.Zero(t, page.Find("input[name=mail][checked]").Length())
	require.Equal(t, 1, page.Find("input[name=digest][checked]").Length())
	require.Equal(t, "1 1", h.One(t, "SELECT mail_off || ' ' || digest FROM people WHERE name LIKE 'Anna%'"))
	before := h.Ledger(t)
	anna.SubmitForm("/me/channels", "/me/channels", nil, http.StatusConflict).Want("#error-summary", "chosen so already")
	require.Equal(t, before, h.Ledger(t))
	anna.SubmitForm("/me/channels", "/me/channels", app.Values{"mail": "on", "digest": "-"}, http.StatusOK)
	require.Equal(t, "0 0", h.One(t, "SELECT mail_off || ' ' || digest FROM people WHERE name LIKE 'Anna%'"))
	require.Equal(t, "0", h.One(t, "SELECT SUM(mail_off + digest) || '' FROM people"), "and of nobody else")
	anna.SubmitForm("/me/channels", "/me/channels/test", nil, http.StatusOK).Want(".cs-flash", "on its way to anna@")
	require.True(t, strings.HasPrefix(h.One(t, "SELECT recipient FROM outbox WHERE kind = 'channel.test'"), "mail:"))
}
