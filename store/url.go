package store

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
)

// IsPostgres says whether url names a PostgreSQL server; otherwise it names a file.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// SQLiteURI is the "file:…" URI of the file that url names, to which the driver's
// options are added behind a question mark.
func SQLiteURI(url string) (string, error) {
	path, err := sqlitePath(url)
	if err != nil {
		return "", err
	}
	return sqliteURI(path), nil
}

func sqliteURI(path string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
}

// sqlitePath is the file that url names.
func sqlitePath(dsn string) (string, error) {
	path, isURL := strings.CutPrefix(dsn, "file:")
	if isURL {
		if strings.ContainsAny(path, "?#") {
			return "", errors.New("the database's file: URL takes no options")
		}
		unescaped, err := url.PathUnescape(path)
		if err != nil {
			return "", fmt.Errorf("cannot read the database's file: URL: %w", err)
		}
		if rest, ok := strings.CutPrefix(unescaped, "//"); ok { // file:///path, file://localhost/path
			_, after, _ := strings.Cut(rest, "/")
			unescaped = "/" + after
		}
		path = unescaped
	}
	switch {
	case path == "" || strings.HasPrefix(path, ":memory:"):
		return "", errors.New("the database must be a file: in memory each connection would have its own")
	case strings.Contains(path, "://"):
		return "", errors.New("the database must be a file's path or postgres://…")
	}
	return filepath.Clean(path), nil
}
