package models

// MissedReview is a review that nobody does and that is recorded nowhere: what a dry run
// of an escalation path is made with. every is how far apart reviews are.
func MissedReview(capability Capability, version, person string, due, every Instant) Duty {
	return Duty{ID: "dry_run", Kind: DutyReview, Subject: version, AgentID: capability.AgentID, CapabilityID: capability.ID,
		PersonID: &person, Holder: person, OpenedAt: due - Lead(every), DueAt: due}
}

// NextReview is when the next review of a version is due, as of now; how far apart they
// are; and when its silence stops the agent, should it be due at the moment that is
// asked for (0: when it is).
func (f CapabilityFacts) NextReview(v VersionFile, asked Instant) (due, every, stops Instant) {
	ask := v.Version.Doc().Ask
	if v.Version.Digest == "" {
		ask = f.Preview(v).Ask
	}
	every = Instant(ask.ReviewDays) * Day
	due = f.Now + every
	if f.Mandate != nil && f.Mandate.VersionID == v.Version.ID {
		due, every = f.Mandate.ReviewDueAt, f.Mandate.ReviewDueAt-f.Mandate.FromAt
	}
	if asked != 0 {
		due = asked
	}
	stops = due + Instant(ask.GraceDays)*Day
	if end := v.Contents().Task.Ends(); end != 0 {
		stops = min(stops, end)
	}
	return due, every, stops
}

// PathIsOf says whose path it is that PathFor gives: of the plan, of a team, or the
// standard one (both empty).
func PathIsOf(plan Path, teams []Team) (own bool, team Team) {
	if len(plan) > 0 {
		return true, Team{}
	}
	for _, t := range byName(teams) {
		if len(t.PathOf()) > 0 {
			return false, t
		}
	}
	return false, Team{}
}
