package views

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/static"
)

// now is the tests' clock: a Monday morning.
var now = time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, c.Render(context.Background(), &b))
	return b.String()
}

func look(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(render(t, c)))
	require.NoError(t, err)
	return doc
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func galleryHead() PageHead {
	return PageHead{
		Title: "Gallery", Person: "Jonas Weber", PersonTeam: "Risk", CSRF: "token",
		Nav: MainNav("/agents/a", 7, true, true, true, true), DemoBanner: true, Flash: &Flash{KindSuccess, "Your decision is recorded."},
	}
}

// The content security policy allows nothing inline; a slip would silently not
// work, so it is looked for in every part and in every page's source.
func TestPolicyNothingInline(t *testing.T) {
	doc := look(t, Gallery(galleryHead(), now))
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			assert.NotEqual(t, "style", a.Key, goquery.NodeName(s))
			assert.False(t, strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on"), "%s of %s", a.Key, goquery.NodeName(s))
			assert.NotContains(t, strings.ToLower(a.Val), "javascript:")
		}
	})
	assert.Zero(t, doc.Find("style").Length())
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		assert.Empty(t, s.Text())
		assert.True(t, strings.HasPrefix(s.AttrOr("src", ""), static.Prefix))
	})

	forbidden := regexp.MustCompile(`(?m)\sstyle=|\son[a-z]+=|hx-on|hx-vals='js|templ\.Raw|^script |^css |<style|hx-trigger="[^"]*\[`)
	files, err := filepath.Glob("*.templ")
	require.NoError(t, err)
	for _, name := range files {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Empty(t, forbidden.FindAllString(string(source), -1), name)
	}
}

func TestPageFrame(t *testing.T) {
	doc := look(t, Gallery(galleryHead(), now))
	assert.Equal(t, "Gallery – Countersign", doc.Find("title").Text())
	assert.Equal(t, 1, doc.Find("main#main").Length())
	assert.Equal(t, "#main", doc.Find("body > a").First().AttrOr("href", ""), "the skip link comes first")
	assert.Equal(t, 1, doc.Find("#cs-live[aria-live=polite]").Length())
	assert.Equal(t, "Agents", text(doc.Find(".cs-nav [aria-current=page]")))
	assert.Equal(t, "What waits for me 7 waiting", text(doc.Find(".cs-nav a").First()))
	doc.Find("form.cs-signout").Each(func(_ int, s *goquery.Selection) {
		assert.Equal(t, "post", s.AttrOr("method", ""))
		assert.Equal(t, "token", s.Find("input[name=csrf]").AttrOr("value", ""))
	})
	assert.Contains(t, doc.Find("meta[name=htmx-config]").AttrOr("content", ""), `"allowEval":false`)

	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		assert.False(t, seen[id], "id %q is there twice", id)
		seen[id] = true
	})
	doc.Find("[aria-describedby],[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		for _, id := range strings.Fields(s.AttrOr("aria-describedby", "") + " " + s.AttrOr("aria-labelledby", "")) {
			assert.True(t, seen[id], "%q is described by something that is not there", id)
		}
	})
	doc.Find("label[for]").Each(func(_ int, s *goquery.Selection) {
		assert.True(t, seen[s.AttrOr("for", "")], text(s))
	})
}

func TestPageSignedOut(t *testing.T) {
	doc := look(t, Page(PageHead{Title: "Sign in", Failed: true}))
	assert.Equal(t, "Error: Sign in – Countersign", doc.Find("title").Text())
	assert.Zero(t, doc.Find("nav, form, .cs-menu").Length())
}

func TestMainNav(t *testing.T) {
	active := func(path string) (labels []string) {
		for _, item := range MainNav(path, 0, true, true, true, true) {
			if item.Active {
				labels = append(labels, item.Label)
			}
		}
		return labels
	}
	assert.Equal(t, []string{"What waits for me"}, active("/"))
	assert.Equal(t, []string{"Agents"}, active("/agents"))
	assert.Equal(t, []string{"Administration"}, active("/admin/people"))
	assert.Empty(t, active("/agentsmith"))
	assert.Equal(t, []string{"Reports"}, active("/reports/load"))
	assert.Equal(t, []string{"Decisions"}, active("/decisions/7"))
	assert.Len(t, MainNav("/", 0, false, false, false, false), 5)
	assert.Len(t, MainNav("/", 0, false, false, true, false), 6, "an auditor has the reports")
}

const hostile = `"><script>alert(1)</script>&amp;'`

