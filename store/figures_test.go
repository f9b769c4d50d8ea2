package store

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// decided has a person decide on a version after it was open for so long, 0 for
// not at all.
func (h *house) decided(name, what string, open models.Instant, parts ...string) models.Receipt {
	h.t.Helper()
	capability, version := h.reviewed("write")
	if open > 0 {
		h.looked(name, version, parts...)
		h.pass(open)
	}
	shown, how := h.shown(version), models.Signing{Comment: "Because"}
	return h.must(name, capability, func(f models.CapabilityFacts) (models.Change, error) {
		switch what {
		case models.DecidedSignOff:
			return f.SignOff(shown, how)
		case models.DecidedChanges:
			return f.AskForChanges(shown, how)
		}
		return f.Refuse(shown, how)
	})
}

func TestFiguresOfDecisions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.decided("zoe", models.DecidedSignOff, 0)
		h.pass(40 * models.Day)
		start := *h.clock
		h.decided("xena", models.DecidedSignOff, 100*models.Second, models.LookChanges, models.LookWhole)
		h.decided("xena", models.DecidedSignOff, 20*models.Second, models.LookChanges)
		h.decided("xena", models.DecidedRefusal, models.Hour, models.LookWhole)
		h.decided("xena", models.DecidedChanges, 3*models.Hour, models.LookChanges)
		h.decided("xena", models.DecidedSignOff, 0)
		h.decided("yuri", models.DecidedRefusal, 0)
		in := Period{start, *h.clock + models.Day}
		span := func(s int) *int { return &s }
		mine, err := h.MyFigures(ctx, h.party("xena"), in)
		require.NoError(t, err)
		// The first two, and the last two, are less than two minutes apart; an even
		// number's median is the lower of the middle two.
		want := Figures{PersonID: h.people["xena"], Name: "xena", Decisions: 5, SignOffs: 3, Changes: 1, Refusals: 1, Opened: 4, Whole: 2, Median: span(100), Shortest: span(20), InARow: 2}
		require.Equal(t, want, mine)
		open, err := h.MyOpenFor(ctx, h.party("xena"), in)
		require.NoError(t, err)
		require.Equal(t, OpenFor{Never: 1, Under: [4]int{1, 1, 0, 1}, Longest: 1}, open)
		none, err := h.MyFigures(ctx, h.party("zoe"), in)
		require.NoError(t, err)
		require.Equal(t, Figures{PersonID: h.people["zoe"], Name: "zoe"}, none, "what she did was before")

		report, next, err := h.ApproverFigures(ctx, h.party("udo"), FiguresAsk{In: in})
		require.NoError(t, err)
		require.Empty(t, next)
		yuri := Figures{PersonID: h.people["yuri"], Name: "yuri", Decisions: 1, Refusals: 1, InARow: 1}
		require.Equal(t, []Figures{want, yuri}, report)
		for _, name := range []string{"xena", "anna", "adam"} {
			_, _, err := h.ApproverFigures(ctx, h.party(name), FiguresAsk{In: in})
			require.Equal(t, models.Forbidden, models.CodeOf(err), "%s sees how others decided", name)
			require.Equal(t, models.Forbidden, models.CodeOf(h.FiguresCSV(ctx, h.party(name), FiguresAsk{In: in}, &strings.Builder{})))
		}

		all := Period{0, in.To}
		for sort := range FiguresOrder {
			for _, down := range []bool{false, true} {
				whole, err := approverFigures(h.read, FiguresAsk{In: all, Sort: sort, Down: down}, 9)
				require.NoError(t, err)
				require.Len(t, whole, 3)
				for i, f := range whole {
					rest, err := approverFigures(h.read, FiguresAsk{In: all, Sort: sort, Down: down, After: f.PersonID}, 9)
					require.NoError(t, err)
					require.Equal(t, append([]Figures{}, whole[i+1:]...), append([]Figures{}, rest...), "%s after %s", sort, f.Name)
				}
			}
		}
		quickest, err := approverFigures(h.read, FiguresAsk{In: all, Sort: "median"}, 1)
		require.NoError(t, err)
		require.NotEqual(t, "xena", quickest[0].Name, "who never opened what they decided on comes first")

		var out strings.Builder
		require.NoError(t, h.FiguresCSV(ctx, h.party("udo"), FiguresAsk{In: in, Sort: "decisions", Down: true}, &out))
		cells, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		require.NoError(t, err)
		require.Len(t, cells, 3)
		require.Equal(t, FiguresColumns, cells[0])
		require.Equal(t, []string{"5", "3", "1", "1", "4", "2", "100", "20", "2"}, cells[1][4:])
		require.Equal(t, []string{"1", "0", "0", "1", "0", "0", "", "", "1"}, cells[2][4:])
	})
}

func TestMyDecisions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := h.decided("xena", models.DecidedSignOff, models.Minute, models.LookWhole)
		second := h.decided("xena", models.DecidedRefusal, 0)
		h.decided("yuri", models.DecidedRefusal, 0)
		lines, more, err := h.MyDecisions(ctx, h.party("xena"), 0)
		require.NoError(t, err)
		require.False(t, more)
		require.Len(t, lines, 2, "one's own only")
		require.Equal(t, []int64{second.Seq, first.Seq}, []int64{lines[0].Seq, lines[1].Seq})
		require.Equal(t, "Answer leave questions", lines[1].Title, "she signed it: she answers for it")
		require.Equal(t, 1, lines[1].VersionNo)
		older, more, err := h.MyDecisions(ctx, h.party("xena"), second.Seq)
		require.NoError(t, err)
		require.False(t, more)
		require.Equal(t, lines[1:], older)
	})
}
