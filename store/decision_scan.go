package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"countersign/models"
)

// Reading the log of decisions. It has no index but its key, so whoever looks for some of
// its rows reads all of them; each page says beforehand how many it reads at most. Within
// a replica the rows are in the order in which they were logged, which is that of their
// times up to logSkew; replicas are merged by time.

const (
	logReplicas = 1_000         // that are looked at: the newest
	logSkew     = models.Second // by which a row may be older than the one before it (see logPatient)
	logWindow   = 8_192         // rows that one query looks at
	keepRows    = 1_024         // rows that one query returns, where not all of them are for the viewer
)

// DecisionCursor is a place in the log: between what was shown and what comes next. The
// zero one is the newest end.
type DecisionCursor struct {
	At  models.Instant  // of the row beside it
	Pos map[int64]int64 // by replica: the last row that was shown. Of others the time decides
}

// String is the cursor for an address.
func (c DecisionCursor) String() string {
	if c.At == 0 {
		return ""
	}
	out := strconv.FormatInt(int64(c.At), 36)
	replicas := make([]int64, 0, len(c.Pos))
	for r := range c.Pos {
		replicas = append(replicas, r)
	}
	slices.Sort(replicas)
	for _, r := range replicas {
		out += "_" + strconv.FormatInt(r, 36) + "." + strconv.FormatInt(c.Pos[r]&(1<<models.ReplicaBits-1), 36)
	}
	return out
}

// mostPos are the replicas that a cursor names; of further ones the time decides.
const mostPos = 32

// ParseDecisionCursor reads what String wrote; what it cannot read is the zero one.
func ParseDecisionCursor(s string) (c DecisionCursor) {
	parts := strings.Split(s, "_")
	at, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil || at <= 0 || at > 1<<56 || len(parts) > mostPos+1 {
		return DecisionCursor{}
	}
	c.At, c.Pos = models.Instant(at), map[int64]int64{}
	for _, p := range parts[1:] {
		replica, seq, _ := strings.Cut(p, ".")
		r, err1 := strconv.ParseInt(replica, 36, 64)
		n, err2 := strconv.ParseInt(seq, 36, 64)
		if err1 != nil || err2 != nil || r <= 0 || r >= 1<<(62-models.ReplicaBits) || n < 0 || n >= 1<<models.ReplicaBits {
			return DecisionCursor{}
		}
		c.Pos[r] = r<<models.ReplicaBits | n
	}
	return c
}

// logSpan is what one replica logged.
type logSpan struct {
	Replica, First, Last int64
	FirstAt, LastAt      models.Instant
}

// spans are the newest replicas that logged anything: three queries by the key.
func spans(db *gorm.DB) ([]logSpan, error) {
	var rows []struct {
		ID          int64
		First, Last *int64
	}
	err := db.Raw(`SELECT r.id, (SELECT MIN(d.id) FROM decisions d WHERE d.id > r.id * ? AND d.id < (r.id + 1) * ?) AS first,
		(SELECT MAX(d.id) FROM decisions d WHERE d.id > r.id * ? AND d.id < (r.id + 1) * ?) AS last FROM decision_replicas r ORDER BY r.id DESC LIMIT ?`,
		replicaSize, replicaSize, replicaSize, replicaSize, logReplicas).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("cannot read the replicas: %w", err)
	}
	var out []logSpan
	var ids []int64
	for _, r := range rows {
		if r.First != nil && r.Last != nil {
			out = append(out, logSpan{Replica: r.ID, First: *r.First, Last: *r.Last})
			ids = append(ids, *r.First, *r.Last)
		}
	}
	at := map[int64]models.Instant{}
	for len(ids) > 0 {
		var times []struct {
			ID int64
			At models.Instant
		}
		some := ids[:min(chunk, len(ids))]
		ids = ids[len(some):]
		if err := db.Raw("SELECT id, at FROM decisions WHERE id IN ?", some).Scan(&times).Error; err != nil {
			return nil, fmt.Errorf("cannot read the log of decisions: %w", err)
		}
		for _, t := range times {
			at[t.ID] = t.At
		}
	}
	for i, s := range out {
		out[i].FirstAt, out[i].LastAt = at[s.First], at[s.Last]
	}
	return out, nil
}

