package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// SeveralShown is how many versions the page of several at once offers, and
// severalLooked among how many that wait at tier low it looks for them, so that
// the home page costs no more where thousands wait.
const (
	SeveralShown  = 50
	severalLooked = 300
)

// Several is one version that waits for the viewer and may, or may not, be signed
// off together with others.
type Several struct {
	File      *models.VersionFile
	Agent     models.Agent
	Approved  *models.Version // the newest of its capability that was ever in force
	Restart   *models.Restart // asked for, nil for none
	Submitter models.Party
	Why       error // why it cannot be signed together, nil when it can
}

// SeveralCount is how many versions the viewer could sign off together, counted
// to one more than they can in one act.
func (s *Store) SeveralCount(ctx context.Context, viewer models.Party) (n int, err error) {
	if !viewer.Has(models.Approver) {
		return 0, nil
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		ids, err := maybeTogether(tx, viewer, models.MostTogether+1)
		if err != nil || len(ids) == 0 {
			return err
		}
		files, err := inboxFiles(tx, ids)
		if err != nil {
			return err
		}
		list, err := judgedTogether(tx, viewer, ids, files)
		for _, x := range list {
			if x.Why == nil {
				n++
			}
		}
		return err
	})
	return n, err
}

// Several are the versions that the viewer could sign off together, what is due
// first first, at most SeveralShown of them.
func (s *Store) Several(ctx context.Context, viewer models.Party) (out []Several, err error) {
	if !viewer.Has(models.Approver) {
		return nil, nil
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		ids, err := maybeTogether(tx, viewer, SeveralShown)
		if err != nil {
			return err
		}
		list, err := several(tx, viewer, ids)
		for _, x := range list {
			if x.Why == nil {
				out = append(out, x)
			}
		}
		return err
	})
	return out, err
}

// SeveralChosen are the versions of the ids that wait for approvers, in their
// order, each with why it cannot be signed together. Ids of anything that the
// viewer may not see are left out.
func (s *Store) SeveralChosen(ctx context.Context, viewer models.Party, ids []string) (out []Several, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		cond, args := seen(viewer, "v.capability_id")
		var seenIDs []string
		if err := tx.Raw("SELECT v.id FROM versions v WHERE v.id IN ? AND "+cond, append([]any{append(slices.Clone(ids), "")}, args...)...).Scan(&seenIDs).Error; err != nil {
			return fmt.Errorf("cannot look for the versions: %w", err)
		}
		var asked []string
		for _, id := range ids {
			if slices.Contains(seenIDs, id) && !slices.Contains(asked, id) {
				asked = append(asked, id)
			}
		}
		out, err = several(tx, viewer, asked)
		return err
	})
	return out, err
}

// maybeTogether are versions in the approvers' pool of which the tables say that
// they may be the same as what was approved; the rule then says whether they are.
// Of what waits for the viewer at tier low, those that are due first are looked at.
func maybeTogether(tx *gorm.DB, viewer models.Party, most int) (ids []string, err error) {
	err = tx.Raw(`SELECT v.id FROM (SELECT i.duty_id, i.due_at FROM inbox_rows i WHERE i.holder = ? AND i.risk = ? AND i.kind = ?
			AND i.duty_id NOT IN (SELECT b.duty_id FROM inbox_barred b WHERE b.who = ?) ORDER BY i.risk, i.due_at, i.duty_id LIMIT ?) x
		JOIN duties d ON d.id = x.duty_id JOIN versions v ON v.id = d.subject
		WHERE v.tier = ? AND (v.state = 'live' AND v.round > 1 OR v.state = 'in_review' AND EXISTS (SELECT 1 FROM versions b JOIN mandates m ON m.version_id = b.id
				WHERE b.capability_id = v.capability_id AND b.no < v.no AND b.agent_revision_id = v.agent_revision_id AND b.tier_rules_id = v.tier_rules_id AND b.tier = v.tier
					AND NOT EXISTS (SELECT 1 FROM version_parts p JOIN version_parts q ON q.version_id = b.id AND q.part = p.part WHERE p.version_id = v.id AND p.body <> q.body)))
		ORDER BY x.due_at, x.duty_id LIMIT ?`, "pool:"+models.PoolApprover, models.Critical.Rank()-models.Low.Rank(), models.DutySign, viewer.Person.ID, severalLooked, models.Low, most).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for what may be signed together: %w", err)
	}
	return ids, nil
}

