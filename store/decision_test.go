package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// gateway is an open key, and what finds it.
func (h *house) openKey(change func(*models.Gateway)) (keyHash string) {
	h.t.Helper()
	h.n++
	g := models.Gateway{ID: fmt.Sprintf("gtw_%d", h.n), Name: "Gateway", KeyHash: models.Digest(fmt.Sprint("key ", h.n)), Hint: "abcdefgh", CreatedBy: h.people["adam"], CreatedAt: *h.clock, ExpiresAt: *h.clock + 30*models.Day,
		Record: models.Record{Rev: 1}}
	if change != nil {
		change(&g)
	}
	require.NoError(h.t, plain(h.Store).Create(&g).Error)
	return g.KeyHash
}

func (h *house) decisions() *Decisions {
	h.t.Helper()
	d, err := h.Decisions(h.t.(*testing.T).Context())
	require.NoError(h.t, err)
	return d
}

// wants is a request to read the tickets.
func (h *house) wants(capability string) policy.Request {
	h.t.Helper()
	c, err := find[models.Capability](h.read, "id = ?", capability)
	require.NoError(h.t, err)
	return policy.Request{Subject: policy.Entity{Type: "agent", ID: c.AgentID}, Action: "tickets.read", Resource: policy.Entity{Type: "HR desk", ID: "ticket-7"}, Context: policy.Context{Volume: 1, Task: "run-1"}}
}

func logged(t require.TestingT, h *house) []models.Decision {
	rows, err := all[models.Decision](h.logged, "id", "1 = 1")
	require.NoError(t, err)
	return rows
}

func TestADecision(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, version := h.live("read")
		key := h.openKey(nil)
		d := h.decisions()

		yes, err := d.Evaluate(t.Context(), key, "req-1", h.wants(capability))
		require.NoError(t, err)
		require.True(t, yes.Allow, yes.Says)
		rows := logged(t, h)
		require.Len(t, rows, 1)
		v, err := find[models.Version](h.read, "id = ?", version)
		require.NoError(t, err)
		m, err := find[models.Mandate](h.read, "capability_id = ?", capability)
		require.NoError(t, err)
		got := rows[0]
		require.Equal(t, models.Decision{ID: yes.ID, At: yes.At, Allow: true, Rule: "allow", GatewayID: got.GatewayID, AgentID: h.wants(capability).Subject.ID, CapabilityID: capability, MandateID: m.ID,
			VersionID: version, Digest: v.Digest, OperationID: h.ops["read"], Operation: "tickets.read", System: "HR desk", Resource: "ticket-7", Volume: 1, TaskRun: "run-1", RequestID: "req-1"}, got)

		_, err = d.Evaluate(t.Context(), models.Digest("another key"), "", h.wants(capability))
		require.ErrorIs(t, err, ErrKey)
		require.Len(t, logged(t, h), 1)
	})
}

func TestAStopIsInForceForTheNextDecision(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key := h.openKey(nil)
		d := h.decisions()
		d.stop() // this replica sleeps: it looks for nothing by itself
		d.stopped.Wait()
		req := h.wants(capability)
		yes, err := d.Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.True(t, yes.Allow)
		stale := d.current.Load()

		h.must("carl", capability, func(f models.CapabilityFacts) (models.Change, error) {
			return f.Stop(models.OnCapability, "It answers wrongly")
		})
		require.Same(t, stale, d.current.Load())
		no, err := d.Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.False(t, no.Allow)
		require.Equal(t, "hold.stop", no.Rule)
		require.Equal(t, []string{"anna", "carl"}, no.Who)

		// What was decided before the stop, and comes to be logged after it, is refused.
		gw, _ := stale.Gateway(key, *h.clock)
		late := decisionRow(req, stale.Answer(req, gw, *h.clock, func(string) int64 { return 0 }), gw, *h.clock, "late")
		require.True(t, late.Allow)
		require.ErrorIs(t, d.log.append(t.Context(), &late, stale.Fence), errStale)
		rows := logged(t, h)
		require.Len(t, rows, 2)
		require.False(t, rows[1].Allow)
	})
}

