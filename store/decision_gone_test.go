package store

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/policy"
)

// askers ask from sixteen callers at once, and keep what each was told.
type askers struct {
	h      *house
	d      *Decisions
	key    string
	req    policy.Request
	begin  int64 // of the log's numbers, when they began
	mu     sync.Mutex
	yes    []int64
	failed int
	other  map[string]int // answers that are neither, by rule or error
	asks   chan struct{}  // a word for each answer, where somebody listens
	ends   chan struct{}
	wait   sync.WaitGroup
}

func (h *house) askers(d *Decisions, key string, req policy.Request) *askers {
	c := &askers{h: h, d: d, key: key, req: req, begin: d.Logged(), other: map[string]int{}, asks: make(chan struct{}), ends: make(chan struct{})}
	for range 16 {
		c.wait.Go(func() {
			for {
				select {
				case <-c.ends:
					return
				default:
				}
				got, err := d.Evaluate(context.Background(), key, "", req)
				c.mu.Lock()
				switch {
				case err == nil && got.Allow:
					c.yes = append(c.yes, got.ID)
				case err == nil:
					c.other[got.Rule]++
				case models.CodeOf(err) == models.Busy:
					c.failed++
				default:
					c.other[err.Error()]++
				}
				c.mu.Unlock()
				select {
				case c.asks <- struct{}{}:
				default:
				}
			}
		})
	}
	return c
}

// until does something, and waits until there were n more answers that count counts.
func (c *askers) until(n int, count func() int, do func()) {
	most := c.counted(count) + n
	if do != nil {
		do()
	}
	for range 100_000 { // answers, after which it does not come about any more
		if c.counted(count) >= most {
			return
		}
		<-c.asks
	}
}

func (c *askers) counted(count func() int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return count()
}

func (c *askers) allowed() int { return len(c.yes) }
func (c *askers) refused() int { return c.failed }

// settle has everybody stop asking, and holds what they were told against the log: each yes
// has its row; a number without a row was answered by no yes; and the log can be sealed.
func (c *askers) settle(t *testing.T) {
	t.Helper()
	close(c.ends)
	c.wait.Wait()
	require.Empty(t, c.other)
	_ = c.h.Close() // it may have connections that broke
	s, err := Open(t.Context(), c.h.url, WithClock(c.h.tick))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	c.h.Store = s
	rows := map[int64]bool{}
	for _, r := range logged(t, c.h) {
		rows[r.ID] = r.Allow
	}
	told := map[int64]bool{}
	for _, id := range c.yes {
		require.True(t, rows[id], "a yes was given as %d, and the log does not have it", id)
		require.False(t, told[id], "two were given as %d", id)
		told[id] = true
	}
	missing := 0
	for id := c.begin + 1; id <= c.d.Logged(); id++ {
		if _, there := rows[c.d.log.replica<<models.ReplicaBits|id]; !there {
			missing++
		}
	}
	require.LessOrEqual(t, missing, c.failed, "each number that is left out was answered with no answer")
	t.Logf("%d yes, %d without an answer, %d numbers left out", len(c.yes), c.failed, missing)
	sealedAndRight(t, c.h)
}

// sealedAndRight seals the log and reads it again.
func sealedAndRight(t *testing.T, h *house) {
	t.Helper()
	h.pass(models.Minute)
	for n := int64(1); n > 0; {
		var err error
		n, err = h.SealDecisions(t.Context())
		require.NoError(t, err)
	}
	require.NoError(t, h.snapshotOf(t, func(v *verification) error { return h.logOfDecisions(t.Context(), v) }))
}

// While somebody else holds the log, everybody is told soon that there is no answer, and
// nobody is told yes. Afterwards it goes on by itself.
func TestTheLogIsLocked(t *testing.T) {
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		capability, _ := h.live("read")
		plenty(h, capability)
		key, d := h.openKey(nil), h.decisions()
		c := h.askers(d, key, h.wants(capability))
		c.until(50, c.allowed, nil)
		release := h.lockTheLog(t)
		c.until(20, c.refused, nil) // sixteen that waited, and more that came while it was held
		held := c.counted(c.allowed)
		c.until(10, c.refused, nil)
		require.Equal(t, held, c.counted(c.allowed), "nobody is told yes while it is held")
		c.until(50, c.allowed, release)
		c.settle(t)
	})
}

