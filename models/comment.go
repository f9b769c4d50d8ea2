package models

import "slices"

// CommentFacts are the facts for a comment on a version, whatever its state:
// f.Asked is the version.
type CommentFacts struct {
	CapabilityFacts
	Answered *Comment // the comment that is answered, nil for none
	Spoke    []string // who commented on the version before
}

// MayComment says why the person cannot comment on the version, or nil: its
// people, and approvers who could decide or have decided, while it is on its way
// or a restart of it is asked for; of a version that was sent back, its makers.
// Auditors and administrators read. A comment gives nobody a side.
func (f CapabilityFacts) MayComment(v VersionFile) error {
	maker := v.makes(f.By.Person.ID)
	checker := v.Standings[f.By.Person.ID] == Checker || MayCheck(f.By, v) == nil
	switch s := v.Version.State; {
	case s == Proposed || s == InReview || s == Approved, s == Live && f.Restart != nil && f.Restart.VersionID == v.Version.ID:
		if !maker && !checker {
			return forbidden("comment.people", "Only the people of this version, and approvers who could decide on it, can comment on it.")
		}
	case s == ChangesRequested:
		if !maker {
			return forbidden("comment.makers", "This version was sent back: only those who made it can still comment on it.")
		}
	default:
		return conflict("comment.closed", "This version is %s, so nobody comments on it any more.", s.Words())
	}
	return nil
}

// makes says whether the person had a hand in the version or is named for one of
// the makers' roles.
func (v VersionFile) makes(person string) bool {
	if v.Standings[person] == Maker || slices.ContainsFunc(v.Contributions, func(c Contribution) bool { return c.PersonID == person }) {
		return true
	}
	return slices.ContainsFunc(v.Nominations, func(n Nomination) bool {
		return n.PersonID == person && (n.State == NominationOpen || n.State == NominationAccepted)
	})
}

// Comment records what the actor says of a part of the version, or in answer to a
// comment on it. The makers hear of it, and those who spoke before.
func (f CommentFacts) Comment(part, text string) (Change, error) {
	v := f.Asked
	if err := f.MayComment(*v); err != nil {
		return Change{}, err
	}
	var p problems
	text = tidy(text)
	p.needText("text", text, MaxText, "what you want to say")
	var answers *string
	if a := f.Answered; a != nil {
		if a.VersionID != v.Version.ID || a.Answers != nil {
			return Change{}, Refusal(Invalid, "comment.answer", "This comment cannot be answered: it is on another version, or an answer itself.")
		}
		part, answers = a.Part, &a.ID
	} else {
		p.choice("part", part, CommentParts, "what your comment is on")
	}
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.capabilityChange("comment.added", "")
	c.subject = c.id("cmt")
	c.note("version", v.Version.No)
	c.note("part", part)
	if answers != nil {
		c.note("answers", *answers)
	}
	c.insert(&Comment{ID: c.subject, VersionID: v.Version.ID, CapabilityID: f.Capability.ID, Part: part, PersonID: f.By.Person.ID,
		Text: text, Answers: answers, CreatedAt: f.Now})
	for _, who := range f.hear() {
		c.notify("comment.added", who, c.subject)
	}
	return *c, nil
}

// hear are the version's makers and those who commented on it, but for the actor.
func (f CommentFacts) hear() []string {
	out := slices.Clone(f.Spoke)
	for _, c := range f.Asked.Contributions {
		out = append(out, c.PersonID)
	}
	for _, n := range f.Asked.Nominations {
		if n.State == NominationOpen || n.State == NominationAccepted {
			out = append(out, n.PersonID)
		}
	}
	slices.Sort(out)
	me := f.By.Person.ID
	return slices.DeleteFunc(slices.Compact(out), func(id string) bool { return id == me || id == "" })
}
