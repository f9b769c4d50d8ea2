package views

import (
	"strings"
	"time"

	"countersign/models"
)

// ReceiptFull is a receipt with what an inquiry asks of it: what was decided on,
// what was shown, how it came about, and how to check it.
type ReceiptFull struct {
	ReceiptProps
	How       []SummaryRow // for whom, for which team, by which key
	CameAbout []string     // in sentences; nothing for whom it is not
	Signed    string       // what checking the passkey's signature just now came to; "" where there is none
	SignedBad bool
	Risk      *DraftTier // nil where the contents are not for the reader, or it was about none
	Rules     string     // the tier rules, by their id
	Since     string     // what Changes is compared with
	Unchanged string     // said instead of what had changed
	Changes   []DiffLine
	Place     []SummaryRow // in the record
	File      string       // the address of the file
}

// Line is a difference as plain text: "New: may delete records in CRM (was: read)".
func (d DiffLine) Line() string {
	var b strings.Builder
	b.WriteString(d.word() + ": ")
	for _, p := range d.Sentence {
		b.WriteString(p.Text)
	}
	if d.Was != "" {
		b.WriteString(" (was: " + d.Was + ")")
	}
	return b.String()
}

// lookWords are the views of a version as a sentence names them.
var lookWords = map[string]string{
	models.LookChanges: "what had changed", models.LookMine: "what had changed since their last decision", models.LookWhole: "the whole of it",
	models.LookAgent: "the agent", models.LookPolicy: "the policy", models.LookComments: "what was asked and answered",
}

// LooksText names the views that were opened: "what had changed and the whole of it".
func LooksText(parts []string) string {
	var out []string
	for _, p := range parts {
		if words, ok := lookWords[p]; ok {
			out = append(out, words)
		}
	}
	return And(out)
}

// SpanText is how long something took: "40 seconds", "3 minutes", "2 days".
func SpanText(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return plural(int(d/time.Second), "second")
	case d < 2*time.Hour:
		return plural(int(d/time.Minute), "minute")
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/(24*time.Hour)), "day")
}
