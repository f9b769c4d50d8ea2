package views

import (
	"strconv"

	"github.com/a-h/templ"

	"countersign/models"
)

// DraftScopePage is the scope: the provisioner's part.
type DraftScopePage struct {
	DraftForm
	Search     ScopeSearch
	Chosen     []ScopeOperation
	Lifetime   string // as typed
	Conditions string
	When       string   // the same in Cedar
	Secrets    []Option // of the systems that are chosen
	Uses       []string // ids of the secrets that are ticked
	Tier       DraftTier
	Said       string // what the last press of a button did; "" on first sight
}

// ScopeSearch is a search of the catalogue and what it found. Many says that
// there is more than is shown.
type ScopeSearch struct {
	Query, Kind string
	Found       []ScopeHit
	Many        bool
}

// ScopeHit is an operation that was found, and the tier that the version would
// have with it.
type ScopeHit struct {
	models.Fact
	Chosen bool
	Tier   models.Tier
	Raises bool
}

// ScopeOperation is an operation that is chosen, with its resource patterns as
// typed. Gone says that the catalogue no longer has it.
type ScopeOperation struct {
	models.Fact
	Typed, Error string
	Gone         bool
}

func (s ScopeSearch) said() string {
	all := s.Query == "" && s.Kind == ""
	switch {
	case all && s.Many:
		return "The first " + strconv.Itoa(len(s.Found)) + " operations of the catalogue. Type to search."
	case all && len(s.Found) == 0:
		return "The catalogue is empty. An administrator adds systems and their operations."
	case all:
		return "Every operation of the catalogue, " + strconv.Itoa(len(s.Found)) + " in all."
	case s.Many:
		return "The first " + strconv.Itoa(len(s.Found)) + " operations that match. Type more to see fewer."
	case len(s.Found) == 0:
		return "No operation in the catalogue matches."
	case len(s.Found) == 1:
		return "1 operation matches."
	}
	return strconv.Itoa(len(s.Found)) + " operations match."
}

func (p DraftScopePage) chosenTitle() string {
	if len(p.Chosen) == 0 {
		return "Chosen operations"
	}
	return "Chosen operations (" + strconv.Itoa(len(p.Chosen)) + ")"
}

// redraw are the attributes of a button that draws the form again with
// everything typed kept, and saves nothing.
func (p DraftScopePage) redraw(id string) templ.Attributes {
	return templ.Attributes{"hx-post": p.At("scope"), "hx-target": "#scope-fields", "hx-swap": "outerHTML", "id": id}
}

// found are the attributes of the search's inputs.
func (p DraftScopePage) found(on string) templ.Attributes {
	return templ.Attributes{"hx-post": p.At("scope"), "hx-target": "#found", "hx-swap": "outerHTML", "hx-trigger": on}
}

func (p DraftScopePage) lifetimeHint() string {
	return "Between 1 and 60 minutes. At the tier so far, " + string(p.Tier.Tier) + ", at most " + strconv.Itoa(p.Tier.Ask.LifetimeMinutes) + "."
}

func merge(a templ.Attributes, key, value string) templ.Attributes {
	a[key] = value
	return a
}
