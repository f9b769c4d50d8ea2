package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/apptest/app"
	"countersign/cmd/countersign/world"
	"countersign/models"
	"countersign/store"
	"countersign/web/idp"
)

// How the product does at the size of an enterprise. Not asked, it is skipped:
//
//	COUNTERSIGN_LARGE=10000 go test ./cmd/countersign -run XXX -bench BenchmarkPages -benchtime 100x -timeout 0
//
// makes an organisation of so many agents in a file and in PostgreSQL, and
// measures each page through the whole server. COUNTERSIGN_LARGE_AT names a
// database, made before or to be kept, instead of both.
func largeAt(tb testing.TB) (agents int, urls map[string]func(testing.TB) string) {
	agents, _ = strconv.Atoi(os.Getenv("COUNTERSIGN_LARGE"))
	if at := os.Getenv("COUNTERSIGN_LARGE_AT"); at != "" {
		return agents, map[string]func(testing.TB) string{"kept": func(testing.TB) string { return at }}
	}
	if agents == 0 {
		tb.Skip("COUNTERSIGN_LARGE is not set: it says how many agents to make for this")
	}
	return agents, map[string]func(testing.TB) string{"sqlite": apptest.SQLiteURL, "postgres": apptest.PostgresURL}
}

// startLarge starts the server on a large organisation, which is made where the
// database is empty, and lets its people sign in.
func startLarge(tb testing.TB, url string, agents int) *app.App {
	clock := &world.Clock{}
	st, err := store.Open(tb.Context(), url, store.WithClock(clock.Now))
	require.NoError(tb, err)
	require.NoError(tb, st.Migrate(tb.Context()))
	told, err := world.Told(tb.Context(), st)
	require.NoError(tb, err)
	if !told {
		require.NoError(tb, world.BuildLarge(tb.Context(), st, clock, "http://localhost:8080/demo-idp", agents, func(string) {}))
	}
	require.NoError(tb, st.Close())
	var people []idp.Person
	for _, p := range world.People() {
		people = append(people, idp.Person{Subject: p.Subject, Name: p.Name, Email: p.Email})
	}
	return app.Start(tb, url, app.People(people...), app.Seed(func(ctx context.Context, st *store.Store, issuer string) error {
		return enter(ctx, st, issuer, "udo", "anna", "xu")
	}))
}

// enter gives people of the story an account at the test's own provider.
func enter(ctx context.Context, st *store.Store, issuer string, subjects ...string) error {
	ids := map[string]string{}
	for _, s := range append(subjects, "adam", "eve") {
		found, _, err := st.People(ctx, store.Operator(), store.PeopleFilter{Search: s + "@meridian.example"})
		if err != nil || len(found) != 1 {
			return fmt.Errorf("cannot find %s: %w", s, err)
		}
		ids[s] = found[0].Person.ID
	}
	act := func(who string) models.Act {
		return models.Act{ID: store.NewActID(), Person: ids[who], AuthAt: models.At(time.Now())}
	}
	for _, s := range subjects {
		in, err := st.SignIn(ctx, models.Login{Issuer: issuer, Subject: s, Name: s, AuthAt: models.At(time.Now())})
		if err != nil {
			return err
		}
		made, err := st.DecideAdmin(ctx, act("adam"), store.AdminLookup{People: []string{ids[s]}, Accounts: []string{in.AccountID}}, func(f models.AdminFacts) (models.Change, error) {
			return f.ProposeLink(in.AccountID, ids[s], "Measures how fast the pages are")
		})
		if err != nil {
			return err
		}
		if _, err := st.DecideAdmin(ctx, act("eve"), store.AdminLookup{Link: made.Subject}, models.AdminFacts.ConfirmLink); err != nil {
			return err
		}
	}
	return nil
}

