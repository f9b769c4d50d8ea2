package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"countersign/models"
)

// The log of decisions commits in groups, without a window: the first that waits writes
// what has come together while the commit before was under way (HOTPATH, "leader commit").
// An answer is given only after its row is durable; a row whose answer was not given does
// no harm.

const (
	logQueue   = 4096                   // rows that may wait
	logBatch   = 512                    // rows of one commit, at most
	logPatient = 900 * time.Millisecond // for an answer; later it is none
)

var (
	// errStale: what was decided looked at a state that a stop, or the like, has ended since.
	errStale = errors.New("what was decided is stale")
	// errLogFull, errLogLate and errLogFailed: the log could not take the row, so there is no answer.
	errLogFull   = errors.New("the log of decisions has no room")
	errLogLate   = errors.New("the log of decisions took too long")
	errLogFailed = errors.New("the log of decisions could not be written")
)

// logWriter makes rows durable, all or none. It refuses with errStale where the fence is
// not the one that is given, which it looks at last.
type logWriter interface {
	write(rows []*models.Decision, fence int64) error
	close() error
}

// decisionLog is the group committer in front of one writer.
type decisionLog struct {
	writer  logWriter
	replica int64

	mu      sync.Mutex
	waiting []*logEntry
	spare   []*logEntry        // room of the batch before, used again
	rows    []*models.Decision // of the leader's batch
	leads   bool               // somebody is writing, and hands on to whoever waits
	last    int64
	at      models.Instant // of the last row: the log's time never goes back
	closed  bool
}

// logEntry is one row on its way.
type logEntry struct {
	row   *models.Decision
	fence int64 // of the snapshot that it was decided on
	began time.Time
	ready chan bool // of one place; true: it is your turn to write; false: err says how it went
	err   error
}

// logEntries are used again: when append returns nobody else has one.
var logEntries = sync.Pool{New: func() any { return &logEntry{ready: make(chan bool, 1)} }}

// append makes a row durable that was decided under a fence, and gives it its id and time. It
// returns nil once it is, and otherwise why there must be no answer: that takes twice logPatient
// at most, however many wait before a log that takes nothing.
func (l *decisionLog) append(ctx context.Context, row *models.Decision, fence int64) error {
	e := logEntries.Get().(*logEntry) //nolint:forcetypeassert // nothing else is put in
	defer logEntries.Put(e)
	e.row, e.fence, e.began, e.err = row, fence, time.Now(), nil
	l.mu.Lock()
	switch {
	case l.closed:
		l.mu.Unlock()
		return errLogFailed
	case len(l.waiting) >= logQueue:
		l.mu.Unlock()
		return errLogFull
	}
	l.waiting = append(l.waiting, e)
	leads := !l.leads
	l.leads = true
	l.mu.Unlock()

	if !leads {
		leads = <-e.ready // whoever leads always comes to it: a writer has a time limit of its own
	}
	if leads {
		l.lead(e)
	}
	if e.err == nil && time.Since(e.began) > logPatient {
		return errLogLate // also where the process itself was stopped meanwhile
	}
	if e.err == nil && ctx.Err() != nil {
		return errLogLate
	}
	return e.err
}

// lead writes what waits, with the leader's own row first, and hands on.
func (l *decisionLog) lead(own *logEntry) {
	l.mu.Lock()
	n := min(len(l.waiting), logBatch)
	batch := l.waiting[:n]
	l.waiting = append(l.spare[:0], l.waiting[n:]...)
	l.mu.Unlock()

	l.commit(inTime(batch))
	for _, e := range batch {
		if e != own {
			e.ready <- false
		}
	}

	l.mu.Lock()
	l.spare = batch[:0]
	if len(l.waiting) > 0 {
		l.waiting[0].ready <- true
	} else {
		l.leads = false
	}
	l.mu.Unlock()
}

// inTime leaves out who has waited too long to be answered: their rows would help nobody,
// and keep others waiting. The batch is in the order in which it came.
func inTime(batch []*logEntry) []*logEntry {
	if time.Since(batch[0].began) <= logPatient {
		return batch
	}
	return slices.DeleteFunc(slices.Clone(batch), func(e *logEntry) bool {
		late := time.Since(e.began) > logPatient
		if late {
			e.err = errLogLate
		}
		return late
	})
}

// commit gives the rows their ids and writes them. Rows that were decided before the
// newest fence among them are stale already. The sequence goes on past a commit that
// failed, since it may yet have gone through.
func (l *decisionLog) commit(batch []*logEntry) {
	if len(batch) == 0 {
		return
	}
	fence := batch[0].fence
	for _, e := range batch {
		fence = max(fence, e.fence)
	}
	l.rows = l.rows[:0]
	for _, e := range batch {
		if e.err = errStale; e.fence == fence {
			l.last++
			l.at = max(l.at, e.row.At) // where the clock was set back: seals and pages go by ids and times alike
			e.row.ID, e.row.At = l.replica<<models.ReplicaBits|l.last, l.at
			l.rows = append(l.rows, e.row)
		}
	}
	err := l.writer.write(l.rows, fence)
	for _, e := range batch {
		if e.fence == fence {
			e.err = err
		}
	}
}

// close lets nothing more in.
func (l *decisionLog) close() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	return l.writer.close()
}
