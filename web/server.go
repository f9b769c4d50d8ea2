// Package web is what is true of every request: the server, the whole route
// table with each route's guard on its line, sessions, the check of forms, the
// headers, and the one mapping from errors to pages.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"countersign/handlers"
	"countersign/ledger/passkey"
	"countersign/store"
)

// drain is how long requests under way may take after the stop.
const drain = 10 * time.Second

// Server answers the product's addresses.
type Server struct {
	App *handlers.App

	cfg      Config
	echo     *echo.Echo
	csrf     echo.MiddlewareFunc
	stopping atomic.Bool
	migrated atomic.Bool // seen once; a newer program may migrate further
}

// Option changes how a server is made.
type Option func(*Server)

// WithClock fixes the time, for tests.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.App.Now = now } }

// WithLog sends the log elsewhere than to slog's default.
func WithLog(l *slog.Logger) Option { return func(s *Server) { s.App.Log = l } }

// WithDemo mounts the demo's own identity provider below its path, such as
// "/demo-idp", and says on every page that this is a demonstration.
func WithDemo(path string, provider http.Handler) Option {
	return func(s *Server) {
		s.App.Demo = true
		mounted := echo.WrapHandler(provider)
		s.echo.Any(path+"/*", func(c echo.Context) error {
			c.Response().Header().Del("X-Frame-Options") // it has headers of its own
			return mounted(c)
		})
	}
}

// New makes a server that is not listening yet. Refused: a Config with problems.
func New(cfg Config, st *store.Store, options ...Option) (*Server, error) {
	if problems := cfg.Validate(); len(problems) > 0 {
		return nil, errors.New(strings.Join(problems, "\n"))
	}
	cfg = cfg.withDefaults()
	s := &Server{cfg: cfg, echo: echo.New(), csrf: csrfMiddleware(cfg.Secure())}
	s.App = &handlers.App{
		Store: st, Sessions: newSessions(cfg, st), Log: slog.Default(), Now: time.Now, Ready: s.ready, Waiting: st.Waiting,
		Allow: cfg.Channels.Allow, MailHost: cfg.Channels.MailHost, MailFrom: cfg.Channels.MailFrom,
		PublicURL: cfg.PublicURL, Secure: cfg.Secure(), IdleTimeout: cfg.IdleTimeout, FullTimeout: cfg.AbsoluteTimeout,
		Provider: handlers.NewProvider(handlers.ProviderConfig{
			Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID, ClientSecret: cfg.OIDC.ClientSecret,
			Redirect: cfg.PublicURL + "/sign-in/callback", Scopes: cfg.OIDC.Scopes, GroupsClaim: cfg.OIDC.GroupsClaim,
		}),
	}
	var err error
	if s.App.Passkeys, err = passkey.New(cfg.PublicURL); err != nil {
		slog.Warn("nobody can sign at high and critical here", "error", err)
	}
	for _, option := range options {
		option(s)
	}
	s.prepare()
	return s, nil
}

// prepare puts the middleware and the routes in place. From the outside in:
// number, headers, log, panics, compression, then the route's own guard.
func (s *Server) prepare() {
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard) // everything that matters goes to slog
	e.IPExtractor = ipExtractor(s.cfg.TrustedProxies)
	e.HTTPErrorHandler = s.drawError
	e.Use(requestID, securityHeaders(s.cfg.Secure()), s.accessLog, recoverPanics)
	e.Use(middleware.GzipWithConfig(middleware.GzipConfig{
		MinLength: 1024,
		Skipper:   func(c echo.Context) bool { return strings.HasPrefix(c.Path(), "/static/") }, // compressed once, when built
	}))
	for _, route := range Routes() {
		s.add(route)
	}
}

func (s *Server) add(route Route) {
	h := s.guarded(route)
	s.echo.Add(route.Method, route.Path, h)
	if route.Method == http.MethodGet {
		s.echo.HEAD(route.Path, h)
	}
}

// Handler is the whole server, for tests that need no network.
func (s *Server) Handler() http.Handler { return s.echo }

// Run listens where the Config says and serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	return s.Serve(ctx, listener)
}

// Serve answers on the listener until ctx ends; then it takes no more requests
// and gives those under way ten seconds. It returns nil after such a stop.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	srv := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second, // a long export sets its own deadline
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // broken handshakes of strangers
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(listener) }()
	go s.sweepSessions(ctx)
	s.App.Log.Info("listening", "address", listener.Addr().String(), "url", s.cfg.PublicURL)
	select {
	case err := <-ended:
		return fmt.Errorf("cannot serve: %w", err)
	case <-ctx.Done():
	}
	s.stopping.Store(true)
	s.App.Log.Info("stopping")
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := srv.Shutdown(within); err != nil {
		_ = srv.Close() // what is still under way is broken off
		return fmt.Errorf("cannot stop in time: %w", err)
	}
	return nil
}

// sweepSessions forgets sessions that ran out, and what was uploaded a day ago.
func (s *Server) sweepSessions(ctx context.Context) {
	every := time.NewTicker(10 * time.Minute)
	defer every.Stop()
	for {
		if err := s.App.Store.Sessions().Sweep(ctx); err != nil && ctx.Err() == nil {
			s.App.Log.WarnContext(ctx, "cannot forget old sessions", "error", err)
		}
		if err := s.App.Store.SweepImports(ctx); err != nil && ctx.Err() == nil {
			s.App.Log.WarnContext(ctx, "cannot forget old imports", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// ipExtractor believes X-Forwarded-For only of the proxies that are named.
func ipExtractor(proxies []string) echo.IPExtractor {
	if len(proxies) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range proxies {
		if n, err := network(p); err == nil { // Validate has looked
			trust = append(trust, echo.TrustIPRange(n))
		}
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
