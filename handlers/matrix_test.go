package handlers_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/apptest/journeys"
)

func rowsOf(p *app.Page) int { return p.Find("#matrix tbody tr").Length() }

func TestMatrixPage(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	udo := o.Client(t).Login("udo")
	all := udo.Get("/matrix", http.StatusOK)
	total := len(o.All(t, "SELECT capability_id FROM matrix_rows"))
	require.Equal(t, total, rowsOf(all), "an auditor sees everything")
	all.Want(".cs-pager", "capabilities").Want("tbody tr:first-child", "Ended").Want(".cs-due-over", "Overdue:").Want(".cs-hole", "nobody yet").Want("a[href='/ledger']", "Read the record")
	require.Equal(t, 10, all.Find("#matrix thead th").Length())

	// Every count beside a filter is what the filter finds, and its chip takes it off.
	for _, name := range []string{"state", "tier", "hole"} {
		all.Find("select[name=" + name + "] option").Each(func(_ int, s *goquery.Selection) {
			value := s.AttrOr("value", "")
			if value == "" {
				return
			}
			found := udo.Get("/matrix?"+url.Values{name: {value}}.Encode(), http.StatusOK)
			label := strings.TrimSpace(s.Text())
			require.Contains(t, label, "("+strings.TrimSpace(strings.Split(found.Text(".cs-pager p"), " of ")[0])+")", label)
			chip := found.Find(".cs-chip")
			require.Equal(t, 1, chip.Length(), label)
			require.Equal(t, "/matrix", chip.AttrOr("href", ""))
			require.Contains(t, found.Find("a[href^='/matrix.csv']").AttrOr("href", ""), name+"="+value)
		})
	}
	for _, tab := range []string{"due=overdue", "due=soon", "hole=any", "held=yes"} {
		page := udo.Get("/matrix?"+tab, http.StatusOK)
		require.Equal(t, page.Text(".cs-tabs [aria-current] .cs-count"), strings.Split(page.Text(".cs-pager p"), " of ")[1][:len(page.Text(".cs-tabs [aria-current] .cs-count"))], tab)
	}
	held := udo.Get("/matrix?held=yes", http.StatusOK)
	held.Want("td", "Frank Moreau left").Want("td", "It promised a customer a refund")

	// Columns sort, and the other way round.
	up := udo.Get("/matrix?sort=owner", http.StatusOK)
	require.Equal(t, "ascending", up.Find("th:contains('Business owner')").AttrOr("aria-sort", ""))
	down := udo.Get(up.Find("th:contains('Business owner') a").AttrOr("href", ""), http.StatusOK)
	require.Equal(t, "descending", down.Find("th:contains('Business owner')").AttrOr("aria-sort", ""))
	require.Equal(t, up.Text("tbody tr:first-child th"), down.Text("tbody tr:last-child th"))

	udo.Get("/matrix?state=nonsense&sort=nonsense&after=nonsense&held=maybe&person=x&team=x&agent=x", http.StatusOK).Want(".cs-empty", "No capability matches these filters")
	udo.Get("/matrix?q="+url.QueryEscape("Zoë"), http.StatusOK).Want("td", "Zoë Lindqvist")
}

func TestMatrixIsForWhoMaySeeIt(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	ben := o.Client(t).Login("ben").Get("/matrix", http.StatusOK)
	require.Less(t, 0, rowsOf(ben))
	require.NotContains(t, ben.Text("#matrix"), "Leave assistant", "of another team")
	require.Zero(t, ben.Find("a[href='/ledger']").Length())
	adam := o.Client(t).Login("adam")
	adam.Get("/matrix", http.StatusOK).Want(".cs-empty", "There is nothing here for you yet")
	require.Equal(t, 1, strings.Count(adam.Get("/matrix.csv", http.StatusOK).Body, "\n"), "the header alone")
	adam.Get("/ledger", http.StatusForbidden)
	nobody := o.Client(t)
	require.Equal(t, http.StatusSeeOther, nobody.Do(nobody.Request(http.MethodGet, "/matrix.csv", nil)).Status)
}

// Any of the four stops it from any page that shows it; nobody else is offered it.
func TestMatrixOffersTheStopToTheFour(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	const stop = "#matrix a[href$='/stop']"
	carlos := o.Client(t).Login("carlos")
	page := carlos.Get("/matrix", http.StatusOK)
	require.Positive(t, page.Find(stop).Length())
	page.Find(stop).Each(func(_ int, s *goquery.Selection) {
		require.Contains(t, s.Closest("tr").Text(), "Carlos Mendes")
		carlos.Get(s.AttrOr("href", ""), http.StatusOK).Want("form button", "Stop")
	})
	require.Zero(t, carlos.Get("/matrix?at="+time.Now().AddDate(0, 0, -3).Format("2006-01-02T15:04"), http.StatusOK).Find(stop).Length(), "the past cannot be stopped")
	require.Zero(t, o.Client(t).Login("udo").Get("/matrix", http.StatusOK).Find(stop).Length())
}