// pages are what is measured: whose page, and its address. "next" is the page so
// many turns after the address.
var pages = []struct {
	name, who, path string
	turns           int
	typing          bool // htmx asks, while somebody types
}{
	{"matrix_first", "udo", "/matrix", 0, false},
	{"matrix_first_owner", "anna", "/matrix", 0, false},
	{"matrix_first_approver", "xu", "/matrix", 0, false},
	{"matrix_filter_state", "udo", "/matrix?state=held", 0, false},
	{"matrix_filter_several", "udo", "/matrix?tier=high&hole=any", 0, false},
	{"matrix_filter_overdue", "udo", "/matrix?due=overdue", 0, false},
	{"matrix_search", "udo", "/matrix?q=payment", 0, true},
	{"matrix_search_person", "udo", "/matrix?q=okafor", 0, true},
	{"matrix_search_nothing", "udo", "/matrix?q=zzzz", 0, true},
	{"matrix_sort_name", "udo", "/matrix?sort=name", 0, false},
	{"matrix_sort_owner", "udo", "/matrix?sort=owner&dir=desc", 0, false},
	{"matrix_sort_review", "udo", "/matrix?sort=review", 0, false},
	{"matrix_sort_state", "udo", "/matrix?sort=state", 0, false},
	{"matrix_later_page", "udo", "/matrix", 20, false},
	{"matrix_later_page_sorted", "udo", "/matrix?sort=owner", 20, false},
	{"agents_first", "udo", "/agents", 0, false},
	{"agents_first_owner", "anna", "/agents", 0, false},
	{"agents_first_approver", "xu", "/agents", 0, false},
	{"agents_search", "udo", "/agents?q=payment", 0, true},
	{"agents_search_nothing", "xu", "/agents?q=zzzz", 0, true},
	{"agents_later_page", "udo", "/agents", 20, false},
	{"inbox_approver", "xu", "/", 0, false},
	{"inbox_approver_later_page", "xu", "/", 40, false},
	{"inbox_approver_one_tier", "xu", "/?tier=low", 0, false},
	{"inbox_owner", "anna", "/", 0, false},
	{"people_first", "udo", "/admin/people", 0, false},
	{"people_search", "udo", "/admin/people?q=okafor", 0, true},
	{"people_later_page", "udo", "/admin/people", 5, false},
	{"systems_first", "udo", "/systems", 0, false},
	{"systems_search", "udo", "/systems?q=payments", 0, true},
	{"ledger_first", "udo", "/ledger", 0, false},
	{"ledger_later_page", "udo", "/ledger", 20, false},
}

