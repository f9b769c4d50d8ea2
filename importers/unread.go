package importers

import (
	"fmt"
	"slices"
	"strings"

	"countersign/models"
)

const maxUnknown = 20 // fields of one object that are named when nobody knows them

// unread accounts for the members of n that were not taken into the draft. Those in ignored
// are known and of no use to it; those neither in known nor in ignored get a warning.
func (r *reading) unread(n *node, known, ignored []string) {
	strange := 0
	for _, key := range n.keys {
		value := n.members[key]
		switch {
		case slices.Contains(known, key):
		case slices.Contains(ignored, key):
			r.note(models.ImportedField{Value: brief(value), Pointer: value.pointer(), Line: value.line, Status: models.FieldIgnored, Note: "Countersign does not use it."})
		case strange < maxUnknown:
			strange++
			message := fmt.Sprintf("The standard knows no field %s here. It was not read.", quote(key))
			if meant := nearest(key, known, ignored); meant != "" {
				message = fmt.Sprintf("The standard writes this field %s, and the file has %s. It was not read: correct its name.", quote(meant), quote(key))
			}
			r.warn(value, message)
			r.note(models.ImportedField{Pointer: value.pointer(), Line: value.line, Status: models.FieldIgnored, Note: message})
		default:
			strange++
		}
	}
	if strange > maxUnknown {
		r.warn(n, fmt.Sprintf("There are %d more fields here that the standard does not know. They were not read.", strange-maxUnknown))
	}
}

// setAside notes the members of n that are not known, in formats whose files have fields of
// their own program.
func (r *reading) setAside(n *node, known []string) {
	for _, key := range n.keys {
		if value := n.members[key]; !slices.Contains(known, key) {
			r.note(models.ImportedField{Value: brief(value), Pointer: value.pointer(), Line: value.line, Status: models.FieldIgnored, Note: "Countersign does not use it."})
		}
	}
}

// brief is a value as it may be shown; "" for an object or a list.
func brief(n *node) string {
	shown, _ := show(n.text, false)
	return cut(shown, 200)
}

// nearest is the known name that key differs from only in case, - or _.
func nearest(key string, lists ...[]string) string {
	wanted := plain(key)
	for _, names := range lists {
		for _, name := range names {
			if plain(name) == wanted {
				return name
			}
		}
	}
	return ""
}

var joiners = strings.NewReplacer("_", "", "-", "")

func plain(name string) string { return strings.ToLower(joiners.Replace(cut(name, 100))) }
