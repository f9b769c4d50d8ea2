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
	k := &Key{party: virtual.RelyingParty{Name: "Countersign", ID: id, Origin: origin}, authenticator: virtual.NewAuthenticator()}
	for k.credential = virtual.NewCredential(virtual.KeyTypeEC2); len(k.credential.Key.AttestationData()) != coseES256; {
		k.credential = virtual.NewCredential(virtual.KeyTypeEC2)
	}
	return k
}

// coseES256 is the length of a P-256 key with both coordinates in full (RFC 9053,
// 7.1.1): the library drops the leading zeros of one key in 128, and nobody takes it.
const coseES256 = 77

// Unverified is the same key in an authenticator that does not check who holds it.
func (k *Key) Unverified() *Key {
	other := *k
	other.authenticator.Options.UserNotVerified = true
	return &other
}

// At is the same key as a browser at another address would use it.
func (k *Key) At(id, origin string) *Key {
	other := *k
	other.party.ID, other.party.Origin = id, origin
	return &other
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
