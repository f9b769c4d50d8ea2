package views

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"countersign/models"
)

// Every act that the rules can do has words of its own.
func TestHistoryHasWordsForEveryAct(t *testing.T) {
	files, err := filepath.Glob("../models/*.go")
	require.NoError(t, err)
	acts := map[string]bool{}
	names := regexp.MustCompile(`(?:hange|settings)\("([a-z_]+\.[a-z_]+)"|act(?:, c\.[a-z]+)? :?= "([a-z_]+\.[a-z_]+)"`)
	for _, name := range files {
		source, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range names.FindAllStringSubmatch(string(source), -1) {
			acts[m[1]+m[2]] = true
		}
	}
	for _, part := range models.Parts { // put together by the rules
		acts["version."+string(part)+"_saved"] = true
	}
	for _, kind := range []string{"link", "split", "merge"} {
		acts["people."+kind+"_proposed"], acts["people."+kind+"_withdrawn"] = true, true
	}
	for _, target := range []string{models.OnAgent, models.OnCapability} {
		acts[target+".stopped"] = true
	}
	for _, act := range []string{"people.linked", "channel.added", "channel.organisation_added", "kill_drill.done", "kill_drill.failed"} {
		acts[act] = true // the rule chooses between two
	}
	require.Greater(t, len(acts), 40)
	for act := range acts {
		words, ok := historyWords[act]
		require.True(t, ok, "no words for %s", act)
		bare := words(models.HistoryEntry{Act: act})
		assert.NotEmpty(t, bare, "%s without details", act)
		assert.NotContains(t, bare, "  ", act)
	}
	for act := range historyWords {
		assert.True(t, acts[act], "%s is never done", act)
	}
}

func TestHistorySentences(t *testing.T) {
	say := func(act string, details map[string]any, people map[string]models.HistoryPerson) string {
		return HistoryWhat(models.HistoryEntry{Act: act, Details: details, People: people})
	}
	assert.Equal(t, "signed off version 2 for Risk, with a fresh sign-in", say("version.signed_off", map[string]any{"version": 2.0, "team": "Risk", "method": "fresh_sign_in", "round": 1.0}, nil))
	assert.Equal(t, "nominated Pete Ox (Platform) as provisioner", say("role.nominated", map[string]any{"role": "provisioner"}, map[string]models.HistoryPerson{"nominee": {Name: "Pete Ox", Team: "Platform"}}))
	assert.Equal(t, "imported the agent from “card.json”, with 3 things to look at", say("agent.imported", map[string]any{"file": "card.json", "warnings": 3.0}, nil))
	assert.Equal(t, "saved “What it is made of” of the registration", say("agent.saved", map[string]any{"step": "made-of"}, nil))
	assert.Equal(t, "recorded “comet.seen”", say("comet.seen", nil, nil))
	assert.Equal(t, "confirmed tier rules 3, which are now in force", say("rules.confirmed", map[string]any{"rules": 3.0}, nil))
}

func TestHistoryPage(t *testing.T) {
	digest := strings.Repeat("ab12", 16)
	h := HistoryProps{Now: now, Of: models.TouchAgent, Older: "/x?before=7", Entries: []models.HistoryEntry{
		{Seq: 8, At: models.At(now), Act: "version.signed_off", ActorID: "per_1", Actor: models.HistoryPerson{Name: "Anna <b>Keller", Team: "HR"}, Outcome: "live",
			CapabilityID: "cap_1", Capability: "Answer <script>alert(1)</script>", Details: map[string]any{"version": 2.0, "team": "Risk", "digest": digest, "reason": "<img src=x onerror=alert(1)>"}},
		{Seq: 7, At: models.At(now), Act: "version.lapsed", ActorID: models.SystemActor},
	}}
	doc := look(t, HistoryPage(h))
	first := doc.Find("#entry-8")
	assert.Contains(t, text(first), "Anna <b>Keller HR signed off version 2 for Risk, on digest ab12ab12ab12")
	assert.Equal(t, "<img src=x onerror=alert(1)>", text(first.Find("blockquote")))
	assert.Equal(t, "/capabilities/cap_1", first.Find("a").AttrOr("href", ""))
	assert.Equal(t, digest, first.Find(".cs-digest").AttrOr("title", ""))
	assert.Contains(t, text(doc.Find("#entry-7")), "Countersign let the approval of the version lapse")
	assert.Contains(t, text(doc.Find("#entry-7")), "erased")
	assert.Zero(t, doc.Find("script, img").Length())
	assert.Contains(t, text(look(t, HistoryPage(HistoryProps{})).Selection), "Nothing is recorded here yet")
}
