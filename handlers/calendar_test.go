package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"countersign/apptest/app"
	"countersign/models"
)

// busiest is who owes most by name: the subject and the person's id.
func (h *house) busiest() (subject, person string) {
	h.t.Helper()
	person = h.One(h.t, `SELECT d.person_id FROM duties d JOIN people p ON p.id = d.person_id JOIN accounts a ON a.person_id = p.id
		WHERE d.closed_at IS NULL AND p.status = 'active' GROUP BY d.person_id ORDER BY COUNT(*) DESC, d.person_id LIMIT 1`)
	return h.One(h.t, "SELECT subject FROM accounts WHERE person_id = '"+person+"'"), person
}

// calendar makes an address for somebody's calendar and returns its path.
func (h *house) calendar(c *app.Client) string {
	h.t.Helper()
	page := c.SubmitForm("/me/channels", "/me/channels/calendar", nil, http.StatusOK).Want(".cs-callout", "Copy it now")
	path, ok := strings.CutPrefix(page.Find("#shown-once").AttrOr("value", ""), h.URL)
	require.True(h.t, ok, "a whole address")
	require.Regexp(h.t, `^/calendar/[0-9a-f]{48}\.ics$`, path)
	return path
}

// A person's calendar has each thing that they owe, when it is due and of which kind, and
// says nothing else: not what it is about, not whose it is.
func TestACalendarSaysWhenAndNotWhat(t *testing.T) {
	h := newHouse(t)
	subject, person := h.busiest()
	path := h.calendar(h.as(subject))
	program := h.Client(t) // nobody is signed in with it
	page := program.Do(program.Request(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, page.Status)
	require.Equal(t, "text/calendar; charset=utf-8", page.Header.Get("Content-Type"))
	require.Equal(t, "private, no-cache", page.Header.Get("Cache-Control"))
	require.Equal(t, "noindex", page.Header.Get("X-Robots-Tag"))
	require.Empty(t, page.Header.Values("Set-Cookie"))

	cal, err := ics.ParseCalendar(strings.NewReader(page.Body))
	require.NoError(t, err)
	var got []string
	for _, e := range cal.Events() {
		end, err := e.GetEndAt()
		require.NoError(t, err)
		got = append(got, strings.TrimSuffix(e.Id(), "@countersign")+" "+end.UTC().Format("2006-01-02T15:04:05Z"))
		require.Regexp(t, `^Countersign: [a-z ]+$`, e.GetProperty(ics.ComponentPropertySummary).Value)
		link, ok := strings.CutPrefix(e.GetProperty(ics.ComponentPropertyUrl).Value, h.URL)
		require.True(t, ok)
		require.Equal(t, http.StatusSeeOther, program.Do(program.Request(http.MethodGet, link, nil)).Status, "the link asks to sign in")
	}
	var want []string
	for _, d := range h.All(t, "SELECT id || ' ' || due_at FROM duties WHERE closed_at IS NULL AND person_id = '"+person+"'") {
		id, at, _ := strings.Cut(d, " ")
		want = append(want, id+" "+instant(t, at).Time().UTC().Format("2006-01-02T15:04:05Z"))
	}
	slices.Sort(got)
	slices.Sort(want)
	require.NotEmpty(t, want)
	require.Equal(t, want, got, "each of their own, and nobody else's")
	whole := strings.NewReplacer("\r\n ", "", `\`, "").Replace(page.Body)
	for _, name := range h.All(t, "SELECT agent_name FROM matrix_rows UNION SELECT title FROM matrix_rows WHERE title <> '' UNION SELECT name FROM people UNION SELECT email FROM people WHERE email <> '' UNION SELECT name FROM teams WHERE LENGTH(name) > 4") {
		require.NotContains(t, whole, name)
	}

	head := program.Do(program.Request(http.MethodHead, path, nil))
	require.Equal(t, http.StatusOK, head.Status)
	require.Empty(t, head.Body)
	require.Equal(t, page.Header.Get("Content-Type"), head.Header.Get("Content-Type"))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		require.Equal(t, http.StatusMethodNotAllowed, program.Do(program.Request(method, path, nil)).Status, method)
	}
	for _, near := range []string{path + "/", path + "/x", strings.Replace(path, "/c", "/C", 1)} {
		require.Equal(t, http.StatusNotFound, program.Do(program.Request(http.MethodGet, near, nil)).Status, near)
	}
	require.NotContains(t, h.Log.String(), strings.TrimSuffix(path, ".ics")[len("/calendar/"):], "the log does not have the address")
}

func instant(t *testing.T, text string) models.Instant {
	t.Helper()
	var at models.Instant
	for _, r := range text {
		require.True(t, r >= '0' && r <= '9', text)
		at = at*10 + models.Instant(r-'0')
	}
	return at
}

// The address is shown once. Another one ends it, and so does switching it off or leaving;
// a wrong one says no more than that there is nothing.
func TestACalendarsAddressIsSecretAndEnds(t *testing.T) {
	h := newHouse(t)
	subject, person := h.busiest()
	c, program := h.as(subject), h.Client(t)
	answers := func(path string) int {
		return program.Do(program.Request(http.MethodGet, path, nil)).Status
	}
	form := c.Get("/me/channels", http.StatusOK)
	first := h.calendar(c)
	require.Equal(t, http.StatusOK, answers(first))
	require.NotContains(t, c.Get("/me/channels", http.StatusOK).Want("main", "It was shown once").Body, first)
	c.Submit(c.Get("/me/channels", http.StatusOK), "#calendar-revoke", app.Values{"act_id": "-"}, http.StatusUnprocessableEntity)
	require.Equal(t, http.StatusOK, answers(first), "a form that is not whole ends nothing")

	token := strings.TrimSuffix(strings.TrimPrefix(first, "/calendar/"), ".ics")
	for _, wrong := range []string{"/calendar/" + strings.ToUpper(token) + ".ics", "/calendar/" + token[:47] + ".ics", "/calendar/.ics", "/calendar/%00.ics", "/calendar/" + strings.Repeat("a", 48) + ".ics",
		"/calendar/" + models.Digest(token) + ".ics", "/calendar/" + h.One(t, "SELECT hash FROM calendars WHERE ended_at IS NULL") + ".ics", "/calendar/" + person + ".ics"} {
		status := answers(wrong)
		require.Contains(t, []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusBadRequest}, status, wrong)
		require.NotContains(t, program.Last.Body, "VCALENDAR")
	}
	require.Equal(t, http.StatusNotFound, answers("/calendar/"+strings.Repeat("a", 48)+".ics"))
	unknown := program.Last.Header.Get("Content-Type")

	second := h.calendar(c)
	require.Equal(t, http.StatusNotFound, answers(first), "the one before ends with the next")
	require.Equal(t, unknown, program.Last.Header.Get("Content-Type"), "and is as unknown as any other")
	require.Equal(t, http.StatusOK, answers(second))
	c.Submit(form, "#calendar", nil, http.StatusOK)
	third := c.Last.Find("#shown-once").AttrOr("value", "")
	require.NotEmpty(t, third)
	before := h.Ledger(t)
	c.Submit(form, "#calendar", nil, http.StatusOK).Want(".cs-flash", "sent before")
	require.Zero(t, c.Last.Find("#shown-once").Length())
	require.Equal(t, before, h.Ledger(t), "the same form makes one address")
	third = strings.TrimPrefix(third, h.URL)
	require.Equal(t, http.StatusOK, answers(third))

	page := c.Get("/me/channels", http.StatusOK)
	c.Submit(page, "#calendar-revoke", nil, http.StatusOK).Want(".cs-flash", "no longer works")
	require.Equal(t, http.StatusNotFound, answers(third))
	c.Post("/me/channels/calendar/revoke", nil, http.StatusConflict).Want("#error-summary", "has no address")

	fourth := h.calendar(c)
	require.Equal(t, http.StatusOK, answers(fourth))
	h.as("adam").SubmitForm("/admin/people/"+person+"/leave", "/admin/people/"+person+"/leave", app.Values{"reason": "Off to sea"}, http.StatusOK)
	require.Equal(t, http.StatusNotFound, answers(fourth), "who has left has no calendar")
	for _, path := range []string{first, second, third, fourth} {
		token := strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics")
		require.NotContains(t, h.Log.String(), token)
		require.Equal(t, "0", h.One(t, "SELECT COUNT(*) || '' FROM ledger WHERE entry LIKE '%"+token+"%'"), "nor has the record")
	}
}
