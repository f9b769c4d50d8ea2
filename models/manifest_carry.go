package models

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// One new manifest, many capabilities. A manifest that is registered again leaves
// what is in force on the revision that was signed. For the new one each
// capability takes a version of its own, and where nothing but the manifest moved
// its owner carries it over, and the others accept and sign it, row by row on one
// page. Whatever else moved is decided on the version's own page.

// MostCarried is how many capabilities are carried over in one act.
const MostCarried = 25

// memberWords are the members of a document, as the end of "… changed".
var memberWords = map[string]string{
	"task": "the task boundary", "scope": "the scope", "oversight": "the oversight plan", "facts": "what the catalogue says of its operations",
	"secrets": "the secrets that it uses", "tier_rules": "the tier rules", "ask": "what its tier asks of the approvers", "need": "what its tier asks of the approvers",
	"apart": "what its tier asks of the approvers", "cedar": "the policy that enforces it", "tier": "the tier", "agent_revision": "the agent's manifest", "reasons": "the reasons of its tier", "custodians": "whose custodians have to sign",
}

// Moved says in words what differs between two documents, beside the members
// that are named. A member that has no words yet is one that differs, too.
func Moved(was, is Document, beside ...string) []string {
	before, after := members(was), members(is)
	names := maps.Clone(before) // one that is empty may be left out
	maps.Copy(names, after)
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if slices.Contains(beside, name) || string(before[name]) == string(after[name]) {
			continue
		}
		words, known := memberWords[name]
		if !known {
			words = strings.ReplaceAll(name, "_", " ")
		}
		if !slices.Contains(out, words) {
			out = append(out, words)
		}
	}
	return out
}

func members(d Document) map[string]json.RawMessage {
	var out map[string]json.RawMessage
	_ = json.Unmarshal([]byte(canonical(d)), &out) // our own canonical text
	return out
}

// BesideTheManifest says what moved between a version in force and one for
// another manifest of the agent, beside what follows from the manifest: its
// digest, and the reasons of the same tier. Nothing: it is otherwise unchanged.
// A tier that moved is no small matter, and what follows from it is not said again.
func BesideTheManifest(was, is Document) []string {
	beside := []string{"no", "agent_revision", "reasons"}
	if is.Cedar == "" {
		beside = append(beside, "cedar") // not compiled before it is submitted
	}
	var out []string
	if was.Tier != is.Tier {
		beside = append(beside, "tier", "ask", "need", "apart")
		out = append(out, "the tier, from "+string(was.Tier)+" to "+string(is.Tier))
	}
	return append(out, Moved(was, is, beside...)...)
}

// Behind says whether what is in force is signed for another manifest than the
// agent's newest.
func (f CapabilityFacts) Behind() bool {
	return f.Force != nil && f.Revision != nil && (f.Force.Version.AgentRevisionID == nil || *f.Force.Version.AgentRevisionID != f.Revision.ID)
}

// MayCarry says why this person cannot carry what is in force over to the
// agent's newest manifest, or nil. Its business owner does, while the three who
// answer for it are there to answer for it again.
func (f CapabilityFacts) MayCarry() error {
	if f.Force == nil {
		return conflict("carry.live", "Nothing is in force here.")
	}
	if !f.Behind() {
		return conflict("carry.signed", "What is in force is signed for this manifest already.")
	}
	if f.Agent.State != AgentRegistered {
		return conflict("agent.retired", "This agent is retired.")
	}
	if err := f.MayDraft(); err != nil {
		return err
	}
	if owner, ok := f.Force.Holder(BusinessOwner); !ok || owner != f.By.Person.ID {
		return forbidden("carry.owner", "Only the business owner of the task can carry it over.")
	}
	for _, r := range MakerRoles {
		who, held := f.Force.Holder(r)
		switch p, known := f.People[who]; {
		case !held:
			return conflict("carry.nominees", "Nobody holds the role %s.", r.Words())
		case !known || p.Person.Status != PersonActive:
			return conflict("carry.nominees", "%s, the %s, has left.", f.name(who), r.Words())
		case !p.Has(r):
			return conflict("carry.nominees", "%s no longer holds the role %s.", f.name(who), r.Words())
		}
	}
	return nil
}

// Carry starts the version that carries what is in force over to the agent's
// newest manifest, every part as it is and the same people asked. inForce and
// revision are what the page showed. It is submitted in the same transaction.
func (f CapabilityFacts) Carry(inForce, revision string) (Change, error) {
	if f.Force == nil || f.Force.Version.ID != inForce {
		return Change{}, changed()
	}
	if f.Revision == nil || f.Revision.ID != revision {
		return Change{}, conflict("carry.manifest", "The agent was registered again since you opened this page. Nothing was recorded; look at what its manifest is now.")
	}
	if err := f.MayCarry(); err != nil {
		return Change{}, err
	}
	c, err := f.NewDraft()
	if err != nil {
		return Change{}, err
	}
	c.note("carried_from", f.Force.Version.No)
	c.note("revision", f.Revision.No)
	return c, nil
}

// CheckCarried is what is wrong with a choice of versions in force to carry over,
// before each of them is looked at.
func CheckCarried(versions []string) error {
	var p problems
	switch n := len(versions); {
	case n == 0:
		p.add("version", "Choose at least one task.")
	case n > MostCarried:
		p.add("version", "Choose at most %d tasks at once; you chose %d. The others stay on this list.", MostCarried, n)
	}
	return p.err()
}

// Carried is the version that Carry would make, for a page that says beforehand
// what would be in its way (Missing) and what would move (Preview).
func (f CapabilityFacts) Carried() VersionFile {
	return *f.copyVersion(f.change("version.drafted", ""), f.Force)
}

// CarriedOver says why a version on its way cannot be accepted and signed row by
// row beside others, or nil: it is submitted for the agent's newest manifest, and
// differs from what is in force in nothing but that.
func (f CapabilityFacts) CarriedOver(versionID string) error {
	v := f.Open
	if v == nil || v.Version.ID != versionID || !f.Behind() {
		return changed()
	}
	if v.Version.State == Draft {
		return conflict("carry.draft", "It is still a draft.")
	}
	if v.Version.AgentRevisionID == nil || *v.Version.AgentRevisionID != f.Revision.ID {
		return conflict("carry.manifest", "It was submitted for another manifest than the newest. Nothing was recorded; decide on it on its own page.")
	}
	if moved := BesideTheManifest(f.Force.Version.Doc(), v.Version.Doc()); len(moved) > 0 {
		return conflict("carry.moved", "More than the manifest changed in it: %s. Nothing was recorded; decide on it on its own page.", strings.Join(moved, ", "))
	}
	return nil
}

// AcceptCarried is Accept of a version in which nothing but the manifest moved.
func (f CapabilityFacts) AcceptCarried(versionID string, r Role, digest string) (Change, error) {
	if err := f.CarriedOver(versionID); err != nil {
		return Change{}, err
	}
	return f.Accept(versionID, r, digest)
}

// SignCarried is SignOff of a version in which nothing but the manifest moved.
func (f CapabilityFacts) SignCarried(s Shown, how Signing) (Change, error) {
	if err := f.CarriedOver(s.VersionID); err != nil {
		return Change{}, err
	}
	return f.SignOff(s, how)
}
