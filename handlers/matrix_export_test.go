package handlers

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/stretchr/testify/require"
)

// A file that does not come to its end must not look as if it had; what fails
// before its first byte is an answer like any other.
func TestADownloadThatBreaksOff(t *testing.T) {
	e := echo.New()
	e.Logger.SetOutput(io.Discard)
	e.Use(middleware.GzipWithConfig(middleware.GzipConfig{MinLength: 1024}))
	e.GET("/:way", func(c echo.Context) error {
		d := &download{r: &Request{Context: c}, kind: "text/csv", name: "x.csv"}
		var err error
		if c.Param("way") != "before" {
			_, err = d.Write([]byte(strings.Repeat("a,b\r\n", 50_000)))
			require.NoError(t, err)
		}
		if c.Param("way") != "whole" {
			err = errors.New("the database went away")
		}
		if err := d.done(err); err != nil && !c.Response().Committed {
			return c.String(http.StatusInternalServerError, "sorry")
		}
		return nil
	})
	srv := httptest.NewServer(e)
	t.Cleanup(srv.Close)
	read := func(way string) (*http.Response, string, error) {
		res, err := srv.Client().Get(srv.URL + "/" + way)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return res, string(body), err
	}
	res, body, err := read("whole")
	require.NoError(t, err)
	require.Len(t, body, 250_000)
	require.Equal(t, `attachment; filename="x.csv"`, res.Header.Get("Content-Disposition"))
	_, _, err = read("after")
	require.Error(t, err)
	res, body, err = read("before")
	require.NoError(t, err)
	require.Equal(t, "sorry", body)
	require.Empty(t, res.Header.Get("Content-Disposition"))
}