// several loads versions with why they cannot be signed together, and what a page says of them.
func several(tx *gorm.DB, viewer models.Party, ids []string) (out []Several, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	files, err := wholeFiles(tx, ids)
	if err != nil {
		return nil, err
	}
	if out, err = judgedTogether(tx, viewer, ids, files); err != nil {
		return nil, err
	}
	people := set{}
	agents := set{}
	for _, x := range out {
		people.add(x.submitter())
		agents.add(x.File.Version.Doc().AgentID)
	}
	who, err := parties(tx, people.list())
	if err != nil {
		return nil, err
	}
	of, err := byID[models.Agent](tx, agents.list())
	if err != nil {
		return nil, err
	}
	for i := range out {
		x := &out[i]
		x.Agent, x.Submitter = of[x.File.Version.Doc().AgentID], who[x.submitter()]
	}
	return out, nil
}

// submitter is who asked for the decision.
func (x Several) submitter() string {
	switch {
	case x.Restart != nil:
		return x.Restart.AskedBy
	case x.File.Version.SubmittedBy != nil:
		return *x.File.Version.SubmittedBy
	}
	return x.File.Version.CreatedBy
}

// judgedTogether are the versions of the ids, in their order, with what the rule
// compares them with and what it says.
func judgedTogether(tx *gorm.DB, viewer models.Party, ids []string, files map[string]*models.VersionFile) (out []Several, err error) {
	approved, err := everInForce(tx, ids)
	if err != nil {
		return nil, err
	}
	restarts, err := all[models.Restart](tx, "asked_at", "version_id IN ? AND state = 'open'", ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		f, ok := files[id]
		if !ok {
			continue
		}
		x := Several{File: f, Approved: approved[id]}
		for i := range restarts {
			if restarts[i].VersionID == id {
				x.Restart = &restarts[i]
			}
		}
		x.Why = models.MaySignTogether(viewer, *f, x.Approved, x.Restart != nil)
		out = append(out, x)
	}
	return out, nil
}

// everInForce are, by version, the newest versions of the same capability that
// were ever in force: itself for one that is. What turned out to be one person's
// work was never approved.
func everInForce(tx *gorm.DB, ids []string) (map[string]*models.Version, error) {
	var pairs []struct{ ID, Approved string }
	err := tx.Raw(`SELECT v.id, b.id AS approved FROM versions v JOIN versions b ON b.capability_id = v.capability_id AND b.no = (SELECT MAX(e.no) FROM versions e
		WHERE e.capability_id = v.capability_id AND EXISTS (SELECT 1 FROM mandates m WHERE m.version_id = e.id AND m.end_reason <> 'merged')) WHERE v.id IN ?`, ids).Scan(&pairs).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for what was in force: %w", err)
	}
	wanted := set{}
	for _, p := range pairs {
		wanted.add(p.Approved)
	}
	versions, err := byID[models.Version](tx, wanted.list())
	out := map[string]*models.Version{}
	for _, p := range pairs {
		if v, ok := versions[p.Approved]; ok {
			out[p.ID] = &v
		}
	}
	return out, err
}

// RefusedTogether is one version for which none of several was signed off.
type RefusedTogether struct {
	VersionID string
	Err       error
}

func (e *RefusedTogether) Error() string { return e.VersionID + ": " + e.Err.Error() }
func (e *RefusedTogether) Unwrap() error { return e.Err }

// SignTogether signs each of the versions off as it was shown, under one reason:
// all of them or, where one is refused, none (RefusedTogether says which). Each
// is an act with its own entry. The same form again gives the first receipts.
func (s *Store) SignTogether(ctx context.Context, act models.Act, shown []models.Shown, how models.Signing) (receipts []models.Receipt, err error) {
	var ids []string
	for _, x := range shown {
		ids = append(ids, x.VersionID)
	}
	if err := models.CheckTogether(ids); err != nil {
		return nil, err
	}
	if err := models.CheckTogetherReason(how.Comment); err != nil {
		return nil, err
	}
	slices.Sort(ids)
	choice := strings.Join(ids, " ") // another choice is another act
	var at string
	err = s.Together(ctx, func(in *Store) error {
		for _, x := range shown {
			at = x.VersionID
			r, err := in.signTogether(ctx, within(act, choice, x.VersionID), x, how, len(shown))
			if err != nil {
				return err
			}
			receipts = append(receipts, r)
		}
		at = ""
		return nil
	})
	if err != nil && at != "" {
		return nil, &RefusedTogether{at, err}
	}
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

func (s *Store) signTogether(ctx context.Context, act models.Act, shown models.Shown, how models.Signing, of int) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		v, err := find[models.Version](tx, "id = ?", shown.VersionID)
		if err != nil {
			return models.Change{}, err
		}
		if v == nil {
			return models.Change{}, missing("version")
		}
		approved, err := everInForce(tx, []string{v.ID})
		if err != nil {
			return models.Change{}, err
		}
		return onCapability(tx, env, v.CapabilityID, Lookup{}, func(f models.CapabilityFacts) (models.Change, error) {
			return f.SignTogether(shown, how, approved[v.ID], of)
		})
	})
}
