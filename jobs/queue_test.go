package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/store"
)

// migrated is a database with the queue's tables.
func migrated(t *testing.T, url string) string {
	st, err := store.Open(t.Context(), url) // who makes the file
	require.NoError(t, err)
	require.NoError(t, st.Close())
	require.NoError(t, Migrate(t.Context(), url))
	return url
}

// idle is work that does nothing.
func idle() Work {
	return Work{
		Tick:    func(context.Context) error { return nil },
		Relay:   func(context.Context) ([]string, error) { return nil, nil },
		Deliver: func(context.Context, string, int) error { return nil },
	}
}

// quick is a queue that waits for nothing longer than it must.
func quick(w Work) Config {
	return Config{Work: w, tuning: tuning{poll: 200 * time.Millisecond, waits: []time.Duration{time.Millisecond, time.Millisecond}, hurried: true}}
}

func started(t *testing.T, url string, c Config) *Queue {
	q, err := Start(t.Context(), url, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Stop(context.Background())) })
	return q
}

// handedOut returns each of the ids in one relay, and nothing afterwards.
func handedOut(ids ...string) func(context.Context) ([]string, error) {
	var mu sync.Mutex
	return func(context.Context) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		out := ids
		ids = nil
		return out, nil
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		st, err := store.Open(t.Context(), url)
		require.NoError(t, err)
		defer st.Close()
		require.NoError(t, st.Migrate(t.Context())) // they share a schema
		lacks, err := Pending(t.Context(), url)
		require.NoError(t, err)
		require.True(t, lacks)
		_, err = Start(t.Context(), url, quick(idle()))
		require.ErrorContains(t, err, "run countersign migrate first")

		errs := make(chan error, 3)
		replicas := cap(errs)
		if !store.IsPostgres(url) {
			replicas = 1 // a file has one process
		}
		for range replicas {
			go func() { errs <- Migrate(context.WithoutCancel(t.Context()), url) }()
		}
		for range replicas {
			require.NoError(t, <-errs)
		}
		lacks, err = Pending(t.Context(), url)
		require.NoError(t, err)
		require.False(t, lacks)
		require.NoError(t, Migrate(t.Context(), url), "again")
		n, err := st.Pending(t.Context())
		require.NoError(t, err)
		require.Zero(t, n, "the product's own migrations are not touched")
	})
}

// An older program leaves a newer one's tables alone.
func TestNewerTables(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		migrated(t, url)
		db, err := open(t.Context(), url)
		require.NoError(t, err)
		db.migrator = older{db.migrator}
		_, err = db.pending(t.Context())
		require.ErrorContains(t, err, "use a newer countersign")
		require.NoError(t, db.close())
	})
}

func TestNoSuchDatabase(t *testing.T) {
	t.Parallel()
	_, err := Pending(t.Context(), apptest.SQLiteURL(t))
	require.Error(t, err, "the file is the store's to make")
	_, err = Start(t.Context(), apptest.SQLiteURL(t), Config{})
	require.ErrorContains(t, err, "lacks a part of its work")
}

// The tick comes by itself, the relay after it, and then what the relay names.
func TestTickRelayDeliver(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		ticked, delivered := make(chan bool, 100), make(chan string, 100)
		due := make(chan string, 1) // what the tick found is due
		w := idle()
		w.Tick = func(context.Context) error {
			select {
			case due <- "dlv_1":
			default:
			}
			ticked <- true
			return errors.New("an error holds nothing up")
		}
		w.Relay = func(context.Context) ([]string, error) {
			select {
			case id := <-due:
				return []string{id, id}, errors.New("nor does this")
			default:
				return nil, nil
			}
		}
		w.Deliver = func(_ context.Context, id string, attempt int) error {
			delivered <- fmt.Sprint(id, " ", attempt)
			return nil
		}
		c := quick(w)
		c.Every = time.Second
		started(t, migrated(t, url), c)
		for range 2 {
			<-ticked
			require.Equal(t, "dlv_1 1", <-delivered)
		}
	})
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		tried := map[string]chan int{}
		ids := []string{"done", "twice", "never", "hopeless", "late"}
		for _, id := range ids {
			tried[id] = make(chan int, 100)
		}
		var once sync.Once
		w := idle()
		w.Relay = handedOut(ids...)
		w.Deliver = func(_ context.Context, id string, attempt int) (err error) {
			switch {
			case id == "twice" && attempt == 1, id == "hopeless":
				err = errors.New("https://hooks.example/secret says no")
			case id == "never":
				err = fmt.Errorf("it is gone: %w", GiveUp(errors.New("410")))
			case id == "late":
				once.Do(func() { err = Later(time.Millisecond) })
			}
			tried[id] <- attempt
			return err
		}
		q := started(t, migrated(t, url), quick(w))
		require.Equal(t, 1, <-tried["done"])
		require.Equal(t, []int{1, 2}, []int{<-tried["twice"], <-tried["twice"]})
		require.Equal(t, 1, <-tried["never"])
		require.Equal(t, []int{1, 2, 3}, []int{<-tried["hopeless"], <-tried["hopeless"], <-tried["hopeless"]})
		require.Equal(t, []int{1, 1}, []int{<-tried["late"], <-tried["late"]}, "a wait is no attempt")

		require.NoError(t, q.Stop(t.Context())) // whatever there was to say is written now
		for id := range tried {
			require.Empty(t, tried[id], "%s is not tried again", id)
		}
		states := jobs(t, url)
		require.Equal(t, map[string][]string{"done": {"completed"}, "twice": {"completed"}, "late": {"completed"}, "never": {"cancelled"}, "hopeless": {"cancelled"}}, states.of)
		require.NotContains(t, states.text, "secret", "no address is kept")
	})
}

