package journeys_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/browser"
	"countersign/apptest/journeys"
)

// bad is one way to fill a form in.
type bad struct {
	name string
	text string // into every field that takes text; "" leaves them
	one  bool   // into one of them only
	free bool   // into those for free text only; the others get what they ask for
	does func(form url.Values)
	want []int // besides a refusal by rule (403, 404, 409, 422); 303 only where it is listed
}

const (
	script = `<script>alert(1)</script>`
	image  = `"><img src=x onerror=alert(1)>`
)

var megabyte = strings.Repeat("long ", 200_000)

// bads are the ways in which a form is filled in by a mistake or by malice. What
// is only odd text may be taken, and is then text for ever.
var bads = []bad{
	{name: "a megabyte", text: megabyte, one: true},
	{name: "NUL", text: "a\x00b"},
	{name: "not UTF-8", text: "a\xff\xfeb"},
	{name: "control characters", free: true, text: "a\x01\x07\x1b[31m\u0085b", want: []int{200}},
	{name: "right-to-left overrides", free: true, text: "safe \u202egnp.exe\u202c \u2066x\u2069", want: []int{200}},
	{name: "a script", free: true, text: script, want: []int{200}},
	{name: "an image", free: true, text: image, want: []int{200}},
	{name: "a script everywhere", text: script, want: []int{200}},
	{name: "only spaces", text: " \t\u00a0\u3000 ", want: []int{200}},
	{name: "fields of its own", does: func(form url.Values) {
		for _, f := range []string{"status", "state", "owner_id", "tier", "rev", "approvers", "person_id"} {
			if !form.Has(f) {
				form.Set(f, "live")
			}
		}
		form.Set("id", "per_0000000000000000")
	}, want: []int{200}},
	{name: "a stale revision", does: func(form url.Values) {
		for _, f := range []string{"revision", "rev", "digest", "round"} {
			if form.Has(f) {
				form.Set(f, "999999")
			}
		}
	}, want: []int{200}},
	{name: "no nonce", does: func(form url.Values) { form.Del("act_id") }},
	{name: "no token", does: func(form url.Values) { form.Del("csrf") }},
	{name: "everything twice", does: func(form url.Values) {
		for k, v := range form {
			form[k] = append(v, v...)
		}
	}, want: []int{200}},
	{name: "nothing", does: func(form url.Values) {
		for k := range form {
			if k != "csrf" && k != "act_id" {
				form.Del(k)
			}
		}
	}, want: []int{200}},
}

// Every form that any role can come to, filled in badly: a clear refusal or,
// where it is only odd text, a receipt; never a failure of ours. What is refused
// changes nothing and keeps what was typed.
func TestBadInput(t *testing.T) {
	org := journeys.Organisation(t, apptest.SQLiteURL(t))
	var all []formAt
	seenForms, sent := map[string]bool{}, 0
	for _, who := range append([]string{"priya"}, roles...) {
		c := org.Client(t).Login(who)
		for _, p := range crawl(t, org, who, 3) {
			p.Find("form[method=post]").Each(func(_ int, f *goquery.Selection) {
				action := f.AttrOr("action", "")
				to, err := p.URL.Parse(action)
				if err != nil || to.Path == "/sign-out" {
					return
				}
				if kind := p.pattern + " → " + pattern(http.MethodPost, to.Path) + " " + f.AttrOr("id", ""); !seenForms[kind] {
					seenForms[kind] = true
					all = append(all, formAt{c, p.path, action, ending.MatchString(action)})
				}
			})
		}
	}
	slices.SortStableFunc(all, func(a, b formAt) int { return cmp.Compare(b2i(a.ends), b2i(b.ends)) })
	for _, f := range all {
		for i, b := range bads {
			if fill(t, org, f.client, f.path, f.action, b, i) {
				sent++
			}
		}
	}
	t.Logf("%d forms of %d kinds were sent", sent, len(seenForms))
	if t.Failed() {
		return
	}
	t.Run("and then", func(t *testing.T) { looksHarmless(t, org) })
}

// formAt is a form on a page. What ends something comes last, so that the others
// still have something to be about.
type formAt struct {
	client       *app.Client
	path, action string
	ends         bool
}

var ending = regexp.MustCompile(`/(withdraw|retire|stop|leave|decide|decline|accept|submit|revoke|recall|merge|split|register)\b`)

// atOnce are forms that ask for nothing, and whose answer shows a secret, once.
var atOnce = map[string]bool{"/me/channels/calendar": true}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fill opens the page and sends its form once; false when the form is gone by now.
func fill(t *testing.T, org *journeys.Org, c *app.Client, path, action string, b bad, turn int) bool {
	t.Helper()
	page := c.Do(c.Request(http.MethodGet, path, nil))
	form := page.Find(`form[method="post"][action="` + action + `"]`).First()
	if page.Status != http.StatusOK || form.Length() == 0 {
		return false
	}
	values, texts := typed(form), textsOf(form, b.free)
	if b.free {
		fitting(form, values)
	}
	if b.text != "" && len(texts) == 0 {
		return false
	}
	for i, name := range texts {
		if b.text != "" && (!b.one || i == turn%len(texts)) {
			values.Set(name, b.text)
		}
	}
	if b.does != nil {
		b.does(values)
	}
	before := org.Ledger(t)
	to, _ := page.URL.Parse(action)
	req := c.Request(http.MethodPost, to.String(), values)
	req.Header.Set("Referer", page.URL.String())
	got := c.Do(req)
	what := fmt.Sprintf("%s on %s, filled in with %s", action, path, b.name)
	switch {
	case got.Status == http.StatusSeeOther && slices.Contains(b.want, http.StatusOK):
		return true
	case got.Status == http.StatusOK && atOnce[to.Path]:
		return true
	case got.Status == http.StatusOK && slices.Contains(b.want, http.StatusOK): // a list to choose from, drawn again
	case slices.Contains([]int{400, 403, 404, 409, 413, 422}, got.Status), got.Status == http.StatusUnauthorized && b.want != nil:
	default:
		t.Errorf("%s: answered %d to %s: %s", what, got.Status, got.Header.Get("Location"), got.Text("main"))
		return true
	}
	if after := org.Ledger(t); after != before {
		t.Errorf("%s: answered %d, and yet something was changed", what, got.Status)
	}
	if strings.Contains(got.Body, script) || strings.Contains(got.Body, image) {
		t.Errorf("%s: what was typed came back as HTML", what)
	}
	if got.Document == nil || got.Text("main") == "" {
		t.Errorf("%s: answered %d without a word", what, got.Status)
		return true
	}
	if got.Status == http.StatusUnprocessableEntity && utf8.ValidString(b.text) && !strings.Contains(b.text, "\x00") && b.text != "" {
		keeps(t, got, to.Path, values, texts, what)
	}
	return true
}

