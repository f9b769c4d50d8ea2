package importers

import (
	"fmt"

	"countersign/models"
)

const (
	maxWarnings = 200 // after which the rest is counted
	maxFields   = 4_000
	maxSeen     = 500 // agents and systems that one thing names
)

// reading collects what is found while one thing is read from a file.
type reading struct {
	imported models.Imported
	fields   []models.ImportedField
	more     int // warnings that were only counted
}

func newReading(name, digest string) *reading {
	return &reading{imported: models.Imported{
		File:     cut(name, 1_000),
		Format:   "unknown",
		Kind:     models.ImportUnknown,
		Warnings: []models.ImportWarning{},
		Digest:   digest,
	}}
}

// warn says something about n.
func (r *reading) warn(n *node, message string) {
	if len(r.imported.Warnings) == maxWarnings {
		r.more++
		return
	}
	where := n.pointer()
	if where == "" {
		where = fmt.Sprintf("line %d", n.line)
	}
	r.warnAt(where, n.line, message)
}

func (r *reading) warnAt(where string, line int, message string) {
	if len(r.imported.Warnings) == maxWarnings {
		r.more++
		return
	}
	r.imported.Warnings = append(r.imported.Warnings, models.ImportWarning{Where: where, Message: message, Line: line})
}

// note records where a field of the draft came from.
func (r *reading) note(f models.ImportedField) {
	f.Value = cut(f.Value, 4_000)
	if len(r.fields) < maxFields {
		r.fields = append(r.fields, f)
	}
}

// see records that the file names another agent or system at n, how in plain words. The same
// one is recorded once. A name that cannot be used (a placeholder, nothing) is left out:
// whoever reads it warns.
func (r *reading) see(n *node, kind models.ImportKind, name, url, how string) {
	name, _ = show(name, false)
	name = cut(name, 200)
	if name == "" || name == secretRemoved || isPlaceholder(name) || len(r.imported.Seen) == maxSeen {
		return
	}
	for _, s := range r.imported.Seen {
		if s.Kind == kind && s.Name == name && (s.URL == url || url == "") {
			return
		}
	}
	r.imported.Seen = append(r.imported.Seen, models.ImportedSeen{Kind: kind, Name: name, URL: url, How: how, Pointer: n.pointer()})
}

// forget takes back what was noted after the first before fields, for a part that turned out
// to be no part of the draft.
func (r *reading) forget(before int) { r.fields = r.fields[:before] }

// reportPart warns of what makes any part of a file untrustworthy: keys that stand twice, and
// secrets, which it removes.
func (r *reading) reportPart(doc *document, part *node) {
	if len(doc.repeats) > 0 {
		r.reportRepeats(doc.repeatsByObject(), part)
	}
	r.hideSecrets(part)
}

// reportRepeats warns of the keys that stand twice in an object under n.
func (r *reading) reportRepeats(in map[*node][]repeat, n *node) {
	for _, again := range in[n] {
		r.warn(again.value, fmt.Sprintf("%s stands more than once in the same place, first on line %d. Programs differ on which one counts; the last was read. Keep one.", quote(again.value.key), again.first))
	}
	for _, key := range n.keys {
		r.reportRepeats(in, n.members[key])
	}
	for _, item := range n.items {
		r.reportRepeats(in, item)
	}
}

// finish is the result of a reading.
func (r *reading) finish() models.Imported {
	if r.imported.Agent != nil {
		r.imported.Agent.Fields = r.fields
	}
	if r.imported.System != nil {
		r.imported.System.Fields = r.fields
	}
	if r.imported.Outcome == "" {
		r.imported.Outcome = models.ImportClean
		if len(r.imported.Warnings) > 0 {
			r.imported.Outcome = models.ImportWarned
		}
	}
	if r.more > 0 {
		r.imported.Warnings = append(r.imported.Warnings, models.ImportWarning{
			Where: "line 1", Line: 1, Message: fmt.Sprintf("There are %d more warnings like these.", r.more),
		})
	}
	return r.imported
}

// refuse is the result of a reading that gave nothing. Its reason comes before all warnings.
func (r *reading) refuse(where, reason string) []models.Imported {
	line := 0
	if _, err := fmt.Sscanf(where, "line %d", &line); err != nil {
		line = 0
	}
	return r.refuseAt(where, line, reason)
}

func (r *reading) refuseAt(where string, line int, reason string) []models.Imported {
	r.decline(where, line, reason)
	return []models.Imported{r.finish()}
}

// decline marks the reading as refused, for finish to give back.
func (r *reading) decline(where string, line int, reason string) {
	first := models.ImportWarning{Where: where, Line: line, Message: reason}
	r.imported.Warnings = append([]models.ImportWarning{first}, r.imported.Warnings...)
	r.imported.Outcome = models.ImportRefused
	r.imported.Agent, r.imported.System, r.imported.Seen = nil, nil, nil
}
