package views

import "countersign/models"

// CataloguesPage offers published catalogues to be taken in.
type CataloguesPage struct {
	Catalogues []CatalogueRow
	Chosen     *CatalogueRow // whose systems are listed; nil on the first sight
	Search     string
	Services   []ServiceRow // those that match, at most MaxServices
	Matching   int
	Ticked     []string
	Team       string
	Level      string // the sensitivity, as typed
	Teams      []models.Team
	Going      *CatalogueGoing // while something is being taken in
	Keys       FormKeys
	Errors     Errors
}

// MaxServices is how many systems of a catalogue are listed at once.
const MaxServices = 100

// CatalogueRow is one published catalogue.
type CatalogueRow struct {
	ID, Name, Says      string
	Systems, Operations int
	There               int // of its systems, in the organisation's catalogue
}

func (c CatalogueRow) href() string { return HrefWith("/systems/catalogues", "catalogue", c.ID) }

// ServiceRow is one of its systems.
type ServiceRow struct {
	Key, Name  string
	Operations int
	ID         string // in the organisation's catalogue, or ""
	Has        int    // operations that it has there
	Retired    bool
}

func (s ServiceRow) there() string {
	switch {
	case s.ID == "":
		return ""
	case s.Retired:
		return "Retired"
	case s.Has < s.Operations:
		return "There, with " + Counted(s.Has, "operation", "operations")
	}
	return "There"
}

// CatalogueGoing is how far the taking in is: a form that goes on by itself where scripts
// run, and by a button where they do not.
type CatalogueGoing struct {
	Done, All int
	Rest      []string // keys of what comes next
	Left      []string // what was left out, and why
}
