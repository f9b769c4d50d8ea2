package views

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Nothing is chosen for whoever closes a review, and what happens without them is said.
func TestReviewPageChoosesNothing(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	page := ReviewPage{VersionTop: VersionTop{ID: "ver_1", CapabilityID: "cap_1", Agent: "Agent", Title: "Task", No: 2, Tier: models.High, Now: now}, Asked: "May it go on?", Due: now, Word: "open",
		Consequence: "If nobody answers, on 3 March 2027 this agent stops doing this.", Advice: []ReviewAdvice{{"Exercise a stop", "it never was"}},
		Close: &ReviewClose{Action: "/reviews/rvw_1/close", Team: "Risk", Decision: Decision{Legend: "May it go on?", Choices: [3]Option{{Value: "keep", Label: "Keep it"}, {Value: "narrow", Label: "Have it narrowed"}, {Value: "revoke", Label: "Revoke it"}}}}}
	var html bytes.Buffer
	require.NoError(t, ReviewOne(PageHead{Title: "Review"}, page).Render(t.Context(), &html))
	require.NotContains(t, html.String(), " checked")
	require.Contains(t, html.String(), "on 3 March 2027 this agent stops")
	require.Contains(t, html.String(), "Nothing is chosen for you")
	html.Reset()
	require.NoError(t, Reviews(PageHead{Title: "Reviews"}, ReviewListPage{Counts: map[string]int{}, Now: now}).Render(t.Context(), &html))
	require.Contains(t, html.String(), "No review is open")
}
