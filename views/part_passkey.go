package views

import (
	"time"

	"github.com/a-h/templ"

	"countersign/models"
)

// PasskeyAsked is what a form that takes a passkey says beside its choices.
type PasskeyAsked struct {
	Href  string // where the script asks for the question, "/versions/:id/challenge"
	Why   string // a passkey is asked for, in a sentence
	None  bool   // the person has no passkey yet
	Not   string // passkeys cannot be used at this address, and why
	Typed bool   // what was typed is on the page, so that adding a passkey opens beside it
	Demo  bool   // the story's keys are held by nobody
}

// Attrs are the form's attributes; decision is the choice for which it asks.
func (p PasskeyAsked) Attrs(decision string) templ.Attributes {
	return templ.Attributes{"data-passkey": p.Href, "data-passkey-for": decision}
}

// PasskeysPage is /me/passkeys.
type PasskeysPage struct {
	Person models.Party
	Keys   []models.Passkey
	Form   FormKeys
	Name   string // as typed
	Errors Errors
	Fresh  bool
	Again  string // where to sign in again
	Not    string // passkeys cannot be used at this address, and why
	Full   bool
	Demo   bool // the story's keys are held by nobody
	Now    time.Time
}

// PasskeyPage is one key: its name, and the way to remove it.
type PasskeyPage struct {
	Person models.Party
	Key    models.Passkey
	Form   FormKeys
	Remove FormKeys
	Name   string
	Last   bool // it is the only one
	Errors Errors
	Now    time.Time
}

func syncedWords(k models.Passkey) string {
	if k.Synced == 1 {
		return "May be on several devices: whoever keeps them in step could use it as well"
	}
	return "On one device only"
}