// A stranger's text stays text, wherever it lands.
func TestStrangersTextIsEscaped(t *testing.T) {
	parts := map[string]templ.Component{
		"TextField":   TextField(Field{Name: "f", Label: hostile, Hint: hostile, Error: hostile, Value: hostile, Prefix: hostile}),
		"TextArea":    TextArea(Field{Name: "f", Label: hostile, Hint: hostile, Error: hostile, Value: "</textarea>" + hostile}),
		"Select":      Select(Choices{Name: "f", Label: hostile, Blank: hostile, Options: []Option{{Value: hostile, Label: hostile}}}),
		"Radios":      Radios(Choices{Name: "f", Label: hostile, Options: []Option{{Value: hostile, Label: hostile, Hint: hostile}}}),
		"ThreeWays":   ThreeChoices(Decision{Legend: hostile, Choices: [3]Option{{Value: hostile, Label: hostile, Hint: hostile}}, Reason: hostile}),
		"Summary":     SummaryList([]SummaryRow{{Key: hostile, Value: hostile}, {Key: "k", Values: []string{hostile}}}),
		"Errors":      ErrorSummary([]FieldError{{hostile, hostile}}),
		"History":     HistoryList([]HistoryItem{{Who: hostile, What: hostile, Reason: hostile, State: hostile}}, now),
		"Diff":        DiffSentences([]DiffLine{{Sentence: Sentence(Plain(hostile), Strong(hostile)), Was: hostile}}),
		"Four":        FourStrip([]Seat{{Role: hostile, People: []SeatPerson{{Name: hostile, Team: hostile, Note: hostile, Mark: hostile}}}}),
		"Marks":       templ.Join(StateBadge(hostile), TierBadge(hostile), Tag(hostile, ToneQuiet), DigestMark(hostile), HoleMark(hostile)),
		"RecordHead":  RecordHead(RecordProps{Kicker: hostile, Title: hostile, Lead: hostile, Stop: &StopProps{What: hostile, Effect: hostile, Reason: hostile}}),
		"Breadcrumbs": Breadcrumbs([]Crumb{{hostile, hostile}}),
		"Duty":        DutyList([]Duty{{ID: hostile, Title: hostile, Why: hostile, Changed: hostile, Others: hostile}}, now),
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			html := render(t, part)
			assert.NotContains(t, html, "<script")
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
			require.NoError(t, err)
			assert.Zero(t, doc.Find("script").Length())
		})
	}
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	typed := "\n  first line\n" + hostile
	doc := look(t, templ.Join(
		TextField(Field{Name: "one", Label: "One", Value: hostile}),
		TextArea(Field{Name: "two", Label: "Two", Value: typed}),
		DateField(DateProps{Name: "end", Label: "End", Value: DateValue{Day: "31", Month: "Feb", Year: "x"}}),
		Checkboxes(Choices{Name: "three", Label: "Three", Values: []string{"a", "c"}, Options: []Option{{Value: "a"}, {Value: "b"}, {Value: "c"}}}),
	))
	assert.Equal(t, hostile, doc.Find("#one").AttrOr("value", ""))
	assert.Equal(t, typed, doc.Find("#two").Text(), "a leading newline survives as well")
	assert.Equal(t, "Feb", doc.Find("[name=end-month]").AttrOr("value", ""))
	assert.Equal(t, 2, doc.Find("[name=three][checked]").Length())
}

// The summary's links lead to inputs that can take the focus, and each field
// says its own error.
func TestErrorsAreLinked(t *testing.T) {
	doc := look(t, Gallery(galleryHead(), now))
	summary := doc.Find(".cs-errors[role=alert]")
	assert.Contains(t, summary.AttrOr("tabindex", ""), "-1")
	_, focus := summary.Attr("data-focus")
	assert.True(t, focus)
	links := summary.Find("a")
	require.Equal(t, 2, links.Length())
	links.Each(func(_ int, link *goquery.Selection) {
		field := doc.Find(link.AttrOr("href", "nothing"))
		require.Equal(t, 1, field.Length(), text(link))
		assert.Contains(t, []string{"input", "textarea", "select"}, goquery.NodeName(field))
		assert.Equal(t, "true", field.AttrOr("aria-invalid", ""))
		id := field.AttrOr("id", "") + "-error"
		assert.Equal(t, "Error: "+text(link), text(doc.Find("#"+id)))
		holder := field.Closest(`[aria-describedby~="` + id + `"]`)
		assert.Equal(t, 1, holder.Length(), "the field or its fieldset is described by the error")
	})
	assert.Empty(t, render(t, ErrorSummary(nil)))
}

// Nobody's answer is chosen before they chose it, and no choice stands out.
func TestThreeChoicesNonePreselected(t *testing.T) {
	d := Decision{Legend: "May it?", Choices: [3]Option{{Value: "sign", Label: "Sign off"}, {Value: "changes", Label: "Ask for changes"}, {Value: "refuse", Label: "Refuse"}}}
	doc := look(t, ThreeChoices(d))
	assert.Equal(t, 3, doc.Find("input[type=radio]").Length())
	assert.Zero(t, doc.Find("[checked]").Length())
	classes := map[string]bool{}
	doc.Find(".cs-three-choice").Each(func(_ int, s *goquery.Selection) { classes[s.AttrOr("class", "")] = true })
	assert.Len(t, classes, 1)

	d.Chosen, d.Error = "refuse", "Say why"
	assert.Equal(t, "refuse", look(t, ThreeChoices(d)).Find("[checked]").AttrOr("value", ""))

	d.Chosen, d.Choices[0].Value = "", ""
	assert.Zero(t, look(t, ThreeChoices(d)).Find("[checked]").Length())
}

