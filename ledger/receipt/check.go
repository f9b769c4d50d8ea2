package receipt

import (
	"encoding/json"
	"fmt"
	"slices"

	"countersign/ledger"
	"countersign/ledger/passkey"
	"countersign/models"
)

// Verdict is what a check came to.
type Verdict int

// What can be said of a thing offline.
const (
	Fits    Verdict = iota
	Misfits         // somebody changed it
	Unknown         // it takes more than this file
)

// Line is one thing that was checked, as a sentence.
type Line struct {
	Verdict Verdict
	Says    string
}

// Sound says whether nothing misfits.
func Sound(lines []Line) bool {
	return !slices.ContainsFunc(lines, func(l Line) bool { return l.Verdict == Misfits })
}

// check is a file with what it turned out to hold.
type check struct {
	File
	lines     []Line
	signOff   *models.SignOff
	signature *models.Signature
	emergency *models.Emergency
	review    *models.Review // that the entry closed
	digests   []string       // what the record says that was decided on
	rounds    []int
	doc       *models.Document
}

// Check holds everything in the file against everything else, and says of each
// thing whether it fits. What only the server knows is said to be unknown.
func (f File) Check() []Line {
	c := &check{File: f}
	c.entry()
	c.details()
	c.rows()
	c.version()
	c.decision()
	c.signed()
	c.enrolled()
	c.beyond()
	return c.lines
}

func (c *check) say(ok bool, fits, misfits string) bool {
	if ok {
		c.lines = append(c.lines, Line{Fits, fits})
	} else {
		c.lines = append(c.lines, Line{Misfits, misfits})
	}
	return ok
}

func (c *check) unknown(format string, args ...any) {
	c.lines = append(c.lines, Line{Unknown, fmt.Sprintf(format, args...)})
}

func (c *check) entry() {
	bytes, err := c.Entry.Bytes()
	c.say(err == nil && c.Entry.Seq > 0 && ledger.Hash(bytes) == c.Hash,
		fmt.Sprintf("Entry %d has the hash %s.", c.Entry.Seq, c.Hash),
		fmt.Sprintf("Entry %d does not have the hash %s: one of them was changed.", c.Entry.Seq, c.Hash))
}

// details: the entry commits to them with a salt, and says by that no more of
// them than that they are these.
func (c *check) details() {
	if len(c.Details) == 0 && c.Salt == "" {
		c.unknown("The details of the act are not in this file: they are given to who acted, and to auditors.")
		return
	}
	body, err := models.Canonical(c.Details)
	if !c.say(err == nil && len(c.Details) > 0 && ledger.Commit(c.Salt, body) == c.Entry.Body,
		"The details are those that the entry was written with.", "The details are not those that the entry was written with.") {
		return
	}
	var noted struct {
		Digest string `json:"digest"`
		Round  int    `json:"round"`
	}
	_ = json.Unmarshal(c.Details, &noted) // of other acts they have other things
	if noted.Digest != "" {
		c.digests = append(c.digests, noted.Digest)
	}
	if noted.Round > 0 {
		c.rounds = append(c.rounds, noted.Round)
	}
}

// rows: each is one that the entry names, byte for byte.
func (c *check) rows() {
	seen := map[string]bool{}
	for _, r := range c.Rows {
		text, err := models.Canonical(r.Row)
		i := slices.IndexFunc(c.Entry.Rows, func(x ledger.Row) bool { return err == nil && x.Table == r.Table && x.SHA256 == models.Digest(text) })
		if i < 0 {
			c.say(false, "", "A row of "+r.Table+" in this file is none that the entry left.")
			continue
		}
		said := c.Entry.Rows[i]
		name := said.Table + "/" + said.ID
		if !c.say(!seen[name], "The row "+said.ID+" of "+said.Table+" is as the entry left it.", "The row "+said.ID+" of "+said.Table+" is twice in this file.") {
			continue
		}
		seen[name] = true
		c.read(said, text)
	}
	if left := len(c.Entry.Rows) - len(seen); left > 0 {
		c.unknown("%d of the entry's %d rows are not in this file: they have changed since, or are not for whom it was made.", left, len(c.Entry.Rows))
	}
}

