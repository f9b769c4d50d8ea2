// Package notify sends what a person has to know: mail, signed webhooks with
// bodies for the usual chats, and calendars. It knows neither the database nor the
// clock's jobs: it is given a Message and says how the sending went, so that
// whoever keeps the register of what was sent can write it down.
//
// No message decides anything. Its link leads to a page that asks to sign in, and
// the page asks again.
package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"countersign/models"
)

// Message is one notice for one person, in words. Its texts may hold what
// strangers wrote (an agent's name, a cause): every rendering makes them inert
// (see inert.go) and bounded, so a caller need not.
type Message struct {
	// Key is the same on every try and on every replica: the mail's Message-ID and
	// the webhook's id are made of it, so that a receiver can drop what it has.
	Key         string
	Kind        string         // such as "version.approved"
	At          models.Instant // when what it tells happened
	To          Recipient
	Title       string   // one line: the act and the agent
	Lead        string   // one or two sentences: what it is
	Lines       []string // why you, until when, what was said
	Link        string   // absolute https URL of a page, or "": it decides nothing
	Action      string   // the words of the link, such as "Open it"
	Urgent      bool     // not held back for a digest
	Consequence string   // "If nothing happens, on 3 March this agent stops.", or ""
	Items       []Item   // of a digest
}

// Recipient is whom a message is for.
type Recipient struct {
	Name  string
	Email string // a bare address
}

// Item is one line of a digest.
type Item struct {
	Title string
	Link  string // as Message.Link
	Due   string // in words, such as "due on 3 March 2027", or ""
}

// ID is the message's id for a wire: letters, digits, - and _ only, at most 64. It is
// the Key itself where that is made so, otherwise a digest of it. (Standard
// Webhooks signs "id.timestamp.body", so an id has no full stop.)
func (m Message) ID() string {
	if safeID.MatchString(m.Key) {
		return m.Key
	}
	sum := sha256.Sum256([]byte(m.Key))
	return hex.EncodeToString(sum[:])
}

var safeID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// MaxSubject is the longest title, in characters.
const MaxSubject = 150
