package views

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

// stranger is what a stranger may have called things: marks, a text that runs the
// other way, and far too much.
var stranger = "<script>alert(1)</script>\u202e\"'&" + strings.Repeat("x", 4000)

func drawn(t *testing.T, page templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	require.NoError(t, page.Render(t.Context(), &b))
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	require.NoError(t, err)
	require.Zero(t, doc.Find("main script, main [style], main [onclick]").Length())
	require.Empty(t, doc.Find("a[href^='javascript']").Nodes)
	return doc
}

func TestMatrixTakesAnyText(t *testing.T) {
	now := time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
	who := MatrixPerson{ID: "per_1", Name: stranger, Team: stranger}
	page := MatrixPage{Now: now, Zone: "Europe/Zurich", Query: url.Values{"q": {stranger}, "person": {stranger}, "state": {stranger}, "at": {stranger}, "sort": {"name"}}, Person: stranger, Team: stranger, Agent: stranger, Typed: stranger, Error: stranger,
		Teams: []Option{{Value: stranger, Label: stranger}}, Next: stranger, Counts: MatrixCounts{Total: 1, Seen: 2, States: map[string]int{"live": 1}},
		Rows: []MatrixRow{{CapabilityID: "javascript:alert(1)", Title: stranger, AgentID: stranger, Agent: stranger, Version: 1, Digest: stranger, OnItsWay: stranger, State: stranger, Held: true,
			Holds: []MatrixHold{{What: stranger, Cause: stranger, Since: now}}, Tier: stranger, Owner: who, Provisioner: who, ControlOwner: who, Approvers: []MatrixPerson{who, who}, InForce: true, Approved: now, Review: now, Until: now.Add(-time.Hour)}}}
	doc := drawn(t, Matrix(PageHead{Title: "Matrix"}, page))
	require.Contains(t, doc.Find("tbody").Text(), "<script>alert(1)</script>")
	require.Equal(t, 1, doc.Find("tbody tr").Length())
	require.Equal(t, "/capabilities/javascript:alert(1)", doc.Find("tbody th a").First().AttrOr("href", ""))
}

func TestMatrixShowsHolesAsGaps(t *testing.T) {
	row := func(r MatrixRow) *goquery.Selection {
		return drawn(t, Matrix(PageHead{}, MatrixPage{Now: time.Now(), Query: url.Values{}, Rows: []MatrixRow{r}})).Find("tbody tr")
	}
	cell := func(r MatrixRow, label string) *goquery.Selection { return row(r).Find("[data-label='" + label + "']") }
	draft := MatrixRow{State: "draft", Unsigned: true, NoScope: true, NoPlan: true}
	for _, role := range []string{"Business owner", "Provisioner", "Control owner", "Approvers"} {
		require.NotZero(t, cell(draft, role).Find(".cs-hole").Length(), role)
		require.Zero(t, cell(MatrixRow{State: "revoked", Ended: true, Unsigned: true, NoScope: true}, role).Find(".cs-hole").Length(), "what has ended has no hole: %s", role)
		require.Contains(t, cell(MatrixRow{State: "none", Unsigned: true}, role).Text(), "nobody")
	}
	require.Contains(t, cell(draft, "Task").Text(), "A task without a title yet")
	require.Contains(t, cell(draft, "Provisioner").Text(), "no scope yet")
	require.Contains(t, cell(draft, "Control owner").Text(), "no oversight plan yet")
	require.Contains(t, cell(MatrixRow{State: "in_review", Unsigned: true, Approvers: []MatrixPerson{{Name: "Xu"}}}, "Approvers").Text(), "more to sign")
	require.Contains(t, cell(MatrixRow{State: "draft", Held: true}, "State").Text(), "Held")
}

func TestMatrixEmpty(t *testing.T) {
	empty := func(p MatrixPage) string {
		p.Now = time.Now()
		doc := drawn(t, Matrix(PageHead{}, p))
		require.Zero(t, doc.Find("table").Length())
		return doc.Find(".cs-empty").Text()
	}
	require.Contains(t, empty(MatrixPage{Query: url.Values{}}), "There is nothing here for you yet")
	require.Contains(t, empty(MatrixPage{Query: url.Values{"tier": {"high"}}}), "No capability matches these filters")
	require.Contains(t, empty(MatrixPage{Query: url.Values{"at": {"2020-01-01T00:00"}}, At: time.Now()}), "There was nothing then")
}

func TestMatrixLinks(t *testing.T) {
	p := MatrixPage{Query: url.Values{"tier": {"high"}, "at": {"2026-11-02T10:00"}}}
	require.Equal(t, "/matrix?at=2026-11-02T10%3A00&sort=name&tier=high", p.Link("sort", "name"))
	require.Equal(t, "/matrix?tier=high", p.Link("at", ""))
	require.Equal(t, "/matrix.csv?at=2026-11-02T10%3A00&tier=high", p.export())
	require.Equal(t, "/matrix?at=2026-11-02T10%3A00", p.clear())
	require.Equal(t, [][2]string{{"at", "2026-11-02T10:00"}}, p.keys("tier"))
}

func TestMatrixHoldsInWords(t *testing.T) {
	require.Equal(t, "Stopped", MatrixHoldWords(models.HoldStop, models.OnCapability, ""))
	require.Equal(t, "Stopped with the whole agent", MatrixHoldWords(models.HoldStop, models.OnAgent, ""))
	require.Equal(t, "Carl left", MatrixHoldWords(models.HoldLeaver, models.OnPerson, "Carl"))
	require.Equal(t, "Somebody left", MatrixHoldWords(models.HoldLeaver, models.OnPerson, ""))
	require.Equal(t, "Incident for a system that it reaches", MatrixHoldWords("incident", models.OnSystem, ""))
}

func TestLedgerTakesAnyText(t *testing.T) {
	now := time.Date(2026, 11, 26, 17, 0, 0, 0, time.UTC)
	e := LedgerEntry{HistoryEntry: models.HistoryEntry{Seq: 42, At: models.At(now), Act: stranger, ActorID: stranger, Actor: models.HistoryPerson{ID: stranger, Name: stranger, Team: stranger}, Subject: stranger, Hash: stranger,
		CapabilityID: stranger, Capability: stranger, Details: map[string]any{"reason": stranger}}, ActID: stranger, Body: stranger, Prev: stranger, Rows: []LedgerRow{{Table: stranger, ID: stranger, Rev: 1, SHA256: stranger}}}
	doc := drawn(t, Ledger(PageHead{}, LedgerPage{Now: now, Query: url.Values{"who": {stranger}, "act": {stranger}}, Acts: []string{stranger}, Actor: stranger, Entries: []LedgerEntry{e}, Older: 3, Newer: 60, Head: stranger}))
	require.Equal(t, 1, doc.Find("#entry-42").Length())
	require.Contains(t, doc.Find("a[rel=next]").AttrOr("href", ""), "before=3")
	drawn(t, Ledger(PageHead{}, LedgerPage{Now: now, Query: url.Values{}, Entries: []LedgerEntry{{HistoryEntry: models.HistoryEntry{Act: "person.added"}}}}))
	require.Contains(t, drawn(t, Ledger(PageHead{}, LedgerPage{Now: now, Query: url.Values{}})).Find(".cs-empty").Text(), "No entry matches")
}
