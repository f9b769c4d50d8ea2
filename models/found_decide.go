package models

import "strings"

// What people decide about something that was found: claim it, dismiss it, or open it
// again. How it came to be found is in found.go.

// MaySeeFound says whether somebody sees what was found: business owners, of whom
// one has to claim it, auditors and administrators. It holds nobody's scope.
func MaySeeFound(by Party) bool {
	return by.Has(BusinessOwner) || by.Has(Auditor) || by.Has(Administrator)
}

// FoundFacts are the facts for acts on one thing that was found.
type FoundFacts struct {
	Env
	Found     Found
	Import    *Import // that named it last; nil when no file did
	Sightings         // of it
	Decider   Party   // who claimed or dismissed it; the zero one while it is open
}

func (f FoundFacts) foundChange(act string) *Change {
	c := f.change(act, f.Found.ID)
	c.touch(TouchFound, f.Found.ID)
	c.note("name", f.Found.Name)
	return c
}

// taken refuses what is claimed already, and says by whom.
func (f FoundFacts) taken() error {
	if f.Found.State != FoundClaimed {
		return nil
	}
	who := "Somebody"
	switch {
	case f.Decider.Person.ID == f.Act.Person:
		who = "You"
	case f.Decider.Person.Name != "":
		who = f.Decider.Person.Name
		if len(f.Decider.Teams) > 0 {
			who += " (" + f.Decider.Team() + ")"
		}
	}
	if f.Found.Kind == ImportSystem {
		return conflict("found.claimed", "%s has added %s to the catalogue already. Nothing was changed.", who, f.Found.Name)
	}
	return conflict("found.claimed", "%s has claimed %s already. Nothing was changed.", who, f.Found.Name)
}

// Claim makes the found agent a draft of the person's own, with what is known of
// it and where that came from: a business owner does. Of two, the first has it.
func (f FoundFacts) Claim() (Change, error) {
	if err := f.must(BusinessOwner); err != nil {
		return Change{}, err
	}
	if f.Found.Kind != ImportAgent {
		return Change{}, conflict("found.kind", "%s is a system. An administrator adds systems to the catalogue.", f.Found.Name)
	}
	if err := f.taken(); err != nil {
		return Change{}, err
	}
	if f.Found.State == FoundDismissed {
		return Change{}, conflict("found.dismissed", "%s was dismissed. Open it again first, if it is an agent of yours.", f.Found.Name)
	}
	m := Manifest{Name: f.Found.Name, Source: cut(f.Found.File, MaxLine), ToolAccess: "unknown"}
	fields := []ImportedField{{Field: "name", Value: f.Found.Name, Pointer: f.Found.Pointer, Status: FieldRead, Note: f.Found.How}}
	if f.Found.URL != "" {
		m.Interfaces = []string{f.Found.URL}
		fields = append(fields, ImportedField{Field: "interfaces[0].url", Value: f.Found.URL, Pointer: f.Found.Pointer, Status: FieldUnverified, Note: "The file that names the agent says so; nobody has asked it."})
	}
	fields = append(fields, ImportedField{Field: "description", Pointer: f.Found.Pointer, Status: FieldMissing, Note: "The file only names the agent. Say what it is for."})
	m.ImportedNotes = []string{cut(strings.TrimSpace("Found in "+f.Found.File+" "+f.Found.Pointer)+": "+f.Found.How, MaxLine)}

	c, a := AgentFacts{Env: f.Env}.draftAgent(m)
	c.act = "found.claimed"
	c.touch(TouchFound, f.Found.ID)
	c.note("name", f.Found.Name)
	c.note("file", f.Found.File)
	var imp *Import
	if f.Import != nil {
		imp = &Import{ID: c.id("imp"), AgentID: a.ID, File: f.Found.File, Format: FormatMention, SHA256: f.Import.SHA256, Outcome: ImportWarned, Fields: origins(fields), CreatedBy: f.By.Person.ID, CreatedAt: f.Now}
		a.ImportID = &imp.ID
	}
	c.insert(a)
	if imp != nil {
		c.insert(imp)
	}
	f.settle(c, f.Env, append(m.Names(), Named{Kind: ImportAgent, Name: f.Found.Name}), a.ID)
	return *c, nil
}

// FormatMention is the format of an import that is no file about the agent: a
// file about something else named it.
const FormatMention = "mention"

// mayDecide: a business owner or an administrator says what is none of ours.
func (f FoundFacts) mayDecide() error {
	if !f.By.Has(BusinessOwner) && !f.By.Has(Administrator) {
		return forbidden("found.decide", "Only a business owner or an administrator can do this.")
	}
	return nil
}

// Dismiss says why it is no agent, or no system, of ours: a business owner or an
// administrator does. It stays on record and can be opened again.
func (f FoundFacts) Dismiss(reason string) (Change, error) {
	if err := f.mayDecide(); err != nil {
		return Change{}, err
	}
	if err := f.taken(); err != nil {
		return Change{}, err
	}
	if f.Found.State == FoundDismissed {
		return Change{}, conflict("found.dismissed", "%s is dismissed already. Nothing was changed.", f.Found.Name)
	}
	reason = tidy(reason)
	var p problems
	p.needText("reason", reason, MaxText, "why it is none of ours; the next who finds it will read it")
	if err := p.err(); err != nil {
		return Change{}, err
	}
	c := f.foundChange("found.dismissed")
	c.note("reason", reason)
	r, who := f.Found, f.Act.Person
	r.State, r.Reason, r.DecidedBy, r.DecidedAt = FoundDismissed, reason, &who, f.Now.Ref()
	c.update(&r)
	f.closeDuties(c, r.ID, f.Now)
	return *c, nil
}

// Reopen takes a dismissal back: a business owner or an administrator does. It
// waits to be claimed again, as if it were seen for the first time.
func (f FoundFacts) Reopen() (Change, error) {
	if err := f.mayDecide(); err != nil {
		return Change{}, err
	}
	if err := f.taken(); err != nil {
		return Change{}, err
	}
	if f.Found.State != FoundDismissed {
		return Change{}, conflict("found.open", "%s is open already. Nothing was changed.", f.Found.Name)
	}
	c := f.foundChange("found.reopened")
	r := f.Found
	r.open(f.Now)
	c.update(&r)
	if r.Kind == ImportAgent {
		c.notify("duty."+DutyClaim, "pool:"+PoolBusinessOwner, c.oweClaim(r.ID, f.Now))
	}
	return *c, nil
}
