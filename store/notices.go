package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// The register of what was sent: each notice on its way to each address, newest first.

// NoticesPage is how many lines a page of the register shows.
const NoticesPage = 50

// CountMost is where the counts of the register stop.
const CountMost = 1000

// NoticeFilter is what of the register is asked for; the zero one is all of it.
type NoticeFilter struct {
	State, Channel, Kind string
	Who                  string // in the person's name
	Person               string // an id
	From, To             *models.Instant
}

// NoticeCursor is where a page begins: after this line, towards what is older.
type NoticeCursor struct {
	At models.Instant
	ID string
}

// String is the cursor in an address.
func (c NoticeCursor) String() string { return strconv.FormatInt(int64(c.At), 10) + "." + c.ID }

// ParseNoticeCursor reads one back; what is none is the beginning.
func ParseNoticeCursor(s string) *NoticeCursor {
	at, id, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 {
		return nil
	}
	return &NoticeCursor{models.Instant(n), id}
}

// NoticeLine is one line of the register.
type NoticeLine struct {
	models.Delivery
	Recipient string // of the notice: a person's id, or a group
	Subject   string
	Person    string // the name; "" for none
	Endpoint  string // the hook's name; "" for none
	AgentID   string // "" where it is about none, or about one that the viewer may not see
	Agent     string
}

// Notices is a page of the register.
type Notices struct {
	Lines  []NoticeLine
	Next   *NoticeCursor // nil at the end
	Kinds  []string      // that there are
	Counts map[string]int
	Person string // the name of the filter's person
}

// Notices is a page of the register, for auditors and administrators; to everybody else
// it is Forbidden. An administrator reads the names of those agents that they may see.
func (s *Store) Notices(ctx context.Context, viewer models.Party, f NoticeFilter, after *NoticeCursor) (p Notices, err error) {
	if !viewer.Has(models.Auditor) && !viewer.Has(models.Administrator) {
		return p, models.Refusal(models.Forbidden, "role.register", "Only auditors and administrators can read the register of what was sent.")
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		if err := tx.Raw(noticeKinds).Scan(&p.Kinds).Error; err != nil {
			return fmt.Errorf("cannot list the kinds of notice: %w", err)
		}
		p.Counts = map[string]int{}
		for _, state := range []string{models.DeliveryWaiting, models.DeliveryInDigest, models.DeliveryGivenUp} {
			also := ""
			if state == models.DeliveryInDigest {
				also = " AND ended_at IS NULL"
			}
			var n int
			if err := tx.Raw("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = '"+state+"'"+also+" LIMIT ?) x", CountMost).Scan(&n).Error; err != nil {
				return fmt.Errorf("cannot count deliveries: %w", err)
			}
			p.Counts[state] = n
		}
		if f.Person != "" {
			if p.Person, err = nameOf(tx, f.Person); err != nil {
				return err
			}
		}
		p.Lines, p.Next, err = noticeLines(tx, viewer, f, after)
		return err
	})
	return p, err
}

// MyNotices are what the viewer was sent themselves.
func (s *Store) MyNotices(ctx context.Context, viewer models.Party, after *NoticeCursor) (lines []NoticeLine, next *NoticeCursor, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		lines, next, err = noticeLines(tx, viewer, NoticeFilter{Person: viewer.Person.ID}, after)
		return err
	})
	return lines, next, err
}

// noticeKinds are the kinds that there are: from each to the next by index.
const noticeKinds = `WITH RECURSIVE x (kind) AS (
	SELECT MIN(d.kind) FROM deliveries d
	UNION ALL SELECT (SELECT MIN(d.kind) FROM deliveries d WHERE d.kind > x.kind) FROM x WHERE x.kind IS NOT NULL)
	SELECT kind FROM x WHERE kind IS NOT NULL ORDER BY kind`

func (f NoticeFilter) conditions() piece {
	out := sqlOf("1 = 1")
	for column, value := range map[string]string{"d.state": f.State, "d.channel": f.Channel, "d.kind": f.Kind, "d.person_id": f.Person} {
		if value != "" {
			out = and(out, sqlOf(column+" = ?", value))
		}
	}
	if f.State == models.DeliveryWaiting { // by the index of what is open
		out = and(out, sqlOf("d.ended_at IS NULL"))
	}
	if f.Who != "" {
		out = and(out, sqlOf(`d.person_id IN (SELECT w.id FROM people w WHERE LOWER(w.name) LIKE LOWER(?) ESCAPE '\')`, likePattern(f.Who)))
	}
	if f.From != nil {
		out = and(out, sqlOf("d.created_at >= ?", *f.From))
	}
	if f.To != nil {
		out = and(out, sqlOf("d.created_at < ?", *f.To))
	}
	return out
}

func noticeLines(tx *gorm.DB, viewer models.Party, f NoticeFilter, after *NoticeCursor) ([]NoticeLine, *NoticeCursor, error) {
	which := f.conditions()
	if after != nil {
		which = and(which, sqlOf("(d.created_at, d.id) < (?, ?)", after.At, after.ID))
	}
	var deliveries []models.Delivery
	err := tx.Raw("SELECT d.* FROM deliveries d WHERE "+which.sql+" ORDER BY d.created_at DESC, d.id DESC LIMIT ?", append(which.args, NoticesPage+1)...).Scan(&deliveries).Error
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the register: %w", err)
	}
	var next *NoticeCursor
	if len(deliveries) > NoticesPage {
		deliveries = deliveries[:NoticesPage]
		last := deliveries[NoticesPage-1]
		next = &NoticeCursor{last.CreatedAt, last.ID}
	}
	lines, err := namedLines(tx, viewer, deliveries)
	return lines, next, err
}