const replicaSize = int64(1) << models.ReplicaBits

// logStream reads one replica from new to old.
type logStream struct {
	replica  int64
	opened   bool            // something of it was read, or it was named by the cursor
	lo, next int64           // rows with lo <= id <= next are still to be read; none where next < lo
	nextAt   models.Instant  // of the newest of these, up to logSkew
	before   *models.Instant // of a place that the time decided: rows from there on are not of it
	found    []models.Decision
}

func (s *logStream) done() bool { return s.next < s.lo }

// head is the time of the newest row that the stream may still give.
func (s *logStream) head() models.Instant {
	if len(s.found) > 0 {
		return s.found[0].At
	}
	return s.nextAt
}

// logScan reads the log from new to old, no more than budget rows of it.
type logScan struct {
	db      *gorm.DB
	streams []*logStream
	budget  int64
	looked  int64          // rows so far, at most; gaps of the sequence count as well
	end     DecisionCursor // the newest end when the scan began
}

// scanFrom begins below a place. to is the time from which on rows are not asked for; from
// that before which they are not.
func scanFrom(ctx context.Context, db *gorm.DB, c DecisionCursor, from, to *models.Instant, budget int64) (*logScan, error) {
	x := &logScan{db: db.WithContext(ctx), budget: budget}
	all, err := spans(x.db)
	if err != nil {
		return nil, err
	}
	x.end = endOf(all)
	for _, s := range all {
		if from != nil && s.LastAt < *from-logSkew {
			continue
		}
		stream := &logStream{replica: s.Replica, lo: s.First, next: s.Last, nextAt: s.LastAt}
		var before *models.Instant
		if to != nil {
			before = to
		}
		if pos, named := c.Pos[s.Replica]; named {
			stream.next, stream.opened, before = min(pos-1, s.Last), true, nil
		} else if c.At > 0 && (before == nil || c.At < *before) {
			before = c.At.Ref()
		}
		if before != nil && s.LastAt >= *before-logSkew {
			if stream.next, err = x.place(s, *before+logSkew); err != nil {
				return nil, err
			}
			stream.before = before
		}
		if err := x.look(stream); err != nil {
			return nil, err
		}
		x.streams = append(x.streams, stream)
	}
	return x, nil
}

// scanAfter begins at the newest end and ends above a place: what was logged since.
func scanAfter(ctx context.Context, db *gorm.DB, c DecisionCursor, budget int64) (*logScan, error) {
	x := &logScan{db: db.WithContext(ctx), budget: budget}
	all, err := spans(x.db)
	if err != nil {
		return nil, err
	}
	x.end = endOf(all)
	for _, s := range all {
		stream := &logStream{replica: s.Replica, lo: s.First, next: s.Last, nextAt: s.LastAt}
		if pos, named := c.Pos[s.Replica]; named {
			stream.lo = max(s.First, pos+1)
		} else if s.LastAt <= c.At {
			continue
		} else {
			before, err := x.place(s, c.At)
			if err != nil {
				return nil, err
			}
			stream.lo = before + 1
		}
		if !stream.done() {
			x.streams = append(x.streams, stream)
		}
	}
	return x, nil
}

// endOf is the newest end of the log.
func endOf(all []logSpan) DecisionCursor {
	c := DecisionCursor{At: 1, Pos: map[int64]int64{}}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b logSpan) int { return cmp.Compare(b.LastAt, a.LastAt) })
	for i, s := range all {
		if c.At = max(c.At, s.LastAt); i < mostPos {
			c.Pos[s.Replica] = s.Last
		}
	}
	return c
}

// older is the place below the rows that were read, the last of which is of the time.
func (x *logScan) older(at models.Instant) DecisionCursor {
	c := DecisionCursor{At: at, Pos: map[int64]int64{}}
	streams := slices.Clone(x.streams)
	slices.SortFunc(streams, func(a, b *logStream) int { return cmp.Compare(b.head(), a.head()) })
	for _, s := range streams {
		if len(c.Pos) == mostPos || !s.opened && s.head() < at-logSkew {
			continue
		}
		pos := s.next + 1
		if len(s.found) > 0 {
			pos = s.found[0].ID + 1
		}
		c.Pos[s.replica] = pos
	}
	return c
}