// Whoever waited too long behind a log that takes nothing is told so at once, and is not
// written: else the last of a full queue would wait for every commit before them.
func TestWhoWaitedTooLongIsNotWritten(t *testing.T) {
	entry := func(age time.Duration) *logEntry {
		return &logEntry{row: &models.Decision{}, began: time.Now().Add(-age), ready: make(chan bool, 1)}
	}
	w := &countingLog{}
	l := &decisionLog{writer: w, leads: true}
	old, older, own := entry(logPatient), entry(2*logPatient), entry(0)
	l.waiting = []*logEntry{older, old, own}
	l.lead(own)
	require.Equal(t, []int{1}, w.batches)
	require.NoError(t, own.err)
	for _, e := range []*logEntry{old, older} {
		require.ErrorIs(t, e.err, errLogLate)
		require.False(t, <-e.ready, "it is told")
	}
	l.waiting = []*logEntry{older, old}
	l.lead(old)
	require.Equal(t, []int{1}, w.batches, "nothing is written for nobody")
	require.EqualValues(t, 1, l.last, "and no number is used up")
	require.False(t, l.leads)
}

type countingLog struct{ batches []int }

func (c *countingLog) write(rows []*models.Decision, _ int64) error {
	c.batches = append(c.batches, len(rows))
	return nil
}

func (c *countingLog) close() error { return nil }

// lockTheLog takes the log from a connection of its own, as maintenance would.
func (h *house) lockTheLog(t *testing.T) (release func()) {
	t.Helper()
	if h.engine == Postgres {
		conn, err := pgx.Connect(t.Context(), h.url)
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), "BEGIN; LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
		require.NoError(t, err)
		return func() { require.NoError(t, conn.Close(context.Background())) }
	}
	db, err := openDecisionsFile(decisionsFile(h.path))
	require.NoError(t, err)
	conn, err := db.Conn(t.Context())
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 10000")
	require.NoError(t, err)
	_, err = conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
	require.NoError(t, err)
	return func() {
		_, err := conn.ExecContext(context.Background(), "ROLLBACK")
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.NoError(t, db.Close())
	}
}

// The database goes away under load and comes back, by turns: every connection is ended by
// its administrator, or the network between is cut.
func TestTheDatabaseGoesAway(t *testing.T) {
	t.Run("its connections are ended", func(t *testing.T) {
		at, name := apptest.PostgresURL(t), "gone_"+strings.ToLower(NewActID()[:16])
		admin, err := pgx.Connect(t.Context(), at)
		require.NoError(t, err)
		defer func() { _ = admin.Close(context.Background()) }()
		goesAway(t, at+"&application_name="+name, func(c *askers) {
			for from := c.counted(c.refused); c.counted(c.refused) < from+3 && c.counted(c.allowed) < 100_000; { // also those that were opened meanwhile
				_, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)
				require.NoError(t, err)
				<-c.asks
			}
		})
	})
	t.Run("the network is cut", func(t *testing.T) {
		w, through := between(t, apptest.PostgresURL(t))
		goesAway(t, through, func(c *askers) {
			c.until(32, c.refused, func() { w.cut(true) })
			w.cut(false)
		})
	})
}

func goesAway(t *testing.T, at string, away func(*askers)) {
	h := newHouse(t, at)
	capability, _ := h.live("read")
	plenty(h, capability)
	key, d := h.openKey(nil), h.decisions()
	c := h.askers(d, key, h.wants(capability))
	for range 6 {
		c.until(200, c.allowed, nil)
		away(c)
	}
	c.until(200, c.allowed, nil)
	c.settle(t)
}

