package models

// SealFacts are what the clock knows when it seals parts of the log of decisions.
type SealFacts struct {
	Env
	Parts []DecisionPart // as they were read; ids and times are the rule's
}

// Seal puts the roots of the parts into the ledger. Only the clock does; a part is sealed
// once, since the parts of one replica follow one another.
func (f SealFacts) Seal() (Change, error) {
	if f.Act.Person != SystemActor {
		return Change{}, forbidden("decisions.clock", "Only the clock seals the log of decisions.")
	}
	if len(f.Parts) == 0 {
		return Change{}, conflict("decisions.nothing", "There is nothing to seal.")
	}
	c := f.change("decisions.sealed", "")
	var rows int64
	for i := range f.Parts {
		p := &f.Parts[i]
		p.ID, p.SealedAt = c.id("dpt"), f.Now
		rows += p.N
		c.insert(p)
	}
	c.subject = f.Parts[0].ID
	c.note("rows", rows)
	c.note("root", f.Parts[0].Root)
	c.touch(TouchSettings, "decisions")
	return *c, nil
}
