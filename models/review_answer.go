package models

import (
	"slices"
	"time"
)

// ReviewSaid is what one of the three answers, as a form has it.
type ReviewSaid struct {
	Role  Role
	About string // digest of what the form showed that it is about

	Answer   string   // right, change; of a control owner whether monitoring works
	Note     string   // needed where something is to change
	Unneeded []string // of a provisioner: operations that it can do without
	Stopped  string   // of a control owner: the day on which stopping was last exercised; "" for never
	Never    bool     // of a control owner: it never was
}

// ReviewBody is what an answer says beside yes and no: the body of a ReviewAnswer.
type ReviewBody struct {
	Unneeded  []string `json:"unneeded,omitempty"`   // operations, by id
	StoppedOn string   `json:"stopped_on,omitempty"` // a day, such as "2026-11-02"
	Never     bool     `json:"never,omitempty"`      // stopping was never exercised
}

// Parsed is the body.
func (a ReviewAnswer) Parsed() ReviewBody { return parseBody[ReviewBody](a.Body) }

// AboutDigest is what a form names to say what it showed.
func (r Review) AboutDigest() string { return Digest(r.About) }

// RolesIn are the roles of what is in force that the person holds.
func (f CapabilityFacts) RolesIn(person string) []Role {
	var out []Role
	for _, role := range MakerRoles {
		if who, held := f.Force.Holder(role); held && who == person {
			out = append(out, role)
		}
	}
	return out
}

// MayAnswerReview says why the actor cannot answer the review for the role, or nil.
func (f CapabilityFacts) MayAnswerReview(r *ReviewFile, role Role) error {
	switch {
	case r == nil:
		return notFound("review")
	case r.State != ReviewOpen || f.Force == nil || f.Force.Version.ID != r.VersionID:
		return conflict("review.over", "This review is over. Nothing was recorded.")
	case !slices.Contains(f.RolesIn(f.By.Person.ID), role):
		return forbidden("review.role", "Only the %s of what is in force answers this.", role.Words())
	}
	if a, said := r.Answer(role); said {
		return conflict("review.answered", "%s has answered this already, and an answer is not taken back.", f.name(a.PersonID))
	}
	return nil
}

// AnswerReview records what one of the three says. The last answer asks the approvers
// to close it.
func (f CapabilityFacts) AnswerReview(id string, said ReviewSaid) (Change, error) {
	r := f.ReviewOf(id)
	if err := f.MayAnswerReview(r, said.Role); err != nil {
		return Change{}, err
	}
	if said.About != r.AboutDigest() {
		return Change{}, conflict("review.changed", "Something more changed since you opened this. Nothing was recorded; look at the list again, and answer then.")
	}
	body, err := f.checkAnswer(&said)
	if err != nil {
		return Change{}, err
	}
	me := f.By.Person.ID
	c := f.capabilityChange("review.answered", r.ID)
	c.note("role", string(said.Role))
	c.note("answer", said.Answer)
	c.note("version", f.Force.Version.No)
	if said.Note != "" {
		c.note("reason", said.Note)
	}
	a := ReviewAnswer{ReviewID: r.ID, Role: said.Role, VersionID: r.VersionID, Digest: r.Digest, PersonID: me, Answer: said.Answer, Note: said.Note, Body: canonical(body), AnsweredAt: f.Now}
	c.insert(&a)
	r.Answers = append(r.Answers, a)
	missing := r.Missing()
	if !slices.ContainsFunc(f.RolesIn(me), func(role Role) bool { return slices.Contains(missing, role) }) {
		f.done(c, func(d Duty) bool { return d.Kind == DutyReview && d.Detail == r.ID && d.Holder == me })
	}
	if len(missing) == 0 {
		c.oweBy(DutyCloseReview, r.VersionID, f.Capability.AgentID, f.Capability.ID, "", PoolApprover, r.ID, f.Now, max(r.DueAt, f.Now))
		c.outcome = "answered"
	}
	return *c, nil
}

func (f CapabilityFacts) checkAnswer(said *ReviewSaid) (ReviewBody, error) {
	var p problems
	var body ReviewBody
	said.Note = tidy(said.Note)
	p.text("note", said.Note, MaxText)
	switch said.Answer {
	case AnswerRight:
	case AnswerChange:
		if said.Note == "" {
			p.add("note", "Enter what should change, so that whoever closes the review can decide.")
		}
	default:
		p.add("answer", "Choose one of the two.")
	}
	switch said.Role {
	case Provisioner:
		granted := map[string]bool{}
		for _, g := range f.Force.Contents().Scope.Grants {
			granted[g.OperationID] = true
		}
		for _, op := range said.Unneeded {
			if !granted[op] {
				p.add("unneeded", "An operation that was chosen is not in the scope any more. Choose again.")
				break
			}
		}
		if len(said.Unneeded) > 0 && said.Answer == AnswerRight {
			p.add("answer", "You say that it needs less than it has. Choose that it should change, or leave all operations as they are.")
		}
		body.Unneeded = slices.Compact(slices.Sorted(slices.Values(said.Unneeded)))
	case ControlOwner:
		day, ok := p.date("stopped", said.Stopped)
		switch {
		case !ok:
		case said.Never && said.Stopped != "":
			p.add("stopped", "Enter the day, or say that it never was; not both.")
		case !said.Never && said.Stopped == "":
			p.add("stopped", "Enter the day on which stopping was last exercised, or say that it never was.")
		case said.Stopped != "" && At(day) > f.Now+Day: // it may be tomorrow already where they are
			p.add("stopped", "Enter a day that is not in the future.")
		case said.Stopped != "" && day.Before(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)):
			p.add("stopped", "Enter the year with four digits.")
		}
		body.StoppedOn, body.Never = said.Stopped, said.Never
	}
	return body, p.err()
}

// reviewMoves asks the successor in a role what the former holder has not answered.
func (f CapabilityFacts) reviewMoves(c *Change, role Role, successor string) {
	for i := range f.Reviews {
		r := &f.Reviews[i]
		if r.State != ReviewOpen || r.VersionID != f.Force.Version.ID {
			continue
		}
		missing := r.Missing()
		// Whoever holds nothing any more that is still to be answered owes nothing.
		f.done(c, func(d Duty) bool {
			return d.Kind == DutyReview && d.Detail == r.ID && !slices.ContainsFunc(f.RolesIn(d.Holder), func(x Role) bool { return slices.Contains(missing, x) })
		})
		owes := slices.ContainsFunc(f.Duties, func(d Duty) bool {
			return d.ClosedAt == nil && d.Kind == DutyReview && d.Detail == r.ID && d.Holder == successor
		})
		if slices.Contains(missing, role) && !owes {
			// Somebody may hold a role twice, and no two duties of one kind are due at one moment.
			due := max(r.DueAt, f.Now) + Instant(len(f.Force.Nominations))
			c.oweBy(DutyReview, r.VersionID, f.Capability.AgentID, f.Capability.ID, successor, "", r.ID, f.Now, due)
		}
	}
}
