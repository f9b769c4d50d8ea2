package views

import "time"

// ReceiptProps is what was recorded. Digest and Entry may be empty.
type ReceiptProps struct {
	Title     string // "You signed off version 3"
	What      string
	By, Team  string
	At, Now   time.Time
	Method    string // "passkey", "session", "fresh sign-in"
	Digest    string
	Reason    string // as written with the act
	Entry     string // the ledger entry's number
	EntryHref string
	Next      []string // what happens next, by whom, by when
	Links     []Crumb
	Again     bool // the same form was sent before: this is the first one's receipt
}

// ProgressProps is how far something is.
type ProgressProps struct {
	Label      string
	Value, Max int
	Text       string // "" is "3 of 4"
}

func (p ProgressProps) text() string {
	if p.Text != "" {
		return p.Text
	}
	return Count(p.Value) + " of " + Count(p.Max)
}

// Kinds of Callout and Flash.
const (
	KindInfo    = "info"
	KindSuccess = "success"
	KindWarning = "warning"
	KindDanger  = "danger"
)

// kindWord is read out before a callout's title, so that the colour is not alone.
func kindWord(kind string) string {
	switch kind {
	case KindSuccess:
		return "Done"
	case KindWarning:
		return "Take care"
	case KindDanger:
		return "Important"
	}
	return "Note"
}

func kindClass(kind string) string {
	switch kind {
	case KindSuccess, KindWarning, KindDanger:
		return "cs-callout cs-callout-" + kind
	}
	return "cs-callout cs-callout-info"
}
