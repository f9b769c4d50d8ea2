//go:build linux

package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"
)

// constant is as long as what the product answers to a request that is allowed.
var constant = []byte(`{"decision":true,"context":{"id":"1099511627776","rule":"allow","capability":"cap_01aaaaaaaaaaaaaaaaaaaaaaaa","version":"ver_01aaaaaaaaaaaaaaaaaaaaaaaa","digest":"` + strings.Repeat("a", 64) + `"}}` + "\n")

// serveCeiling reads each body and answers the same: what the network, the protocol and
// the web framework leave to any decision point. With a file it first syncs as much of it as
// a commit of the product's log is: what the disk leaves to whoever answers one request after
// the other.
func serveCeiling(ctx context.Context, address, file string) error {
	synced := func() error { return nil }
	if file != "" {
		end, again, err := syncsOf(file)
		if err != nil {
			return err
		}
		defer end()
		synced = again
	}
	e := echo.New()
	e.POST("/access/v1/evaluation", func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
			return err
		}
		if err := synced(); err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "application/json", constant)
	})
	srv := &http.Server{Addr: address, Handler: e, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	if err := srv.ListenAndServe(); ctx.Err() == nil {
		return err
	}
	return nil
}

// syncsOf writes and syncs one piece of a file of 64 MiB after the other, as often as it is
// told; the file gets no longer.
func syncsOf(path string) (end func(), again func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	const all, piece = 64 << 20, 24 + 4096 // of SQLite's write-ahead log: a page with its header
	if _, err := f.Write(make([]byte, all)); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	var mu sync.Mutex
	at, page := int64(0), make([]byte, piece)
	return func() { _ = f.Close() }, func() error {
		mu.Lock()
		defer mu.Unlock()
		if _, err := f.WriteAt(page, at); err != nil {
			return err
		}
		at = (at + piece) % (all - piece)
		return syscall.Fdatasync(int(f.Fd()))
	}, nil
}
