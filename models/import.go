package models

import (
	"encoding/json"
	"slices"
	"strings"
)

// Bounds of what an import takes over; a manifest with more would not pass Check.
const (
	maxImportedTools     = 500
	maxImportedAddresses = 20
	maxImportedDelegates = 50
	maxImportedNotes     = 50
)

// ImportRow is one thing of a file as it waits to be taken in. Its JSON form is
// whole, unlike that of Imported, which is a line for people to read.
type ImportRow struct {
	Imported
	// Thing tells it from everything else in its file: its name as the file has it,
	// with " #2" where the name stands there a second time.
	Thing string
}

// ImportRows names the things that were read from files so that each is known
// again when its file is imported another time.
func ImportRows(things []Imported) []ImportRow {
	times := map[[2]string]int{}
	rows := make([]ImportRow, 0, len(things))
	for _, in := range things {
		name := cut(oneLine(in.Name), MaxName)
		n := times[[2]string{in.File, name}] + 1
		times[[2]string{in.File, name}] = n
		if n > 1 {
			name += " #" + itoa(n)
		}
		rows = append(rows, ImportRow{Imported: in, Thing: name})
	}
	return rows
}

// keptRow is an ImportRow as it is kept: what Imported leaves out is in it.
type keptRow struct {
	Line   Imported        `json:"line"`
	Thing  string          `json:"thing"`
	Digest string          `json:"digest"`
	Agent  *ImportedAgent  `json:"agent,omitempty"`
	System *ImportedSystem `json:"system,omitempty"`
	Seen   []ImportedSeen  `json:"seen,omitempty"`
}

// MarshalJSON is the whole row.
func (in ImportRow) MarshalJSON() ([]byte, error) {
	return json.Marshal(keptRow{in.Imported, in.Thing, in.Digest, in.Agent, in.System, in.Seen})
}

// UnmarshalJSON reads back what MarshalJSON wrote.
func (in *ImportRow) UnmarshalJSON(b []byte) error {
	var k keptRow
	if err := json.Unmarshal(b, &k); err != nil {
		return err
	}
	in.Imported, in.Thing = k.Line, k.Thing
	in.Digest, in.Agent, in.System, in.Seen = k.Digest, k.Agent, k.System, k.Seen
	return nil
}

// ImportNew asks for a new draft, whatever exists already.
const ImportNew = "new"

// ImportMatch is an agent of the actor's that a row may be meant for. A retired
// one is a match only where it was imported from this very thing.
type ImportMatch struct {
	ID, Name, State string
	Again           bool    // its draft was made or last updated from this very thing
	SameFile        bool    // and from the very same bytes
	ImportedAt      Instant // of its newest import; 0 for none
}

// ImportTarget is the agent that an import updates, "" for a new one. into is an
// agent's id, ImportNew, or "" for the one that was imported from the same thing
// before. An agent that only has the same name is nobody's guess: refused.
func ImportTarget(matches []ImportMatch, into string) (string, error) {
	if into != "" {
		return strings.TrimPrefix(into, ImportNew), nil
	}
	var again, named, retired []ImportMatch
	for _, m := range matches {
		switch {
		case m.State == AgentRetired:
			retired = append(retired, m)
		case m.Again:
			again = append(again, m)
		default:
			named = append(named, m)
		}
	}
	switch {
	case len(again) == 1:
		return again[0].ID, nil
	case len(again) > 1:
		return "", conflict("import.several", "%d of your agents were imported from this. Choose which one it is meant for.", len(again))
	case len(named) > 0:
		return "", conflict("import.several", "You have an agent called “%s” already, from elsewhere. Say whether this is the same agent or another one.", named[0].Name)
	case len(retired) > 0:
		return "", conflict("import.retired", "“%s” was imported from this and is retired. Make a new draft if it is to begin again.", retired[0].Name)
	}
	return "", nil
}

