package store

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

// What follows from the rows: documents, mandates, the derived tables, references.

// followBatch bounds what is in memory of documents, which may be a megabyte each.
const followBatch = 50

// documents checks that what was signed has its digest, and that it is what its
// parts say.
func (v *verification) documents() error {
	after := ""
	for {
		revisions, err := all[models.AgentRevision](v.tx.Limit(followBatch), "id", "id > ?", after)
		if err != nil {
			return err
		}
		for _, r := range revisions {
			after = r.ID
			if models.Digest(r.Document) != r.Digest {
				return misfit(r.TableName(), r.ID, 0, "The agent revision %s does not have the digest of its contents.", r.ID)
			}
		}
		if len(revisions) < followBatch {
			break
		}
	}
	after = ""
	for {
		versions, err := all[models.Version](v.tx.Limit(followBatch), "id", "id > ?", after)
		if err != nil {
			return err
		}
		ids := []string{""}
		for _, x := range versions {
			ids = append(ids, x.ID)
			after = x.ID
		}
		parts, err := all[models.VersionPart](v.tx, "version_id, part", "version_id IN ?", ids)
		if err != nil {
			return err
		}
		for _, x := range versions {
			if err := document(x, parts); err != nil {
				return err
			}
		}
		if len(versions) < followBatch {
			return nil
		}
	}
}

func document(x models.Version, parts []models.VersionPart) error {
	if x.Digest == "" {
		return nil // a draft, or one given up as a draft
	}
	if models.Digest(x.Document) != x.Digest {
		return misfit(x.TableName(), x.ID, 0, "The version %s does not have the digest of its document.", x.ID)
	}
	file := models.VersionFile{Version: x, Parts: map[models.Part]models.VersionPart{}}
	for _, p := range parts {
		if p.VersionID == x.ID {
			file.Parts[p.Part] = p
		}
	}
	doc, body := x.Doc(), file.Contents()
	for part, pair := range map[models.Part][2]any{models.TaskPart: {doc.Task, body.Task}, models.ScopePart: {doc.Scope, body.Scope}, models.OversightPart: {doc.Oversight, body.Oversight}} {
		signed, err1 := models.Canonical(pair[0])
		written, err2 := models.Canonical(pair[1])
		if err1 != nil || err2 != nil || signed != written {
			return misfit(file.Parts[part].TableName(), file.Parts[part].Key(), 0, "The part %s of the version %s is not what its document says.", part, x.ID)
		}
	}
	return nil
}

// mandates checks that what is in force keeps the rules.
func (v *verification) mandates() error {
	human, err := v.humans()
	if err != nil {
		return err
	}
	after := ""
	for {
		open, err := all[models.Mandate](v.tx.Limit(followBatch), "id", "ended_at IS NULL AND id > ?", after)
		if err != nil {
			return err
		}
		facts, err := v.mandateFacts(open)
		if err != nil {
			return err
		}
		for _, f := range facts {
			after = f.Mandate.ID
			f.Human = human
			if says := f.Misfit(); says != "" {
				return misfit(f.Mandate.TableName(), f.Mandate.ID, 0, "The mandate %s of the capability %s does not keep the rules: %s", f.Mandate.ID, f.Mandate.CapabilityID, says)
			}
		}
		if len(open) < followBatch {
			return nil
		}
	}
}

// humans follows every merge to its end.
func (v *verification) humans() (func(string) string, error) {
	merged, err := all[models.Person](v.tx, "id", "merged_into IS NOT NULL")
	if err != nil {
		return nil, err
	}
	into := map[string]string{}
	for _, p := range merged {
		into[p.ID] = *p.MergedInto
	}
	return func(id string) string {
		for range len(into) { // a circle would be left, too
			next, ok := into[id]
			if !ok {
				break
			}
			id = next
		}
		return id
	}, nil
}

