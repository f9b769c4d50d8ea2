package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"countersign/models"
)

// A person who chose so gets what is not urgent once a day, in one message a channel at
// the beginning of their working day. It tells of other notices and changes nothing
// that is governed, so it is no act of its own.

// mostInDigest is how many notices one message is made of; what is more comes with the
// next one, at once.
const mostInDigest = 500

// sendDigests gathers what was kept for people's days.
func sendDigests(s *Store, ctx context.Context, due []models.Moment) error {
	for _, m := range due {
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return s.digest(tx, m) })
		if err != nil {
			return fmt.Errorf("cannot gather what was kept for %s: %w", m.ID, err)
		}
	}
	return nil
}

func (s *Store) digest(tx *gorm.DB, m models.Moment) error {
	query := "SELECT at FROM clock WHERE kind = ? AND id = ?"
	if s.engine == Postgres {
		query += " FOR UPDATE"
	}
	var at []models.Instant
	if err := tx.Raw(query, m.Kind, m.ID).Scan(&at).Error; err != nil {
		return fmt.Errorf("cannot lock a moment: %w", err)
	}
	now := s.now()
	if len(at) == 0 || at[0] != m.At { // another replica was faster
		return nil
	}
	kept, err := all[models.Delivery](tx.Limit(mostInDigest), "created_at, id", "person_id = ? AND state = 'digest' AND ended_at IS NULL", m.ID)
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		return wind(tx, models.Moment{Kind: m.Kind, ID: m.ID, At: -1})
	}
	n := models.OutboxRow{ID: "out_" + models.Digest(fmt.Sprint("digest\x00", m.ID, "\x00", int64(m.At)))[:20], Kind: models.NoticeDigest,
		Recipient: m.ID, Subject: m.ID, Actor: models.SystemActor, CreatedAt: now, SentAt: now.Ref()}
	n.Key = models.Digest(n.ID)
	if err := tx.Create(&n).Error; err != nil {
		return fmt.Errorf("cannot write the notice: %w", err)
	}
	groups := map[string]*models.Delivery{}
	r := relay{tx: tx, now: now}
	for _, d := range kept {
		to := d.Channel + "/" + d.Recipient
		if groups[to] == nil {
			one := r.delivery(n, d.Channel, d.Recipient)
			one.PersonID, one.EndpointID, one.Address = d.PersonID, d.EndpointID, d.Address
			groups[to] = &one
			if err := tx.Create(&one).Error; err != nil {
				return fmt.Errorf("cannot write the message: %w", err)
			}
		}
		if err := tx.Exec("UPDATE deliveries SET digest_id = ?, ended_at = ? WHERE id = ?", groups[to].ID, now, d.ID).Error; err != nil {
			return fmt.Errorf("cannot put a notice into the message: %w", err)
		}
	}
	if len(kept) == mostInDigest { // there may be more
		return wind(tx, models.Moment{Kind: m.Kind, ID: m.ID, At: m.At + 1})
	}
	return wind(tx, models.Moment{Kind: m.Kind, ID: m.ID, At: -1})
}

// members are what a digest tells of, without what was settled meanwhile, soonest due
// first and then in the order of time.
func (s *Store) members(tx *gorm.DB, digest string) ([]Told, error) {
	var notices []models.OutboxRow
	err := tx.Raw("SELECT o.* FROM deliveries d JOIN outbox o ON o.id = d.outbox_id WHERE d.digest_id = ? ORDER BY o.created_at, o.id", digest).Scan(&notices).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load what a message tells of: %w", err)
	}
	deliveries, err := all[models.Delivery](tx, "id", "digest_id = ?", digest)
	if err != nil {
		return nil, err
	}
	of := map[string]models.Delivery{}
	for _, d := range deliveries {
		of[d.OutboxID] = d
	}
	var out []Told
	seen := set{}
	for _, n := range notices {
		t, err := tell(tx, n)
		if err != nil {
			return nil, err
		}
		if t.For, err = standsInFor(tx, of[n.ID]); err != nil {
			return nil, err
		}
		// Of a duty that was opened and reminded of since, one line is enough.
		if key := n.Subject; t.Duty != nil && seen[key] || t.Settled() {
			continue
		}
		if t.Duty != nil {
			seen.add(n.Subject)
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b Told) int {
		switch {
		case a.Duty == nil && b.Duty == nil:
			return 0
		case a.Duty == nil:
			return 1
		case b.Duty == nil:
			return -1
		}
		return int(max(-1, min(1, a.Duty.DueAt-b.Duty.DueAt)))
	})
	return out, nil
}
