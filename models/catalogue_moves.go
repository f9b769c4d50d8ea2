package models

// MaxTold is how many capabilities an act on the catalogue looks at while it holds the lock,
// to tell their owners one by one. Where more reach the system, one notice goes to all of them.
const MaxTold = 200

// LiveUse is a capability in force that reaches a system, as it was signed.
type LiveUse struct {
	CapabilityID string
	OwnerID      string
	Tier         Tier   // that was signed
	Document     string // canonical JSON of the Document that was signed
	Manifest     string // canonical JSON of the Manifest that it names
}

// CatalogueEdit is a change of what the catalogue says of a system and its operations.
type CatalogueEdit struct {
	Was, Is    System
	Operations map[string][2]Operation // by id: as it was, as it is
}

// EditOf is the edit of the operation among the facts, were it to have this access and these
// effects; and of the system, were it to have this sensitivity. What is "" stays.
func (f CatalogueFacts) EditOf(access string, effects []string, sensitivity string) CatalogueEdit {
	e := CatalogueEdit{Was: *f.System, Is: *f.System, Operations: map[string][2]Operation{}}
	if sensitivity != "" {
		e.Is.Sensitivity = sensitivity
	}
	if o := f.Operation; o != nil {
		x := *o
		x.Access, x.Effects = access, canonical(effects)
		e.Operations[o.ID] = [2]Operation{*o, x}
	}
	return e
}

// TierMove is a capability in force that would come out at another tier if it were signed
// anew. Nothing about it changes now.
type TierMove struct {
	CapabilityID string
	OwnerID      string
	Signed       Tier
	Would        Tier
}

// Up says that it would take more than was signed for.
func (m TierMove) Up() bool { return m.Would.Rank() > m.Signed.Rank() }

// Move says whether the edit makes a difference to a capability that is in force: its tier by
// these rules is another after the edit than before, and another than was signed.
func (e CatalogueEdit) Move(u LiveUse, rules TierRules) (TierMove, bool) {
	doc, m := parseBody[Document](u.Document), parseBody[Manifest](u.Manifest)
	assess := func(sys System, n int) Tier {
		facts := make([]Fact, len(doc.Facts))
		for i, f := range doc.Facts {
			if f.SystemID == sys.ID {
				if o, edited := e.Operations[f.OperationID]; edited {
					f = FactOf(o[n], sys, f.Resources)
				}
				f.Sensitivity = sys.Sensitivity
			}
			facts[i] = f
		}
		tier, _ := rules.Assess(doc.Task, facts, m.Environments, m.ToolAccess)
		return tier
	}
	before, after := assess(e.Was, 0), assess(e.Is, 1)
	return TierMove{CapabilityID: u.CapabilityID, OwnerID: u.OwnerID, Signed: u.Tier, Would: after}, after != before && after != u.Tier
}

// tell notes how many capabilities in force the edit would move, and tells the owners of
// those whose tier would rise. It changes nothing of theirs: what is signed keeps its facts.
func (f CatalogueFacts) tell(c *Change, e CatalogueEdit) {
	if f.UsesMore {
		c.notify("catalogue.changed", "system:"+e.Is.ID, c.subject)
		return
	}
	moved, rules := 0, f.Rules.Rules()
	for _, u := range f.Uses {
		m, moves := e.Move(u, rules)
		if !moves {
			continue
		}
		moved++
		if m.Up() {
			c.notify("catalogue.tier_would_rise", m.OwnerID, m.CapabilityID)
		}
	}
	if moved > 0 {
		c.note("would_move", moved)
	}
}
