package importers

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"countersign/models"
)

// What the readers of systems share: names, operations, and the secrets that a system wants.

const (
	maxOperations = 5_000
	maxRemotes    = 50
	maxPackages   = 50
	maxSecrets    = 200
)

// either is the first of keys that n has with a value, and the first of all when it has none:
// formats rename their fields, and all names are read.
func (n *node) either(keys ...string) string {
	for _, key := range keys {
		if member := n.get(key); member != nil && member.kind != null {
			return key
		}
	}
	return keys[0]
}

// flag is whether the first of keys that n has says true, and whether n has one at all.
// What is neither true nor false is warned of, and counts as unsure.
func (r *reading) flag(n *node, unsure bool, keys ...string) (yes, given bool) {
	member := n.get(n.either(keys...))
	if member == nil || member.kind == null {
		return false, false
	}
	word := strings.ToLower(member.text)
	if member.kind == truth || member.kind == text && (word == "true" || word == "false") {
		return word == "true", true
	}
	r.warn(member, fmt.Sprintf("Here %s should be true or false, and the file has %s. It was taken as %t.", quote(member.key), member.kind, unsure))
	return unsure, true
}

// named wants the name of something, or nothing: a name with a gap in it names nothing.
func named(field, noun, ask string) want {
	return want{field: field, noun: noun, ask: ask, most: 200, whole: true, check: checkFilled}
}

// checkFilled knows the gaps of names as well: io.github.<owner>/<server>, arn:aws:lambda:{region}.
func checkFilled(w want, s string) (kept, problem string) {
	if isAddressPlaceholder(s) {
		return "", addressGapFound(w, s)
	}
	return s, ""
}

// unnamed refuses a thing whose name, the member key of in, could not be read. Its reason comes
// before all else.
func (r *reading) unnamed(in *node, key, noun string) {
	where, line := in.child(key), in.line
	if n := in.get(key); n != nil {
		line = n.line
	}
	reason := fmt.Sprintf("The file does not give %s. Write it into the file and import it again.", noun)
	for _, f := range r.fields {
		if f.Field == "name" && f.Note != "" {
			reason = f.Note
		}
	}
	r.imported.Warnings = slices.DeleteFunc(r.imported.Warnings, func(w models.ImportWarning) bool { return w.Message == reason })
	r.decline(where, line, reason)
}

// keepSystem ends the reading of a system, whose name is the member key of in.
func (r *reading) keepSystem(s *models.ImportedSystem, in *node, key string) {
	r.imported.Name = s.Name
	if s.Name == "" {
		r.unnamed(in, key, "the system's name")
		return
	}
	s.Fields = r.fields
	r.imported.System = s
}

// keepAgent ends the reading of an agent, whose name is the member key of in.
func (r *reading) keepAgent(a *models.ImportedAgent, in *node, key string) {
	r.imported.Name = a.Name
	if a.Name == "" {
		r.unnamed(in, key, "the agent's name")
		return
	}
	a.Fields = r.fields
	r.imported.Agent = a
}

// nameFromFile gives a system the name of its file, for formats that say nothing of whose they
// are. part is where the file would say it.
func nameFromFile(r *reading, part *node, what string) string {
	name := r.imported.File
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		name = name[:dot]
	}
	name, _ = withoutSecrets(name)
	if name = cut(strings.TrimSpace(name), 200); name == "" || isAddressPlaceholder(name) || strings.Contains(name, secretRemoved) {
		name = "Unnamed system"
	}
	note := fmt.Sprintf("%s does not say which system it belongs to. The file's name was taken: enter the system's own name.", what)
	r.warn(part, note)
	r.note(models.ImportedField{Field: "name", Value: name, Pointer: part.pointer(), Line: part.line, Status: models.FieldDefaulted, Note: note})
	return name
}

// unlisted records that a system may offer more than the file lists.
func (r *reading) unlisted(s *models.ImportedSystem, n *node, note string) {
	s.Access = models.AccessUnknown
	r.note(models.ImportedField{Field: "access", Pointer: n.pointer(), Line: n.line, Status: models.FieldMissing, Note: note})
}

