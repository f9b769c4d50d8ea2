// Package app starts the real server for tests: a database of the test's own, a
// real OpenID provider, and clients that sign in through it.
//
//	a := app.Start(t, apptest.SQLiteURL(t))
//	ada := a.Client(t).Login(app.Admin.Subject)
//	page := ada.Get("/agents/new", 200)
//	page = ada.Submit(page, "form.agent", app.Values{"name": "Invoice agent"}, 200)
//	page.Want("h1", "Invoice agent")
package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"countersign/models"
	"countersign/store"
	"countersign/web"
	"countersign/web/idp"
)

// Admin is the one person whom Start makes, unless Seed says otherwise: the
// first administrator, as an operator's configuration names one.
var Admin = idp.Person{Subject: "ada", Name: "Ada Admin", Email: "ada@example.com", Says: "Administrator"}

// Stranger can sign in at the provider and is linked to nobody.
var Stranger = idp.Person{Subject: "stranger", Name: "Sam Stranger", Email: "sam@example.com", Says: "Known to nobody"}

// App is a running server.
type App struct {
	URL    string // scheme and host
	Issuer string
	Store  *store.Store
	Server *web.Server
	IDP    *idp.Provider
	Clock  *Clock // nil when the machine's clock is used
	Log    *Log

	stop  context.CancelFunc
	ended chan error
	tls   *tls.Config // nil without https
}

// Option changes how the app is started.
type Option func(*setup)

type setup struct {
	clock  *Clock
	people []idp.Person
	seed   func(ctx context.Context, st *store.Store, issuer string) error
	config []func(*web.Config)
	web    []web.Option
	https  bool
	bare   bool
}

// At fixes the time, for the store, the server and the provider; Clock moves it.
func At(now time.Time) Option { return func(s *setup) { s.clock = &Clock{at: now} } }

// People are whom the provider offers, beside Admin and Stranger.
func People(people ...idp.Person) Option {
	return func(s *setup) { s.people = append(s.people, people...) }
}

// Seed fills the database instead of making Admin the first administrator.
func Seed(fill func(ctx context.Context, st *store.Store, issuer string) error) Option {
	return func(s *setup) { s.seed = fill }
}

// Configure changes the configuration.
func Configure(change func(*web.Config)) Option {
	return func(s *setup) { s.config = append(s.config, change) }
}

// With hands options to the server.
func With(options ...web.Option) Option {
	return func(s *setup) { s.web = append(s.web, options...) }
}

// HTTPS serves with a certificate of the test's own, and has the provider at a
// plain-http address of its own.
func HTTPS() Option { return func(s *setup) { s.https = true } }

// Unmigrated leaves the database empty.
func Unmigrated() Option { return func(s *setup) { s.bare = true } }

// Start starts the server on a free port, with the database at the URL, and
// stops it when the test ends.
func Start(t testing.TB, database string, options ...Option) *App {
	t.Helper()
	set := setup{people: []idp.Person{Admin, Stranger}, seed: bootstrap}
	for _, o := range options {
		o(&set)
	}
	listener := listen(t)
	a := &App{URL: "http://" + named(listener), Clock: set.clock, Log: &Log{}, ended: make(chan error, 1)}
	a.provide(t, &listener, set)
	a.open(t, database, set)
	a.serve(t, listener, set)
	return a
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// named is the listener's address by the one name at which browsers take passkeys
// without https.
func named(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "localhost:" + port
}

// provide makes the provider: below the app's own address, or with https at
// another.
func (a *App) provide(t testing.TB, listener *net.Listener, set setup) {
	t.Helper()
	origin := a.URL
	if set.https {
		cert := httptest.NewUnstartedServer(nil)
		cert.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(cert.Certificate())
		a.tls = &tls.Config{RootCAs: roots}
		*listener = tls.NewListener(*listener, &tls.Config{Certificates: cert.TLS.Certificates})
		cert.Close()
		beside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.IDP.ServeHTTP(w, r) }))
		t.Cleanup(beside.Close)
		a.URL, origin = "https://"+(*listener).Addr().String(), beside.URL
	}
	a.Issuer = origin + "/demo-idp"
	provider, err := idp.New(a.Issuer, set.people)
	if err != nil {
		t.Fatal(err)
	}
	provider.AllowRedirect(a.URL + idp.CallbackPath)
	if a.Clock != nil {
		provider.SetClock(a.Clock.Now)
	}
	a.IDP = provider
}

func (a *App) open(t testing.TB, database string, set setup) {
	t.Helper()
	var opts []store.Option
	if a.Clock != nil {
		opts = append(opts, store.WithClock(func() models.Instant { return models.At(a.Clock.Now()) }))
	}
	st, err := store.Open(t.Context(), database, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	a.Store = st
	if set.bare {
		return
	}
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := set.seed(t.Context(), st, a.Issuer); err != nil {
		t.Fatal(err)
	}
}

func bootstrap(ctx context.Context, st *store.Store, issuer string) error {
	return st.Bootstrap(ctx, []models.Login{{Issuer: issuer, Subject: Admin.Subject, Name: Admin.Name, Email: Admin.Email}})
}

func (a *App) serve(t testing.TB, listener net.Listener, set setup) {
	t.Helper()
	cfg := web.Config{Listen: listener.Addr().String(), PublicURL: a.URL,
		OIDC: web.OIDC{Issuer: a.Issuer, ClientID: idp.ClientID, ClientSecret: a.IDP.ClientSecret()}}
	for _, change := range set.config {
		change(&cfg)
	}
	options := []web.Option{web.WithLog(slog.New(slog.NewTextHandler(a.Log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
	if !set.https {
		options = append(options, web.WithDemo(a.IDP.Path(), a.IDP))
	}
	if a.Clock != nil {
		options = append(options, web.WithClock(a.Clock.Now))
	}
	server, err := web.New(cfg, a.Store, append(options, set.web...)...)
	if err != nil {
		t.Fatal(err)
	}
	a.Server = server
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	a.stop = stop
	go func() { a.ended <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Errorf("the server did not stop in order: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", a.Log)
		}
	})
}

// Stop tells the server to stop, as SIGTERM does, and waits until it has. Once
// is enough; again does nothing.
func (a *App) Stop() error {
	a.stop()
	select {
	case err := <-a.ended:
		a.ended <- nil
		return err
	case <-time.After(30 * time.Second):
		return errors.New("the server is still there after 30 seconds")
	}
}

// Begin tells the server to stop and does not wait.
func (a *App) BeginStop() { a.stop() }

// Clock is a time that stands still until it is moved.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the time on.
func (c *Clock) Move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// Log is what the server wrote.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to it.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// String is the whole of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
