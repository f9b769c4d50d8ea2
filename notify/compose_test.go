package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

func full(kind string) Notice {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return Notice{Kind: kind, Key: "k", At: models.At(noon), To: Recipient{"Ann Lee", "ann@example.com"}, Actor: "Bo Chen", Person: "Cleo Diaz",
		Agent: "Invoice clerk", Task: "Check invoices", Tier: models.High, VersionNo: 3, Detail: "It paid twice.",
		Due: models.At(noon.Add(14 * 24 * time.Hour)), From: models.At(noon.Add(24 * time.Hour)), Until: models.At(noon.Add(100 * 24 * time.Hour)),
		Details:  map[string]string{"name": "Team chat", "host": "hooks.example.com"},
		ThenWhat: "If nothing happens, on 3 March 2027 this agent stops doing this.", Link: "https://countersign.example.com/x", Zone: zone}
}

// everyNotice is one notice of each kind, and of each kind of duty with what it asks
// for, its reminders and escalations.
func everyNotice() (out []Notice) {
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		n := full(kind)
		if kind == "review.closed" { // it says its outcome, and no more of what was written
			n.Detail = models.WordsOf(models.OutcomesSaid, models.ReviewNarrow) + "."
		}
		if strings.HasPrefix(kind, "alert.") {
			n.Details = models.AlertLot{Route: "Security on-call", Names: map[string]string{"opr_1": "invoices.read in Accounting"}, Alerts: []models.Alert{
				{Kind: models.AlertManifest, Day: models.At(noon), Count: 2}, {Kind: models.AlertDenials, Day: models.At(noon), Count: 1_240, Rule: "scope.operation"},
				{Kind: models.AlertVolume, Day: models.At(noon), Count: 900, Most: 1_000}, {Kind: models.AlertFirstUse, What: "opr_1"}}}.Says()
			n.Details["count"] = "12"
		}
		out = append(out, n)
	}
	asks := map[string]string{models.DutyFill: "scope", models.DutyEdit: "task", models.DutyAccept: "provisioner", models.DutyTakeOver: "control_owner",
		models.DutyNominate: "business_owner", models.DutySucceed: "provisioner", models.DutyGoLive: "it starts on 1 April 2027"}
	for _, duty := range slices.Sorted(maps.Keys(duties)) {
		n := full("duty." + duty)
		n.Duty, n.Asks, n.Detail = duty, asks[duty], ""
		out = append(out, n)
	}
	for k := range asksFor {
		n := full("duty." + k[0])
		n.Duty, n.Asks, n.Detail = k[0], k[1], ""
		out = append(out, n)
	}
	slices.SortStableFunc(out, func(a, b Notice) int { return strings.Compare(a.Kind+a.Asks, b.Kind+b.Asks) })
	for _, n := range []Notice{full("duty." + models.DutyRenew), full("review.opened")} {
		n.Duty, _ = strings.CutPrefix(n.Kind, "duty.")
		n.For = "Dana Roth"
		out = append(out, n)
	}
	for _, days := range []string{"14", "7", "2", "1", "0"} {
		n := full(models.StepReminder)
		n.Duty, n.Details = models.DutySign, map[string]string{"days": days}
		out = append(out, n)
	}
	for i, why := range []string{models.ToDelegate, models.ToManager, models.ToAccountable, models.ToHead, models.ToPerson} {
		n := full(models.StepEscalation)
		n.Duty, n.Asks, n.Details = models.DutyAccept, "control_owner", map[string]string{"why": why, "step": fmt.Sprint(i + 1), "of": "5"}
		out = append(out, n)
	}
	return out
}

// TestWords writes all of them into one file, to be read as a whole.
func TestWords(t *testing.T) {
	var b strings.Builder
	for _, n := range everyNotice() {
		for _, how := range []string{"known", "not known"} {
			if how == "not known" {
				n = Notice{Kind: n.Kind, Duty: n.Duty}
			}
			m := Compose(n)
			fmt.Fprintf(&b, "== %s, everything %s\n%s\n%s\n", n.Kind, how, m.Title, m.Lead)
			for _, l := range m.Lines {
				b.WriteString("- " + l + "\n")
			}
			fmt.Fprintf(&b, "[%s]\n\n", m.Action)

			for _, s := range append([]string{m.Title, m.Lead, m.Action}, m.Lines...) {
				require.NotEmpty(t, s, n.Kind)
				require.NotContains(t, s, "{", n.Kind)
				require.NotContains(t, s, "  ", n.Kind)
				require.NotRegexp(t, `\s[.,:?]|\(\)|“”`, s, n.Kind)
				require.Equal(t, capital(s), s, n.Kind) // the names of this test begin so
			}
			require.LessOrEqual(t, utf8.RuneCountInString(m.Title), MaxSubject)
			require.Regexp(t, `[.?!]$`, m.Lead, n.Kind)
		}
	}
	golden(t, "words.txt", b.String())
}

