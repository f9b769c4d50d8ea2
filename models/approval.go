package models

// Approval is what a passkey signs: one decision on one version's digest, in one
// round, by one person, for one team. Its canonical JSON goes into the challenge.
type Approval struct {
	Format       string `json:"format"` // "countersign/approval/1"
	Decision     string `json:"decision"`
	CapabilityID string `json:"capability_id"`
	VersionID    string `json:"version_id"`
	Digest       string `json:"digest"`
	Round        int    `json:"round"`
	Tier         Tier   `json:"tier"`
	SignerID     string `json:"signer_id"`
	PrincipalID  string `json:"principal_id"` // for whom: the signer, or whom they stand in for
	TeamID       string `json:"team_id"`
	Reason       string `json:"reason"`            // as written; "" for none
	Minutes      int    `json:"minutes,omitempty"` // of an emergency
	Review       string `json:"review,omitempty"`  // that is closed by keeping what it is about
}

// What is decided.
const (
	DecisionSignOff    = "sign_off"
	DecisionBreakGlass = "break_glass"
	DecisionKeep       = "keep" // of a review
)

// Signing is how an approver signs: for which team, for whom, and with the
// authenticator's answer where a passkey is asked for.
type Signing struct {
	For     string // the person stood in for; "" for oneself
	TeamID  string // "" where there is only one
	Comment string
	Minutes int    // of an emergency: how long it lasts
	Review  string // that is closed; "" for none
	Answer  string // the authenticator's, as JSON; "" for none
	Verify  VerifyAnswer
}

// VerifyAnswer checks an authenticator's answer to a challenge by one of the
// keys; package passkey has it. Its refusals are models.Errors.
type VerifyAnswer func(Challenge, []Passkey, string) (Answered, error)

// Answered is a verified answer. Binary values are base64url.
type Answered struct {
	CredentialID, RPID, Origin, ClientData, AuthenticatorData, Signature string
	SignCount                                                            int64
	Copied                                                               bool // the counter went back: there may be two of the key
}

// VerifyEnrolment checks an authenticator's answer to an enrolment; package
// passkey has it. The Passkey has what the authenticator said, and no id yet.
type VerifyEnrolment func(Challenge, string) (Passkey, error)

// NeedsPasskey says whether a sign-off of the version takes a passkey: always at
// high and critical, whatever the rules that it pins, and where the custodians
// of a system ask for it.
func (v VersionFile) NeedsPasskey() bool {
	return v.Version.Tier.Rank() >= High.Rank() || len(v.Version.CustodianTeams()) > 0
}

// AsksPasskey says whether a sign-off of what was shown takes a passkey.
func (f CapabilityFacts) AsksPasskey(s Shown) bool {
	v, err := f.reviewed(s)
	return err == nil && v.NeedsPasskey()
}

// ApprovalOf is what the actor's passkey is to sign, or why they cannot.
func (f CapabilityFacts) ApprovalOf(decision string, s Shown, how Signing) (Approval, error) {
	if decision == DecisionBreakGlass {
		return f.emergencyApproval(s, how)
	}
	if decision == DecisionKeep {
		return f.keepApproval(s, how)
	}
	v, err := f.reviewed(s)
	if err != nil {
		return Approval{}, err
	}
	who, err := f.maySignNow(v, how)
	if err != nil {
		return Approval{}, err
	}
	team, err := teamOf(who.Principal, v, &how)
	if err != nil {
		return Approval{}, err
	}
	return f.approval(decision, v, team.ID, who, how), nil
}

func (f CapabilityFacts) approval(decision string, v *VersionFile, team string, who Standin, how Signing) Approval {
	return Approval{Format: "countersign/approval/1", Decision: decision, CapabilityID: f.Capability.ID, VersionID: v.Version.ID, Digest: v.Version.Digest,
		Round: v.Version.Round, Tier: v.Version.Tier, SignerID: f.By.Person.ID, PrincipalID: who.Principal.Person.ID, TeamID: team, Reason: how.Comment}
}

// signature checks the passkey's word on the approval and records it. It is
// refused when it was given to anything else, by a key that is not the actor's
// now, or to a challenge that is over.
func (f CapabilityFacts) signature(c *Change, want Approval, how Signing) (*Signature, error) {
	if len(f.Passkeys) == 0 {
		return nil, forbidden("passkey.none", "A sign-off here takes a passkey, and you have none. Add one to your page first.")
	}
	if how.Answer == "" || how.Verify == nil {
		return nil, Refusal(Invalid, "passkey.missing", "A sign-off here takes your passkey. Your browser asks for it when you send your decision; nothing was recorded.")
	}
	ch := f.Challenge
	if ch == nil || ch.Kind != ChallengeSign || ch.PersonID != f.By.Person.ID || ch.ExpiresAt <= f.Now {
		return nil, conflict("passkey.challenge", "Your passkey answered a question that is over: each is asked once, and for %d minutes. Nothing was recorded; sign again.", ChallengeFor/Minute)
	}
	document, err := Canonical(want)
	if err != nil {
		return nil, err
	}
	if ch.Document != document {
		return nil, conflict("passkey.other", "Your passkey signed something else than what this form says. Nothing was recorded; look at the page again, and sign what it shows.")
	}
	a, err := how.Verify(*ch, f.Passkeys, how.Answer)
	if err != nil {
		return nil, err
	}
	for i := range f.Passkeys {
		k := f.Passkeys[i]
		if k.CredentialID != a.CredentialID {
			continue
		}
		if a.Copied {
			return nil, forbidden("passkey.copied", "The counter of your passkey “%s” went backwards, as it does when a key was copied. Nothing was recorded. Remove the key, add another one, and tell an administrator.", k.Name)
		}
		k.SignCount, k.UsedAt = a.SignCount, f.Now.Ref()
		c.update(&k)
		s := &Signature{ID: c.id("sgn"), PersonID: f.By.Person.ID, PasskeyID: k.ID, Decision: want.Decision, VersionID: want.VersionID, Digest: want.Digest,
			Round: want.Round, PrincipalID: want.PrincipalID, TeamID: want.TeamID, Construction: Construction, Document: document, Nonce: ch.Nonce,
			RPID: a.RPID, Origin: a.Origin, CredentialID: a.CredentialID, PublicKey: k.PublicKey,
			ClientData: a.ClientData, AuthenticatorData: a.AuthenticatorData, Signature: a.Signature, SignedAt: f.Now}
		c.insert(s)
		c.note("signature", s.ID)
		c.note("passkey", k.Name)
		return s, nil
	}
	return nil, forbidden("passkey.key", "This passkey is not one of yours. Nothing was recorded.")
}

// Construction names how a challenge follows from a document and a nonce:
// SHA-256("countersign/approval/v1\0" ‖ nonce ‖ SHA-256(document)).
const Construction = "countersign/approval/v1"
