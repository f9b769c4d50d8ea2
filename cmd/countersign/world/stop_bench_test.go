package world

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/models"
	"countersign/store"
	"countersign/web"
	"countersign/web/idp"
)

// BenchmarkStopOnAnotherReplica stops one task after the other by the page of one server,
// while eight clients ask a second server on the same database about that task as fast as
// they are answered. It reports the time from the stop's answer to the last yes that any of
// them receives: the median and the worst, in milliseconds; below zero, the last yes came
// before. (The eight share one process, and its cores, with both servers.)
//
//	go test ./cmd/countersign/world -run XXX -bench BenchmarkStopOnAnotherReplica -benchtime 200x
func BenchmarkStopOnAnotherReplica(b *testing.B) {
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", apptest.SQLiteURL}, {"postgres", apptest.PostgresURL}} {
		b.Run(engine.name, func(b *testing.B) { stopOnAnother(b, engine.url(b)) })
	}
}

func stopOnAnother(b *testing.B, database string) {
	const key = "csgw_stops_12345678"
	quiet := app.With(web.WithLog(slog.New(slog.DiscardHandler)))
	at := app.At(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	var bodies []string
	first := app.Start(b, database, at, quiet, app.People(idp.Person{Subject: "anna", Name: "Anna Keller", Email: "anna@meridian.example"}), app.Seed(func(ctx context.Context, st *store.Store, issuer string) (err error) {
		bodies, err = manyTasks(ctx, st, issuer, key, b.N)
		return err
	}))
	second := app.Start(b, database, at, quiet, app.Seed(func(context.Context, *store.Store, string) error { return nil }))
	anna := first.Client(b).Login("anna")
	token := anna.Token()
	ask := &askers{b: b, to: second.URL + "/access/v1/evaluation", key: key}
	ask.begin(bodies[0])
	defer ask.end()
	var took []time.Duration
	late := 0
	b.ResetTimer()
	for i := range b.N {
		ask.about(bodies[i])
		capability := strings.Split(bodies[i], `"`)[3]
		ask.until(func(c asker) bool { return c.yes > 0 })
		res := anna.Do(anna.Request(http.MethodPost, "/capabilities/"+capability+"/stop", url.Values{"csrf": {token}, "act_id": {store.NewActID()}, "target": {models.OnCapability}, "cause": {"It answers wrongly"}}))
		answered := time.Now()
		require.Equal(b, http.StatusSeeOther, res.Status)
		ask.until(func(c asker) bool { return c.row >= 20 })
		last := ask.last().Sub(answered)
		if took = append(took, last); last > 0 {
			late++
		}
	}
	b.StopTimer()
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[len(took)/2]), "median-ms")
	b.ReportMetric(ms(took[len(took)-1]), "worst-ms")
	b.ReportMetric(float64(late), "later-yes")
	b.ReportMetric(float64(ask.answers.Load())/float64(b.N), "answers/stop")
}

// manyTasks are as many agents, each with a task in force, and for each what is asked.
func manyTasks(ctx context.Context, st *store.Store, issuer, key string, n int) (bodies []string, err error) {
	c, err := interop(ctx, st, issuer)
	if err != nil {
		return nil, err
	}
	(&crowd{cast: c}).mayHold(1_000 + n) // anna answers for all of them
	c.system(system{"todo", "saas", "internal", "Platform", "The todo application", []operation{{"can_read_todos", "Read", "read", nil}}, ""}, "")
	p := leaveQuestions
	p.title, p.secrets, p.volume, p.grants = "Looks", nil, 100_000_000, []grant{{"can_read_todos", nil}}
	for i := range n {
		agent := c.bound(fmt.Sprintf("Agent %d", i+1), "Works in the todo application", fmt.Sprintf("agent-%d", i+1))
		s := c.write(agent, "anna", "pete", "carlos", p).propose(p).sign("xu")
		bodies = append(bodies, fmt.Sprintf(`{"capability":%q,"subject":{"type":"agent","id":%q},"action":{"name":"can_read_todos"},"resource":{"type":"todo","id":"1"}}`, s.capability, agent))
		if c.err != nil {
			return nil, c.err
		}
	}
	return bodies, c.door(key)
}

// askers are clients that ask without a pause about what is at hand.
type askers struct {
	b       *testing.B
	to, key string
	answers atomic.Int64
	http    http.Client
	wait    sync.WaitGroup
	stop    chan struct{}

	mu    sync.Mutex
	moved *sync.Cond
	body  string
	each  [8]asker
}

// asker is what one of them was told since the question changed.
type asker struct {
	yes  int
	row  int       // refusals since the last yes
	last time.Time // yes
}

func (a *askers) begin(body string) {
	a.stop, a.moved, a.body = make(chan struct{}), sync.NewCond(&a.mu), body
	a.http.Transport = &http.Transport{MaxIdleConnsPerHost: len(a.each)}
	for i := range a.each {
		a.wait.Go(func() {
			for {
				select {
				case <-a.stop:
					return
				default:
				}
				a.mu.Lock()
				body := a.body
				a.mu.Unlock()
				allowed := a.one(body)
				got := time.Now()
				a.answers.Add(1)
				a.mu.Lock()
				if c := &a.each[i]; body == a.body {
					if c.row++; allowed {
						c.yes, c.row, c.last = c.yes+1, 0, got
					}
					a.moved.Signal()
				}
				a.mu.Unlock()
			}
		})
	}
}

func (a *askers) one(body string) bool {
	req, _ := http.NewRequest(http.MethodPost, a.to, strings.NewReader(body)) //nolint:noctx // it ends with the server
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+a.key)
	res, err := a.http.Do(req)
	if err != nil {
		a.b.Error(err)
		return false
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK {
		a.b.Errorf("%d: %s", res.StatusCode, text)
	}
	return strings.Contains(string(text), `"decision":true`)
}

func (a *askers) about(body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.body, a.each = body, [8]asker{}
}

func (a *askers) until(is func(asker) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !all(a.each[:], is) {
		a.moved.Wait()
	}
}

func (a *askers) last() (at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.each {
		if c.last.After(at) {
			at = c.last
		}
	}
	return at
}

func (a *askers) end() { close(a.stop); a.wait.Wait() }

func all(list []asker, is func(asker) bool) bool {
	return !slices.ContainsFunc(list, func(x asker) bool { return !is(x) })
}
