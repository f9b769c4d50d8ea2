// Package soft is an authenticator in software: with it the people of the demo's
// organisation sign, and those of tests. Nobody holds its keys, so whoever takes
// such a person's part adds a passkey of their own.
package soft

import (
	"fmt"

	virtual "github.com/descope/virtualwebauthn"
)

// Key is one passkey of one person.
type Key struct {
	party         virtual.RelyingParty
	authenticator virtual.Authenticator
	credential    virtual.Credential
}

// New is a key for a relying party's id and origin, which verifies its person.
func New(id, origin string) *Key {
	return &Key{party: virtual.RelyingParty{Name: "Countersign", ID: id, Origin: origin},
		authenticator: virtual.NewAuthenticator(), credential: virtual.NewCredential(virtual.KeyTypeEC2)}
}

// Unverified is a key whose authenticator does not check who holds it.
func Unverified(id, origin string) *Key {
	k := New(id, origin)
	k.authenticator.Options.UserNotVerified = true
	return k
}

// Enrol answers the options of an enrolment.
func (k *Key) Enrol(options []byte) (string, error) {
	o, err := virtual.ParseAttestationOptions(string(options))
	if err != nil {
		return "", fmt.Errorf("cannot read the options: %w", err)
	}
	return virtual.CreateAttestationResponse(k.party, k.authenticator, k.credential, *o), nil
}

// Sign answers the options of a signature.
func (k *Key) Sign(options []byte) (string, error) {
	o, err := virtual.ParseAssertionOptions(string(options))
	if err != nil {
		return "", fmt.Errorf("cannot read the options: %w", err)
	}
	k.credential.Counter++
	return virtual.CreateAssertionResponse(k.party, k.authenticator, k.credential, *o), nil
}