// Import makes a draft of an agent from what a file says, with the origin of
// every field, or updates the draft of the agent among the facts: the agent's
// business owner does. What is a placeholder or missing stays empty, and what
// somebody typed since is kept where the file did not change. The same file
// again changes nothing (Conflict "import.same"). Nothing that is registered
// changes: the draft waits to be registered as the next revision, which is owed.
func (f AgentFacts) Import(in ImportRow) (Change, error) {
	if err := f.must(BusinessOwner); err != nil {
		return Change{}, err
	}
	if in.Refused() || in.Agent == nil {
		return Change{}, problems{{Field: "file", Message: "This file cannot be imported; nothing was saved."}}.err()
	}
	if f.Agent != nil {
		if err := f.owns(); err != nil {
			return Change{}, err
		}
		if f.Agent.State == AgentRetired {
			return Change{}, conflict("agent.retired", "This agent is retired.")
		}
	}
	m, same := in.Over(f.Agent, f.Imported)
	if same {
		if c, more, err := f.sawRest(in.Imported); err != nil || more {
			return c, err
		}
		return Change{}, conflict("import.same", "Nothing in this file differs from what is there.")
	}
	var p problems
	p.text("name", m.Name, MaxName)
	p.text("purpose", m.Purpose, MaxText)
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c, a := f.importInto(m)
	imp := &Import{ID: c.id("imp"), AgentID: a.ID, File: cut(in.File, 1000), Format: cut(in.Format, MaxName), SHA256: in.Digest, Outcome: in.Outcome,
		Fields: origins(in.Agent.Fields), Thing: in.Thing, Took: in.took(), CreatedBy: f.By.Person.ID, CreatedAt: f.Now}
	a.ImportID = &imp.ID
	// The agent and its import name each other; the agent comes first and is
	// completed by the same write.
	if f.Agent == nil {
		c.insert(a)
	} else {
		c.update(a)
	}
	c.insert(imp)
	f.Sightings.settle(c, f.Env, m.Names(), a.ID)
	if err := f.saw(c, in.Imported, imp, *a); err != nil {
		return Change{}, err
	}
	c.note("file", imp.File)
	c.note("format", imp.Format)
	c.note("sha256", imp.SHA256)
	c.note("warnings", len(in.Warnings))
	return *c, nil
}

// Outcomes of an import.
const (
	ImportedNew   = "new"     // it made a draft
	ImportedAgain = "updated" // it updated one
)

// importInto begins the Change that makes the agent, or gives it another draft.
func (f AgentFacts) importInto(m Manifest) (*Change, *Agent) {
	if f.Agent == nil {
		c, a := f.draftAgent(m)
		c.act, c.outcome = "agent.imported", ImportedNew
		if a.Name == "" {
			a.Name = "Unnamed import"
		}
		return c, a
	}
	a := *f.Agent
	a.Draft = canonical(m.whole())
	c := f.change("agent.imported", a.ID)
	c.outcome = ImportedAgain
	c.touch(TouchAgent, a.ID)
	if a.State == AgentDraft {
		a.Description = m.Purpose
		if m.Name != "" {
			a.Name = m.Name
		}
		return c, &a
	}
	owed := slices.ContainsFunc(f.Duties, func(d Duty) bool { return d.Kind == DutyRegister && d.ClosedAt == nil })
	differs := f.Revision == nil || f.Revision.Document != a.Draft
	switch {
	case differs && !owed:
		c.oweTo(DutyRegister, a.ID, a.ID, "", a.OwnerID, "", "", f.Now)
	case !differs:
		f.close(c, DutyRegister)
	}
	return c, &a
}

// Over is the draft of the agent (nil for a new one) with the row taken in, and
// whether there is nothing to take in. last is the agent's newest import, nil
// for none.
func (in ImportRow) Over(a *Agent, last *Import) (m Manifest, same bool) {
	if a == nil {
		m.merge(Manifest{}, in.Manifest())
		return m, false
	}
	m = a.Manifest()
	was := Manifest{}
	if last != nil {
		was = last.Manifest()
		if last.Took == in.took() && last.Fields == origins(in.Agent.Fields) {
			return m, true
		}
	}
	m.merge(was, in.Manifest())
	// What the tasks are suggested from may differ while the manifest does not.
	again := last != nil && last.Took != ""
	return m, !again && a.Draft == canonical(m.whole())
}

// took is what the file says of the manifest, to compare the next import with.
func (in ImportRow) took() string { return canonical(in.Manifest().whole()) }

// Manifest is what the file says and nothing that it does not.
func (in ImportRow) Manifest() Manifest {
	a := in.Agent
	m := Manifest{Name: oneLine(a.Name), Purpose: tidy(a.Description), Provider: oneLine(a.Provider), CodeVersion: oneLine(a.Version),
		Model: oneLine(a.Model), Source: cut(oneLine(in.File), MaxLine)}
	if digest := strings.ToLower(a.PromptDigest); isHex64(digest) {
		m.PromptDigest = digest
	}
	for _, i := range a.Interfaces {
		addTo(&m.Interfaces, i.URL, maxImportedAddresses)
	}
	for _, d := range a.Delegates {
		name := oneLine(d.Name)
		if name == "" {
			name = d.URL
		}
		addTo(&m.Delegates, cut(name, MaxLine), maxImportedDelegates)
	}
	for _, w := range in.Warnings {
		if len(m.ImportedNotes) < maxImportedNotes {
			m.ImportedNotes = append(m.ImportedNotes, cut(strings.TrimSpace(w.Where+" "+w.Message), MaxLine))
		}
	}
	m.toolsFrom(a.Tools)
	return m
}

