package models

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A plan that says nothing of alerts, or what is so anyway, has the digest that it had
// before plans could.
func TestStandardAlertsMoveNoDigest(t *testing.T) {
	const before = `{"alert_route":"desk","escalation":["the head"],"rotate_secrets":[],"signals":"denials","stop_by":"the four","stop_how":"press stop","stop_within_minutes":5}`
	plan := parseBody[Oversight](before)
	require.Equal(t, before, canonical(plan), "when it is read again")
	require.Equal(t, Alerts{Denials: 1, FirstUse: Yes, Volume: 80}, plan.Thresholds(), "what is signed means these: they never change")
	plan.Alerts = StandardAlerts
	require.NoError(t, plan.Check(true))
	require.Equal(t, before, canonical(plan), "when a form says the same")
	plan.Alerts.Denials, plan.Alerts.FirstUse, plan.Alerts.Volume = 5, No, 80
	require.NoError(t, plan.Check(true))
	require.Contains(t, canonical(plan), `"alerts":{"denials":5,"first_use":"no","volume":80}`, "and others are signed")
	require.Equal(t, plan.Alerts, plan.Thresholds())
}

func TestAlertsAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		alerts      Alerts
		kept, whole []string
	}{
		"not said":          {Alerts{}, nil, nil},
		"the least":         {Alerts{1, Yes, 50}, nil, nil},
		"the most":          {Alerts{10_000, No, 100}, nil, nil},
		"never":             {Alerts{-1, Yes, 80}, []string{"alert_denials"}, []string{"alert_denials"}},
		"too many":          {Alerts{10_001, Yes, 80}, []string{"alert_denials"}, []string{"alert_denials"}},
		"half and less":     {Alerts{1, Yes, 49}, []string{"alert_volume"}, []string{"alert_volume"}},
		"more than all":     {Alerts{1, Yes, 101}, []string{"alert_volume"}, []string{"alert_volume"}},
		"a word of its own": {Alerts{1, "maybe", 80}, []string{"alert_first_use"}, []string{"alert_first_use"}},
		"unfinished":        {Alerts{0, No, 0}, nil, []string{"alert_denials", "alert_volume"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := wholePlan()
			x.Alerts = c.alerts
			wrong(t, x.Check(false), c.kept...)
			x.Alerts = c.alerts
			wrong(t, x.Check(true), c.whole...)
		})
	}
}

func TestAlertsDifferences(t *testing.T) {
	for name, x := range map[string]struct {
		was, is Alerts
		want    []string
		wider   bool
	}{
		"the same":    {Alerts{}, StandardAlerts, nil, false},
		"later":       {Alerts{}, Alerts{20, Yes, 80}, []string{"the control owner is alerted of 20 refusals on one day (was: the first refusal of a day)"}, true},
		"sooner":      {Alerts{1, Yes, 90}, Alerts{}, []string{"the control owner is alerted of 80 % of the day’s volume used (was: 90 % of the day’s volume used)"}, false},
		"no more use": {Alerts{}, Alerts{1, No, 80}, []string{"the control owner is not alerted of the first use of each operation"}, true},
		"again":       {Alerts{1, No, 80}, Alerts{}, []string{"the control owner is alerted of the first use of each operation"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var said []string
			wider := false
			for _, d := range Differences(Document{Oversight: Oversight{Alerts: x.was}}, Document{Oversight: Oversight{Alerts: x.is}}) {
				said = append(said, d.String())
				wider = wider || d.Wider
			}
			require.Equal(t, x.want, said)
			require.Equal(t, x.wider, wider, "whether less is told than before")
		})
	}
}