// A batch that the network kept for a while, and delivers when its callers were told that
// there is no answer and later ones are in the log already, is not let in: what is sealed
// stays as it was sealed.
func TestABatchThatComesLate(t *testing.T) {
	w, through := between(t, apptest.PostgresURL(t))
	h := newHouse(t, through)
	capability, _ := h.live("read")
	key, d := h.openKey(nil), h.decisions()
	req := h.wants(capability)
	ask := func(resource string) (Evaluated, error) {
		req.Resource.ID = resource
		return d.Evaluate(t.Context(), key, "", req)
	}
	_, err := ask("first")
	require.NoError(t, err)
	late := w.keep("ticket-that-is-late")
	_, err = ask("ticket-that-is-late")
	require.Equal(t, models.Busy, models.CodeOf(err), "it is told so, and does not wait for ever")
	yes, err := ask("after")
	require.NoError(t, err)
	require.True(t, yes.Allow)
	sealedAndRight(t, h)
	late()
	rows := logged(t, h)
	require.Equal(t, []string{"first", "after"}, []string{rows[0].Resource, rows[len(rows)-1].Resource})
	sealedAndRight(t, h)
	require.Len(t, rows, 2)
}

// wire is a network between a store and its database, which can be cut, and can keep what
// it should deliver.
type wire struct {
	to string

	mu     sync.Mutex
	off    bool
	open   map[net.Conn]net.Conn // by the store's end
	word   []byte                // what has this in it is kept, with all that follows it; nil for nothing
	keeper net.Conn              // the one that is kept
	goes   bool                  // it is delivered
	free   chan struct{}         // closed when it is to be delivered
	done   chan struct{}         // closed when it was answered
}

// between puts a wire before a database. through is the URL that leads over it.
func between(t *testing.T, at string) (w *wire, through string) {
	t.Helper()
	u, err := url.Parse(at)
	require.NoError(t, err)
	w = &wire{to: u.Host, open: map[net.Conn]net.Conn{}}
	if u.Port() == "" {
		w.to = net.JoinHostPort(u.Hostname(), "5432")
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	u.Host = listener.Addr().String()
	t.Cleanup(func() { _ = listener.Close(); w.cut(true) })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(near)
		}
	}()
	return w, u.String()
}

func (w *wire) carry(near net.Conn) {
	defer func() { _ = near.Close() }()
	far, err := net.Dial("tcp", w.to) //nolint:noctx // it ends with the wire
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	w.mu.Lock()
	if w.off {
		w.mu.Unlock()
		return
	}
	w.open[near] = far
	w.mu.Unlock()
	go w.back(near, far)
	part := make([]byte, 64<<10)
	for {
		n, err := near.Read(part)
		if n > 0 {
			w.wait(near, part[:n])
			_, _ = far.Write(part[:n])
		}
		if err != nil {
			break
		}
	}
	w.mu.Lock()
	delete(w.open, near)
	keeps := w.keeper == near
	w.mu.Unlock()
	if keeps {
		<-w.done // nobody reads the answer any more; it is given all the same
	}
}

// back carries answers, also to nobody.
func (w *wire) back(near, far net.Conn) {
	part := make([]byte, 64<<10)
	for {
		n, err := far.Read(part)
		_, _ = near.Write(part[:n])
		w.mu.Lock()
		if w.keeper == near && w.goes && (n > 0 || err != nil) {
			w.goes = false
			close(w.done)
		}
		w.mu.Unlock()
		if err != nil {
			_ = near.Close()
			return
		}
	}
}

// wait keeps what has the word in it until it is let go.
func (w *wire) wait(near net.Conn, part []byte) {
	w.mu.Lock()
	keep := w.word != nil && bytes.Contains(part, w.word)
	if keep {
		w.word, w.keeper = nil, near
	}
	w.mu.Unlock()
	if keep {
		<-w.free
		w.mu.Lock()
		w.goes = true
		w.mu.Unlock()
	}
}

// cut ends every connection, and lets no new one through until it is mended.
func (w *wire) cut(off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = off
	if !off {
		return
	}
	for near, far := range w.open {
		_, _ = near.Close(), far.Close()
	}
	clear(w.open)
}

// keep keeps what is sent next with the word in it. deliver lets it go, and returns when it
// was answered.
func (w *wire) keep(word string) (deliver func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.word, w.free, w.done = []byte(word), make(chan struct{}), make(chan struct{})
	return func() { close(w.free); <-w.done }
}