func TestHiddenFields(t *testing.T) {
	doc := look(t, Form(FormProps{Action: "/x", Keys: FormKeys{CSRF: "c", ActID: "a", Digest: "d", Revision: "4", More: [][2]string{{"round", "2"}}}}))
	for name, value := range map[string]string{"csrf": "c", "act_id": "a", "digest": "d", "revision": "4", "round": "2"} {
		assert.Equal(t, value, doc.Find("input[type=hidden][name="+name+"]").AttrOr("value", ""))
	}
	assert.Empty(t, render(t, Hidden(FormKeys{})))
}

func TestFourStripShowsHoles(t *testing.T) {
	doc := look(t, FourStrip([]Seat{
		{Role: "Control owner"},
		{Role: "Approvers", People: []SeatPerson{{Name: "Jonas Weber", Team: "Risk", Mark: SeatSigned}}, Missing: 2, Hole: "one more"},
	}))
	seats := doc.Find(".cs-seat")
	assert.Equal(t, "nobody yet", text(seats.First().Find(".cs-hole")))
	assert.Equal(t, "Jonas Weber Risk", text(seats.Last().Find(".cs-seat-person p").First()))
	assert.Equal(t, "Signed", text(seats.Last().Find(".cs-seat-mark")))
	assert.Equal(t, 2, seats.Last().Find(".cs-hole").Length())
}

func TestStateBadge(t *testing.T) {
	assert.Equal(t, "In review", text(look(t, StateBadge("in_review")).Find(".cs-badge.cs-tone-accent")))
	assert.Equal(t, "Ärgerlich", text(look(t, StateBadge("ärgerlich")).Find(".cs-tone-neutral")))
	shapes := map[string]string{}
	for _, s := range []string{"draft", "proposed", "in review", "approved", "live", "held", "changes requested", "withdrawn", "superseded", "expired"} {
		html := render(t, shape(stateMark(s).shape))
		assert.Empty(t, shapes[html], "%s looks like another", s)
		shapes[html] = s
	}
}

func TestTierBadge(t *testing.T) {
	for tier, bars := range map[string]int{"low": 1, "moderate": 2, "high": 3, "critical": 4, "": 0} {
		assert.Equal(t, bars, look(t, TierBadge(tier)).Find(".cs-bar-on").Length(), tier)
	}
	assert.Equal(t, "Tier not known yet", text(look(t, TierBadge("")).Selection))
}

func TestDiffReadsAsASentence(t *testing.T) {
	doc := look(t, DiffSentences([]DiffLine{{Kind: DiffChanged, Sentence: Sentence(Plain("may now "), Strong("delete"), Plain(" records in "), Strong("CRM")), Was: "read"}}))
	assert.Equal(t, "may now delete records in CRM (was: read)", text(doc.Find(".cs-diff-text")))
	assert.Equal(t, 2, doc.Find("strong").Length())
}

func TestTaskThatCannotStartIsNoLink(t *testing.T) {
	doc := look(t, TaskList([]TaskSection{{Title: "One", Tasks: []Task{{Title: "Scope", Href: "/x", Status: TaskCannotStart}}}}))
	assert.Zero(t, doc.Find("a").Length())
	assert.Contains(t, text(doc.Selection), "Cannot start yet")
}

func TestTableSaysItsSort(t *testing.T) {
	doc := look(t, Gallery(galleryHead(), now)).Find(".cs-table")
	assert.Equal(t, "ascending", doc.Find("th[aria-sort]").AttrOr("aria-sort", ""))
	assert.NotEmpty(t, doc.Find("caption").Text())
	doc.Find("tbody td").Each(func(_ int, s *goquery.Selection) {
		assert.NotEmpty(t, s.AttrOr("data-label", ""))
	})
}

func TestStopButton(t *testing.T) {
	keys := FormKeys{CSRF: "c", ActID: "a"}
	closed := look(t, StopButton(StopProps{What: "Pay invoices", Action: "/stop", Keys: keys}))
	_, open := closed.Find("details").Attr("open")
	assert.False(t, open)
	assert.Equal(t, "a", closed.Find("form[method=post] input[name=act_id]").AttrOr("value", ""))
	assert.Equal(t, "Stop Pay invoices", text(closed.Find("summary")))

	failed := look(t, StopButton(StopProps{Action: "/stop", Error: "Say why", Reason: "it"}))
	_, open = failed.Find("details").Attr("open")
	assert.True(t, open)
	assert.Equal(t, "it", failed.Find("textarea[name=reason]").Text())
}

