package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/ledger/passkey"
	"countersign/ledger/passkey/soft"
	"countersign/models"
)

// asked is a question to xena's passkey, kept as the page keeps it.
func (h *house) asked(t *testing.T, party *passkey.Party, capability, version, by string, how models.Signing) (models.Challenge, []byte) {
	t.Helper()
	page, err := h.VersionPage(t.Context(), h.party(by), version)
	require.NoError(t, err)
	approval, err := page.ApprovalOf(models.DecisionSignOff, h.shown(version), how)
	require.NoError(t, err)
	require.Equal(t, capability, approval.CapabilityID)
	question, options, err := party.Sign(page.By.Person, page.Passkeys, approval, *h.clock)
	require.NoError(t, err)
	require.NoError(t, h.Ask(t.Context(), question))
	return question, options
}

// A question is answered once, by whom it was asked, in time, for what it was
// asked about; and a refusal does not use it up.
func TestAQuestionToAPasskeyIsAnsweredOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		party, err := passkey.New("https://countersign.example")
		require.NoError(t, err)
		key := h.ownKey(t, party, "xena")
		capability, version := h.reviewed("infra")
		other, elsewhere := h.reviewed("infra")
		question, options := h.asked(t, party, capability, version, "xena", models.Signing{})
		answer, err := key.Sign(options)
		require.NoError(t, err)
		signing := models.Signing{Answer: answer, Verify: party.Signed}
		try := func(by, on, v, challenge string, how models.Signing) error {
			shown := h.shown(v)
			_, err := h.DecideCapability(t.Context(), h.act(by), on, Lookup{Challenge: challenge}, func(f models.CapabilityFacts) (models.Change, error) { return f.SignOff(shown, how) })
			return err
		}
		require.Equal(t, "passkey.challenge", models.RuleOf(try("yuri", capability, version, question.ID, signing)), "not by whom it was asked")
		require.Equal(t, "passkey.other", models.RuleOf(try("xena", other, elsewhere, question.ID, signing)), "another version")
		commented := signing
		commented.Comment = "With a word added"
		require.Equal(t, "passkey.other", models.RuleOf(try("xena", capability, version, question.ID, commented)))
		require.Equal(t, "passkey.challenge", models.RuleOf(try("xena", capability, version, "cha_nothing", signing)))
		require.NoError(t, try("xena", capability, version, question.ID, signing))
		require.Empty(t, rows[models.Challenge](t, h, "id", "1 = 1"), "it is used up")

		// Recalled, she may sign again, and not with the old answer.
		s := rows[models.SignOff](t, h, "id", "version_id = ?", version)[0]
		h.must("xena", capability, func(f models.CapabilityFacts) (models.Change, error) { return f.Recall(s.ID, "Too quick") })
		require.Equal(t, "passkey.challenge", models.RuleOf(try("xena", capability, version, question.ID, signing)))
		h.signs(t, "yuri", capability, version)

		late, options := h.asked(t, party, capability, version, "xena", models.Signing{})
		answer, err = key.Sign(options)
		require.NoError(t, err)
		*h.clock += models.ChallengeFor + models.Second
		require.Equal(t, "passkey.challenge", models.RuleOf(try("xena", capability, version, late.ID, models.Signing{Answer: answer, Verify: party.Signed})))

		for range MostChallenges + 5 {
			h.asked(t, party, capability, version, "xena", models.Signing{})
		}
		require.Len(t, rows[models.Challenge](t, h, "id", "1 = 1"), MostChallenges, "the oldest are forgotten")
		for _, x := range rows[models.Signature](t, h, "id", "1 = 1") {
			require.NoError(t, passkey.Check(x))
		}
	})
}

// ownKey gives somebody a passkey beside the house's.
func (h *house) ownKey(t *testing.T, party *passkey.Party, name string) *soft.Key {
	t.Helper()
	key := soft.New(party.ID(), party.Origin())
	h.admin(name, AdminLookup{Passkeys: true}, func(f models.AdminFacts) (models.Change, error) {
		question, options, err := party.Enrol(f.By.Person, f.Passkeys, f.Now)
		require.NoError(t, err)
		answer, err := key.Enrol(options)
		require.NoError(t, err)
		f.Challenge = &question
		return f.AddPasskey("Own key", answer, party.Enrolled)
	})
	return key
}

