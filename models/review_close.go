package models

import "slices"

// Outcomes are the ways in which a review is closed.
var Outcomes = []Choice{{ReviewKeep, "Keep it"}, {ReviewNarrow, "Have it narrowed"}, {ReviewRevoke, "Revoke it"}}

// OutcomesSaid are the same once it is closed, as the end of a sentence.
var OutcomesSaid = []Choice{{ReviewKeep, "it was kept"}, {ReviewNarrow, "it is to be narrowed"}, {ReviewRevoke, "it was revoked"}}

// Closing is how an approver closes a review: what their page showed, the outcome, and
// how they sign it; the finding is the comment.
type Closing struct {
	Shown
	Outcome string
	How     Signing
}

// MayCloseReview says why the actor cannot close the review in any way, or nil.
func (f CapabilityFacts) MayCloseReview(r *ReviewFile) error {
	switch {
	case r == nil:
		return notFound("review")
	case r.State != ReviewOpen || f.Force == nil || f.Mandate == nil || f.Force.Version.ID != r.VersionID:
		return conflict("review.over", "This review is over. Nothing was recorded.")
	}
	if err := MayCheck(f.By, *f.Force); err != nil {
		return err
	}
	if len(f.By.Teams) == 0 {
		return forbidden("separation.team", "%s is in no team, and a review is closed for a team. An administrator can add them to one.", f.By.Person.Name)
	}
	return nil
}

// MayGoOn says why the review cannot be closed so that what is in force goes on, or nil.
func (f CapabilityFacts) MayGoOn(r *ReviewFile, outcome string) error {
	if missing := r.Missing(); len(missing) > 0 {
		return conflict("review.answers", "The %s has not answered yet. What is reviewed goes on when the three have answered.", missing[0].Words())
	}
	if outcome != ReviewKeep {
		return nil
	}
	if why := f.makersGone(f.Force); why != "" {
		return conflict("review.left", "It cannot be kept yet: %s. A successor comes first.", why)
	}
	if f.Restart != nil || f.Force.Version.Round != f.Mandate.Round || !f.Force.Enough() {
		return conflict("review.round", "It cannot be kept while sign-offs of it are missing. They come first; then close the review.")
	}
	if end := f.Force.Contents().Task.Ends(); r.Kind == ReviewPeriodic && end != 0 && end <= f.Now {
		return conflict("review.ended", "Its last day is over: it cannot be kept. It can go on as a new version.")
	}
	return nil
}

// closing checks everything that closing a review asks, for the passkey's question and
// for the act itself; how comes back tidy.
func (f CapabilityFacts) closing(id string, how *Closing) (r *ReviewFile, team Team, err error) {
	r = f.ReviewOf(id)
	if how.How.For != "" {
		return nil, team, forbidden("review.own_name", "A review is closed in one's own name, not for somebody else.")
	}
	if err := f.MayCloseReview(r); err != nil {
		return nil, team, err
	}
	if how.VersionID != r.VersionID || how.Digest != r.Digest {
		return nil, team, changed()
	}
	finding := &how.How.Comment
	*finding = tidy(*finding)
	var p problems
	p.text("reason", *finding, MaxText)
	switch {
	case !has(Outcomes, how.Outcome):
		p.add("decision", "Choose how the review ends.")
	case how.Outcome != ReviewKeep && *finding == "":
		p.add("reason", "Enter a reason; the people concerned will read it.")
	}
	if how.How.TeamID == "" && len(f.By.Teams) == 1 {
		how.How.TeamID = f.By.Teams[0].ID
	}
	for _, t := range f.By.Teams {
		if t.ID == how.How.TeamID {
			team = t
		}
	}
	if team.ID == "" {
		p.add("team", "Choose the team for which you close it.")
	}
	if err := p.err(); err != nil {
		return nil, team, err
	}
	if how.Outcome == ReviewRevoke {
		return r, team, nil
	}
	if err := f.MayGoOn(r, how.Outcome); err != nil {
		return nil, team, err
	}
	if how.Outcome == ReviewKeep && !f.Force.NeedsPasskey() && f.askOf(f.Force).FreshSignIn && !f.Fresh() {
		return nil, team, Refusal(Stale, "sign.fresh", "Keeping it asks for a fresh sign-in: within the last %d minutes. Sign in again, and you come back to this page.", FreshFor/Minute)
	}
	return r, team, nil
}

// keepApproval is what the actor's passkey is to sign to keep what was reviewed.
func (f CapabilityFacts) keepApproval(s Shown, how Signing) (Approval, error) {
	how2 := Closing{Shown: s, Outcome: ReviewKeep, How: how}
	r, team, err := f.closing(how.Review, &how2)
	if err != nil {
		return Approval{}, err
	}
	return f.kept(r, team, how2.How), nil
}

