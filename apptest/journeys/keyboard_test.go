package journeys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// An approver works through the list by single keys, which do nothing in a field and
// nothing at all once they are switched off.
func TestKeysOnTheKeyboard(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	xu := browser.Open(t, org.App).SignIn("xu").Go("/")
	row := func(n string) string { return xu.Attribute(".cs-duties > li:nth-child("+n+") h3 a", "id") }
	first, second := row("1"), row("2")
	require.NotEqual(t, first, second)

	xu.Type("j")
	require.Equal(t, first, xu.Focused())
	xu.Type("jj").Type("k")
	require.Equal(t, second, xu.Focused())
	xu.Type("kkk")
	require.Equal(t, first, xu.Focused(), "the first row has none before it")

	// The help lists them; it takes the focus and gives it back.
	xu.Type("?").Sees("dialog[open]", "The next row of the list").Sound("keys")
	xu.Type("j")
	require.NotEqual(t, second, xu.Focused(), "what is behind the help does not move")
	xu.Type(kb.Escape)
	require.Zero(t, xu.Count("dialog[open]"))
	require.Equal(t, first, xu.Focused())
	xu.PressAndStay("Keys on the keyboard").Sees("dialog[open]", "Go to your decision").PressAndStay("Close")
	require.Zero(t, xu.Count("dialog[open]"))

	// On a version: to the decision and to a comment, and nothing is sent.
	xu.Go("/?kind=sign").Type("j")
	to := xu.Attribute(".cs-duties > li:first-child h3 a", "href")
	xu.Type("o").Sees("#decide", "Sign off")
	require.Equal(t, to, xu.At())
	before := org.Ledger(t)
	xu.Type("s")
	require.Equal(t, "decide", xu.Focused())
	xu.Type("c")
	require.Equal(t, "TEXTAREA", xu.Run(`document.activeElement.tagName`))
	xu.Type("j?s")
	require.Equal(t, "j?s", xu.Run(`document.activeElement.value`), "keys that are typed are text")
	require.Zero(t, xu.Count("dialog[open]"))
	require.Equal(t, to, xu.At())
	require.Equal(t, before, org.Ledger(t))

	// Switched off, none does anything.
	xu.Go("/me").Press("Switch keys off").Sees("main", "Switched off")
	xu.Go("/").Type("j").Type("?")
	require.Empty(t, xu.Focused())
	require.Zero(t, xu.Count("dialog[open]"))
	require.Empty(t, xu.Text("footer button"))
}

// What another has handled leaves the list while one looks at it: it is told, and the
// focus stays where it was.
func TestTheListLosesWhatOthersHandled(t *testing.T) {
	browser.Needed(t)
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	zoe := browser.Open(t, org.App).SignIn("zoe").Go("/?kind=sign")
	xu := org.Client(t).Login("xu")
	version, title := "", ""
	theirs := xu.Get("/?kind=sign", http.StatusOK)
	for _, a := range theirs.Find(".cs-duty h3 a").EachIter() {
		if href := a.AttrOr("href", ""); zoe.Count(`.cs-duty h3 a[href="`+href+`"]`) == 1 && strings.HasPrefix(a.Text(), "Decide on") {
			version, title = href, a.Text()
			break
		}
	}
	require.NotEmpty(t, version)
	rows := zoe.Count(".cs-duty")
	require.Greater(t, rows, 1)
	zoe.Type("j")
	kept := zoe.Focused()
	if zoe.Attribute("#"+kept, "href") == version {
		zoe.Type("j")
		kept = zoe.Focused()
	}
	const look = `htmx.trigger(document.querySelector("[data-inbox]"), "look")`
	zoe.Does(look)
	xu.Submit(xu.Get(version, http.StatusOK), "form[action$='/decide']", app.Values{"decision": "changes", "reason": "Say what it may cost"}, http.StatusOK)
	zoe.Does(look).Sees("#cs-live", "One thing left your list: "+title).Sees(".cs-handled", "asked for changes")
	require.Equal(t, rows-1, zoe.Count(".cs-duty"))
	require.Zero(t, zoe.Count(`.cs-duty h3 a[href="`+version+`"]`))
	require.Equal(t, kept, zoe.Focused())
	require.Equal(t, zoe.Attribute("[data-inbox]", "data-waiting"), strings.Fields(zoe.Text(".cs-nav .cs-count"))[0])
	zoe.Sound("home, after another handled something")
}