// addTo adds an item that is something and not there yet, while there is room.
func addTo(list *[]string, item string, most int) {
	if item != "" && !slices.Contains(*list, item) && len(*list) < most {
		*list = append(*list, item)
	}
}

// toolsFrom: what a file leaves out, or lists beyond what can be kept, is
// unknown and never less than it says.
func (m *Manifest) toolsFrom(t ImportedAccess) {
	m.ToolAccess = "unknown"
	switch {
	case t.Access == AccessNone:
		m.ToolAccess = "none"
		return
	case t.Access != AccessListed || len(t.Listed) == 0:
		return
	case len(t.Listed) > maxImportedTools:
		m.ImportedNotes = append(m.ImportedNotes, "The file lists "+itoa(len(t.Listed))+" tools, more than can be kept; they count as all tools.")
		return
	}
	for _, name := range t.Listed {
		tool := ManifestTool{Name: oneLine(name), Digest: strings.ToLower(strings.TrimPrefix(t.Digests[name], "sha256:"))}
		if !isHex64(tool.Digest) {
			tool.Digest = ""
		}
		if tool.Name == "" || len([]rune(tool.Name)) > MaxName {
			m.Tools = nil
			m.ImportedNotes = append(m.ImportedNotes, "One of the tools has no name that can be kept; they count as all tools.")
			return
		}
		if !slices.ContainsFunc(m.Tools, func(x ManifestTool) bool { return x.Name == tool.Name }) {
			m.Tools = append(m.Tools, tool)
		}
	}
	slices.SortFunc(m.Tools, func(a, b ManifestTool) int { return strings.Compare(a.Name, b.Name) })
	m.ToolAccess = "listed"
}

// merge takes over what the file changed since it was imported last: is it now,
// was then. What somebody typed since stays where the file says the same as then.
func (m *Manifest) merge(was, is Manifest) {
	take := func(to *string, was, is string) {
		if was != is && (is != "" || *to == was) {
			*to = is
		}
	}
	take(&m.Name, was.Name, is.Name)
	take(&m.Purpose, was.Purpose, is.Purpose)
	take(&m.Provider, was.Provider, is.Provider)
	take(&m.CodeVersion, was.CodeVersion, is.CodeVersion)
	take(&m.Model, was.Model, is.Model)
	take(&m.PromptDigest, was.PromptDigest, is.PromptDigest)
	take(&m.Source, was.Source, is.Source)
	m.Interfaces = mergeList(m.Interfaces, was.Interfaces, is.Interfaces, maxImportedAddresses)
	m.Delegates = mergeList(m.Delegates, was.Delegates, is.Delegates, maxImportedDelegates)
	m.ImportedNotes = is.ImportedNotes
	silent := is.ToolAccess == "unknown" && was.ToolAccess == "" && m.ToolAccess != "" // it never said
	if !silent && (was.ToolAccess != is.ToolAccess || !slices.Equal(was.Tools, is.Tools)) {
		m.ToolAccess, m.Tools = is.ToolAccess, is.Tools
	}
}

// mergeList: what came into the file comes, what went from it goes.
func mergeList(now, was, is []string, most int) []string {
	var out []string
	for _, x := range now {
		if slices.Contains(is, x) || !slices.Contains(was, x) {
			addTo(&out, x, most)
		}
	}
	for _, x := range is {
		if !slices.Contains(was, x) {
			addTo(&out, x, most)
		}
	}
	return out
}

// origins are bounded as a whole: past a million characters values are cut
// short, since the file itself is still there to look at.
func origins(fields []ImportedField) string {
	fields = fields[:min(len(fields), 2000)]
	out, total := make([]Origin, 0, len(fields)), 0
	for _, x := range fields {
		o := Origin{Field: cut(x.Field, MaxLine), Value: cut(x.Value, MaxText), Pointer: cut(x.Pointer, MaxLine), Status: x.Status, Note: cut(x.Note, MaxLine)}
		if total += len(o.Value); total > 1_000_000 {
			o.Value = cut(o.Value, 80)
		}
		out = append(out, o)
	}
	return canonical(out)
}
