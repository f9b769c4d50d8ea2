package passkey_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/ledger/passkey"
	"countersign/ledger/passkey/soft"
	"countersign/models"
)

const now = models.Instant(1_800_000_000_000_000)

var ada = models.Person{ID: "per_ada", Name: "Ada Lovelace", Email: "ada@example.org"}

func party(t testing.TB) *passkey.Party {
	t.Helper()
	p, err := passkey.New("https://Countersign.example/")
	require.NoError(t, err)
	return p
}

func enrolled(t testing.TB, p *passkey.Party, key *soft.Key) models.Passkey {
	t.Helper()
	asked, options, err := p.Enrol(ada, nil, now)
	require.NoError(t, err)
	answer, err := key.Enrol(options)
	require.NoError(t, err)
	k, err := p.Enrolled(asked, answer)
	require.NoError(t, err)
	k.ID, k.PersonID = "pky_1", ada.ID
	return k
}

func approval(change func(*models.Approval)) models.Approval {
	a := models.Approval{Format: "countersign/approval/1", Decision: models.DecisionSignOff, CapabilityID: "cap_1", VersionID: "ver_1", Digest: strings.Repeat("ab", 32),
		Round: 1, Tier: models.Critical, SignerID: ada.ID, PrincipalID: ada.ID, TeamID: "tea_1", Reason: "Read it, “all” of it"}
	if change != nil {
		change(&a)
	}
	return a
}

// signed is a signature of ada's on an approval, as it is kept.
func signed(t testing.TB, p *passkey.Party, key *soft.Key, k models.Passkey, a models.Approval) models.Signature {
	t.Helper()
	asked, options, err := p.Sign(ada, []models.Passkey{k}, a, now)
	require.NoError(t, err)
	answer, err := key.Sign(options)
	require.NoError(t, err)
	got, err := p.Signed(asked, []models.Passkey{k}, answer)
	require.NoError(t, err)
	require.False(t, got.Copied)
	return models.Signature{ID: "sgn_1", PersonID: ada.ID, PasskeyID: k.ID, Decision: a.Decision, VersionID: a.VersionID, Digest: a.Digest, Round: a.Round,
		PrincipalID: a.PrincipalID, TeamID: a.TeamID, Construction: models.Construction, Document: asked.Document, Nonce: asked.Nonce,
		RPID: got.RPID, Origin: got.Origin, CredentialID: got.CredentialID, PublicKey: k.PublicKey, ClientData: got.ClientData,
		AuthenticatorData: got.AuthenticatorData, Signature: got.Signature, SignedAt: now}
}

// Where browsers use no passkeys, the installation is told why.
func TestWhereABrowserSigns(t *testing.T) {
	for at, want := range map[string]string{
		"https://countersign.example": "", "http://localhost:8080": "", "https://a.b.example:8443/x": "",
		"http://countersign.example": "want https", "https://192.0.2.1": "not an IP address", "http://127.0.0.1:8080": "not an IP address", "https://[::1]": "not an IP address", "": "no address",
	} {
		_, err := passkey.New(at)
		if want == "" {
			require.NoError(t, err, at)
		} else {
			require.ErrorContains(t, err, want, at)
		}
	}
}

