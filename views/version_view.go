package views

import (
	"strconv"

	"countersign/models"
)

// VersionView is the part of a version's page that the address chooses.
type VersionView struct {
	Name  string // models.LookChanges …
	Tabs  []Tab
	Says  string // read out when the view is changed in place
	Diff  *VersionDifference
	Whole *VersionWhole
	Agent *VersionAgent
	Rules *VersionRules

	Threads []Thread
	Talk    string // "2 on the scope, 1 on the task boundary"; "" for nothing on other parts
	TalkAt  string
}

// VersionDifference is what changed since another version.
type VersionDifference struct {
	Title     string // "What changed since version 1, which is in force"
	First     bool   // nothing was in force before: all of it is new
	Unchanged string // said instead of what changed, as of a restart
	Lines     []DiffLine
	More      More
	Was       string // "version 1", to be read in full
	Href      string
	Manifest  *ManifestChange // where the agent is another revision
}

// More is what a bounded list leaves out, and where all of it is.
type More struct {
	N          int
	Noun, Href string // "changes"
}

func (m More) label() string { return "Show " + Count(m.N) + " more " + m.Noun }

// ManifestChange is how an agent's manifest differs from an earlier one.
type ManifestChange struct {
	Title string // "The agent: revision 1 → revision 2"
	Lines []models.ManifestLine
	More  More
	Same  string // "12 tools and 3 fields unchanged"; "" for nothing
}

// VersionWhole is everything that people wrote in the version.
type VersionWhole struct {
	Task, Scope, Oversight []SummaryRow
	More                   More // of the scope
}

// VersionAgent is the agent that the version is for.
type VersionAgent struct {
	Revision string
	Manifest []SummaryRow
	More     More // of its tools
	Change   *ManifestChange
}

// VersionRules are why the tier is what it is, and the policy that enforces it.
type VersionRules struct {
	Reasons []Reason
	More    More
	Asks    []string
	Cedar   string
}

// VersionRisk is how the risk stands before and after, and what moved it.
type VersionRisk struct {
	Was, Is models.Tier // Was is "" where nothing was in force before
	Says    string      // "It was moderate and is high now."
	Moved   []RiskLine
	More    More
	Why     []Reason // the reasons for the tier, the gravest
	All     More
	Asks    []string
	TooLong string
}

// RiskLine is a reason that moved the risk: Kind is "New", "Gone" or "Counts otherwise".
type RiskLine struct{ Kind, Text, Tier string }

// RiskOf is the risk of a document beside what it was before.
func RiskOf(doc models.Document) VersionRisk {
	t := TierOf(doc)
	return VersionRisk{Is: doc.Tier, Asks: t.asks(), TooLong: t.tooLong()}
}

// RulesOf are all the reasons of a document.
func RulesOf(doc models.Document) VersionRules {
	t := TierOf(doc)
	return VersionRules{Reasons: t.lines(), Asks: t.asks(), Cedar: doc.Cedar}
}

// ReasonsOf are reasons to be drawn.
func ReasonsOf(reasons []models.Reason) []Reason { return DraftTier{Reasons: reasons}.lines() }

// SameText says how much of a manifest is alike.
func SameText(same []models.ManifestSame) string {
	var out []string
	for _, s := range same {
		out = append(out, samePlural(s.N, s.What))
	}
	if len(out) == 0 {
		return ""
	}
	return And(out) + " unchanged"
}

func samePlural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case noun == "identity":
		return strconv.Itoa(n) + " identities"
	case noun == "address":
		return strconv.Itoa(n) + " addresses"
	case noun == "agent that it hands work to":
		return strconv.Itoa(n) + " agents that it hands work to"
	case noun == "note of the import":
		return strconv.Itoa(n) + " notes of the import"
	}
	return plural(n, noun)
}

func kindOf(kind string) string { return DiffLine{Kind: kind}.word() }

// versionTabs go in place where scripts run: the decision below keeps what was
// typed. Only links in them are boosted.
const versionTabsSwap = "outerHTML show:none"