// allListed records that a system offers what it lists, as far as its file says.
func (r *reading) allListed(s *models.ImportedSystem, n *node, noun, note string) {
	if s.Access == models.AccessListed {
		r.note(models.ImportedField{Field: "access", Value: plural(len(s.Operations), noun), Pointer: n.pointer(), Line: n.line, Status: models.FieldUnverified, Note: note})
	}
}

// doubt marks a field that was noted already as odd.
func (r *reading) doubt(field, note string) {
	for i, f := range r.fields {
		if f.Field == field {
			r.fields[i].Status, r.fields[i].Note = models.FieldOdd, strings.TrimSpace(f.Note+" "+note)
		}
	}
}

// digestOf is the SHA-256 of what a member says, in hex; "" when it says nothing.
func digestOf(n *node) string {
	if n == nil || n.kind != text || n.text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(n.text))
	return hex.EncodeToString(sum[:])
}

var sentenceEnd = regexp.MustCompile(`[.!?](\s|$)|\n`)

// firstWords is the first sentence of a description, at most 120 runes; "" where that is a gap.
func firstWords(s string) string {
	s = strings.TrimSpace(s)
	if end := sentenceEnd.FindStringIndex(s); end != nil && end[0] > 0 {
		s = s[:end[0]]
	}
	if s = cut(s, 120); isPlaceholder(s) {
		return ""
	}
	return s
}

// operations collects the operations of one system, each name once.
type operations struct {
	r     *reading
	s     *models.ImportedSystem
	first map[string]*node
	over  int
}

func operationsOf(r *reading, s *models.ImportedSystem) *operations {
	return &operations{r: r, s: s, first: map[string]*node{}}
}

// field is the name in the draft of a part of the operation that comes next.
func (o *operations) field(part string) string {
	return fmt.Sprintf("operations[%d].%s", len(o.s.Operations), part)
}

// add adds an operation that n describes, of which access is unknown until something raises it.
// before is how many fields were noted before it.
func (o *operations) add(n *node, op models.ImportedOperation, before int) {
	switch same := o.first[op.Name]; {
	case op.Name == "":
		o.r.forget(before)
		o.r.warn(n, "This operation has no name that can be used. It was left out.")
		return
	case op.Name == "*":
		o.r.forget(before)
		message := "A * stands for every operation that there is or will be. Take it that the system may do anything."
		o.r.warn(n, message)
		o.r.unlisted(o.s, n, message)
		return
	case same != nil:
		o.r.forget(before)
		o.r.warn(n, fmt.Sprintf("The file lists the operation %s twice, first on line %d. Only the first was read.", quote(op.Name), same.line))
		return
	case len(o.s.Operations) == maxOperations:
		o.r.forget(before)
		o.over++
		return
	}
	o.first[op.Name] = n
	op.Access = "unknown"
	slices.Sort(op.Effects)
	op.Effects = slices.Compact(op.Effects)
	o.s.Operations = append(o.s.Operations, op)
}

// end says of the operations that were left out.
func (o *operations) end(n *node) {
	if o.over > 0 {
		o.r.warn(n, fmt.Sprintf("The file lists %d operations more than the %d that were read.", o.over, maxOperations))
	}
}

// title is what the operation that comes next is called in words: what title says, or the
// first sentence of description. Either may be nil.
func (o *operations) title(title, description *node) string {
	for _, n := range []*node{title, description} {
		if n == nil || n.kind == null || n.text == "" && n.kind == text {
			continue
		}
		w := want{field: o.field("title"), noun: "the description of an operation", most: 4_000, lines: true}
		kept, _, status, note := o.r.take(n, w)
		kept = firstWords(kept)
		o.r.note(models.ImportedField{Field: w.field, Value: kept, Pointer: n.pointer(), Line: n.line, Status: status, Note: note})
		return kept
	}
	return ""
}
