package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"countersign/models"
)

const (
	relayChunk = 25    // notices in one transaction: a stop waits for no more
	mostDue    = 2_000 // deliveries that are handed out at once
)

// OnNotice has f called after each act that left something to send. It must not wait.
// Call it before anybody acts.
func (s *Store) OnNotice(f func()) { s.noticed = f }

// Now is the time that the store goes by.
func (s *Store) Now() models.Instant { return s.now() }

// Relay expands the notices of the outbox into deliveries, oldest first, and returns the
// ids of those that are to be tried now. It looks at people as they are by now: nobody is
// told of what they did themselves, nobody who has left, nobody twice of one thing, and
// nobody of a duty that is settled. It can be broken off anywhere and run by several
// replicas at once; where mail is false no mail server is set up, and the register says so.
func (s *Store) Relay(ctx context.Context, mail bool) ([]string, error) {
	for {
		n, err := s.relaySome(ctx, mail)
		if err != nil {
			return nil, err
		}
		if n < relayChunk {
			return s.deliveriesDue(ctx)
		}
	}
}

// deliveriesDue are those whose next try is due, the longest due first.
func (s *Store) deliveriesDue(ctx context.Context) (ids []string, err error) {
	err = s.read.WithContext(ctx).Raw("SELECT id FROM deliveries WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT ?", s.now(), mostDue).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for what is to be delivered: %w", err)
	}
	return ids, nil
}

func (s *Store) relaySome(ctx context.Context, mail bool) (n int, err error) {
	var none []string // looked at without the lock first: mostly there is nothing
	if err := s.read.WithContext(ctx).Raw("SELECT id FROM outbox WHERE sent_at IS NULL LIMIT 1").Scan(&none).Error; err != nil {
		return 0, fmt.Errorf("cannot look at the outbox: %w", err)
	}
	if len(none) == 0 {
		return 0, nil
	}
	err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		query := "SELECT * FROM outbox WHERE sent_at IS NULL ORDER BY created_at, id LIMIT ?"
		if s.engine == Postgres {
			query += " FOR UPDATE SKIP LOCKED"
		}
		var notices []models.OutboxRow
		if err := tx.Raw(query, relayChunk).Scan(&notices).Error; err != nil {
			return fmt.Errorf("cannot read the outbox: %w", err)
		}
		n = len(notices)
		r := relay{tx: tx, now: s.now(), mail: mail}
		for _, notice := range notices {
			if err := r.expand(notice); err != nil {
				return fmt.Errorf("cannot expand the notice %s: %w", notice.ID, err)
			}
			if r.more { // this one has not been told to everybody yet
				n = relayChunk
			}
		}
		return nil
	})
	return n, err
}

// relay is one transaction of the relay.
type relay struct {
	tx   *gorm.DB
	now  models.Instant
	mail bool
	all  []models.Endpoint // the organisation's; nil before they were asked for
	more bool              // the notice at hand is for further people, after these
}

// expand gives one notice to the channels.
func (r *relay) expand(n models.OutboxRow) error {
	r.more = false
	duty, err := r.duty(n)
	if err != nil {
		return err
	}
	var rows []models.Delivery
	if duty != nil && duty.ClosedAt != nil {
		rows = []models.Delivery{r.not(n, models.NotSettled)}
	} else if rows, err = r.deliveries(n, duty); err != nil {
		return err
	}
	if len(rows) == 0 {
		rows = []models.Delivery{r.not(n, models.NotNobody)}
	}
	if err := r.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("cannot write deliveries: %w", err)
	}
	for _, d := range rows {
		if d.State == models.DeliveryInDigest && d.PersonID != nil {
			if err := r.windDigest(*d.PersonID); err != nil {
				return err
			}
		}
	}
	if r.more {
		return nil
	}
	res := r.tx.Exec("UPDATE outbox SET sent_at = ? WHERE id = ? AND sent_at IS NULL", r.now, n.ID)
	if res.Error != nil {
		return fmt.Errorf("cannot mark it as sent: %w", res.Error)
	}
	return nil
}

// duty is the duty that a notice is about, nil for none.
func (r *relay) duty(n models.OutboxRow) (*models.Duty, error) {
	if n.Kind != models.StepReminder && n.Kind != models.StepEscalation && !strings.HasPrefix(n.Kind, "duty.") {
		return nil, nil
	}
	return find[models.Duty](r.tx, "id = ?", n.Subject)
}

// not is a notice that goes nowhere, with why.
func (r *relay) not(n models.OutboxRow, why string) models.Delivery {
	d := r.delivery(n, models.ByPage, "nobody")
	d.State, d.NextAt, d.EndedAt, d.Why = models.DeliveryNone, nil, r.now.Ref(), why
	return d
}

func (r *relay) delivery(n models.OutboxRow, channel, recipient string) models.Delivery {
	return models.Delivery{ID: deliveryID(n.ID, channel, recipient), OutboxID: n.ID, Kind: n.Kind, Channel: channel, Recipient: recipient,
		State: models.DeliveryWaiting, NextAt: r.now.Ref(), CreatedAt: r.now}
}

func (r *relay) deliveries(n models.OutboxRow, duty *models.Duty) ([]models.Delivery, error) {
	if id, ok := strings.CutPrefix(n.Recipient, models.ToEndpoint); ok {
		e, err := find[models.Endpoint](r.tx, "id = ? AND state = 'on'", id)
		if err != nil || e == nil {
			return nil, err
		}
		return []models.Delivery{r.hook(n, *e)}, nil
	}
	if id, ok := strings.CutPrefix(n.Recipient, models.ToMailbox); ok {
		people, err := parties(r.tx, []string{id})
		if err != nil || people[id].Person.Status != models.PersonActive {
			return nil, err
		}
		return []models.Delivery{r.letter(n, people[id].Person)}, nil
	}
	told, err := r.told(n)
	if err != nil {
		return nil, err
	}
	rows, err := r.toPeople(n, duty, told)
	if err != nil || n.Personal() || duty != nil && duty.Kind == models.DutyDrill && n.Kind != models.StepEscalation {
		return rows, err
	}
	return r.toAll(rows, n, told)
}

