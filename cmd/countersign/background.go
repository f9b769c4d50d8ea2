package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
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
	spendMemory()
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

// spare is how much memory more than is in use is worth spending on fewer collections.
const spare = 256 << 20

// spendMemory has the garbage collector come a third as often as by default where little is in
// use: an eighth of what a decision costs is that. Where much is in use it stays as it is. It
// looks after what is in force was loaded. Whoever sets GOGC knows better.
func spendMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(int(min(300, max(100, spare*100/max(m.HeapAlloc, 1)))))
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
