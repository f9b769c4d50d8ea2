package models

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whenever somebody is asked, they are at work, and still are when the answer is due;
// never sooner than half an interval after the drill before, and never later than one
// where there is a working day in between.
func TestDrillsComeWhilePeopleAreAtWork(t *testing.T) {
	zones := []string{"UTC", "Europe/Zurich", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kathmandu", "America/Sao_Paulo", "nowhere"}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 22*60).Draw(t, "from")
		h := Hours{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Days: rapid.IntRange(0, 127).Draw(t, "days"), From: from, To: rapid.IntRange(from+ShortestDay, 24*60).Draw(t, "to")}
		tier := rapid.SampledFrom(Tiers).Draw(t, "tier")
		days := rapid.SampledFrom([]int{1, 7, 30, 91}).Draw(t, "interval")
		last := At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) + Instant(rapid.Int64Range(0, int64(700*Day)).Draw(t, "last"))
		now := last + Instant(rapid.Int64Range(0, int64(2*Instant(days)*Day)).Draw(t, "since"))
		p := DrillPerson{Person: Person{Status: PersonActive, TimeZone: h.Zone, WorkDays: h.Days, WorkFrom: h.From, WorkTo: h.To}, Last: &last,
			Answers: []DrillOf{{Tier: Low}, {Tier: tier, Days: days}}}
		every := Instant(days) * Day
		at := p.Next(now, rapid.Uint64().Draw(t, "chance"))

		require.GreaterOrEqual(t, at, max(now, last+every/2))
		span := DrillSpans[tier]
		if half := Instant(h.To-h.From) * Minute / 2; half < span {
			span = half
		}
		for _, moment := range []Instant{at, at + span} {
			local := moment.Time().In(h.Location())
			minutes := local.Hour()*60 + local.Minute()
			require.True(t, h.works(local.Weekday()) || moment != at && minutes == 0, "%s is no working day", local)
			if local.Day() == at.Time().In(h.Location()).Day() && !changes(h.Location(), at) {
				require.GreaterOrEqual(t, minutes, h.From)
				require.LessOrEqual(t, minutes, h.To)
			}
		}
		require.True(t, p.Due(at), "it is asked then")
		require.False(t, p.Due(last+every/2-1))
		if latest := max(now, last+every); at > latest { // only where nobody works before
			require.Empty(t, h.slots(max(now, last+every/2), latest, span))
		}
	})
}

// changes says that the clocks change on that day there.
func changes(loc *time.Location, at Instant) bool {
	y, m, d := at.Time().In(loc).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, loc).Sub(time.Date(y, m, d, 0, 0, 0, 0, loc)) != 24*time.Hour
}

func TestWhoIsDrilledAndHowOften(t *testing.T) {
	now := At(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)) // a Monday
	person := func(answers ...DrillOf) DrillPerson {
		return DrillPerson{Person: Person{Status: PersonActive}, Answers: answers, First: now}
	}
	t.Run("the highest tier counts, and its shortest interval", func(t *testing.T) {
		of, every := person(DrillOf{CapabilityID: "a", Tier: Moderate, Days: 91}, DrillOf{CapabilityID: "b", Tier: Critical, Days: 7}, DrillOf{CapabilityID: "c", Tier: Critical, Days: 5}).Candidates()
		require.Equal(t, 5*Day, every)
		require.Len(t, of, 2)
	})
	t.Run("no drill at the highest tier is none at all", func(t *testing.T) {
		require.EqualValues(t, -1, person(DrillOf{Tier: Moderate, Days: 91}, DrillOf{Tier: High}).Next(now, 1))
		require.EqualValues(t, -1, person().Next(now, 1))
	})
	t.Run("nobody who has one open, or has left", func(t *testing.T) {
		p := person(DrillOf{Tier: Critical, Days: 7})
		p.Open = &Drill{}
		require.EqualValues(t, -1, p.Next(now, 1))
		p.Open, p.Person.Status = nil, PersonLeft
		require.EqualValues(t, -1, p.Next(now, 1))
		require.False(t, p.Due(now+5*Day))
	})
	t.Run("nobody who is away", func(t *testing.T) {
		p := person(DrillOf{Tier: Critical, Days: 7})
		p.AwayTo = now + 14*Day
		require.GreaterOrEqual(t, p.Next(now, 1), p.AwayTo)
		require.False(t, p.Due(now+7*Day))
		require.True(t, p.Due(now+14*Day))
	})
	t.Run("who was never asked at this tier is not overdue", func(t *testing.T) {
		p, long := person(DrillOf{Tier: Critical, Days: 7}), now-80*Day
		p.Last = &long
		require.GreaterOrEqual(t, p.Next(now, 0), now+7*Day/2)
	})
	t.Run("an hour of the path is a minute", func(t *testing.T) {
		plan := PlanOf(Duty{Kind: DutyDrill, OpenedAt: now, DueAt: now + Hour}, Hours{}, StandardPath)
		require.Len(t, plan, len(StandardPath), "nobody is reminded")
		require.Equal(t, now+Hour+24*Minute, plan[0].At)
	})
}

func TestTheOfferedMomentIsAtWork(t *testing.T) {
	friday := At(time.Date(2026, 11, 6, 15, 0, 0, 0, time.UTC))
	require.Equal(t, time.Date(2026, 11, 9, 10, 0, 0, 0, time.UTC), KillOffer(Hours{}, friday).Time())
	require.Equal(t, time.Date(2026, 11, 9, 9, 0, 0, 0, time.UTC), KillOffer(Hours{Zone: "Europe/Zurich"}, friday).Time())
}
