package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"countersign/handlers"
	"countersign/static"
)

// health: the process answers. It asks nobody else, so that a database that is
// down for a moment does not get every replica restarted.
func health(r *handlers.Request) error { return r.String(http.StatusOK, "ok\n") }

// ready: requests may come. When not, it says which of the reasons it is; the
// database's own words, which may hold names, go to the log.
func ready(r *handlers.Request) error {
	if err := r.App.Ready(r.Ctx()); err != nil {
		r.App.Log.WarnContext(r.Ctx(), "not ready", "request", r.ID, "error", err)
		var known notReady
		errors.As(err, &known)
		return r.String(http.StatusServiceUnavailable, "not ready: "+string(known)+"\n")
	}
	return r.String(http.StatusOK, "ready\n")
}

// notReady is why requests should not come here.
type notReady string

func (n notReady) Error() string { return string(n) }

// ready asks the database, and at first whether it has every migration.
func (s *Server) ready(ctx context.Context) error {
	if s.stopping.Load() {
		return notReady("this server is stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := s.App.Store.Ping(ctx); err != nil {
		return errors.Join(notReady("the database cannot be reached"), err)
	}
	if s.migrated.Load() {
		return nil
	}
	pending, err := s.App.Store.Pending(ctx)
	switch {
	case err != nil:
		return errors.Join(notReady("the database's migrations cannot be read, or are newer than this program"), err)
	case pending > 0:
		return notReady(fmt.Sprintf("the database lacks %d migrations: run countersign migrate", pending))
	}
	s.migrated.Store(true)
	return nil
}

var serveFiles = static.Handler()

// files serves the stylesheet and the scripts.
func files(r *handlers.Request) error {
	serveFiles.ServeHTTP(r.Response(), r.Request())
	return nil
}
