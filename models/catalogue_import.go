package models

import (
	"slices"
	"strings"
)

// MaxTaken is how many rows one act takes in: what a ledger entry can name, with room to
// spare (about 140 bytes a row of its 65,535).
const MaxTaken = 400

// TakenInPart is the outcome of an act that took in as much as one act can: the same again,
// as a new act, takes in the next part.
const TakenInPart = "more"

// SystemDifference is what taking a system in would change in the catalogue, in the order of
// the file. Everything that it does not name stays as it is.
type SystemDifference struct {
	System   *System             // as the catalogue has it; nil where it would be new
	New      []ImportedOperation // would be added, as they would be kept
	Raised   []OperationRaised   // the file says something new of them, and it is more than the catalogue has
	Reworded []Operation         // the file's word on them is another than before, and does not reach farther: it is noted
	Kept     []OperationRaised   // the file says less than the catalogue: the catalogue's word stands
	Unnamed  []Operation         // in use in the catalogue, and the file names all it has without them: they stay
	Retired  []Operation         // retired here, still in the file: they stay retired
	Secrets  []string            // names of standing secrets that would be added
	Left     []string            // names that cannot be kept: empty, too long, or not text
}

// OperationRaised is an operation as the catalogue has it, and what the file's word would
// make of its access and effects.
type OperationRaised struct {
	Operation
	NewAccess  string
	NewEffects []string
}

// Changes says whether taking in would write anything.
func (d SystemDifference) Changes() bool {
	return d.System == nil || len(d.New)+len(d.Raised)+len(d.Reworded)+len(d.Secrets) > 0
}

// sourceWord is what a file or a published catalogue said of an operation when it was last
// taken in (Operation.Source). Only what is said anew counts at the next time, so an
// organisation's own edits win over what was known when they were made.
type sourceWord struct {
	Access      string   `json:"access"`
	Effects     []string `json:"effects"`
	Description string   `json:"description,omitempty"` // its SHA-256
}

// Difference compares a system, as a file or a published catalogue describes it, with the
// catalogue. The facts are those of a look-up by the import's name (store.CatalogueLookup,
// Import). For the page that leads to ImportSystem.
func (f CatalogueFacts) Difference(in ImportedSystem) SystemDifference {
	d := SystemDifference{System: f.System}
	named := map[string]bool{}
	for _, o := range in.Operations {
		o = o.tidied()
		if named[o.Name] {
			continue
		}
		named[o.Name] = true
		if o.Name == "" || badText(o.Name+o.Title) != "" || len([]rune(o.Name)) > MaxName {
			d.Left = append(d.Left, o.Name)
			continue
		}
		was, there := f.Operations[o.Name]
		if !there {
			d.New = append(d.New, o)
			continue
		}
		d.compare(was, o)
	}
	for _, o := range f.Operations {
		if in.Access == AccessListed && !named[o.Name] && o.State == "active" {
			d.Unnamed = append(d.Unnamed, o)
		}
	}
	slices.SortFunc(d.Unnamed, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) })
	for _, s := range in.Secrets {
		name := oneLine(s.Name)
		if _, there := f.Secrets[name]; there || slices.Contains(d.Secrets, name) {
			continue
		}
		if name == "" || badText(name) != "" || len([]rune(name)) > MaxName {
			d.Left = append(d.Left, name)
			continue
		}
		d.Secrets = append(d.Secrets, name)
	}
	return d
}

// compare is about one operation that is in the catalogue already.
func (d *SystemDifference) compare(was Operation, said ImportedOperation) {
	if was.State != "active" {
		d.Retired = append(d.Retired, was)
		return
	}
	before := parseBody[sourceWord](was.Source)
	if was.Source == "" {
		before.Access = "unknown" // an operation that was typed in: a file that does not know says nothing new
	}
	r := OperationRaised{Operation: was, NewAccess: was.Access, NewEffects: was.EffectList()}
	if said.Access != before.Access && accessRank(said.Access) > accessRank(was.Access) {
		r.NewAccess = said.Access
	}
	for _, e := range said.Effects {
		if !slices.Contains(before.Effects, e) && !slices.Contains(r.NewEffects, e) {
			r.NewEffects = append(r.NewEffects, e)
		}
	}
	slices.Sort(r.NewEffects)
	switch {
	case r.NewAccess != was.Access || len(r.NewEffects) > len(was.EffectList()):
		d.Raised = append(d.Raised, r)
		return
	case was.Source != said.word():
		d.Reworded = append(d.Reworded, was)
	}
	less := slices.ContainsFunc(was.EffectList(), func(e string) bool { return !slices.Contains(said.Effects, e) })
	if said.Access != was.Access || less {
		r.NewAccess, r.NewEffects = said.Access, said.Effects
		d.Kept = append(d.Kept, r)
	}
}

// tidied is the operation as it would be kept: an access or effect that we do not know
// counts as the highest.
func (o ImportedOperation) tidied() ImportedOperation {
	o.Name, o.Title = oneLine(o.Name), cut(oneLine(o.Title), MaxName)
	if o.Title == "" {
		o.Title = o.Name
	}
	known := []string{}
	for _, e := range o.Effects {
		if has(Effects, e) {
			known = append(known, e)
		} else {
			o.Access = "unknown"
		}
	}
	slices.Sort(known)
	o.Effects = slices.Compact(known)
	if !has(Accesses, o.Access) {
		o.Access = "unknown"
	}
	return o
}

