package models

// SavedView is a list as a person filtered and sorted it, under a name of theirs:
// a preference that no rule reads, so it is no part of the record.
type SavedView struct {
	List  string // "matrix" or "agents"
	Name  string
	Query string // the filters and the order, as in the list's address
}

// MostSavedViews is how many views one person keeps of all lists together.
const MostSavedViews = 20

// MaxViewName is how long the name of a view may be, in characters.
const MaxViewName = 60

// Check tidies the name and says what is wrong with what was typed.
func (v *SavedView) Check() error {
	v.Name = oneLine(v.Name)
	var p problems
	p.needText("name", v.Name, MaxViewName, "a name for this view")
	return p.err()
}
