package views

import (
	"net/url"
	"strconv"
	"time"

	"countersign/models"
)

// LedgerPage is a page of the record.
type LedgerPage struct {
	Now          time.Time
	Query        url.Values // the filters as the address has them; no cursor
	Errors       Errors
	Actor        string // the name of the filter's actor
	Acts         []string
	Entries      []LedgerEntry
	Older, Newer int64
	Seq          int64  // how many entries there are
	Head         string // the hash of the last one
}

// LedgerEntry is one entry, in words and to the letter.
type LedgerEntry struct {
	models.HistoryEntry
	ActID      string
	Rows       []LedgerRow
	Body, Prev string
}

// LedgerRow is a row as the entry left it.
type LedgerRow struct {
	Table, ID, SHA256 string
	Rev               int64
}

// Link is the address with some parameters changed; "" takes one off.
func (p LedgerPage) Link(changes ...string) string { return matrixLink("/ledger", p.Query, changes...) }

func (p LedgerPage) keys() (pairs [][2]string) {
	if v := p.Query.Get("actor"); v != "" {
		pairs = append(pairs, [2]string{"actor", v})
	}
	return pairs
}

func (p LedgerPage) acts() (options []Option) {
	for _, a := range p.Acts {
		options = append(options, Option{Value: a, Label: a})
	}
	return options
}

func (p LedgerPage) chips() (chips []Chip) {
	add := func(key, label string) {
		if p.Query.Get(key) != "" {
			chips = append(chips, Chip{Label: label, Remove: p.Link(key, "")})
		}
	}
	add("act", "Act: "+p.Query.Get("act"))
	add("who", "Who: “"+p.Query.Get("who")+"”")
	add("actor", "By "+or(p.Actor, "somebody who is not known here"))
	add("from", "From "+p.Query.Get("from"))
	add("to", "Up to "+p.Query.Get("to"))
	return chips
}

func (p LedgerPage) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Entries), Total: -1, Noun: "entries"}
	if p.Newer > 0 {
		turn.Previous = p.Link("after", strconv.FormatInt(p.Newer, 10))
	}
	if p.Older > 0 {
		turn.Next = p.Link("before", strconv.FormatInt(p.Older, 10))
	}
	return turn
}

func (p LedgerPage) when(e LedgerEntry) time.Time { return e.At.Time().In(p.Now.Location()) }

func (e LedgerEntry) number() string { return strconv.FormatInt(e.Seq, 10) }

func (p LedgerPage) lead() string {
	return "Every change that was ever made here, in order: " + Count(int(p.Seq)) + " entries, each with the hash of the one before. Nothing in it is ever changed or taken out."
}

func ledgerRowsWord(n int) string {
	if n == 1 {
		return "The row that it left"
	}
	return "The " + Count(n) + " rows that it left"
}