// By SQL as well no sign-off at high is without a signature on just that, and no
// signature is used twice, changed or removed.
func TestTheDatabaseAsksForAPasskey(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("infra")
		h.signs(t, "xena", capability, version)
		other, elsewhere := h.reviewed("infra")
		h.signs(t, "xena", other, elsewhere)
		db := plain(h.Store)
		sign := rows[models.SignOff](t, h, "id", "version_id = ?", version)[0]
		signature := rows[models.Signature](t, h, "id", "version_id = ?", version)[0]
		wrong := rows[models.Signature](t, h, "id", "version_id = ?", elsewhere)[0]
		refuses := func(what, query string, args ...any) {
			t.Helper()
			require.Error(t, db.Exec(query, args...).Error, what)
		}
		const stand = "INSERT INTO standings (version_id, person_id, side, rev) VALUES (?, ?, 'checker', 1)"
		require.NoError(t, db.Exec(stand, version, h.people["yuri"]).Error)
		insert := func(id, signer, method string, signature any) (string, []any) {
			return `INSERT INTO sign_offs (id, version_id, digest, round, signer_id, principal_id, team_id, side, method, comment, signed_at, signature_id, rev)
				VALUES (?, ?, ?, 1, ?, ?, ?, 'checker', ?, '', 1, ?, 1)`, []any{id, version, sign.Digest, signer, signer, h.teams["Finance"], method, signature}
		}
		for what, x := range map[string]struct {
			method    string
			signature any
		}{
			"by the session":              {"session", nil},
			"with a fresh sign-in":        {"fresh_sign_in", nil},
			"a passkey without signature": {"passkey", nil},
			"somebody else's signature":   {"passkey", signature.ID},
			"of another version":          {"passkey", wrong.ID},
			"a session with a signature":  {"session", signature.ID},
		} {
			query, args := insert("sig_sql", h.people["yuri"], x.method, x.signature)
			refuses(what, query, args...)
		}
		refuses("the same signature twice", "INSERT INTO sign_offs (id, version_id, digest, round, signer_id, principal_id, team_id, side, method, comment, signed_at, signature_id, rev) SELECT 'sig_copy', version_id, digest, round, signer_id, principal_id, team_id, side, method, comment, signed_at, signature_id, rev FROM sign_offs WHERE id = ?", sign.ID)
		refuses("a signature changes", "UPDATE signatures SET origin = 'https://evil.example' WHERE id = ?", signature.ID)
		refuses("a signature goes", "DELETE FROM signatures WHERE id = ?", signature.ID)
		refuses("a key changes hands", "UPDATE passkeys SET person_id = ?, rev = rev + 1 WHERE id = ?", h.people["yuri"], signature.PasskeyID)
		refuses("a key is another one", "UPDATE passkeys SET public_key = 'x', rev = rev + 1 WHERE id = ?", signature.PasskeyID)
		h.admin("xena", AdminLookup{Passkeys: true}, func(f models.AdminFacts) (models.Change, error) { return f.RemovePasskey(signature.PasskeyID) })
		refuses("a removed key comes back", "UPDATE passkeys SET removed_at = NULL, rev = rev + 1 WHERE id = ?", signature.PasskeyID)
		refuses("a signature by a removed key", "INSERT INTO signatures SELECT 'sgn_sql', person_id, passkey_id, decision, version_id, digest, round, principal_id, team_id, construction, document, '"+
			"0123456789012345678901234567890123456789012', rp_id, origin, credential_id, public_key, client_data, authenticator_data, signature, signed_at, rev FROM signatures WHERE id = ?", signature.ID)
	})
}

// Verify looks at every signature again, with nothing but the record.
func TestVerifyChecksSignatures(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		capability, version := h.reviewed("infra")
		h.signs(t, "xena", capability, version)
		require.NoError(t, h.Verify(t.Context(), nil))
		bad := rows[models.Signature](t, h, "id", "1 = 1")[0]
		require.NoError(t, checkSignature(bad))
		bad.Signature = bad.Signature[:len(bad.Signature)-4] + "AAAA"
		require.ErrorContains(t, checkSignature(bad), "does not fit")
		stranger := rows[models.Passkey](t, h, "id", "person_id = ?", h.people["yuri"])[0]
		require.NotEmpty(t, stranger.PublicKey)
	})
}
