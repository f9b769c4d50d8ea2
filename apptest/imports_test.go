package apptest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayImport is docs/architecture.md's table: for each package what of ours it
// may import. What is below a package's folder follows its folder's line.
var mayImport = map[string][]string{
	"cmd":            {"web", "handlers", "store", "models", "importers", "policy", "ledger", "jobs", "notify"},
	"bench":          {"cmd", "web", "store"},
	"web":            {"handlers", "store", "models", "views", "static", "ledger", "notify"},
	"handlers":       {"store", "models", "views", "policy", "importers", "static", "ledger", "notify"},
	"store":          {"models", "ledger", "migrations", "policy"},
	"jobs":           {"store", "models", "notify"},
	"notify":         {"models"},
	"views":          {"models", "static"},
	"policy":         {"models"},
	"importers":      {"models"},
	"models":         {},
	"ledger":         {},
	"ledger/passkey": {"models", "ledger"},
	"ledger/receipt": {"models", "ledger"},
	"migrations":     {},
	"client":         {},
	"static":         {},
}

// onlyIn names what one package alone may import.
var onlyIn = map[string]string{"gorm.io/": "store", "github.com/labstack/echo": "web handlers bench", "github.com/riverqueue/": "jobs"}

// TestImportsRunOneWay parses every file, so that it looks at the tree as it is
// and not at what was cached of it.
func TestImportsRunOneWay(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("..", path)
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && rel != "." || rel == "tools" || d.Name() == "testdata" || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		room := strings.Split(filepath.ToSlash(rel), "/")[0]
		if room == "apptest" {
			return nil
		}
		allowed, known := mayImport[room]
		for _, below := range []string{"ledger/passkey", "ledger/receipt"} {
			if strings.HasPrefix(filepath.ToSlash(rel), below+"/") {
				allowed = mayImport[below]
			}
		}
		require.True(t, known, "%s: a new top-level package needs a line in docs/architecture.md and here", rel)
		seen[room] = true
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range file.Imports {
			check(t, rel, room, strings.Trim(i.Path.Value, `"`), allowed)
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, seen, "models", "the walk found the tree")
	require.Contains(t, seen, "store")
}

func check(t *testing.T, file, room, imported string, allowed []string) {
	t.Helper()
	if ours, ok := strings.CutPrefix(imported, "countersign/"); ok {
		to := strings.Split(ours, "/")[0]
		require.True(t, to == room || slices.Contains(allowed, to), "%s imports %s, which %s may not", file, imported, room)
	}
	for prefix, rooms := range onlyIn {
		if strings.HasPrefix(imported, prefix) {
			require.Contains(t, strings.Fields(rooms), room, "%s imports %s, which only %s may", file, imported, rooms)
		}
	}
	if room == "models" {
		for _, no := range []string{"net/http", "database/sql", "crypto/rand", "math/rand", "os"} {
			require.NotEqual(t, no, imported, "%s: models hold rules, without I/O or randomness", file)
		}
	}
}
