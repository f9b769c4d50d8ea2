package journeys_test

import (
	"net/http"
	"strings"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
	"countersign/web"
)

// How people are told, by its pages: somebody chooses, gets a calendar and ends it; an
// administrator adds a hook, has a test sent to a receiver that really gets it, and finds
// it in the register.
func TestChannelsInTheBrowser(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t), journeys.HooksHere(), app.Configure(func(c *web.Config) {
		c.Channels.MailHost, c.Channels.MailFrom = "mail.example", "countersign@example.com"
	}))
	mine := "SELECT mail_off || ' ' || digest FROM people WHERE name = 'Anna Keller'"

	anna := browser.Open(t, org.App).SignIn("anna")
	anna.Go("/me/channels").Sound("channels")
	require.Equal(t, "0 0", org.One(t, mine), "mail, each by itself, until somebody chooses")
	anna.Choose("Once a day").Press("Save").Sees(".cs-flash", "Saved")
	require.Equal(t, "0 1", org.One(t, mine))

	anna.Press("Make an address").Sees(".cs-callout", "Copy it now").Sound("channels-calendar")
	address := anna.Attribute("#shown-once", "value")
	require.Contains(t, address, org.URL+"/calendar/")
	answers := func() (int, string) {
		page := org.Client(t).Do(org.Client(t).Request(http.MethodGet, strings.TrimPrefix(address, org.URL), nil))
		return page.Status, page.Body
	}
	status, feed := answers()
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, feed, "BEGIN:VCALENDAR")
	anna.Go("/me/channels").Sees("main", "It was shown once")
	require.Zero(t, anna.Count("#shown-once"), "and not again")
	anna.Press("Switch it off").Sees(".cs-flash", "no longer works").Sees("main", "Make an address")
	status, _ = answers()
	require.Equal(t, http.StatusNotFound, status)

	receiver := journeys.NewReceiver(t)
	adam := browser.Open(t, org.App).SignIn("adam")
	adam.Go("/admin/channels").Sound("organisation-channels")
	before := org.Ledger(t)
	adam.Fill("Name", "Night watch").Choose("Slack").Fill("URL", "https://10.0.0.7/services/T0KEN").Press("Add the hook")
	adam.Sees("#error-summary", "10.0.0.7 is").Sees("#url-error", "Nothing is sent there").Sound("hook-refused")
	require.Equal(t, before, org.Ledger(t))
	require.Equal(t, "Night watch", adam.Attribute("#name", "value"), "what was typed stays")
	adam.Choose("Signed JSON").Fill("URL", receiver.URL+"/in/T0KEN").Press("Add the hook")
	adam.Sees(".cs-callout", "Copy its secret now").Sees("main tbody", "Night watch").Sound("hook-added")
	secret := adam.Attribute("#shown-once", "value")
	adam.Press("Send a test to Night watch").Sees(".cs-flash", "A test is on its way")
	require.Zero(t, adam.Count("#shown-once"))
	org.Send(t)
	got := receiver.Got()
	require.Len(t, got, 1)
	check, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, check.Verify([]byte(got[0].Body), got[0].Header), "the secret that was shown is the one that signs")
	adam.Go("/admin/channels").Sees("main tbody", "Delivered").SeesNot("main", "T0KEN")

	adam.Go("/admin/notices").Sees("main tbody", "Night watch").Sound("register")
	adam.PressOn("main tbody a[href='/admin/notices/" + org.One(t, "SELECT id FROM outbox WHERE kind = 'channel.test'") + "']")
	adam.Sees("main", "Delivered").Sees("main", "answered 200").Sees("main", "Adam Fischer").SeesNot("main", "T0KEN").Sound("notice")
}
