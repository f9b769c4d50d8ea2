package passkey

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"countersign/models"
)

// CheckEnrolment says what does not fit in a passkey's registration, for somebody
// who has nothing but the record: an authenticator made just this credential, at
// its relying party, and had verified a person (WebAuthn Level 3, 7.1). The
// challenge of the enrolment is not kept, and its attestation says nothing of the
// maker: that the key is this person's is the record's word.
func CheckEnrolment(k models.Passkey) error {
	answer, err := json.Marshal(map[string]any{"id": k.CredentialID, "rawId": k.CredentialID, "type": "public-key",
		"response": map[string]string{"clientDataJSON": k.ClientData, "attestationObject": k.Attestation}})
	if err != nil {
		return fmt.Errorf("cannot put the answer together: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return errors.New("the authenticator's answer cannot be read")
	}
	client, object := parsed.Response.CollectedClientData, parsed.Response.AttestationObject
	if client.Type != protocol.CreateCeremony {
		return errors.New("it is no answer to an enrolment")
	}
	_, err = parsed.Verify(client.Challenge, k.RPID, []string{client.Origin}, nil, nil, protocol.TopOriginExplicitVerificationMode, false, true, true, nil,
		webauthn.CredentialParametersDefault(), protocol.AttestationPolicy{}, protocol.SignaturePolicy{})
	if err != nil {
		return fmt.Errorf("the authenticator's answer does not fit: %w", err)
	}
	data := object.AuthData.AttData
	if text(data.CredentialID) != k.CredentialID || text(data.CredentialPublicKey) != k.PublicKey || text(data.AAGUID) != k.AAGUID {
		return errors.New("it enrolled another key")
	}
	return nil
}
