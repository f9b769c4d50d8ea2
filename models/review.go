package models

import "slices"

// Recurring reviews: what is in force is looked at again at the cadence of its tier, by
// the three who answer for it, and an approver closes it. What changed meanwhile is
// looked at in a small review of just that.
//
//	review.clock     the clock opens reviews, and holds what was not reviewed in time
//	review.role      each of the three answers for their own role, once
//	review.answers   it is kept or narrowed when the three have answered; revoked at any time
//	review.round     what waits for sign-offs is signed before it is kept
//	separation.approver  a maker never closes the review of their own work

// ReviewFile is a review with what was answered.
type ReviewFile struct {
	Review
	Answers []ReviewAnswer
}

// Answer is what the role said, and whether it has.
func (r ReviewFile) Answer(role Role) (ReviewAnswer, bool) {
	at := slices.IndexFunc(r.Answers, func(a ReviewAnswer) bool { return a.Role == role })
	if at < 0 {
		return ReviewAnswer{}, false
	}
	return r.Answers[at], true
}

// Missing are the roles that have not answered yet.
func (r ReviewFile) Missing() []Role {
	return slices.DeleteFunc(slices.Clone(MakerRoles), func(role Role) bool { _, said := r.Answer(role); return said })
}

// Changes are what a small review is about; none of a periodic one.
func (r Review) Changes() []Changed { return parseBody[[]Changed](r.About) }

// Missed says that a hold is due for it.
func (r Review) Missed(now Instant) bool { return r.State == ReviewOpen && r.HoldAt <= now }

// ReviewOf is the review among the facts, nil for none.
func (f CapabilityFacts) ReviewOf(id string) *ReviewFile {
	for i := range f.Reviews {
		if f.Reviews[i].ID == id {
			return &f.Reviews[i]
		}
	}
	return nil
}

// openReview is the open one of a kind, nil for none.
func (f CapabilityFacts) openReview(kind string) *ReviewFile {
	for i := range f.Reviews {
		if r := &f.Reviews[i]; r.State == ReviewOpen && r.Kind == kind {
			return r
		}
	}
	return nil
}

// ReviewDue is a mandate whose review is due to be opened, with the little that
// opening it takes.
type ReviewDue struct {
	Mandate   Mandate
	AgentID   string
	VersionNo int
	Holders   map[Role]string // who accepted the roles, last, and is still here
	Open      bool            // its review is open already
}

// From is when the review of the mandate is opened.
func (d ReviewDue) From() Instant {
	return d.Mandate.ReviewDueAt - Lead(d.Mandate.ReviewDueAt-d.Mandate.FromAt)
}

// Waits says that there is nothing to open: it is open already, the mandate ended, it
// ends for good before its review is due, or it is too early.
func (d ReviewDue) Waits(now Instant) bool {
	m := d.Mandate
	return d.Open || m.EndedAt != nil || m.UntilAt < m.ReviewDueAt || now < d.From()
}

// ReviewsFacts are several mandates whose reviews may be due.
type ReviewsFacts struct {
	Env
	Due []ReviewDue
}

// OpenReviews opens the reviews that are due, all of them in one act. The clock does.
func (f ReviewsFacts) OpenReviews() (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("review.clock", "Only the clock opens reviews.")
	}
	c := f.change("reviews.opened", "")
	type asked struct {
		r   *Review
		due ReviewDue
	}
	var opened []asked
	for _, d := range f.Due {
		if d.Waits(f.Now) {
			continue
		}
		m := d.Mandate
		r := &Review{ID: c.id("rvw"), CapabilityID: m.CapabilityID, VersionID: m.VersionID, Digest: m.Digest, MandateID: m.ID, Kind: ReviewPeriodic, About: "[]",
			OpenedAt: f.Now, DueAt: max(m.ReviewDueAt, f.Now), HoldAt: max(m.UntilAt, m.ReviewDueAt, f.Now), State: ReviewOpen}
		c.subject = r.ID
		c.touch(TouchCapability, m.CapabilityID)
		c.touch(TouchAgent, d.AgentID)
		c.insert(r)
		opened = append(opened, asked{r, d})
	}
	for _, o := range opened { // after all of them, since rows of one table are written together
		askReviewers(c, *o.r, o.due.AgentID, o.due.Holders, f.Now)
	}
	if len(opened) == 0 {
		return Change{}, conflict("review.early", "No review is due here.")
	}
	c.note("reviews", len(opened))
	return *c, nil
}

