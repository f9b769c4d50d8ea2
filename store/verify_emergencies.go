package store

import "countersign/models"

// emergencies checks that what ran under break glass keeps the rules, and that the
// path is on by the word of two people. There are few: each is looked up by itself.
func (v *verification) emergencies() error {
	human, err := v.humans()
	if err != nil {
		return err
	}
	on, err := find[models.EmergencySwitch](v.tx, "state = ?", models.SwitchOn)
	if err != nil {
		return err
	}
	if on != nil && (on.ConfirmedBy == nil || human(on.ProposedBy) == human(*on.ConfirmedBy)) {
		return misfit(on.TableName(), on.ID, 0, "The emergency path was switched on by one person, %s.", on.ProposedBy)
	}
	after := ""
	for {
		some, err := all[models.Emergency](v.tx.Limit(followBatch), "id", "id > ?", after)
		if err != nil {
			return err
		}
		for _, e := range some {
			after = e.ID
			f, err := v.emergencyFacts(e)
			if err != nil {
				return err
			}
			f.Human = human
			if says := f.Misfit(); says != "" {
				return misfit(e.TableName(), e.ID, 0, "The emergency %s of the capability %s does not keep the rules: %s", e.ID, e.CapabilityID, says)
			}
		}
		if len(some) < followBatch {
			return nil
		}
	}
}

func (v *verification) emergencyFacts(e models.Emergency) (f models.EmergencyFacts, err error) {
	f = models.EmergencyFacts{Emergency: e, Standings: map[string]string{}}
	x, err := find[models.Version](v.tx, "id = ?", e.VersionID)
	if err != nil {
		return f, err
	}
	if x != nil {
		f.Version = *x
	}
	on, err := find[models.EmergencySwitch](v.tx, "id = ?", e.SwitchID)
	if err != nil {
		return f, err
	}
	if on != nil {
		f.Switch = *on
	}
	if e.SignatureID != nil {
		if f.Signature, err = find[models.Signature](v.tx, "id = ?", *e.SignatureID); err != nil {
			return f, err
		}
	}
	people := []string{e.ApproverID}
	if e.ReviewerID != nil {
		people = append(people, *e.ReviewerID)
	}
	if f.Grants, err = all[models.Grant](v.tx, "id", "role = ? AND person_id IN ?", models.Approver, people); err != nil {
		return f, err
	}
	standings, err := all[models.Standing](v.tx, "person_id", "version_id = ?", e.VersionID)
	for _, s := range standings {
		f.Standings[s.PersonID] = s.Side
	}
	return f, err
}