func TestARevokedKeyAnswersNothing(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key := h.openKey(nil)
		short := h.openKey(func(g *models.Gateway) { g.ExpiresAt = *h.clock + models.Minute })
		d := h.decisions()
		d.stop()
		d.stopped.Wait()
		require.NoError(t, plain(h.Store).Exec("UPDATE gateways SET revoked_at = ?, revoked_by = ?, revoke_reason = 'lost', rev = 2 WHERE key_hash = ?", *h.clock, h.people["adam"], key).Error)
		_, err := d.Evaluate(t.Context(), key, "", h.wants(capability))
		require.ErrorIs(t, err, ErrKey)
		require.Empty(t, logged(t, h))
		h.pass(2 * models.Minute)
		_, err = d.Evaluate(t.Context(), short, "", h.wants(capability))
		require.ErrorIs(t, err, ErrKey)
	})
}

// Whatever a log cannot take is not allowed, and what was allowed is in the log.
func TestNoYesWithoutItsEntry(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		key := h.openKey(nil)
		d := h.decisions()
		broken := &brokenLog{logWriter: d.log.writer}
		d.log.writer = broken
		req := h.wants(capability)
		for _, fails := range []bool{true, false, true} {
			broken.fails = fails
			yes, err := d.Evaluate(t.Context(), key, "", req)
			require.Equal(t, fails, err != nil)
			require.Equal(t, !fails, yes.Allow)
			if fails {
				require.Equal(t, models.Busy, models.CodeOf(err))
			}
		}
		require.Len(t, logged(t, h), 1)
		require.Equal(t, int64(1), d.volumes.used(*h.clock)(capability), "what was not logged was not used")
	})
}

type brokenLog struct {
	logWriter
	fails bool
}

func (b *brokenLog) write(rows []*models.Decision, fence int64) error {
	if b.fails {
		return fmt.Errorf("%w: %w", errLogFailed, errors.New("no space left on device"))
	}
	return b.logWriter.write(rows, fence)
}

// Many at once: each yes is in the log once, and there are as many as the task has a day.
func TestManyDecisionsAtOnce(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read") // fifty a day
		key := h.openKey(nil)
		d, req := h.decisions(), h.wants(capability)
		var wait sync.WaitGroup
		var yes, no atomic.Int64
		for range 16 {
			wait.Go(func() {
				for range 10 {
					got, err := d.Evaluate(context.Background(), key, "", req)
					switch {
					case err != nil:
						t.Error(err)
					case got.Allow:
						yes.Add(1)
					default:
						no.Add(1)
						if got.Rule != "boundary.volume" {
							t.Error(got.Rule)
						}
					}
				}
			})
		}
		wait.Wait()
		require.Equal(t, []int64{50, 110}, []int64{yes.Load(), no.Load()})
		rows := logged(t, h)
		require.Len(t, rows, 160)
		allowed := 0
		for _, r := range rows {
			if r.Allow {
				allowed++
			}
		}
		require.Equal(t, 50, allowed)

		// Started again, it goes on counting.
		require.NoError(t, h.Close())
		s, err := Open(t.Context(), h.url, WithClock(h.tick))
		require.NoError(t, err)
		t.Cleanup(func() { _ = s.Close() })
		h.Store = s
		got, err := h.decisions().Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.Equal(t, "boundary.volume", got.Rule)
		h.pass(models.Day)
		got, err = h.decisions().Evaluate(t.Context(), key, "", req)
		require.NoError(t, err)
		require.True(t, got.Allow, got.Says)
	})
}

// checkSnapshot: what was told of the changes since the last look leads to the same
// snapshot as reading everything.
func checkSnapshot(t require.TestingT, h *house) {
	next, err := h.nextSnapshot(context.Background(), h.snapshotSeen)
	require.NoError(t, err)
	h.snapshotSeen = next
	all, err := h.nextSnapshot(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, all.Epoch, next.Epoch)
	require.True(t, all.Same(next), "what was told is not all that changed, up to %d", all.Epoch)
}