func (o ImportedOperation) word() string {
	return canonical(sourceWord{Access: o.Access, Effects: o.Effects, Description: o.DescriptionDigest})
}

// ImportSystem takes a system into the catalogue as a file or a published catalogue
// describes it (in.System, not nil): an administrator does. It makes the system with the
// team that looks after it and its sensitivity; where the catalogue has one of the name and
// kind, team and sensitivity may be "" and are left as they are. It adds the operations and
// references to secrets that are new, and raises access and effects where the file says
// something that it did not say before. It never lowers, removes, renames or brings back
// anything: an organisation's own edits win. Difference says beforehand what it would do.
//
// One act takes in at most MaxTaken rows; the outcome TakenInPart asks for another.
// Refused: Conflict "catalogue.same" where nothing would change, Conflict
// "catalogue.retired" where the system is retired here, Invalid at "name", "kind",
// "custodian_team_id" or "sensitivity". What is signed keeps the facts of its submission.
func (f CatalogueFacts) ImportSystem(in Imported, team, sensitivity string) (Change, error) {
	if err := f.must(Administrator); err != nil {
		return Change{}, err
	}
	if in.Outcome == ImportRefused || in.System == nil {
		return Change{}, &Error{Code: Invalid, Rule: "import.refused", Message: "This describes no system that could be taken in."}
	}
	sys, err := f.importedSystem(in, team, sensitivity)
	if err != nil {
		return Change{}, err
	}
	d := f.Difference(*in.System)
	if !d.Changes() {
		return Change{}, conflict("catalogue.same", "The catalogue has all of this already. Nothing was changed.")
	}
	c := f.catalogueChange("system.imported", sys.ID)
	if f.System == nil {
		sys.ID = c.id("sys")
		c.subject = sys.ID
		c.touch(TouchSystem, sys.ID)
		c.insert(&sys)
		f.Sightings.settleSystem(c, f.Env, sys.Name, sys.ID)
	}
	c.note("name", sys.Name)
	c.note("file", cut(oneLine(in.File), MaxLine))
	c.note("format", cut(in.Format, MaxName))
	if in.Digest != "" {
		c.note("sha256", in.Digest)
	}
	edit := c.takeIn(sys, d, *in.System)
	if len(edit.Operations) > 0 {
		f.tell(c, edit)
	}
	return *c, nil
}

// importedSystem is the system among the facts, or the new one without its id.
func (f CatalogueFacts) importedSystem(in Imported, team, sensitivity string) (System, error) {
	name := oneLine(in.System.Name)
	var p problems
	if f.System != nil {
		if err := f.inUse(); err != nil {
			return System{}, err
		}
		if f.System.Kind != in.System.Kind {
			p.add("name", "There is already a system of this name and of another kind (%s). Give this one another name.", WordsOf(SystemKinds, f.System.Kind))
		}
		return *f.System, p.err()
	}
	p.needText("name", name, MaxName, "the system's name")
	p.choice("kind", in.System.Kind, SystemKinds, "what kind of system it is")
	p.choice("sensitivity", sensitivity, Sensitivities, "how sensitive its data is")
	if _, ok := f.Teams[team]; !ok {
		p.add("custodian_team_id", "Choose the team that looks after it.")
	}
	description := cut(tidy(in.System.Description), MaxText)
	if badText(description) != "" {
		description = ""
	}
	return System{Name: name, Kind: in.System.Kind, Description: description, Sensitivity: sensitivity, CustodianTeamID: team, State: "active", Source: cut(in.Format, MaxName)}, p.err()
}

// takeIn writes what differs, as far as one act goes, and counts it. It returns what it raised.
func (c *Change) takeIn(sys System, d SystemDifference, in ImportedSystem) CatalogueEdit {
	edit := CatalogueEdit{Was: sys, Is: sys, Operations: map[string][2]Operation{}}
	before := len(c.writes)
	room := MaxTaken - before
	words := map[string]string{}
	for _, o := range in.Operations {
		o = o.tidied()
		if _, twice := words[o.Name]; !twice {
			words[o.Name] = o.word()
		}
	}
	added, secrets, raised := 0, 0, []string{}
	for _, r := range d.Raised {
		if room == 0 {
			break
		}
		x := r.Operation
		x.Access, x.Effects, x.Source = r.NewAccess, canonical(r.NewEffects), words[x.Name]
		c.update(&x)
		edit.Operations[x.ID] = [2]Operation{r.Operation, x}
		raised, room = append(raised, x.Name), room-1
	}
	for _, o := range d.New {
		if room == 0 {
			break
		}
		c.insert(&Operation{ID: c.id("opr"), SystemID: sys.ID, Name: o.Name, Title: o.Title, Access: o.Access, Effects: canonical(o.Effects), State: "active", Source: o.word()})
		added, room = added+1, room-1
	}
	for _, x := range d.Reworded {
		if room == 0 {
			break
		}
		x.Source = words[x.Name]
		c.update(&x)
		room--
	}
	for _, name := range d.Secrets {
		if room == 0 {
			break
		}
		c.insert(&SecretRef{ID: c.id("sec"), SystemID: sys.ID, Name: name, State: "active"})
		secrets, room = secrets+1, room-1
	}
	c.note("operations", added)
	c.note("secrets", secrets)
	if len(raised) > 0 {
		c.note("raised", raised)
		c.note("raised_operations", len(raised))
	}
	if MaxTaken-room < before+len(d.New)+len(d.Raised)+len(d.Reworded)+len(d.Secrets) {
		c.outcome = TakenInPart
	}
	return edit
}
