package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"countersign/importers"
	"countersign/models"
)

// Of a watched folder.
const (
	watchSettles   = 400 * time.Millisecond // without an event: an editor or a checkout is done
	watchAtLatest  = 5 * time.Second        // after the first event, however many follow
	watchLooks     = time.Minute            // without any event: for what the system did not tell
	watchedFolders = 5_000
)

// folderWatch goes on with a folder: what changes in it is taken in, as updates
// of drafts. It registers nothing, and where a definition disappears it says so
// and changes nothing.
type folderWatch struct {
	dir     string
	lines   *importLines
	settles time.Duration
	events  *fsnotify.Watcher
	marks   map[string]string            // file → its mark when it was read last
	things  map[string]map[string]string // file → thing → its name; of what it described
	missing map[string]bool              // files that were missed once: an editor may just be replacing them
}

// watchFolder takes in what is in the folder, and then what changes, until the
// context ends.
func watchFolder(ctx context.Context, dir string, lines *importLines) error {
	w, err := newFolderWatch(dir, lines)
	if err != nil {
		return err
	}
	defer func() { _ = w.events.Close() }() // nothing is lost with it
	return w.run(ctx)
}

func newFolderWatch(dir string, lines *importLines) (*folderWatch, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("--watch takes a folder")
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &folderWatch{dir: dir, lines: lines, settles: watchSettles, events: events, marks: map[string]string{}, things: map[string]map[string]string{}, missing: map[string]bool{}}, nil
}

// run looks at the whole folder, and again after each burst of events.
func (w *folderWatch) run(ctx context.Context) error {
	again := time.NewTicker(watchLooks)
	defer again.Stop()
	for {
		w.listen()
		later, err := w.pass(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if err := w.wait(ctx, again.C, later); err != nil {
			return nil //nolint:nilerr // we were told to stop
		}
	}
}

// wait returns when something changed and it has been quiet since, when it is
// time to look anyway, or at once after a while where something is missing.
func (w *folderWatch) wait(ctx context.Context, again <-chan time.Time, later bool) error {
	var settled, latest <-chan time.Time
	if later {
		settled = time.After(w.settles)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again:
			return nil
		case <-settled:
			return nil
		case <-latest:
			return nil
		case err := <-w.events.Errors: // more events than the system keeps: look at everything
			slog.Warn("cannot follow every change", "folder", w.dir, "error", err)
			return nil
		case event := <-w.events.Events:
			if filepath.Dir(event.Name) == filepath.Dir(w.dir) && event.Name != w.dir {
				continue // a neighbour of the folder
			}
			settled = time.After(w.settles)
			if latest == nil {
				latest = time.After(watchAtLatest)
			}
		}
	}
}

// listen asks to be told of changes in the folder and all below it. What is asked
// for already stays; what went is forgotten by the system.
func (w *folderWatch) listen() {
	n := 0
	if err := w.events.Add(filepath.Dir(w.dir)); err != nil { // tells when the folder itself goes and comes back
		slog.Warn("cannot follow the folder's own folder", "folder", w.dir, "error", err)
	}
	_ = filepath.WalkDir(w.dir, func(p string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // what cannot be followed is looked at now and then
		}
		if slices.Contains(skippedFolders, entry.Name()) {
			return fs.SkipDir
		}
		if n++; n > watchedFolders {
			return fs.SkipAll
		}
		if err := w.events.Add(p); err != nil {
			slog.Warn("cannot follow a folder; it is looked at every minute", "folder", p, "error", err)
		}
		return nil
	})
}

// pass looks at every file and takes in the folders in which one changed. later
// says that something is missing and should be looked for again soon.
func (w *folderWatch) pass(ctx context.Context) (later bool, err error) {
	left := maxWalked
	folders, err := walk(w.dir, &left)
	if errors.Is(err, fs.ErrNotExist) { // the folder itself is gone, perhaps for a moment
		folders, err = nil, nil
	}
	if err != nil {
		return false, err
	}
	here := map[string]bool{}
	for _, f := range folders {
		changed := false
		for _, x := range f.files {
			here[x.name] = true
			changed = changed || w.marks[x.name] != x.mark
		}
		if !changed {
			continue
		}
		if err := w.takeFolder(ctx, f); err != nil {
			return false, err
		}
		for _, x := range f.files {
			w.marks[x.name] = x.mark
		}
	}
	for name := range w.marks {
		if !here[name] {
			more, err := w.gone(name)
			if err != nil {
				return false, err
			}
			later = later || more
		}
	}
	return later, nil
}

// takeFolder takes in what the files of one folder say and has changed.
func (w *folderWatch) takeFolder(ctx context.Context, f folder) error {
	files, unread, err := f.read()
	if err != nil {
		return err
	}
	rows, described := models.ImportRows(append(importers.ReadAll(files), unread...)), map[string]map[string]string{}
	for _, row := range rows {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if row.Refused() {
			// What was never a description is nobody's mistake.
			if row.Format != "unknown" || len(w.things[row.File]) > 0 {
				if err := w.lines.write(importLine{Imported: row.Imported, Saved: savedRefused}); err != nil {
					return err
				}
			}
			if described[row.File] == nil {
				described[row.File] = w.things[row.File] // what it described is not gone: it cannot be read now
			}
			continue
		}
		if described[row.File] == nil {
			described[row.File] = map[string]string{}
		}
		described[row.File][row.Thing] = row.Name
		saved, id, reason, err := w.lines.saver.save(ctx, row)
		if err != nil {
			return err
		}
		if saved == savedSame || saved == "" {
			continue
		}
		if err := w.lines.write(importLine{Imported: row.Imported, Saved: saved, ID: id, Reason: reason}); err != nil {
			return err
		}
	}
	for _, x := range f.files {
		for thing, name := range w.things[x.name] {
			if _, still := described[x.name][thing]; !still {
				if err := w.sayGone(x.name, name); err != nil {
					return err
				}
			}
		}
		w.things[x.name] = described[x.name]
	}
	return nil
}

// gone says of what a file described that it is gone, the second time that the
// file is missed: an editor replaces a file by removing it first.
func (w *folderWatch) gone(name string) (later bool, err error) {
	if len(w.things[name]) > 0 && !w.missing[name] {
		w.missing[name] = true
		return true, nil
	}
	for _, called := range w.things[name] {
		if err := w.sayGone(name, called); err != nil {
			return false, err
		}
	}
	delete(w.things, name)
	delete(w.marks, name)
	delete(w.missing, name)
	return false, nil
}

func (w *folderWatch) sayGone(file, name string) error {
	return w.lines.write(importLine{Imported: models.Imported{File: file, Format: "unknown", Kind: models.ImportUnknown, Name: name, Outcome: models.ImportWarned,
		Warnings: []models.ImportWarning{{Where: "line 1", Message: "This was described here and is no longer. Nothing was changed: whoever answers for it decides whether it is retired."}}}})
}