func (f CapabilityFacts) kept(r *ReviewFile, team Team, how Signing) Approval {
	me, v := f.By.Person.ID, f.Force.Version
	return Approval{Format: "countersign/approval/1", Decision: DecisionKeep, CapabilityID: f.Capability.ID, VersionID: v.ID, Digest: v.Digest,
		Round: v.Round, Tier: v.Tier, SignerID: me, PrincipalID: me, TeamID: team.ID, Reason: how.Comment, Review: r.ID}
}

// CloseReview ends a review: an approver does who is none of its makers; whoever signed
// it may. Kept, it gets a new mandate by the same sign-offs, with the next review from
// now on. Narrowed, it goes on no longer than it would have: its provisioner is asked
// for less, and a draft is there for it. Revoked, it ends at once. Whatever held it for
// want of the review is lifted.
func (f CapabilityFacts) CloseReview(id string, how Closing) (Change, error) {
	r, team, err := f.closing(id, &how)
	if err != nil {
		return Change{}, err
	}
	v, me, side, finding := f.Force, f.By.Person.ID, Checker, how.How.Comment
	c := f.capabilityChange("review.closed", r.ID)
	c.note("version", v.Version.No)
	c.note("digest", v.Version.Digest)
	c.note("decision", how.Outcome)
	c.note("team", team.Name)
	c.note("kind", r.Kind)
	if finding != "" {
		c.note("reason", finding)
	}
	v.stand(c, me, Checker)
	x := r.Review
	x.State, x.Outcome, x.ClosedBy, x.Side, x.TeamID, x.ClosedAt, x.Finding, x.Method = ReviewClosed, how.Outcome, &me, &side, &team.ID, f.Now.Ref(), finding, MethodSession
	if how.Outcome == ReviewKeep {
		if v.NeedsPasskey() {
			s, err := f.signature(c, f.kept(r, team, how.How), how.How)
			if err != nil {
				return Change{}, err
			}
			x.Method, x.SignatureID = MethodPasskey, &s.ID
		} else if f.askOf(v).FreshSignIn {
			x.Method = MethodFresh
		}
	}
	c.note("method", x.Method)
	c.update(&x)
	r.Review = x
	f.done(c, func(d Duty) bool { return d.Detail == r.ID })
	f.liftMissed(c, x, "The review was done.")
	c.outcome = how.Outcome
	switch how.Outcome {
	case ReviewKeep:
		f.keep(c, x)
	case ReviewNarrow:
		f.narrow(c, x)
	case ReviewRevoke:
		f.revoke(c, finding)
	}
	c.notifyOf("review.closed", "capability:"+f.Capability.ID, x.ID, map[string]string{"detail": WordsOf(OutcomesSaid, how.Outcome) + "."})
	return *c, nil
}

// SignedBy says whether a passkey's signature is on just this review and its finding.
func (r Review) SignedBy(s Signature) bool {
	says := parseBody[Approval](s.Document)
	return s.Decision == DecisionKeep && r.ClosedBy != nil && s.PersonID == *r.ClosedBy && s.VersionID == r.VersionID && s.Digest == r.Digest &&
		says.Decision == DecisionKeep && says.Review == r.ID && says.Reason == r.Finding
}

// keep renews the mandate. A small review renews nothing: the periodic one is due when it was.
func (f CapabilityFacts) keep(c *Change, r Review) {
	if r.Kind != ReviewPeriodic {
		return
	}
	f.endMandate(c, "renewed")
	f.Mandate = nil // so that the next review is counted from now on
	f.mandate(c, f.Force)
	c.notify("mandate.renewed", "capability:"+f.Capability.ID, r.ID)
}

// narrow asks the provisioner for less. The approver stays no author: the draft is a
// copy of what is in force, and others change it.
func (f CapabilityFacts) narrow(c *Change, r Review) {
	if f.Open == nil {
		next := f.copyVersion(c, f.Force)
		c.note("draft", next.Version.ID)
	}
	who, held := f.Force.Holder(Provisioner)
	if !held || f.gone(who) {
		who = f.steward()
	}
	asked := slices.ContainsFunc(f.Duties, func(d Duty) bool { return d.ClosedAt == nil && d.Kind == DutyNarrow && d.Holder == who })
	if who == "" || asked {
		return
	}
	due := f.Now + dutyDue[DutyNarrow]
	if until := f.Mandate.UntilAt; until > f.Now {
		due = min(due, until)
	}
	c.oweBy(DutyNarrow, r.VersionID, f.Capability.AgentID, f.Capability.ID, who, "", r.ID, f.Now, due)
}
