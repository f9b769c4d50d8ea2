//go:build linux

package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// constant is as long as what the product answers to a request that is allowed.
var constant = []byte(`{"decision":true,"context":{"id":"1099511627776","rule":"allow","capability":"cap_01aaaaaaaaaaaaaaaaaaaaaaaa","version":"ver_01aaaaaaaaaaaaaaaaaaaaaaaa","digest":"` + strings.Repeat("a", 64) + `"}}` + "\n")

// serveCeiling reads each body and answers the same: what the network, the protocol and
// the web framework leave to any decision point.
func serveCeiling(ctx context.Context, address string) error {
	e := echo.New()
	e.POST("/access/v1/evaluation", func(c echo.Context) error {
		if _, err := io.ReadAll(c.Request().Body); err != nil {
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
