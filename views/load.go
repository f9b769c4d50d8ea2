package views

import (
	"net/url"

	"countersign/models"
)

// LoadRow is for how many capabilities in force one person answers.
type LoadRow struct {
	PersonID, Name                                  string
	Left                                            bool
	Total, Owner, Provisioner, ControlOwner, Signed int
	Tiers                                           [4]int // low to critical
}

// over says whether it is more than one person may; most 0 is no limit.
func (l LoadRow) over(most int) bool { return most > 0 && l.Total > most }

// LoadReport is how much people answer for.
type LoadReport struct {
	Query  url.Values // the filters and the order as the address has them; no cursor
	Search string
	Over   bool
	Sort   string
	Down   bool
	Most   int
	Rows   []LoadRow
	Newest bool
	Next   string
}

const loadReport = "/reports/load"

func (p LoadReport) link(changes ...string) string {
	return matrixLink(loadReport, p.Query, changes...)
}

func (p LoadReport) column(key, label string, num bool) Column {
	c := Column{Label: label, Num: num, Sort: p.link("sort", key, "down", "1")}
	if p.Sort == key {
		c.Direction = SortDown
		if p.Down {
			c.Sort = p.link("sort", key, "down", "")
		} else {
			c.Direction = SortUp
		}
	}
	return c
}

func (p LoadReport) columns() []Column {
	return []Column{p.column("name", "Person", false), p.column("total", "Capabilities", true), {Label: "Business owner", Num: true}, {Label: "Provisioner", Num: true}, {Label: "Control owner", Num: true},
		{Label: "Low", Num: true}, {Label: "Moderate", Num: true}, p.column("high", "High", true), p.column("critical", "Critical", true), p.column("signed", "Signed", true)}
}

func (p LoadReport) pager() PagerProps {
	turn := PagerProps{Shown: len(p.Rows), Total: -1, Noun: noun(len(p.Rows), "person", "people")}
	if !p.Newest {
		turn.Previous = p.link()
	}
	if p.Next != "" {
		turn.Next = p.link("after", p.Next)
	}
	return turn
}

func (p LoadReport) keys() (pairs [][2]string) {
	for _, key := range []string{"sort", "down"} {
		if v := p.Query.Get(key); v != "" {
			pairs = append(pairs, [2]string{key, v})
		}
	}
	return pairs
}

func (p LoadReport) lead() string {
	text := "One row for each person who holds an accepted role in what is in force, or signed it. "
	if p.Most == 0 {
		return text + "The tier rules set no limit."
	}
	return text + "One person answers for " + models.MostWords(p.Most) + "; what they signed is not counted."
}

// loadText is a person's own number: "12 capabilities in force, of 50 at most".
func loadText(l LoadRow, most int) string {
	text := Counted(l.Total, "capability", "capabilities") + " in force"
	if most > 0 {
		text += ", of " + Count(most) + " at most"
	}
	if l.Signed > 0 {
		text += "; and signed " + Counted(l.Signed, "capability", "capabilities")
	}
	return text
}
