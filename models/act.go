package models

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
)

// System is the actor of what no person did: the clock, the bootstrap.
const SystemActor = "system"

// Act is one attempt to change something, as the door hands it in: who, under
// which nonce, signed in how lately. The store adds the time, after the lock.
type Act struct {
	ID     string  // the form's nonce: the same twice gives the first one's receipt
	Person string  // the acting person's id, or SystemActor
	AuthAt Instant // when this person last signed in at the identity provider
	Via    string  // in a word or two, the door where it was no page, such as "command line"; "" for a page
}

var actID = regexp.MustCompile(`^[a-z0-9]{20,40}$`)

// ValidActID says whether a nonce has the form that the product hands out.
func ValidActID(id string) bool { return actID.MatchString(id) }

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// ids hands out the ids of the rows that one act makes: derived from the act,
// so that a rule needs no randomness and the same act makes the same ids.
type ids struct {
	seed string
	n    int
}

func (g *ids) next(prefix string) string {
	g.n++
	sum := sha256.Sum256([]byte(g.seed + "\x00" + prefix + "\x00" + itoa(g.n)))
	return prefix + "_" + idText.EncodeToString(sum[:10])
}

// Receipt is what an act leaves with the person: the ledger's word that it was recorded.
type Receipt struct {
	Seq     int64
	At      Instant
	Act     string // such as "version.signed_off"
	ActID   string
	Subject string // the id of what was made or changed, where to go next
	Again   bool   // the act was posted before: this is the first one's receipt
	Outcome string // what followed from it, such as "live"; "" for nothing more
}

// Choice is a stored value and its words.
type Choice struct {
	Value, Words string
}

// WordsOf is the words of a value among choices, or the value itself.
func WordsOf(choices []Choice, value string) string {
	for _, c := range choices {
		if c.Value == value {
			return c.Words
		}
	}
	return value
}

func has(choices []Choice, value string) bool {
	for _, c := range choices {
		if c.Value == value {
			return true
		}
	}
	return false
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
