package store

import (
	"context"
	"fmt"
	"sync"

	"countersign/models"
	"countersign/policy"
)

// volumes count how many actions of each capability were allowed today (UTC). What this
// process allows is counted at once; what others do, as soon as their rows are read, which
// is within a second or so. After a start it is counted again from the log.
type volumes struct {
	mu   sync.Mutex
	day  models.Instant
	of   map[string]int64
	seen map[int64]int64 // by replica: the last row that was counted
}

func (v *volumes) today(at models.Instant) {
	if day := models.DayOf(at); v.of == nil || day > v.day { // a clock that goes back counts on
		v.day, v.of = day, map[string]int64{}
	}
}

// used is how much of the day has been used, for the answer at a moment.
func (v *volumes) used(at models.Instant) func(capability string) int64 {
	return func(capability string) int64 {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.today(at)
		return v.of[capability]
	}
}

// take counts n actions, unless these would be more than the capability has.
func (v *volumes) take(c *policy.Capability, n int64, at models.Instant) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.today(at)
	if limit := c.Limit(); limit > 0 && v.of[c.CapabilityID]+n > limit {
		return false
	}
	v.of[c.CapabilityID] += n
	return true
}

// giveBack uncounts what was not logged.
func (v *volumes) giveBack(c *policy.Capability, n int64, at models.Instant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if models.DayOf(at) == v.day {
		v.of[c.CapabilityID] -= n
	}
}

// load counts today's rows of everybody. It begins after the last part that was sealed
// before midnight, so that it reads a day and not the log.
func (v *volumes) load(ctx context.Context, s *Store, self int64) error {
	v.mu.Lock()
	v.today(s.now())
	v.seen = map[int64]int64{}
	day := v.day
	v.mu.Unlock()
	var parts []struct{ Replica, Last int64 }
	err := s.read.WithContext(ctx).Raw("SELECT replica, MAX(to_id) AS last FROM decision_parts WHERE to_at < ? GROUP BY replica", day).Scan(&parts).Error
	if err != nil {
		return fmt.Errorf("cannot read the sealed parts: %w", err)
	}
	for _, p := range parts {
		v.seen[p.Replica] = p.Last
	}
	return v.count(ctx, s, self)
}

// follow counts what other replicas allowed since. On SQLite there are none.
func (v *volumes) follow(ctx context.Context, s *Store, self int64) error {
	if s.engine == SQLite {
		return nil
	}
	return v.count(ctx, s, self)
}

func (v *volumes) count(ctx context.Context, s *Store, self int64) error {
	db := s.logged.WithContext(ctx)
	var replicas []struct{ ID, Last int64 }
	err := db.Raw(fmt.Sprintf(`SELECT r.id, COALESCE((SELECT MAX(d.id) FROM decisions d WHERE d.id > r.id << %[1]d AND d.id < (r.id + 1) << %[1]d), 0) AS last
		FROM decision_replicas r WHERE r.id <> ? ORDER BY r.id DESC LIMIT 1000`, models.ReplicaBits), self).Scan(&replicas).Error
	if err != nil {
		return fmt.Errorf("cannot read the replicas: %w", err)
	}
	for _, r := range replicas {
		v.mu.Lock()
		from, day := max(v.seen[r.ID], r.ID<<models.ReplicaBits), v.day
		v.mu.Unlock()
		if r.Last <= from {
			continue
		}
		var rows []struct {
			CapabilityID string
			N            int64
		}
		err := db.Raw("SELECT capability_id, SUM(volume) AS n FROM decisions WHERE id > ? AND id <= ? AND allow = 1 AND at >= ? GROUP BY capability_id", from, r.Last, day).Scan(&rows).Error
		if err != nil {
			return fmt.Errorf("cannot read the log of decisions: %w", err)
		}
		v.mu.Lock()
		if v.today(s.now()); v.day == day {
			for _, x := range rows {
				v.of[x.CapabilityID] += x.N
			}
		}
		v.seen[r.ID] = r.Last
		v.mu.Unlock()
	}
	return nil
}
