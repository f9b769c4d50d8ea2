package importers

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"countersign/models"
)

// MaxTogether is how many bytes of files are looked at together (32 MiB). Files that come after
// are read each for itself.
const MaxTogether = 4 * MaxBytes

const (
	maxThings = 5_000 // agents or systems in one file
	maxFolder = 1_000 // files that are looked at together
)

// File is a file as it came.
type File struct {
	Name string // with its folders: files of one folder may belong together
	Data []byte
}

// ReadAll reads files, of which some may belong together: in one folder, an agent and the file
// that says what its tools are. The results come in the order of the files, at least one for
// each; see Read.
func ReadAll(files []File) []models.Imported {
	opened := make([]*file, len(files))
	results := make([][]models.Imported, len(files))
	size, count := 0, 0
	for i, given := range files {
		f := open(given)
		if f.joins() && size+len(given.Data) <= MaxTogether && count < maxFolder {
			opened[i], size, count = f, size+len(given.Data), count+1
			continue
		}
		results[i] = f.read()
	}
	for _, f := range opened {
		if f != nil {
			f.folder = opened
		}
	}
	var all []models.Imported
	for i, f := range opened {
		if f != nil {
			results[i] = f.read()
		}
		all = append(all, results[i]...)
	}
	return all
}

// file is one file that is being read, with the things that were found in it.
type file struct {
	name    string
	digest  string // of its bytes
	doc     *document
	formats []*format         // of each document of doc; nil for one that nobody knows
	refused []models.Imported // why it cannot be read at all; nil when it can
	folder  []*file           // the files that are read together with this one; nil among them
	found   []*reading
	over    int // things past maxThings, which were only counted

	modelConfigs map[string]*node // of kagent, by name; nil until it is asked for
	inside       int              // descriptions that stood in it as text and were parsed
}

// open parses a file and recognises what is in it.
func open(given File) *file {
	f := &file{name: fileName(given.Name), digest: digest(given.Data)}
	r := newReading(f.name, f.digest)
	if where, problem := notText(given.Data); problem != "" {
		f.refused = r.refuse(where, problem)
		return f
	}
	doc, bad := parse(bytes.TrimPrefix(given.Data, []byte("\ufeff")))
	if bad != nil {
		f.refused = r.refuse(bad.where(), bad.message)
		return f
	}
	f.doc = doc
	known := false
	for _, root := range doc.docs {
		format := recognise(doc, root)
		f.formats = append(f.formats, format)
		known = known || format != nil
	}
	if !known {
		f.refused = r.refuseStranger(doc)
	}
	return f
}

func recognise(doc *document, root *node) *format {
	table := formats
	if doc.body != nil {
		table = pageFormats
	}
	for i := range table {
		if table[i].recognises(root) {
			return &table[i]
		}
	}
	return nil
}

// joins reports whether f may belong to others.
func (f *file) joins() bool {
	return slices.ContainsFunc(f.formats, func(known *format) bool { return known != nil && known.joins != "" })
}

// beside is the other files in the folder of f that hold what joins as kind.
func (f *file) beside(kind string) []*file {
	var others []*file
	for _, other := range f.folder {
		if other == nil || other == f || filepath.Dir(other.name) != filepath.Dir(f.name) {
			continue
		}
		if slices.ContainsFunc(other.formats, func(known *format) bool { return known != nil && known.joins == kind }) {
			others = append(others, other)
		}
	}
	return others
}

// read is what f holds.
func (f *file) read() []models.Imported {
	if f.refused != nil {
		return f.refused
	}
	for i, root := range f.doc.docs {
		switch {
		case f.formats[i] == nil:
		case len(f.found) == maxThings:
			f.over++
		default:
			f.formats[i].read(f, root)
		}
	}
	for i, root := range f.doc.docs {
		if f.formats[i] == nil && len(f.found) > 0 {
			f.found[0].warn(root, "The file holds another document here, of no kind that is read ("+nameStranger(root)+"). It was left out.")
		}
	}
	return f.finish()
}

// thing begins the reading of one more agent or system, of which the file says everything
// under part. Secrets and repeated keys in it are reported with it.
func (f *file) thing(part *node) *reading {
	r := newReading(f.name, f.digest)
	r.reportPart(f.doc, part)
	if len(f.found) < maxThings {
		f.found = append(f.found, r)
	} else {
		f.over++
	}
	return r
}

// finish gives what was found back, in the file's order. A file that was recognised and
// holds nothing is refused.
func (f *file) finish() []models.Imported {
	if len(f.found) == 0 {
		return newReading(f.name, f.digest).refuse("line 1", "The file lists nothing. Choose a file that describes at least one agent or system.")
	}
	if f.over > 0 {
		f.found[0].warnAt("line 1", 1, "The file holds more than "+plural(maxThings, "thing")+". The others were not read: split the file.")
	}
	results := make([]models.Imported, 0, len(f.found))
	for _, r := range f.found {
		results = append(results, r.finish())
	}
	return results
}

// fileName is the name of a file as it may be shown: a stranger chose it as well.
func fileName(name string) string {
	shown, _ := show(strings.ToValidUTF8(name, "�"), false)
	return shown
}
