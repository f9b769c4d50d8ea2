package views

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a look of the list found is said to whoever does not see it, and looks again.
func TestFollowingIsSaid(t *testing.T) {
	var b strings.Builder
	page := DecisionsPage{Path: "/decisions", First: true, Follow: true, Had: "a_1.2", Now: now, Query: url.Values{"answer": {"no"}, "follow": {"1"}}, Rows: []DecisionRow{{ID: "7", At: now, Rule: "forbid"}}}
	require.NoError(t, DecisionsNewer(page).Render(t.Context(), &b))
	require.Contains(t, b.String(), `data-announce="1 new decision."`)
	require.Contains(t, b.String(), `hx-get="/decisions/newer?answer=no&amp;had=a_1.2"`)
	require.Contains(t, b.String(), `hx-trigger="every 2s"`)
}

// Each rule that package policy can answer with is said in words here, with a way out.
func TestEveryRuleHasWords(t *testing.T) {
	source, err := os.ReadFile("../policy/answer.go")
	require.NoError(t, err)
	found := regexp.MustCompile(`reason\{"([a-z_]+(?:\.[a-z_]+)?)",`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(found), 15)
	for _, m := range found {
		says, remedy, _ := RuleWords(m[1])
		require.NotContains(t, says, "“", m[1])
		require.NotEmpty(t, remedy, m[1])
	}
	for _, rule := range []string{"hold.stop", "hold.missed_review", "chain.hold.stop", "chain.mandate.until"} {
		says, _, _ := RuleWords(rule)
		require.NotContains(t, says, "“", rule)
	}
	says, _, _ := RuleWords("something.new")
	require.Contains(t, says, "“something.new”")
}
