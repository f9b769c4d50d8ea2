package models

import "strings"

// ManifestLine is one thing in which an agent's manifest differs, for a table:
// what it is, what it was and what it is now. "" is nothing.
type ManifestLine struct {
	What    string // "Model", "Tool"
	Kind    string // DiffAdded, DiffRemoved, DiffChanged
	Was, Is string
	Wider   bool // the agent may do more, or may be told to do something else
}

// ManifestSame counts what is alike in two manifests: "tool" 12.
type ManifestSame struct {
	What string
	N    int
}

// ManifestTable is how a manifest differs from an earlier one, line by line in
// the order of the manifest, and what is alike.
func ManifestTable(was, is Manifest) ([]ManifestLine, []ManifestSame) {
	var t manifestTable
	t.value("Name", was.Name, is.Name)
	t.value("What it is for", was.Purpose, is.Purpose)
	t.value("Provider", was.Provider, is.Provider)
	t.value("Model", was.Model, is.Model)
	t.digest("System prompt", was.PromptDigest, is.PromptDigest)
	t.value("Code version", was.CodeVersion, is.CodeVersion)
	t.value("Data source", was.Source, is.Source)
	t.list("Address", "address", false, was.Interfaces, is.Interfaces)
	if t.value("Tools", lower(WordsOf(ToolAccesses, was.ToolAccess)), lower(WordsOf(ToolAccesses, is.ToolAccess))) {
		t.lines[len(t.lines)-1].Wider = is.ToolAccess == "unknown"
	}
	t.tools(was.Tools, is.Tools)
	t.list("Hands work to", "agent that it hands work to", true, was.Delegates, is.Delegates)
	t.list("Environment", "environment", true, environmentWords(was), environmentWords(is))
	t.list("Identity", "identity", true, identityWords(was), identityWords(is))
	t.list("The import found odd", "note of the import", false, was.ImportedNotes, is.ImportedNotes)
	if t.values > 0 {
		t.same = append([]ManifestSame{{"field", t.values}}, t.same...)
	}
	return t.lines, t.same
}

type manifestTable struct {
	lines  []ManifestLine
	same   []ManifestSame
	values int // that are set and alike
}

func (t *manifestTable) value(what, was, is string) bool {
	switch {
	case was == is && is != "":
		t.values++
		return false
	case was == is:
		return false
	}
	kind := DiffChanged
	if was == "" {
		kind = DiffAdded
	} else if is == "" {
		kind = DiffRemoved
	}
	t.lines = append(t.lines, ManifestLine{What: what, Kind: kind, Was: was, Is: is})
	return true
}

// digest: of a prompt its digest is kept and never the text, so a change of it
// may be any change.
func (t *manifestTable) digest(what, was, is string) {
	if t.value(what, digestWords(was), digestWords(is)) {
		t.lines[len(t.lines)-1].Wider = is != ""
	}
}

func digestWords(digest string) string {
	if digest == "" {
		return ""
	}
	return "digest " + start(digest)
}

// list: of what has no other value, each item came, went or stayed.
func (t *manifestTable) list(what, noun string, wider bool, was, is []string) {
	old, now, same := among(was), among(is), 0
	for _, x := range is {
		if old[x] {
			same++
			continue
		}
		t.lines = append(t.lines, ManifestLine{What: what, Kind: DiffAdded, Is: x, Wider: wider})
	}
	for _, x := range was {
		if !now[x] {
			t.lines = append(t.lines, ManifestLine{What: what, Kind: DiffRemoved, Was: x})
		}
	}
	t.alike(noun, same)
}

// tools: the description is kept as its digest, so that a changed one is seen.
func (t *manifestTable) tools(was, is []ManifestTool) {
	old := make(map[string]string, len(was))
	for _, x := range was {
		old[x.Name] = x.Digest
	}
	same := 0
	for _, x := range is {
		before, had := old[x.Name]
		delete(old, x.Name)
		switch {
		case !had:
			t.lines = append(t.lines, ManifestLine{What: "Tool", Kind: DiffAdded, Is: toolWords(x), Wider: true})
		case before != x.Digest:
			t.lines = append(t.lines, ManifestLine{What: "Tool “" + x.Name + "”, its description", Kind: DiffChanged,
				Was: orNone(digestWords(before)), Is: orNone(digestWords(x.Digest)), Wider: true})
		default:
			same++
		}
	}
	for _, x := range was {
		if _, gone := old[x.Name]; gone {
			t.lines = append(t.lines, ManifestLine{What: "Tool", Kind: DiffRemoved, Was: toolWords(x)})
		}
	}
	t.alike("tool", same)
}

func toolWords(t ManifestTool) string {
	return strings.TrimSuffix(t.Name+", "+digestWords(t.Digest), ", ")
}

func orNone(s string) string {
	if s == "" {
		return "no digest"
	}
	return s
}

func (t *manifestTable) alike(noun string, n int) {
	if n > 0 {
		t.same = append(t.same, ManifestSame{noun, n})
	}
}