// keeps: a form that is drawn again has in it what was typed.
func keeps(t *testing.T, got *app.Page, to string, values url.Values, texts []string, what string) {
	t.Helper()
	form := got.Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		at, err := got.URL.Parse(f.AttrOr("action", ""))
		return err == nil && at.Path == to && strings.EqualFold(f.AttrOr("method", ""), "post")
	}).First()
	if form.Length() == 0 {
		t.Errorf("%s: the form did not come back: %s", what, got.Text("main"))
		return
	}
	again := typed(form)
	for _, name := range texts {
		if was, is := strings.Join(strings.Fields(values.Get(name)), " "), strings.Join(strings.Fields(again.Get(name)), " "); was != is {
			if asks(form.Find("[name='"+name+"']").First()) != "" && is != "" && strings.HasPrefix(was, is) {
				continue // the beginning of a megabyte is enough of a number
			}
			t.Errorf("%s: %q was lost: %.80q became %.80q", what, name, was, is)
		}
	}
	if got.Find("[role=alert], .cs-error").Length() == 0 {
		t.Errorf("%s: nothing says what is wrong", what)
	}
}

// looksHarmless opens what was stored in the browser: no script of a stranger runs.
func looksHarmless(t *testing.T, org *journeys.Org) {
	browser.Needed(t)
	for _, who := range []string{"udo", "adam"} {
		tab := browser.Open(t, org.App).SignIn(who)
		looked := map[string]int{}
		for _, p := range crawl(t, org, who, 8) {
			if p.Document == nil || looked[p.pattern] >= 2 || !strings.Contains(p.Text("body"), "alert(1)") {
				continue
			}
			looked[p.pattern]++
			if strings.Contains(p.Body, script) || strings.Contains(p.Body, image) {
				t.Errorf("%s holds a stranger's HTML", p.path)
			}
			tab.Go(p.path).Clean()
		}
		t.Logf("%s saw what was typed on %d kinds of page", who, len(looked))
	}
}

// textsOf are the names of the fields that take text, or free text only.
func textsOf(form *goquery.Selection, free bool) []string {
	var names []string
	form.Find("textarea[name], input[name]").Each(func(_ int, f *goquery.Selection) {
		name, kind := f.AttrOr("name", ""), f.AttrOr("type", "text")
		text := f.Is("textarea") || slices.Contains([]string{"text", "search", "email", "url", "number", "password", "tel"}, kind)
		if text && !(free && asks(f) != "") {
			names = append(names, name)
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// asks is an answer to a field that wants more than free text, "" for one that
// does not.
func asks(f *goquery.Selection) string {
	name := f.AttrOr("name", "")
	switch {
	case strings.HasSuffix(name, "-day"), strings.HasSuffix(name, "-month"):
		return "9"
	case strings.HasSuffix(name, "-year"):
		return lastDay.Format("2006")
	case f.AttrOr("inputmode", "") == "numeric", f.AttrOr("type", "") == "number":
		return "5"
	case f.AttrOr("type", "") == "email", name == "email":
		return "somebody@meridian.example"
	}
	return ""
}

// fitting gives the fields that want more than free text what they want.
func fitting(form *goquery.Selection, values url.Values) {
	form.Find("input[name]").Each(func(_ int, f *goquery.Selection) {
		if name := f.AttrOr("name", ""); values.Get(name) == "" && asks(f) != "" {
			values.Set(name, asks(f))
		}
	})
}

// typed are a form's fields as it is drawn, and an answer where one has to be chosen.
func typed(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		name, kind := f.AttrOr("name", ""), f.AttrOr("type", "text")
		_, off := f.Attr("disabled")
		_, checked := f.Attr("checked")
		switch {
		case off, kind == "submit", kind == "file":
		case f.Is("textarea"):
			out.Add(name, strings.TrimPrefix(f.Text(), "\n"))
		case f.Is("select"):
			chosen := f.Find("option[selected]").First()
			if chosen.Length() == 0 {
				chosen = f.Find("option:not([disabled])").First()
			}
			out.Add(name, chosen.AttrOr("value", chosen.Text()))
		case kind == "checkbox":
			if checked {
				out.Add(name, f.AttrOr("value", "on"))
			}
		case kind == "radio":
			if checked || !out.Has(name) {
				out.Set(name, f.AttrOr("value", "on"))
			}
		default:
			out.Add(name, f.AttrOr("value", ""))
		}
	})
	return out
}