// TestEveryValueIsNamedRight finds a {name} that is a typing error: it would leave
// its sentence out for ever.
func TestEveryValueIsNamedRight(t *testing.T) {
	known := Notice{}.values()
	look := func(kind string, w words) {
		for _, s := range slices.Concat(w.titles, w.leads, w.lines) {
			for _, name := range placeholder.FindAllString(s, -1) {
				_, ok := known[strings.Trim(name, "{}")]
				require.True(t, ok, "%s: %s", kind, name)
			}
		}
		require.NotRegexp(t, `\{`, w.action, kind)
	}
	for _, n := range everyNotice() {
		w, ok := wordsOf(n)
		require.True(t, ok, n.Kind)
		look(n.Kind, w)
	}
	look("any", ofAny)
}

func TestAKindWithoutWordsGetsSomeThatAreTrue(t *testing.T) {
	require.False(t, Known("brand.new"))
	require.False(t, Known("duty.brand_new"))
	m := Compose(Notice{Kind: "brand.new", Actor: "Bo Chen", Agent: "Invoice clerk", Task: "Check invoices", Detail: "Look."})
	require.Equal(t, "News of Check invoices (Invoice clerk)", m.Title)
	require.Equal(t, "Bo Chen did something that concerns you.", m.Lead)
	require.Equal(t, []string{"Said with it: Look."}, m.Lines)
	require.NotEmpty(t, Compose(Notice{Kind: "duty.brand_new"}).Lead)
}

func TestTimesAreTheReaders(t *testing.T) {
	n := full("duty." + models.DutySign)
	n.Duty = models.DutySign
	require.Contains(t, Compose(n).Lines, "It is due by Wednesday 3 March 2027, 13:00 (Europe/Berlin).")
	n.Zone, _ = time.LoadLocation("America/Argentina/Buenos_Aires")
	require.Contains(t, Compose(n).Lines, "It is due by Wednesday 3 March 2027, 09:00 (America/Argentina/Buenos Aires).")
	n.Zone = nil
	require.Contains(t, Compose(n).Lines, "It is due by Wednesday 3 March 2027, 12:00 (UTC).")
}

// TestNamesAreNotReadAsWords has names that look like our own placeholders, markup
// and headers.
func TestNamesAreNotReadAsWords(t *testing.T) {
	n := full("stop.placed")
	n.Agent, n.Task, n.Actor, n.Detail = "{actor}{detail}", "a\r\nBcc: x", "{what}", "see https://evil.example/now"
	m := Compose(n)
	require.Equal(t, "Stopped: a Bcc: x ({actor}{detail})", m.Title)
	require.Equal(t, "{what} stopped a Bcc: x ({actor}{detail}). It may not act.", m.Lead)
	require.Equal(t, "The cause: see (an address was left out here)", m.Lines[0])

	long := strings.Repeat("x", 500)
	n.Agent, n.Task, n.Actor, n.VersionNo = long, long, long, 123456
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		n.Kind = kind
		require.LessOrEqual(t, utf8.RuneCountInString(Compose(n).Title), 200, "what matters of a title is not cut off: %s", kind)
		require.Less(t, utf8.RuneCountInString(Compose(n).Lead), 1000)
	}
}

func TestTheDaysMessageTellsEachInItsOwnWords(t *testing.T) {
	sign, live := full("duty."+models.DutySign), full("version.live")
	sign.Duty, sign.Link, live.Due = models.DutySign, "https://countersign.example.com/versions/1", 0
	n := full("")
	n.Actor, n.Link, n.Due, n.ThenWhat = "", "https://countersign.example.com/", 0, ""
	m := Digest(n, []Notice{sign, live})
	require.Equal(t, "Your day in Countersign: 2 notices", m.Title)
	require.Equal(t, "digest", m.Kind)
	require.Equal(t, []Item{
		{Title: "Decide on version 3 of Check invoices (Invoice clerk)", Link: sign.Link, Due: "due on 3 March 2027"},
		{Title: "In force: version 3 of Check invoices (Invoice clerk)", Link: live.Link},
	}, m.Items)
	require.Equal(t, "Your day in Countersign: 1 notice", Digest(n, []Notice{live}).Title)
}
