package handlers_test

import (
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
)

// Each filter of the home page says how many it finds, and finds as many; it is in
// the address, and a chip takes it off.
func TestHomeIsFiltered(t *testing.T) {
	h := newHouse(t)
	tried := 0
	for _, who := range []string{"xu", "anna"} {
		c := h.as(who)
		home := c.Get("/", http.StatusOK)
		for _, name := range []string{"kind", "tier"} {
			home.Find("main select[name=" + name + "] option[value!='']").Each(func(_ int, o *goquery.Selection) {
				many := regexp.MustCompile(`\((\d+)\)`).FindStringSubmatch(o.Text())
				require.Len(t, many, 2, o.Text())
				page := c.Get("/?"+name+"="+o.AttrOr("value", ""), http.StatusOK)
				require.Equal(t, many[1], strconv.Itoa(page.Find(".cs-duty").Length()), o.Text())
				page.Want(".cs-lead", many[1]+" of the ")
				require.Equal(t, "/", page.Find(".cs-chip").AttrOr("href", ""))
				tried++
			})
		}
		c.Get("/?kind=nonsense&tier=%3Cb%3E", http.StatusOK).WantNot(".cs-chips", "nonsense")
	}
	require.Greater(t, tried, 5)
	h.as("xu").Get("/?kind=claim&tier=critical", http.StatusOK).Want("main h2", "Nothing of that waits for you")
}

// Each row says since when it waits; one's own work is never among what is to be decided.
func TestHomeSaysSinceWhen(t *testing.T) {
	h := newHouse(t)
	home := h.as("xu").Get("/", http.StatusOK)
	require.NotZero(t, home.Find(".cs-duty").Length())
	home.Find(".cs-duty").Each(func(_ int, row *goquery.Selection) {
		require.Contains(t, row.Find(".cs-duty-side").Text(), "Waits since:")
		require.Equal(t, 2, row.Find(".cs-duty-side time").Length(), "since when, and until when")
	})
}

// The list answers with nothing while it is as it was, and with itself once another
// has handled something, which it then tells.
func TestHomeListAsksAgain(t *testing.T) {
	h := newHouse(t)
	zoe, xu := h.as("zoe"), h.as("xu")
	home := zoe.Get("/", http.StatusOK)
	mine := map[string]string{}
	home.Find(".cs-duty h3 a").Each(func(_ int, a *goquery.Selection) { mine[a.AttrOr("href", "")] = a.Text() })
	version := ""
	xu.Get("/", http.StatusOK).Find(".cs-duty h3 a").Each(func(_ int, a *goquery.Selection) {
		if href := a.AttrOr("href", ""); mine[href] != "" && regexp.MustCompile("^Decide on").MatchString(a.Text()) {
			version = href
		}
	})
	require.NotEmpty(t, version, "something waits for both")
	again := func(want int) *app.Page {
		req := zoe.Request(http.MethodGet, home.Find("[data-inbox]").AttrOr("hx-get", ""), nil)
		req.Header.Set("HX-Request", "true")
		page := zoe.Do(req)
		require.Equal(t, want, page.Status)
		return page
	}
	again(http.StatusNoContent)
	title := h.capabilityTitle(version)
	xu.Submit(xu.Get(version, http.StatusOK), "form[action$='/decide']", app.Values{"decision": "changes", "reason": "Say what it may cost"}, http.StatusOK)
	list := again(http.StatusOK)
	require.Zero(t, list.Find("h1, header").Length(), "the list alone")
	require.Zero(t, list.Find(".cs-duties a[href='"+version+"']").Length())
	list.Want("#handled-title", "Handled by others").Want(".cs-handled", title).Want(".cs-handled", "Xu").Want(".cs-handled", "asked for changes")
	xu.Get("/", http.StatusOK).WantNot(".cs-handled", title)
}

func (h *house) capabilityTitle(version string) string {
	return h.One(h.t, "SELECT m.title FROM matrix_rows m JOIN versions v ON v.capability_id = m.capability_id WHERE '/versions/' || v.id = '"+version+"'")
}

// A page that asks by itself does not keep a session from ending.
func TestALookOfItsOwnKeepsNoSession(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t), app.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)))
	ada := a.Client(t).Login(app.Admin.Subject)
	ask := ada.Get("/", http.StatusOK).Find("[data-inbox]").AttrOr("hx-get", "")
	require.NotEmpty(t, ask)
	look := func() *app.Page {
		a.Clock.Move(11 * time.Minute)
		req := ada.Request(http.MethodGet, ask, nil)
		req.Header.Set("HX-Request", "true")
		return ada.Do(req)
	}
	for range 2 {
		require.Empty(t, look().Header.Get("HX-Redirect"))
	}
	require.Contains(t, look().Header.Get("HX-Redirect"), "/sign-in", "nobody has asked for anything for half an hour")
}

// Keys on the keyboard are a person's own to switch off, and on again.
func TestKeysAreSwitched(t *testing.T) {
	a := app.Start(t, apptest.SQLiteURL(t))
	ada := a.Client(t).Login(app.Admin.Subject)
	has := func() bool {
		page := ada.Get("/", http.StatusOK)
		require.Equal(t, page.Find("script[src*='/keys-']").Length(), page.Find("dialog#cs-keys").Length())
		return page.Find("dialog#cs-keys").Length() == 1
	}
	require.True(t, has())
	ada.Submit(ada.Get("/me", http.StatusOK), "#switch-keys", nil, http.StatusOK).Want("main", "Switched off")
	require.False(t, has())
	ada.Get("/me/history", http.StatusOK).Want("main", "switched keys on the keyboard off")
	ada.Submit(ada.Get("/me", http.StatusOK), "#switch-keys", nil, http.StatusOK).Want("main", "Switched on")
	require.True(t, has())
	ada.Post("/me/keys", app.Values{"keys": "perhaps"}, http.StatusUnprocessableEntity)
}