// What is done may be delivered again by hand, and what is not is not taken twice.
func TestOnceEach(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		working, release := make(chan string, 10), make(chan bool)
		relayed := make(chan bool, 100)
		w := idle()
		w.Relay = func(context.Context) ([]string, error) {
			defer func() { relayed <- true }()
			return []string{"dlv_1"}, nil
		}
		w.Deliver = func(ctx context.Context, id string, _ int) error {
			working <- id
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}
		c := quick(w)
		c.Every = time.Second
		started(t, migrated(t, url), c)
		<-working
		for len(relayed) > 0 {
			<-relayed
		}
		for range 2 { // when the second is asked, the first has inserted what it named
			<-relayed
		}
		require.Equal(t, []string{"running"}, jobs(t, url).of["dlv_1"], "the relay names it again while it is under way")
		release <- true
		<-working // the next relay's
		close(release)
	})
}

// A nudge that comes while a relay runs is not lost: that one may have looked already.
func TestNudgeWhileRelaying(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		relaying, release := make(chan bool), make(chan bool)
		w := idle()
		w.Relay = func(ctx context.Context) ([]string, error) {
			select {
			case relaying <- true:
				<-release
			case <-ctx.Done():
			}
			return nil, nil
		}
		c := quick(w)
		c.Every = time.Hour
		c.tuning.follower = true // no tick, whose relay would hide it
		q := started(t, migrated(t, url), c)
		<-relaying // the first one, of the start
		q.Nudge()
		release <- true
		<-relaying
		release <- true
	})
}

// Several replicas share the work, and none of it runs twice.
func TestTwoQueues(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		migrated(t, url)
		var ids []string
		for i := range 200 {
			ids = append(ids, fmt.Sprint("dlv_", i))
		}
		hand := handedOut(ids...)
		ran := make(chan string, 10*len(ids))
		var relaying atomic.Int32
		replica := func(mine, other chan bool) Work {
			var first sync.Once
			w := idle()
			w.Relay = func(ctx context.Context) ([]string, error) {
				defer relaying.Add(-1)
				if relaying.Add(1) > 1 {
					ran <- "two relays at once"
				}
				return hand(ctx)
			}
			w.Deliver = func(ctx context.Context, id string, _ int) error {
				first.Do(func() { close(mine) })
				select {
				case <-other: // neither does it all
				case <-ctx.Done():
				}
				ran <- id
				return nil
			}
			return w
		}
		one, two := make(chan bool), make(chan bool)
		a, b := started(t, url, quick(replica(one, two))), started(t, url, quick(replica(two, one)))
		times := map[string]int{}
		for range ids {
			times[<-ran]++
		}
		require.NoError(t, a.Stop(t.Context()))
		require.NoError(t, b.Stop(t.Context()))
		require.Empty(t, ran)
		require.Len(t, times, len(ids), "each has run once: %v", times)
	})
}

// A stop breaks off what does not end by itself, and the next start goes on with it as
// if it had not begun.
func TestStop(t *testing.T) {
	t.Parallel()
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		migrated(t, url)
		working, attempts := make(chan bool, 1), make(chan int, 1)
		w := idle()
		w.Relay = handedOut("dlv_1")
		w.Deliver = func(ctx context.Context, _ string, _ int) error {
			working <- true
			<-ctx.Done()
			return ctx.Err()
		}
		q, err := Start(t.Context(), url, quick(w))
		require.NoError(t, err)
		<-working
		require.NoError(t, q.client.StopAndCancel(t.Context())) // what the ten seconds come to
		require.NoError(t, q.Stop(t.Context()))
		require.NoError(t, q.Stop(t.Context()), "twice is once")
		q.Nudge() // and nobody waits for a queue that has ended

		w.Deliver = func(_ context.Context, _ string, attempt int) error { attempts <- attempt; return nil }
		started(t, url, quick(w))
		require.Equal(t, 1, <-attempts)
	})
}

func TestNextTry(t *testing.T) {
	t.Parallel()
	var all time.Duration
	for attempt := 1; attempt < Attempts; attempt++ {
		wait, more := NextTry(attempt)
		require.True(t, more, attempt)
		all += wait
	}
	_, more := NextTry(Attempts)
	require.False(t, more)
	require.Equal(t, 75*time.Hour+35*time.Minute+5*time.Second, all, "Standard Webhooks' table")
}
