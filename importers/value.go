package importers

import (
	"fmt"
	"strings"

	"countersign/models"
)

// want says what a field of the draft takes from a file.
type want struct {
	field string                                        // its name in the draft: "skills[0].name"
	noun  string                                        // what a reader calls it: "the agent's name"
	ask   string                                        // what to do when it is missing; "" for what may be missing
	most  int                                           // runes
	lines bool                                          // it may have several lines
	whole bool                                          // useless when cut (an address, an id): left empty instead
	check func(w want, s string) (kept, problem string) // what of s can be kept, and what is odd about it
}

// text reads the member key of in as one text. It is "" when the file does not say, or says
// nothing that can be kept; the warnings and fields of r tell which.
func (r *reading) text(in *node, key string, w want) string {
	n := in.get(key)
	if n == nil || n.kind == null {
		r.missing(in, key, w)
		return ""
	}
	kept, shown, status, note := r.take(n, w)
	r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: n.pointer(), Line: n.line, Status: status, Note: note})
	return kept
}

// called reads the key of n as the name of what n describes.
func (r *reading) called(n *node, w want) string {
	kept, shown, status, note := r.take(n.name(), w)
	r.note(models.ImportedField{Field: w.field, Value: shown, Pointer: n.pointer(), Line: n.line, Status: status, Note: note})
	return kept
}

// missing records that in has no member key, and warns when it should have one.
func (r *reading) missing(in *node, key string, w want) {
	note := "The file does not say."
	if w.ask != "" {
		note = fmt.Sprintf("The file does not give %s. %s", w.noun, w.ask)
		r.warnAt(in.child(key), in.line, note)
	}
	r.note(models.ImportedField{Field: w.field, Pointer: in.child(key), Line: in.line, Status: models.FieldMissing, Note: note})
}

// take makes one value of the file fit for the draft. kept goes into the draft, shown is what
// the file says, made safe to show.
func (r *reading) take(n *node, w want) (kept, shown string, status models.ImportFieldStatus, note string) {
	var notes []string
	doubt := func(message string) {
		r.warn(n, message)
		notes = append(notes, message)
	}
	if n.odd != "" {
		notes = append(notes, n.odd) // warned of already
	}
	if n.kind != text && n.kind != number {
		doubt(fmt.Sprintf("Here %s should stand as text, and the file has %s. It was not read: put it between quotation marks.", w.noun, n.kind))
		return "", "", models.FieldOdd, strings.Join(notes, " ")
	}
	if n.kind == number {
		doubt(fmt.Sprintf("Here %s is written as a number. Put it between quotation marks, or programs may read it differently.", w.noun))
	}
	shown, removed := show(n.text, w.lines)
	if len(removed) > 0 {
		doubt(fmt.Sprintf("There were characters in %s that cannot be seen or that turn text around (%s). They were removed: read what is left with care.", w.noun, strings.Join(removed, ", ")))
	}
	if strings.ContainsRune(shown, '\ufffd') {
		doubt(fmt.Sprintf("There are characters in %s that could not be read. Compare it with the original.", w.noun))
	}
	if shown == "" {
		if w.ask != "" {
			doubt(fmt.Sprintf("The file leaves %s empty. %s", w.noun, w.ask))
		} else {
			notes = append(notes, "The file leaves it empty.")
		}
		return "", "", models.FieldMissing, strings.Join(notes, " ")
	}
	if shown == secretRemoved {
		return "", "", models.FieldOdd, strings.Join(notes, " ")
	}
	short := cut(shown, w.most)
	if isPlaceholder(shown) {
		doubt(fmt.Sprintf("In %s there is a placeholder that nobody has filled in: %s. It was not taken over: fill it in, or enter the real value here.", w.noun, quote(shown)))
		return "", short, models.FieldPlaceholder, strings.Join(notes, " ")
	}
	if n.worksOut() {
		doubt(fmt.Sprintf("The file works %s out where it is used (%s). It was not taken over: enter the real value here.", w.noun, n.tag))
		return "", short, models.FieldPlaceholder, strings.Join(notes, " ")
	}
	kept = short
	if short != shown && w.whole {
		doubt(fmt.Sprintf("Here %s is longer than %d characters. It was not taken over: check the file.", w.noun, w.most))
		return "", short, models.FieldOdd, strings.Join(notes, " ")
	}
	if short != shown {
		doubt(fmt.Sprintf("Here %s is longer than %d characters. The rest was left out: shorten it, or read the file itself.", w.noun, w.most))
	}
	if w.check != nil {
		var problem string
		if kept, problem = w.check(w, kept); problem != "" {
			doubt(problem)
			if kept == "" && (isAddressPlaceholder(shown) || strings.HasPrefix(shown, "=")) {
				return "", short, models.FieldPlaceholder, strings.Join(notes, " ")
			}
		}
	}
	if len(notes) > 0 {
		return kept, short, models.FieldOdd, strings.Join(notes, " ")
	}
	return kept, short, models.FieldRead, ""
}

