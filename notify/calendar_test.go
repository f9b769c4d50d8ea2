package notify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

func parsed(t *testing.T, feed []byte) *ics.Calendar {
	t.Helper()
	require.True(t, utf8.Valid(feed))
	for _, line := range strings.SplitAfter(string(feed), "\r\n") {
		require.LessOrEqual(t, len(strings.TrimSuffix(line, "\r\n")), 75, "RFC 5545 section 3.1: %q", line)
		require.NotContains(t, strings.TrimSuffix(line, "\r\n"), "\n", "lines end with CRLF")
		require.NotContains(t, strings.TrimSuffix(line, "\r\n"), "\r")
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(feed))
	require.NoError(t, err)
	return cal
}

func TestACalendarReadsBack(t *testing.T) {
	review := Due{UID: "dty_0123", Title: DueTitle(models.DutyReview), At: models.At(noon.Add(30 * 24 * time.Hour)), Link: "https://countersign.example.com/duties/dty_0123?a=1;b=2,3", Sequence: 4}
	sign := Due{UID: "dty_0456", Title: DueTitle(models.DutySign), At: models.At(noon.Add(time.Hour))}
	feed := Calendar("Countersign: Zoë", []Due{review, sign}, noon)
	golden(t, "calendar.ics", string(feed))
	events := parsed(t, feed).Events()
	require.Len(t, events, 2)
	require.Equal(t, "dty_0456@countersign", events[0].Id(), "soonest first")
	e := events[1]
	require.Equal(t, "dty_0123@countersign", e.Id())
	end, err := e.GetEndAt()
	require.NoError(t, err)
	require.Equal(t, review.At.Time(), end.UTC())
	start, err := e.GetStartAt()
	require.NoError(t, err)
	require.Equal(t, 15*time.Minute, end.Sub(start))
	stamp, err := e.GetDtStampTime()
	require.NoError(t, err)
	require.Equal(t, noon, stamp.UTC())
	for property, want := range map[ics.ComponentProperty]string{ics.ComponentPropertySummary: "Countersign: a review is due", ics.ComponentPropertySequence: "4",
		ics.ComponentPropertyUrl: review.Link, ics.ComponentPropertyClass: "PRIVATE", ics.ComponentPropertyTransp: "TRANSPARENT",
		ics.ComponentPropertyDescription: "Sign in to see what it is: " + review.Link} {
		require.Equal(t, want, e.GetProperty(property).Value, property)
	}
	require.Len(t, e.Alarms(), 1)
	require.Equal(t, "-P1D", e.Alarms()[0].GetProperty(ics.ComponentPropertyTrigger).Value)
	require.Equal(t, "DISPLAY", e.Alarms()[0].GetProperty(ics.ComponentPropertyAction).Value)
	require.NotEmpty(t, e.Alarms()[0].GetProperty(ics.ComponentPropertyDescription).Value)

	later := Calendar("Countersign: Zoë", []Due{review, sign}, noon.Add(time.Hour))
	require.Equal(t, e.Id(), parsed(t, later).Events()[1].Id(), "the same whenever it is fetched")
}

func TestNothingIsAddedToACalendar(t *testing.T) {
	attack := "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil;,\\\"\x00" + strings.Repeat("漢😀 ", 100)
	feed := Calendar(attack, []Due{{UID: attack, Title: attack, Link: "https://x.example/\r\nATTACH:https://evil.example", At: models.At(noon)},
		{UID: "z", Title: "\r\n", Link: "javascript:alert(1)", At: models.At(noon)}}, noon)
	events := parsed(t, feed).Events()
	require.Len(t, events, 2)
	require.Equal(t, 2, strings.Count(string(feed), "BEGIN:VEVENT\r\n"))
	for _, e := range events {
		require.Nil(t, e.GetProperty(ics.ComponentPropertyUrl))
		require.Nil(t, e.GetProperty(ics.ComponentPropertyAttach))
	}
	summary := events[0].GetProperty(ics.ComponentPropertySummary).Value
	require.True(t, strings.HasPrefix(summary, `x END:VEVENT BEGIN:VEVENT UID:evil;,\"`), summary)
	require.Equal(t, dueAny, events[1].GetProperty(ics.ComponentPropertySummary).Value)
}

func TestACalendarIsBounded(t *testing.T) {
	var due []Due
	for i := range 2000 {
		due = append(due, Due{UID: fmt.Sprint("dty_", i), Title: "x", At: models.At(noon) - models.Instant(i)*models.Day})
	}
	events := parsed(t, Calendar("x", due, noon)).Events()
	require.Len(t, events, 500)
	require.Equal(t, "dty_1999@countersign", events[0].Id())
	require.Equal(t, "dty_0", due[0].UID, "the caller's order is left alone")
	require.Empty(t, parsed(t, Calendar("x", nil, noon)).Events())
}

func TestCalendarTitlesSayNothingOfWhat(t *testing.T) {
	for kind, title := range dueTitles {
		require.True(t, strings.HasPrefix(title, "Countersign: "), kind)
		require.Equal(t, title, DueTitle(kind))
	}
	require.Equal(t, dueAny, DueTitle("brand_new"))
}
