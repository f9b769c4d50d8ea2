package models

import (
	"slices"
	"strings"
)

// OperationSearch is how an operation is found: derived from it and its system.
type OperationSearch struct {
	Sort        string `gorm:"primaryKey"` // the order of what is found: system, title
	OperationID string `gorm:"primaryKey"`
	SystemID    string
	Kind        string // of the system
	State       string // active where both are
	Words       string // folded, each after a space: system, name, parts of the name, title
}

func (OperationSearch) TableName() string { return "operation_search" }

// SearchOf derives it.
func SearchOf(o Operation, s System) OperationSearch {
	state := "active"
	if o.State != "active" || s.State != "active" {
		state = "retired"
	}
	return OperationSearch{Sort: Folded(s.Name) + "\t" + Folded(o.Title), OperationID: o.ID, SystemID: s.ID, Kind: s.Kind, State: state, Words: searchText(s.Name, o.Name, o.Title)}
}

// Begins says whether each of the words begins one of the operation's.
func (o OperationSearch) Begins(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(o.Words, " "+w) })
}

func searchText(texts ...string) string {
	var b strings.Builder
	seen := map[string]bool{}
	add := func(words []string) {
		for _, w := range words {
			if !seen[w] {
				seen[w] = true
				b.WriteString(" " + w)
			}
		}
	}
	for _, t := range texts {
		t = Folded(t)
		add(strings.Fields(t))
		add(strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune(" .:_-/", r) }))
	}
	return b.String()
}

// MaxSearchWords is how many words of a search count.
const MaxSearchWords = 8

// SearchWords are the folded words of a search, the longest first: that one leaves the fewest.
func SearchWords(query string) []string {
	words := strings.Fields(Folded(query))
	words = words[:min(len(words), MaxSearchWords)]
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// Folded is text as it is compared in a search: small letters, also beyond ASCII, where the
// two engines differ. What is one letter in capitals, such as a sigma at the end of a word, is one here.
func Folded(s string) string { return strings.ToLower(strings.ToUpper(oneLine(s))) }
