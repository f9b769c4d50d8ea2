package views

import (
	"strings"
	"time"

	"github.com/a-h/templ"
)

// HistoryItem is one thing that happened.
type HistoryItem struct {
	At        time.Time
	Who, Team string
	What      string // "signed off version 3"
	Reason    string // in the person's own words
	State     string // the state it led to; may be ""
	Href      string // its own page or ledger entry
	HrefLabel string // "" is "Details"
}

// Duty is one row of the home page. Due or Since zero means none.
type Duty struct {
	ID      string // the row's id in the page, for swaps
	Title   string // "Sign off version 3 of Pay supplier invoices"
	Href    string
	Agent   string
	Why     string // why it is yours
	Changed string // what changed
	Others  string // who else may
	Lapse   string // what happens if nobody does
	Tier    string
	Since   time.Time // it waits
	Due     time.Time
	Line    string // the page of what happened about it and what is to come; "" for none
}

// Statuses of a task.
const (
	TaskNotStarted  = "Not started"
	TaskInProgress  = "In progress"
	TaskComplete    = "Complete"
	TaskCannotStart = "Cannot start yet"
	TaskProblem     = "Has a problem"
)

// TaskSection groups the tasks of a long form.
type TaskSection struct {
	Title string
	Tasks []Task
}

// Task is one short step. TaskCannotStart draws no link; Hint says why.
type Task struct {
	Title, Href, Hint, Status string
	Who                       string // whose part it is, when not yours
}

func (t Task) tone() string {
	switch t.Status {
	case TaskComplete:
		return ToneQuiet
	case TaskInProgress:
		return ToneAccent
	case TaskProblem:
		return ToneAmber
	}
	return ToneNeutral
}

func (t Task) id() string { return "task-" + slug(t.Title) }

// SummaryRow is one answer. Values are drawn as a list; Body wins over both;
// Hole is drawn when there is no answer.
type SummaryRow struct {
	Key         string
	Value       string
	Values      []string
	Body        templ.Component
	Hole        string
	Change      string // the address that changes it
	ChangeLabel string // "" is "Change"
}

// Column is one column of a Table. Sort makes it a link; Direction is how it is
// sorted now.
type Column struct {
	Label     string
	Num       bool
	Sort      string // the address that sorts by it
	Direction string // SortUp, SortDown or ""
	Hidden    bool   // label for screen readers only (a column of actions)
}

// Directions of a sorted column.
const (
	SortUp   = "ascending"
	SortDown = "descending"
)

// SortProps is a column's head outside of Table.
type SortProps = Column

// TableProps is a table. Caption is needed; Quiet hides it from sight.
type TableProps struct {
	Caption string
	Quiet   bool
	Columns []Column
	Dense   bool
	Sticky  bool // the head stays in sight
	ID      string
}

func (t TableProps) class() string {
	class := "cs-table"
	if t.Dense {
		class += " cs-table-dense"
	}
	if t.Sticky {
		class += " cs-table-sticky"
	}
	return class
}

// FilterProps is a filter form; it asks by GET, so its answer has an address.
type FilterProps struct {
	Action string
	Label  string // "" is "Filter"
	Keys   [][2]string
	Attrs  templ.Attributes
}

// Chip is one filter that is on; Remove is the address without it.
type Chip struct{ Label, Remove string }

// PagerProps are the neighbours in a keyset; "" when there is none. Total below
// zero is unknown.
type PagerProps struct {
	Previous, Next string
	Shown, Total   int
	Noun           string // plural: "agents"
}

func (p PagerProps) text() string {
	noun := or(p.Noun, "rows")
	if p.Total < 0 {
		return Count(p.Shown) + " " + noun + " on this page"
	}
	return Count(p.Shown) + " of " + Count(p.Total) + " " + noun
}

// EmptyProps is an empty list: what it means, and what to do.
type EmptyProps struct {
	Title, Text  string
	Href, Action string
}

// slug makes an id's word of a title.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
