package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"countersign/importers"
	"countersign/models"
)

// maxWalked is how many files of a folder are read.
const maxWalked = 10_000

// descriptions are the endings of files that may describe an agent or a system.
// In a folder no other is looked at; a file that is named by itself always is.
var descriptions = []string{".json", ".jsonl", ".yaml", ".yml", ".md", ".markdown", ".mdc", ".toml", ".txt", ".template"}

// skippedFolders hold what nobody wrote as a description.
var skippedFolders = []string{".git", "node_modules"}

// folder is files that lie together, and may belong together.
type folder struct {
	files []folderFile
}

// folderFile is a file by its name, which is said and kept, and how it is read.
type folderFile struct {
	name string
	size int64
	mark string // changes when the file does; "" where that is not known
	open func() (io.ReadCloser, error)
}

// gather finds the files that the paths name, folder by folder.
func gather(paths []string) ([]folder, error) {
	var folders []folder
	named := map[string]int{} // folder of files that are named by themselves → its place
	left := maxWalked
	for _, p := range paths {
		info, err := stat(p)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", p, err)
		}
		if info != nil && info.IsDir() {
			walked, err := walk(p, &left)
			if err != nil {
				return nil, err
			}
			folders = append(folders, walked...)
			continue
		}
		f := folderFile{name: path.Clean(filepath.ToSlash(p)), open: func() (io.ReadCloser, error) { return os.Open(p) }}
		if p == "-" {
			f.open = func() (io.ReadCloser, error) { return io.NopCloser(os.Stdin), nil }
		} else {
			f.size = info.Size()
		}
		in := path.Dir(f.name)
		at, ok := named[in]
		if !ok {
			at = len(folders)
			named[in] = at
			folders = append(folders, folder{})
		}
		folders[at].files = append(folders[at].files, f)
	}
	return folders, nil
}

// stat is nil for standard input.
func stat(p string) (fs.FileInfo, error) {
	if p == "-" {
		return nil, nil
	}
	return os.Stat(p)
}

// walk finds the descriptions in a folder and below it, named from the folder's
// own name on. Links are not followed: what they lead to inside is found there,
// and what is outside is not this folder's.
func walk(dir string, left *int) ([]folder, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(whole)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", dir, err)
	}
	defer func() { _ = root.Close() }() // each file is opened from its own
	var folders []folder
	at := map[string]int{}
	err = fs.WalkDir(root.FS(), ".", func(p string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it went while we walked
			return nil
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains(skippedFolders, entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular() || !slices.Contains(descriptions, strings.ToLower(path.Ext(p))):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return nil //nolint:nilerr // it went while we walked
		}
		if *left--; *left < 0 {
			return fmt.Errorf("%s holds more than %d files that may describe something: import its parts one after the other", dir, maxWalked)
		}
		in := path.Dir(p)
		if _, ok := at[in]; !ok {
			at[in] = len(folders)
			folders = append(folders, folder{})
		}
		folders[at[in]].files = append(folders[at[in]].files, folderFile{name: path.Join(filepath.Base(whole), p), size: info.Size(),
			mark: fmt.Sprint(info.Size(), info.ModTime().UnixNano()), open: func() (io.ReadCloser, error) { return openIn(whole, p) }})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", dir, err)
	}
	return folders, nil
}

// openIn opens a file below a folder, and none that a link leads to outside of it.
func openIn(dir, name string) (io.ReadCloser, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // the file stays open
	return root.Open(filepath.FromSlash(name))
}

// maxTogether is how much of a folder is read together; past it, what is left out
// is refused by name.
const maxTogether = 64 << 20

// read reads the folder's files. What is too large, or was removed or closed
// to us meanwhile, is refused by name.
func (f folder) read() (files []importers.File, refused []models.Imported, err error) {
	total := 0
	for _, x := range f.files {
		data, err := x.bytes()
		if err != nil {
			refused = append(refused, notRead(x.name, "The file cannot be read: "+err.Error()+"."))
			continue
		}
		if total += len(data); total > maxTogether && len(f.files) > 1 {
			refused = append(refused, notRead(x.name, "The files of this folder are larger than 64 MiB together. Import this one by itself."))
			continue
		}
		files = append(files, importers.File{Name: x.name, Data: data})
	}
	return files, refused, nil
}

// bytes reads at most one byte more than an import may have.
func (x folderFile) bytes() ([]byte, error) {
	in, err := x.open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(in, importers.MaxBytes+1))
}

func notRead(name, why string) models.Imported {
	return models.Imported{File: name, Format: "unknown", Kind: models.ImportUnknown, Outcome: models.ImportRefused, Warnings: []models.ImportWarning{{Where: "line 1", Line: 1, Message: why}}}
}
