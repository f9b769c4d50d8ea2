// Package passkey is a person's signature by a passkey: the two ceremonies of
// WebAuthn Level 3 (7.1, 7.2), and the check of a signature by whoever has only
// the record. No SQL, no HTTP.
//
// What is signed is one Approval. The challenge is
//
//	SHA-256("countersign/approval/v1" ‖ 0x00 ‖ nonce ‖ SHA-256(document))
//
// with 32 random bytes as nonce, used once, and the document as canonical JSON
// (RFC 8785). It is as unpredictable as the nonce, and it commits to the document.
package passkey

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"countersign/models"
)

// MaxAnswer is how many bytes an authenticator's answer may have.
const MaxAnswer = 64 << 10

// Party is the relying party: this installation, under its public address.
type Party struct {
	web    *webauthn.WebAuthn
	origin string
	id     string
}

// New is the relying party at a public address such as "https://countersign.example".
// An address that no browser allows passkeys at gives an error: a plain IP
// address, or http anywhere but on localhost.
func New(publicURL string) (*Party, error) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("cannot use passkeys at %q: it is no address", publicURL)
	}
	host := strings.ToLower(u.Hostname())
	if net.ParseIP(host) != nil {
		return nil, fmt.Errorf("cannot use passkeys at %s: browsers want a name there, not an IP address", publicURL)
	}
	if u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return nil, fmt.Errorf("cannot use passkeys at %s: browsers want https", publicURL)
	}
	origin := u.Scheme + "://" + strings.ToLower(u.Host)
	web, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Countersign", RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, fmt.Errorf("cannot use passkeys at %s: %w", publicURL, err)
	}
	return &Party{web: web, origin: origin, id: host}, nil
}

// ID is the relying party's id, the public address's host; Origin its scheme and host.
func (p *Party) ID() string { return p.id }

// Origin is the scheme and host at which browsers sign.
func (p *Party) Origin() string { return p.origin }

// person is somebody with their keys, as the library asks for them.
type person struct {
	models.Person
	keys []models.Passkey
}

func (p person) WebAuthnID() []byte          { return []byte(p.ID) }
func (p person) WebAuthnName() string        { return p.Email }
func (p person) WebAuthnDisplayName() string { return p.Name }

func (p person) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range p.keys {
		c := webauthn.Credential{ID: raw(k.CredentialID), PublicKey: raw(k.PublicKey)}
		c.Flags.BackupEligible = k.Synced == 1
		c.Authenticator.SignCount = uint32(k.SignCount) //nolint:gosec // it was one when it was kept
		_ = json.Unmarshal([]byte(k.Transports), &c.Transport)
		out = append(out, c)
	}
	return out
}

// Enrol begins an enrolment: the question to keep, and the options for the
// browser, as JSON. Keys that the person has already are not taken again.
func (p *Party) Enrol(who models.Person, has []models.Passkey, now models.Instant) (models.Challenge, []byte, error) {
	user := person{who, has}
	if user.Email == "" {
		user.Email = who.Name
	}
	var exclude []protocol.CredentialDescriptor
	for _, c := range user.WebAuthnCredentials() {
		exclude = append(exclude, c.Descriptor())
	}
	options, session, err := p.web.BeginRegistration(user, webauthn.WithExclusions(exclude))
	if err != nil {
		return models.Challenge{}, nil, fmt.Errorf("cannot begin an enrolment: %w", err)
	}
	return question(models.ChallengeEnrol, who.ID, "", "", session, options, now)
}

// Enrolled checks an authenticator's answer to an enrolment (models.VerifyEnrolment).
func (p *Party) Enrolled(c models.Challenge, answer string) (models.Passkey, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(c.Session), &session); err != nil {
		return models.Passkey{}, fmt.Errorf("cannot read the challenge: %w", err)
	}
	if len(answer) > MaxAnswer {
		return models.Passkey{}, refused("The answer of your authenticator is too long.")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return models.Passkey{}, refused("The answer of your authenticator cannot be read.")
	}
	k, err := p.web.CreateCredential(person{Person: models.Person{ID: string(session.UserID)}}, session, parsed)
	if err != nil {
		return models.Passkey{}, explained(err)
	}
	transports, err := models.Canonical(k.Transport)
	if err != nil {
		return models.Passkey{}, err
	}
	if k.Transport == nil {
		transports = "[]"
	}
	synced := 0
	if k.Flags.BackupEligible {
		synced = 1
	}
	return models.Passkey{CredentialID: text(k.ID), PublicKey: text(k.PublicKey), RPID: p.id, AAGUID: text(k.Authenticator.AAGUID), Synced: synced,
		Transports: transports, ClientData: text(parsed.Raw.AttestationResponse.ClientDataJSON), Attestation: text(parsed.Raw.AttestationResponse.AttestationObject),
		SignCount: int64(k.Authenticator.SignCount)}, nil
}