// texts reads the member key of in as a list of at most most texts, of which w describes each.
// What cannot be kept is left out with a warning. The whole list is one field.
func (r *reading) texts(in *node, key string, w want, most int) []string {
	n := in.get(key)
	if n == nil || n.kind == null {
		r.missing(in, key, w)
		return nil
	}
	f := models.ImportedField{Field: w.field, Pointer: n.pointer(), Line: n.line, Status: models.FieldRead, Note: n.odd}
	if n.odd != "" {
		f.Status = models.FieldOdd
	}
	items := r.items(n, w, most)
	if items == nil {
		f.Status = models.FieldOdd
		f.Note = r.lastWarning()
	}
	each := w
	each.ask = ""
	var kept, shown []string
	for _, item := range items {
		value, seen, status, note := r.take(item, each)
		if value != "" {
			kept = append(kept, value)
		}
		shown = append(shown, cut(seen, 200))
		if status != models.FieldRead && f.Status != models.FieldPlaceholder {
			f.Status, f.Note = status, note
		}
	}
	if n.kind == array && len(n.items) == 0 {
		f.Status, f.Note = models.FieldMissing, "The file has an empty list."
		if w.ask != "" {
			f.Note = fmt.Sprintf("The file has an empty list for %s. %s", w.noun, w.ask)
			r.warn(n, f.Note)
		}
	}
	f.Value = strings.Join(shown, ", ")
	r.note(f)
	return kept
}

// items is the list n, cut to most with a warning. What is no list is warned of and gives nil.
func (r *reading) items(n *node, w want, most int) []*node {
	if n.kind != array {
		r.warn(n, fmt.Sprintf("Here %s should stand as a list, and the file has %s. It was not read: put it between [ and ].", w.noun, n.kind))
		return nil
	}
	if len(n.items) > most {
		r.warn(n, fmt.Sprintf("The file lists %d entries for %s. Only the first %d were read.", len(n.items), w.noun, most))
		return n.items[:most]
	}
	return n.items
}

// objects is the items of the member key of in that are objects, with a warning for any other.
func (r *reading) objects(in *node, key string, w want, most int) []*node {
	n := in.get(key)
	if n == nil || n.kind == null {
		r.missing(in, key, w)
		return nil
	}
	var kept []*node
	for _, item := range r.items(n, w, most) {
		if item.kind != object {
			r.warn(item, fmt.Sprintf("This entry of %s should be an object between { and }, and is %s. It was not read.", w.noun, item.kind))
			continue
		}
		kept = append(kept, item)
	}
	if len(kept) == 0 {
		if n.kind == array && len(n.items) == 0 && w.ask != "" {
			r.warn(n, fmt.Sprintf("The file has an empty list for %s. %s", w.noun, w.ask))
		}
		r.note(models.ImportedField{Field: w.field, Pointer: n.pointer(), Line: n.line, Status: models.FieldMissing, Note: "The file has no entry that could be read."})
	}
	return kept
}

// object is the member key of in where it is an object; nil, with a warning, where it is not.
func (r *reading) object(in *node, key string, w want) *node {
	n := in.get(key)
	if n == nil || n.kind == null {
		r.missing(in, key, w)
		return nil
	}
	if n.kind != object {
		message := fmt.Sprintf("Here %s should stand as an object between { and }, and the file has %s. It was not read.", w.noun, n.kind)
		r.warn(n, message)
		r.note(models.ImportedField{Field: w.field, Pointer: n.pointer(), Line: n.line, Status: models.FieldOdd, Note: message})
		return nil
	}
	return n
}

func (r *reading) lastWarning() string {
	if len(r.imported.Warnings) == 0 {
		return ""
	}
	return r.imported.Warnings[len(r.imported.Warnings)-1].Message
}
