package store

import (
	"context"
	"fmt"
	"unicode/utf8"

	"gorm.io/gorm"

	"countersign/models"
)

// Sending is a delivery with what it takes to send it.
type Sending struct {
	models.Delivery
	Person   *models.Person   // whose it is; nil for a hook of the organisation
	Endpoint *models.Endpoint // nil for mail
	Told     Told
	Items    []Told // of a digest, soonest due first
}

// Sending is the delivery while it is to be sent; nil where there is nothing to send
// any more, which is recorded then with the reason: it was settled, the hook was taken
// away, somebody has left.
func (s *Store) Sending(ctx context.Context, id string) (*Sending, error) {
	var out *Sending
	var why string
	err := s.snapshot(ctx, func(tx *gorm.DB) (err error) {
		out, why, err = s.sending(tx, id)
		return err
	})
	if err != nil || why == "" {
		return out, err
	}
	return nil, s.NotSent(ctx, id, why)
}

func (s *Store) sending(tx *gorm.DB, id string) (*Sending, string, error) {
	d, err := find[models.Delivery](tx, "id = ?", id)
	if err != nil || d == nil || d.State != models.DeliveryWaiting {
		return nil, "", err
	}
	x := &Sending{Delivery: *d}
	if d.PersonID != nil {
		if x.Person, err = find[models.Person](tx, "id = ?", *d.PersonID); err != nil {
			return nil, "", err
		}
		if x.Person == nil || x.Person.Status != models.PersonActive {
			return nil, models.NotLeft, nil
		}
	}
	if d.EndpointID != nil {
		if x.Endpoint, err = find[models.Endpoint](tx, "id = ? AND state = 'on'", *d.EndpointID); err != nil {
			return nil, "", err
		}
		if x.Endpoint == nil {
			return nil, models.NotHookEnded, nil
		}
	} else if x.Person == nil || x.Person.Email == "" {
		return nil, models.NotNoAddress, nil
	}
	n, err := find[models.OutboxRow](tx, "id = ?", d.OutboxID)
	if err != nil || n == nil {
		return nil, "", err
	}
	if x.Told, err = tell(tx, *n); err != nil {
		return nil, "", err
	}
	if x.Told.For, err = standsInFor(tx, *d); err != nil {
		return nil, "", err
	}
	if n.Kind == models.NoticeDigest {
		if x.Items, err = s.members(tx, d.ID); err == nil && len(x.Items) == 0 {
			return nil, models.NotSettled, nil
		}
		return x, "", err
	}
	if x.Told.Settled() {
		return nil, models.NotSettled, nil
	}
	return x, "", nil
}

// NotSent records that a delivery that waits is not sent, and why (models.NotSent).
func (s *Store) NotSent(ctx context.Context, id, why string) error {
	err := s.write.WithContext(ctx).Exec("UPDATE deliveries SET state = 'none', why = ?, next_at = NULL, ended_at = ? WHERE id = ? AND state = 'waiting'", why, s.now(), id).Error
	if err != nil {
		return fmt.Errorf("cannot record that a delivery was not sent: %w", err)
	}
	return nil
}

// Outcomes of a try.
const (
	TryDelivered = "delivered"
	TryLater     = "later"
	TryRefused   = "refused"
)

// Tried records one try of a delivery: what came of it, what the other side said (its
// first 1,000 characters), and when it is tried again; nil for never. Of a delivery that
// has ended meanwhile (another replica was faster) only the try is recorded.
func (s *Store) Tried(ctx context.Context, id, outcome, said string, again *models.Instant) error {
	return s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := "SELECT * FROM deliveries WHERE id = ?"
		if s.engine == Postgres {
			query += " FOR UPDATE"
		}
		var d models.Delivery
		if err := tx.Raw(query, id).Scan(&d).Error; err != nil {
			return fmt.Errorf("cannot load a delivery: %w", err)
		}
		if d.ID == "" {
			return missing("delivery")
		}
		now := s.now()
		if err := tx.Create(&models.DeliveryTry{DeliveryID: id, No: d.Tries + 1, At: now, Outcome: outcome, Said: firstOf(said, 1000)}).Error; err != nil {
			return fmt.Errorf("cannot record a try: %w", err)
		}
		d.Tries++
		switch {
		case outcome == TryDelivered && d.State != models.DeliveryDelivered:
			d.State, d.Why, d.NextAt, d.EndedAt = models.DeliveryDelivered, "", nil, &now
		case d.State != models.DeliveryWaiting || outcome == TryDelivered:
		case again != nil:
			d.NextAt = again
		default:
			d.State, d.NextAt, d.EndedAt = models.DeliveryGivenUp, nil, &now
		}
		if err := tx.Select("*").Where("id = ?", id).Updates(&d).Error; err != nil {
			return fmt.Errorf("cannot record what came of a delivery: %w", err)
		}
		return nil
	})
}

func firstOf(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// EndpointGone ends a hook that answered that it is not there any more, with its
// delivery: what else waits for it is not sent.
func (s *Store) EndpointGone(ctx context.Context, endpoint string) error {
	_, err := s.DecideChannels(ctx, models.Act{ID: NewActID(), Person: models.SystemActor}, ChannelLookup{Endpoint: endpoint}, models.ChannelFacts.EndpointGone)
	if models.CodeOf(err) == models.Conflict { // it has ended
		return nil
	}
	return err
}
