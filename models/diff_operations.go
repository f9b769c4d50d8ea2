package models

import (
	"slices"
	"strings"
)

// operations says what may be done where.
func (d *diff) operations(was, is []Fact) {
	old, there := map[string]Fact{}, reached(was)
	for _, f := range was {
		old[f.OperationID] = f
	}
	same, systems := 0, map[string]bool{}
	for _, f := range is {
		o, had := old[f.OperationID]
		delete(old, f.OperationID)
		if !had {
			d.newOperation(f, there, len(was) > 0)
			continue
		}
		before := len(d.lines)
		d.operation(o, f)
		if len(d.lines) == before {
			same++
			systems[f.SystemID] = true
		}
	}
	for _, f := range was {
		if _, gone := old[f.OperationID]; gone {
			d.add(DiffRemoved, false, "", may("may no longer ", f)...)
		}
	}
	d.systems(was, is)
	if same > 0 {
		d.add(DiffSame, false, "", plural(same, "operation")+" on "+plural(len(systems), "system"))
	}
}

// newOperation says what was allowed in the same system before, where that was
// less: "may now delete records in CRM … (was: read)".
func (d *diff) newOperation(f Fact, there map[string]string, before bool) {
	most, known := there[f.SystemID]
	start, was := "may ", ""
	switch {
	case known && accessRank(f.Access) > accessRank(most):
		start, was = "may now ", WordsOf(Accesses, most)
	case known:
		start = "may now also "
	case before:
		start = "may now "
	}
	what := ": " + WordsOf(Accesses, f.Access) + " on " + f.Sensitivity + " data" + effectWords(f) + onlyOn(f)
	if before && !known {
		what += "; it reached nothing there before"
	}
	d.add(DiffAdded, true, was, append(may(start, f), what)...)
}

// reached is the highest access that there was in each system, by its id.
func reached(facts []Fact) map[string]string {
	out := map[string]string{}
	for _, f := range facts {
		if most, ok := out[f.SystemID]; !ok || accessRank(f.Access) > accessRank(most) {
			out[f.SystemID] = f.Access
		}
	}
	return out
}

func may(start string, f Fact) []string {
	return []string{start, "*" + lower(f.Title), " in ", "*" + f.System}
}

// operation says how one operation's facts moved.
func (d *diff) operation(was, is Fact) {
	name := "“" + is.Title + "” in " + is.System
	d.access(was, is, name)
	for _, e := range is.Effects {
		if !slices.Contains(was.Effects, e) {
			d.add(DiffAdded, true, "", name+": it ", "*"+WordsOf(Effects, e))
		}
	}
	for _, e := range was.Effects {
		if !slices.Contains(is.Effects, e) {
			d.add(DiffRemoved, false, "", name+": it ", "*"+WordsOf(Effects, e))
		}
	}
	if !slices.Equal(was.Resources, is.Resources) {
		d.resources(was, is)
	}
	d.value(false, "an operation is called ", was.Title, is.Title, "nothing")
	d.value(true, name+" is at the system ", was.Operation, is.Operation, "nothing")
	if was.SystemID != is.SystemID {
		d.add(DiffChanged, true, "", name+" is ", "*in another system of that name")
	}
}

// access says that the catalogue counts an operation as more, or less, than before.
func (d *diff) access(was, is Fact, name string) {
	switch {
	case was.Access == is.Access:
	case accessRank(is.Access) > accessRank(was.Access) && has(Accesses, is.Access) && is.Access != "unknown":
		d.add(DiffChanged, true, WordsOf(Accesses, was.Access), "may now ", "*"+WordsOf(Accesses, is.Access), " with “"+is.Title+"” in ", "*"+is.System)
	default:
		d.value(accessRank(is.Access) > accessRank(was.Access), name+" counts as ", WordsOf(Accesses, was.Access), WordsOf(Accesses, is.Access), "unknown")
	}
}

// resources says on what an operation may be used now.
func (d *diff) resources(was, is Fact) {
	if len(is.Resources) == 0 {
		d.add(DiffChanged, true, "only "+resources(was), append(may("may now ", is), " on ", "*every resource")...)
		return
	}
	before := resources(was)
	if len(was.Resources) > 0 {
		before = "only " + before
	}
	d.add(DiffChanged, wider(was.Resources, is.Resources), before, append(may("may ", is), " only on ", "*"+resources(is))...)
}

// systems says once for each system what is now said of it.
func (d *diff) systems(was, is []Fact) {
	old, said := map[string]Fact{}, map[string]bool{}
	for _, f := range was {
		old[f.SystemID] = f
	}
	for _, f := range is {
		o, had := old[f.SystemID]
		if !had || said[f.SystemID] {
			continue
		}
		said[f.SystemID] = true
		name := "“" + f.System + "”"
		d.value(false, "a system is called ", o.System, f.System, "nothing")
		d.value(sensitivityRank(f.Sensitivity) > sensitivityRank(o.Sensitivity), name+" holds data up to ", o.Sensitivity, f.Sensitivity, "not said")
		d.value(false, name+" is now: ", WordsOf(SystemKinds, o.SystemKind), WordsOf(SystemKinds, f.SystemKind), "not said")
	}
}

// wider: none means every resource, and a pattern that was not there may match more.
func wider(was, is []string) bool {
	if len(was) == 0 {
		return false
	}
	return len(is) == 0 || slices.ContainsFunc(is, func(p string) bool { return !slices.Contains(was, p) })
}

func resources(f Fact) string {
	if len(f.Resources) == 0 {
		return "every resource"
	}
	return strings.Join(f.Resources, ", ")
}

func onlyOn(f Fact) string {
	if len(f.Resources) == 0 {
		return ""
	}
	return ", only " + resources(f)
}

func effectWords(f Fact) string {
	out := ""
	for _, e := range f.Effects {
		out += ", " + WordsOf(Effects, e)
	}
	return out
}

func accessRank(a string) int {
	return slices.IndexFunc(Accesses, func(c Choice) bool { return c.Value == a })
}
