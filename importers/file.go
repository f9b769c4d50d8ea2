package importers

import "countersign/models"

// maxThings is how many agents or systems one file may hold.
const maxThings = 5_000

// file is one file that is being read, with the things that were found in it.
type file struct {
	name   string
	digest string // of its bytes
	doc    *document
	found  []*reading
	over   int // things past maxThings, which were only counted
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
