package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// days is a noon of the first days, in UTC.
const noon = 12 * Hour

func refusedOn(day Instant, byRule map[string]int64) DayRefusals {
	return DayRefusals{Day: day * Day, ByRule: byRule, LastAt: day*Day + noon}
}

// What is told of after each part of the log, by level: what came back under an id that is
// there already is not told again.
func TestAlertsAreToldOnce(t *testing.T) {
	type totals map[string]int64
	of := func(n int64) totals { return totals{"scope.operation": n} }
	with := func(denials int) Alerts { return Alerts{Denials: denials, FirstUse: Yes, Volume: 80} }
	for name, x := range map[string]struct {
		plan  Alerts
		parts []totals // what there is by then, of one day
		want  []string // what is new with each part
	}{
		"the first":               {StandardAlerts, []totals{of(1), of(1), of(2), of(9)}, []string{"1 refusal", "", "", ""}},
		"below":                   {with(5), []totals{of(1), of(4)}, []string{"", ""}},
		"across parts":            {with(5), []totals{of(3), of(5), of(6)}, []string{"", "5 refusals", ""}},
		"past it at once":         {with(5), []totals{of(49)}, []string{"49 refusals"}},
		"ten times":               {with(5), []totals{of(5), of(49), of(50), of(499), of(500)}, []string{"5 refusals", "", "50 refusals", "", "500 refusals"}},
		"a storm":                 {StandardAlerts, []totals{of(60_000), of(1_000_000)}, []string{"60,000 refusals", ""}},
		"a storm under a plan":    {with(10_000), []totals{of(9_999), of(1_000_000)}, []string{"", "1,000,000 refusals"}},
		"rules together":          {with(4), []totals{{"scope.operation": 2, "boundary.window": 1}, {"scope.operation": 2, "boundary.window": 2}}, []string{"", "4 refusals"}},
		"another manifest":        {with(5), []totals{{"manifest.unsigned": 1}, {"manifest.unsigned": 9}}, []string{"another manifest runs", ""}},
		"beside others":           {StandardAlerts, []totals{{"manifest.unsigned": 3, "scope.operation": 1}}, []string{"another manifest runs, 1 refusal"}},
		"no manifest is a denial": {StandardAlerts, []totals{{"manifest.unstated": 1}}, []string{"1 refusal"}},
	} {
		t.Run(name, func(t *testing.T) {
			told := map[string]bool{}
			for i, p := range x.parts {
				w := Watched{CapabilityID: "cap_1", AgentID: "agt_1", Plan: x.plan, Refused: []DayRefusals{refusedOn(100, p)}}
				var fresh AlertLot
				for _, a := range w.Alerts(100*Day + noon) {
					if !told[a.ID] {
						told[a.ID] = true
						fresh.Alerts = append(fresh.Alerts, a)
					}
				}
				require.Equal(t, x.want[i], fresh.Says()["alert"], "part %d", i+1)
			}
		})
	}
}

func TestAlertsOfADay(t *testing.T) {
	now := 101*Day + noon
	base := Watched{CapabilityID: "cap_1", AgentID: "agt_1", Plan: StandardAlerts, Limit: 50}
	for name, x := range map[string]struct {
		change func(*Watched)
		want   []string
	}{
		"nothing": {func(*Watched) {}, nil},
		"two days in one part": {func(w *Watched) {
			w.Refused = []DayRefusals{refusedOn(100, map[string]int64{"forbid": 2}), refusedOn(101, map[string]int64{"forbid": 1})}
		}, []string{"2 refusals", "1 refusal"}},
		"long ago":              {func(w *Watched) { w.Refused = []DayRefusals{refusedOn(94, map[string]int64{"forbid": 2})} }, nil},
		"below the share":       {func(w *Watched) { w.Used = DecisionVolume{Day: 101 * Day, Volume: 39} }, nil},
		"at the share":          {func(w *Watched) { w.Used = DecisionVolume{Day: 101 * Day, Volume: 40} }, []string{"80 % of the day’s volume"}},
		"at a share of its own": {func(w *Watched) { w.Plan.Volume, w.Used = 100, DecisionVolume{Day: 101 * Day, Volume: 49} }, nil},
		"without a limit":       {func(w *Watched) { w.Limit, w.Used = 0, DecisionVolume{Day: 101 * Day, Volume: 1_000} }, nil},
		"volume of long ago":    {func(w *Watched) { w.Used = DecisionVolume{Day: 90 * Day, Volume: 50} }, nil},
		"a first use":           {func(w *Watched) { w.First = []DecisionUse{{OperationID: "opr_1", FirstAt: now - Hour}} }, []string{"first use of an operation"}},
		"a first use, off":      {func(w *Watched) { w.Plan.FirstUse, w.First = No, []DecisionUse{{OperationID: "opr_1", FirstAt: now}} }, nil},
		"a first use long ago":  {func(w *Watched) { w.First = []DecisionUse{{OperationID: "opr_1", FirstAt: now - 8*Day}} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := base
			x.change(&w)
			var got []string
			ids := map[string]bool{}
			for _, a := range w.Alerts(now) {
				got = append(got, a.Short())
				ids[a.ID] = true
				require.Equal(t, now, a.MadeAt)
			}
			require.Equal(t, x.want, got)
			require.Len(t, ids, len(got), "each has an id of its own")
		})
	}
}