// BenchmarkPages measures each page through the whole server, over a connection
// that is kept: from the request until the last byte was read. It reports the
// median and the 95th percentile in milliseconds, and the processor time of this
// process a page, which is about the same on a machine that others use: all of it
// on SQLite, without the server's on PostgreSQL.
func BenchmarkPages(b *testing.B) {
	agents, urls := largeAt(b)
	for engine, url := range urls {
		b.Run(engine, func(b *testing.B) {
			a := startLarge(b, url(b), agents)
			in := map[string]*app.Client{}
			for _, who := range []string{"udo", "anna", "xu"} {
				in[who] = a.Client(b).Login(who)
			}
			for _, p := range pages {
				c, path := in[p.who], p.path
				if p.turns > 0 {
					path = turn(b, c, path, p.turns)
				}
				b.Run(p.name, func(b *testing.B) {
					var took []float64
					busy := processor(b)
					for b.Loop() {
						took = append(took, fetch(b, c, path, p.typing))
					}
					busy = processor(b) - busy
					slices.Sort(took)
					b.ReportMetric(took[len(took)/2], "p50-ms")
					b.ReportMetric(took[len(took)*95/100], "p95-ms")
					b.ReportMetric(float64(busy.Microseconds())/1000/float64(len(took)), "cpu-ms")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// BenchmarkMatrixAfterAWrite measures the matrix's pages when each look is the first
// after an act: nothing that was counted before holds any more.
func BenchmarkMatrixAfterAWrite(b *testing.B) {
	agents, urls := largeAt(b)
	for engine, url := range urls {
		b.Run(engine, func(b *testing.B) {
			a := startLarge(b, url(b), agents)
			in := map[string]*app.Client{"udo": a.Client(b).Login("udo"), "anna": a.Client(b).Login("anna"), "xu": a.Client(b).Login("xu")}
			adam, _, err := a.Store.People(b.Context(), store.Operator(), store.PeopleFilter{Search: "adam@meridian.example"})
			require.NoError(b, err)
			zone := adam[0].Person.TimeZone
			for _, p := range pages {
				if !strings.HasPrefix(p.name, "matrix_") || p.turns > 0 {
					continue
				}
				b.Run(p.name, func(b *testing.B) {
					var took []float64
					for b.Loop() {
						zone = map[string]string{"Europe/Paris": "Europe/Zurich"}[zone]
						if zone == "" {
							zone = "Europe/Paris"
						}
						_, err := a.Store.DecideAdmin(b.Context(), models.Act{ID: store.NewActID(), Person: adam[0].Person.ID}, store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) { return f.SetTimeZone(zone) })
						require.NoError(b, err)
						took = append(took, fetch(b, in[p.who], p.path, p.typing))
					}
					slices.Sort(took)
					b.ReportMetric(took[len(took)/2], "p50-ms")
					b.ReportMetric(took[len(took)*95/100], "p95-ms")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// turn follows "next" so many times, or to the last page.
func turn(b *testing.B, c *app.Client, path string, turns int) string {
	for range turns {
		next, ok := c.Get(path, http.StatusOK).Find("nav a[rel=next]").Attr("href")
		if !ok {
			break
		}
		path = next
	}
	return path
}

// processor is how long this process has computed so far.
func processor(b *testing.B) time.Duration {
	var use syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func fetch(b *testing.B, c *app.Client, path string, typing bool) float64 {
	req := c.Request(http.MethodGet, path, nil)
	if typing {
		req.Header.Set("HX-Request", "true")
	}
	began := time.Now()
	res, err := c.HTTP.Do(req)
	require.NoError(b, err)
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(b, err)
	spent := time.Since(began)
	require.NoError(b, res.Body.Close())
	require.Equal(b, http.StatusOK, res.StatusCode, path)
	return float64(spent.Microseconds()) / 1000
}

// BenchmarkMatrixCSV exports the whole matrix through the server and reads it:
// how long it takes and how much of the heap is in use at most. Its peer is
//
//	time sqlite3 -csv countersign.db < cmd/countersign/testdata/matrix.sql
func BenchmarkMatrixCSV(b *testing.B) {
	agents, urls := largeAt(b)
	for engine, url := range urls {
		b.Run(engine, func(b *testing.B) {
			udo := startLarge(b, url(b), agents).Client(b).Login("udo")
			runtime.GC()
			var before, now runtime.MemStats
			runtime.ReadMemStats(&before)
			most := before.HeapInuse
			var took []float64
			for b.Loop() {
				res, err := udo.HTTP.Do(udo.Request(http.MethodGet, "/matrix.csv?sort=name", nil))
				require.NoError(b, err)
				began, piece, n := time.Now(), make([]byte, 1<<20), 0
				for {
					read, err := io.ReadFull(res.Body, piece)
					n += read
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapInuse)
					if err != nil {
						require.ErrorIs(b, err, io.ErrUnexpectedEOF)
						break
					}
				}
				took = append(took, float64(time.Since(began).Milliseconds()))
				require.NoError(b, res.Body.Close())
				b.ReportMetric(float64(n)/(1<<20), "MiB")
			}
			slices.Sort(took)
			b.ReportMetric(took[len(took)/2], "p50-ms")
			b.ReportMetric(float64(most-before.HeapInuse)/(1<<20), "heap-MiB-more")
			b.ReportMetric(0, "ns/op")
		})
	}
}