// mandateFacts loads what mandates stand on, for all of them at once.
func (v *verification) mandateFacts(open []models.Mandate) ([]models.MandateFacts, error) {
	ids, versionIDs, capabilities := set{}, set{}, set{}
	for _, m := range open {
		ids.add(m.ID)
		versionIDs.add(m.VersionID)
		capabilities.add(m.CapabilityID)
	}
	versions, err := byID[models.Version](v.tx, versionIDs.list())
	if err != nil {
		return nil, err
	}
	revisionIDs, ruleIDs := set{}, set{}
	for _, x := range versions {
		if x.AgentRevisionID != nil {
			revisionIDs.add(*x.AgentRevisionID)
		}
		ruleIDs.add(x.TierRulesID)
	}
	revisions, err := byID[models.AgentRevision](v.tx, revisionIDs.list())
	if err != nil {
		return nil, err
	}
	rules, err := byID[models.TierRulesRow](v.tx, ruleIDs.list())
	if err != nil {
		return nil, err
	}
	seats, err := all[models.Seat](v.tx, "mandate_id, seat", "mandate_id IN ?", append(ids.list(), ""))
	if err != nil {
		return nil, err
	}
	signIDs := set{}
	for _, s := range seats {
		signIDs.add(s.SignOffID)
	}
	signs, err := byID[models.SignOff](v.tx, signIDs.list())
	if err != nil {
		return nil, err
	}
	delegationIDs, signers := set{}, set{}
	for _, s := range signs {
		signers.add(s.PrincipalID, s.SignerID)
		if s.DelegationID != nil {
			delegationIDs.add(*s.DelegationID)
		}
	}
	delegations, err := byID[models.Delegation](v.tx, delegationIDs.list())
	if err != nil {
		return nil, err
	}
	recalls, err := all[models.Recall](v.tx, "sign_off_id", "sign_off_id IN ?", append(signIDs.list(), ""))
	if err != nil {
		return nil, err
	}
	recalled := map[string]bool{}
	for _, r := range recalls {
		recalled[r.SignOffID] = true
	}
	grants, err := all[models.Grant](v.tx, "id", "role = ? AND person_id IN ?", models.Approver, append(signers.list(), ""))
	if err != nil {
		return nil, err
	}
	standings, err := all[models.Standing](v.tx, "version_id", "version_id IN ?", append(versionIDs.list(), ""))
	if err != nil {
		return nil, err
	}
	holds, err := all[models.Hold](v.tx, "id", "lifted_at IS NULL AND target_kind = 'capability' AND target_id IN ?", append(capabilities.list(), ""))
	if err != nil {
		return nil, err
	}
	out := make([]models.MandateFacts, 0, len(open))
	for _, m := range open {
		x := versions[m.VersionID]
		f := models.MandateFacts{Mandate: m, Version: x, Rules: rules[x.TierRulesID], SignOffs: signs, Recalled: recalled, Delegations: delegations, Grants: grants,
			Standings: map[string]string{}, Held: slices.ContainsFunc(holds, func(h models.Hold) bool { return h.TargetID == m.CapabilityID })}
		if x.AgentRevisionID != nil {
			f.Revision = revisions[*x.AgentRevisionID]
		}
		for _, s := range seats {
			if s.MandateID == m.ID {
				f.Seats = append(f.Seats, s)
			}
		}
		for _, s := range standings {
			if s.VersionID == m.VersionID {
				f.Standings[s.PersonID] = s.Side
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// derived checks the tables that are kept beside the governance rows for
// reading: each line of the matrix, through whom it is seen, which systems it
// reaches, in which words operations are found, by which addresses agents are known,
// and what waits for whom, derived once more.
func (v *verification) derived() error {
	n, after := int64(0), ""
	for {
		capabilities, err := all[models.Capability](v.tx.Limit(chunk), "id", "id > ?", after)
		if err != nil {
			return err
		}
		for _, c := range capabilities {
			after = c.ID
			if err := v.line(c); err != nil {
				return err
			}
		}
		n += int64(len(capabilities))
		v.say(v.at.Step)
		if len(capabilities) < chunk {
			break
		}
	}
	var lines int64
	if err := v.tx.Raw("SELECT COUNT(*) FROM matrix_rows").Scan(&lines).Error; err != nil {
		return fmt.Errorf("cannot count the matrix: %w", err)
	}
	if lines != n {
		return misfit("matrix_rows", "", 0, "The matrix has %d lines for %d capabilities.", lines, n)
	}
	if err := v.addresses(); err != nil {
		return err
	}
	if err := tallyFollows(v.tx); err != nil {
		return err
	}
	if err := inboxFollows(v.tx); err != nil {
		return err
	}
	if err := loadsFollow(v.tx); err != nil {
		return err
	}
	return v.search()
}

func (v *verification) line(c models.Capability) error {
	f := models.CapabilityFacts{Env: models.Env{Act: models.Act{Person: models.SystemActor}, Now: v.now}, Capability: c}
	a, err := find[models.Agent](v.tx, "id = ?", c.AgentID)
	if err != nil {
		return err
	}
	if a == nil {
		return misfit(c.TableName(), c.ID, 0, "The capability %s is of an agent that is not there.", c.ID)
	}
	f.Agent = *a
	if f.Mandate, err = find[models.Mandate](v.tx, "capability_id = ? AND ended_at IS NULL", c.ID); err != nil {
		return err
	}
	if f.Mandate != nil {
		if f.Seats, err = all[models.Seat](v.tx, "seat", "mandate_id = ?", f.Mandate.ID); err != nil {
			return err
		}
	}
	if err := loadVersions(v.tx, &f); err != nil {
		return err
	}
	if f.Last == nil {
		return misfit(c.TableName(), c.ID, 0, "The capability %s has no version.", c.ID)
	}
	if f.Holds, err = all[models.Hold](v.tx, "placed_at, id", "lifted_at IS NULL AND target_kind = 'capability' AND target_id = ?", c.ID); err != nil {
		return err
	}
	want, audience := f.MatrixRow()
	have, err := find[models.MatrixRow](v.tx, "capability_id = ?", c.ID)
	if err != nil {
		return err
	}
	if have == nil {
		return misfit("matrix_rows", c.ID, 0, "The matrix has no line for the capability %s.", c.ID)
	}
	if differs := differing(want, *have); differs != "" {
		return misfit("matrix_rows", c.ID, 0, "The matrix does not say of the capability %s what the record says: %s.", c.ID, differs)
	}
	seen, err := all[models.Audience](v.tx, "person_id", "capability_id = ?", c.ID)
	if err != nil {
		return err
	}
	if !same(audience, seen, func(x models.Audience) string { return x.PersonID }) {
		return misfit("audience", c.ID, 0, "The capability %s is not shown to those who answer for it, or to others.", c.ID)
	}
	uses, err := all[models.SystemUse](v.tx, "system_id", "capability_id = ?", c.ID)
	if err != nil {
		return err
	}
	if !same(f.SystemUses(), uses, func(x models.SystemUse) string { return x.SystemID }) {
		return misfit("system_uses", c.ID, 0, "The capability %s is not listed with the systems that it reaches.", c.ID)
	}
	return nil
}

// same compares two lists whatever their order.
func same[T any](a, b []T, key func(T) string) bool {
	keys := func(list []T) []string {
		out := make([]string, 0, len(list))
		for _, x := range list {
			out = append(out, key(x))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(keys(a), keys(b))
}

// differing names the columns that differ, with what they should say.
func differing(want, have models.MatrixRow) string {
	var out []string
	for _, c := range []struct {
		name       string
		want, have any
	}{
		{"the agent", want.AgentID, have.AgentID}, {"the agent's name", want.AgentName, have.AgentName}, {"the task", want.Title, have.Title},
		{"the version", want.VersionID, have.VersionID}, {"its number", want.VersionNo, have.VersionNo}, {"the state", want.State, have.State},
		{"the tier", want.TierRank, have.TierRank}, {"the holes", want.Holes, have.Holes}, {"the owner", want.OwnerID, have.OwnerID},
		{"the provisioner", want.ProvisionerID, have.ProvisionerID}, {"the control owner", want.ControlOwnerID, have.ControlOwnerID},
		{"the approvers", want.Approvers, have.Approvers}, {"the mandate", want.MandateID, have.MandateID}, {"the holds", want.Holds, have.Holds},
		{"when it was approved", rfc3339(want.ApprovedAt), rfc3339(have.ApprovedAt)}, {"the next review", rfc3339(want.ReviewDueAt), rfc3339(have.ReviewDueAt)},
		{"until when it is in force", rfc3339(want.UntilAt), rfc3339(have.UntilAt)}, {"the version on its way", want.OpenVersionID, have.OpenVersionID},
		{"its state", want.OpenState, have.OpenState}, {"the sort name", want.SortName, have.SortName}, {"since when it is there", want.CreatedAt, have.CreatedAt},
	} {
		if c.want != c.have {
			out = append(out, fmt.Sprintf("%s should be %q, and is %q", c.name, fmt.Sprint(c.want), fmt.Sprint(c.have)))
		}
	}
	return strings.Join(out, "; ")
}

// references asks SQLite whether everything that is referred to is there: its
// shell has foreign keys off. PostgreSQL keeps its own.
func (v *verification) references() error {
	if v.engine != SQLite {
		return nil
	}
	var broken []struct {
		Table  string
		Rowid  *int64
		Parent string
	}
	if err := v.tx.Raw("PRAGMA foreign_key_check").Scan(&broken).Error; err != nil {
		return fmt.Errorf("cannot check what refers to what: %w", err)
	}
	if len(broken) == 0 {
		return nil
	}
	b, row := broken[0], "?"
	if b.Rowid != nil {
		row = fmt.Sprint(*b.Rowid)
	}
	return misfit(b.Table, row, 0, "The row number %s of %s refers to a row of %s that is not there.", row, b.Table, b.Parent)
}
