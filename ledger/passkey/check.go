package passkey

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"countersign/models"
)

// Check says what does not fit in a signature, for somebody who has nothing but
// the record: the challenge follows from the document and the nonce; the browser
// said "webauthn.get" for it at the origin of the relying party; the authenticator
// saw a person and verified them; the key signed just that (WebAuthn Level 3, 7.2);
// and the document is about what the row says.
func Check(s models.Signature) error {
	var doc models.Approval
	if err := json.Unmarshal([]byte(s.Document), &doc); err != nil {
		return fmt.Errorf("the document cannot be read: %w", err)
	}
	want := models.Approval{Format: "countersign/approval/1", Decision: s.Decision, CapabilityID: doc.CapabilityID, VersionID: s.VersionID, Digest: s.Digest,
		Round: s.Round, Tier: doc.Tier, SignerID: s.PersonID, PrincipalID: s.PrincipalID, TeamID: s.TeamID, Reason: doc.Reason, Minutes: doc.Minutes, Review: doc.Review}
	if says, err := models.Canonical(want); err != nil || says != s.Document {
		return errors.New("the document that was signed is about something else")
	}
	if s.Construction != models.Construction {
		return fmt.Errorf("the construction %q is not known", s.Construction)
	}
	nonce, err := base64.RawURLEncoding.DecodeString(s.Nonce)
	if err != nil || len(nonce) != 32 {
		return errors.New("the nonce is not of 32 bytes")
	}
	answer, err := json.Marshal(map[string]any{"id": s.CredentialID, "rawId": s.CredentialID, "type": "public-key",
		"response": map[string]string{"clientDataJSON": s.ClientData, "authenticatorData": s.AuthenticatorData, "signature": s.Signature}})
	if err != nil {
		return fmt.Errorf("cannot put the answer together: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return fmt.Errorf("the authenticator's answer cannot be read: %w", err)
	}
	err = parsed.Verify(text(Challenge(s.Document, nonce)), s.RPID, "", []string{s.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode, false, true, true, raw(s.PublicKey), protocol.SignaturePolicy{})
	if err != nil {
		return fmt.Errorf("the signature does not fit: %w", err)
	}
	return nil
}
