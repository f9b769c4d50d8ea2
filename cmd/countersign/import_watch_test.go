package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"countersign/apptest"
	"countersign/models"
)

// watched is a folder that is watched, and the lines that come of it.
type watched struct {
	t     *testing.T
	dir   string
	lines chan map[string]any
}

// watching watches a folder until the test ends, which it does in order.
func watching(t *testing.T, dir string, saver *importSaver) *watched {
	t.Helper()
	in, out := io.Pipe()
	w, err := newFolderWatch(dir, &importLines{out: out, saver: saver})
	require.NoError(t, err)
	w.settles = 20 * time.Millisecond
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx); _ = out.Close() }()
	x := &watched{t: t, dir: dir, lines: make(chan map[string]any)}
	go func() {
		defer close(x.lines)
		for scan := bufio.NewScanner(in); scan.Scan(); {
			var line map[string]any
			if json.Unmarshal(scan.Bytes(), &line) != nil {
				line = map[string]any{"no JSON": scan.Text()}
			}
			x.lines <- line
		}
	}()
	t.Cleanup(func() {
		stop()
		for range x.lines { // whatever was still to be said
			continue
		}
		require.NoError(t, <-ended)
		_ = w.events.Close()
	})
	return x
}

// next is the next line: file's base, name, and what became of it.
func (w *watched) next() map[string]any {
	w.t.Helper()
	line, ok := <-w.lines
	require.True(w.t, ok, "the watch ended")
	return line
}

func (w *watched) want(file, saved string) string {
	w.t.Helper()
	line := w.next()
	require.Equal(w.t, file, filepath.Base(line["file"].(string)), line)
	require.Equal(w.t, saved, line["saved"], line)
	id, _ := line["id"].(string)
	return id
}

func TestImportWatchesAFolder(t *testing.T) {
	st := office(t, apptest.SQLiteURL(t))
	anna := saverFor(t, st, importCommand{As: "anna@example.org", Watch: true})
	dir := filepath.Join(t.TempDir(), "checkout")
	put(t, clerk("clerk", "File it."), dir, "clerk.md")
	put(t, "# Read me\n", dir, "README.md")
	w := watching(t, dir, anna)
	id := w.want("clerk.md", savedCreated)

	// A changed prompt updates the draft, and nothing is registered.
	put(t, clerk("clerk", "File it well."), dir, "clerk.md")
	require.Equal(t, id, w.want("clerk.md", savedUpdated))
	rec, err := st.Agent(t.Context(), anna.by, id)
	require.NoError(t, err)
	require.Equal(t, models.AgentDraft, rec.Agent.State)

	// An editor writes beside and renames; nothing is said to be gone.
	beside := put(t, clerk("clerk", "File it at once."), dir, ".clerk.md.swp")
	require.NoError(t, os.Remove(filepath.Join(dir, "clerk.md")))
	require.NoError(t, os.Rename(beside, filepath.Join(dir, "clerk.md")))
	require.Equal(t, id, w.want("clerk.md", savedUpdated))

	// A new folder, one that is deleted and made again, and a checkout of another branch.
	put(t, clerk("porter", "Open."), dir, "doors", "porter.md")
	porter := w.want("porter.md", savedCreated)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "doors")))
	gone := w.next()
	require.Equal(t, []any{"porter", models.ImportWarned}, []any{gone["name"], gone["outcome"]})
	require.Nil(t, gone["saved"])
	put(t, clerk("porter", "Open wide."), dir, "doors", "porter.md")
	require.Equal(t, porter, w.want("porter.md", savedUpdated))

	// A definition that cannot be read any more is refused and changes nothing.
	put(t, "\xff", dir, "clerk.md")
	w.want("clerk.md", savedRefused)
	put(t, clerk("clerk", "Back."), dir, "clerk.md")
	require.Equal(t, id, w.want("clerk.md", savedUpdated))

	// The whole folder goes, and comes back.
	require.NoError(t, os.Rename(dir, dir+".away"))
	for range 2 {
		require.Equal(t, models.ImportWarned, w.next()["outcome"])
	}
	put(t, clerk("clerk", "And again."), dir+".away", "clerk.md")
	require.NoError(t, os.Rename(dir+".away", dir))
	require.Equal(t, id, w.want("clerk.md", savedUpdated))
}