// read takes from a row that fits what the rest is held against.
func (c *check) read(said ledger.Row, text string) {
	into := func(row models.Row) bool {
		err := json.Unmarshal([]byte(text), row)
		ok := err == nil && row.Key() == said.ID && row.Revision() == said.Rev
		if !ok {
			c.say(false, "", "The row "+said.ID+" of "+said.Table+" does not say what the entry says of it.")
		}
		return ok
	}
	decidedOn := func(digest string, round int) {
		c.digests = append(c.digests, digest)
		if round > 0 {
			c.rounds = append(c.rounds, round)
		}
	}
	switch said.Table {
	case models.SignOff{}.TableName():
		var s models.SignOff
		if into(&s) {
			c.signOff = &s
			decidedOn(s.Digest, s.Round)
		}
	case models.Signature{}.TableName():
		var s models.Signature
		if into(&s) {
			c.signature = &s
			decidedOn(s.Digest, s.Round)
		}
	case models.Emergency{}.TableName():
		var e models.Emergency
		if into(&e) {
			c.emergency = &e
			decidedOn(e.Digest, e.Round)
		}
	case models.Review{}.TableName():
		var r models.Review
		if into(&r) && c.Entry.Act == closed && r.ID == c.Entry.Subject { // others end with what they were about
			c.review = &r
			decidedOn(r.Digest, 0)
		}
	case models.Acceptance{}.TableName():
		var a models.Acceptance
		if into(&a) {
			decidedOn(a.Digest, 0)
		}
	case models.Version{}.TableName():
		var v models.Version
		if into(&v) && v.ID == c.Entry.Subject {
			decidedOn(v.Digest, 0)
		}
	}
}

// Acts on a version whose subject is another: what let it run, or looked at it again.
const (
	opened = "emergency.opened"
	closed = "review.closed"
)

// about is the version that the entry is about: of an emergency, the one that it
// lets run; of a review, the one that was looked at.
func (c *check) about() string {
	switch {
	case c.Entry.Act != opened && c.Entry.Act != closed:
		return c.Entry.Subject
	case c.emergency != nil:
		return c.emergency.VersionID
	case c.review != nil:
		return c.review.VersionID
	case c.signature != nil:
		return c.signature.VersionID
	}
	return c.Entry.Subject
}

// version: its document has its digest, and it is the one that was decided on.
func (c *check) version() {
	if c.Version == nil {
		if len(c.digests) > 0 {
			c.unknown("The contents that were decided on are not in this file; their digest is %s.", c.digests[0])
		}
		return
	}
	v := c.Version
	text, err := models.Canonical(v.Document)
	if !c.say(err == nil && models.Digest(text) == v.Digest, "The contents of the version have the digest "+v.Digest+".",
		"The contents of the version do not have the digest "+v.Digest+".") {
		return
	}
	var doc models.Document
	if err := json.Unmarshal([]byte(text), &doc); !c.say(err == nil && doc.Format == "countersign/version/1",
		"They are a version of a capability, at tier "+string(doc.Tier)+", by the tier rules "+doc.TierRules+".", "They are not the contents of a version.") {
		return
	}
	c.doc = &doc
	c.say(v.ID == c.about(), "The entry is about this version.", "The entry is about "+c.about()+", and not about this version.")
	switch {
	case len(c.digests) == 0:
		c.unknown("Nothing in this file ties the contents to the entry.")
	case slices.ContainsFunc(c.digests, func(d string) bool { return d != v.Digest }):
		c.say(false, "", "What the entry left was decided on other contents than these.")
	default:
		c.say(true, "What the entry left was decided on just these contents.", "")
	}
}

// decision: the sign-off, or the review that was closed, says the same as its entry.
func (c *check) decision() {
	if c.Entry.Act == closed {
		c.outcome()
		return
	}
	s := c.signOff
	if s == nil {
		if c.Entry.Act == "version.signed_off" {
			c.say(false, "", "The entry is of a sign-off, and the sign-off is not in this file.")
		}
		return
	}
	c.say(s.SignerID == c.Entry.Actor && s.PrincipalID == c.Entry.Principal && s.VersionID == c.Entry.Subject && int64(s.SignedAt) == c.Entry.At,
		"The sign-off is by whoever acted, at that time.", "The sign-off is by somebody else than who acted, for somebody else, on something else, or of another time.")
	c.say(!slices.ContainsFunc(c.rounds, func(r int) bool { return r != s.Round }), fmt.Sprintf("It was given in round %d.", s.Round), "The round of the sign-off is not the same everywhere.")
	switch {
	case s.SignatureID == nil && s.Method != models.MethodPasskey:
		c.unknown("It was given without a passkey (%s): that it was this person is the server's word.", s.Method)
	case c.signature == nil || s.SignatureID == nil || c.signature.ID != *s.SignatureID:
		c.say(false, "", "The sign-off was given with a passkey, and its signature is not in this file.")
	}
}

func (c *check) outcome() {
	r := c.review
	if r == nil {
		c.say(false, "", "The entry is of a review that was closed, and the review is not in this file.")
		return
	}
	c.say(r.State == models.ReviewClosed && r.ClosedBy != nil && *r.ClosedBy == c.Entry.Actor && c.Entry.Principal == c.Entry.Actor && r.ClosedAt != nil && int64(*r.ClosedAt) == c.Entry.At,
		"The review was closed by whoever acted, at that time: "+models.WordsOf(models.OutcomesSaid, r.Outcome)+".", "The review was closed by somebody else than who acted, at another time, or not at all.")
	switch {
	case r.SignatureID == nil && r.Method != models.MethodPasskey:
		c.unknown("It was closed without a passkey (%s): that it was this person is the server's word.", r.Method)
	case c.signature == nil || r.SignatureID == nil || c.signature.ID != *r.SignatureID:
		c.say(false, "", "The review was closed with a passkey, and its signature is not in this file.")
	}
}