// Which rule is named, and whether it is told at once: a hold was told when it was placed.
func TestWhatAnAlertIsAbout(t *testing.T) {
	for name, x := range map[string]struct {
		rules  map[string]int64
		rule   string
		urgent bool
	}{
		"the commonest":    {map[string]int64{"scope.operation": 2, "boundary.window": 5, "forbid": 4}, "boundary.window", true},
		"no hold before":   {map[string]int64{"hold.stop": 500, "forbid": 1}, "forbid", true},
		"nothing but held": {map[string]int64{"hold.stop": 5, "hold.leaver": 6}, "hold.leaver", false},
		"as many":          {map[string]int64{"b.b": 2, "a.a": 2}, "a.a", true},
	} {
		t.Run(name, func(t *testing.T) {
			got := Watched{Plan: StandardAlerts, Refused: []DayRefusals{refusedOn(1, x.rules)}}.Alerts(Day + noon)
			require.Len(t, got, 1)
			require.Equal(t, x.rule, got[0].Rule)
			require.Equal(t, x.urgent, got[0].Urgent())
		})
	}
}

func TestAnAlertInWords(t *testing.T) {
	at := 19_500 * Day
	lot := AlertLot{Route: "#oncall", Names: map[string]string{"opr_1": "tickets.read in HR desk"}, Alerts: []Alert{
		{Kind: AlertFirstUse, What: "opr_1"}, {Kind: AlertFirstUse, What: "opr_gone"},
		{Kind: AlertVolume, Day: at, Count: 900, Most: 1_000}, {Kind: AlertDenials, Day: at - Day, Count: 3, Rule: "forbid"}, {Kind: AlertDenials, Day: at, Count: 1_200, Rule: "scope.resource"},
	}}
	require.Equal(t, map[string]string{
		"alert":       "1,200 refusals, 90 % of the day’s volume, first use of 2 operations",
		AlertDenials:  "On 23 May 2023 (UTC) it was refused 1,200 times. A reason: not in the scope.",
		AlertVolume:   "On 23 May 2023 (UTC) it used 900 of its 1,000 actions.",
		AlertFirstUse: "Used for the first time: tickets.read in HR desk, an operation that is not in the catalogue any more.",
		"route":       "#oncall",
	}, lot.Says())

	_, err := AlertFacts{Env: Env{Act: Act{Person: "per_1"}}, Lots: []AlertLot{lot}}.Tell()
	require.Equal(t, Forbidden, CodeOf(err), "only the clock")
}

// Whoever watches many tasks that pass a threshold together is told once.
func TestManyAlertsAreOneNotice(t *testing.T) {
	told := func(lots int, a Alert, to ...string) (out []string) {
		f := AlertFacts{Env: Env{Act: Act{ID: "act", Person: SystemActor}}}
		for i := range lots {
			f.Lots = append(f.Lots, AlertLot{CapabilityID: "cap_" + itoa(i), AgentID: "agt_1", To: to, Alerts: []Alert{a}})
		}
		c, err := f.Tell()
		require.NoError(t, err)
		require.Len(t, c.Details()["told"], lots, "the record has each")
		for _, n := range c.Notices() {
			out = append(out, n.Kind+" "+n.Recipient+" "+n.Subject)
		}
		return out
	}
	refused, first := Alert{Kind: AlertDenials, Rule: "forbid", Count: 1}, Alert{Kind: AlertFirstUse}
	require.Equal(t, []string{"alert.raised per_1 cap_0"}, told(1, refused, "per_1"))
	require.Len(t, told(5, refused, "per_1"), 5)
	require.Equal(t, []string{"alert.many per_1 per_1"}, told(6, refused, "per_1"))
	require.Equal(t, []string{"alert.many_noted per_1 per_1", "alert.many_noted per_2 per_2"}, told(200, first, "per_1", "per_2"))
	require.Empty(t, told(1, refused), "of what nobody watches nobody is told")
}
