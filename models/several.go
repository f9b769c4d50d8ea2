package models

// Several at once, where that is honest: only versions of low risk whose contents
// did not change since the last approval, at most ten, under one written reason,
// each listed before it is signed. It is the same sign-off as one by one, with
// every rule of it, and each has its own entry in the ledger.

// MostTogether is how many versions are signed off in one act.
const MostTogether = 10

// MaySignTogether says why the person cannot sign the version off together with
// others, or nil. approved is the newest version of the capability that was ever
// in force, nil for none; restart says that a restart of the version is asked for.
func MaySignTogether(p Party, v VersionFile, approved *Version, restart bool) error {
	if err := MaySign(p, v); err != nil {
		return err
	}
	ask := v.Version.Doc().Ask
	switch {
	case v.Version.Tier != Low:
		return forbidden("several.tier", "It is of tier %s: only versions of tier low are signed together.", v.Version.Tier)
	case v.NeedsPasskey():
		return forbidden("several.passkey", "It takes a passkey, which signs one version at a time.")
	case ask.FreshSignIn:
		return forbidden("several.fresh", "It takes a fresh sign-in of its own.")
	case v.Version.State == Live && restart && v.Version.Round > 1:
		return nil // the same digest as was signed before
	case v.Version.State != InReview:
		return conflict("version.changed", "It is %s and does not wait for a sign-off.", v.Version.State.Words())
	case approved == nil || approved.ID == v.Version.ID:
		return forbidden("several.first", "Nothing of it was ever approved before.")
	}
	if moved := Moved(approved.Doc(), v.Version.Doc(), "no"); len(moved) > 0 {
		return forbidden("several.changed", "It changed since version %d was approved: %s.", approved.No, joined(moved))
	}
	return nil
}

func joined(words []string) string {
	out := ""
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			out += " and "
		default:
			out += ", "
		}
		out += w
	}
	return out
}

// CheckTogether is what is wrong with a choice of versions to sign off together,
// before each of them is looked at.
func CheckTogether(versions []string) error {
	var p problems
	seen := map[string]bool{}
	for _, id := range versions {
		if seen[id] {
			p.add("version", "One version is chosen twice. Choose each once.")
			break
		}
		seen[id] = true
	}
	switch n := len(versions); {
	case n == 0:
		p.add("version", "Choose at least one version.")
	case n > MostTogether:
		p.add("version", "Choose at most %d versions; you chose %d. The others stay on this list.", MostTogether, n)
	}
	return p.err()
}

// CheckTogetherReason is what is wrong with the one reason for all of them.
func CheckTogetherReason(reason string) error { return needReason(&reason) }

// SignTogether is SignOff of one of several versions that are signed off in one
// act: the reason is needed, and of says how many they are.
func (f CapabilityFacts) SignTogether(s Shown, how Signing, approved *Version, of int) (Change, error) {
	v, err := f.reviewed(s)
	if err != nil {
		return Change{}, err
	}
	if how.For != "" {
		return Change{}, forbidden("several.for", "Several are signed off in your own name only.")
	}
	if err := needReason(&how.Comment); err != nil {
		return Change{}, err
	}
	restart := f.Restart != nil && f.Restart.VersionID == v.Version.ID
	if err := MaySignTogether(f.By, *v, approved, restart); err != nil {
		return Change{}, err
	}
	c, err := f.SignOff(s, how)
	if err != nil {
		return Change{}, err
	}
	c.note("together", of)
	return c, nil
}
