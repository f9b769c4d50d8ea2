package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"countersign/models"
)

// ChannelLookup names what an act on channels looks at besides the actor's own and the
// organisation's.
type ChannelLookup struct {
	Endpoint string // for the clock
	Delivery string // to be tried again
}

// DecideChannels runs a rule on somebody's channels, or on the organisation's hooks.
func (s *Store) DecideChannels(ctx context.Context, act models.Act, look ChannelLookup, rule func(models.ChannelFacts) (models.Change, error)) (models.Receipt, error) {
	return s.decide(ctx, act, func(tx *gorm.DB, env models.Env) (models.Change, error) {
		f := models.ChannelFacts{Env: env}
		var err error
		if f.Endpoints, err = endpoints(tx, env.By.Person.ID); err != nil {
			return models.Change{}, err
		}
		if f.Calendar, err = find[models.Calendar](tx, "person_id = ? AND ended_at IS NULL", env.By.Person.ID); err != nil {
			return models.Change{}, err
		}
		if look.Endpoint != "" {
			if f.Asked, err = find[models.Endpoint](tx, "id = ?", look.Endpoint); err != nil {
				return models.Change{}, err
			}
		}
		if look.Delivery != "" {
			if f.Delivery, err = find[models.Delivery](tx, "id = ?", look.Delivery); err != nil {
				return models.Change{}, err
			}
			if d := f.Delivery; d != nil && d.EndpointID != nil { // it may be somebody else's
				if f.Asked, err = find[models.Endpoint](tx, "id = ?", *d.EndpointID); err != nil {
					return models.Change{}, err
				}
			}
		}
		change, err := rule(f)
		if err != nil || change.Act() != actRetried {
			return change, err
		}
		return change, again(tx, look.Delivery, env.Now)
	})
}

// actRetried is the act that has a delivery tried again.
const actRetried = "notice.retried"

// again has a delivery that was given up tried once more, with the act that asks for it.
func again(tx *gorm.DB, id string, now models.Instant) error {
	if err := tx.Exec("UPDATE deliveries SET state = 'waiting', next_at = ?, ended_at = NULL WHERE id = ? AND state = 'given_up'", now, id).Error; err != nil {
		return fmt.Errorf("cannot have a delivery tried again: %w", err)
	}
	return nil
}

// endpoints are the hooks of a person and of the organisation that are in use.
func endpoints(tx *gorm.DB, person string) ([]models.Endpoint, error) {
	own, err := all[models.Endpoint](tx, "created_at, id", "person_id = ? AND state = 'on'", person)
	if err != nil {
		return nil, err
	}
	shared, err := all[models.Endpoint](tx, "created_at, id", "person_id IS NULL AND state = 'on'")
	return append(own, shared...), err
}

// Hook is a hook as pages show it: without what is secret of it.
type Hook struct {
	models.Endpoint
	Creator string
	Last    *models.Delivery // the newest one that was sent there, or was to be; nil for none
	Said    string           // of its last try
}

// Channels are how a person is told.
type Channels struct {
	Hooks    []Hook // those in use, and those that ended by themselves lately
	Calendar *models.Calendar
	Mail     MailState // to the person
}

// MailState is what became of mail.
type MailState struct {
	Delivered *models.Instant // last
	Failed    *models.Instant // last try that came to nothing, after that
	Said      string          // by then
	Refused   bool            // the mailbox refused the last one for good
}

// Channels are the viewer's own.
func (s *Store) Channels(ctx context.Context, viewer models.Party) (c Channels, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		me := viewer.Person.ID
		if c.Hooks, err = s.hooks(tx, "person_id = ?", me); err != nil {
			return err
		}
		if c.Calendar, err = find[models.Calendar](tx, "person_id = ? AND ended_at IS NULL", me); err != nil {
			return err
		}
		c.Mail, err = mailState(tx, "person_id = ?", me)
		return err
	})
	return c, err
}

