package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// Looked keeps that the viewer opened a part (models.LookChanges …) of a version
// in a round. It is for approvers who could decide; what it keeps goes into their
// decision and to nobody else. One statement, so that two tabs count as two.
func (s *Store) Looked(ctx context.Context, viewer models.Party, versionID string, round int, part string) error {
	if !slices.Contains(models.Looks, part) {
		return fmt.Errorf("cannot keep a look: there is no view %q", part)
	}
	now := s.now()
	err := s.write.WithContext(ctx).Exec(`INSERT INTO looks (person_id, version_id, round, first_at, last_at, opens, parts) VALUES (?, ?, ?, ?, ?, 1, ?)
		ON CONFLICT (person_id, version_id, round) DO UPDATE SET last_at = excluded.last_at, opens = looks.opens + 1,
			parts = CASE WHEN ',' || looks.parts || ',' LIKE '%,' || excluded.parts || ',%' THEN looks.parts ELSE looks.parts || ',' || excluded.parts END`,
		viewer.Person.ID, versionID, round, now, now, part).Error
	if err != nil {
		return fmt.Errorf("cannot keep a look: %w", refusal(err))
	}
	return nil
}

// loadLooks loads what the actor opened of what they may be about to decide on,
// and their last decision.
func loadLooks(tx *gorm.DB, f *models.CapabilityFacts) (err error) {
	var versions []string
	for _, v := range []*models.VersionFile{f.Open, f.Force} {
		if v != nil {
			versions = append(versions, v.Version.ID)
		}
	}
	if len(versions) == 0 {
		return nil
	}
	me := f.By.Person.ID
	if f.Looks, err = all[models.Look](tx, "version_id, round", "person_id = ? AND version_id IN ?", me, versions); err != nil {
		return err
	}
	last, err := all[models.Decided](tx.Limit(1), "decided_at DESC", "person_id = ?", me)
	if err == nil && len(last) > 0 {
		f.LastDecided = &last[0]
	}
	return err
}

// projectDecision keeps how a decision came about beside its entry: derived from
// the details that the ledger commits to, so that a report over a year reads one
// index and not the record.
func projectDecision(tx *gorm.DB, seq int64, env models.Env, c models.Change) error {
	if _, ok := models.Decides(c.Act()); !ok {
		return nil
	}
	v, err := find[models.Version](tx, "id = ?", c.Subject())
	if err != nil {
		return err
	}
	if v == nil {
		return errors.New("a decision on no version was refused")
	}
	d, _ := models.DecidedFrom(seq, env.Now, c.Act(), env.Act.Person, *v, c.Details())
	if err := tx.Create(&d).Error; err != nil {
		return fmt.Errorf("cannot keep how a decision came about: %w", err)
	}
	return nil
}

// decisions compares what was kept of how decisions came about with the record's
// details. Where those are erased, what is left of it is compared.
func (v *verification) decisions() error {
	var after, fitted, kept int64
	for {
		var rows []struct {
			E    entry `gorm:"embedded"`
			Body string
		}
		err := v.tx.Raw(`SELECT l.*, COALESCE(b.body, '') AS body FROM ledger l LEFT JOIN ledger_bodies b ON b.seq = l.seq
			WHERE l.seq > ? AND l.act IN ? ORDER BY l.seq LIMIT ?`, after, models.DecisionActs(), entryBatch).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot read the decisions of the record: %w", err)
		}
		for _, r := range rows {
			after = r.E.Seq
			if err := v.decision(r.E, r.Body); err != nil {
				return err
			}
			fitted++
		}
		if len(rows) < entryBatch {
			break
		}
	}
	if err := v.tx.Model(&models.Decided{}).Count(&kept).Error; err != nil {
		return fmt.Errorf("cannot count the decisions: %w", err)
	}
	if kept != fitted {
		return misfit("decisions_made", "", 0, "The record has %d decisions, and there is word of how %d came about.", fitted, kept)
	}
	return nil
}

func (v *verification) decision(e entry, body string) error {
	id := fmt.Sprint(e.Seq)
	x, err := find[models.Version](v.tx, "id = ?", e.Subject)
	if err != nil {
		return err
	}
	d, err := find[models.Decided](v.tx, "seq = ?", e.Seq)
	if err != nil {
		return err
	}
	if x == nil || d == nil {
		return misfit("decisions_made", id, e.Seq, "Nothing is kept of how the decision in entry %d of the record came about.", e.Seq)
	}
	details := map[string]any{}
	if body != "" {
		if err := jsonText(body, &details); err != nil {
			return misfit("ledger_bodies", id, e.Seq, "The details of entry %d of the record cannot be read: %s.", e.Seq, err)
		}
	}
	want, _ := models.DecidedFrom(e.Seq, e.At, e.Act, e.Actor, *x, details)
	if body == "" {
		want.OpenedAt, want.Opens, want.Parts, want.InARow = d.OpenedAt, d.Opens, d.Parts, d.InARow
	}
	if !reflect.DeepEqual(want, *d) {
		return misfit("decisions_made", id, e.Seq, "What is kept of how the decision in entry %d of the record came about is not what the record says.", e.Seq)
	}
	return nil
}