// told is who and what has been told of the same thing by another notice of the same act.
// Of a file with many agents that nobody owns one notice is enough.
func (r *relay) told(n models.OutboxRow) (set, error) {
	query, args := `SELECT DISTINCT d.recipient FROM outbox o JOIN deliveries d ON d.outbox_id = o.id WHERE o.created_at = ? AND o.kind = ? AND o.id <> ?`, []any{n.CreatedAt, n.Kind, n.ID}
	if n.Kind != "duty."+models.DutyClaim {
		query, args = query+" AND o.subject = ?", append(args, n.Subject)
	}
	var ids []string
	if err := r.tx.Raw(query, args...).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("cannot look for who has been told: %w", err)
	}
	out := set{}
	out.add(ids...)
	return out, nil
}

func (r *relay) toPeople(n models.OutboxRow, duty *models.Duty, told set) ([]models.Delivery, error) {
	ids, err := r.recipients(n, duty)
	if err != nil {
		return nil, err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == n.Actor || told[id] })
	besides, err := r.standins(n, duty, ids, told)
	if err != nil {
		return nil, err
	}
	whole := slices.Clone(ids)
	for _, s := range besides {
		whole = append(whole, s.person)
	}
	people, err := parties(r.tx, whole)
	if err != nil {
		return nil, err
	}
	hooks, err := r.hooksOf(whole)
	if err != nil {
		return nil, err
	}
	var rows []models.Delivery
	for _, id := range ids {
		if p, ok := people[id]; ok && p.Person.Status == models.PersonActive {
			rows = append(rows, r.toPerson(n, p.Person, hooks[id])...)
		}
	}
	for _, s := range besides {
		if p := people[s.person]; p.Person.Status == models.PersonActive {
			rows = append(rows, forWhom(r.toPerson(n, p.Person, hooks[s.person]), s.principal)...)
		}
	}
	return rows, nil
}

// toPerson is how one person is told: by what they chose, and at least on their page.
func (r *relay) toPerson(n models.OutboxRow, p models.Person, hooks []models.Endpoint) []models.Delivery {
	var rows []models.Delivery
	urgent, why := n.Urgent(), ""
	for _, e := range hooks {
		if urgent || e.Urgent == 0 {
			rows = append(rows, r.hook(n, e))
		}
	}
	switch {
	case p.Email == "":
		why = models.NotNoAddress
	case p.MailOff == 1 && !urgent:
		why = models.NotMailOff
	default:
		rows = append(rows, r.letter(n, p))
	}
	if len(rows) == 0 {
		d := r.not(n, why)
		d.PersonID, d.Recipient = &p.ID, p.ID
		d.ID = r.delivery(n, d.Channel, d.Recipient).ID
		return []models.Delivery{d}
	}
	if p.Digest == 1 && !urgent {
		for i := range rows {
			if rows[i].State == models.DeliveryWaiting {
				rows[i].State, rows[i].NextAt = models.DeliveryInDigest, nil
			}
		}
	}
	return rows
}

func (r *relay) letter(n models.OutboxRow, p models.Person) models.Delivery {
	d := r.delivery(n, models.ByMail, p.ID)
	d.PersonID, d.Address = &p.ID, p.Email
	if !r.mail {
		d.State, d.NextAt, d.EndedAt, d.Why = models.DeliveryNone, nil, r.now.Ref(), models.NotNoMailServer
	}
	return d
}

func (r *relay) hook(n models.OutboxRow, e models.Endpoint) models.Delivery {
	d := r.delivery(n, models.ByWebhook, e.ID)
	d.PersonID, d.EndpointID, d.Address = e.PersonID, &e.ID, e.Host
	return d
}

// hooksOf are the hooks of people.
func (r *relay) hooksOf(ids []string) (map[string][]models.Endpoint, error) {
	out := map[string][]models.Endpoint{}
	for some := range slices.Chunk(ids, chunk) {
		rows, err := all[models.Endpoint](r.tx, "created_at, id", "person_id IN ? AND state = 'on'", some)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			out[*e.PersonID] = append(out[*e.PersonID], e)
		}
	}
	return out, nil
}

// toAll adds the organisation's hooks.
func (r *relay) toAll(rows []models.Delivery, n models.OutboxRow, told set) ([]models.Delivery, error) {
	if r.all == nil {
		var err error
		if r.all, err = all[models.Endpoint](r.tx, "created_at, id", "person_id IS NULL AND state = 'on'"); err != nil {
			return nil, err
		}
		if r.all == nil {
			r.all = []models.Endpoint{}
		}
	}
	for _, e := range r.all {
		if !told[e.ID] && (e.Urgent == 0 || n.Urgent()) {
			rows = append(rows, r.hook(n, e))
		}
	}
	return rows, nil
}

// windDigest has the clock send the person's message at the beginning of their next
// working day, where it does not yet.
func (r *relay) windDigest(person string) error {
	p, err := find[models.Person](r.tx, "id = ?", person)
	if err != nil || p == nil {
		return err
	}
	err = r.tx.Exec("INSERT INTO clock (kind, id, at) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO NOTHING", models.ClockDigest, person, p.Hours().Morning(r.now)).Error
	if err != nil {
		return fmt.Errorf("cannot wind the clock: %w", err)
	}
	return nil
}
