package jobs

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
	"countersign/notify"
	"countersign/store"
)

// office is a person with a mailbox, a clock that stands still, and a sender.
type office struct {
	*Sender
	t     *testing.T
	clock *atomic.Int64
	ann   models.Person
}

func newOffice(t *testing.T, url string, clock bool) *office {
	t.Helper()
	o := &office{t: t, clock: &atomic.Int64{}}
	o.clock.Store(int64(models.At(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))))
	var options []store.Option
	if clock {
		options = append(options, store.WithClock(func() models.Instant { return models.Instant(o.clock.Load()) }))
	}
	st, err := store.Open(t.Context(), url, options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	require.NoError(t, st.Migrate(t.Context()))
	require.NoError(t, st.Bootstrap(t.Context(), []models.Login{{Issuer: "https://idp.example", Subject: "adam", Name: "Adam"}}))
	in, err := st.SignIn(t.Context(), models.Login{Issuer: "https://idp.example", Subject: "adam", Name: "Adam"})
	require.NoError(t, err)
	receipt, err := st.DecideAdmin(t.Context(), models.Act{ID: store.NewActID(), Person: in.Person.Person.ID}, store.AdminLookup{}, func(f models.AdminFacts) (models.Change, error) {
		return f.AddPerson("Ann", "ann@house.example", "")
	})
	require.NoError(t, err)
	o.ann = models.Person{ID: receipt.Subject, Status: models.PersonActive}
	o.Sender = &Sender{Store: st, PublicURL: "https://countersign.example", Now: st.Now,
		Hooks: notify.Webhooks{Allow: notify.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}}}
	return o
}

func (o *office) post(port int) {
	o.Mail = &notify.Mail{Host: "127.0.0.1", Port: port, TLS: notify.MailPlain, From: "countersign@house.example"}
}

func (o *office) pass(d time.Duration) { o.clock.Add(d.Microseconds()) }

// ask has a message sent to Ann.
func (o *office) ask(rule func(models.ChannelFacts) (models.Change, error)) string {
	o.t.Helper()
	r, err := o.Store.DecideChannels(context.Background(), models.Act{ID: store.NewActID(), Person: o.ann.ID}, store.ChannelLookup{}, rule)
	require.NoError(o.t, err)
	return r.Subject
}

// round is one sweep: what is due is tried once.
func (o *office) round() (tried int) {
	o.t.Helper()
	ids, err := o.Relay(context.Background())
	require.NoError(o.t, err)
	for _, id := range ids {
		_ = o.Deliver(context.Background(), id, 1) // what came of it is in the register
	}
	return len(ids)
}

func (o *office) register() []store.NoticeLine {
	o.t.Helper()
	lines, _, err := o.Store.MyNotices(context.Background(), models.Party{Person: o.ann}, nil)
	require.NoError(o.t, err)
	return lines
}

func (o *office) tries(l store.NoticeLine) []models.DeliveryTry {
	o.t.Helper()
	n, err := o.Store.Notice(context.Background(), models.Party{Person: o.ann, Roles: []models.Role{models.Auditor}}, l.OutboxID)
	require.NoError(o.t, err)
	return n.Tries[l.ID]
}

func TestMailServerDownForSixHours(t *testing.T) {
	down, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := down.Addr().String()
	require.NoError(t, down.Close())
	o := newOffice(t, apptest.SQLiteURL(t), true)
	o.post(down.Addr().(*net.TCPAddr).Port)
	o.ask(models.ChannelFacts.TestMail)
	for range 6 * 6 {
		o.round()
		o.pass(10 * time.Minute)
	}
	line := o.register()[0]
	require.Equal(t, models.DeliveryWaiting, line.State, "nothing is given up in six hours")
	require.Len(t, o.tries(line), 5, "at once, after 5 s, 5 min, 30 min and 2 h")
	require.Equal(t, "127.0.0.1: the connection was refused", o.tries(line)[4].Said)
	c, err := o.Store.Channels(t.Context(), models.Party{Person: o.ann})
	require.NoError(t, err)
	require.NotNil(t, c.Mail.Failed, "the page says so")

	up := startPost(t, address)
	o.pass(-time.Hour) // and the clock steps back an hour
	for range 6 * 10 {
		o.round()
		o.pass(10 * time.Minute)
	}
	line = o.register()[0]
	require.Equal(t, models.DeliveryDelivered, line.State)
	require.Equal(t, map[string]int{line.ID: 1}, up.mails(), "once, under its key")
	require.Zero(t, o.round())
}

func TestMailboxThatRefuses(t *testing.T) {
	p := startPost(t, "127.0.0.1:0")
	p.refuse["ann@house.example"] = true
	o := newOffice(t, apptest.SQLiteURL(t), true)
	o.post(p.port(t))
	o.ask(models.ChannelFacts.TestMail)
	require.Equal(t, 1, o.round())
	line := o.register()[0]
	require.Equal(t, models.DeliveryGivenUp, line.State, "at once: trying again cannot help")
	require.Len(t, o.tries(line), 1)
	require.Contains(t, o.tries(line)[0].Said, "no such mailbox")
	c, err := o.Store.Channels(t.Context(), models.Party{Person: o.ann})
	require.NoError(t, err)
	require.True(t, c.Mail.Refused, "and her page says so")
}

// TestNoMailServer is recorded as such, not lost.
func TestNoMailServer(t *testing.T) {
	o := newOffice(t, apptest.SQLiteURL(t), true)
	o.ask(models.ChannelFacts.TestMail)
	require.Zero(t, o.round())
	line := o.register()[0]
	require.Equal(t, models.DeliveryNone, line.State)
	require.Equal(t, models.NotNoMailServer, line.Why)
	require.Equal(t, "ann@house.example", line.Address, "whom it would have gone to")
}

