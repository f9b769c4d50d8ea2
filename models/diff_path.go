package models

// path adds a sentence for each step of the escalation path that came, went or comes at
// another time; and for the order of those that come at the same time. Steps are told
// apart by whom they tell: the first that tells them is the same step as before.
func (d *diff) path(was, is Path) {
	switch {
	case len(was) == 0 && len(is) == 0:
		return
	case len(is) == 0:
		d.add(DiffRemoved, true, pathText(was), "the capability’s own escalation path: ", "*the team’s applies")
		return
	case len(was) == 0:
		for _, s := range is {
			d.add(DiffAdded, false, "", "after ", "*"+SpanWords(s.Hours)+" ", "*"+s.ToWords(), toldVerb(s))
		}
		return
	}
	before := len(d.lines)
	left := append(Path{}, was...)
	for _, s := range is {
		at := left.find(s)
		if at < 0 {
			d.add(DiffAdded, false, "", "after ", "*"+SpanWords(s.Hours)+" ", "*"+s.ToWords(), toldVerb(s))
			continue
		}
		if old := left[at]; old.Hours != s.Hours || old.Name != s.Name {
			d.add(DiffChanged, s.Hours > old.Hours, oldStep(old, s), "after ", "*"+SpanWords(s.Hours)+" ", "*"+s.ToWords(), toldVerb(s))
		}
		left = append(left[:at], left[at+1:]...)
	}
	for _, s := range left {
		d.add(DiffRemoved, true, "", "after ", "*"+SpanWords(s.Hours)+" ", "*"+s.ToWords(), toldVerb(s))
	}
	if len(d.lines) == before && canonical(was) != canonical(is) {
		d.add(DiffChanged, false, pathText(was), "who is told when nobody answers: ", "*"+pathText(is))
	}
}

// find is where the path first tells the same, -1 for nowhere.
func (p Path) find(s PathStep) int {
	for i, x := range p {
		if x.Who == s.Who && x.Person == s.Person {
			return i
		}
	}
	return -1
}

func oldStep(old, now PathStep) string {
	if old.Name != now.Name {
		return old.ToWords() + " after " + SpanWords(old.Hours)
	}
	return SpanWords(old.Hours)
}

// toldVerb agrees with whom a step tells.
func toldVerb(s PathStep) string {
	if s.Who == ToAccountable {
		return " are told"
	}
	return " is told"
}

func pathText(p Path) string {
	text := ""
	for i, w := range p.Words() {
		if i > 0 {
			text += ", then "
		}
		text += w
	}
	return text
}
