package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Work is what the queue runs. Each function is told by its context when to stop, may
// be called again for what it did already, and takes the time from the store's clock.
type Work struct {
	// Tick does what is due by the clock, within two minutes; what it did not come
	// to is done by the next one. An error is logged, and the next minute's tick comes.
	Tick func(ctx context.Context) error
	// Relay expands the outbox and returns the ids of deliveries to try now: those that
	// are due by their row, the oldest first, a few thousand at most. One that the
	// queue has already is not taken twice.
	Relay func(ctx context.Context) (deliveries []string, err error)
	// Deliver tries a delivery once, within half a minute; attempt counts from 1. It
	// looks first whether the row still is to be delivered. What it returns decides:
	// nil, done; GiveUp, never again; Later, again without counting; any other error,
	// again after the wait that NextTry says. The reason is the row's to keep: of the
	// error nothing is logged or stored, since an address may be a secret.
	Deliver func(ctx context.Context, delivery string, attempt int) error
}

// waits are those of Standard Webhooks (standardwebhooks.com, "Deliverability and
// reliability"): what passes after the first attempt, the second, ….
var waits = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour,
	5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// Attempts is how often a delivery is tried; a crash in the midst of one may make it one more.
const Attempts = 10

// NextTry is how long after an attempt that failed the next one comes, up to a tenth
// later; false after the last.
func NextTry(attempt int) (time.Duration, bool) { return nextTry(waits, attempt) }

func nextTry(waits []time.Duration, attempt int) (time.Duration, bool) {
	if attempt > len(waits) {
		return 0, false
	}
	return waits[max(attempt, 1)-1], true
}

// GiveUp is returned by Deliver for what no further attempt can mend: an address that
// refuses for good, a receiver who is gone.
func GiveUp(reason error) error { return &gaveUp{reason} }

// Later is returned by Deliver when the time is not right yet: outside of working
// hours, or when the receiver names a time. It counts as no attempt.
func Later(wait time.Duration) error { return &later{max(wait, 0)} }

type gaveUp struct{ reason error }

func (g *gaveUp) Error() string { return "given up: " + g.reason.Error() }
func (g *gaveUp) Unwrap() error { return g.reason }

type later struct{ wait time.Duration }

func (l *later) Error() string { return "not now, but in " + l.wait.String() }

// The queues, apart so that a receiver who hangs holds up no clock.
const (
	clockQueue    = "clock"
	deliveryQueue = "delivery"
)

// openStates are the states in which a job keeps out another one of its kind and arguments:
// until it is done, and no longer, so that the next tick or a retry by hand comes through.
var openStates = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending,
	rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled}

type tickArgs struct{}

func (tickArgs) Kind() string { return "tick" }

func (tickArgs) InsertOpts() river.InsertOpts { return once(clockQueue, 1) }

type relayArgs struct{}

func (relayArgs) Kind() string { return "relay" }

func (relayArgs) InsertOpts() river.InsertOpts { return once(clockQueue, 1) }

type deliverArgs struct {
	Delivery string `json:"delivery"`
}

func (deliverArgs) Kind() string { return "deliver" }

// InsertOpts allows more attempts than we make, so that a process that dies in the
// last one does not leave the delivery neither done nor given up.
func (deliverArgs) InsertOpts() river.InsertOpts { return once(deliveryQueue, Attempts+5) }

func once(queue string, attempts int) river.InsertOpts {
	return river.InsertOpts{Queue: queue, MaxAttempts: attempts, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: openStates}}
}

func (q *Queue) workers() (*river.Workers, error) {
	w := river.NewWorkers()
	err := errors.Join(
		river.AddWorkerSafely(w, &ticker{q: q}),
		river.AddWorkerSafely(w, &relayer{q: q}),
		river.AddWorkerSafely(w, &deliverer{q: q}))
	return w, err
}

type ticker struct {
	river.WorkerDefaults[tickArgs]
	q *Queue
}

// Timeout is for a tick that has much to catch up with; the next one goes on.
func (*ticker) Timeout(*river.Job[tickArgs]) time.Duration { return 2 * time.Minute }

// Work relays afterwards in any case: the tick is also the sweep of what was left.
func (t *ticker) Work(ctx context.Context, _ *river.Job[tickArgs]) error {
	defer t.q.Nudge()
	err := t.q.work.Tick(ctx)
	if err == nil || stopped(ctx) {
		return brokenOff(ctx, err)
	}
	slog.ErrorContext(ctx, "not everything that is due by the clock was done; it goes on within a minute", "error", err)
	return err
}

type relayer struct {
	river.WorkerDefaults[relayArgs]
	q *Queue
}

func (*relayer) Timeout(*river.Job[relayArgs]) time.Duration { return time.Minute }

func (r *relayer) Work(ctx context.Context, _ *river.Job[relayArgs]) error {
	deliveries, err := r.q.work.Relay(ctx)
	// What was expanded before it failed is committed, and can go.
	if err = errors.Join(err, r.q.deliver(ctx, deliveries)); err == nil || stopped(ctx) {
		return brokenOff(ctx, err)
	}
	slog.ErrorContext(ctx, "not every notice was expanded into deliveries; it goes on within a minute", "error", err)
	return err
}

type deliverer struct {
	river.WorkerDefaults[deliverArgs]
	q *Queue
}

// errUndelivered is all that River keeps of a failure: it stores errors in clear.
var errUndelivered = errors.New("not delivered; the register of what was sent says why")

func (d *deliverer) Work(ctx context.Context, job *river.Job[deliverArgs]) error {
	err := d.q.work.Deliver(ctx, job.Args.Delivery, job.Attempt)
	var wait *later
	var never *gaveUp
	switch {
	case err == nil || stopped(ctx):
		return brokenOff(ctx, err)
	case errors.As(err, &wait):
		return river.JobSnooze(wait.wait)
	case errors.As(err, &never):
		return river.JobCancel(errUndelivered)
	}
	if _, more := nextTry(d.q.tuning.waits, job.Attempt); !more {
		slog.WarnContext(ctx, "a delivery was given up", "delivery", job.Args.Delivery, "attempts", job.Attempt)
		return river.JobCancel(errUndelivered)
	}
	return errUndelivered
}

// NextRetry adds up to a tenth, so that what failed together does not come back together.
// What nobody has come back from for so long was broken off by a crash, which is not the
// receiver's fault: that goes on at once.
func (d *deliverer) NextRetry(job *river.Job[deliverArgs]) time.Time {
	wait, _ := nextTry(d.q.tuning.waits, job.Attempt)
	if job.AttemptedAt != nil && time.Since(*job.AttemptedAt) >= d.q.tuning.rescueAfter {
		wait = 0
	}
	return time.Now().Add(wait + rand.N(wait/10+time.Millisecond))
}

// stopped says whether the queue was told to stop while the job ran; a job that took
// too long ends by its deadline instead.
func stopped(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// brokenOff is what River takes for a job that its own stop broke off: it runs again
// at the next start, without the attempt being counted. Without an error it was done.
func brokenOff(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return ctx.Err()
}
