package store

import (
	"context"
	"database/sql"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// What the pages of a capability show is read like what its acts decide on, so
// that a page prevents exactly what the rule would refuse; only nothing is locked.

// ReadCapability is everything that a page of a capability may look at, with the
// viewer as the one who would act: f.By is the viewer and f.Now the time. also
// names people, operations and secrets that the page needs beside those that
// the capability's versions mention. What the viewer may not see is NotFound.
func (s *Store) ReadCapability(ctx context.Context, viewer models.Party, capabilityID string, also Lookup) (f models.CapabilityFacts, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f, err = s.readCapability(tx, viewer, capabilityID, also)
		return err
	})
	return f, err
}

// ReadVersion is ReadCapability for the capability of a version. f.Asked is that
// version, whatever its state; where it is the open one, the one in force or the
// newest, it is the same pointer as f.Open, f.Force or f.Last.
func (s *Store) ReadVersion(ctx context.Context, viewer models.Party, versionID string, also Lookup) (f models.CapabilityFacts, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f, err = s.readVersion(tx, viewer, versionID, also)
		return err
	})
	return f, err
}

func (s *Store) readVersion(tx *gorm.DB, viewer models.Party, versionID string, also Lookup) (f models.CapabilityFacts, err error) {
	v, err := find[models.Version](tx, "id = ?", versionID)
	if err != nil {
		return f, err
	}
	if v == nil {
		return f, missing("version")
	}
	asked, err := versionFile(tx, *v)
	if err != nil {
		return f, err
	}
	body := asked.Contents()
	also.Operations = slices.Clone(also.Operations)
	for _, g := range body.Scope.Grants {
		also.Operations = append(also.Operations, g.OperationID)
	}
	also.Secrets = slices.Concat(also.Secrets, body.Scope.Secrets, body.Oversight.RotateSecrets)
	also.People = slices.Concat(also.People, peopleOf(*asked))
	f, err = s.readCapability(tx, viewer, v.CapabilityID, also)
	if models.CodeOf(err) == models.NotFound {
		return f, missing("version") // as if there were none
	}
	if err != nil {
		return f, err
	}
	f.Asked = asked
	for _, same := range []*models.VersionFile{f.Open, f.Force, f.Last} {
		if same != nil && same.Version.ID == versionID {
			f.Asked = same
		}
	}
	return f, nil
}

func (s *Store) readCapability(tx *gorm.DB, viewer models.Party, capabilityID string, also Lookup) (models.CapabilityFacts, error) {
	sees, err := maySee(tx, viewer, capabilityID)
	if err != nil {
		return models.CapabilityFacts{}, err
	}
	if !sees {
		return models.CapabilityFacts{}, missing("capability")
	}
	env := models.Env{Act: models.Act{Person: viewer.Person.ID}, By: viewer, Now: s.now()}
	f, err := capabilityFacts(tx, env, capabilityID, also)
	if err != nil {
		return f, err
	}
	f.Approvers, err = withRole(tx, models.Approver)
	return f, err
}

// snapshot reads several tables as of one moment.
func (s *Store) snapshot(ctx context.Context, read func(tx *gorm.DB) error) error {
	err := s.read.WithContext(ctx).Transaction(read, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return refusal(err)
	}
	return nil
}

// Reading answers several questions from one moment: what is asked through the Store
// that it is given is read in one transaction, and so fits together.
func (s *Store) Reading(ctx context.Context, questions func(in *Store) error) error {
	return s.snapshot(ctx, func(tx *gorm.DB) error {
		in := *s
		in.read = tx.Session(&gorm.Session{DisableNestedTransaction: true}) // nothing is undone: no savepoints
		return questions(&in)
	})
}