// OrganisationChannels are the organisation's hooks and how its mail goes, for
// administrators and auditors.
func (s *Store) OrganisationChannels(ctx context.Context) (c Channels, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if c.Hooks, err = s.hooks(tx, "person_id IS NULL"); err != nil {
			return err
		}
		c.Mail, err = mailState(tx, "1 = 1")
		return err
	})
	return c, err
}

// hooks are at most 30: what ended long ago is no longer shown.
func (s *Store) hooks(tx *gorm.DB, which string, args ...any) ([]Hook, error) {
	var rows []models.Endpoint
	err := tx.Where(which+" AND (state = 'on' OR state = 'gone' AND ended_at > ?)", append(args, s.now()-90*models.Day)...).
		Order("state DESC, created_at, id").Limit(30).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot load hooks: %w", err)
	}
	var out []Hook
	for _, e := range rows {
		h := Hook{Endpoint: e}
		h.URL, h.Secret = "", ""
		if h.Creator, err = nameOf(tx, e.CreatedBy); err != nil {
			return nil, err
		}
		last, err := all[models.Delivery](tx.Limit(1), "created_at DESC, id DESC", "endpoint_id = ?", e.ID)
		if err != nil {
			return nil, err
		}
		if len(last) > 0 {
			h.Last = &last[0]
			if h.Said, err = lastSaid(tx, last[0].ID); err != nil {
				return nil, err
			}
		}
		out = append(out, h)
	}
	return out, nil
}

func lastSaid(tx *gorm.DB, delivery string) (said string, err error) {
	if err := tx.Raw("SELECT said FROM delivery_tries WHERE delivery_id = ? ORDER BY no DESC LIMIT 1", delivery).Scan(&said).Error; err != nil {
		return "", fmt.Errorf("cannot load what was said: %w", err)
	}
	return said, nil
}

// mailState looks at the last tries of mail: a look at the newest few hundred deliveries.
func mailState(tx *gorm.DB, which string, args ...any) (m MailState, err error) {
	var tries []struct {
		At            models.Instant
		Outcome, Said string
	}
	err = tx.Raw(`SELECT t.at, t.outcome, t.said FROM (SELECT id FROM deliveries WHERE `+which+` AND channel = 'mail' AND tries > 0 ORDER BY created_at DESC, id DESC LIMIT 200) d
		JOIN delivery_tries t ON t.delivery_id = d.id ORDER BY t.at DESC, t.no DESC LIMIT 500`, args...).Scan(&tries).Error
	if err != nil {
		return m, fmt.Errorf("cannot look how mail goes: %w", err)
	}
	for i, t := range tries {
		switch {
		case t.Outcome == TryDelivered:
			m.Delivered = t.At.Ref()
			return m, nil
		case i == 0:
			m.Failed, m.Said, m.Refused = t.At.Ref(), t.Said, t.Outcome == TryRefused
		}
	}
	return m, nil
}

// MailRefused says whether the last mail to a person was refused by their mailbox.
func (s *Store) MailRefused(ctx context.Context, person string) (MailState, error) {
	return mailState(s.read.WithContext(ctx), "person_id = ?", person)
}

// Feed is what is due for the person whose calendar has the address of the hash, at most
// 500 of it, soonest first; NotFound for any other.
func (s *Store) Feed(ctx context.Context, hash string) (due []models.Duty, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var people []models.Person
		err := tx.Raw("SELECT p.* FROM calendars c JOIN people p ON p.id = c.person_id WHERE c.hash = ? AND c.ended_at IS NULL AND p.status = 'active'", hash).Scan(&people).Error
		if err != nil {
			return fmt.Errorf("cannot look a calendar up: %w", err)
		}
		if len(people) == 0 {
			return missing("calendar")
		}
		due, err = all[models.Duty](tx.Limit(500), "due_at, id", "person_id = ? AND closed_at IS NULL", people[0].ID)
		return err
	})
	return due, err
}
