package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Config is how a queue runs. What it does not say has a default that suits one
// process on a laptop as well as many on a server.
type Config struct {
	Work Work
	// Every is the time between two ticks; a minute where it is 0.
	Every time.Duration

	tuning tuning
}

// tuning is what tests make quick.
type tuning struct {
	waits       []time.Duration // after each failed attempt
	poll        time.Duration   // between two looks for jobs that another process inserted, or whose wait is over
	timeout     time.Duration   // of a delivery
	rescueAfter time.Duration   // since when a job that runs is taken for one whose process died
	follower    bool            // this process only works: another one is the clock
	hurried     bool            // nothing is staggered
}

const (
	// A delivery hangs for half a minute at most, so one that has been running for a
	// minute is nobody's any more. River looks every 30 seconds.
	deliverTimeout = 30 * time.Second
	rescueAfter    = time.Minute

	// Work under way has ten seconds to end, as a page has.
	drain = 10 * time.Second

	// A relay that runs may have looked already when it is nudged; then it is nudged again.
	nudgeAgain = time.Second
)

// Queue is this process's part of the queue. Make it with Start.
type Queue struct {
	work   Work
	tuning tuning
	db     *database
	client client

	ticks, nudges chan struct{} // each holds one that nobody has seen to yet
	end           context.CancelFunc
	ended         sync.WaitGroup
	stop          sync.Once
}

// Start begins to work in the database at url, which has to be migrated. The first
// tick comes as soon as this process or another one is the clock. It goes on until Stop,
// also after ctx has ended.
func Start(ctx context.Context, url string, config Config) (*Queue, error) {
	if config.Work.Tick == nil || config.Work.Relay == nil || config.Work.Deliver == nil {
		return nil, errors.New("cannot start the queue: it lacks a part of its work")
	}
	db, err := open(ctx, url)
	if err != nil {
		return nil, err
	}
	q := &Queue{work: config.Work, tuning: config.tuning.orDefaults(db.postgres), db: db,
		ticks: make(chan struct{}, 1), nudges: make(chan struct{}, 1)}
	if err := q.start(ctx, config.Every); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return q, nil
}

func (t tuning) orDefaults(postgres bool) tuning {
	if t.waits == nil {
		t.waits = waits
	}
	if t.poll == 0 {
		t.poll = 5 * time.Second // on SQLite this process inserted them all
		if postgres {
			t.poll = time.Second
		}
	}
	if t.timeout == 0 {
		t.timeout = deliverTimeout
	}
	if t.rescueAfter == 0 {
		t.rescueAfter = rescueAfter
	}
	return t
}

func (q *Queue) start(ctx context.Context, every time.Duration) error {
	lacks, err := q.db.pending(ctx)
	if err != nil {
		return err
	}
	if lacks {
		return errors.New("the database lacks the queue's tables: run countersign migrate first")
	}
	config, err := q.config(every)
	if err != nil {
		return err
	}
	if q.client, err = q.db.client(config); err != nil {
		return fmt.Errorf("cannot make the queue: %w", err)
	}
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	if err := q.client.Start(running); err != nil {
		end()
		return fmt.Errorf("cannot start the queue: %w", err)
	}
	q.end = end
	q.ended.Go(func() { q.insert(running) })
	q.Nudge() // what was left between a commit and its nudge
	return nil
}

func (q *Queue) config(every time.Duration) (*river.Config, error) {
	workers, err := q.workers()
	if err != nil {
		return nil, err
	}
	if every == 0 {
		every = time.Minute
	}
	config := &river.Config{
		Workers:                workers,
		Queues:                 map[string]river.QueueConfig{clockQueue: {MaxWorkers: 2}, deliveryQueue: {MaxWorkers: 16}},
		FetchPollInterval:      q.tuning.poll,
		JobTimeout:             q.tuning.timeout,
		RescueStuckJobsAfter:   q.tuning.rescueAfter,
		SoftStopTimeout:        drain,
		LeaderElectionDisabled: q.tuning.follower,
		TestOnly:               q.tuning.hurried,
		Logger:                 logger(),

		// Nothing reads a job that is done: what came of it is in the store.
		CompletedJobRetentionPeriod: time.Hour,
		CancelledJobRetentionPeriod: 24 * time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
	}
	if !q.db.postgres {
		config.ReindexerIndexNames = []string{} // SQLite's do not bloat
	}
	if !q.tuning.follower {
		// River chooses the one process that is the clock, and says when. The job
		// is ours to insert, since River would give it a time by this process's
		// clock: after that was set back an hour, no tick would run for an hour.
		config.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(every),
			func() (river.JobArgs, *river.InsertOpts) { put(q.ticks); return nil, nil },
			&river.PeriodicJobOpts{RunOnStart: true})}
	}
	return config, nil
}

// Nudge has the outbox looked at soon. It never waits; call it after a commit that
// left something there.
func (q *Queue) Nudge() { put(q.nudges) }

func put(into chan struct{}) {
	select {
	case into <- struct{}{}:
	default: // there is one already
	}
}

// insert inserts what is asked for until ctx ends. What cannot be inserted comes
// with the next tick.
func (q *Queue) insert(ctx context.Context) {
	later := time.NewTimer(nudgeAgain)
	later.Stop()
	for {
		var args river.JobArgs = relayArgs{}
		select {
		case <-ctx.Done():
			return
		case <-q.ticks:
			args = tickArgs{}
		case <-q.nudges:
		case <-later.C:
			q.Nudge()
			continue
		}
		r, err := q.client.Insert(ctx, args, nil)
		switch {
		case err != nil && ctx.Err() == nil:
			slog.WarnContext(ctx, "cannot insert a job; the next tick sees to what it would have done", "kind", args.Kind(), "error", err)
		case err == nil && r.UniqueSkippedAsDuplicate && r.Job.State == rivertype.JobStateRunning && args == relayArgs{}:
			later.Reset(nudgeAgain)
		}
	}
}

// deliver inserts a job for each delivery that has none.
func (q *Queue) deliver(ctx context.Context, deliveries []string) error {
	const batch = 500
	seen := map[string]bool{}
	var params []river.InsertManyParams
	for i, id := range deliveries {
		if !seen[id] { // a batch that holds one twice is refused whole
			seen[id] = true
			params = append(params, river.InsertManyParams{Args: deliverArgs{Delivery: id}})
		}
		if len(params) == batch || i == len(deliveries)-1 && len(params) > 0 {
			if _, err := q.client.InsertMany(ctx, params); err != nil {
				return fmt.Errorf("cannot insert jobs for deliveries: %w", err)
			}
			params = params[:0]
		}
	}
	return nil
}

// Stop takes no more jobs, gives those under way ten seconds, tells the rest to stop
// and waits for them; a job that was told so runs again at the next start. Where it is
// not done when ctx ends, what still runs is left to the database's closing.
func (q *Queue) Stop(ctx context.Context) (err error) {
	q.stop.Do(func() {
		err = q.client.Stop(ctx)
		if err != nil {
			err = fmt.Errorf("cannot stop the queue in time: %w", err)
		}
		q.end()
		q.ended.Wait()
		err = errors.Join(err, q.db.close())
	})
	return err
}
