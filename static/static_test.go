package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func get(method, path string, header ...string) *http.Response {
	req := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	Handler().ServeHTTP(rec, req)
	return rec.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(b)
}

func TestPathCarriesTheDigest(t *testing.T) {
	path := Path("app.css")
	assert.Regexp(t, `^/static/app-[0-9a-f]{12}\.css$`, path)
	res := get("GET", path)
	assert.Equal(t, http.StatusOK, res.StatusCode)
	assert.Equal(t, "public, max-age=31536000, immutable", res.Header.Get("Cache-Control"))
	assert.Equal(t, "text/css; charset=utf-8", res.Header.Get("Content-Type"))
	assert.Equal(t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	assert.Panics(t, func() { Path("no.css") })
}

func TestPlainNameIsAskedForAgain(t *testing.T) {
	res := get("GET", "/static/app.js")
	assert.Equal(t, "no-cache", res.Header.Get("Cache-Control"))
	assert.Equal(t, "text/javascript; charset=utf-8", res.Header.Get("Content-Type"))
	again := get("GET", "/static/app.js", "If-None-Match", res.Header.Get("ETag"))
	assert.Equal(t, http.StatusNotModified, again.StatusCode)
	assert.Empty(t, body(t, again.Body))
}

func TestCompressedWhenAsked(t *testing.T) {
	plain := body(t, get("GET", "/static/app.css").Body)
	for _, accept := range []string{"gzip", "br, gzip;q=0.5", "deflate,gzip; q=1"} {
		res := get("GET", "/static/app.css", "Accept-Encoding", accept)
		require.Equal(t, "gzip", res.Header.Get("Content-Encoding"), accept)
		assert.Equal(t, "Accept-Encoding", res.Header.Get("Vary"))
		r, err := gzip.NewReader(res.Body)
		require.NoError(t, err)
		assert.Equal(t, plain, body(t, r))
	}
	for _, accept := range []string{"", "br", "gzip;q=0", "x-gzipped"} {
		assert.Empty(t, get("GET", "/static/app.css", "Accept-Encoding", accept).Header.Get("Content-Encoding"), accept)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	for _, path := range []string{"/static/", "/static/none.css", "/static/../go.mod", "/static/static.go", "/static/app-000000000000.css"} {
		assert.Equal(t, http.StatusNotFound, get("GET", path).StatusCode, path)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, get("POST", "/static/app.css").StatusCode)
	head := get("HEAD", "/static/app.css")
	assert.Equal(t, http.StatusOK, head.StatusCode)
	assert.NotEmpty(t, head.Header.Get("Content-Length"))
	assert.Empty(t, body(t, head.Body))
}

func TestScriptsEvaluateNothing(t *testing.T) {
	r, err := Open("app.js")
	require.NoError(t, err)
	source := body(t, r)
	for _, word := range []string{"eval(", "new Function", "innerHTML", ".style.", "http"} {
		assert.False(t, strings.Contains(source, word), word)
	}
	_, err = Open("none.js")
	assert.Error(t, err)
}
