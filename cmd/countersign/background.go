package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"countersign/jobs"
	"countersign/store"
)

// background starts what happens without anybody asking: by the clock, and after
// somebody acted. Call stop before the database is closed.
func background(ctx context.Context, url string, st *store.Store, out *jobs.Sender) (stop func(), err error) {
	if _, err := st.Decisions(ctx); err != nil { // before the first gateway asks
		return nil, err
	}
	go spendMemory(ctx)
	queue, err := jobs.Start(ctx, url, jobs.Config{Work: work(st, out)})
	if err != nil {
		return nil, err
	}
	st.OnNotice(queue.Nudge)
	return func() {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		if err := queue.Stop(within); err != nil {
			slog.Warn("some jobs were broken off; they run again at the next start", "error", err)
		}
	}, nil
}

// spare is how much memory more than is in use is spent on fewer collections.
const spare = 256 << 20

// spendMemory has the garbage collector come when spare was used up, and not when what is in
// use has doubled: that may be ten megabytes, which some thousand decisions use up, and each
// collection takes one processor of theirs. Where more than spare is in use it stays as it is.
// It follows what is in use until ctx ends. Whoever sets GOGC knows better.
func spendMemory(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := int64(0)
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		metrics.Read(live)
		next := min(3000, max(100, spare*100/max(1, int64(live[0].Value.Uint64())))) //nolint:gosec // memory fits
		if percent == 0 || next < percent*9/10 || next > percent*11/10 {
			percent = next
			debug.SetGCPercent(int(percent))
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// work is what the queue runs.
func work(st *store.Store, out *jobs.Sender) jobs.Work {
	return jobs.Work{
		Tick: func(ctx context.Context) error {
			_, err := st.Tick(ctx)
			_, sealing := st.SealDecisions(ctx)
			_, folding := st.FoldDecisions(ctx)
			_, alerting := st.TellAlerts(ctx)
			return errors.Join(err, sealing, folding, alerting)
		},
		Relay:   out.Relay,
		Deliver: out.Deliver,
	}
}
