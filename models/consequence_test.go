package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What a duty says of its end is told ahead until then, and from that moment on as what happened.
func TestConsequenceBeforeAndAfter(t *testing.T) {
	end := At(time.Date(2026, 9, 16, 23, 30, 0, 0, time.UTC))
	zurich, err := time.LoadLocation("Europe/Zurich")
	require.NoError(t, err)
	for kind, s := range map[string]Stakes{
		DutyReview: {HoldAt: end, Until: end + Day}, DutyCloseReview: {HoldAt: end + Day, Until: end}, DutyRenew: {Until: end}, DutyDrill: {HoldAt: end},
	} {
		d := Duty{Kind: kind}
		require.Equal(t, "If nothing happens, on 17 September 2026 this agent stops doing this.", d.Consequence(s, end-1, zurich), kind)
		require.Equal(t, "Nobody did it in time: on 17 September 2026 this agent stopped doing this.", d.Consequence(s, end, zurich), kind)
		require.Contains(t, d.Consequence(s, end+Day, nil), "on 16 September 2026 this agent stopped", kind)
	}
	require.Equal(t, "If nobody decides, it stays out of force, and version 2 goes on.", Duty{Kind: DutySign}.Consequence(Stakes{Until: end, Before: 2}, end+Day, zurich), "a decision stops nothing by itself")
}