// namedLines adds the names that lines are read with: a fixed number of queries.
func namedLines(tx *gorm.DB, viewer models.Party, deliveries []models.Delivery) ([]NoticeLine, error) {
	outs, people, hooks := set{}, set{}, set{}
	for _, d := range deliveries {
		outs.add(d.OutboxID)
		if d.PersonID != nil {
			people.add(*d.PersonID)
		}
		if d.EndpointID != nil {
			hooks.add(*d.EndpointID)
		}
	}
	var notices []models.OutboxRow
	if err := tx.Raw("SELECT * FROM outbox WHERE id IN ?", listed(outs.list())).Scan(&notices).Error; err != nil {
		return nil, fmt.Errorf("cannot load notices: %w", err)
	}
	of, subjects := map[string]models.OutboxRow{}, set{}
	for _, n := range notices {
		of[n.ID] = n
		subjects.add(n.Subject)
	}
	names, err := byID[models.Person](tx, people.list())
	if err != nil {
		return nil, err
	}
	endpoints, err := byID[models.Endpoint](tx, hooks.list())
	if err != nil {
		return nil, err
	}
	agents, err := agentsOf(tx, viewer, subjects.list())
	if err != nil {
		return nil, err
	}
	var out []NoticeLine
	for _, d := range deliveries {
		n := of[d.OutboxID]
		l := NoticeLine{Delivery: d, Recipient: n.Recipient, Subject: n.Subject, AgentID: agents[n.Subject].ID, Agent: agents[n.Subject].Name}
		if d.PersonID != nil {
			l.Person = names[*d.PersonID].Name
		}
		if d.EndpointID != nil {
			l.Endpoint = endpoints[*d.EndpointID].Name
		}
		out = append(out, l)
	}
	return out, nil
}

// agentsOf are the agents that the ids are about, by id, as far as the viewer may see them.
func agentsOf(tx *gorm.DB, viewer models.Party, ids []string) (map[string]models.Agent, error) {
	which := listed(ids)
	var pairs []struct{ ID, AgentID string }
	err := tx.Raw(`SELECT id, agent_id FROM duties WHERE id IN @ids AND agent_id <> ''
		UNION ALL SELECT id, agent_id FROM capabilities WHERE id IN @ids
		UNION ALL SELECT id, id FROM agents WHERE id IN @ids
		UNION ALL SELECT v.id, k.agent_id FROM versions v JOIN capabilities k ON k.id = v.capability_id WHERE v.id IN @ids
		UNION ALL SELECT e.id, k.agent_id FROM emergencies e JOIN capabilities k ON k.id = e.capability_id WHERE e.id IN @ids
		UNION ALL SELECT r.id, k.agent_id FROM reviews r JOIN capabilities k ON k.id = r.capability_id WHERE r.id IN @ids
		UNION ALL SELECT x.id, k.agent_id FROM drills x JOIN capabilities k ON k.id = x.capability_id WHERE x.id IN @ids
		UNION ALL SELECT c.id, k.agent_id FROM comments c JOIN capabilities k ON k.id = c.capability_id WHERE c.id IN @ids`, map[string]any{"ids": which}).Scan(&pairs).Error
	if err != nil {
		return nil, fmt.Errorf("cannot look for what notices are about: %w", err)
	}
	wanted := set{}
	for _, p := range pairs {
		wanted.add(p.AgentID)
	}
	cond, args := seenAgent(viewer, "g")
	var agents []models.Agent
	if err := tx.Raw("SELECT g.* FROM agents g WHERE g.id IN ? AND "+cond, append([]any{listed(wanted.list())}, args...)...).Scan(&agents).Error; err != nil {
		return nil, fmt.Errorf("cannot load agents: %w", err)
	}
	out := map[string]models.Agent{}
	for _, p := range pairs {
		if i := slices.IndexFunc(agents, func(a models.Agent) bool { return a.ID == p.AgentID }); i >= 0 {
			out[p.ID] = agents[i]
		}
	}
	return out, nil
}

// NoticeRecord is one notice with all of its deliveries and their tries.
type NoticeRecord struct {
	models.OutboxRow
	Actor string // the name; "" for Countersign itself
	Lines []NoticeLine
	Tries map[string][]models.DeliveryTry
}

// Notice is one notice, for auditors and administrators; NotFound where there is none.
func (s *Store) Notice(ctx context.Context, viewer models.Party, id string) (n NoticeRecord, err error) {
	if !viewer.Has(models.Auditor) && !viewer.Has(models.Administrator) {
		return n, models.Refusal(models.Forbidden, "role.register", "Only auditors and administrators can read the register of what was sent.")
	}
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		row, err := find[models.OutboxRow](tx, "id = ?", id)
		if err != nil {
			return err
		}
		if row == nil {
			return missing("notice")
		}
		n.OutboxRow = *row
		if n.Actor, err = nameOf(tx, row.Actor); err != nil {
			return err
		}
		deliveries, err := all[models.Delivery](tx.Limit(500), "created_at, channel, id", "outbox_id = ?", id)
		if err != nil {
			return err
		}
		if n.Lines, err = namedLines(tx, viewer, deliveries); err != nil {
			return err
		}
		tries, err := all[models.DeliveryTry](tx, "delivery_id, no", "delivery_id IN (SELECT d.id FROM deliveries d WHERE d.outbox_id = ?)", id)
		n.Tries = map[string][]models.DeliveryTry{}
		for _, t := range tries {
			n.Tries[t.DeliveryID] = append(n.Tries[t.DeliveryID], t)
		}
		return err
	})
	return n, err
}