// place is the last row of a replica before a time, found by halving: a row for each of
// its halves, forty at most.
func (x *logScan) place(s logSpan, at models.Instant) (int64, error) {
	if s.FirstAt >= at {
		return s.First - 1, nil
	}
	lo, hi := s.First, s.Last // lo is before
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		var row struct {
			ID int64
			At models.Instant
		}
		if err := x.db.Raw("SELECT id, at FROM decisions WHERE id >= ? AND id <= ? ORDER BY id LIMIT 1", mid, hi).Scan(&row).Error; err != nil {
			return 0, fmt.Errorf("cannot read the log of decisions: %w", err)
		}
		if row.ID == 0 || row.At >= at {
			hi = mid - 1
		} else {
			lo = row.ID
		}
	}
	return lo, nil
}

// look finds the time of the next row of a stream.
func (x *logScan) look(s *logStream) error {
	if s.done() {
		return nil
	}
	var row struct {
		ID int64
		At models.Instant
	}
	if err := x.db.Raw("SELECT id, at FROM decisions WHERE id >= ? AND id <= ? ORDER BY id DESC LIMIT 1", s.lo, s.next).Scan(&row).Error; err != nil {
		return fmt.Errorf("cannot read the log of decisions: %w", err)
	}
	if row.ID == 0 {
		s.next = s.lo - 1
		return nil
	}
	s.next, s.nextAt = row.ID, row.At
	return nil
}

// newest is the stream whose next row is the newest; nil where nothing is left.
func (x *logScan) newest() (best *logStream) {
	for _, s := range x.streams {
		if (len(s.found) > 0 || !s.done()) && (best == nil || s.head() > best.head()) {
			best = s
		}
	}
	return best
}

// read is up to want rows that match, newest first. It ends early where its budget is
// spent; left says then from when on everything was looked at, and is 0 where it ended at
// the end of the log. keep says which rows are for the viewer.
func (x *logScan) read(where piece, want int, from *models.Instant, keep func([]models.Decision) ([]models.Decision, error)) (rows []models.Decision, left models.Instant, err error) {
	for len(rows) < want {
		s := x.newest()
		switch {
		case s == nil:
			return rows, 0, nil
		case from != nil && s.head() < *from-logSkew:
			return rows, 0, nil
		case len(s.found) > 0:
			if d := s.found[0]; from == nil || d.At >= *from {
				rows = append(rows, d)
			}
			s.found = s.found[1:]
			continue
		case x.looked >= x.budget:
			return rows, s.nextAt, nil
		}
		most := want + 1
		if keep != nil {
			most = max(most, keepRows)
		}
		if err := x.window(s, where, most, keep); err != nil {
			return rows, 0, err
		}
	}
	return rows, 0, nil
}

// window reads what is next of a stream.
func (x *logScan) window(s *logStream, where piece, want int, keep func([]models.Decision) ([]models.Decision, error)) error {
	low := max(s.lo, s.next-logWindow+1)
	var found []models.Decision
	query := x.db.Where("id >= ? AND id <= ?", low, s.next).Order("id DESC").Limit(want)
	if where.sql != "" {
		query = query.Where(where.sql, where.args...)
	}
	if err := query.Find(&found).Error; err != nil {
		return fmt.Errorf("cannot read the log of decisions: %w", err)
	}
	if len(found) == want {
		low = found[want-1].ID
	}
	x.looked += s.next - low + 1
	s.next, s.opened = low-1, true
	if s.before != nil {
		found = slices.DeleteFunc(found, func(d models.Decision) bool { return d.At >= *s.before })
	}
	if keep != nil && len(found) > 0 {
		var err error
		if found, err = keep(found); err != nil {
			return err
		}
	}
	s.found = found
	return x.look(s)
}