func TestWhen(t *testing.T) {
	for want, at := range map[string]time.Time{
		"now (Mon 23 Nov, 09:00)":              now.Add(20 * time.Second),
		"in 5 minutes (Mon 23 Nov, 09:05)":     now.Add(5 * time.Minute),
		"1 minute ago (Mon 23 Nov, 08:59)":     now.Add(-time.Minute),
		"in 3 hours (Mon 23 Nov, 12:00)":       now.Add(3 * time.Hour),
		"in 3 days (Thu 26 Nov, 17:00)":        time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC),
		"in 2 days (Wed 25 Nov, 00:30)":        time.Date(2026, 11, 25, 0, 30, 0, 0, time.UTC),
		"in 3 months (Sun 21 Feb 2027, 09:00)": now.Add(90 * 24 * time.Hour),
		"2 years ago (Sat 23 Nov 2024, 09:00)": now.AddDate(-2, 0, 0),
		"19 days ago (Wed 4 Nov, 09:00)":       now.AddDate(0, 0, -19),
		"not set":                              {},
		"in 12 hours (Mon 23 Nov, 22:00)":      now.Add(12 * time.Hour).In(time.FixedZone("", 3600)),
		"in 2 days (Wed 25 Nov, 01:00)":        now.Add(39 * time.Hour).In(time.FixedZone("", 3600)),
	} {
		assert.Equal(t, want, WhenText(at, now))
	}
	el := look(t, When(now.Add(time.Hour).In(time.FixedZone("", 3600)), now)).Find("time")
	assert.Equal(t, "2026-11-23T10:00:00Z", el.AttrOr("datetime", ""))
	assert.Equal(t, "2026-11-23 10:00:00 UTC", el.AttrOr("title", ""))
}

func TestDue(t *testing.T) {
	assert.Equal(t, "Overdue: 2 hours ago (Mon 23 Nov, 07:00)", text(look(t, Due(now.Add(-2*time.Hour), now)).Find(".cs-due-over")))
	assert.Equal(t, 1, look(t, Due(now.Add(47*time.Hour), now)).Find(".cs-due-soon").Length())
	assert.Zero(t, look(t, Due(now.Add(49*time.Hour), now)).Find(".cs-due-soon").Length())
	assert.Equal(t, "not set", text(look(t, Due(time.Time{}, now)).Selection))
}

func TestDateValue(t *testing.T) {
	form := map[string]string{"end-day": " 29 ", "end-month": "2", "end-year": "2028", "end-time": "17:30"}
	v := DateFrom(func(key string) string { return form[key] }, "end")
	at, ok := v.Date(time.UTC)
	assert.True(t, ok)
	assert.Equal(t, time.Date(2028, 2, 29, 17, 30, 0, 0, time.UTC), at)
	assert.Equal(t, v, DateOf(at))
	assert.True(t, DateOf(time.Time{}).Empty())
	for _, bad := range []DateValue{{}, {"31", "2", "2028", ""}, {"1", "13", "2028", ""}, {"1", "1", "28", ""}, {"-1", "1", "2028", ""}, {"1", "1", "2028", "25:00"}, {"x", "1", "2028", ""}} {
		_, ok := bad.Date(time.UTC)
		assert.False(t, ok, "%v", bad)
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 12480: "12,480", 1234567: "1,234,567", -1000: "−1,000"} {
		assert.Equal(t, want, Count(n))
	}
}

// COUNTERSIGN_GALLERY=dir writes the gallery there, to be opened in a browser.
func TestWriteGallery(t *testing.T) {
	dir := os.Getenv("COUNTERSIGN_GALLERY")
	if dir == "" {
		t.Skip("COUNTERSIGN_GALLERY is not set")
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "static"), 0o755))
	html := render(t, Gallery(galleryHead(), now))
	for _, name := range []string{"app.css", "app.js", "htmx.min.js", "favicon.svg"} {
		file, err := static.Open(name)
		require.NoError(t, err)
		body, err := io.ReadAll(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "static", name), body, 0o644))
		html = strings.ReplaceAll(html, static.Path(name), "static/"+name)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "gallery.html"), []byte(html), 0o644))
}

// What a first visit loads stays under 100 KB over the wire.
func TestFirstLoadIsLight(t *testing.T) {
	total := 0
	for _, name := range []string{"app.css", "app.js", "htmx.min.js", "favicon.svg"} {
		total += static.WireSize(name)
	}
	file, err := static.Open("app.css")
	require.NoError(t, err)
	css, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.NotContains(t, string(css), "http://")
	assert.Less(t, total, 60<<10, "bytes for styles and scripts")
}
