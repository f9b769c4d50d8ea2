package views

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

func TestFiguresAreSentences(t *testing.T) {
	span := func(d time.Duration) *time.Duration { return &d }
	p := MyDecisionsPage{Month: DeskFigures{Decisions: 1}, Season: DeskFigures{Decisions: 12, SignOffs: 9, Opened: 10, Whole: 5, QuickInRow: 4, Median: span(200 * time.Second), Shortest: span(20 * time.Second)}}
	require.Equal(t, []string{
		"You decided once in the last 30 days and 12 times in the last 90.",
		"In these 90 days, half of the versions that you opened had been open for 3 minutes or less when you decided; the shortest for 20 seconds.",
		"You decided twice without having opened the version on its page.",
		"You opened the whole of 5 of 12 (42%).",
		"Your longest run of decisions with less than two minutes between was 4.",
	}, p.sentences())
	require.Equal(t, []string{"You have decided on nothing in the last 90 days."}, MyDecisionsPage{}.sentences())
	require.Equal(t, "never opened", DeskFigures{}.median())

	c := DeskChart{Bars: []DeskBar{{"not opened", 1}, {"under a minute", 8}, {"longer", 0}}}
	require.Equal(t, "Most often open for under a minute before you decided", c.title())
	require.Equal(t, []int{barMost / 8, barMost, 0}, []int{c.width(c.Bars[0]), c.width(c.Bars[1]), c.width(c.Bars[2])})
	require.Equal(t, "Most often not opened before you decided", DeskChart{Bars: []DeskBar{{"not opened", 3}}}.title())
}

func TestDeskPagesKeepTextText(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, typed := range []string{hostile, strings.Repeat("M", 4000), ""} {
		f := DeskFigures{PersonID: typed, Name: typed, Decisions: 3}
		for _, page := range []string{
			render(t, MyDecisions(PageHead{Title: "T"}, MyDecisionsPage{Party: models.Party{Person: models.Person{Name: typed}}, Now: now, Season: f,
				Chart: DeskChart{Bars: []DeskBar{{typed, 1}}}, Lines: []MyDecision{{At: now, Title: typed, Agent: typed, OfHref: typed, Receipt: typed, Parts: []string{typed}, InARow: 2}}})),
			render(t, Approvers(PageHead{Title: "T"}, ApproverReport{Now: now, From: typed, To: typed, Rows: []DeskFigures{f}, Next: typed})),
		} {
			require.NotContains(t, page, "<script>alert")
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
			require.NoError(t, err)
			require.Equal(t, 1, doc.Find("h1").Length())
			require.Zero(t, doc.Find("[style]").Length())
		}
	}
}