// askReviewers owes each of the three one answer, whatever they hold.
func askReviewers(c *Change, r Review, agent string, holders map[Role]string, now Instant) {
	asked := []string{""}
	for _, role := range MakerRoles {
		if who := holders[role]; !slices.Contains(asked, who) {
			asked = append(asked, who)
			c.oweBy(DutyReview, r.VersionID, agent, r.CapabilityID, who, "", r.ID, now, r.DueAt)
		}
	}
}

// here are who holds the roles of what is in force, and is still here.
func (f CapabilityFacts) here() map[Role]string {
	out := map[Role]string{}
	for _, role := range MakerRoles {
		if who, held := f.Force.Holder(role); held && !f.gone(who) {
			out[role] = who
		}
	}
	return out
}

// MissReview holds what was not reviewed in time. The clock does, when the review's
// last moment is reached; again changes nothing.
func (f CapabilityFacts) MissReview(id string) (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("review.clock", "Only the clock says that a review was missed.")
	}
	r := f.ReviewOf(id)
	switch {
	case r == nil || r.State != ReviewOpen:
		return Change{}, conflict("review.over", "This review is over.")
	case f.Now < r.HoldAt:
		return Change{}, conflict("review.early", "There is still time for this review.")
	}
	c := f.capabilityChange("review.missed", r.ID)
	if f.Mandate == nil || f.Mandate.VersionID != r.VersionID {
		c.act = "review.moot"
		f.mootReview(c, r)
		f.liftMissed(c, r.Review, reviewMoot)
		return *c, nil
	}
	if f.heldFor(HoldMissedReview) {
		return Change{}, conflict("review.held", "A review that was missed holds it already.")
	}
	f.hold(c, OnCapability, f.Capability.ID, HoldMissedReview, "The review that was due on "+r.DueAt.Time().Format("2 January 2006")+" is still open.")
	c.note("version", f.Force.Version.No)
	c.outcome = "held"
	c.notify("review.missed", "capability:"+f.Capability.ID, r.ID)
	return *c, nil
}

// heldFor says that a hold of the kind stands on the capability itself.
func (f CapabilityFacts) heldFor(kind string) bool {
	return slices.ContainsFunc(f.Holds, func(h Hold) bool {
		return h.LiftedAt == nil && h.Kind == kind && h.TargetKind == OnCapability && h.TargetID == f.Capability.ID
	})
}

// reviewMoot is why a hold ends that stood for want of a review of what has ended.
const reviewMoot = "What was to be reviewed is not in force any more."

// liftMissed lifts what holds it for want of a review, unless another one is missed.
func (f CapabilityFacts) liftMissed(c *Change, done Review, cause string) {
	for _, r := range f.Reviews {
		if r.ID != done.ID && r.Missed(f.Now) {
			return
		}
	}
	by := f.Act.Person
	for i := range f.Holds {
		if h := &f.Holds[i]; h.LiftedAt == nil && h.Kind == HoldMissedReview && h.TargetKind == OnCapability && h.TargetID == f.Capability.ID {
			h.LiftedBy, h.LiftedAt, h.LiftCause = &by, f.Now.Ref(), cause
			c.update(h)
		}
	}
}

// mootReviews ends the open reviews of a version that is not in force any more. What
// they hold is lifted with them: it held that version for want of a review.
func (f CapabilityFacts) mootReviews(c *Change, versionID string) {
	for i := range f.Reviews {
		if r := &f.Reviews[i]; r.VersionID == versionID && r.State == ReviewOpen {
			f.mootReview(c, r)
			f.liftMissed(c, r.Review, reviewMoot)
		}
	}
}

func (f CapabilityFacts) mootReview(c *Change, r *ReviewFile) {
	r.State, r.ClosedAt = ReviewMoot, f.Now.Ref()
	row := r.Review
	c.update(&row)
	r.Review = row
	f.done(c, func(d Duty) bool { return d.Detail == r.ID })
}

// outlivesRound says that a duty about what is in force stays owed when a round of
// sign-offs of the same version is complete.
func outlivesRound(d Duty) bool {
	return d.Kind == DutyReview || d.Kind == DutyCloseReview || d.Kind == DutyNarrow || d.Kind == DutyRenew || d.Kind == DutyDrill
}