// What was signed can be checked by somebody who has only the record, and nothing
// of it can be changed.
func TestASignatureIsCheckedOffline(t *testing.T) {
	p, key := party(t), soft.New("countersign.example", "https://countersign.example")
	k := enrolled(t, p, key)
	good := signed(t, p, key, k, approval(nil))
	require.NoError(t, passkey.Check(good))
	other := signed(t, p, key, k, approval(func(a *models.Approval) { a.Digest = strings.Repeat("cd", 32) }))
	stranger := enrolled(t, p, soft.New("countersign.example", "https://countersign.example"))
	for name, change := range map[string]func(*models.Signature){
		"another version":     func(s *models.Signature) { s.VersionID = "ver_2" },
		"another digest":      func(s *models.Signature) { s.Digest = other.Digest },
		"another document":    func(s *models.Signature) { s.Document, s.Digest = other.Document, other.Digest },
		"another person":      func(s *models.Signature) { s.PersonID = "per_bob" },
		"for somebody else":   func(s *models.Signature) { s.PrincipalID = "per_bob" },
		"another team":        func(s *models.Signature) { s.TeamID = "tea_2" },
		"another round":       func(s *models.Signature) { s.Round = 2 },
		"another decision":    func(s *models.Signature) { s.Decision = models.DecisionBreakGlass },
		"another nonce":       func(s *models.Signature) { s.Nonce = other.Nonce },
		"a short nonce":       func(s *models.Signature) { s.Nonce = s.Nonce[:20] },
		"another origin":      func(s *models.Signature) { s.Origin = "https://evil.example" },
		"another place":       func(s *models.Signature) { s.RPID = "evil.example" },
		"another key":         func(s *models.Signature) { s.PublicKey = stranger.PublicKey },
		"another browser":     func(s *models.Signature) { s.ClientData = other.ClientData },
		"another signature":   func(s *models.Signature) { s.Signature = other.Signature },
		"another way to sign": func(s *models.Signature) { s.Construction = "countersign/approval/v0" },
		"nobody verified": func(s *models.Signature) {
			b, _ := base64.RawURLEncoding.DecodeString(s.AuthenticatorData)
			b[32] &^= 0x04
			s.AuthenticatorData = base64.RawURLEncoding.EncodeToString(b)
		},
	} {
		bad := good
		change(&bad)
		require.Error(t, passkey.Check(bad), name)
	}
}

// A key counts its signatures: one that counts backwards may have been copied.
func TestACopiedKeyIsNoticed(t *testing.T) {
	p, key := party(t), soft.New("countersign.example", "https://countersign.example")
	k := enrolled(t, p, key)
	k.SignCount = 40
	asked, options, err := p.Sign(ada, []models.Passkey{k}, approval(nil), now)
	require.NoError(t, err)
	answer, err := key.Sign(options)
	require.NoError(t, err)
	got, err := p.Signed(asked, []models.Passkey{k}, answer)
	require.NoError(t, err)
	require.True(t, got.Copied)
}

// What an authenticator may get wrong is refused in words for its person.
func TestAnswersThatAreRefused(t *testing.T) {
	p := party(t)
	key := soft.New("countersign.example", "https://countersign.example")
	k := enrolled(t, p, key)
	try := func(with *soft.Key, keys []models.Passkey, change func(string) string) error {
		asked, options, err := p.Sign(ada, []models.Passkey{k}, approval(nil), now)
		require.NoError(t, err)
		answer, err := with.Sign(options)
		require.NoError(t, err)
		if change != nil {
			answer = change(answer)
		}
		_, err = p.Signed(asked, keys, answer)
		return err
	}
	require.NoError(t, try(key, []models.Passkey{k}, nil))
	require.ErrorContains(t, try(soft.New("countersign.example", "https://countersign.example"), []models.Passkey{k}, nil), "not one of yours")
	require.ErrorContains(t, try(key, nil, nil), "not one of yours")
	require.ErrorContains(t, try(key.At("countersign.example", "https://evil.example"), []models.Passkey{k}, nil), "another address")
	require.ErrorContains(t, try(key.At("evil.example", "https://countersign.example"), []models.Passkey{k}, nil), "another address")
	require.ErrorContains(t, try(key.Unverified(), []models.Passkey{k}, nil), "did not check that it is you")
	for _, junk := range []string{"", "{}", "[]", "null", `{"id":"` + strings.Repeat("a", 100_000) + `"}`, strings.Repeat("[", 50_000)} {
		err := try(key, []models.Passkey{k}, func(string) string { return junk })
		require.Equal(t, models.Forbidden, models.CodeOf(err), "%.40s: %v", junk, err)
	}
	// An answer to an earlier question is none to this one.
	first, options, err := p.Sign(ada, []models.Passkey{k}, approval(nil), now)
	require.NoError(t, err)
	answer, err := key.Sign(options)
	require.NoError(t, err)
	second, _, err := p.Sign(ada, []models.Passkey{k}, approval(nil), now)
	require.NoError(t, err)
	_, err = p.Signed(second, []models.Passkey{k}, answer)
	require.ErrorContains(t, err, "another question")
	first.Document = second.Document + " "
	_, err = p.Signed(first, []models.Passkey{k}, answer)
	require.ErrorContains(t, err, "not that of its document")
}