// signed: the passkey's signature is on just this decision.
func (c *check) signed() {
	s := c.signature
	if s == nil {
		return
	}
	if err := passkey.Check(*s); err != nil {
		c.say(false, "", "The passkey's signature does not fit: "+err.Error()+".")
		return
	}
	c.say(true, "The passkey's signature fits: the key said yes to this decision, at "+s.Origin+", to a person whom it had verified.", "")
	c.say(s.PersonID == c.Entry.Actor && s.PrincipalID == c.Entry.Principal && s.VersionID == c.about() && int64(s.SignedAt) == c.Entry.At &&
		(s.Decision == models.DecisionBreakGlass) == (c.Entry.Act == opened) && (s.Decision == models.DecisionKeep) == (c.Entry.Act == closed),
		"It is the signature of whoever acted.", "It is the signature of somebody else, for somebody else, on something else, or of another time.")
	if o := c.signOff; o != nil {
		c.say(s.Decision == models.DecisionSignOff && s.Digest == o.Digest && s.Round == o.Round && s.TeamID == o.TeamID && s.PersonID == o.SignerID && s.PrincipalID == o.PrincipalID,
			"It is on this digest, in this round, for this team.", "The signature and the sign-off are not on the same digest, in the same round, for the same team.")
	}
	if e := c.emergency; e != nil {
		c.say(e.ID == c.Entry.Subject && e.SignatureID != nil && *e.SignatureID == s.ID && e.ApproverID == s.PersonID && e.TeamID == s.TeamID && e.Digest == s.Digest && e.Round == s.Round,
			"It is on this emergency.", "The signature and the emergency are not of the same person, digest, round and team.")
	}
	if r := c.review; r != nil {
		c.say(r.SignedBy(*s) && r.TeamID != nil && *r.TeamID == s.TeamID && r.Outcome == models.ReviewKeep,
			"It is on keeping what this review was about, for this team, with these words.", "The signature and the review are not of the same person, version, team and words, or the signature is not on keeping it.")
	}
	var said models.Approval
	_ = json.Unmarshal([]byte(s.Document), &said) // passkey.Check has read it
	if c.doc != nil {
		c.say(said.CapabilityID == c.doc.CapabilityID && said.Tier == c.doc.Tier, "What was signed names the capability and the tier of these contents.",
			"What was signed names another capability or another tier than these contents.")
	}
	if o := c.signOff; o != nil {
		c.say(said.Reason == o.Comment, "The words beside the sign-off were signed with it.", "The words beside the sign-off are not those that were signed.")
	}
}

// enrolled: the key is the one that was enrolled.
func (c *check) enrolled() {
	k, s := c.Passkey, c.signature
	switch {
	case s == nil && k == nil:
		return
	case s == nil:
		c.say(false, "", "There is a passkey in this file, and nothing that it signed.")
		return
	case k == nil:
		c.unknown("The enrolment of the passkey is not in this file.")
		return
	}
	c.say(k.ID == s.PasskeyID && k.PersonID == s.PersonID && k.CredentialID == s.CredentialID && k.PublicKey == s.PublicKey && k.RPID == s.RPID,
		"The passkey is the one that signed.", "The passkey in this file is another one than signed.")
	if err := passkey.CheckEnrolment(*k); err != nil {
		c.say(false, "", "The enrolment of the passkey does not fit: "+err.Error()+".")
	} else {
		c.say(true, "Its enrolment was an answer of an authenticator with just this key.", "")
	}
	i := slices.IndexFunc(c.Entry.Rows, func(r ledger.Row) bool { return r.Table == k.TableName() && r.ID == k.ID })
	switch {
	case i < 0:
		c.say(false, "", "The entry does not say that this passkey was used.")
	case c.Entry.Rows[i].Rev == k.Rev:
		text, err := models.Canonical(k)
		c.say(err == nil && models.Digest(text) == c.Entry.Rows[i].SHA256, "The passkey is as the entry left it.", "The passkey is not as the entry left it.")
	case c.Entry.Rows[i].Rev > k.Rev:
		c.say(false, "", "The passkey is older than the entry says.")
	default:
		c.unknown("The passkey was used, named or removed since; what it was called is the server's word.")
	}
}

// beyond is what no file can say of itself.
func (c *check) beyond() {
	c.unknown("Whether the entry is in the record: compare entry %d and its hash with a record that “countersign verify” found in order, and its head with one that you noted.", c.Entry.Seq)
	c.unknown("Who the people and teams are, and what is told in words (what had changed): that is what the server said when the file was made.")
}
