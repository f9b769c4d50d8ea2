package models

import (
	"cmp"
	"slices"
)

// Changed is one thing that is not as it was when it was signed or last looked at.
type Changed struct {
	Kind string  `json:"kind"`           // manifest, tier, people
	Role Role    `json:"role,omitempty"` // of people: which
	From string  `json:"from"`           // an agent's revision, a tier, a person
	To   string  `json:"to"`
	At   Instant `json:"at"` // when it was noticed
}

// Kinds of change that are looked at in a small review.
const (
	ChangeOfManifest = "manifest"
	ChangeOfTier     = "tier"
	ChangeOfPeople   = "people"
)

// same says that two are one change, whenever they were noticed.
func (x Changed) same(y Changed) bool {
	return x.Kind == y.Kind && x.Role == y.Role && x.To == y.To
}

// ChangeReviewDue is how long a small review has, at most: no longer than a periodic one
// is open.
const ChangeReviewDue = 14 * Day

// Unreviewed are the changes of the agent's manifest and of the tier that nobody was
// asked to look at yet. signed is the manifest that the version in force was signed
// with. A tier is as the rules and the catalogue have it now; what is signed keeps its own.
func (f CapabilityFacts) Unreviewed(signed Manifest) []Changed {
	if f.Mandate == nil || f.Force == nil {
		return nil
	}
	v := f.Force.Version
	var out []Changed
	if now, was := f.Agent.RevisionID, v.AgentRevisionID; now != nil && was != nil && *now != *was {
		out = append(out, Changed{Kind: ChangeOfManifest, From: *was, To: *now, At: f.Now})
	}
	doc := v.Doc()
	tier, _ := f.Rules.Rules().Assess(doc.Task, f.Facts(doc.Scope), signed.Environments, signed.ToolAccess)
	if tier != v.Tier {
		out = append(out, Changed{Kind: ChangeOfTier, From: string(v.Tier), To: string(tier), At: f.Now})
	}
	return slices.DeleteFunc(out, f.lookedAt)
}

// SignedTier is what the tier of a capability in force follows from, of what was signed.
type SignedTier struct {
	CapabilityID string
	VersionID    string
	Tier         Tier
	Operations   []string // ids, in the order of the scope
	task         Task
	environments []string
	toolAccess   string
}

// ReadSignedTier reads a Document and a Manifest, and keeps little of them: a document may
// have hundreds of grants, and many are looked at at once.
func ReadSignedTier(capability, version string, tier Tier, document, manifest string) SignedTier {
	doc := parseBody[struct {
		Task  Task `json:"task"`
		Scope struct {
			Grants []struct {
				OperationID string `json:"operation_id"`
			} `json:"grants"`
		} `json:"scope"`
	}](document)
	m := parseBody[Manifest](manifest)
	out := SignedTier{CapabilityID: capability, VersionID: version, Tier: tier, task: doc.Task, environments: m.Environments, toolAccess: m.ToolAccess}
	for _, g := range doc.Scope.Grants {
		out.Operations = append(out.Operations, g.OperationID)
	}
	return out
}

// TierNow is the tier that the rules and the catalogue among the facts make of it now.
func (x SignedTier) TierNow(rules TierRules, catalogue CapabilityFacts) Tier {
	var scope Scope
	for _, id := range x.Operations {
		scope.Grants = append(scope.Grants, ScopeGrant{OperationID: id})
	}
	tier, _ := rules.Assess(x.task, catalogue.Facts(scope), x.environments, x.toolAccess)
	return tier
}

// AsksAbout says that a small review was asked for with this tier as a change.
func (r Review) AsksAbout(tier Tier) bool {
	return r.asksAbout(Changed{Kind: ChangeOfTier, To: string(tier)})
}

func (r Review) asksAbout(x Changed) bool {
	return r.Kind == ReviewOfChange && r.State != ReviewMoot && slices.ContainsFunc(r.Changes(), x.same)
}

// lookedAt says that a small review of this version was asked for with just this change.
func (f CapabilityFacts) lookedAt(x Changed) bool {
	return slices.ContainsFunc(f.Reviews, func(r ReviewFile) bool {
		return r.VersionID == f.Force.Version.ID && r.asksAbout(x)
	})
}

// SeeToChanges opens a small review of what changed, or adds it to the open one. The
// clock does; where nothing changed, nobody is asked.
func (f CapabilityFacts) SeeToChanges(signed Manifest) (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("review.clock", "Only the clock opens reviews.")
	}
	changes := f.Unreviewed(signed)
	if len(changes) == 0 {
		return Change{}, conflict("review.nothing", "Nothing changed that nobody has looked at.")
	}
	c := f.capabilityChange("review.opened", "")
	c.note("version", f.Force.Version.No)
	f.askAbout(c, changes...)
	if len(c.writes) == 0 {
		return Change{}, conflict("review.nothing", "The review that is open shows it.")
	}
	return *c, nil
}

// askAbout asks the three about changes: in the periodic review, where one is open that
// nobody has answered; else in a small one. There is one small one at a time: it grows
// until somebody answers, and is asked anew where somebody has.
func (f CapabilityFacts) askAbout(c *Change, changes ...Changed) {
	if r := f.openReview(ReviewPeriodic); r != nil && len(r.Answers) == 0 {
		return
	}
	v := f.Force.Version
	ask := f.askOf(f.Force)
	due := f.Now + min(Lead(Instant(ask.ReviewDays)*Day), ChangeReviewDue)
	hold := due + Instant(ask.GraceDays)*Day
	if open := f.openReview(ReviewOfChange); open != nil {
		changes = append(open.Changes(), changes...)
		if len(open.Answers) == 0 {
			row := open.Review
			row.About = canonical(changes)
			c.update(&row)
			open.Review = row
			c.subject = cmp.Or(c.subject, row.ID)
			return
		}
		// What is late stays late; of two duties of one kind no two are due at one moment.
		due, hold = max(f.Now, open.DueAt+Second/1000), max(f.Now, open.HoldAt+Second/1000)
		f.mootReview(c, open)
	}
	r := Review{ID: c.id("rvw"), CapabilityID: f.Capability.ID, VersionID: v.ID, Digest: v.Digest, MandateID: f.mandateNow(c), Kind: ReviewOfChange, About: canonical(changes),
		OpenedAt: f.Now, DueAt: due, HoldAt: hold, State: ReviewOpen}
	c.subject = cmp.Or(c.subject, r.ID)
	c.insert(&r)
	askReviewers(c, r, f.Capability.AgentID, f.here(), f.Now)
}

// mandateNow is the id of the mandate that is open when the change is written.
func (f CapabilityFacts) mandateNow(c *Change) string {
	for _, w := range c.writes {
		if m, ok := w.Row.(*Mandate); ok && w.Expect == 0 {
			return m.ID
		}
	}
	return f.Mandate.ID
}