// Sign begins a signature on an approval: the question to keep, and the options
// for the browser, as JSON.
func (p *Party) Sign(who models.Person, keys []models.Passkey, approval models.Approval, now models.Instant) (models.Challenge, []byte, error) {
	document, err := models.Canonical(approval)
	if err != nil {
		return models.Challenge{}, nil, err
	}
	nonce := make([]byte, 32)
	_, _ = rand.Read(nonce) // never fails (crypto/rand, since Go 1.24)
	options, session, err := p.web.BeginLogin(person{who, keys}, webauthn.WithChallenge(Challenge(document, nonce)), webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return models.Challenge{}, nil, fmt.Errorf("cannot begin a signature: %w", err)
	}
	return question(models.ChallengeSign, who.ID, document, text(nonce), session, options, now)
}

// Challenge is what the authenticator signs, for a document and a nonce.
func Challenge(document string, nonce []byte) []byte {
	inner := sha256.Sum256([]byte(document))
	outer := sha256.Sum256(bytes.Join([][]byte{[]byte(models.Construction + "\x00"), nonce, inner[:]}, nil))
	return outer[:]
}

func question(kind, who, document, nonce string, session *webauthn.SessionData, options any, now models.Instant) (models.Challenge, []byte, error) {
	kept, err := json.Marshal(session)
	if err != nil {
		return models.Challenge{}, nil, fmt.Errorf("cannot keep a challenge: %w", err)
	}
	asked, err := json.Marshal(options)
	if err != nil {
		return models.Challenge{}, nil, fmt.Errorf("cannot ask a challenge: %w", err)
	}
	id := make([]byte, 24)
	_, _ = rand.Read(id)
	return models.Challenge{ID: "cha_" + text(id), PersonID: who, Kind: kind, Document: document, Nonce: nonce, Session: string(kept),
		CreatedAt: now, ExpiresAt: now + models.ChallengeFor}, asked, nil
}

// Signed checks an authenticator's answer to a question to sign (models.VerifyAnswer).
func (p *Party) Signed(c models.Challenge, keys []models.Passkey, answer string) (models.Answered, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal([]byte(c.Session), &session); err != nil {
		return models.Answered{}, fmt.Errorf("cannot read the challenge: %w", err)
	}
	if session.Challenge != text(Challenge(c.Document, raw(c.Nonce))) {
		return models.Answered{}, errors.New("the challenge is not that of its document")
	}
	if len(answer) > MaxAnswer {
		return models.Answered{}, refused("The answer of your authenticator is too long.")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return models.Answered{}, refused("The answer of your authenticator cannot be read.")
	}
	k, err := p.web.ValidateLogin(person{models.Person{ID: c.PersonID}, keys}, session, parsed)
	if err != nil {
		return models.Answered{}, explained(err)
	}
	return models.Answered{CredentialID: text(k.ID), RPID: p.id, Origin: parsed.Response.CollectedClientData.Origin,
		ClientData: text(parsed.Raw.AssertionResponse.ClientDataJSON), AuthenticatorData: text(parsed.Raw.AssertionResponse.AuthenticatorData),
		Signature: text(parsed.Raw.AssertionResponse.Signature), SignCount: int64(k.Authenticator.SignCount), Copied: k.Authenticator.CloneWarning}, nil
}

// explained is a refusal of the library in words for the person who signed.
func explained(err error) error {
	var e *protocol.Error
	detail := err.Error()
	if errors.As(err, &e) {
		detail += " " + e.Details + " " + e.DevInfo
	}
	low := strings.ToLower(detail)
	for _, known := range []struct{ in, says string }{
		{"user verification", "Your authenticator did not check that it is you, by a PIN, a fingerprint or a face. Set one of them up on it, or use another one."},
		{"user verified", "Your authenticator did not check that it is you, by a PIN, a fingerprint or a face. Set one of them up on it, or use another one."},
		{"challenge", "Your authenticator answered another question than the one that was asked."},
		{"origin", "Your authenticator answered for another address than this one."},
		{"rp hash", "Your authenticator answered for another address than this one."},
		{"allowed", "This passkey is not one of yours, or it was removed."},
		{"owned", "This passkey is not one of yours, or it was removed."},
		{"find the credential", "This passkey is not one of yours, or it was removed."},
	} {
		if strings.Contains(low, known.in) {
			return refused(known.says)
		}
	}
	return refused("The signature of your passkey does not fit.")
}

func refused(says string) error {
	return models.Refusal(models.Forbidden, "passkey.refused", "%s Nothing was recorded.", says)
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func raw(s string) []byte {
	b, _ := base64.RawURLEncoding.DecodeString(s) // what is none compares with nothing
	return b
}
