package journeys

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync"
	"testing"

	"countersign/apptest/app"
	"countersign/jobs"
	"countersign/notify"
	"countersign/web"
)

// here are the addresses of this machine, opened as an operator opens a network.
var here = notify.Allow{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

// HooksHere opens this machine to hooks, so that a test's own receiver can be one.
func HooksHere() app.Option {
	return app.Configure(func(c *web.Config) { c.Channels.Allow = here })
}

// Received is one message as a receiver got it.
type Received struct {
	Path   string
	Header http.Header
	Body   string
}

// Receiver is a real receiver on this machine, for hooks.
type Receiver struct {
	URL string

	mu   sync.Mutex
	code int
	got  []Received
}

// NewReceiver starts one that answers 200, and stops it with the test.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{code: http.StatusOK}
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	r.URL = s.URL
	return r
}

// Answers has it answer with this status from now on.
func (r *Receiver) Answers(code int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.code = code
}

// Got is what it got so far.
func (r *Receiver) Got() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Received(nil), r.got...)
}

func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it was broken off
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, Received{req.URL.Path, req.Header, string(body)})
	w.WriteHeader(r.code)
}

// Send tries once whatever is to be sent now, as the queue does, which does not run in
// tests of pages. What came of it is in the register.
func (o *Org) Send(t testing.TB) {
	t.Helper()
	s := &jobs.Sender{Store: o.Store, PublicURL: o.URL, Now: o.Store.Now, Hooks: notify.Webhooks{Allow: here}}
	ids, err := s.Relay(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		_ = s.Deliver(t.Context(), id, 1)
	}
}
