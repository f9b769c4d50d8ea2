// Package static holds the built stylesheet and the vendored scripts, and
// serves them under addresses that carry a digest of their content, so a
// browser may keep them for ever and still sees a new one at once.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Prefix is where Handler must be mounted.
const Prefix = "/static/"

//go:embed *.css *.js *.svg
var embedded embed.FS

// asset is one file, read and compressed once.
type asset struct {
	name, hashed, contentType string
	body, gzipped             []byte
}

var byName, byHashed = load(embedded)

func load(files fs.FS) (names, hashed map[string]*asset) {
	names, hashed = map[string]*asset{}, map[string]*asset{}
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic(fmt.Errorf("read the embedded static files: %w", err))
	}
	for _, e := range entries {
		body, err := fs.ReadFile(files, e.Name())
		if err != nil {
			panic(fmt.Errorf("read the embedded static file %s: %w", e.Name(), err))
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		a := &asset{
			name:        e.Name(),
			hashed:      strings.TrimSuffix(e.Name(), ext) + "-" + hex.EncodeToString(sum[:6]) + ext,
			contentType: contentType(ext),
			body:        body,
			gzipped:     compress(body),
		}
		names[a.name], hashed[a.hashed] = a, a
	}
	return names, hashed
}

func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid constant
	if _, err := w.Write(body); err != nil {
		panic(fmt.Errorf("compress a static file: %w", err))
	}
	if err := w.Close(); err != nil {
		panic(fmt.Errorf("compress a static file: %w", err))
	}
	return b.Bytes()
}

// Path is the address of a file by its plain name: "app.css" gives
// "/static/app-<digest>.css". A name that does not exist is a programmer's
// mistake and panics.
func Path(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no file named " + strconv.Quote(name))
	}
	return Prefix + a.hashed
}

// Open returns the content of a file by its plain name.
func Open(name string) (io.ReadSeeker, error) {
	a, ok := byName[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return bytes.NewReader(a.body), nil
}

// Handler serves GET and HEAD below Prefix. A digest address may be cached for
// ever; a plain one must be asked for again each time (its ETag makes that
// cheap). Anything else is 404.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		a, immutable := byHashed[name]
		if !immutable {
			var ok bool
			if a, ok = byName[name]; !ok {
				http.NotFound(w, r)
				return
			}
		}
		a.serve(w, r, immutable)
	})
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, immutable bool) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	if immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body, tag := a.body, a.hashed
	if len(a.gzipped) < len(a.body) && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body, tag = a.gzipped, a.hashed+".gz"
	}
	h.Set("ETag", strconv.Quote(tag))
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a reader that went away is not our error
	}
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3) as far as is
// needed: gzip named and not refused with q=0.
func acceptsGzip(r *http.Request) bool {
	for _, part := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(coding) != "gzip" {
			continue
		}
		value, found := strings.CutPrefix(strings.ReplaceAll(q, " ", ""), "q=")
		weight, err := strconv.ParseFloat(value, 64)
		return !found || (err == nil && weight > 0)
	}
	return false
}

func matches(header, tag string) bool {
	for _, part := range strings.Split(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == "*" || part == strconv.Quote(tag) {
			return true
		}
	}
	return false
}

// WireSize is how many bytes a file takes when it is sent compressed.
func WireSize(name string) int {
	a, ok := byName[name]
	if !ok {
		return 0
	}
	return len(a.gzipped)
}