// TestHooks tries receivers of every kind: what is recorded of each, and that no part of
// a hook's address gets into it.
func TestHooks(t *testing.T) {
	const secret = "T0KEN-of-the-chat"
	for name, hook := range map[string]struct {
		answer http.HandlerFunc
		state  string
		end    string // of the hook
		said   string
	}{
		"takes it":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok "+secret) }, models.DeliveryDelivered, models.EndpointOn, "answered 200: ok […]"},
		"fails":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, models.DeliveryWaiting, models.EndpointOn, "127.0.0.1 answers 500"},
		"redirects":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, models.DeliveryWaiting, models.EndpointOn, "redirect"},
		"lies":       {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x\x1b[31m\n", 1e5)) }, models.DeliveryDelivered, models.EndpointOn, "answered 200: x"},
		"breaks off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, models.DeliveryWaiting, models.EndpointOn, "closed the connection"},
		"is gone":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, models.DeliveryGivenUp, models.EndpointGone, "410"},
	} {
		t.Run(name, func(t *testing.T) {
			receiver := httptest.NewServer(hook.answer)
			defer receiver.Close()
			p := startPost(t, "127.0.0.1:0")
			o := newOffice(t, apptest.SQLiteURL(t), true)
			o.post(p.port(t))
			id := o.ask(func(f models.ChannelFacts) (models.Change, error) {
				return f.AddEndpoint(models.EndpointForm{Name: "Chat", Style: notify.StyleSlack, URL: receiver.URL + "/services/" + secret},
					func(_, _, _ string) (string, []models.FieldError) { return "127.0.0.1", nil })
			})
			o.ask(func(f models.ChannelFacts) (models.Change, error) { return f.TestEndpoint(id) })
			require.Equal(t, 1, o.round())
			line := o.register()[0]
			require.Equal(t, hook.state, line.State)
			require.Contains(t, o.tries(line)[0].Said, hook.said)
			require.NotContains(t, o.tries(line)[0].Said+line.Address, secret)
			c, err := o.Store.Channels(t.Context(), models.Party{Person: o.ann})
			require.NoError(t, err)
			require.Equal(t, hook.end, c.Hooks[0].State)
			if hook.end == models.EndpointGone {
				require.Equal(t, 1, o.round(), "she is told by mail")
				require.Equal(t, []string{"A hook is gone and was switched off: Chat"}, p.said)
			}
		})
	}
}

const killedPost = "COUNTERSIGN_TEST_KILLED_POST" // the mail server's port

// TestKilledBetweenClaimAndRecord kills a process that delivers, again and again, as soon
// as the mail server has taken a mail and before anybody could record it. In the end each
// notice is recorded once and was sent at least once, always under the same key.
func TestKilledBetweenClaimAndRecord(t *testing.T) {
	if port := os.Getenv(killedPost); port != "" {
		sendUntilKilled(port)
		return
	}
	rounds := 3
	if n, err := strconv.Atoi(os.Getenv("COUNTERSIGN_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	apptest.EachDatabase(t, func(t *testing.T, url string) {
		p := startPost(t, "127.0.0.1:0")
		o := newOffice(t, url, false)
		o.post(p.port(t))
		require.NoError(t, Migrate(t.Context(), url))
		for range rounds {
			for range 4 {
				o.ask(models.ChannelFacts.TestMail)
			}
			child := exec.Command(os.Args[0], "-test.run=^TestKilledBetweenClaimAndRecord$", "-test.count=1")
			child.Env = append(os.Environ(), killedPost+"="+strconv.Itoa(p.port(t)), crashing+"_URL="+url)
			require.NoError(t, child.Start())
			<-p.taken
			require.NoError(t, child.Process.Kill())
			require.Error(t, child.Wait())
			for len(p.taken) > 0 {
				<-p.taken
			}
		}
		c := quick(Work{Tick: func(context.Context) error { return nil }, Relay: o.Relay, Deliver: o.Deliver})
		c.tuning.timeout, c.tuning.rescueAfter = time.Second, time.Second // instead of a minute
		time.Sleep(1100 * time.Millisecond)                               // what the last one held is taken for lost only then
		started(t, url, c)
		require.Eventually(t, func() bool {
			for _, l := range o.register() {
				if l.State != models.DeliveryDelivered {
					return false
				}
			}
			return true
		}, time.Minute, 20*time.Millisecond)
		mails, lines := p.mails(), o.register()
		require.Len(t, lines, 4*rounds, "each notice is recorded once")
		require.Len(t, mails, 4*rounds, "and has one key, however often it was sent")
		for _, l := range lines {
			require.GreaterOrEqual(t, mails[l.ID], 1, "and was sent at least once")
		}
	})
}

func sendUntilKilled(port string) {
	url := os.Getenv(crashing + "_URL")
	st, err := store.Open(context.Background(), url)
	if err != nil {
		panic(err)
	}
	n, _ := strconv.Atoi(port)
	s := &Sender{Store: st, Now: st.Now, PublicURL: "https://countersign.example", Mail: &notify.Mail{Host: "127.0.0.1", Port: n, TLS: notify.MailPlain, From: "countersign@house.example"}}
	c := quick(Work{Tick: func(context.Context) error { return nil }, Relay: s.Relay, Deliver: s.Deliver})
	c.tuning.follower = true // else its lease keeps the last one from being the clock for 15 seconds
	q, err := Start(context.Background(), url, c)
	if err != nil {
		panic(err)
	}
	// Not by a nudge: the last one may have been killed in the middle of its relay, and
	// only who has the lease finds that job again.
	ids, err := s.Relay(context.Background())
	if err == nil {
		err = q.deliver(context.Background(), ids)
	}
	if err != nil {
		panic(err)
	}
	select {}
}
