package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"countersign/models"
	"countersign/policy"
)

// lookEvery is how often each replica looks for changes that others made. A stop does not
// wait for it: the log's fence refuses what was decided before.
const lookEvery = 200 * time.Millisecond

// Decisions answers gateways from a snapshot in memory, and logs each answer before it is
// given. One for each process; it is started by the first call of Store.Decisions.
type Decisions struct {
	store   *Store
	log     *decisionLog
	current atomic.Pointer[policy.Snapshot]
	volumes volumes
	looking sync.Mutex // one refresh at a time; who waits gets what the one before found
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// Decisions is the process's one; it loads what is in force and opens the log. The first
// call pays for it.
func (s *Store) Decisions(ctx context.Context) (*Decisions, error) {
	s.running.mu.Lock()
	defer s.running.mu.Unlock()
	if s.running.decisions != nil {
		return s.running.decisions, nil
	}
	d := &Decisions{store: s}
	snap, err := s.nextSnapshot(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot load what is in force: %w", err)
	}
	d.current.Store(snap)
	if d.log, err = s.openLog(ctx); err != nil {
		return nil, err
	}
	if err := d.volumes.load(ctx, s, d.log.replica); err != nil {
		return nil, errors.Join(err, d.log.close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	d.stopped.Go(func() { d.look(background) })
	s.running.decisions = d
	return d, nil
}

// openLog opens the writer of this process, under a number of its own.
func (s *Store) openLog(ctx context.Context) (*decisionLog, error) {
	l := &decisionLog{}
	err := s.withDecisions(func(db *sql.DB) (err error) {
		l.replica, err = beginReplica(ctx, db, s.engine, time.Now())
		return err
	})
	if err != nil {
		return nil, err
	}
	if s.engine == Postgres {
		l.writer, err = newPostgresLog(ctx, s.url)
	} else {
		l.writer, err = newSQLiteLog(s.path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open the log of decisions: %w", err)
	}
	return l, nil
}

// rest stops looking for what changed.
func (d *Decisions) rest() {
	d.stop()
	d.stopped.Wait()
}

// look keeps the snapshot fresh.
func (d *Decisions) look(ctx context.Context) {
	every := time.NewTicker(lookEvery)
	defer every.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		if _, err := d.refresh(ctx, d.current.Load()); err != nil && ctx.Err() == nil {
			slog.Warn("cannot look for what changed; decisions go on, and a stop is still seen by the log", "error", err)
		}
		if n%5 != 0 {
			continue
		}
		if err := d.volumes.follow(ctx, d.store, d.log.replica); err != nil && ctx.Err() == nil {
			slog.Warn("cannot count what other replicas allowed", "error", err)
		}
	}
}

// refresh replaces the snapshot that was seen. Where somebody else did so meanwhile, it
// returns theirs.
func (d *Decisions) refresh(ctx context.Context, seen *policy.Snapshot) (*policy.Snapshot, error) {
	d.looking.Lock()
	defer d.looking.Unlock()
	now := d.current.Load()
	if now != seen {
		return now, nil
	}
	next, err := d.store.nextSnapshot(ctx, now)
	if err != nil {
		return nil, err
	}
	d.current.Store(next)
	return next, nil
}

// Gateway finds the open gateway whose key has this hash.
func (d *Decisions) Gateway(hash string) (models.Gateway, bool) {
	return d.current.Load().Gateway(hash, d.store.now())
}

// Evaluated is an answer with the entry of the log that it has.
type Evaluated struct {
	policy.Answer
	ID int64 // of the log's row
	At models.Instant
}

// ErrKey: the gateway's key is unknown, expired or revoked.
var ErrKey = errors.New("this key is unknown, expired or revoked")

// errUndecided is what a gateway is told where there is no answer. It must not go on.
var errUndecided = models.Refusal(models.Busy, "decision.unavailable", "This cannot be decided just now, so nothing is allowed. Ask again.")

// Evaluate answers one request, after its row in the log is durable. An error is no
// answer: the caller goes on as after a no. keyHash is the gateway's, found again in each
// state that is looked at, so that a key that was revoked answers nothing.
func (d *Decisions) Evaluate(ctx context.Context, keyHash, requestID string, req policy.Request) (Evaluated, error) {
	snap := d.current.Load()
	for range 8 {
		at := d.store.now()
		gw, open := snap.Gateway(keyHash, at)
		if !open {
			return Evaluated{}, ErrKey
		}
		answer := snap.Answer(req, gw, at, d.volumes.used(at))
		if answer.Allow && !d.volumes.take(answer.Capability, answer.Volume, at) {
			answer = answer.Spent()
		}
		row := decisionRow(req, answer, gw, at, requestID)
		err := d.log.append(ctx, &row, snap.Fence)
		if err == nil {
			return Evaluated{Answer: answer, ID: row.ID, At: row.At}, nil
		}
		if answer.Allow {
			d.volumes.giveBack(answer.Capability, answer.Volume, at)
		}
		if !errors.Is(err, errStale) {
			if errors.Is(err, errLogFailed) {
				slog.Error("nothing is allowed while the log of decisions cannot be written", "error", err)
			}
			return Evaluated{}, errUndecided
		}
		if snap, err = d.refresh(ctx, snap); err != nil {
			slog.Error("nothing is allowed while what is in force cannot be read", "error", err)
			return Evaluated{}, errUndecided
		}
	}
	return Evaluated{}, errUndecided
}

// decisionRow is what the log keeps of a request and its answer, and all that it keeps.
func decisionRow(req policy.Request, a policy.Answer, gw models.Gateway, at models.Instant, requestID string) models.Decision {
	d := models.Decision{At: at, Allow: a.Allow, Rule: a.Rule, GatewayID: gw.ID, AgentID: a.AgentID, OperationID: a.Operation, Operation: req.Action, System: req.Resource.Type, Resource: req.Resource.ID,
		Sensitivity: req.Context.Sensitivity, Volume: req.Context.Volume, Manifest: req.Context.Manifest, Attested: a.Attested, TaskRun: req.Context.Task, Instance: req.Context.Instance,
		Trace: req.Context.Trace, Environment: req.Context.Environment, Policies: strings.Join(a.Policies, ","), RequestID: requestID}
	if req.Subject.Type != "agent" || a.AgentID == "" {
		d.Subject = models.NamedSubject(req.Subject.Type, req.Subject.ID)
	}
	if c := a.Capability; c != nil {
		d.CapabilityID, d.MandateID, d.VersionID, d.Digest = c.CapabilityID, c.MandateID, c.VersionID, c.Digest
	}
	if len(a.Chain) > 0 {
		links := make([]models.ChainLink, len(a.Chain))
		for i, c := range a.Chain {
			links[i] = models.ChainLink{AgentID: c.AgentID, CapabilityID: c.CapabilityID, MandateID: c.MandateID}
		}
		d.Chain, _ = models.Canonical(links) // of plain text: it does not fail
	}
	return d
}

// Logged is how many rows this process has logged.
func (d *Decisions) Logged() int64 {
	d.log.mu.Lock()
	defer d.log.mu.Unlock()
	return d.log.last
}