func TestMatrixLooksBack(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	udo := o.Client(t).Login("udo")
	page := udo.Get("/matrix", http.StatusOK)
	then := udo.Submit(page, "#matrix details form", app.Values{"at": "2020-01-01T10:00"}, http.StatusOK)
	then.Want(".cs-callout", "This is how it was on Wed 1 Jan 2020, 10:00").Want(".cs-empty", "There was nothing then")
	require.Equal(t, "/matrix", then.Find(".cs-callout a").AttrOr("href", ""))

	at := o.One(t, "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', from_at / 1000000 + 1, 'unixepoch') FROM mandates ORDER BY from_at LIMIT 1 OFFSET 2")
	then = udo.Get("/matrix?at="+url.QueryEscape(at), http.StatusOK)
	then.Want("h1", "looking back").Want(".cs-badge", "Live")
	require.Less(t, rowsOf(then), rowsOf(page))
	file := udo.Get("/matrix.csv?state=live&at="+url.QueryEscape(at), http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 4, "the header and the three mandates that there were then")
	require.Equal(t, "live", rows[1][6])

	for _, wrong := range []string{"yesterday", "2999-01-01T00:00", "2026-13-01T00:00"} {
		page := udo.Get("/matrix?at="+url.QueryEscape(wrong), http.StatusUnprocessableEntity)
		page.Want("#at-error", "Enter a")
		require.Equal(t, wrong, page.Find("input[name=at]").AttrOr("value", ""), "what was typed is kept")
		udo.Get("/matrix.csv?at="+url.QueryEscape(wrong), http.StatusUnprocessableEntity)
	}
}

func TestMatrixExport(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	udo := o.Client(t).Login("udo")
	file := udo.Get("/matrix.csv", http.StatusOK)
	require.Equal(t, "text/csv; charset=utf-8; header=present", file.Header.Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="countersign-matrix-\d{4}-\d\d-\d\d\.csv"$`, file.Header.Get("Content-Disposition"))
	rows, err := csv.NewReader(strings.NewReader(file.Body)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+len(o.All(t, "SELECT capability_id FROM matrix_rows")))
	for _, row := range rows[1:] {
		require.NotEmpty(t, row[0])
		for _, cell := range row {
			require.False(t, cell != "" && strings.ContainsRune("=+-@", rune(cell[0])), cell)
		}
	}
	filtered := udo.Get("/matrix.csv?tier=critical", http.StatusOK)
	require.Less(t, len(filtered.Body), len(file.Body))
}

func TestLedgerPage(t *testing.T) {
	o := journeys.Organisation(t, apptest.SQLiteURL(t))
	udo := o.Client(t).Login("udo")
	page := udo.Get("/ledger", http.StatusOK)
	entry := func(p *app.Page, which string) string { return p.Find(".cs-history > li").First().AttrOr("id", "") }
	newest := "entry-" + o.One(t, "SELECT seq FROM ledger_head")
	require.Equal(t, newest, entry(page, "first"))
	require.Equal(t, 50, page.Find(".cs-history > li").Length())
	page.Want("details code", o.One(t, "SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1")).Want(".cs-digest-whole", o.One(t, "SELECT hash FROM ledger_head"))

	older := udo.Get(page.Find("a[rel=next]").AttrOr("href", ""), http.StatusOK)
	back := udo.Get(older.Find("a[rel=prev]").AttrOr("href", ""), http.StatusOK)
	require.Equal(t, newest, entry(back, "first"))

	signed := udo.Get("/ledger?act=version.signed_off&who=xu", http.StatusOK)
	require.Equal(t, 2, signed.Find(".cs-chip").Length())
	signed.Find(".cs-history-what").Each(func(_ int, s *goquery.Selection) { require.Contains(t, s.Text(), "Xu Wei") })
	signed.Want(".cs-history-what", "signed off")
	udo.Get("/ledger?who=system", http.StatusOK).Want(".cs-history-what", "Countersign")
	day := o.One(t, "SELECT strftime('%Y-%m-%d', at / 1000000, 'unixepoch') FROM ledger WHERE seq = 300")
	one := udo.Get("/ledger?from="+day+"&to="+day, http.StatusOK)
	require.NotZero(t, one.Find(".cs-history > li").Length())
	udo.Get("/ledger?from=2999-01-01", http.StatusOK).Want(".cs-empty", "No entry matches")
	udo.Get("/ledger?to=1999-01-01", http.StatusOK).Want(".cs-empty", "No entry matches")
	udo.Get("/ledger?from=whenever", http.StatusUnprocessableEntity).Want("#from-error", "Enter a day")
	udo.Get("/ledger?before=x&after=-1&actor=nobody", http.StatusOK).Want(".cs-empty", "No entry matches")
	o.Client(t).Login("anna").Get("/ledger", http.StatusForbidden)
}
