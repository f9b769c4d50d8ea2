package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// accessLog writes a line for each request, after its error was drawn. No query
// and no header goes in: codes, tokens and search words are there. A path with
// a token in it is written as its route, whatever was asked of it.
func (s *Server) accessLog(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		if err := next(c); err != nil {
			c.Error(err)
		}
		req, res := c.Request(), c.Response()
		level := slog.LevelInfo
		if quiet(c.Path()) && res.Status == http.StatusOK {
			level = slog.LevelDebug
		}
		if !s.App.Log.Enabled(req.Context(), level) {
			return nil
		}
		path := withoutToken(req.URL.Path)
		if len(path) > 200 {
			path = path[:200]
		}
		s.App.Log.LogAttrs(req.Context(), level, "request",
			slog.String("request", res.Header().Get(echo.HeaderXRequestID)),
			slog.String("method", req.Method), slog.String("path", path), slog.Int("status", res.Status),
			slog.Int64("bytes", res.Size), slog.Duration("took", time.Since(began)), slog.String("from", c.RealIP()))
		return nil
	}
}

// quiet are the routes whose good answers are not worth a line: whether it runs, which is
// asked all the time, and decisions, which have a log of their own.
func quiet(route string) bool {
	return route == "/healthz" || route == "/readyz" || strings.HasPrefix(route, "/access/v1/evaluation")
}

// withoutToken is the path as the log may have it. It goes by the path alone: a request
// by another method, or to something below, has met no route, and has the token all the same.
func withoutToken(path string) string {
	for _, route := range tokenRoutes() {
		if begin := strings.TrimSuffix(route, ":token"); len(path) >= len(begin) && strings.EqualFold(path[:len(begin)], begin) {
			return route
		}
	}
	return path
}

// tokenRoutes are the routes whose last part is a secret.
var tokenRoutes = sync.OnceValue(func() (paths []string) {
	for _, route := range Routes() {
		if strings.HasSuffix(route.Path, "/:token") {
			paths = append(paths, route.Path)
		}
	}
	return paths
})

// stopped is a handler's panic; the stack goes to the log, never to a page.
type stopped struct {
	why   any
	stack []byte
}

func (p stopped) Error() string { return fmt.Sprintf("panic: %v", p.why) }

// recoverPanics turns a handler's panic into an error like any other.
func recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if why := recover(); why != nil {
				err = stopped{why: why, stack: debug.Stack()}
			}
		}()
		return next(c)
	}
}
