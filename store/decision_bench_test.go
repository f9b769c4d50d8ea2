package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// BenchmarkEvaluate asks with 1, 16 and 128 callers at once, each answer durable before
// it is given, of a thousand agents with ten grants each. ns/op is the time between two
// answers; the limit beside it is one synced commit of one row after the other.
//
//	go test ./store -run XXX -bench 'BenchmarkEvaluate' -benchtime 3s
func BenchmarkEvaluate(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", apptest.SQLiteURL}, {"postgres", apptest.PostgresURL}} {
		b.Run(engine.name, func(b *testing.B) {
			s := open(b, engine.url(b))
			now := s.now()
			key := models.Digest("key")
			d, err := s.Decisions(b.Context())
			require.NoError(b, err)
			d.stop() // nothing else is to take the snapshot's place
			d.stopped.Wait()
			agents := map[string]*policy.Agent{}
			for i := range 1000 {
				agents[fmt.Sprintf("agt_%d", i)] = manyGrants(b, i, 10, now)
			}
			d.current.Store(d.current.Load().With(d.current.Load().Epoch, d.current.Load().Fence, policy.Parts{Agents: agents,
				Gateways: map[string]models.Gateway{key: {ID: "gtw_1", ExpiresAt: now + models.Day}}}))
			for _, callers := range []int{1, 16, 128} {
				b.Run(fmt.Sprint(callers), func(b *testing.B) {
					var next atomic.Int64
					var wait sync.WaitGroup
					for range callers {
						wait.Go(func() {
							for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
								req := policy.Request{Subject: policy.Entity{Type: "agent", ID: fmt.Sprintf("agt_%d", n%1000)}, Action: fmt.Sprintf("op.%d", n%16), Resource: policy.Entity{Type: "sys_1", ID: "x"},
									Context: policy.Context{Volume: 1}}
								if _, err := d.Evaluate(context.Background(), key, "", req); err != nil {
									b.Error(err)
									return
								}
							}
						})
					}
					wait.Wait()
				})
			}
			b.Run("limit", func(b *testing.B) {
				for range b.N {
					d.log.last++
					if err := d.log.writer.write([]*models.Decision{{ID: d.log.replica<<models.ReplicaBits | d.log.last}}, d.current.Load().Fence); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkAnswer is the decision alone, with 100 to a million grants in force.
func BenchmarkAnswer(b *testing.B) {
	for _, grants := range []int{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprint(grants), func(b *testing.B) {
			agents := map[string]*policy.Agent{}
			for i := range grants / 10 {
				agents[fmt.Sprintf("agt_%d", i)] = manyGrants(b, i, 10, 0)
			}
			s := (*policy.Snapshot)(nil).With(1, 1, policy.Parts{Agents: agents})
			ids := make([]string, 1000)
			for i := range ids {
				ids[i] = fmt.Sprintf("agt_%d", i*7919%(grants/10))
			}
			none := func(string) int64 { return 0 }
			n := 0
			for b.Loop() {
				n++
				s.Answer(policy.Request{Subject: policy.Entity{Type: "agent", ID: ids[n%1000]}, Action: "op.7", Resource: policy.Entity{Type: "sys_1", ID: "x"}, Context: policy.Context{Volume: 1}}, models.Gateway{}, 0, none)
			}
		})
	}
}

func manyGrants(b *testing.B, i, grants int, now models.Instant) *policy.Agent {
	b.Helper()
	f := models.InForce{CapabilityID: fmt.Sprintf("cap_%d", i), AgentID: fmt.Sprintf("agt_%d", i), MandateID: fmt.Sprintf("man_%d", i), OwnerID: "a", ProvisionerID: "b", ControlOwnerID: "c", Signers: []string{"d"},
		UntilAt: now + models.Day, Document: models.Document{Tier: models.Low, Task: models.Task{Sensitivity: "internal"}}}
	for k := range grants {
		f.Document.Facts = append(f.Document.Facts, models.Fact{OperationID: fmt.Sprintf("opr_%d", k), Operation: fmt.Sprintf("op.%d", k), SystemID: "sys_1", System: "Desk", Sensitivity: "internal"})
	}
	c, err := policy.NewCapability(f)
	require.NoError(b, err)
	return &policy.Agent{ID: f.AgentID, Capabilities: []*policy.Capability{c}}
}
