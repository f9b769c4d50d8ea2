package models

// OweRenewal asks the owner to renew what ends with its last day, once a mandate. The
// clock does, RenewBefore before that day; where what is in force is another by now,
// where the owner is asked already, or where it is renewed by a review all the same,
// it refuses with renew.nothing.
func (f CapabilityFacts) OweRenewal(mandateID string) (Change, error) {
	if !f.bySystem() {
		return Change{}, forbidden("renew.clock", "Only the clock asks for a renewal.")
	}
	m := f.Mandate
	if m == nil || m.ID != mandateID || m.UntilAt >= m.ReviewDueAt {
		return Change{}, conflict("renew.nothing", "There is nothing to renew.")
	}
	if f.Now < m.UntilAt-RenewBefore {
		return Change{}, conflict("renew.early", "It is not time to renew it yet.")
	}
	asked := func(d Duty) bool { return d.Kind == DutyRenew && d.Subject == m.VersionID && d.ClosedAt == nil }
	c := f.capabilityChange("renewal.wanted", m.VersionID)
	for _, d := range f.Duties {
		if asked(d) && d.Holder == m.OwnerID {
			return Change{}, conflict("renew.nothing", "The owner is asked already.")
		}
	}
	f.done(c, asked) // of an owner who was succeeded
	c.note("last_day", m.UntilAt.String())
	// After a long stop there is a day left all the same to say what becomes of it. The part
	// of a second tells two mandates apart, where an owner comes back.
	due := max(m.UntilAt, f.Now+Day) + m.FromAt%Second
	c.oweBy(DutyRenew, m.VersionID, f.Capability.AgentID, f.Capability.ID, m.OwnerID, "", "", f.Now, due)
	return *c, nil
}

// ApprovedNext is when the clock has something to do about an approved version: its
// first day, while that is to come, else when its approval lapses.
func (f CapabilityFacts) ApprovedNext(versionID string) Instant {
	v := f.Open
	if v == nil || v.Version.ID != versionID || v.Version.State != Approved || v.Version.ApprovedAt == nil {
		return -1
	}
	lapse := *v.Version.ApprovedAt + LapseAfter
	if start := v.Contents().Task.Starts(); start > f.Now {
		return min(start, lapse)
	}
	return lapse
}

// GoLiveOrLapse is what the clock does about an approved version: it puts it in force
// once nothing is in the way, and ends it LapseAfter its approval. Where there is
// nothing to do yet it refuses with live.not_yet.
func (f CapabilityFacts) GoLiveOrLapse(versionID string) (Change, error) {
	err := f.MayGoLive(versionID)
	switch at := f.Open; {
	case err == nil:
		return f.GoLive(versionID)
	case RuleOf(err) == "live.not_yet" && f.Now >= *at.Version.ApprovedAt+LapseAfter:
		return f.Lapse(versionID)
	}
	return Change{}, err
}
